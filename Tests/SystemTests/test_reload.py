"""The configuration changes while the agent runs: what acts when, and what is wrong with a new one stays outside."""
import json
import os
import signal

import pytest

from patience import wait_for
from receiver import Answer


def in_force(agent, count=1):
    """Waits until so many configurations have come into force since the start."""
    wait_for(lambda: agent.log.count("event=configuration.inForce") >= count, 20, f"{count} × configuration.inForce")


def refused(agent, count=1):
    wait_for(lambda: agent.log.count("event=configuration.refused") >= count, 20, f"{count} × configuration.refused")


def as_an_editor(path, text):
    """Writes a new file and renames it over the old one."""
    with open(path + ".swp", "w") as f:
        f.write(text)
    os.rename(path + ".swp", path)


def in_place(path, text):
    with open(path, "w") as f:
        f.write(text)


def as_configuration_management(path, text):
    """Makes of the file a link to a directory's file, and points that elsewhere."""
    for generation in range(2):
        folder = f"{path}.{generation}"
        os.makedirs(folder)
        in_place(os.path.join(folder, "config.json"), text if generation else open(path).read())
        os.symlink(os.path.join(folder, "config.json"), path + ".link")
        os.rename(path + ".link", path)


@pytest.mark.parametrize("write", [as_an_editor, in_place, as_configuration_management])
def test_a_saved_file_acts_on_the_next_event(rig, write):
    rig.configure(webhooks=[rig.webhook(1, "new"), rig.webhook(2, "second", ["online"])], orgId=77)
    after = open(rig.config_path).read()
    rig.configure(webhooks=[rig.webhook(1, "old")]).start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    write(rig.config_path, after)
    # A file that was read while it was being written is refused first, and the old one may be found in force again.
    rig.agent.wait_for_log('event=configuration.inForce change="2 webhooks')
    rig.testbed.plug(serial="B")
    request = rig.receiver.wait_for_callback("B", "online")
    wait_for(lambda: len([r for r in rig.receiver.accepted() if r.what[0] == "B"]) == 2, 10, "both webhooks")
    assert request.json["orgId"] == 77
    rig.prove_quiet()
    assert sorted(rig.told()) == [("/new", "B", "online"), ("/old", "A", "online"), ("/second", "B", "online")]


def test_a_reload_by_itself_is_no_event(rig):
    rig.start()
    for serial in "AB":
        rig.testbed.plug(serial=serial)
        rig.receiver.wait_for_callback(serial, "online")
    rig.configure(devices=[{"udid": "A", "name": "Bench A"}, {"udid": "B", "ignore": True}])
    in_force(rig.agent)
    rig.agent.process.send_signal(signal.SIGHUP)
    in_force(rig.agent, 2)
    rig.prove_quiet()
    assert sorted(rig.told()) == [("/all", "A", "online"), ("/all", "B", "online")]
    assert rig.events().count(("A", "online")) == rig.events().count(("B", "online")) == 1


def test_a_new_name_is_in_the_next_callback(rig):
    rig.start()
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    rig.configure(devices=[{"udid": "A", "name": "Bench A"}])
    in_force(rig.agent)
    rig.testbed.unplug(phone)
    assert rig.receiver.wait_for_callback("A", "unplugged").json["deviceName"] == "Bench A"


def test_a_new_url_acts_on_what_waits(rig):
    rig.receiver.decide = lambda request: Answer(500) if request.path == "/broken" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "broken")]).start()
    rig.testbed.plug(serial="A")
    rig.agent.wait_for_log("event=callback.failed")
    rig.configure(webhooks=[rig.webhook(1, "mended")])
    in_force(rig.agent)
    request = rig.receiver.wait_for_callback("A", "online", seconds=40)
    # The bytes were frozen when the event happened.
    assert (request.path, request.json["webhookName"]) == ("/mended", "broken")


@pytest.mark.parametrize("how", ["the webhook is deleted", "the device becomes public"])
def test_what_waits_is_cancelled_on_record(rig, how):
    rig.receiver.decide = lambda request: Answer(500) if request.what[0] == "A" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "doomed"), rig.webhook(2, "other", ["utilizing"])]).start()
    phone = rig.testbed.plug(serial="A")
    rig.agent.wait_for_log("event=callback.failed")
    rig.testbed.unplug(phone)
    rig.wait_until_recorded("A", "unplugged")
    if how == "the webhook is deleted":
        rig.configure(webhooks=[rig.webhook(2, "other")])
    else:
        rig.configure(webhooks=[rig.webhook(1, "doomed")], devices=[{"udid": "A", "group": "public"}])
    in_force(rig.agent)
    states = lambda: [row["state"] for row in rig.query("SELECT state FROM callback WHERE device = 'A'")]
    wait_for(lambda: states() == ["cancelled", "cancelled"], 10, "both to be cancelled")
    attempts = len(rig.receiver.requests)
    rig.prove_quiet()
    assert [r for r in rig.receiver.requests[attempts:] if r.what[0] == "A"] == []
    rig.start()
    assert states() == ["cancelled", "cancelled"]


def test_a_webhook_that_comes_back_by_its_name_is_the_same(rig):
    named = {k: v for k, v in rig.webhook(0, "named").items() if k != "id"}
    rig.configure(webhooks=[named]).start()
    rig.testbed.plug(serial="A")
    first = rig.receiver.wait_for_callback("A", "online")
    rig.configure(webhooks=[])
    in_force(rig.agent)
    rig.configure(webhooks=[named])
    in_force(rig.agent, 2)
    rig.testbed.plug(serial="B")
    assert rig.receiver.wait_for_callback("B", "online").json["webhookId"] == first.json["webhookId"]


def test_phones_come_and_go_while_the_file_is_saved_without_end(rig):
    rig.start()
    for round in range(20):
        rig.configure(orgId=round + 1)
        phone = rig.testbed.plug(serial="A")
        rig.receiver.wait_for_callback("A", "online", count=round + 1)
        rig.testbed.unplug(phone)
        rig.receiver.wait_for_callback("A", "unplugged", count=round + 1)
    rig.prove_quiet()
    assert [what for _, _, what in rig.told()] == ["online", "unplugged"] * 20
    assert "orgId\": 20" in open(rig.config_path).read()


def deep(levels):
    return "[" * levels + "]" * levels


WEBHOOK = '{"name": "A", "url": "https://example.com/", "events": ["online"]}'
#: What is wrong, and the place and words that tell it.
BROKEN = {
    "truncated": ('{"orgId": 2, "webhooks": [', ":1:"),
    "empty": ("", "1:1"),
    "no object": ("[]", "1:1"),
    "not JSON": ("orgId: 2\n", "1:1"),
    "comment": ('{\n// mine\n"orgId": 2}', ":2:1"),
    "trailing comma": ('{"orgId": 2,}', ":1:12"),
    "unknown key": ('{"orgid": 2}', "orgId"),
    "wrong type": ('{"orgId": "two"}', "/orgId"),
    "out of range": ('{"delivery": {"maxConcurrent": 0}}', "/delivery/maxConcurrent"),
    "duplicate key": ('{"orgId": 2, "orgId": 3}', ":1:14"),
    "duplicate names": (f'{{"webhooks": [{WEBHOOK}, {WEBHOOK}]}}', "/webhooks/1/name"),
    "bad URL": ('{"webhooks": [{"name": "A", "url": "ftp://x", "events": ["online"]}]}', "/webhooks/0/url"),
    "no event": ('{"webhooks": [{"name": "A", "url": "https://x.example", "events": []}]}', "/webhooks/0/events"),
    "unknown event": ('{"webhooks": [{"name": "A", "url": "https://x.example", "events": ["on"]}]}', "/webhooks/0/events/0"),
    "name too long": (WEBHOOK.replace('"A"', '"' + "A" * 51 + '"').join(['{"webhooks": [', "]}"]), "/webhooks/0/name"),
    "missing name": ('{"webhooks": [{"url": "https://x.example", "events": ["online"]}]}', "/webhooks/0"),
    "unknown backlog": (WEBHOOK.replace("}", ', "backlog": "oldest"}').join(['{"webhooks": [', "]}"]), "/webhooks/0/backlog"),
    "deep nesting": (deep(10_000), ":1:"),
    "50 MB": ('{"orgId": 2, "x": "' + "x" * 50_000_000 + '"}', "larger than"),
    "not UTF-8": (b'{"orgId": 2, "host": {"id": "\xff\xfe"}}', ":1:"),
    "another state directory": ('{"stateDirectory": "/nowhere"}', "stateDirectory"),
}


def test_every_broken_file_is_told_with_its_place_and_the_old_one_stays(rig):
    rig.start()
    good = open(rig.config_path, "rb").read()
    for count, (kind, (text, told)) in enumerate(BROKEN.items(), 1):
        with open(rig.config_path + ".new", "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        seen = len(rig.agent.log)
        os.rename(rig.config_path + ".new", rig.config_path)
        refused(rig.agent, count)
        faults = [line for line in rig.agent.log[seen:].splitlines() if "event=configuration.fault" in line]
        assert any(told in line for line in faults), (kind, faults)
        phone = rig.testbed.plug(serial="A")
        rig.receiver.wait_for_callback("A", "online", count=count)
        rig.testbed.unplug(phone)
        rig.receiver.wait_for_callback("A", "unplugged", count=count)
    assert rig.agent.notify.said("STATUS")[-1].endswith("the configuration file is refused")
    with open(rig.config_path + ".new", "wb") as f:
        f.write(good)
    os.rename(rig.config_path + ".new", rig.config_path)
    in_force(rig.agent)
    wait_for(lambda: not rig.agent.notify.said("STATUS")[-1].endswith("refused"), 10, "the status to be well again")
    rig.prove_quiet()


def test_a_byte_order_mark_does_no_harm(rig):
    rig.start()
    with open(rig.config_path, "rb") as f:
        text = f.read().replace(b'"orgId": 2', b'"orgId": 3')
    with open(rig.config_path, "wb") as f:
        f.write(b"\xef\xbb\xbf" + text)
    in_force(rig.agent)
    rig.testbed.plug(serial="A")
    assert rig.receiver.wait_for_callback("A", "online").json["orgId"] == 3


def test_a_file_that_is_gone_leaves_the_old_one_until_it_is_back(rig):
    rig.start()
    text = open(rig.config_path).read()
    os.unlink(rig.config_path)
    refused(rig.agent)
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    in_place(rig.config_path, text.replace('"orgId": 2', '"orgId": 5'))
    in_force(rig.agent)
    rig.testbed.plug(serial="B")
    assert rig.receiver.wait_for_callback("B", "online").json["orgId"] == 5


def test_sighup_reads_again_and_tells_the_manager_when_it_is_done(rig):
    rig.start()
    ready = len(rig.agent.notify.said("READY"))
    rig.agent.process.send_signal(signal.SIGHUP)
    wait_for(lambda: len(rig.agent.notify.said("READY")) > ready, 10, "READY=1 after the reload")
    keys = [next(iter(fields)) for _, fields in rig.agent.notify.messages if {"READY", "RELOADING"} & set(fields)]
    assert keys[-2:] == ["RELOADING", "READY"]
    # Of the same clock and never ahead of it (sd_notify(3)).
    at, fields = next(m for m in rig.agent.notify.messages if "RELOADING" in m[1])
    assert 0 < int(fields["MONOTONIC_USEC"]) <= at // 1000
    rig.agent.wait_for_log("event=configuration.inForce.*change=none")


def test_the_settle_time_of_the_new_file_is_the_one_that_counts(rig):
    rig.configure(detection={"unplugSettleMs": 60_000}).start()
    rig.configure(detection={"unplugSettleMs": 0})
    in_force(rig.agent)
    phone = rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("B", "unplugged")


def test_a_reload_under_load_loses_and_doubles_nothing(rig):
    rig.start()
    phones = rig.testbed.storm(30)
    for n in range(30):
        rig.configure(webhooks=[rig.webhook(1, "all")], orgId=n + 3)
        rig.testbed.unplug(phones[n])
    for phone in phones:
        rig.receiver.wait_for_callback(phone.spec["serial"], "unplugged")
    rig.prove_quiet()
    assert sorted(rig.told()) == sorted(
        ("/all", phone.spec["serial"], what) for phone in phones for what in ("online", "unplugged"))
    assert json.load(open(rig.config_path))["orgId"] == 32
