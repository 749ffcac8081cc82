"""A rack that is switched on and off, and a hub that is pulled."""


def test_a_hundred_phones_at_once_are_told_once_each_to_each_webhook(host, guest):
    host.configure(webhooks=[host.webhook(1, "one"), host.webhook(2, "two")])
    host.start()
    serials = [f"RACK{n:04d}" for n in range(1, 101)]
    guest.phone("plug", "pixel", "--count", "100", "--serial", "RACK{n:04d}", "--wait", "150")
    for webhook in ("one", "two"):
        host.wait_until_told_count(100, webhook)
    guest.phone("unplug", "--all")
    for webhook in ("one", "two"):
        host.wait_until_told_count(200, webhook)
    host.prove_quiet(webhook="one")
    for webhook in ("one", "two"):
        assert sorted(host.told(webhook)) == sorted((s, e) for s in serials for e in ("online", "unplugged"))
        for serial in serials:
            assert [e for s, e in host.told(webhook) if s == serial] == ["online", "unplugged"]


def test_a_whole_hub_pulled_tells_unplugged_once_for_each_phone_on_it(host, guest):
    host.start()
    serials = [f"HUB{n:04d}" for n in range(1, 7)]
    guest.machine.add_usb("hub", "usb-hub", port="1", ports="8")
    for slot, serial in enumerate(serials, 1):
        plugged = guest.machine.phone_outside("plug", "pixel", "--serial", serial, "--port", f"1.{slot}", "--wait", "60",
                                              capture_output=True, text=True)
        assert plugged.returncode == 0, plugged.stdout + plugged.stderr
    guest.phone("plug", "pixel", "--serial", "ELSEWHERE", "--wait", "60")
    host.wait_until_told_count(7)
    guest.machine.remove_usb("hub")
    host.wait_until_told_count(13)
    host.prove_quiet()
    assert sorted(host.told()[7:]) == [(serial, "unplugged") for serial in serials]
