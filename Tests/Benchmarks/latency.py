"""From the emission of a removal to the accept of its callback, contender against contender in the same run."""
import random

from contenders import Plughook, Pyudev, ShellLoop
from disk import Disk
from figures import Target, noise, summary, table
from pace import Pace

SERIAL = "ce0917198075440c057e"
WARM_UP = 5
#: What the targets are held against: the faster of the two, and what SQLite's log is once it has its size.
FLOOR = "fdatasync, in place"
APPENDING = "fdatasync, appending"
#: How much longer than asked the pauses were: the wait for a CPU, which everybody pays once or more often.
OVERSLEEP = "oversleep"


class Cable:
    """One phone of a contender, plugged and pulled."""

    def __init__(self, contender):
        self.contender = contender

    def measure(self, pace):
        phone = self.contender.bus.plug(serial=SERIAL)
        self.contender.take([SERIAL], "online")
        pace.pause()
        _, told = self.contender.bus.pull([phone])
        accepted, = self.contender.take([SERIAL], "unplugged")
        return accepted.ns - told


class Floor:
    def __init__(self, disk):
        self.disk = disk

    def measure(self, pace):
        self.disk.write()  # stands for the plug's commit
        pace.pause()
        return self.disk.write()


def run(sink, folder, options, progress):
    disks = {FLOOR: Disk(folder, "in-place", True), APPENDING: Disk(folder, "appending", False)}
    contenders = []
    try:
        for make in (lambda: Plughook(sink, folder), lambda: ShellLoop(sink), lambda: Pyudev(sink)):
            contenders.append(make())
        runners = {name: Floor(disk) for name, disk in disks.items()} | {c.name: Cable(c) for c in contenders}
        samples, pace = {name: [] for name in runners}, Pace()
        order, dice = list(runners), random.Random(1)  # shuffled, so that nobody always follows the same one
        for round in range(WARM_UP + options.events):
            if round % 50 == 0:
                progress(f"latency: {round} of {WARM_UP + options.events} removals of each contender")
            dice.shuffle(order)
            for name in order:
                pace.pause()
                ns = runners[name].measure(pace)
                if round >= WARM_UP:
                    samples[name].append(ns)
        surplus = sink.surplus(0.2)
        if surplus:
            raise RuntimeError(f"callbacks that nothing had caused: {surplus[:5]}")
    finally:
        for opened in [*disks.values(), *contenders]:
            opened.close()
    return {name: summary(values) for name, values in samples.items()} | {OVERSLEEP: summary(pace.oversleep)}


def noise_in(result):
    return noise(result[FLOOR], result[OVERSLEEP])


def targets(result):
    floor, ours, steady = result[FLOOR], result[Plughook.name], not noise_in(result)
    return [
        Target("latency: p50, at most 0.6 ms above fdatasync", ours["p50"], floor["p50"] + 0.6, "ms", judged=steady),
        Target("latency: p99, at most 3 ms above fdatasync", ours["p99"], floor["p99"] + 3, "ms", judged=steady),
        Target("latency: p50 of udevadm+curl ÷ ours", result[ShellLoop.name]["p50"] / ours["p50"], 8, "×", True),
        Target("latency: p50 of pyudev+requests ÷ ours", result[Pyudev.name]["p50"] / ours["p50"], 1, "×", True),
    ]


def text(result):
    ours = result[Plughook.name]["p50"]
    rows = [[name, f["n"], f["p50"], f["p90"], f["p99"], f["max"], f["p50"] / ours] for name, f in result.items()]
    return ("Latency: a removal's uevent → its callback accepted, ms\n\n"
            + table(["", "n", "p50", "p90", "p99", "max", "p50 ÷ ours"], rows))
