"""A phone that is there may still be of no use: what Debian's own adb server and usbmuxd say of it, and their absence."""
import json, statistics

import pytest

from guest import wait_for

IPHONE, IPHONE_ON_THE_BUS = "00008110-001A2B3C4D5E6F70", "00008110001A2B3C4D5E6F70"


def shown(host, guest, udid):
    """The phone, as the agent shows it."""
    return json.loads(guest.run(f"/run/plughook devices show {udid} --json --config {host.config}"))


def test_a_phone_that_refuses_this_host_is_offline_until_it_does_not(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--serial", "ASKED", "--adb", "unauthorized", "--wait", "60")
    host.wait_until_told("ASKED", "offline", seconds=90)
    assert shown(host, guest, "ASKED")["reason"] == "unauthorized"
    guest.phone("set", "ASKED", "--adb", "device")
    host.wait_until_told("ASKED", "online", seconds=90)
    assert shown(host, guest, "ASKED")["model"] == "Pixel 7"
    guest.phone("set", "ASKED", "--adb", "unauthorized")
    host.wait_until_told("ASKED", "offline", count=2, seconds=120)
    guest.phone("unplug", "ASKED")
    host.wait_until_told("ASKED", "unplugged")
    host.stop()
    assert host.told() == [("ASKED", event) for event in ("offline", "online", "offline", "unplugged")]


@pytest.mark.parametrize("reason, change", [
    ("recovery", ["--profile", "recovery"]),
    ("sideload", ["--profile", "sideload"]),
    ("bootloader", ["--profile", "fastboot"]),
    ("adbOffline", ["--adb", "offline"]),
])
def test_another_mode_is_told_as_the_reason(host, guest, adb, reason, change):
    # So long that a replug is none, however slow the machine.
    host.configure(detection={"unplugSettleMs": 60_000}).start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--serial", "MODES", "--wait", "60")
    host.wait_until_told("MODES", "online", seconds=90)
    guest.phone("replug", "MODES", *change, "--wait", "60")
    host.wait_until_told("MODES", "offline", seconds=120)
    assert shown(host, guest, "MODES")["reason"] == reason
    guest.phone("replug", "MODES", "--profile", "pixel", "--adb", "device", "--wait", "60")
    host.wait_until_told("MODES", "online", count=2, seconds=120)
    host.stop()
    assert [event for _, event in host.told()] == ["online", "offline", "online"]


def test_a_pull_that_adb_calls_offline_first_is_told_as_a_pull_alone(host, guest, adb):
    # So long that the pull comes in time, however slow the machine.
    host.configure(detection={"offlineHoldMs": 300_000}).start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--serial", "PULLED", "--wait", "60")
    host.wait_until_told("PULLED", "online", seconds=90)
    guest.phone("set", "PULLED", "--adb", "offline")
    wait_for(lambda: "PULLED\toffline" in guest.run("HOME=/root adb devices"), 60, "adb to call it offline")
    guest.phone("unplug", "PULLED")
    host.wait_until_told("PULLED", "unplugged")
    host.stop()
    assert host.told() == [("PULLED", "online"), ("PULLED", "unplugged")]


def test_a_reboot_that_nobody_announced_is_a_pull_and_a_return(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--serial", "REBOOTS", "--wait", "60")
    host.wait_until_told("REBOOTS", "online", seconds=90)
    guest.phone("unplug", "REBOOTS")
    host.wait_until_told("REBOOTS", "unplugged")
    guest.phone("plug", "pixel", "--serial", "REBOOTS", "--wait", "60")
    host.wait_until_told("REBOOTS", "online", count=2, seconds=90)
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "unplugged", "online"]


def test_a_reboot_that_was_announced_is_offline_at_most(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--serial", "REBOOTS", "--wait", "60")
    host.wait_until_told("REBOOTS", "online", seconds=90)
    guest.run(f"/run/plughook expect-absence REBOOTS --for 15m --config {host.config}")
    guest.phone("unplug", "REBOOTS")
    host.wait_until_told("REBOOTS", "offline")
    assert shown(host, guest, "REBOOTS")["reason"] == "rebooting"
    guest.phone("plug", "pixel", "--serial", "REBOOTS", "--wait", "60")
    host.wait_until_told("REBOOTS", "online", count=2, seconds=90)
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "offline", "online"]


def test_a_lost_adb_server_takes_its_phones_offline_once_where_that_is_wanted(host, guest, adb):
    serials = [f"LOST{n}" for n in range(3)]
    host.configure(detection={"sensorGraceMs": 2000}, health={"onSensorLoss": "offline"})
    host.start()
    host.wait_for_log("event=sensor.found")
    for serial in serials:
        guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")
        host.wait_until_told(serial, "online", seconds=90)
    guest.run("HOME=/root adb kill-server", timeout=120)
    for serial in serials:
        host.wait_until_told(serial, "offline")
    assert shown(host, guest, "LOST0")["reason"] == "adbServerDown"
    guest.run("HOME=/root adb start-server", timeout=120)
    for serial in serials:
        host.wait_until_told(serial, "online", count=2, seconds=120)
    host.stop()
    for serial in serials:
        assert [event for s, event in host.told() if s == serial] == ["online", "offline", "online"]


def test_the_end_of_the_adb_server_is_the_end_of_no_phone(host, guest, adb):
    serials = [f"KEPT{n}" for n in range(1, 31)]
    host.start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "pixel", "--count", "30", "--serial", "KEPT{n}", "--wait", "120")
    host.wait_until_told_count(30, seconds=300)
    # It goes and comes back.
    guest.run("HOME=/root adb kill-server && HOME=/root adb start-server", timeout=240)
    wait_for(lambda: guest.run("HOME=/root adb devices").count("\tdevice") == 30, 240, "adb to have all of them again")
    # It goes, and stays away.
    guest.run("HOME=/root adb kill-server", timeout=120)
    wait_for(lambda: shown(host, guest, "KEPT1")["flags"] == ["adbServerDown"], 60, "the flag")
    # An agent that starts while nobody can be asked tells nothing either.
    host.stop()
    host.start()
    assert shown(host, guest, "KEPT1")["status"] == "online"
    guest.run("HOME=/root adb start-server", timeout=120)
    host.wait_for_log("event=sensor.found")
    wait_for(lambda: shown(host, guest, "KEPT1")["flags"] == [], 60, "the flag to be gone")
    guest.phone("unplug", "--all")
    host.wait_until_told_count(60, seconds=120)
    host.stop()
    assert sorted(host.told()) == sorted((serial, event) for serial in serials for event in ("online", "unplugged"))


def test_phones_whose_adb_hangs_hold_up_no_other(host, guest, adb):
    def plugged(serials):
        """Milliseconds from each plug to the callback, one phone after the other."""
        for serial in serials:
            ns = guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")["phones"][0]["ns"]
            yield (host.wait_until_told(serial, "online", seconds=90)[0].ns - ns) / 1e6

    # A phone counts when it has said that it is booted: each is asked, and the hanging ones never answer.
    host.configure(detection={"activationMs": 600_000}, health={"adb": {"requireBootCompleted": True}}).start()
    host.wait_for_log("event=sensor.found")
    alone = list(plugged(f"QUICK{n}" for n in range(8)))
    guest.phone("plug", "pixel", "--count", "5", "--serial", "HANGS{n}", "--adb", "hanging", "--wait", "60")
    wait_for(lambda: guest.run("HOME=/root adb devices").count("HANGS") == 5, 60, "adb to have them")
    beside = list(plugged(f"BESIDE{n}" for n in range(8)))
    print(f"plug to callback, median of 8: alone {statistics.median(alone):.0f} ms, "
          f"beside 5 whose adb hangs {statistics.median(beside):.0f} ms")
    host.stop()
    assert sorted(host.told()) == sorted((f"{name}{n}", "online") for name in ("QUICK", "BESIDE") for n in range(8))


def test_an_iphone_is_of_use_only_when_it_trusts_this_host(host, guest, usbmuxd):
    host.start()
    host.wait_for_log("event=sensor.found")
    guest.phone("plug", "iphone", "--serial", IPHONE_ON_THE_BUS, "--json", '{"name": "Bench 1"}', "--wait", "60")
    host.wait_until_told(IPHONE, "offline", seconds=90)
    assert shown(host, guest, IPHONE_ON_THE_BUS.lower())["reason"] == "untrusted"
    guest.pair(IPHONE)
    guest.phone("set", IPHONE_ON_THE_BUS, "--trust", "trusted")
    host.wait_until_told(IPHONE, "online", seconds=120)
    assert shown(host, guest, IPHONE)["name"] == "Bench 1"
    guest.phone("unplug", IPHONE_ON_THE_BUS)
    host.wait_until_told(IPHONE, "unplugged")
    host.stop()
    assert host.told() == [(IPHONE, event) for event in ("offline", "online", "unplugged")]


def test_usbmuxd_may_leave_with_the_last_iphone_and_come_with_the_next(host, guest, usbmuxd):
    other, other_on_the_bus = "00008120-000A11112222333E", "00008120000A11112222333E"
    host.start()
    host.wait_for_log("event=sensor.found")
    for udid in (IPHONE, other):
        guest.pair(udid)
    guest.phone("plug", "iphone", "--serial", IPHONE_ON_THE_BUS, "--trust", "trusted", "--wait", "60")
    host.wait_until_told(IPHONE, "online", seconds=120)
    guest.phone("unplug", IPHONE_ON_THE_BUS)
    guest.run("pkill usbmuxd")
    host.wait_until_told(IPHONE, "unplugged")
    guest.phone("plug", "iphone", "--serial", other_on_the_bus, "--trust", "trusted", "--wait", "60")
    guest.background("usbmuxd", "usbmuxd -f -U usbmux")
    host.wait_until_told(other, "online", seconds=120)
    host.stop()
    assert host.told() == [(IPHONE, "online"), (IPHONE, "unplugged"), (other, "online")]
