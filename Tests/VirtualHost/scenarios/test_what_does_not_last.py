"""Changes that are shorter than their settle or hold, and changes of mode."""
import re

from guest import REPLUG_MS

SETTLE = {"unplugSettleMs": REPLUG_MS, "offlineHoldMs": REPLUG_MS}


def let_udevd_catch_up(guest):
    """Under emulation it would be later and later: that is not what is tried."""
    guest.run("udevadm settle --timeout=60")


def test_reenumeration_in_another_usable_mode_within_the_settle_is_not_told(host, guest):
    host.configure(detection=SETTLE)
    host.start()
    guest.phone("plug", "pixel", "--serial", "MODE1", "--wait", "60")
    host.wait_until_told("MODE1", "online")
    guest.phone("replug", "MODE1", "--profile", "pixel-mtp", "--serial", "MODE1", "--off", "100", "--wait", "60")
    let_udevd_catch_up(guest)
    guest.phone("replug", "MODE1", "--profile", "pixel", "--serial", "MODE1", "--off", "100", "--wait", "60")
    host.prove_quiet()
    assert host.told() == [("MODE1", "online")]


def test_flapping_faster_than_the_settle_is_not_told_and_the_final_state_always_is(host, guest):
    host.configure(detection=SETTLE)
    host.start()
    for serial in ("STAYS", "GOES"):
        guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")
        host.wait_until_told(serial, "online")
    for _ in range(5):
        # One at a time: vhci_hcd loses a port whose phone is back before the hub driver has seen it gone.
        for serial in ("STAYS", "GOES"):
            guest.phone("replug", serial, "--off", "50", "--wait", "60")
        let_udevd_catch_up(guest)
    guest.phone("unplug", "GOES")
    host.wait_until_told("GOES", "unplugged")
    host.prove_quiet()
    assert host.told() == [("STAYS", "online"), ("GOES", "online"), ("GOES", "unplugged")]


def test_a_phone_in_fastboot_for_longer_than_the_hold_is_offline_once_and_online_when_back(host, guest):
    host.configure(detection={"unplugSettleMs": REPLUG_MS, "offlineHoldMs": 2000})
    host.start()
    guest.phone("plug", "pixel", "--serial", "BOOT1", "--wait", "60")
    host.wait_until_told("BOOT1", "online")
    guest.phone("replug", "BOOT1", "--profile", "fastboot", "--serial", "BOOT1", "--wait", "60")
    host.wait_until_told("BOOT1", "offline")
    guest.phone("replug", "BOOT1", "--profile", "pixel", "--serial", "BOOT1", "--wait", "60")
    host.wait_until_told("BOOT1", "online", count=2)
    host.prove_quiet()
    assert host.told() == [("BOOT1", "online"), ("BOOT1", "offline"), ("BOOT1", "online")]
    assert re.search(r"event=status\.offline .*reason=bootloader", host.log())
