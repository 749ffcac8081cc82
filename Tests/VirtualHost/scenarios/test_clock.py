"""Somebody sets the host's clock while callbacks wait: by a clock that nobody sets they are neither late nor over."""
import contextlib

import pytest

from guest import wait_for

DAYS = 40  # farther than a callback may wait (72 hours), and than dead ones are kept (30 days)


@contextlib.contextmanager
def clock_of(guest, days):
    """The wall clock goes by so many days, and back at the end."""
    guest.run(f"date -s @$(( $(date +%s) + {days * 86400} ))")
    try:
        yield
    finally:
        guest.run(f"date -s @$(( $(date +%s) - {days * 86400} ))")


@pytest.fixture
def receiver_away(guest):
    """Nobody listens, until the function that this is has been called."""
    guest.run("kill $(cat /host/receiver.pid)")
    wait_for(lambda: guest.read("receiver.exit"), 60, "the receiver to be gone")
    is_away = True

    def back():
        nonlocal is_away
        if is_away:
            guest.start_receiver()
            is_away = False
    yield back
    back()


def test_what_waits_is_sent_in_its_time_though_the_clock_is_set(host, guest, receiver_away):
    host.start()
    guest.phone("plug", "pixel", "--serial", "WAITS", "--wait", "60")
    host.wait_for_log("event=callback.failed")
    with clock_of(guest, DAYS):
        guest.phone("unplug", "WAITS")
        host.wait_for_log("event=status.unplugged")
        with clock_of(guest, -2 * DAYS):
            receiver_away()
            host.wait_until_told("WAITS", "online", seconds=120)
            host.wait_until_told("WAITS", "unplugged", seconds=120)
            host.stop()
    told = host.callbacks()
    assert [c.told for c in told] == [("WAITS", "online"), ("WAITS", "unplugged")]
    # Each attempt tells the time that its host has; what was frozen stays as it was.
    online, unplugged = (c.created for c in told)
    assert round((unplugged - online) / 86400) == DAYS
    assert all(round((int(c.headers["webhook-timestamp"]) - online) / 86400) == -DAYS for c in told)


def test_a_start_under_an_older_clock_goes_on_at_once(host, guest, receiver_away):
    """What is due in 40 days by then was stored under another clock."""
    host.start()
    guest.phone("plug", "pixel", "--serial", "WAITS", "--wait", "60")
    host.wait_for_log("event=callback.failed")
    host.stop()
    with clock_of(guest, -DAYS):
        receiver_away()
        host.start()
        guest.phone("unplug", "WAITS")
        host.wait_until_told("WAITS", "unplugged", seconds=120)
        host.stop()
    assert host.told() == [("WAITS", "online"), ("WAITS", "unplugged")]
