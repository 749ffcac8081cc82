"""The control API over loopback TCP, on a running agent: tokens, and an address that moves."""
import json
import os
import socket
import urllib.error
import urllib.request

from patience import wait_for


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, path, token=None, method="GET", body=None):
    """Status and document; None when nobody listens."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers, method=method,
                                     data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except urllib.error.URLError as error:
        assert isinstance(error.reason, ConnectionRefusedError), error
        return None


def say(rig, *arguments):
    """What a command prints, which must succeed."""
    done = rig.command(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def listen(rig, port):
    return rig.configure(control={"socket": rig.socket_path, "http": {"listen": f"127.0.0.1:{port}"}})


def move(rig, port):
    """Another address, in the file, as an editor does it."""
    with open(rig.config_path) as f:
        config = json.load(f)
    config["control"]["http"]["listen"] = f"127.0.0.1:{port}"
    with open(rig.config_path + ".new", "w") as f:
        json.dump(config, f)
    os.rename(rig.config_path + ".new", rig.config_path)


def test_a_token_opens_what_it_is_for_until_it_is_revoked(rig):
    """Created by the command line, kept as a digest in the file, shown once, named in the audit trail."""
    port = free_port()
    listen(rig, port)
    rig.start()
    assert wait_for(lambda: ask(port, "/healthz"), 10, "TCP to be served")[0] == 200
    assert ask(port, "/v1/devices")[0] == 401, "without any token there is nothing but /healthz"
    token = say(rig, "tokens", "create", "board", "--permissions", "device.view,org_setting.modify")
    with open(rig.config_path) as f:
        text = f.read()
    assert token not in text and '"board"' in text
    rig.testbed.plug(serial="SEEN")
    wait_for(lambda: [d["udid"] for d in ask(port, "/v1/devices", token)[1]["devices"]] == ["SEEN"], 10, "the phone")
    assert ask(port, "/v1/devices", "plughook_wrong")[0] == 401
    webhook = {"name": "by token", "url": "http://127.0.0.1:9/", "events": ["online"]}
    assert ask(port, "/v1/webhooks", token, "POST", webhook)[0] == 201
    trail = json.loads(say(rig, "audit", "--json"))["entries"]
    assert ("file", "configuration.change") not in {(e["actor"], e["action"]) for e in trail}
    assert ("token board", "webhook.create") in {(e["actor"], e["action"]) for e in trail}
    assert "token.create" in {e["action"] for e in trail}
    assert token not in json.dumps(trail)
    assert token not in rig.agent.log
    say(rig, "tokens", "revoke", "board", "--yes")
    assert ask(port, "/v1/devices", token)[0] == 401


def test_an_address_that_changes_is_opened_before_the_old_one_is_given_up(rig):
    first, second = free_port(), free_port()
    listen(rig, first)
    rig.start()
    token = say(rig, "tokens", "create", "ci", "--permissions", "device.view")
    move(rig, second)
    assert wait_for(lambda: ask(second, "/v1/devices", token), 10, "the new address")[0] == 200
    wait_for(lambda: ask(first, "/healthz") is None, 10, "the old address to be closed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        move(rig, taken.getsockname()[1])
        rig.agent.wait_for_log("event=control.unavailable")
        assert ask(second, "/v1/devices", token)[0] == 200, "the one before goes on"
        assert any("cannot listen" in p for p in json.loads(say(rig, "status", "--json"))["problems"])
