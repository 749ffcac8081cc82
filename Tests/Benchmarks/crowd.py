"""What people at the control API cost the delivery: an agent with a crowd there against one that is alone, in one run.

The crowd is 200 connections that ask nothing, and a reader of the event stream that reads nothing.
"""
import array, contextlib, fcntl, http.client, random, termios

from burst import surroundings
from bus import PATIENCE
from contenders import Plughook
from figures import Target, noise, summary, table
from idle import resident
from latency import WARM_UP, Cable
from pace import Pace

from api import UnixConnection  # of the system tests, whose folder `bus` has put in the path

CONNECTIONS = 200
#: The agent closes a connection that has asked nothing for a minute: long before that it asks, between measurements.
ASK_EVERY = 50
#: So many events are told before anything is measured that they fill the stalled reader's socket and what the server
#: buffers for it (some 400 events), and so few that with those that are measured they stay below the 1,000 more that wait
#: for a reader before he is cut off: he is stalled, and there, all the time.
PHONES, TURNS = 98, 3
ALONE, CROWDED = "alone", "crowded"


class Crowd:
    def __init__(self, path):
        self.path = path
        self.idle = [UnixConnection(path) for _ in range(CONNECTIONS)]
        self.stalled = UnixConnection(path)
        self.stalled.request("GET", "/v1/events/stream?after=0")
        self.ask()

    def ask(self):
        """Asks on each idle connection, and so shows that the agent has it still."""
        for connection in self.idle:
            connection.auto_open = connection.sock is None
            connection.request("GET", "/healthz")
            if connection.getresponse().read() != b'{"status":"ok"}':
                raise RuntimeError("an idle connection was not kept")

    def read_at_last(self, count):
        """What the stalled reader finds: the bytes in his socket, and then all bytes, events and whether he was cut off."""
        waiting = array.array("i", [0])
        fcntl.ioctl(self.stalled.sock, termios.FIONREAD, waiting)
        self.stalled.sock.settimeout(PATIENCE)
        response = self.stalled.getresponse()
        size, events, was_cut_off = 0, 0, False
        with contextlib.suppress(http.client.HTTPException):
            while events < count and (line := response.readline()):
                size += len(line)
                events += line == b"event: status\n"
                was_cut_off |= line == b"event: cutoff\n"
        return {"told": count, "got": events, "inSocketBytes": waiting[0], "bytes": size, "wasCutOff": was_cut_off}

    def close(self):
        for connection in [*self.idle, self.stalled]:
            connection.close()


def run(sink, folder, options, progress):
    agents, crowd = {}, None
    try:
        for name in (ALONE, CROWDED):
            agents[name] = Plughook(sink, folder)
        crowd = Crowd(agents[CROWDED].socket)
        for name, agent in agents.items():
            progress(f"crowd: {2 * PHONES * TURNS} events of the agent that is {name}")
            tell_much(agent)
        before = {name: resident(pid(agent)) for name, agent in agents.items()}
        samples, pace = measure(agents, crowd, options.events, progress)
        memory = {name: {"beforeMB": before[name], "afterMB": resident(pid(agent))} for name, agent in agents.items()}
        crowd.ask()
        reader = crowd.read_at_last(2 * PHONES * TURNS + 2 * (WARM_UP + options.events))
        if reader["got"] == reader["told"] and reader["bytes"] < 2 * reader["inSocketBytes"]:
            raise RuntimeError(f"the reader was never stalled: {reader}")
    finally:
        if crowd:
            crowd.close()
        for agent in agents.values():
            agent.close()
    return {"latency": {name: summary(values) for name, values in samples.items()}, "memory": memory,
            "connections": CONNECTIONS, "stalledReader": reader,
            **surroundings(folder), "oversleep": summary(pace.oversleep)}


def tell_much(agent):
    for _ in range(TURNS):
        phones = agent.bus.storm(PHONES, serial="CROWD{n:04d}")
        serials = [phone.spec["serial"] for phone in phones]
        agent.take(serials, "online")
        agent.bus.pull(phones)
        agent.take(serials, "unplugged")


def measure(agents, crowd, events, progress):
    cables = {name: Cable(agent) for name, agent in agents.items()}
    samples, pace, order, dice = {name: [] for name in cables}, Pace(), list(cables), random.Random(1)
    for round in range(WARM_UP + events):
        if round % ASK_EVERY == 0:
            progress(f"crowd: {round} of {WARM_UP + events} removals of each agent")
            crowd.ask()
        dice.shuffle(order)
        for name in order:
            pace.pause()
            ns = cables[name].measure(pace)
            if round >= WARM_UP:
                samples[name].append(ns)
    return samples, pace


def pid(agent):
    """umockdev-wrapper becomes what it wraps."""
    return agent.process.pid


def noise_in(result):
    return noise(result["floor"], result["oversleep"])


def targets(result):
    alone, crowded = result["latency"][ALONE], result["latency"][CROWDED]
    growth = {name: m["afterMB"] - m["beforeMB"] for name, m in result["memory"].items()}
    difference = result["memory"][CROWDED]["afterMB"] - result["memory"][ALONE]["afterMB"]
    steady = not noise_in(result)
    return [
        Target("crowd: p50 with it ÷ without", crowded["p50"] / alone["p50"], 1.1, "×", judged=steady),
        Target("crowd: p99 with it − without", crowded["p99"] - alone["p99"], 3, "ms", judged=steady),
        Target("crowd: growth of RSS while delivering, with it − without", growth[CROWDED] - growth[ALONE], 1, "MB"),
        # What 201 connections themselves hold.
        Target("crowd: RSS with it − without", difference, 10, "MB"),
    ]


def text(result):
    rows = []
    for name, f in result["latency"].items():
        memory = result["memory"][name]
        rows.append([name, f["n"], f["p50"], f["p90"], f["p99"], f["max"], memory["beforeMB"], memory["afterMB"]])
    reader = result["stalledReader"]
    return (f"Crowd: {result['connections']} idle connections and a stalled event reader at the control API; a removal's "
            f"uevent → its callback accepted, ms\n(when the reader read at last, {reader['inSocketBytes']} bytes were in "
            f"his socket; he got {reader['got']} of {reader['told']} events in {reader['bytes']} bytes"
            + (", and was cut off)\n\n" if reader["wasCutOff"] else ")\n\n")
            + table(["", "n", "p50", "p90", "p99", "max", "RSS MB before", "after"], rows))
