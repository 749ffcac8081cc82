"""What the agent costs while nothing happens, with its control API up: CPU time, wake-ups of each thread, memory."""
import os, time

from contenders import Plughook
from figures import Target, table

PHONES = 100
#: Until connections that nobody needs are closed and the last outcome is on the disk.
QUIET = 10
#: What the names of SwiftNIO's event-loop threads begin with.
EVENT_LOOP = "NIO-ELT"


def run(sink, folder, options, progress):
    agent = Plughook(sink, folder)
    try:
        phones = agent.bus.storm(PHONES, serial="IDLE{n:04d}")
        agent.take([phone.spec["serial"] for phone in phones], "online")
        time.sleep(QUIET)
        progress(f"idle: {options.seconds} s with {PHONES} phones")
        pid = agent.process.pid
        before, ticks_before, began = threads(pid), ticks(pid), time.monotonic()
        time.sleep(options.seconds)
        after, ticks_after, seconds = threads(pid), ticks(pid), time.monotonic() - began
        rss = resident(pid)
    finally:
        agent.close()
    rows = []
    for thread, (name, *now) in sorted(after.items()):
        _, *then = before.get(thread, (name, 0, 0, 0))
        cpu, woken, preempted = (b - a for a, b in zip(then, now))
        rows.append({"thread": name, "cpuNs": cpu, "wakeUps": woken, "preemptions": preempted})
    return {"seconds": seconds, "ticks": ticks_after - ticks_before, "residentMB": rss, "threads": rows}


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


def fields(path):
    return dict(line.split(":\t", 1) for line in read(path).splitlines() if ":\t" in line)


def read(path):
    with open(path) as f:
        return f.read()


def noise_in(_):
    """None: what a process does by itself does not depend on who else is there."""
    return ""


def targets(result):
    seconds = result["seconds"]
    cpu = sum(t["cpuNs"] for t in result["threads"])
    switches = sum(t["wakeUps"] + t["preemptions"] for t in result["threads"])
    loops = sum(t["thread"].startswith(EVENT_LOOP) for t in result["threads"])
    return [
        Target("idle: CPU", cpu / 1e7 / seconds, 0.05, "%"),
        Target("idle: context switches", switches / seconds, 5, "/s"),
        Target("idle: RSS", result["residentMB"], 40, "MB"),
        Target("idle: threads with an event loop of the control API", loops, 1, "threads"),
    ]


def text(result):
    rows = [[t["thread"], t["cpuNs"] / 1e6, t["wakeUps"], t["preemptions"]] for t in result["threads"]]
    return (f"Idle: {PHONES} phones, {result['seconds']:.0f} s; {result['ticks']} clock ticks of CPU, "
            f"{result['residentMB']:.1f} MB RSS\n\n" + table(["thread", "CPU ms", "wake-ups", "preemptions"], rows))
