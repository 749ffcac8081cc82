"""Where callbacks may go to: by the file, by the command line, and not by whoever may merely edit webhooks."""
import json

from patience import wait_for
from receiver import Answer
from test_doctor import doctor
from test_reload import in_place
from test_tcp import ask, free_port, say

LOOPBACK = ["127.0.0.0/8", "::1/128"]


def away(rig, webhook=1):
    return rig.api.get(f"/v1/webhooks/{webhook}").get("away", {}).get("outcome")


def test_a_host_denies_an_address_and_permits_it_later(rig):
    rig.configure(delivery={"addresses": {"deny": LOOPBACK}}).start()
    rig.testbed.plug(serial="A")
    assert wait_for(lambda: away(rig), 20, "the refusal") == "blocked"
    assert rig.receiver.requests == []
    attempt = rig.api.get(f"/v1/deliveries/{rig.api.get('/v1/deliveries')['deliveries'][0]['id']}")["attempts"][0]
    assert "127.0.0.1 is in 127.0.0.0/8, which is denied: nothing is sent there" in attempt["detail"]
    assert any("allow the receiver's address" in p for p in rig.api.status()["problems"]), rig.api.status()
    test = rig.command("webhooks", "test", "all")
    assert test.returncode != 0 and "which is denied" in test.stdout + test.stderr
    receiver, = doctor(rig).some("receiver")
    assert "127.0.0.1 is in 127.0.0.0/8, which is denied" in receiver["found"] and '"addresses"' in receiver["mend"]
    with open(rig.config_path) as file:
        config = json.load(file)
    config["delivery"]["addresses"] = {"deny": LOOPBACK, "allow": ["127.0.0.1"]}
    in_place(rig.config_path, json.dumps(config))
    rig.receiver.wait_for_callback("A", "online")


def test_a_webhook_denies_for_itself_from_the_command_line(rig):
    rig.start()
    changed = rig.command("webhooks", "edit", "all", "--deny-address", "127.0.0.0/8", "--deny-address", "::1")
    assert changed.returncode == 0, changed
    rig.testbed.plug(serial="A")
    assert wait_for(lambda: away(rig), 20, "the refusal") == "blocked"
    assert "denied 127.0.0.0/8 ::1" in rig.command("webhooks", "show", "all").stdout
    assert rig.command("webhooks", "edit", "all", "--public-only", "--allow-address", "127.0.0.1").returncode == 0
    with open(rig.config_path) as file:
        assert json.load(file)["webhooks"][0]["addresses"] == {
            "allow": ["127.0.0.1"], "deny": ["127.0.0.0/8", "::1"], "publicOnly": True}
    rig.receiver.wait_for_callback("A", "online")
    assert rig.command("webhooks", "edit", "all", "--host-addresses").returncode == 0
    assert rig.api.get("/v1/webhooks/1")["addresses"] == {"allow": [], "deny": [], "publicOnly": False}
    refused = rig.command("webhooks", "edit", "all", "--allow-address", "10.1.2.3/8")
    assert refused.returncode == 65 and 'give "10.0.0.0/8"' in refused.stderr, refused
    assert rig.command("webhooks", "edit", "all", "--host-addresses", "--public-only").returncode == 64


def test_a_redirect_to_a_clouds_metadata_is_not_followed(rig):
    rig.receiver.decide = lambda request: Answer(302, [("Location", "http://169.254.169.254/latest/meta-data/")])
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait(lambda requests: requests)
    delivery = rig.api.get("/v1/deliveries")["deliveries"][0]["id"]
    attempt = wait_for(lambda: rig.api.get(f"/v1/deliveries/{delivery}")["attempts"], 20, "the attempt on record")[0]
    assert attempt["outcome"] == "redirect" and "169.254.169.254, not followed" in attempt["detail"]


def test_an_editor_of_webhooks_allows_nothing_that_the_host_has_not(rig):
    port = free_port()
    rig.configure(control={"socket": rig.socket_path, "http": {"listen": f"127.0.0.1:{port}"}}).start()
    token = say(rig, "tokens", "create", "board", "--permissions", "device.view,org_setting.modify")
    made = {"name": "m", "url": "http://169.254.169.254/latest/", "events": ["online"]}
    allowing = {"addresses": {"allow": ["169.254.169.254"]}}
    status, answer = ask(port, "/v1/webhooks", token, "POST", {**made, **allowing})
    assert status == 403 and "169.254.169.254" in answer["detail"], answer
    assert ask(port, "/v1/webhooks", token, "POST", made)[0] == 201
    status, answer = ask(port, "/v1/webhooks/1", token, "PATCH", {"addresses": {"deny": ["10.0.0.0/8"]}})
    assert status == 200 and answer["addresses"]["deny"] == ["10.0.0.0/8"]
    # What root has allowed may stay where others edit.
    rig.api.do("PATCH", "/v1/webhooks/1", allowing, content_type="application/merge-patch+json")
    assert ask(port, "/v1/webhooks/1", token, "PATCH", {"description": "x", **allowing})[0] == 200
    more = {"addresses": {"allow": ["169.254.169.254", "fe80::/10"]}}
    assert ask(port, "/v1/webhooks/1", token, "PATCH", more)[0] == 403
