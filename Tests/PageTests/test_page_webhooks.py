"""Webhook Settings: a webhook's whole life by hand, what is wrong beside its field, and two people at one webhook."""
import base64
import hmac
import os

from patience import wait_for
from receiver import Answer


def saved(rig, name):
    return next((w for w in rig.api.get("/v1/webhooks")["webhooks"] if w["name"] == name), None)


def test_a_webhook_is_created_called_edited_and_deleted(host, rig, page):
    page.press("Webhook Settings")
    page.press("Create Webhook")
    page.write("Name", "By hand")
    page.write("URL", f"{rig.receiver.url}/by-hand")
    page.write("Description", "for the rack")
    page.toggle("Online")
    page.toggle("Unplugged")
    page.press("Add a header")
    page.field("Name of the header").send_keys("X-Team")
    page.field("Value of the header").send_keys("payments")
    page.press("Save")
    page.wait_for_text("Definition")
    made = saved(rig, "By hand")
    assert made["events"] == ["online", "unplugged"] and made["description"] == "for the rack"
    assert made["headers"] == {"X-Team": "payments"}
    phone = rig.testbed.plug(serial="HANDY", port="1.1")
    request = rig.receiver.wait_for_callback("HANDY", "online", path="/by-hand")
    assert request["x-team"] == "payments"
    page.wait_for_text("Delivered", "main")
    assert '"eventDescription": "Online"' in page.text(".preview")

    page.press("Edit")
    page.write("Description", "")
    page.toggle("Online")
    page.toggle("Offline")
    page.press("Save")
    wait_for(lambda: saved(rig, "By hand")["events"] == ["offline", "unplugged"], 10, lambda: saved(rig, "By hand"))
    assert saved(rig, "By hand")["description"] == "" and saved(rig, "By hand")["id"] == made["id"]
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("HANDY", "unplugged", path="/by-hand")

    page.wait_for_text("Definition")
    page.press("Suspend")
    page.wait_for_text("Suspended")
    phone = rig.testbed.plug(serial="HANDY", port="1.1")
    rig.wait_until_recorded("HANDY", "online", 2)
    rig.testbed.unplug(phone)
    wait_for(lambda: saved(rig, "By hand")["waiting"] == 1, 10, "a callback that waits")
    page.press("Delete…")
    page.wait_for_text("1 callback waits for its receiver: what still waits is cancelled", "dialog")
    page.press("Cancel", within="dialog")
    assert saved(rig, "By hand") and page.focused() == "Delete…", "the focus is where it was"
    page.press("Delete…")
    page.press("Delete", within="dialog")
    wait_for(lambda: saved(rig, "By hand") is None, 10, "the webhook to be gone")
    page.wait_for_text("Create Webhook", "main")
    assert "By hand" not in page.text("main")


def test_what_is_wrong_is_said_beside_its_field_in_the_words_of_the_api(rig, page):
    page.go("#/webhooks/new")
    page.write("URL", "ftp://example.com")
    page.write("Description", "d" * 513)
    assert "513 of 512" in page.text("main")
    page.press("Advanced: time-outs, TLS, proxy, addresses")
    page.write("Time-out in milliseconds", "soon")
    page.write("Proxy", "nowhere")
    page.write("Pins", "sha1")
    page.press("Add a header")
    page.field("Name of the header").send_keys("Host")
    page.field("Value of the header").send_keys("x")
    page.choose("Format of the body", "template")
    page.press("Save")
    wait_for(lambda: page.fault_of("Name") == "is empty: give text of 1 to 50 characters", 10, lambda: page.text("main"))
    assert page.fault_of("URL") == "does not start with http:// or https://: give an absolute URL"
    assert page.fault_of("Description") == "has 513 characters: shorten it to 512 characters at most"
    assert page.fault_of("Online") == "is empty: give 1 to 4"
    assert page.fault_of("Proxy").startswith("is no proxy: ") and "milliseconds" in page.fault_of("Time-out in milliseconds")
    assert page.fault_of("Pins").startswith("0: is no pin: ") and "template" in page.fault_of("Format of the body")
    assert 'Host: "Host" is the agent\'s own: give another name' in page.text("main")
    assert page.run("return document.activeElement.labels[0].innerText") == "Name", "the first that is wrong has the focus"
    assert page.field("Name").get_attribute("aria-invalid") == "true"

    page.write("Name", "all")
    page.write("URL", "http://" + "u" * 506)
    page.write("Description", "")
    page.write("Time-out in milliseconds", "15000")
    page.write("Proxy", "host")
    page.write("Pins", "")
    page.press("Remove this header")
    page.choose("Format of the body", "kobiton")
    page.toggle("Online")
    page.press("Save")
    wait_for(lambda: page.fault_of("URL").startswith("has 513 characters"), 10, lambda: page.text("main"))
    page.write("URL", f"{rig.receiver.url}/x")
    page.press("Save")
    wait_for(lambda: page.fault_of("Name").startswith("Another webhook has this name."), 10, lambda: page.text("main"))
    page.write("Name", "signed")
    page.choose("Authentication", "bearer")
    page.field("Token: its name").send_keys("ci-token")
    page.press("Add a secret that is there")
    page.field("Secret: its name").send_keys("ci-secret")
    page.press("Save")
    wait_for(lambda: "there is no such file" in page.fault_of("Authentication"), 10, lambda: page.text("main"))
    assert "0: the secret's file" in page.text("main")
    page.choose("Authentication", "")
    page.press("Remove this secret")
    assert len(rig.api.get("/v1/webhooks")["webhooks"]) == 1, "nothing was created"
    page.write("Name", "n" * 51)
    page.press("Save")
    wait_for(lambda: page.fault_of("Name").startswith("has 51 characters"), 10, lambda: page.fault_of("Name"))
    page.write("Name", "n" * 49 + "\u00e9")
    page.press("Save")
    wait_for(lambda: len(rig.api.get("/v1/webhooks")["webhooks"]) == 2, 10, "it to be created")


def test_two_people_at_one_webhook_lose_nothing(host, rig, page, make_browser):
    other = make_browser()
    other.sign_in(host.link())
    for one in (page, other):
        one.go("#/webhooks/1/edit")
        one.field("Name")
    other.write("Description", "by the other")
    other.write("Name", "theirs")
    other.press("Save")
    other.wait_for_text("Definition")
    page.write("Name", "mine")
    page.toggle("Online")
    page.press("Save")
    page.wait_for_text("Somebody else has changed this webhook since you began")
    assert page.value("Description") == "by the other", "what they alone changed is taken over"
    assert page.value("Name") == "mine" and "Yours: mine" in page.text("main") and "Theirs: theirs" in page.text("main")
    assert saved(rig, "theirs")["events"] == ["online", "offline", "utilizing", "unplugged"], "nothing was overwritten"
    page.run("[...document.querySelectorAll('.choice label')].find((e) => e.innerText.includes('Theirs')).click()")
    assert page.value("Name") == "theirs"
    page.press("Save")
    page.wait_for_text("Definition")
    now = saved(rig, "theirs")
    assert now["events"] == ["offline", "utilizing", "unplugged"] and now["description"] == "by the other"

    for one in (page, other):
        one.go("#/webhooks/1/edit")
        one.wait_for_text("Edit theirs")
    page.write("Description", "kept")
    rig.api.do("DELETE", "/v1/webhooks/1")
    page.press("Save")
    page.wait_for_text("Somebody else has deleted this webhook meanwhile")
    page.press("Save")
    page.wait_for_text("Definition")
    assert saved(rig, "theirs")["description"] == "kept"


def test_a_test_says_what_it_came_to_and_hostile_answers_stay_text(rig, page):
    rig.receiver.decide = lambda request: Answer(500, body=b"<script>window.owned = 1</script>" + b"\xff" + b"x" * 10_000)
    page.go("#/webhooks/1")
    page.press("Send test")
    page.wait_for_text("Receiver's error", "main")
    page.wait_for_text("<script>window.owned = 1</script>", ".answer")
    assert "first byte" in page.text("main") and page.run("return window.owned === undefined") and not page.all("main script")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    page.press("Disable")
    page.wait_for_text("Off: no callbacks are made")
    page.press("Enable")
    page.wait_for_text("Sending", "dl.facts")


def test_a_filter_is_kept_and_taken_back(rig, page):
    rig.testbed.plug(serial="FILTER-1", port="1.1")
    rig.receiver.wait_for_callback("FILTER-1", "online")
    page.go("#/webhooks/1/edit")
    page.wait_for_text("Matches 1 phone; 0 others", ".match")
    page.write("Names", "Galaxy*\nPixel*")
    page.write("Ports", "1-9.*")
    page.wait_for_text("Matches 0 phones; 1 others", ".match")
    page.toggle("Android")
    page.press("Save")
    page.wait_for_text("Definition")
    page.wait_for_text("Matches 0 phones")
    assert rig.api.get("/v1/webhooks/1")["devices"] == {"names": ["Galaxy*", "Pixel*"], "ports": ["1-9.*"],
                                                          "platforms": ["android"]}
    page.press("Edit")
    page.write("Ports", "")
    page.press("Save")
    page.wait_for_text("Definition")
    page.wait_for_text("Matches 1 phone;")
    page.press("Edit")
    page.write("Names", "")
    page.toggle("Android")
    page.press("Save")
    page.wait_for_text("all but public ones")
    assert rig.api.get("/v1/webhooks/1")["devices"] == {}


def test_a_secret_is_made_and_shown_once(rig, page):
    page.go("#/webhooks/1/edit")
    page.write("Name of the new secret's file", "../no")
    page.press("Make a new secret")
    page.wait_for_text("characters", "form")
    page.write("Name of the new secret's file", "page-secret")
    page.press("Make a new secret")
    page.wait_for_text("shown this once")
    secret = page.text(".secret code")
    assert page.value("Secret: its name") == "page-secret"
    page.press("Save")
    page.wait_for_text("file page-secret")
    assert secret.startswith("whsec_") and secret not in page.run("return document.documentElement.outerHTML")
    with open(os.path.join(rig.folder, "page-secret")) as file:
        assert file.read().strip() == secret
    rig.testbed.plug(serial="SIGNED", port="1.1")
    request = rig.receiver.wait_for_callback("SIGNED", "online")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{request.id}.{request['webhook-timestamp']}.".encode() + request.body
    assert request["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def test_what_is_written_is_previewed_before_it_is_saved(rig, page):
    page.go("#/webhooks/1/edit")
    page.write("Name", "not yet")
    page.press("What would be sent")
    page.wait_for_text('"webhookName": "not yet"', ".preview")
    page.choose("Event", "unplugged")
    page.wait_for_text('"eventActivity": "device.state.unplugged"', ".preview")
    page.choose("Format of the body", "cloudevents")
    page.toggle("Offline")
    page.wait_for_text('"specversion": "1.0"', ".preview")
    page.write("Name", "")
    page.wait_for_text("/name: is empty", ".preview")
    assert rig.api.get("/v1/webhooks/1")["name"] == "all"
