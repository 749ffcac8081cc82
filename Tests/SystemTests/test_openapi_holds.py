"""The OpenAPI document against the running agent: schemathesis asks all that it allows, and much that it forbids."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

import pytest

from agent import TOP
from forwarder import NOBODY, Forwarder
from patience import patience
from test_tcp import ask, free_port, say

SCHEMATHESIS = os.path.abspath(os.path.join(TOP, ".build/test-venv/bin/schemathesis"))
#: For each of two ways, the socket and TCP; those who are asked for share it.
SECONDS = int(os.environ.get("PLUGHOOK_FUZZ_SECONDS", "30"))
#: Of a token.
ALL = "device.view,org_setting.modify"
#: That each wrong body is refused and each right one taken is more than a schema can say: a URL, a unique name.
CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method", "allow_header_conformance"]


def begin(rig, **control):
    """A running agent with something to tell."""
    rig.configure(webhooks=[rig.webhook(n, f"hook-{n}") for n in (1, 2, 3)],
                  control={"socket": rig.socket_path, **control}).start()
    phones = [rig.testbed.plug(serial=serial) for serial in "ABC"]
    for serial in "ABC":
        rig.receiver.wait_for_callback(serial, "online", path="/hook-1")
    rig.testbed.unplug(phones[0])
    rig.receiver.wait_for_callback("A", "unplugged", path="/hook-1")


@contextlib.contextmanager
def reached(rig, **rights):
    """The address of the way to the socket of an agent that has begun."""
    # pytest's own folders are closed to other users.
    folder = tempfile.mkdtemp(prefix="plughook-open.")
    os.chmod(folder, 0o755)
    rig.socket_path = rig.api.path = os.path.join(folder, "control.sock")
    try:
        begin(rig)
        with forwarded(rig.socket_path, **rights) as url:
            yield url
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def forwarded(place, **rights):
    forwarder = Forwarder(place, **rights)
    try:
        yield forwarder.url
    finally:
        forwarder.close()


def fuzz(rig, url, share, *arguments):
    """Asks for that share of the seconds."""
    if not os.path.exists(SCHEMATHESIS):
        pytest.fail(f"no schemathesis at {SCHEMATHESIS}: packaging/test installs it")
    document = os.path.join(rig.folder, "openapi.json")
    with open(document, "w") as f:
        json.dump(rig.api.get("/v1/openapi.json"), f)
    done = subprocess.run(
        [SCHEMATHESIS, "run", document, "--url", url, "--checks", ",".join(CHECKS), *arguments,
         "--seed", "1", "--max-time", str(max(1, round(SECONDS * share))), "--no-color", "--continue-on-failure",
         "--suppress-health-check", "all"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience(SECONDS + 120),
        cwd=rig.folder)
    print(done.stdout[-3000:])
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]


def assert_untouched(rig, config):
    with open(rig.config_path) as f:
        assert f.read() == config
    made = {"token.create"}
    assert [e for e in rig.api.get("/v1/audit")["entries"]
            if not e["actor"].startswith("file") and e["action"] not in made] == []
    assert len(rig.api.get("/v1/webhooks")["webhooks"]) == 3


def assert_alive(rig):
    assert rig.agent.is_running and rig.api.status()["phase"] == "ready"
    assert "A request has failed" not in rig.agent.log


def test_with_permission_nothing_undocumented_comes_back(rig):
    with reached(rig) as url:
        fuzz(rig, url, 2 / 3)
        assert_alive(rig)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_without_permission_nothing_undocumented_comes_back(rig):
    with reached(rig, user=NOBODY) as url:
        with open(rig.config_path) as f:
            before = f.read()
        fuzz(rig, url, 1 / 3)
        assert_alive(rig)
        assert_untouched(rig, before)


@pytest.mark.parametrize("permissions, share", [(ALL, 1 / 2), ("device.view", 1 / 4), (None, 1 / 4)])
def test_over_tcp_nothing_undocumented_comes_back(rig, permissions, share):
    """With a token for all, with one for looking, and without one where there are some."""
    port = free_port()
    begin(rig, http={"listen": f"127.0.0.1:{port}"})
    token = say(rig, "tokens", "create", "asks", "--permissions", permissions or "device.view")
    with open(rig.config_path) as f:
        before = f.read()
    arguments = ["--header", f"Authorization: Bearer {token}"] if permissions else []
    if permissions == ALL:
        # It finds its own name in the list, and with it revoked the rest would be refused; the socket's run has this one.
        arguments += ["--exclude-operation-id", "revokeToken"]
    with forwarded(port) as url:
        fuzz(rig, url, share, *arguments)
    assert_alive(rig)
    assert ask(port, "/v1/devices", token)[0] == 200, "the token was good to the end"
    if permissions != ALL:
        assert_untouched(rig, before)


def test_an_event_stream_that_the_forwarder_ends_is_whole(rig):
    """Else its schema would not be looked at."""
    with reached(rig) as url:
        with urllib.request.urlopen(f"{url}/v1/events/stream?after=0", timeout=patience(10)) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            assert answer.read().count(b"event: status") == 4


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_stranger_is_told_which_group_may(rig):
    with reached(rig, user=NOBODY) as url:
        assert urllib.request.urlopen(f"{url}/healthz").status == 200
        for path, group in (("/v1/devices", "plughook-view"), ("/v1/config", "plughook-admin"),
                            ("/v1/events/stream", "plughook-view")):
            with pytest.raises(urllib.error.HTTPError) as refusal:
                urllib.request.urlopen(url + path)
            assert refusal.value.code == 403 and group in refusal.value.read().decode()
