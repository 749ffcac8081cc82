"""kill -9 at the worst moments: nothing lost, order kept, doubles only of what was in flight."""
import os
import random
import signal
import time
from collections import defaultdict

import pytest

from patience import patience

ROUNDS = int(os.environ.get("PLUGHOOK_CRASH_ROUNDS", "50"))
PHONES = 4
#: How many passes of the failpoint a round survives at most, and how many toggles it may take to get there.
PASSES, TOGGLES = 6, 40


class Rack:
    """Four phones whose cables are pulled and put back until the agent is dead."""

    def __init__(self, rig):
        self.rig = rig
        self.plugged = {}

    def toggle(self, serial):
        if phone := self.plugged.pop(serial, None):
            self.rig.testbed.unplug(phone)
        else:
            self.plugged[serial] = self.rig.testbed.plug(serial=serial)

    def introduce(self):
        """One peaceful run: of a phone that was never seen, nobody is told that it is unplugged."""
        self.rig.start()
        for n in range(PHONES):
            self.toggle(f"PHONE{n}")
        for n in range(PHONES):
            self.rig.receiver.wait_for_callback(f"PHONE{n}", "online")
        assert self.rig.agent.terminate() == 0

    def toggle_all_until_dead(self, agent):
        """Waits after each round of toggles until it is told or the agent is dead, so that all points are passed."""
        for _ in range(TOGGLES):
            for n in range(PHONES):
                self.toggle(f"PHONE{n}")
            wanted = {f"PHONE{n}": self.word(f"PHONE{n}") for n in range(PHONES)}
            limit = time.monotonic() + patience(10)
            while agent.is_running and self.last_told(wanted) != wanted:
                assert time.monotonic() < limit, "neither the callbacks came nor the agent died"
                time.sleep(0.002)
            if not agent.is_running:
                return
        raise AssertionError("the failpoint was never reached")

    def word(self, serial):
        return "online" if serial in self.plugged else "unplugged"

    def last_told(self, serials):
        last = dict.fromkeys(serials)
        for r in reversed(self.rig.receiver.accepted()):
            if last.get(r.what[0], "") is None:
                last[r.what[0]] = r.what[1]
            if None not in last.values():
                break
        return last


@pytest.mark.parametrize("point", ["before-commit", "after-commit", "mid-send", "after-accept"])
def test_every_committed_event_survives_a_kill(rig, point):
    dice = random.Random(point)
    rack, deaths = Rack(rig), []
    rack.introduce()
    for _ in range(ROUNDS):
        agent = rig.launch(PLUGHOOK_FAILPOINT=f"{point}:{dice.randint(1, PASSES)}")
        rack.toggle_all_until_dead(agent)
        assert agent.wait() == -signal.SIGKILL
        rig.receiver.catch_up()
        deaths.append(time.monotonic_ns())
    rig.start()
    wanted = {f"PHONE{n}": rack.word(f"PHONE{n}") for n in range(PHONES)}
    rig.receiver.wait(lambda _: rack.last_told(wanted) == wanted, 60, f"the final state {wanted}")
    rig.prove_quiet()

    lanes, doubles = rig.receiver.lanes(), doubles_of(rig.receiver.accepted())
    for lane, requests in lanes.items():
        assert [r.sequence for r in requests] == list(range(1, len(requests) + 1)), lane
        words = [r.what[1] for r in requests]
        assert all(a != b for a, b in zip(words, words[1:])), f"{lane}: the same status twice in a row"
    assert {r.id: r.body for requests in lanes.values() for r in requests} == committed_callbacks(rig)
    assert_only_what_was_in_flight_came_twice(doubles, deaths)
    if point == "after-accept":
        assert doubles, "a kill between the 2xx and its record must lead to a second sending"


def doubles_of(accepted):
    """webhook-id -> its requests, of those that were accepted more than once."""
    by_id = defaultdict(list)
    for r in accepted:
        by_id[r.id].append(r)
    return {ident: requests for ident, requests in by_id.items() if len(requests) > 1}


def assert_only_what_was_in_flight_came_twice(doubles, deaths):
    per_death = defaultdict(list)
    for ident, requests in doubles.items():
        assert len({r.body for r in requests}) == 1, f"{ident} changed between two sendings"
        assert len({(r.sequence, r.lane) for r in requests}) == 1, ident
        for first, second in zip(requests, requests[1:]):
            between = [n for n, death in enumerate(deaths) if first.ns < death < second.ns]
            assert between, f"{ident} was sent twice without a crash between"
            # A callback that was accepted before a round began was on record by the time of its first death.
            per_death[between[0]].append(first.lane)
    for lanes in per_death.values():
        assert len(lanes) == len(set(lanes)), "more than one of a lane was in flight"


def committed_callbacks(rig):
    """webhook-id -> body of every callback on disk, of which each event that is not silent must have one."""
    assert rig.query("""SELECT number FROM event LEFT JOIN callback ON callback.event = event.number
                        WHERE NOT is_silent AND callback.id IS NULL""") == []
    return {row["id"]: row["body"] for row in rig.query("SELECT id, body FROM callback")}
