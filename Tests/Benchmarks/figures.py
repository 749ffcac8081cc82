"""Numbers: their percentiles, what they are held against, and how they are shown."""
from dataclasses import dataclass


def percentile(values, share):
    """The smallest value that at least that share of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def summary(values):
    """Milliseconds, from nanoseconds."""
    figures = {f"p{share}": percentile(values, share) / 1e6 for share in (50, 90, 99)}
    return {"n": len(values), **figures, "max": max(values) / 1e6}


@dataclass
class Target:
    what: str
    measured: float
    bound: float
    unit: str
    at_least: bool = False
    judged: bool = True  # False: an absolute figure on a machine that is too noisy for one

    @property
    def is_met(self):
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def verdict(self):
        return ("PASS" if self.is_met else "MISS") if self.judged else "not judged"

    def json(self):
        return {"what": self.what, "measured": self.measured, "bound": self.bound, "unit": self.unit,
                "verdict": self.verdict}

    def row(self):
        sign = "≥" if self.at_least else "≤"
        return [self.verdict, self.what, f"{self.measured:.3g} {self.unit}", f"{sign} {self.bound:.3g} {self.unit}"]


#: p99 − p50 of the bare fdatasync, in ms.  Above it the disk's own swings use up the whole margin that the targets give
#: the agent at p99, and an absolute figure says more about the neighbours than about the agent.
NOISY_DISK = 3.0
#: p90 of what a sleep is too long by, in ms.  Above it others keep the CPUs busy, and whoever wakes waits for his turn:
#: the floor is then too high, and the targets too easy.
NOISY_CPU = 0.5


def noise(floor, oversleep):
    """Why absolute figures mean nothing on this machine now; empty if they do."""
    reasons = []
    if (spread := floor["p99"] - floor["p50"]) > NOISY_DISK:
        reasons.append(f"the bare fdatasync swings by {spread:.1f} ms from p50 to p99")
    if oversleep["p90"] > NOISY_CPU:
        reasons.append(f"one sleep in ten is more than {oversleep['p90']:.1f} ms too long")
    return " and ".join(reasons)


def table(head, rows):
    """Columns aligned: the first to the left, numbers to the right."""
    cells = [head, *([f"{c:.3f}" if isinstance(c, float) else str(c) for c in row] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(head))]
    lines = ["  ".join(c.ljust(w) if n == 0 or not numeric(rows, n) else c.rjust(w)
                       for n, (c, w) in enumerate(zip(row, widths))).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def numeric(rows, column):
    return all(isinstance(row[column], (int, float)) for row in rows)
