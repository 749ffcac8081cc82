"""Whether three receivers in trouble delay the callbacks of seven others."""
import contextlib, json, socket, threading

from contenders import Plughook
from figures import Target, noise, summary, table
from pace import Pace
from burst import surroundings

HEALTHY, SICK = 7, 3
PHONE = "ce0917198075440c057e"
WARM_UP = 10


class Silence:
    """Accepts connections and never answers; or answers 500 at once."""

    def __init__(self, answer):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.answer = answer
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            while connection.recv(65536):
                if self.answer:
                    connection.sendall(self.answer)

    def close(self):
        self.server.close()


class Agent(Plughook):
    def __init__(self, sink, folder, sick):
        self.sick = sick
        super().__init__(sink, folder, HEALTHY)

    def command(self):
        command, environment = super().command()
        with open(command[-1]) as f:
            settings = json.load(f)
        settings["webhooks"] += [{"name": f"sick-{n}", "url": url, "events": ["online", "unplugged"]}
                                 for n, url in enumerate(self.sick)]
        with open(command[-1], "w") as f:
            json.dump(settings, f)
        return command, environment

    def measure(self, pace):
        """Each healthy receiver's delay, in ns."""
        phone = self.bus.plug(serial=PHONE)
        self.take([PHONE], "online")
        pace.pause()
        _, told = self.bus.pull([phone])
        return [c.ns - told for c in self.take([PHONE], "unplugged")]


def run(sink, folder, options, progress):
    silent, broken = Silence(b""), Silence(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    agents = {}
    try:
        agents["alone"] = Agent(sink, folder, [])
        agents["beside the sick"] = Agent(sink, folder, [silent.url, closed, broken.url])
        samples, pace = {name: [] for name in agents}, Pace()
        for round in range(WARM_UP + options.events):
            if round % 50 == 0:
                progress(f"isolation: {round} of {WARM_UP + options.events} removals")
            for name, agent in agents.items():
                pace.pause()
                delays = agent.measure(pace)
                if round >= WARM_UP:
                    samples[name] += delays
        if surplus := sink.surplus(0.2):
            raise RuntimeError(f"callbacks that nothing had caused: {surplus[:5]}")
    finally:
        for opened in [*agents.values(), silent, broken]:
            opened.close()
    return {"delays": {name: summary(values) for name, values in samples.items()}, **surroundings(folder)}


def noise_in(result):
    return noise(result["floor"], result["oversleep"])


def targets(result):
    alone, beside = result["delays"]["alone"], result["delays"]["beside the sick"]
    return [Target("isolation: p99 beside three receivers in trouble ÷ without them", beside["p99"] / alone["p99"], 2, "×")]


def text(result):
    rows = [[name, f["n"], f["p50"], f["p90"], f["p99"], f["max"]] for name, f in result["delays"].items()]
    return (f"Isolation: a removal's uevent → accepted by each of {HEALTHY} receivers, ms; beside them {SICK}: one that accepts "
            "and never answers,\none at a closed port, one that answers 500\n\n"
            + table(["", "n", "p50", "p90", "p99", "max"], rows))
