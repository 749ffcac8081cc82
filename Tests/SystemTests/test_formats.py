"""The body's other forms: what arrives, read by those who made the forms; templates; previews."""
import json
import os
import subprocess
import urllib.parse

import pytest

from agent import TOP
from patience import patience, wait_for
from receiver import Answer
from test_signatures import PYTHON
from test_tcp import ask, free_port, say

TEMPLATES = os.path.join(TOP, "packaging/templates")

#: By the SDK of CloudEvents: what it makes of a request, as the attributes and the data that a program would see.
READ = """
import json, sys
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
asked = json.load(sys.stdin)
event = from_http_event(HTTPMessage(headers=asked["headers"], body=asked["body"].encode()))
attributes = {k: str(v) for k, v in event.get_attributes().items()}
print(json.dumps({"attributes": attributes, "data": event.get_data()}))
"""


def as_cloud_event(request):
    asked = {"headers": {name.lower(): value for name, value in request.headers}, "body": request.body.decode()}
    read = subprocess.run([PYTHON, "-c", READ], input=json.dumps(asked), capture_output=True, text=True,
                          timeout=patience(30))
    assert read.returncode == 0, read.stderr
    return json.loads(read.stdout)


def content_type(request):
    return [value for name, value in request.headers if name.lower() == "content-type"]


def test_the_extended_form_tells_all_that_is_known(rig):
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "format": "kobiton-extended"}],
                  host={"id": "rack-3", "labels": {"site": "hanoi"}}).start()
    rig.testbed.plug(serial="A")
    online = rig.receiver.wait_for_callback("A", "online").json
    assert list(online)[-1] == "plughook" and len(online) == 10
    assert online["plughook"] == {
        "hostId": "rack-3", "hostLabels": {"site": "hanoi"}, "eventId": 1, "sequence": 1, "previousStatus": None,
        "reason": None, "platform": "android", "portPath": "1-1.1", "hubPath": "1-1", "sessionOwners": []}
    assert rig.command("sessions", "start", "--device", "A", "--owner", "ann").returncode == 0
    told = rig.receiver.wait_for_callback("A", "utilizing").json["plughook"]
    assert (told["sessionOwners"], told["previousStatus"], told["sequence"]) == (["ann"], "online", 2)


@pytest.mark.parametrize("form,kind", [
    ("cloudevents", "application/cloudevents+json; charset=utf-8"), ("cloudevents-binary", "application/json; charset=utf-8")])
def test_cloud_events_are_read_by_their_own_sdk(rig, form, kind):
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "format": form}, rig.webhook(2, "plain")],
                  host={"id": "rack 3/Hà Nội"}).start()
    serial = 'S "%" 1'
    rig.testbed.plug(serial=serial)
    requests = rig.receiver.wait(lambda requests: requests if len(requests) == 2 else None)
    request, plain = sorted(requests, key=lambda r: r.path)
    assert content_type(request) == [kind]
    event = as_cloud_event(request)
    attributes = event["attributes"]
    assert event["data"] == {**plain.json, "webhookId": 1, "webhookName": "all"}
    assert attributes["subject"] == plain.json["deviceUdid"]
    assert attributes["type"] == "io.plughook.device.status.online"
    assert urllib.parse.unquote(attributes["source"]) == "/hosts/rack 3/Hà Nội" and attributes["specversion"] == "1.0"
    assert attributes["time"].startswith(plain.json["creationTime"][:10]) and attributes["id"].startswith("1-")
    test = rig.command("webhooks", "test", "all")
    assert test.returncode == 0, test
    sent = [r for r in rig.receiver.requests if r.path == "/all"][-1]
    assert as_cloud_event(sent)["attributes"]["type"] == "io.plughook.test"


def test_a_template_is_filled_in_and_frozen(rig):
    path = os.path.join(os.path.dirname(rig.config_path), "own.mustache")
    with open(path, "w") as file:
        file.write("{{deviceUdid}} is {{status}} on {{hostId}}, number {{sequence}}")
    rig.receiver.decide = lambda request: Answer(503)
    template = {"file": "own.mustache", "contentType": "text/plain; charset=utf-8"}
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "format": "template", "template": template}], host={"id": "h"}).start()
    rig.testbed.plug(serial="A")
    first, = rig.receiver.wait(lambda requests: requests)
    assert (first.body, content_type(first)) == (b"A is online on h, number 1", ["text/plain; charset=utf-8"])
    # Another template does not change what was said; nor does a restart, with the body and its type from the disk.
    with open(path, "w") as file:
        file.write('{"text": "{{deviceName}}"}')
    edited = rig.command("webhooks", "edit", "all", "--content-type", "application/json")
    assert edited.returncode == 0, edited
    rig.receiver.decide = lambda request: Answer()
    rig.agent.terminate()
    rig.start()
    again = rig.receiver.wait(lambda requests: [r for r in requests if r.id == first.id and r is not first], seconds=60)[-1]
    assert (again.body, content_type(again)) == (first.body, content_type(first))
    rig.testbed.plug(serial="B")
    other = rig.receiver.wait(lambda requests: [r for r in requests if r.id != first.id])[0]
    assert (other.json, content_type(other)) == ({"text": "Pixel 7"}, ["application/json"])


def test_chats_are_told_by_the_templates_that_come_along(rig):
    webhooks = [{**rig.webhook(n, name), "format": "template", "template": {"file": f"{TEMPLATES}/{name}.mustache"}}
                for n, name in enumerate(("slack", "teams", "discord"), 1)]
    rig.configure(webhooks=webhooks, host={"id": "rack-3"}).start()
    rig.testbed.plug(serial='"<!channel>"')
    requests = rig.receiver.wait(lambda requests: requests if len(requests) == 3 else None)
    told = {r.path: r.json for r in requests}
    blocks = told["/slack"]["blocks"]
    assert blocks[0]["text"] == {"type": "plain_text", "text": "🟢 Pixel 7: Online"}
    assert "rack-3, port 1-1.1" in blocks[1]["elements"][0]["text"]
    card = told["/teams"]["attachments"][0]["content"]
    assert card["body"][0]["inlines"][0]["text"] == "Pixel 7: Online" and card["type"] == "AdaptiveCard"
    embed = told["/discord"]["embeds"][0]
    assert (embed["title"], embed["color"]) == ("Pixel 7: Online", 5025616)
    assert told["/discord"]["allowed_mentions"] == {"parse": []}


def test_a_preview_is_what_would_be_sent(rig):
    rig.configure(host={"id": "rack-3"}).start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    made = rig.command("webhooks", "edit", "all", "--template", f"{TEMPLATES}/slack.mustache")
    assert made.returncode == 0, made
    preview = rig.command("webhooks", "preview", "all", "--event", "unplugged", "--device", "A")
    assert preview.returncode == 0 and "🔴 Pixel 7: Unplugged" in json.loads(preview.stdout)["blocks"][0]["text"]["text"]
    assert preview.stderr.strip() == "plughook: Content-Type: application/json; charset=utf-8"
    # Of no phone at all, and in another form.
    assert rig.command("webhooks", "edit", "all", "--format", "cloudevents-binary").returncode == 0
    preview = rig.command("webhooks", "preview", "all")
    assert json.loads(preview.stdout)["eventActivity"] == "device.status.offline"
    assert "plughook: ce-type: io.plughook.device.status.offline" in preview.stderr.splitlines()
    with open(rig.config_path) as file:
        assert "template" not in json.load(file)["webhooks"][0]
    assert rig.command("webhooks", "preview", "all", "--device", "none").returncode == 66
    assert rig.command("webhooks", "preview", "all", "--event", "gone").returncode == 64
    assert rig.command("webhooks", "preview", "none").returncode == 66
    assert len(rig.receiver.requests) == 1


def test_a_new_webhook_has_its_form_and_its_addresses_from_its_first_callback(rig):
    rig.configure(webhooks=[]).start()
    for name, *words in (("ce", "--format", "cloudevents", "--host-addresses"), ("own", "--template", f"{TEMPLATES}/teams.mustache"),
                         ("plain", "--format", "kobiton", "--deny-address", "10.0.0.0/8")):
        made = rig.command("webhooks", "create", "--name", name, "--url", f"{rig.receiver.url}/{name}", *words)
        assert made.returncode == 0, made
    rig.testbed.plug(serial="A")
    requests = rig.receiver.wait(lambda requests: requests if len(requests) == 3 else None)
    kinds = {r.path: content_type(r)[0].partition(";")[0] for r in requests}
    assert kinds == {"/ce": "application/cloudevents+json", "/own": "application/json", "/plain": "application/json"}
    assert [w["addresses"]["deny"] for w in rig.api.get("/v1/webhooks")["webhooks"]] == [[], [], ["10.0.0.0/8"]]


def test_a_template_that_is_wrong_is_refused_with_its_line(rig):
    path = os.path.join(os.path.dirname(rig.config_path), "bad.mustache")
    with open(path, "w") as file:
        file.write('{\n  "text": "{{deviceNam}}"\n}')
    rig.start()
    refused = rig.command("webhooks", "edit", "all", "--template", "bad.mustache")
    assert refused.returncode == 65 and "bad.mustache:2:14: there is no word \"deviceNam\"; did you mean {{deviceName}}?" in refused.stderr, refused
    assert rig.command("webhooks", "edit", "all", "--format", "cloudevents", "--template", "a.mustache").returncode == 64
    assert rig.api.get("/v1/webhooks/1")["format"] == "kobiton"
    # What was good, and is not any more, leaves the old configuration in force.
    with open(path, "w") as file:
        file.write("{}")
    assert rig.command("webhooks", "edit", "all", "--template", "bad.mustache").returncode == 0
    with open(path, "w") as file:
        file.write('[1')
    reload = rig.command("reload")
    assert reload.returncode != 0 and "is no JSON" in reload.stdout + reload.stderr, reload
    rig.testbed.plug(serial="A")
    assert rig.receiver.wait(lambda requests: requests)[0].body == b"{}"


def test_an_editor_of_webhooks_has_no_other_file_sent(rig):
    port = free_port()
    rig.configure(control={"socket": rig.socket_path, "http": {"listen": f"127.0.0.1:{port}"}}).start()
    token = say(rig, "tokens", "create", "board", "--permissions", "device.view,org_setting.modify")
    for name in ("config.json", "/etc/shadow", "../secret", "/tmp/x.mustache"):
        change = {"format": "template", "template": {"file": name, "contentType": "text/plain"}}
        status, answer = ask(port, "/v1/webhooks/1", token, "PATCH", change)
        assert status in (403, 422), (name, answer)
    assert rig.api.get("/v1/webhooks/1")["format"] == "kobiton"
