"""The control API as a program sees it: HTTP and JSON over the agent's Unix socket, and its stream of events."""
import contextlib, http.client, json, socket, threading, time
from dataclasses import dataclass

from patience import patience


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=patience(30))
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def etag(self):
        return self.headers["etag"]


class API:
    """One connection for each call, so that any thread may ask."""

    def __init__(self, path):
        self.path = path

    def call(self, method, path, body=None, **headers):
        """Asks; `if_match="…"` is the header If-Match."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.setdefault("content-type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.closing(UnixConnection(self.path)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Reply(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())

    def get(self, path):
        """The document there; an answer other than 200 fails."""
        reply = self.call("GET", path)
        assert reply.status == 200, (path, reply)
        return reply.json

    def do(self, method, path, body=None, expect=200, **headers):
        """The document of an answer that has that status, or None when it has no body."""
        reply = self.call(method, path, body, **headers)
        assert reply.status == expect, (method, path, reply)
        return reply.json if reply.body else None

    def status(self):
        return self.get("/v1/status")

    def metrics(self):
        """`name{labels}` -> its value."""
        lines = self.call("GET", "/metrics").body.decode().splitlines()
        return {name: float(value) for name, _, value in
                (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def follow(self, after=None, last_event_id=None):
        return Follower(self.path, after, last_event_id)


class Follower:
    """A reader of the event stream: all that came, as (name, id, data), in its order."""

    def __init__(self, path, after=None, last_event_id=None):
        self.changed = threading.Condition()
        self.frames = []
        self.comments = 0
        self.ended = False
        self.connection = UnixConnection(path)
        headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
        query = "" if after is None else f"?after={after}"
        self.connection.request("GET", "/v1/events/stream" + query, headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        assert self.response.headers["content-type"] == "text/event-stream"
        # A response that ends the connection has taken the socket over from it.
        self.socket = self.response.fp.raw._sock
        self.socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        fields = {}
        try:
            while line := self.response.readline():
                line = line.decode().rstrip("\n")
                with self.changed:
                    if line.startswith(":"):
                        self.comments += 1
                    elif line:
                        name, _, value = line.partition(": ")
                        fields[name] = value
                    elif fields:
                        ident = int(fields["id"]) if "id" in fields else None
                        self.frames.append((fields["event"], ident, json.loads(fields["data"])))
                        fields = {}
                    self.changed.notify_all()
        except (OSError, ValueError, http.client.HTTPException):
            pass
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, fact, what, seconds=10):
        limit = time.monotonic() + patience(seconds)
        with self.changed:
            while not (found := fact(self)):
                left = limit - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {patience(seconds):g} s: {what}; came: {self.frames}")
                self.changed.wait(left)
            return found

    def wait_for(self, count):
        """Waits for so many frames and returns all that came."""
        self.wait(lambda f: len(f.frames) >= count, f"{count} frames of the stream")
        return list(self.frames)

    def wait_for_end(self):
        self.wait(lambda f: f.ended, "the end of the stream")

    @property
    def last_id(self):
        return next(ident for _, ident, _ in reversed(self.frames) if ident is not None)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()
