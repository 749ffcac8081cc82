"""Phones that tell nonsense about themselves: the agent lives, bodies stay JSON, a log line stays one line."""
import json
import re

import pytest

HOSTILE = {
    "quotes and backslashes": 'a"b\\c\\"',
    "a newline": "line\nbreak",
    "control characters": "bell\x07esc\x1b[31mred\x7f\x01",
    "a forged log line": "x\nlevel=error event=agent.dead\r\nmore",
    "126 characters of three bytes each": "\u65e5" * 126,
    "63 characters beyond the basic plane": "\U0001f4f1" * 63,
    "right to left and zero width": "\u202eabc\u200b\u2066x",
    "white space at both ends": "  padded\t ",
    "a NUL inside": "a\x00b",
    "format directives": "%s%n%@%d{0}\\(x)",
    "a path": "../../etc/passwd",
    "SQL": "'; DROP TABLE event; --",
    "a placeholder": "????????",
}
#: No identity at all, and so not told.
PLACEHOLDER = HOSTILE["a placeholder"]


@pytest.mark.parametrize("field", ["serial", "product", "manufacturer"])
def test_hostile_strings(rig, field):
    rig.start()
    for n, text in enumerate(HOSTILE.values(), 1):
        phone = rig.testbed.plug("pixel", **{"serial": f"HOSTILE{n}", field: text})
        if field != "serial" or text != PLACEHOLDER:  # which is the last
            rig.receiver.wait(lambda _: len(rig.receiver.lanes()) == n, what=f"a callback of {text!r}")
        rig.testbed.unplug(phone)
    rig.prove_quiet()
    for request in rig.receiver.accepted():
        assert list(json.loads(request.body.decode())) == [
            "creationTime", "eventType", "eventActivity", "eventDescription", "deviceUdid", "deviceName", "orgId",
            "webhookId", "webhookName"]
    for events in rig.receiver.lanes().values():
        assert [r.what[1] for r in events] == ["online", "unplugged"]
    assert_one_line_each(rig.agent.log)


def assert_one_line_each(log):
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", log), "a control character reached the log"
    assert not re.search(r"^(break|level=error event=agent\.dead)", log, re.MULTILINE), "a serial began a log line"
    assert not re.search("[\u202e\u2066]", log), "a direction mark reached the log"


def test_a_torn_or_lying_descriptor_file_is_survived(rig):
    rig.start()
    real = rig.testbed._write_tree

    def torn(device):
        real(device)
        folder = rig.testbed._path("sys" + device.devpath)
        with open(f"{folder}/descriptors", "r+b") as f:
            content = f.read()
            f.seek(0)
            f.truncate()
            f.write(damage(content))
        with open(f"{folder}/uevent", "a") as f:
            f.write("ID_USB_INTERFACES=:zz:ff42:::::ff420:\n")
    damages = [lambda c: b"", lambda c: c[:17], lambda c: c[:20], lambda c: c[:18] + b"\x00\x02" + c[20:],
               lambda c: c[:20] + b"\xff\xff" + c[22:], lambda c: b"\xff" * 65536]
    rig.testbed._write_tree = torn
    for n, damage in enumerate(damages):
        rig.testbed.unplug(rig.testbed.plug("bare", serial=f"TORN{n}"))
    rig.testbed._write_tree = real
    rig.prove_quiet()


def test_endless_new_serials_do_not_fill_the_receiver_with_lies(rig):
    """A gadget that cycles its serial on one port, faster than it can be looked at: each that was seen came and went."""
    rig.start()
    phone = rig.testbed.plug(serial="CYCLE000")
    for n in range(1, 60):
        phone = rig.testbed.replug(phone, serial=f"CYCLE{n:03d}")
    rig.receiver.wait_for_callback("CYCLE059", "online", seconds=30)
    rig.prove_quiet()
    for lane, requests in rig.receiver.lanes().items():
        expected = ["online"] if lane[1] == "CYCLE059" else ["online", "unplugged"]
        assert [r.what[1] for r in requests] == expected, lane
