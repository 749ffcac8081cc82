"""From the emission of a removal to the accept of its callback, contender against contender in the same run."""
import random, time

from contenders import Plughook, Pyudev, ShellLoop
from disk import Disk
from figures import Target, is_noisy, summary, table

SERIAL = "ce0917198075440c057e"
#: Between any two operations, for all alike: an idle disk takes several times as long as a busy one.
PACE = 0.025
WARM_UP = 5
FLOOR = "fdatasync"


class Cable:
    """One phone of a contender, plugged and pulled."""

    def __init__(self, contender):
        self.contender = contender

    def measure(self):
        phone = self.contender.bus.plug(serial=SERIAL)
        self.contender.take([SERIAL], "online")
        time.sleep(PACE)
        _, told = self.contender.bus.pull([phone])
        accepted, = self.contender.take([SERIAL], "unplugged")
        return accepted.ns - told


class Floor:
    def __init__(self, disk):
        self.disk = disk

    def measure(self):
        self.disk.append()  # stands for the plug's commit
        time.sleep(PACE)
        return self.disk.append()


def run(sink, folder, options, progress):
    disk, contenders = Disk(folder), []
    try:
        for make in (lambda: Plughook(sink, folder), lambda: ShellLoop(sink), lambda: Pyudev(sink)):
            contenders.append(make())
        runners = {FLOOR: Floor(disk), **{c.name: Cable(c) for c in contenders}}
        samples = {name: [] for name in runners}
        order, dice = list(runners), random.Random(1)  # shuffled, so that nobody always follows the same one
        for round in range(WARM_UP + options.events):
            if round % 50 == 0:
                progress(f"latency: {round} of {WARM_UP + options.events} removals of each contender")
            dice.shuffle(order)
            for name in order:
                time.sleep(PACE)
                ns = runners[name].measure()
                if round >= WARM_UP:
                    samples[name].append(ns)
        surplus = sink.surplus(0.2)
        if surplus:
            raise RuntimeError(f"callbacks that nothing had caused: {surplus[:5]}")
    finally:
        disk.close()
        for contender in contenders:
            contender.close()
    return {name: summary(values) for name, values in samples.items()}


def targets(result):
    floor, ours = result[FLOOR], result[Plughook.name]
    steady = not is_noisy(floor)
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
