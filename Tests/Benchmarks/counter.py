"""A receiver that only counts: it accepts every POST at once, and says on GET how many there were, and when.

Run as a program, a process of its own, so that it costs the sender as little as can be.
"""
import json, socket, select, subprocess, sys, time, urllib.request

from sink import ANSWER, first_body


class Counter:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.url = self.process.stderr.readline().decode().split()[-1].rstrip("/")

    def read(self):
        """{"count", "firstNs", "lastNs"} since the last reset."""
        with urllib.request.urlopen(f"{self.url}/count") as answer:
            return json.load(answer)

    def reset(self):
        with urllib.request.urlopen(f"{self.url}/reset") as answer:
            answer.read()

    def wait(self, count, seconds, is_alive):
        limit = time.monotonic() + seconds
        while (now := self.read())["count"] < count:
            if time.monotonic() > limit or not is_alive():
                raise RuntimeError(f"{now['count']} of {count} callbacks came within {seconds:g} s")
            time.sleep(0.2)
        return now

    def close(self):
        self.process.terminate()
        self.process.wait()


def serve():
    server = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(f"listening on http://127.0.0.1:{server.getsockname()[1]}/", file=sys.stderr, flush=True)
    poller = select.epoll()
    poller.register(server, select.EPOLLIN)
    connections, unread = {}, {}
    count = first = last = 0
    while True:
        for fd, _ in poller.poll():
            if fd == server.fileno():
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()], unread[connection.fileno()] = connection, b""
                poller.register(connection, select.EPOLLIN)
                continue
            try:
                data = connections[fd].recv(65536)
                unread[fd] += data
                if unread[fd].startswith(b"GET") and unread[fd].endswith(b"\r\n\r\n"):
                    if unread[fd].startswith(b"GET /reset"):
                        count = 0
                    told = b'{"count":%d,"firstNs":%d,"lastNs":%d}' % (count, first, last)
                    connections[fd].send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))
                    unread[fd] = b""
                while unread[fd] and (body := first_body(unread[fd])) is not None:
                    last = time.monotonic_ns()
                    first = first if count else last
                    count += 1
                    unread[fd] = unread[fd].partition(b"\r\n\r\n")[2][len(body):]
                    connections[fd].send(ANSWER)
            except ConnectionError:
                data = b""
            if not data:
                poller.unregister(fd)
                connections.pop(fd).close()
                del unread[fd]


if __name__ == "__main__":
    serve()
