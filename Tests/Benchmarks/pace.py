"""The pauses between two operations, the same for all, and how punctually they end."""
import time

#: Seconds.  An idle disk takes several times as long as a busy one, so everybody has to find it equally idle.
PAUSE = 0.025


class Pace:
    def __init__(self):
        self.oversleep = []  # ns

    def pause(self):
        began = time.monotonic_ns()
        time.sleep(PAUSE)
        self.oversleep.append(time.monotonic_ns() - began - int(PAUSE * 1e9))
