"""Bounded waiting for facts: no test sleeps and hopes."""
import os, time

FACTOR = float(os.environ.get("PLUGHOOK_TIMEOUT_FACTOR", "1"))


def patience(seconds):
    """A time-out, stretched for builds that are slower (sanitizers) by PLUGHOOK_TIMEOUT_FACTOR."""
    return seconds * FACTOR


def wait_for(fact, seconds, what):
    """Looks until `fact()` is true and returns what it gave; fails with `what` when the time is up."""
    limit = time.monotonic() + patience(seconds)
    while not (found := fact()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {patience(seconds):g} s: {what() if callable(what) else what}")
        time.sleep(0.005)
    return found
