"""Who is told what when a cable goes in and out."""
import re

from guest import wait_for

CREATION = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_plugging_tells_online_once_and_pulling_unplugged_once_in_the_bytes_of_the_spec(host, guest):
    host.start()
    guest.phone("plug", "pixel", "--serial", "ce0917198075440c057e", "--wait", "60")
    host.wait_until_told("ce0917198075440c057e", "online")
    guest.phone("unplug", "ce0917198075440c057e")
    host.wait_until_told("ce0917198075440c057e", "unplugged")
    host.prove_quiet()

    bodies = [c.body for c in host.callbacks()]
    for body in bodies:
        assert re.match(rf'{{"creationTime":"{CREATION}",', body), body
    expected = ('{{"creationTime":"TIME","eventType":"DEVICE","eventActivity":"device.{}","eventDescription":"{}",'
                '"deviceUdid":"ce0917198075440c057e","deviceName":"Pixel 7","orgId":2,"webhookId":1,"webhookName":"all"}}')
    assert [re.sub(CREATION, "TIME", body, count=1) for body in bodies] == [
        expected.format("status.online", "Online"), expected.format("state.unplugged", "Unplugged")]


def test_a_USB_stick_is_not_told(host, guest):
    host.start()
    guest.machine.add_usb("stick", "usb-storage", port="1", serial="STICK0001")
    wait_for(lambda: "STICK0001" in guest.serials(), 60, "the kernel to see the stick")
    guest.machine.remove_usb("stick")
    wait_for(lambda: "STICK0001" not in guest.serials(), 60, "the stick to be gone")
    host.prove_quiet()
    assert host.told() == []


def test_two_webhooks_get_exactly_the_events_that_each_asked_for(host, guest):
    host.configure(webhooks=[host.webhook(1, "arrivals", ["online"]), host.webhook(2, "departures", ["unplugged"]),
                             host.webhook(3, "all")])
    host.start()
    guest.phone("plug", "samsung", "--serial", "R58M123ABCD", "--wait", "60")
    host.wait_until_told("R58M123ABCD", "online", webhook="arrivals")
    guest.phone("unplug", "R58M123ABCD")
    host.wait_until_told("R58M123ABCD", "unplugged", webhook="departures")
    host.prove_quiet()
    assert host.told("arrivals") == [("R58M123ABCD", "online")]
    assert host.told("departures") == [("R58M123ABCD", "unplugged")]
    assert host.told("all") == [("R58M123ABCD", "online"), ("R58M123ABCD", "unplugged")]


def test_a_public_device_is_not_told(host, guest):
    host.configure(devices=[{"udid": "PUBLIC1", "group": "public"}])
    host.start()
    guest.phone("plug", "pixel", "--serial", "PUBLIC1", "--wait", "60")
    host.wait_for_log(r"event=status\.online .*device=PUBLIC1")  # it is watched
    guest.phone("unplug", "PUBLIC1")
    host.wait_for_log(r"event=status\.unplugged .*device=PUBLIC1")
    host.prove_quiet()
    assert host.told() == []


def test_an_iphone_that_usbmuxd_leaves_unconfigured_is_told_by_its_dashed_identifier(host, guest):
    # Debian's udev rule for usbmuxd sets its configuration to 0 at once, and no usbmuxd runs here to set another.
    host.start()
    guest.phone("plug", "iphone", "--serial", "00008110001A2B3C4D5E6F70")
    host.wait_until_told("00008110-001A2B3C4D5E6F70", "online")
    guest.phone("unplug", "00008110001A2B3C4D5E6F70")
    host.wait_until_told("00008110-001A2B3C4D5E6F70", "unplugged")
    host.prove_quiet()
    assert host.told() == [("00008110-001A2B3C4D5E6F70", "online"), ("00008110-001A2B3C4D5E6F70", "unplugged")]
