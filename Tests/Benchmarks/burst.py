"""127 phones gone as fast as they can be told, ten webhooks: until the last of the 1,270 callbacks is accepted."""
import time

from contenders import Plughook, Pyudev, ShellLoop
from disk import Disk
from figures import Target, noise, summary, table
from pace import Pace

PHONES = 127  # what one USB bus can hold
WEBHOOKS = 10
#: A shell that starts curl 1,270 times needs a while.
PATIENCE = 120.0
FLOOR_EVENTS = 100


def run(sink, folder, options, progress):
    bursts = {Plughook.name: several(Plughook(sink, folder, WEBHOOKS), options.rounds, progress)}
    for make in (ShellLoop, Pyudev):
        bursts[make.name] = several(make(sink, WEBHOOKS), 1, progress)
    return {"bursts": bursts, **surroundings(folder)}


def surroundings(folder):
    """How steady disk and CPUs are while nothing is measured."""
    disk, pace, samples = Disk(folder, "floor", True), Pace(), []
    for _ in range(FLOOR_EVENTS):
        pace.pause()
        samples.append(disk.write())
    disk.close()
    return {"floor": summary(samples), "oversleep": summary(pace.oversleep)}


def several(contender, rounds, progress):
    try:
        bursts = []
        for round in range(1, rounds + 1):
            progress(f"burst: {contender.name}, {round} of {rounds}")
            bursts.append(one(contender))
        return bursts
    finally:
        contender.close()


def one(contender):
    phones = contender.bus.storm(PHONES, serial="BURST{n:04d}")
    serials = [phone.spec["serial"] for phone in phones]
    contender.take(serials, "online", PATIENCE)
    time.sleep(1)
    first, last = contender.bus.pull(phones)
    accepted = contender.take(serials, "unplugged", PATIENCE)
    surplus = contender.sink.surplus(0.5)
    if surplus:
        raise RuntimeError(f"{contender.name}: told twice: {surplus[:5]}")
    end = max(c.ns for c in accepted)
    return {"callbacks": len(accepted), "emitting": (last - first) / 1e6, "afterLast": (end - last) / 1e6,
            "sinceFirst": (end - first) / 1e6}


def noise_in(result):
    return noise(result["floor"], result["oversleep"])


def targets(result):
    ours, others = result["bursts"][Plughook.name], [result["bursts"][c.name][0] for c in (ShellLoop, Pyudev)]
    slowest = max(b["sinceFirst"] for b in ours)
    return [
        Target("burst: the slowest, after the last removal", max(b["afterLast"] for b in ours), 500, "ms",
               judged=not noise_in(result)),
        # From the first removal on: what a slow reader's full queue holds back is no merit of his.
        Target("burst: time of the faster script ÷ ours", min(b["sinceFirst"] for b in others) / slowest, 1, "×", True),
    ]


def text(result):
    rows = [[name, b["callbacks"], b["emitting"], b["afterLast"], b["sinceFirst"]]
            for name, bursts in result["bursts"].items() for b in bursts]
    return (f"Burst: {PHONES} phones pulled, {WEBHOOKS} webhooks, until the last callback is accepted, ms\n"
            "(every callback came exactly once)\n\n"
            + table(["", "callbacks", "removals told in", "after the last removal", "since the first"], rows))
