"""From the uevent to the receiver: who is told what, in which bytes and which order."""
import re
import time

CREATION = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def body(request):
    """The body with its one variable part, checked for its form, put in a placeholder."""
    text = request.body.decode()
    assert re.match(rf'{{"creationTime":"{CREATION}",', text), text
    return re.sub(CREATION, "TIME", text, count=1)


def test_plug_and_pull_tell_online_and_unplugged_in_the_bytes_of_the_spec(rig):
    rig.configure(webhooks=[rig.webhook(129, "Webhook for All events") | {"url": rig.receiver.url + "/all"}])
    rig.start()
    phone = rig.testbed.plug("pixel", serial="ce0917198075440c057e")
    rig.receiver.wait_for_callback("ce0917198075440c057e", "online")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("ce0917198075440c057e", "unplugged")
    rig.prove_quiet()
    mine = [r for r in rig.receiver.accepted() if r.what[0] != "SENTINEL"]
    expected = ('{{"creationTime":"TIME","eventType":"DEVICE","eventActivity":"device.{}","eventDescription":"{}",'
                '"deviceUdid":"ce0917198075440c057e","deviceName":"Pixel 7","orgId":2,"webhookId":129,'
                '"webhookName":"Webhook for All events"}}')
    assert [body(r) for r in mine] == [expected.format("status.online", "Online"),
                                       expected.format("state.unplugged", "Unplugged")]


def test_headers_are_what_the_contract_says(rig):
    rig.start()
    before = int(time.time())
    rig.testbed.plug(serial="HEADERS")
    request = rig.receiver.wait_for_callback("HEADERS", "online")
    assert (request.method, request.path) == ("POST", "/all")
    assert request["content-type"] == "application/json; charset=utf-8"
    assert re.fullmatch(r"plughook/\S+", request["user-agent"])
    assert re.fullmatch(r"msg_[0-9A-Za-z]{20,}", request["webhook-id"])
    assert before <= int(request["webhook-timestamp"]) <= time.time() + 1
    assert request["plughook-sequence"] == "1"
    assert request["content-length"] == str(len(request.body))
    names = [name.lower() for name, _ in request.headers]
    assert not {"expect", "transfer-encoding", "cookie"} & set(names), names


def test_an_iphone_goes_by_its_dashed_identifier_also_while_unconfigured(rig):
    rig.start()
    rig.testbed.plug("iphone", serial="00008110001A2B3C4D5E6F70", configuration=0)
    rig.receiver.wait_for_callback("00008110-001A2B3C4D5E6F70", "online")


def test_what_is_no_phone_is_not_told(rig):
    rig.start()
    things = [rig.testbed.plug(serial=f"THING{n}", **fields) for n, fields in enumerate((
        dict(profile="stick", interfaces=["08/06/50:Mass Storage"]),
        dict(profile="bare", interfaces=["03/01/01+int:Keyboard"], vid=0x046D, pid=0xC31C),
        dict(profile="bare", interfaces=["02/02/01+int:ACM", "0a/00/00"], vid=0x2341, pid=0x0043)))]
    for thing in things:
        rig.testbed.unplug(thing)
    rig.prove_quiet()
    assert rig.told() == []


def test_a_phone_without_any_identity_is_not_told(rig):
    rig.start()
    for serial in (None, "", "????????????"):
        rig.testbed.unplug(rig.testbed.plug("pixel", serial=serial))
    rig.prove_quiet()
    assert rig.told() == []


def test_each_webhook_gets_the_events_that_it_asked_for(rig):
    rig.configure(webhooks=[rig.webhook(1, "arrivals", ["online"]), rig.webhook(2, "departures", ["unplugged"])])
    rig.start()
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", path="/arrivals")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged", path="/departures")
    rig.prove_quiet()
    assert rig.told() == [("/arrivals", "A", "online"), ("/departures", "A", "unplugged")]


def test_a_public_device_is_not_told(rig):
    rig.configure(devices=[{"udid": "PUBLIC", "group": "public"}])
    rig.start()
    phone = rig.testbed.plug(serial="PUBLIC")
    rig.wait_until_recorded("PUBLIC", "online")
    rig.testbed.unplug(phone)
    rig.wait_until_recorded("PUBLIC", "unplugged")
    rig.prove_quiet()
    assert rig.told() == []


def test_a_phone_in_fastboot_is_offline_and_online_when_it_is_back(rig):
    rig.configure(detection={"unplugSettleMs": 1000})  # the time it has to come back in; it takes microseconds here
    rig.start()
    phone = rig.testbed.plug(serial="F")
    rig.receiver.wait_for_callback("F", "online")
    phone = rig.testbed.replug(phone, profile="fastboot")
    rig.receiver.wait_for_callback("F", "offline")
    rig.testbed.replug(phone, profile="pixel")
    rig.receiver.wait_for_callback("F", "online", count=2)
    rig.prove_quiet()
    assert [event for _, _, event in rig.told()] == ["online", "offline", "online"]


def test_lanes_keep_their_order_and_number_without_gaps(rig):
    rig.start()
    phones = rig.testbed.storm(20)
    for count in range(1, 6):
        for phone in phones:
            rig.receiver.wait_for_callback(phone.spec["serial"], "online", count)
        if count == 5:
            break
        for phone in phones:
            rig.testbed.unplug(phone)
        for phone in phones:
            rig.receiver.wait_for_callback(phone.spec["serial"], "unplugged", count)
        phones = [rig.testbed.plug(bus=p.bus, port=p.port, serial=p.spec["serial"]) for p in phones]
    for lane, requests in rig.receiver.lanes().items():
        assert [r.sequence for r in requests] == list(range(1, 10)), lane
        assert [r.what[1] for r in requests] == ["online", "unplugged"] * 4 + ["online"], lane


def test_a_hundred_at_once_are_told_once_each_to_each_webhook(rig):
    rig.configure(webhooks=[rig.webhook(1, "one"), rig.webhook(2, "two")])
    rig.start()
    phones = rig.testbed.storm(100)
    for phone in phones:
        for path in ("/one", "/two"):
            rig.receiver.wait_for_callback(phone.spec["serial"], "online", path=path, seconds=30)
    for phone in phones:
        rig.testbed.unplug(phone)
    for phone in phones:
        for path in ("/one", "/two"):
            rig.receiver.wait_for_callback(phone.spec["serial"], "unplugged", path=path, seconds=30)
    rig.prove_quiet()
    assert sorted(rig.told()) == sorted((path, p.spec["serial"], event) for p in phones for path in ("/one", "/two")
                                        for event in ("online", "unplugged"))
