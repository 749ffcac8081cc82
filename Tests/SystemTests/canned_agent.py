"""An agent of canned answers at a socket, and the commands that ask it."""
import contextlib
import http.server
import json
import os
import pty
import select
import socketserver
import subprocess
import threading
import urllib.parse

import pytest

from agent import BINARY
from patience import patience, wait_for

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_SOFTWARE, EX_IOERR = 64, 65, 66, 69, 70, 74
EX_TEMPFAIL, EX_PROTOCOL, EX_NOPERM, EX_CONFIG = 75, 76, 77, 78

#: A name that would clear the screen, write right to left, and take two columns a character.
HOSTILE = "\x1b[2J\u202e漢字"
SHOWN = "\\u{1b}[2J\\u{202e}漢字"


def device(udid, status, **more):
    return {"udid": udid, "name": "Pixel", "status": status, "group": "private", "isListed": False, "labels": {}, "flags": [],
            "places": [], "sessions": [], **more}


def event(number, status="online", udid="R58M", **more):
    return {"number": number, "at": f"2026-11-24T05:00:0{number % 10}.000Z", "udid": udid, "name": "Pixel",
            "group": "private", "status": status, "isSilent": False, **more}


def webhook(ident, name, **more):
    return {"id": ident, "name": name, "url": "https://ci.example/hook", "description": "", "events": ["online"],
            "enabled": True, "timeoutMs": 15000, "connectTimeoutMs": 5000, "backlog": "all", "secrets": [], "auth": {}, "headers": {}, "tls": {"minVersion": "1.2"}, "addresses": {"allow": [], "deny": [], "publicOnly": False}, "format": "kobiton", "template": {"contentType": "application/json; charset=utf-8"}, "proxy": "host", "devices": {}, "isSuspended": False, "waiting": 3,
            "inFlight": 0, "etag": "abc", **more}


def problem(status, detail, faults=None):
    view = {"type": "/problems/x", "title": "X", "status": status, "detail": detail}
    return status, {**view, "faults": faults} if faults else view


STATUS = {"version": "0.1.0", "host": "lab", "pid": 7, "startedAt": "2026-11-24T04:00:00.000Z", "phase": "ready",
          "hotplugSource": "udev", "devices": {"unplugged": 1, "online": 2}, "waiting": 4, "inFlight": 1,
          "configurationFile": "/etc/plughook/config.json", "sensors": [],
          "appium": [{"url": "http://a:1", "isAnswering": True, "sessions": 1},
                     {"url": "http://b:2", "isAnswering": False, "sessions": 0, "problem": HOSTILE}],
          "problems": ["webhook \x1b[1mci is away; look at it"]}
FAULT = {"pointer": "/webhooks/0/url", "line": 3, "column": 9, "problem": "is no URL", "advice": "give http://…"}
DELIVERY = {"id": "msg_1", "webhookId": 129, "udid": "R58M", "sequence": 5, "event": 9, "position": 3,
            "createdAt": "2026-11-24T05:00:00.000Z", "state": "pending", "attemptCount": 1}
ATTEMPT = {"number": 1, "startedAt": "2026-11-24T05:00:00.100Z", "outcome": "http5xx", "statusCode": 503,
           "detail": "503 \x1b[1mno", "durationMs": 12.34, "wireSends": 1}
TEST = {"outcome": "accepted", "statusCode": 200, "detail": "200 OK", "answer": "hi\x07", "nameLookupMs": 0.5,
        "connectMs": 1.25, "firstByteMs": 3, "totalMs": 3.5}
AUDIT = {"position": 1, "at": "2026-11-24T05:00:00.000Z", "actor": "uid 0 (root)", "action": "webhook.edit",
         "subject": "webhook 129", "before": '{"name":"a"}', "after": '{"name":"b"}'}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        url = urllib.parse.urlsplit(self.path)
        agent = self.server.agent
        agent.requests.append((self.command, self.path, dict(self.headers), body))
        answer = agent.answers.get((self.command, urllib.parse.unquote(url.path)))
        if callable(answer):
            return answer(self)
        status, document = answer or problem(404, f"There is no {url.path}. Did you mean R58M?")
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status < 300 else "application/problem+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class FakeAgent:
    """Answers at a socket; each stream request takes the next of `streams` and ends after it."""

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A command that has ended leaves a broken pipe; whatever else is wrong, its test sees."""

    def __init__(self, path):
        self.path = str(path)
        self.requests = []
        self.streams = []
        self.ended = threading.Event()
        self.answers = {("GET", "/v1/events/stream"): self.stream}
        self.server = None
        self.start()

    def start(self):
        self.server = self.Server(self.path, Handler)
        self.server.agent = self
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        os.unlink(self.path)

    def gives(self, method, path, document, status=200):
        self.answers[method, path] = document if isinstance(document, tuple) else (status, document)

    def stream(self, handler):
        """Chunked, each byte of the first frame its own chunk."""
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        frames = self.streams.pop(0) if self.streams else [None]
        for number, frame in enumerate(frames):
            if frame is None:  # until the test ends
                self.ended.wait(patience(30))
                break
            for piece in ([bytes([b]) for b in frame] if number == 0 else [frame]):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.close_connection = True

    def asked(self, method, path):
        return [r for r in self.requests if (r[0], r[1].split("?")[0]) == (method, path)]


def commands(command=None, path=()):
    """(path, what `--experimental-dump-help` says) of each command that does something by itself."""
    if command is None:
        dump = subprocess.run([BINARY, "--experimental-dump-help"], capture_output=True, text=True, check=True,
                              timeout=patience(30))
        command = json.loads(dump.stdout)["command"]
    for child in command.get("subcommands", []):
        if child["commandName"] != "help":
            child_path = (*path, child["commandName"])
            if not child.get("defaultSubcommand"):
                yield " ".join(child_path), child
            yield from commands(child, child_path)


def frame(name, data, ident=None):
    head = f"id: {ident}\n" if ident is not None else ""
    return f": still here\n\n{head}event: {name}\ndata: {json.dumps(data)}\n\n".encode()


@pytest.fixture
def agent(tmp_path):
    agent = FakeAgent(tmp_path / "control.sock")
    agent.gives("GET", "/v1/status", STATUS)
    agent.gives("GET", "/v1/webhooks", {"webhooks": [webhook(129, "ci"), webhook(130, HOSTILE, isSuspended=True)]})
    agent.gives("GET", "/v1/webhooks/129", webhook(129, "ci"))
    agent.gives("GET", "/v1/devices", {"devices": [
        device("R58M", "online", name=HOSTILE, port="1-4.2"),
        device("Z", "offline", reason="unauthorized"), device("Y", None)], "unidentified": []})
    agent.gives("GET", "/v1/devices/R58M", device("R58M", "online"))
    agent.gives("GET", "/v1/events", {"events": [event(9, "offline", previous="online"), event(8)]})
    agent.gives("GET", "/v1/deliveries", {"deliveries": [DELIVERY], "next": 3})
    agent.gives("GET", "/v1/deliveries/msg_1", {**DELIVERY, "body": "{}", "attempts": [ATTEMPT]})
    agent.gives("GET", "/v1/audit", {"entries": [AUDIT]})
    yield agent
    agent.ended.set()
    with contextlib.suppress(FileNotFoundError):
        agent.stop()


def plughook(agent, *arguments, **options):
    """The command, ended; `socket` follows the arguments."""
    return subprocess.run([BINARY, *arguments, "--socket", agent.path], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=patience(30), **options)


def succeed(agent, *arguments):
    result = plughook(agent, *arguments)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


@contextlib.contextmanager
def following(agent, *arguments):
    process = subprocess.Popen([BINARY, *arguments, "--socket", agent.path], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


def on_terminal(*arguments, answer=None, **environment):
    """(exit code, everything that the terminal got); `answer` is typed when a question is there."""
    ours, theirs = pty.openpty()
    env = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **environment}
    process = subprocess.Popen([BINARY, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    text = b""
    with contextlib.suppress(OSError):  # EIO: the other end is closed
        while select.select([ours], [], [], patience(20))[0] and (data := os.read(ours, 4096)):
            text += data
            if answer and b"[y/N] " in text:
                os.write(ours, answer.encode())
                answer = None
    os.close(ours)
    return process.wait(patience(20)), text.decode()
