"""A TCP port of loopback that leads to the agent, for tools that speak HTTP over TCP only and wait for an answer's end.

A process of its own: the agent judges its peers by their credentials, so the forwarder's user is the caller. An event
stream, which the agent never ends, ends here after a moment, as HTTP has it; so does the wait for a phone.
"""
import os, re, socket, subprocess, sys, threading, time

#: The head of a body that is sent in chunks and would go on for ever.
STREAM = re.compile(rb"HTTP/1\.1 20[01] (?:[^\r]*\r\n(?!\r\n))*"
                    rb"content-type: (text/event-stream|application/x-ndjson)\r\n", re.IGNORECASE)
#: How much of it is passed on, in seconds: what is there already comes at once.
MOMENT = 0.1

#: A request that may wait for a phone; after so many seconds it does not any more.
WAITING = re.compile(rb"POST /v1/sessions HTTP/")
PATIENCE = 0.3

NOBODY = 65534


class Forwarder:
    def __init__(self, place, user=None):
        """To the path of a socket or a port of loopback. With a user it has that one's rights alone, and no group of
        this process."""
        rights = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        # Its source goes along: another user may not read it where it lies.
        with open(__file__) as source:
            self.process = subprocess.Popen([sys.executable, "-c", source.read(), str(place)], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, text=True, cwd="/", **rights)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def serve(place):
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(server.getsockname()[1], flush=True)
    while True:
        client, _ = server.accept()
        agent = socket.socket(socket.AF_INET if place.isdigit() else socket.AF_UNIX)
        try:
            agent.connect(("127.0.0.1", int(place)) if place.isdigit() else place)
        except OSError as error:
            print(f"{place}: {error}", file=sys.stderr, flush=True)
            client.close()
            continue
        threading.Thread(target=pump, args=(client, agent, limit_wait(agent)), daemon=True).start()
        threading.Thread(target=pump, args=(agent, client, cut_streams), daemon=True).start()


def pump(source, sink, passed=lambda source, data: data):
    """One direction, to its end; the end of the answers is the end of both."""
    try:
        while data := source.recv(65536):
            sink.sendall(passed(source, data))
    except OSError:
        pass
    for s in (sink, source):
        try:
            s.shutdown(socket.SHUT_WR if s is sink else socket.SHUT_RD)
        except OSError:
            pass


def limit_wait(agent):
    """Sends no more on the connection some time after a request that may wait: the agent answers it then."""
    def passed(client, data):
        if not WAITING.match(data):
            return data
        timer = threading.Timer(PATIENCE, give_up, (agent,))
        timer.daemon = True
        timer.start()
        # Nobody is to ask anything else on this connection.
        return re.sub(rb"connection: keep-alive", b"Connection: close", data, count=1, flags=re.IGNORECASE)
    return passed


def give_up(agent):
    try:
        agent.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def cut_streams(agent, data):
    """What came, or, when an event stream begins with it, all that comes of that within a moment and a proper end.

    The agent sends a head whole, with "connection: close": no other answer can follow on the connection.
    """
    if not STREAM.match(data):
        return data
    until = time.monotonic() + MOMENT
    try:
        while (left := until - time.monotonic()) > 0:
            agent.settimeout(left)
            data += agent.recv(65536)
    except TimeoutError:
        pass
    # The next `recv` is then the end: nothing more of this connection is wanted.
    agent.settimeout(None)
    agent.shutdown(socket.SHUT_RD)
    head, _, body = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + whole_chunks(body) + b"0\r\n\r\n"


def whole_chunks(body):
    """Without a chunk that has come in part."""
    end = 0
    while (size := re.compile(rb"([0-9a-f]+)\r\n", re.IGNORECASE).match(body, end)) \
            and (after := size.end() + int(size[1], 16) + 2) <= len(body):
        end = after
    return body[:end]


if __name__ == "__main__":
    serve(sys.argv[1])
