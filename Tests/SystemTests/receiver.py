"""A receiver of callbacks on loopback that answers as it is told and remembers everything.

Raw sockets and a thread for each connection: an HTTP library would hide the order of the headers, which connection
a request came on, and the ways to fail that are wanted here.
"""
import json, socket, struct, threading, time, typing
from dataclasses import dataclass, field

from patience import patience


@dataclass
class Answer:
    status: int = 200
    headers: tuple = ()
    delay: float = 0
    #: "answer", or instead of it: "drop" (close), "reset" (RST), "silence" (keep the connection, never answer)
    manner: str = "answer"
    body: bytes = b""
    #: Sent byte for byte in place of a proper answer, and the manner is how it goes on after that ("answer" keeps the
    #: connection in use): bytes, and numbers of seconds between them. May be without end. `status` is what it means.
    raw: typing.Iterable = None


@dataclass
class Request:
    ns: int  # CLOCK_MONOTONIC when the last byte had come
    connection: int
    method: str
    path: str
    headers: list  # (name, value) as they came
    body: bytes
    answer: Answer
    json: dict = field(default_factory=dict)

    def __getitem__(self, name):
        """The one header of that name; a missing or doubled one is an error."""
        value, = [v for n, v in self.headers if n.lower() == name]
        return value

    @property
    def id(self):
        return self["webhook-id"]

    @property
    def lane(self):
        return self.json.get("webhookId"), self.json.get("deviceUdid")

    @property
    def sequence(self):
        return int(self["plughook-sequence"])

    @property
    def what(self):
        """(device, activity's last word), for short."""
        return self.json.get("deviceUdid"), self.json.get("eventActivity", "").rpartition(".")[2]

    @property
    def accepted(self):
        return (self.answer.manner == "answer" or self.answer.raw is not None) and 200 <= self.answer.status < 300

    def __str__(self):
        headers = {n.lower(): v for n, v in self.headers}
        answer = self.answer.status if self.answer.manner == "answer" else self.answer.manner
        return (f"{self.ns / 1e9:.6f} connection {self.connection} {self.path} {headers.get('webhook-id')} "
                f"sequence {headers.get('plughook-sequence')} -> {answer}: {self.body.decode(errors='replace')}")


class Receiver:
    def __init__(self):
        self.changed = threading.Condition()
        self.requests = []
        #: Decides each answer; gets the request, whose own `answer` is not set yet.
        self.decide = lambda request: Answer()
        #: What is done with a connection before anything is read, TLS say; gives the socket that takes its place.
        self.greet = lambda connection: connection
        self.port = 0
        self.connections = 0
        self.open = {}  # socket -> its peer's address
        self.server = None
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Listens; after a stop on the same port as before."""
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.port))
        server.listen(256)
        self.port, self.server = server.getsockname()[1], server
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()

    def stop(self):
        """Down: no new connections, the open ones closed."""
        server, self.server = self.server, None
        if server is None:
            return
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        with self.changed:
            sockets = list(self.open)
        for s in sockets:
            self._hang_up(s)

    def catch_up(self):
        """Returns when all that a sender sent before its death has been taken: its connections are at their end."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            # Connections are accepted in order, so those of the dead one are known by the time this one is.
            self.wait(lambda _: last.getsockname() in self.open.values(), what="the receiver to accept")
        self.wait(lambda _: not self.open, what="the receiver to see the end of every connection")

    def script(self, *answers):
        """The answers to the next requests, in the order of their coming; 200 after them."""
        left = list(answers)
        self.decide = lambda request: left.pop(0) if left else Answer()

    # ------------------------------------------------------------ what came
    def wait(self, fact, seconds=10, what="the callbacks that were expected"):
        """Waits until `fact(requests)` is true and returns what it gave."""
        limit = time.monotonic() + patience(seconds)
        with self.changed:
            while not (found := fact(self.requests)):
                left = limit - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"not within {patience(seconds):g} s: {what}")
                self.changed.wait(left)
            return found

    def wait_for_callback(self, device, word, count=1, path=None, seconds=10):
        """Waits until that device's event has been accepted so often; returns the last of them."""
        def enough(requests):
            hits = [r for r in requests if r.accepted and r.what == (device, word) and path in (None, r.path)]
            return hits[-1] if len(hits) >= count else None
        return self.wait(enough, seconds, f"{count} × {word} of {device!r}" + (f" at {path}" if path else ""))

    def accepted(self):
        with self.changed:
            return [r for r in self.requests if r.accepted]

    def lanes(self):
        """(webhook id, device) -> its accepted requests, doubles left out."""
        lanes, seen = {}, set()
        for r in self.accepted():
            if r.id not in seen:
                seen.add(r.id)
                lanes.setdefault(r.lane, []).append(r)
        return lanes

    # ------------------------------------------------------------ connections
    def _accept(self, server):
        while True:
            try:
                s, peer = server.accept()
            except OSError:
                return
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                self.connections += 1
                self.open[s] = peer
                number = self.connections
                self.changed.notify_all()
            threading.Thread(target=self._serve, args=(s, number), daemon=True).start()

    def _serve(self, s, number):
        buffer = b""
        try:
            if (greeted := self.greet(s)) is not s:
                with self.changed:
                    self.open[greeted] = self.open.pop(s, None)
                s = greeted
            while (parsed := self._read(s, buffer)) is not None:
                method, path, headers, body, buffer = parsed
                answer = self._record(number, method, path, headers, body)
                if answer.delay:
                    time.sleep(answer.delay)
                for step in answer.raw or ():
                    if isinstance(step, bytes):
                        s.sendall(step)
                    else:
                        time.sleep(step)
                if answer.manner == "silence":
                    while s.recv(4096):
                        pass
                    return
                if answer.manner == "reset":
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    s.close()  # no FIN before it
                if answer.manner != "answer":
                    return
                if answer.raw is not None:
                    continue
                extra = "".join(f"{k}: {v}\r\n" for k, v in answer.headers)
                s.sendall(f"HTTP/1.1 {answer.status} Scripted\r\ncontent-length: {len(answer.body)}\r\n{extra}\r\n".encode()
                          + answer.body)
        except OSError:
            pass
        finally:
            self._hang_up(s)

    def _record(self, number, method, path, headers, body):
        try:
            content = json.loads(body)
        except ValueError:
            content = {}
        request = Request(time.monotonic_ns(), number, method, path, headers, body, None, content)
        with self.changed:
            request.answer = self.decide(request)
            self.requests.append(request)
            self.changed.notify_all()
        return request.answer

    @staticmethod
    def _read(s, buffer):
        """One request and what came after it; None at the end of the connection."""
        while b"\r\n\r\n" not in buffer:
            if not (data := s.recv(65536)):
                return None
            buffer += data
        head, buffer = buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        length = int(next((v for n, v in headers if n.lower() == "content-length"), 0))
        while len(buffer) < length:
            if not (data := s.recv(65536)):
                return None
            buffer += data
        return method, path, headers, buffer[:length], buffer[length:]

    def _hang_up(self, s):
        with self.changed:
            self.open.pop(s, None)
            self.changed.notify_all()
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()
