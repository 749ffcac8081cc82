"""The receiver of all contenders: accepts every POST at once and notes when it came.

A process of its own on plain sockets: it must cost so little that what is measured are the senders.  Run as a program,
it writes one JSON object per request, {"receivedNs": CLOCK_MONOTONIC, "body": …}.
"""
import json, os, re, select, socket, subprocess, sys, threading, time
from dataclasses import dataclass

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Callback:
    ns: int  # CLOCK_MONOTONIC when its last byte had come
    webhook: str
    device: str
    event: str  # the activity's last word


class Sink:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.url = self.process.stderr.readline().decode().split()[-1].rstrip("/")
        self.lines = []
        self.taken = 0
        self.changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify()

    def take(self, count, seconds, what):
        """The next `count` callbacks, when all are there."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.lines) >= self.taken + count, seconds):
                raise TimeoutError(f"{len(self.lines) - self.taken} of {count} callbacks within {seconds:g} s: {what}")
            lines = self.lines[self.taken:self.taken + count]
            self.taken += count
        return [self._callback(json.loads(line)) for line in lines]

    def surplus(self, seconds):
        """What comes within that time although nothing is due."""
        time.sleep(seconds)
        return self.take(len(self.lines) - self.taken, 0, "surplus")

    @staticmethod
    def _callback(request):
        body = request["body"]
        return Callback(request["receivedNs"], body["webhookName"], body["deviceUdid"],
                        body["eventActivity"].rpartition(".")[2])

    def close(self):
        self.process.terminate()
        self.process.wait()


def serve():
    server = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(f"listening on http://127.0.0.1:{server.getsockname()[1]}/", file=sys.stderr, flush=True)
    poller = select.epoll()
    poller.register(server, select.EPOLLIN)
    connections, unread = {}, {}
    while True:
        lines = []
        for fd, _ in poller.poll():
            if fd == server.fileno():
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()], unread[connection.fileno()] = connection, b""
                poller.register(connection, select.EPOLLIN)
                continue
            try:
                data, came = connections[fd].recv(65536), time.monotonic_ns()  # before it is looked at, which takes its time
                unread[fd] += data
                while (body := first_body(unread[fd])) is not None:
                    lines.append(b'{"receivedNs":%d,"body":%s}\n' % (came, body))
                    unread[fd] = unread[fd].partition(b"\r\n\r\n")[2][len(body):]
                    connections[fd].send(ANSWER)
            except ConnectionError:
                data = b""
            if not data:
                poller.unregister(fd)
                connections.pop(fd).close()
                del unread[fd]
        if lines:
            os.write(1, b"".join(lines))


def first_body(data):
    """The body of the first request, None while it is not whole."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return None
    length = int(LENGTH.search(head).group(1))
    return rest[:length] if len(rest) >= length else None


if __name__ == "__main__":
    serve()
