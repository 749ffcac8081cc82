"""Phones that are plugged, pulled, revoked and switched at random: after each settling the kernel, adb, usbmuxd and the agent
show the same picture, and of each change the outside was told once.

`PLUGHOOK_RANDOM_STEPS` (20) says how many steps, `PLUGHOOK_RANDOM_SEED` (1) which; a failure names both.
"""
import json, os, random

from guest import REPLUG_MS, wait_for

STEPS = int(os.environ.get("PLUGHOOK_RANDOM_STEPS", "20"))
SEED = int(os.environ.get("PLUGHOOK_RANDOM_SEED", "1"))

#: How a phone is made to be in a mode, what adb calls it then, and what the agent is to call it.
ANDROID = {
    "device": (["--profile", "pixel", "--adb", "device"], "device", ("online", None)),
    "unauthorized": (["--profile", "pixel", "--adb", "unauthorized"], "unauthorized", ("offline", "unauthorized")),
    "recovery": (["--profile", "recovery", "--adb", "recovery"], "recovery", ("offline", "recovery")),
    "sideload": (["--profile", "sideload", "--adb", "sideload"], "sideload", ("offline", "sideload")),
    "fastboot": (["--profile", "fastboot"], None, ("offline", "bootloader")),
}
IPHONE = {
    "trusted": (["--trust", "trusted"], "there", ("online", None)),
    "untrusted": (["--trust", "untrusted"], "there", ("offline", "untrusted")),
    "locked": (["--trust", "locked"], "there", ("offline", "locked")),
}
#: Those that adb or the phone can change without a replug.
WITHOUT_REPLUG = {("device", "unauthorized"), ("unauthorized", "device"), ("untrusted", "trusted")}


class Phone:
    """A phone, the mode that it is in now (None: pulled), and what is to have been told of it."""

    def __init__(self, serial, modes):
        self.serial, self.modes, self.mode, self.told = serial, modes, None, []
        self.is_iphone = modes is IPHONE
        self.udid = f"{serial[:8]}-{serial[8:]}" if self.is_iphone else serial

    @property
    def status(self):
        if self.mode:
            return self.modes[self.mode][2]
        return ("unplugged", None) if self.told else None

    def step(self, guest, choose):
        """Does one thing to it; returns what that was."""
        mode = choose.choice([mode for mode in self.modes if mode != self.mode])
        if self.is_iphone and mode != "untrusted":
            guest.pair(self.udid)
        if self.mode is None:
            profile = "iphone" if self.is_iphone else self.modes[mode][0][1]
            options = self.modes[mode][0][0 if self.is_iphone else 2:]
            guest.phone("plug", profile, "--serial", self.serial, *options, "--wait", "60")
        elif choose.random() < 0.4:
            mode = None
            guest.phone("unplug", self.serial)
        elif (self.mode, mode) in WITHOUT_REPLUG:
            guest.phone("set", self.serial, *self.modes[mode][0][0 if self.is_iphone else 2:])
        else:
            guest.phone("replug", self.serial, *self.modes[mode][0], "--wait", "60")
        done, self.mode = f"{self.serial}: {self.mode or 'away'} -> {mode or 'away'}", mode
        if self.status[0] != (self.told or [None])[-1]:
            self.told.append(self.status[0])
        return done


def picture(host, guest, phones):
    """What each of the four shows of these phones, by serial."""
    kernel, adb, usbmuxd, agent = guest.run(
        "cat /sys/bus/usb/devices/*/serial 2>/dev/null; echo ==; HOME=/root adb devices -l; echo ==; idevice_id -l 2>&1; "
        f"echo ==; /run/plughook devices --json --config {host.config}").split("==\n")
    adb = [line.split() for line in adb.splitlines()]
    shown = {device["udid"]: device for device in json.loads(agent)["devices"]}
    known = [phone for phone in phones if phone.udid in shown]
    return {
        "kernel": sorted(phone.serial for phone in phones if phone.serial in kernel.split()),
        "adb": {words[0]: words[1] for words in adb if any(words[:1] == [phone.serial] for phone in phones)},
        "usbmuxd": sorted(phone.serial for phone in phones if phone.is_iphone and phone.udid in usbmuxd.split()),
        "agent": {phone.serial: (shown[phone.udid].get("status"), shown[phone.udid].get("reason")) for phone in known},
        "attached": sorted(phone.serial for phone in known if shown[phone.udid]["places"]),
    }


def expected(phones):
    there = [phone for phone in phones if phone.mode]
    named = {phone.serial: phone.modes[phone.mode][1] for phone in there if not phone.is_iphone}
    return {
        "kernel": sorted(phone.serial for phone in there),
        "adb": {serial: state for serial, state in named.items() if state},
        "usbmuxd": sorted(phone.serial for phone in there if phone.is_iphone),
        "agent": {phone.serial: phone.status for phone in phones if phone.told},
        "attached": sorted(phone.serial for phone in there),
    }


def test_the_kernel_adb_usbmuxd_and_the_agent_show_one_picture(host, guest, adb, usbmuxd):
    choose = random.Random(SEED)
    phones = [Phone(f"DROID{n}", ANDROID) for n in range(4)]
    phones += [Phone(serial, IPHONE) for serial in ("00008110001A2B3C4D5E6F70", "00008120000A11112222333E")]
    # Longer than a replug takes: a mode switch is no pull.
    host.configure(detection={"unplugSettleMs": REPLUG_MS}).start()
    host.wait_for_log("event=sensor.found.*adb")
    host.wait_for_log("event=sensor.found.*usbmuxd")
    history, steps = [], 0
    while steps < STEPS:
        # Some at once, each phone at most once: of what does not last it is told elsewhere.
        for phone in choose.sample(phones, choose.randint(1, 4)):
            history.append(phone.step(guest, choose))
            steps += 1
        want, seen = expected(phones), {}

        def agree():
            seen.update(picture(host, guest, phones))
            return seen == want

        wait_for(agree, 120, lambda: f"one picture, with seed {SEED} after {steps} steps, the last of them {history[-4:]}:\n"
                 + "\n".join(f"{key}: {seen[key]}, not {want[key]}" for key in want if seen.get(key) != want[key]), pause=0.5)
    host.stop()
    for phone in phones:
        assert [event for udid, event in host.told() if udid == phone.udid] == phone.told, f"seed {SEED}"
