"""What the agent costs while nothing happens, with its control API up: CPU time, wake-ups of each thread, memory.

Once with phones that nobody has, and once with a session on each of them.
"""
import json, os, time

from contenders import Plughook
from figures import Target, table

from api import UnixConnection  # of the system tests, whose folder `bus` has put in the path

PHONES = 100
#: Until connections that nobody needs are closed, the last outcome is on the disk, and the agent has looked (every 30 s) at
#: what hangs there since the last one was plugged: from then on nothing has changed.
QUIET = 40
#: What the names of SwiftNIO's event-loop threads begin with.
EVENT_LOOP = "NIO-ELT"


#: Nobody has a phone; each has a session that lives by heartbeats.
FREE, HELD = "free", "held"


def run(sink, folder, options, progress):
    agent = Plughook(sink, folder)
    try:
        serials = [phone.spec["serial"] for phone in agent.bus.storm(PHONES, serial="IDLE{n:04d}")]
        agent.take(serials, "online")
        free = measure(agent, options.seconds, lambda: progress(f"idle: {options.seconds} s with {PHONES} phones"))
        for serial in serials:
            hold(agent, serial)
        held = measure(agent, options.seconds, lambda: progress(f"idle: {options.seconds} s with as many sessions held"))
    finally:
        agent.close()
    return {FREE: free, HELD: held}


def hold(agent, serial):
    connection = UnixConnection(agent.socket)
    connection.request("POST", "/v1/sessions", json.dumps({"device": serial, "ttlSeconds": 3600}),
                       {"content-type": "application/json"})
    response = connection.getresponse()
    if response.status != 201:
        raise RuntimeError(f"no session on {serial}: {response.read()}")
    connection.close()


def measure(agent, seconds, begin):
    time.sleep(QUIET)
    begin()
    pid = agent.process.pid
    before, ticks_before, began = threads(pid), ticks(pid), time.monotonic()
    time.sleep(seconds)
    after, ticks_after, seconds = threads(pid), ticks(pid), time.monotonic() - began
    rows = []
    for thread, (name, *now) in sorted(after.items()):
        _, *then = before.get(thread, (name, 0, 0, 0))
        cpu, woken, preempted = (b - a for a, b in zip(then, now))
        rows.append({"thread": name, "cpuNs": cpu, "wakeUps": woken, "preemptions": preempted})
    return {"seconds": seconds, "ticks": ticks_after - ticks_before, "residentMB": resident(pid),
            "anonymousMB": anonymous(pid), "threads": rows}


def threads(pid):
    """thread id -> (name, ns on a CPU, voluntary and involuntary context switches)"""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        folder = f"/proc/{pid}/task/{thread}"
        status = fields(f"{folder}/status")
        found[int(thread)] = (status["Name"], int(read(f"{folder}/schedstat").split()[0]),
                              int(status["voluntary_ctxt_switches"]), int(status["nonvoluntary_ctxt_switches"]))
    return found


def ticks(pid):
    """utime + stime, in clock ticks."""
    parts = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(parts[11]) + int(parts[12])


def resident(pid):
    return int(fields(f"/proc/{pid}/status")["VmRSS"].split()[0]) / 1024


def anonymous(pid):
    """What is its own, without the code that it has touched, which is the file's."""
    return int(fields(f"/proc/{pid}/status")["RssAnon"].split()[0]) / 1024


def fields(path):
    return dict(line.split(":\t", 1) for line in read(path).splitlines() if ":\t" in line)


def read(path):
    with open(path) as f:
        return f.read()


def noise_in(_):
    """None: what a process does by itself does not depend on who else is there."""
    return ""


def switches(measured):
    """A second, of all threads."""
    return sum(t["wakeUps"] + t["preemptions"] for t in measured["threads"]) / measured["seconds"]


def targets(result):
    loops = sum(t["thread"].startswith(EVENT_LOOP) for t in result[HELD]["threads"])
    found = []
    for name, measured in result.items():
        cpu = sum(t["cpuNs"] for t in measured["threads"])
        found += [
            Target(f"idle, {name}: CPU", cpu / 1e7 / measured["seconds"], 0.05, "%"),
            Target(f"idle, {name}: context switches", switches(measured), 5, "/s"),
        ]
    return found + [
        Target("idle, free: RSS", result[FREE]["residentMB"], 40, "MB"),
        Target("idle: memory of 100 held sessions", result[HELD]["anonymousMB"] - result[FREE]["anonymousMB"], 1, "MB"),
        # Of what differs by chance between two minutes: one for each heartbeat would be a hundred.
        Target("idle: context switches for 100 held sessions", switches(result[HELD]) - switches(result[FREE]), 0.5, "/s"),
        Target("idle: threads with an event loop of the control API", loops, 1, "threads"),
    ]


def text(result):
    parts = []
    for name, measured in result.items():
        rows = [[t["thread"], t["cpuNs"] / 1e6, t["wakeUps"], t["preemptions"]] for t in measured["threads"]]
        parts.append(f"Idle, {PHONES} phones {name}: {measured['seconds']:.0f} s; {measured['ticks']} clock ticks of CPU, "
                     f"{measured['residentMB']:.1f} MB RSS, {measured['anonymousMB']:.1f} MB of it anonymous\n\n"
                     + table(["thread", "CPU ms", "wake-ups", "preemptions"], rows))
    return "\n\n".join(parts)
