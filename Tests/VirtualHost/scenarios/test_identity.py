"""Which phone is it: two with one serial, and one with none, until the configuration ties them to their ports."""
import json

#: Of the guest's virtual ports, which udev counts from 1 and `phone` from 0.
ID_PATH = "platform-vhci_hcd.0-usb-0:{}"


def listed(host, guest):
    return json.loads(guest.run(f"/run/plughook devices --json --config {host.config}"))


def only(host, guest, udid):
    """The one phone that goes by it."""
    phone, = (phone for phone in listed(host, guest)["devices"] if phone["udid"] == udid)
    return phone


def test_two_phones_with_one_serial_are_shown_as_two_and_offline_once(host, guest):
    host.start()
    guest.phone("plug", "pixel", "--serial", "TWIN", "--port", "0", "--wait", "60")
    host.wait_until_told("TWIN", "online")
    guest.phone("plug", "samsung", "--serial", "TWIN", "--port", "1", "--wait", "60")
    host.wait_until_told("TWIN", "offline")
    twins = only(host, guest, "TWIN")
    assert (twins["status"], twins["reason"]) == ("offline", "duplicateSerial")
    assert sorted(place["idPath"] for place in twins["places"]) == [ID_PATH.format(1), ID_PATH.format(2)]
    table = guest.run(f"/run/plughook devices --config {host.config}")
    assert table.count("TWIN") == table.count("duplicateSerial") == 2
    # A restart tells nothing new, and neither does one of them that leaves.
    host.stop()
    host.start()
    host.prove_quiet()
    assert host.told() == [("TWIN", "online"), ("TWIN", "offline")]


def test_twins_that_are_tied_to_ports_are_two_phones(host, guest):
    ports = [{"udid": f"bench-{n}", "name": f"Bench {n}", "port": ID_PATH.format(n)} for n in (1, 2)]
    host.configure(devices=ports).start()
    guest.phone("plug", "pixel", "--serial", "TWIN", "--port", "0", "--wait", "60")
    host.wait_until_told("TWIN", "online")
    guest.phone("plug", "pixel", "--serial", "TWIN", "--port", "1", "--wait", "60")
    for udid in ("bench-1", "bench-2"):
        host.wait_until_told(udid, "online")
    host.wait_until_told("TWIN", "unplugged")
    assert [only(host, guest, f"bench-{n}")["places"][0]["idPath"] for n in (1, 2)] == [ID_PATH.format(n) for n in (1, 2)]
    # Each for itself, and one alone is not taken for a phone with a serial of its own, also by an agent that starts.
    guest.phone("unplug", guest.phone("list")["phones"][0]["id"])
    host.wait_until_told("bench-1", "unplugged")
    host.stop()
    host.start()
    host.prove_quiet()
    assert host.told()[:1] == [("TWIN", "online")]
    assert sorted(host.told()[1:]) == [("TWIN", "unplugged"), ("bench-1", "online"), ("bench-1", "unplugged"),
                                       ("bench-2", "online")]


def test_a_phone_without_a_serial_is_shown_and_not_reported_until_it_is_tied(host, guest):
    host.start()
    guest.phone("plug", "pixel", "--json", '{"serial": null}', "--port", "2", "--wait", "60")
    host.wait_for_log("event=device.unidentified")
    nameless, = listed(host, guest)["unidentified"]
    assert (nameless["reason"], nameless["platform"], nameless["idPath"]) == ("noSerial", "android", ID_PATH.format(3))
    assert "noSerial" in guest.run(f"/run/plughook devices --config {host.config}")
    host.configure(devices=[{"udid": "bench-3", "port": ID_PATH.format(3)}])
    host.signal("HUP")
    host.wait_until_told("bench-3", "online")
    assert listed(host, guest)["unidentified"] == []
    guest.phone("unplug", "--all")
    host.wait_until_told("bench-3", "unplugged")
    host.stop()
    assert host.told() == [("bench-3", "online"), ("bench-3", "unplugged")]
