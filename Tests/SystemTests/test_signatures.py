"""Who sent it, and was it changed: signatures by Standard Webhooks, verified by its reference library from PyPI."""
import email.utils
import http.client
import json
import os
import pathlib
import shlex
import subprocess
import time

import pytest

from agent import BINARY, TOP
from patience import patience, wait_for
from receiver import Answer
from test_command_line import Listener

EX_CONFIG = 78
PYTHON = os.path.join(TOP, ".build/test-venv/bin/python")
OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

VERIFY = """
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
asked = json.load(sys.stdin)
for secret in asked["secrets"]:
    try:
        Webhook(secret).verify(asked["body"].encode(), asked["headers"])
        print("good")
    except WebhookVerificationError as error:
        print("bad")
"""


def verified(request, *secrets):
    """What the reference library says of it, for each secret."""
    headers = {name: request[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    asked = {"secrets": secrets, "headers": headers, "body": request.body.decode()}
    return subprocess.run([PYTHON, "-c", VERIFY], input=json.dumps(asked), capture_output=True, text=True, check=True,
                          timeout=patience(30)).stdout.split()


def secret(rig, name, text=OLD, mode=0o640):
    path = os.path.join(rig.folder, name)
    with open(path, "w") as file:
        file.write(text + "\n")
    os.chmod(path, mode)
    return path


def signed(rig, *secrets):
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "secrets": list(secrets)}])
    return rig


def test_callbacks_retries_and_tests_are_signed(rig):
    secret(rig, "ci-secret")
    answers = iter([500, 200])
    rig.receiver.decide = lambda request: Answer(next(answers, 200))
    signed(rig, {"file": "ci-secret"}).start()
    rig.testbed.plug(serial="A")
    wait_for(lambda: len(rig.receiver.requests) == 2, 20, "the retry")
    assert rig.command("webhooks", "test", "all").returncode == 0
    first, second, test = rig.receiver.requests
    assert first["webhook-id"] == second["webhook-id"] and first.body == second.body
    assert first["webhook-timestamp"] != second["webhook-timestamp"], "each attempt has its own time, and signature"
    for request in (first, second, test):
        assert verified(request, OLD, NEW) == ["good", "bad"]


def test_a_secret_is_made_used_and_rotated(rig):
    rig.start()
    for name in ("first", "second"):
        made = subprocess.run(f"umask 027; {shlex.quote(BINARY)} webhooks secret new > {rig.folder}/{name}", shell=True)
        assert made.returncode == 0
    keys = [open(os.path.join(rig.folder, name)).read().strip() for name in ("first", "second")]
    assert rig.command("webhooks", "edit", "all", "--secret-file", "first").returncode == 0
    rig.testbed.plug(serial="A")
    assert verified(rig.receiver.wait_for_callback("A", "online"), *keys) == ["good", "bad"]
    shown = rig.command("webhooks", "secret", "rotate", "all", "--secret-file", "second", "--overlap", "7d")
    assert shown.returncode == 0 and "file second, file first until 20" in shown.stdout
    rig.testbed.plug(serial="B")
    assert verified(rig.receiver.wait_for_callback("B", "online"), *keys) == ["good", "good"]
    # An end that has come is another matter than the file: the old one is used no more.
    with open(rig.config_path) as file:
        configuration = json.load(file)
    webhook, = configuration["webhooks"]
    assert [s["file"] for s in webhook["secrets"]] == ["second", "first"]
    webhook["secrets"][1]["notAfter"] = "2026-01-01T00:00:00Z"
    with open(rig.config_path, "w") as file:
        json.dump(configuration, file)
    assert rig.command("reload").returncode == 0
    rig.testbed.plug(serial="C")
    assert verified(rig.receiver.wait_for_callback("C", "online"), *keys) == ["bad", "good"]
    assert rig.command("webhooks", "edit", "all", "--unsigned").returncode == 0
    rig.testbed.plug(serial="D")
    assert "webhook-signature" not in [name.lower() for name, _ in rig.receiver.wait_for_callback("D", "online").headers]
    # Nowhere but in its file.
    rig.agent.terminate()
    told = rig.agent.log + json.dumps([dict(row) for row in rig.query("SELECT * FROM audit")]) + open(rig.config_path).read()
    with open(os.path.join(rig.state, "plughook.sqlite3"), "rb") as file:
        database = file.read()
    for key in keys:
        assert key[6:] not in told and key[6:].encode() not in database


def test_the_environment_may_hold_it(rig):
    signed(rig, {"env": "CI_SECRET"}).start(CI_SECRET=NEW)
    rig.testbed.plug(serial="A")
    assert verified(rig.receiver.wait_for_callback("A", "online"), NEW) == ["good"]


def test_the_file_itself_may_hold_it_where_nobody_else_reads_that(rig):
    signed(rig, {"value": OLD})
    os.chmod(rig.config_path, 0o644)
    agent = rig.launch()
    assert agent.wait() == EX_CONFIG and f"run: chmod 640 {rig.config_path}" in agent.log and OLD not in agent.log
    os.chmod(rig.config_path, 0o640)
    rig.start()
    rig.testbed.plug(serial="A")
    assert verified(rig.receiver.wait_for_callback("A", "online"), OLD) == ["good"]
    # Edits leave it where it is, and put none there.
    shown = rig.command("webhooks", "edit", "all", "--description", "signed")
    assert shown.returncode == 0 and "in the configuration file" in shown.stdout
    with open(rig.config_path) as file:
        assert json.load(file)["webhooks"][0]["secrets"] == [{"value": OLD}]
    secret(rig, "ci-secret", NEW)
    rotation = rig.command("webhooks", "secret", "rotate", "all", "--secret-file", "ci-secret")
    assert rotation.returncode == 65 and "would put a secret into the configuration file" in rotation.stderr
    # Its mode is looked at with each reading.
    os.chmod(rig.config_path, 0o644)
    assert rig.command("reload").returncode == EX_CONFIG
    rig.testbed.plug(serial="B")
    assert verified(rig.receiver.wait_for_callback("B", "online"), OLD) == ["good"]
    answers = json.dumps([rig.api.get(path) for path in ("/v1/webhooks/1", "/v1/config", "/v1/audit", "/v1/status")])
    assert "(not shown)" in answers
    told = answers + rig.agent.log + shown.stdout + rotation.stderr
    rig.agent.kill()
    kept = b"".join(path.read_bytes() for path in pathlib.Path(rig.state).rglob("*") if path.is_file())
    assert OLD not in told and OLD[6:] not in told and OLD[6:].encode() not in kept


def test_a_secret_that_cannot_be_read_stops_the_start(rig):
    path = secret(rig, "ci-secret", mode=0o644)
    agent = signed(rig, {"file": "ci-secret"}).launch()
    assert agent.wait() == EX_CONFIG
    assert f"run: chmod 640 {path}" in agent.log and "/webhooks/0/secrets/0" in agent.log and OLD not in agent.log
    checked = subprocess.run([BINARY, "check", "--config", rig.config_path], capture_output=True, text=True)
    assert checked.returncode == EX_CONFIG and "chmod 640" in checked.stderr
    os.unlink(path)
    checked = subprocess.run([BINARY, "check", "--config", rig.config_path], capture_output=True, text=True)
    assert "there is no such file" in checked.stderr and "plughook webhooks secret new" in checked.stderr


def test_a_reload_with_a_secret_that_is_gone_leaves_the_old_one_in_force(rig):
    path = secret(rig, "ci-secret")
    signed(rig, {"file": "ci-secret"}).start()
    os.unlink(path)
    refused = rig.command("reload")
    assert refused.returncode == EX_CONFIG and "there is no such file" in refused.stderr
    rig.testbed.plug(serial="A")
    assert verified(rig.receiver.wait_for_callback("A", "online"), OLD) == ["good"]
    # What is in the file is read again with the configuration.
    secret(rig, "ci-secret", NEW)
    assert rig.command("reload").returncode == 0
    rig.testbed.plug(serial="B")
    assert verified(rig.receiver.wait_for_callback("B", "online"), OLD, NEW) == ["bad", "good"]


def test_wrong_secrets_are_refused_where_they_are_given(rig):
    rig.start()
    missing = rig.command("webhooks", "create", "--name", "b", "--url", rig.receiver.url, "--secret-file", "nowhere")
    assert missing.returncode == 65 and "there is no such file" in missing.stderr
    assert [w["name"] for w in rig.api.get("/v1/webhooks")["webhooks"]] == ["all"]
    both = rig.command("webhooks", "edit", "all", "--unsigned", "--secret-env", "X")
    assert both.returncode == 64 and "--unsigned goes without" in both.stderr
    faults = rig.api.do("PATCH", "/v1/webhooks/1", {"secrets": [{"file": "a", "env": "B"}]}, expect=422,
                        **{"content-type": "application/merge-patch+json"})["faults"]
    assert [f["pointer"] for f in faults] == ["/secrets/0"]


def test_listen_verifies(rig, tmp_path):
    path = secret(rig, "ci-secret")
    listener = Listener("--json", "--secret-file", path)
    url = f"http://127.0.0.1:{listener.port}"
    rig.configure(webhooks=[{**rig.webhook(1, "good"), "url": f"{url}/good", "secrets": [{"file": "ci-secret"}]},
                            {**rig.webhook(2, "bare"), "url": f"{url}/bare"}]).start()
    rig.testbed.plug(serial="A")
    found = {}
    while len(found) < 2:
        line = json.loads(listener.process.stdout.readline())
        found[line["path"]] = line["signature"], line["status"]
    assert found == {"/good": ("good", 200), "/bare": ("missing", 401)}
    rig.agent.kill()
    connection = http.client.HTTPConnection("127.0.0.1", listener.port)
    connection.request("POST", "/bad", b"{}", {"webhook-id": "msg_1", "webhook-timestamp": "1614265330",
                                            "webhook-signature": "v1,AAAA"})
    assert connection.getresponse().status == 401
    shown = [json.loads(line) for line in listener.end().splitlines()]
    assert [line["signature"] for line in shown if line["path"] == "/bad"] == ["bad"]
    refused = subprocess.run([BINARY, "listen", "--secret-file", str(tmp_path / "none")], capture_output=True, text=True)
    assert refused.returncode == EX_CONFIG and "no such file" in refused.stderr


@pytest.mark.parametrize("seconds, words", [(200, "ahead of"), (-200, "behind")])
def test_a_receiver_with_another_time_is_told_of(rig, seconds, words):
    secret(rig, "ci-secret")
    skew = [seconds]
    rig.receiver.decide = lambda request: Answer(headers=(
        ("Date", email.utils.formatdate(time.time() + skew[0], usegmt=True)),))
    signed(rig, {"file": "ci-secret"}).start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    problem, = wait_for(lambda: rig.api.get("/v1/status")["problems"], 10, "the problem to be told")
    assert "receiver of webhook 1" in problem and words in problem
    assert abs(rig.api.metrics()['plughook_webhook_clock_skew_seconds{webhook="1"}'] - seconds) <= 2
    rig.agent.wait_for_log(r"event=webhook\.clockSkew.* webhook=1")
    # Within a minute it is none, and without a signature it is nobody's trouble.
    skew[0] = 50
    rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online")
    wait_for(lambda: rig.api.get("/v1/status")["problems"] == [], 10, "the problem to be over")
    assert rig.agent.log.count("webhook.clockSkew") == 1
