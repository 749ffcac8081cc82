"""A webhook hears of the phones that it asked for, and of no other."""
import json
import re

from patience import wait_for


def scoped(rig, **scopes):
    webhooks = [{**rig.webhook(n, name), "devices": scope} for n, (name, scope) in enumerate(scopes.items(), 1)]
    rig.configure(webhooks=webhooks, devices=[
        {"udid": "A", "name": "Bench A", "labels": {"team": "payments"}}, {"udid": "B", "name": "Bench B"},
        {"udid": "SECRET", "group": "public"}]).start()


def told(rig, name):
    return [device for path, device, _ in rig.told() if path == f"/{name}"]


def test_each_hears_of_its_own(rig):
    udid = "00008030-001A35E40212402E"
    scoped(rig, everything={}, mine={"labels": {"team": "payments"}}, named={"names": ["Bench ?"], "udids": ["B", "C"]},
           iphones={"platforms": ["ios"]}, hub={"ports": ["1-1.*"], "platforms": ["android"]})
    rig.testbed.plug(serial="A", port="1.1")
    rig.testbed.plug(serial="B", port="2.1")
    rig.testbed.plug(serial="SECRET", port="1.2")
    rig.testbed.plug(profile="iphone", serial=udid.replace("-", ""), port="1.3")
    for serial in ("A", "B", udid):
        rig.receiver.wait_for_callback(serial, "online")
    rig.prove_quiet()
    assert sorted(told(rig, "everything")) == sorted(["A", "B", udid])
    assert (told(rig, "mine"), told(rig, "named"), told(rig, "iphones"), told(rig, "hub")) == (["A"], ["B"], [udid], ["A"])


def test_match_says_who_would_be_told_of(rig):
    scoped(rig, mine={"labels": {"team": "payments"}}, everything={})
    for serial in ("A", "B", "SECRET"):
        rig.testbed.plug(serial=serial)
    rig.receiver.wait_for_callback("B", "online")
    match = rig.api.get("/v1/webhooks/1/match")
    wait_for(lambda: len(rig.api.get("/v1/webhooks/2/match")["devices"]) == 2, 10, "both to be known")
    assert match["devices"] == [{"udid": "A", "name": "Bench A", "status": "online"}] and match["others"] == 2
    assert match["events"] == ["online", "offline", "utilizing", "unplugged"]
    shown = rig.command("webhooks", "match", "mine")
    assert shown.returncode == 0 and [line.split()[0] for line in shown.stdout.splitlines()] == ["UDID", "A"]
    assert "of 1 phones, and not of 2 others" in shown.stderr
    assert rig.api.do("GET", "/v1/webhooks/77/match", expect=404)


def test_the_scope_is_changed_while_it_runs_and_acts_on_new_events(rig):
    rig.start()
    made = rig.command("webhooks", "edit", "all", "--platform", "ios", "--device-label", "team=payments")
    assert made.returncode == 0 and "ios, and team=payments" in made.stdout
    rig.testbed.plug(serial="A")
    rig.wait_until_recorded("A", "online")
    changed = rig.command("webhooks", "edit", "all", "--platform", "android", "--device-label", "team=search")
    assert "android, and team=search" in changed.stdout
    with open(rig.config_path) as file:
        assert json.load(file)["webhooks"][0]["devices"] == {"platforms": ["android"], "labels": {"team": "search"}}
    assert re.search(r"^phones +all$", rig.command("webhooks", "edit", "all", "--all-devices").stdout, re.M)
    rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online")
    rig.prove_quiet()
    assert "A" not in [device for _, device, _ in rig.told()]
    refused = rig.command("webhooks", "edit", "all", "--all-devices", "--udid", "A")
    assert refused.returncode == 64 and "--all-devices goes without" in refused.stderr
