"""What a receiver wants to see before it takes a callback: authentication, headers of its own."""
import base64
import json

from test_signatures import secret


def one(request, name):
    return [value for n, value in request.headers if n.lower() == name]


def test_callbacks_authenticate_by_bearer_and_by_basic(rig):
    secret(rig, "token", "tok-EN_1")
    secret(rig, "password", "open sesame")
    rig.configure(webhooks=[
        {**rig.webhook(1, "bearer"), "auth": {"bearer": {"file": "token"}}, "headers": {"X-Team": "payments"}},
        {**rig.webhook(2, "basic"), "auth": {"basic": {"user": "plug", "password": {"env": "PASSWORD"}}}},
        rig.webhook(3, "bare")]).start(PASSWORD="open sesame")
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=3)
    found = {r.path: (one(r, "authorization"), one(r, "x-team")) for r in rig.receiver.requests}
    basic = "Basic " + base64.b64encode(b"plug:open sesame").decode()
    assert found == {"/bearer": (["Bearer tok-EN_1"], ["payments"]), "/basic": ([basic], []), "/bare": ([], [])}
    # Nobody sees it: neither a viewer nor a reader of the log, of the answers or of the database.
    shown = json.dumps([rig.api.get("/v1/webhooks"), rig.api.get("/v1/config")]) + rig.agent.log
    assert "tok-EN_1" not in shown and "sesame" not in shown and base64.b64encode(b"plug:open sesame").decode() not in shown
    assert '"file": "token"' in shown


def test_they_are_changed_from_the_command_line(rig):
    secret(rig, "token", "t1")
    secret(rig, "password", "p1")
    rig.start(PASSWORD="env", TOKEN="t-env")

    def sent(serial, *arguments):
        changed = rig.command("webhooks", "edit", "all", *arguments)
        assert changed.returncode == 0, changed
        rig.testbed.plug(serial=serial)
        request = rig.receiver.wait_for_callback(serial, "online")
        return one(request, "authorization"), one(request, "x-a"), one(request, "x-b")

    assert sent("A", "--bearer-file", "token", "--header", "X-A: 1", "--header", "X-B:2") == (["Bearer t1"], ["1"], ["2"])
    # One way takes the other's place; a header comes to those that are there.
    basic = "Basic " + base64.b64encode(b"u:p1").decode()
    assert sent("B", "--basic-user", "u", "--basic-file", "password", "--header", "X-A: one") == ([basic], ["one"], ["2"])
    with open(rig.config_path) as file:
        written = json.load(file)["webhooks"][0]
    assert written["auth"] == {"basic": {"user": "u", "password": {"file": "password"}}}
    assert sent("C", "--no-auth", "--no-headers") == ([], [], [])
    shown = rig.command("webhooks", "show", "all").stdout
    assert "authorization" in shown and "none" in shown
    # From one place to the other, which a merge alone would leave beside it.
    assert sent("D", "--basic-user", "u", "--basic-file", "password")[0] == [basic]
    assert sent("E", "--basic-user", "u", "--basic-env", "PASSWORD")[0] == [
        "Basic " + base64.b64encode(b"u:env").decode()]
    assert sent("F", "--bearer-env", "TOKEN")[0] == ["Bearer t-env"]
    assert sent("G", "--bearer-file", "token")[0] == ["Bearer t1"]
    for wrong in (["--basic-user", "u"], ["--bearer-file", "a", "--bearer-env", "B"], ["--no-auth", "--bearer-env", "B"],
                  ["--no-headers", "--header", "a: b"], ["--header", "nothing"], ["--basic-file", "a"]):
        assert rig.command("webhooks", "edit", "all", *wrong).returncode == 64, wrong
    refused = rig.command("webhooks", "edit", "all", "--header", "Host: elsewhere")
    assert refused.returncode == 65 and "the agent's own" in refused.stderr


def test_a_new_webhook_authenticates_from_its_first_callback(rig):
    secret(rig, "token", "t1")
    secret(rig, "password", "p1")
    rig.start()
    for name, words in (("b", ["--bearer-file", "token"]), ("c", ["--basic-user", "u", "--basic-file", "password"])):
        made = rig.command("webhooks", "create", "--name", name, "--url", f"{rig.receiver.url}/{name}", *words)
        assert made.returncode == 0, made
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=3)
    found = {r.path: one(r, "authorization") for r in rig.receiver.requests}
    assert found == {"/all": [], "/b": ["Bearer t1"], "/c": ["Basic " + base64.b64encode(b"u:p1").decode()]}
