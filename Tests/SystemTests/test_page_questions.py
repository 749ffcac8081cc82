"""What the page asks while a webhook is being written: whom a filter means, what would be sent, and a secret for it."""
import json
import os
import stat

import pytest

from patience import wait_for
from test_signatures import verified

WEBHOOK = {"name": "new", "url": "http://127.0.0.1:9/", "events": ["online"]}


def ask(rig, path, body, expect=200):
    return rig.api.do("POST", path, body, expect=expect)


def pointers(problem):
    return [fault["pointer"] for fault in problem["faults"]]


@pytest.fixture
def began(rig):
    rig.configure(webhooks=[rig.webhook(1, "hook-1")]).start()
    for serial in ("A1", "A2", "B1"):
        rig.testbed.plug(serial=serial)
        rig.receiver.wait_for_callback(serial, "online", path="/hook-1")
    return rig


@pytest.mark.parametrize("body, meant", [
    ({}, ["A1", "A2", "B1"]), ({"devices": {}}, ["A1", "A2", "B1"]), ({"devices": {"udids": ["B1"]}}, ["B1"]),
    ({"devices": {"platforms": ["ios"]}}, []), ({"devices": {"udids": ["A1", "Z"], "platforms": ["android"]}}, ["A1"])])
def test_a_filter_is_tried_before_it_is_saved(began, body, meant):
    found = ask(began, "/v1/webhooks/match", body)
    assert [device["udid"] for device in found["devices"]] == meant
    assert found["others"] == 3 - len(meant)
    assert len(began.api.get("/v1/webhooks")["webhooks"]) == 1


def test_a_filter_that_is_none_is_told_all_that_is_wrong(began):
    wrong = {"devices": {"platforms": ["windows"], "udids": []}, "events": ["online"]}
    assert set(pointers(ask(began, "/v1/webhooks/match", wrong, 422))) == {
        "/devices/platforms/0", "/devices/udids", "/events"}


def test_what_is_not_saved_is_previewed(began):
    body = json.loads(ask(began, "/v1/webhooks/preview?event=unplugged&device=A1", WEBHOOK)["body"])
    saved = began.api.get("/v1/webhooks/1/preview?event=unplugged&device=A1")
    assert body.keys() == json.loads(saved["body"]).keys()
    assert "A1" in json.dumps(body)
    assert ask(began, "/v1/webhooks/preview", {**WEBHOOK, "format": "cloudevents-binary"})["headers"]
    ask(began, "/v1/webhooks/preview?device=nobody", WEBHOOK, 404)
    ask(began, "/v1/webhooks/preview?event=gone", WEBHOOK, 400)
    assert pointers(ask(began, "/v1/webhooks/preview", {**WEBHOOK, "url": "x"}, 422)) == ["/url"]
    assert len(began.api.get("/v1/webhooks")["webhooks"]) == 1


def test_a_template_that_is_not_saved_is_previewed(began):
    with open(os.path.join(os.path.dirname(began.config_path), "slack.mustache"), "w") as f:
        f.write('{"text": "phone {{deviceUdid}}"}')
    asked = {**WEBHOOK, "format": "template", "template": {"file": "slack.mustache"}}
    assert ask(began, "/v1/webhooks/preview?device=A1", asked)["body"] == '{"text": "phone A1"}'
    asked["template"]["file"] = "nothing.mustache"
    problem = ask(began, "/v1/webhooks/preview?device=A1", asked, 422)
    assert pointers(problem) == ["/template"] and "nothing.mustache" in problem["faults"][0]["problem"]


def test_a_secret_is_made_once_and_signs(began):
    """The file is for the agent and its group; what is there already is left alone."""
    made = ask(began, "/v1/page/secrets", {"name": "ci-secret"}, 201)
    assert made["name"] == "ci-secret" and made["secret"].startswith("whsec_")
    path = os.path.join(os.path.dirname(began.config_path), "ci-secret")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    with open(path) as f:
        assert f.read() == made["secret"] + "\n"
    refused = ask(began, "/v1/page/secrets", {"name": "ci-secret"}, 409)
    assert "already" in refused["detail"] and made["secret"] not in json.dumps(refused)
    with open(path) as f:
        assert f.read() == made["secret"] + "\n"
    signed = ask(began, "/v1/webhooks", {**WEBHOOK, "url": began.webhook(9, "hook-9")["url"],
                                         "secrets": [{"file": "ci-secret"}]}, 201)
    assert signed["secrets"] == [{"file": "ci-secret"}]
    ask(began, f"/v1/webhooks/{signed['id']}/test", None)
    sent, = began.receiver.wait(lambda requests: [r for r in requests if r.path == "/hook-9"])
    assert verified(sent, made["secret"]) == ["good"]
    entry, = wait_for(lambda: [e for e in began.api.get("/v1/audit")["entries"] if e["action"] == "secret.create"], 10,
                      "the audit trail")
    assert entry["subject"] == "file ci-secret"
    assert made["secret"] not in json.dumps(began.api.get("/v1/audit")) + began.agent.log


def test_a_file_that_is_there_is_never_written_over(began):
    with open(began.config_path) as f:
        before = f.read()
    ask(began, "/v1/page/secrets", {"name": os.path.basename(began.config_path)}, 409)
    folder = os.path.dirname(began.config_path)
    os.symlink("elsewhere", os.path.join(folder, "link"))
    ask(began, "/v1/page/secrets", {"name": "link"}, 409)
    assert not os.path.exists(os.path.join(folder, "elsewhere"))
    with open(began.config_path) as f:
        assert f.read() == before


@pytest.mark.parametrize("name", [
    "", "../x", "/etc/x", "a/b", ".hidden", "..", "-x", "a b", "a\u0000", "é", "x" * 65, 7, None])
def test_a_name_that_leads_elsewhere_is_refused(began, name):
    assert pointers(ask(began, "/v1/page/secrets", {"name": name}, 422)) == ["/name"]


def test_a_secret_needs_a_name(began):
    ask(began, "/v1/page/secrets", {}, 422)
    assert pointers(ask(began, "/v1/page/secrets", {"name": "a", "mode": 7}, 422)) == ["/mode"]
