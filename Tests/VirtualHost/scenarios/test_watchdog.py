"""An agent that hangs, and one that is killed again and again: it is back in time, and nothing is lost by it."""
import time

from guest import FACTOR, wait_for
from installed import Answer
from ledger import check

SECONDS = 60


def test_an_agent_that_hangs_is_restarted_within_the_stated_time(service):
    host = service
    host.plug("STAYS", "GOES")
    for serial in ("STAYS", "GOES"):
        host.wait_until_told(serial, "online")
    unit = host.show("MainPID", "WatchdogUSec", "RestartUSec")
    assert (unit["WatchdogUSec"], unit["RestartUSec"]) == ("30s", "500ms"), "the time that is stated below"
    host.run("systemctl kill --kill-whom=main --signal=STOP plughook")
    stopped = time.monotonic()
    host.pull("GOES")
    host.plug("COMES")
    wait_for(lambda: host.show("MainPID")["MainPID"] not in ("0", unit["MainPID"]), 60, "another process")
    # Half a minute without a sign, half a second until the restart; the rest is what a slow machine takes to do it.
    assert time.monotonic() - stopped < 30.5 + 10 * FACTOR
    host.wait_until_active()
    assert host.show("NRestarts", "Result")["NRestarts"] == "1"
    host.wait_until_told("GOES", "unplugged")
    host.wait_until_told("COMES", "online")
    host.prove_quiet()
    assert sorted(host.told()[2:]) == [("COMES", "online"), ("GOES", "unplugged")]
    assert check(host.database(), host.receiver.requests, webhooks=1) == 0


def test_an_agent_that_is_killed_every_second_for_a_minute_is_up_at_the_end(service):
    host = service
    serials = [f"K{n}" for n in range(4)]
    # Callbacks wait when it begins.
    host.receiver.decide = lambda request: Answer(503)
    host.plug(*serials)
    wait_for(lambda: host.status()["waiting"] == len(serials), 60, lambda: f"all to wait: {host.status()}")
    kills, there = [], set(serials)
    began = time.monotonic()
    while time.monotonic() < began + SECONDS:
        host.run("systemctl kill --kill-whom=main --signal=KILL plughook; true")
        kills.append(time.monotonic_ns())
        if len(kills) == 10:
            host.receiver.decide = lambda request: Answer()
        serial = serials[len(kills) % len(serials)]
        (host.pull if serial in there else host.plug)(serial)
        there ^= {serial}
        time.sleep(max(0, began + len(kills) - time.monotonic()))
    assert len(kills) > SECONDS / 2
    host.wait_until_active()
    for serial in serials:
        last = serial, "online" if serial in there else "unplugged"
        wait_for(lambda: host.told(serial)[-1:] == [last], 120, lambda: f"{last}, the last of {host.told(serial)}")
    host.prove_quiet()
    check(host.database(), host.receiver.requests, 1, kills)
