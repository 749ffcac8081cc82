"""Who has which phone: leases, what they are bound to, the queue, and what of it outlives the agent."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading

import pytest

import agent as agents
from api import UnixConnection
from patience import patience, wait_for
from test_tcp import ask, free_port, say

EX_TEMPFAIL = 75


def settled(rig, *serials, **configuration):
    """A running agent, and phones that are online."""
    rig.configure(**configuration).start()
    phones = [rig.testbed.plug(serial=serial) for serial in serials]
    for serial in serials:
        rig.receiver.wait_for_callback(serial, "online")
    return phones


def start(rig, device="A", expect=201, **order):
    if "any" not in order:
        order["device"] = device
    return rig.api.do("POST", "/v1/sessions", order, expect=expect)


def sessions(rig):
    return rig.api.get("/v1/sessions")["sessions"]


def waiting(rig):
    return rig.api.get("/v1/sessions")["waiting"]


def ended(rig, session, reason, seconds=10):
    """Waits until it has ended, and how that is shown."""
    shown = wait_for(lambda: (s := rig.api.get(f"/v1/sessions/{session['id']}")).get("endReason") and s, seconds,
                     f"the end of {session['id']}")
    assert shown["endReason"] == reason and shown["endedAt"]


def events(rig, serial="A"):
    """What the receiver was told of it; a killed agent may say its last word twice, under one id."""
    accepted = {r["webhook-id"]: r.what for r in rig.receiver.accepted()}
    return [event for device, event in accepted.values() if device == serial]


class Held:
    """A session that is bound to this connection."""

    def __init__(self, rig, path="/v1/sessions", order=None):
        self.connection = UnixConnection(rig.socket_path)
        body = None if order is None else json.dumps(order).encode()
        self.connection.request("POST", path, body, {"content-type": "application/json"} if body else {})
        self.response = self.connection.getresponse()
        assert self.response.status in (200, 201), self.response.read()
        self.session = json.loads(self.response.readline())

    def end(self):
        """The second line, which comes with its end."""
        return json.loads(self.response.readline())

    def close(self):
        self.response.close()
        self.connection.close()


@contextlib.contextmanager
def a_process():
    """One that lives until it is told to end."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run(rig, *arguments, command=("cat",), **options):
    return subprocess.Popen([agents.BINARY, "sessions", "run", "--socket", rig.socket_path, *arguments, "--", *command],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


# ---------------------------------------------------------------- the table
def test_a_start_is_told_and_an_end_is_not(rig):
    settled(rig, "A")
    session = start(rig, owner="team payments", labels={"build": "7"})
    rig.receiver.wait_for_callback("A", "utilizing")
    phone = rig.api.get("/v1/devices/A")
    assert phone["status"] == "utilizing" and phone["sessions"] == [session]
    assert session["owner"] == "team payments" and session["labels"] == {"build": "7"}
    text = rig.command("devices", "show", "A").stdout
    assert "team payments" in text and session["id"] in text
    assert rig.api.do("DELETE", f"/v1/sessions/{session['id']}")["endReason"] == "released"
    ended(rig, session, "released")
    assert rig.api.get("/v1/devices/A")["status"] == "online"
    # A second is told again.
    start(rig)
    rig.receiver.wait_for_callback("A", "utilizing", count=2)
    rig.prove_quiet()
    assert events(rig) == ["online", "utilizing", "utilizing"]


def test_a_pull_ends_its_sessions_and_is_told_once(rig):
    phone, = settled(rig, "A")
    session = start(rig)
    rig.receiver.wait_for_callback("A", "utilizing")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    ended(rig, session, "deviceUnplugged")
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    rig.prove_quiet()
    assert events(rig) == ["online", "utilizing", "unplugged", "online"]


def test_a_pull_within_the_grace_keeps_them(rig):
    phone, = settled(rig, "A", sessions={"unplugGraceSeconds": 600})
    session = start(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    rig.agent.kill()
    rig.start()
    assert [s["id"] for s in sessions(rig)] == [session["id"]]
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "utilizing", count=2)
    assert [s["id"] for s in sessions(rig)] == [session["id"]]


def test_refusals_say_why(rig):
    phone, = settled(rig, "A")
    assert start(rig, "Z", expect=404)["title"] == "Not found"
    held = start(rig, owner="ann", exclusive=True)
    refusal = start(rig, expect=409)["detail"]
    assert "ann" in refusal and held["id"] in refusal and held["idleDeadline"] in refusal
    assert "None of the 1 phones" in start(rig, any={"platform": "android"}, expect=409)["detail"]
    rig.testbed.replug(phone, profile="fastboot")
    rig.receiver.wait_for_callback("A", "offline")
    ended(rig, held, "deviceUnplugged")
    assert "bootloader" in start(rig, expect=409)["detail"]
    # With force it is recorded, and counts once the phone is ready.
    forced = start(rig, force=True)
    assert rig.api.get("/v1/devices/A")["status"] == "offline"
    rig.api.do("DELETE", f"/v1/sessions/{forced['id']}")
    rig.testbed.unplug(rig.testbed.present[1, phone.port])
    rig.receiver.wait_for_callback("A", "unplugged")
    assert "not plugged in" in start(rig, expect=409)["detail"]
    faults = rig.api.do("POST", "/v1/sessions", {"device": "A", "any": {}, "pid": 7, "ttlSeconds": 0}, expect=422)
    assert {f["pointer"] for f in faults["faults"]} == {"/pid", "/ttlSeconds", "/any"}


def test_every_start_and_end_is_in_the_history(rig):
    settled(rig, "A")
    with a_process() as process:
        session = start(rig, boundTo="process", pid=process.pid, owner="ann")
    ended(rig, session, "processExited")
    # The status as it was told stands beside them.
    found = [(e["status"], e.get("session", {}).get("change"), e.get("session", {}).get("reason"))
             for e in rig.api.get("/v1/events?device=A&after=0")["events"]]
    assert found == [("online", None, None), ("online", "started", None), ("utilizing", None, None),
                     ("utilizing", "ended", "processExited"), ("online", None, None)]
    text = rig.command("events", "--device", "A").stdout
    assert "ann" in text and "processExited" in text
    with contextlib.closing(rig.api.follow(after=0)) as reader:
        assert [name for name, _, _ in reader.wait_for(5)] == ["status", "session", "status", "session", "status"]


# ---------------------------------------------------------------- bound to life
def test_a_session_ends_with_its_process(rig):
    settled(rig, "A")
    with a_process() as process:
        session = start(rig, boundTo="process", pid=process.pid)
        assert session["pid"] == process.pid and "idleDeadline" not in session
        process.send_signal(signal.SIGKILL)
        # At once, and while it is a zombie still.
        ended(rig, session, "processExited")
    assert start(rig, boundTo="process", pid=process.pid, expect=409)["detail"].count("cannot be watched") == 1


def test_a_session_ends_with_its_connection(rig):
    settled(rig, "A")
    held = Held(rig, order={"device": "A", "boundTo": "connection"})
    rig.receiver.wait_for_callback("A", "utilizing")
    held.close()
    ended(rig, held.session, "connectionClosed")
    again = Held(rig, order={"device": "A", "boundTo": "connection"})
    rig.api.do("DELETE", f"/v1/sessions/{again.session['id']}")
    assert again.end()["endReason"] == "released"


def test_a_lease_ends_without_heartbeats(rig):
    settled(rig, "A")
    session = start(rig, ttlSeconds=1)
    ended(rig, session, "expired")
    late = rig.api.do("POST", f"/v1/sessions/{session['id']}/heartbeat", expect=409)
    assert "expired" in late["detail"]
    kept = start(rig, ttlSeconds=600)
    beaten = rig.api.do("POST", f"/v1/sessions/{kept['id']}/heartbeat")
    assert beaten["idleDeadline"] > kept["idleDeadline"]


def test_run_is_the_command(rig):
    settled(rig, "A")
    print_it = "import os, json; print(json.dumps([os.getpid(), {k: os.environ.get(k) for k in " \
               "('PLUGHOOK_SESSION', 'PLUGHOOK_UDID', 'ANDROID_SERIAL')}]), flush=True); input()"
    process = run(rig, "--device", "A", command=[sys.executable, "-c", print_it])
    pid, environment = json.loads(process.stdout.readline())
    session, = sessions(rig)
    assert pid == process.pid == session["pid"]
    assert environment == {"PLUGHOOK_SESSION": session["id"], "PLUGHOOK_UDID": "A", "ANDROID_SERIAL": "A"}
    # Exclusive: nobody else gets it meanwhile, unless he waits.
    second = run(rig, "--device", "A", command=["true"])
    assert second.wait(patience(20)) == EX_TEMPFAIL and session["id"] in second.stderr.read()
    third = run(rig, "--any", "--platform", "android", "--wait", "60s", command=["true"])
    wait_for(lambda: waiting(rig), 10, "the third to wait")
    process.communicate("\n", timeout=patience(20))
    assert process.returncode == 0
    assert third.wait(patience(20)) == 0
    wait_for(lambda: not sessions(rig), 10, "the phone to be free")


def test_run_frees_the_phone_however_the_command_ends(rig):
    settled(rig, "A")
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM):
        process = run(rig, "--device", "A", "--wait", "60s", command=["sh", "-c", "echo up; exec cat"])
        assert process.stdout.readline() == "up\n"
        session, = sessions(rig)
        process.send_signal(number)
        assert process.wait(patience(20)) == -number
        ended(rig, session, "processExited")
    process = run(rig, "--device", "A", command=["sh", "-c", "exit 42"])
    assert process.wait(patience(20)) == 42


# ---------------------------------------------------------------- the queue
def test_waiters_are_served_in_their_order(rig):
    settled(rig, "A")
    first = start(rig, exclusive=True)
    results = []

    def wait_in_line(owner):
        results.append(start(rig, exclusive=True, waitSeconds=60, owner=owner, ttlSeconds=600))

    threads = []
    for n, owner in enumerate(["ann", "ben", "cid"]):
        threads.append(threading.Thread(target=wait_in_line, args=(owner,)))
        threads[-1].start()
        wait_for(lambda: len(waiting(rig)) == n + 1, 10, f"{owner} to wait")
    assert [(w["position"], w["owner"], w["target"]) for w in waiting(rig)] == \
        [(1, "ann", "A"), (2, "ben", "A"), (3, "cid", "A")]
    rig.api.do("DELETE", f"/v1/sessions/{first['id']}")
    for served in range(1, 4):
        session = wait_for(lambda: next((s for s in sessions(rig)), None), 10, "the next one")
        wait_for(lambda: len(results) == served, 10, "the answer to the next one")
        assert session["owner"] == ["ann", "ben", "cid"][served - 1] == results[-1]["owner"]
        rig.api.do("DELETE", f"/v1/sessions/{session['id']}")
    for thread in threads:
        thread.join()
    rig.prove_quiet()
    # Between one owner and the next the phone was not free.
    assert events(rig) == ["online", "utilizing"]


def test_a_waiter_that_goes_is_taken_out(rig):
    settled(rig, "A")
    start(rig, exclusive=True, ttlSeconds=600)
    gone = UnixConnection(rig.socket_path)
    gone.request("POST", "/v1/sessions", json.dumps({"device": "A", "waitSeconds": 600}),
                 {"content-type": "application/json"})
    wait_for(lambda: waiting(rig), 10, "it to wait")
    gone.close()
    wait_for(lambda: not waiting(rig), 10, "it to be taken out")
    process = run(rig, "--device", "A", "--wait", "10m")
    wait_for(lambda: waiting(rig), 10, "the command to wait")
    process.kill()
    process.wait()
    wait_for(lambda: not waiting(rig), 10, "the killed command to be taken out")
    assert start(rig, waitSeconds=1, expect=409)["detail"].startswith("No phone became free")


def test_waiting_covers_a_phone_that_is_not_there(rig):
    phone, = settled(rig, "A")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    process = run(rig, "--any", "--wait", "60s", command=["true"])
    wait_for(lambda: waiting(rig), 10, "it to wait")
    rig.testbed.plug(serial="A")
    assert process.wait(patience(20)) == 0


# ---------------------------------------------------------------- restart
@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_leases_outlive_the_agent(rig, end):
    settled(rig, "A", "B")
    lease = start(rig, ttlSeconds=600)
    with a_process() as process:
        bound = start(rig, "B", boundTo="process", pid=process.pid)
        for serial in "AB":
            rig.receiver.wait_for_callback(serial, "utilizing")
        getattr(rig.agent, end)()
        rig.start()
        found = {s["id"]: s for s in sessions(rig)}
        assert set(found) == {lease["id"], bound["id"]}
        assert found[lease["id"]]["idleDeadline"][:18] == lease["idleDeadline"][:18]
        assert found[bound["id"]]["pid"] == process.pid
        rig.api.do("POST", f"/v1/sessions/{lease['id']}/heartbeat")
    ended(rig, bound, "processExited")
    rig.prove_quiet()
    assert events(rig) == ["online", "utilizing"] == events(rig, "B")


def test_a_process_that_went_meanwhile_holds_nothing(rig):
    settled(rig, "A")
    with a_process() as process:
        session = start(rig, boundTo="process", pid=process.pid)
        rig.receiver.wait_for_callback("A", "utilizing")
        rig.agent.kill()
    rig.start()
    ended(rig, session, "processExited", seconds=1)
    start(rig, exclusive=True)


def test_a_connection_has_some_time_to_come_back(rig):
    settled(rig, "A", "B")
    held = Held(rig, order={"device": "A", "boundTo": "connection"})
    lost = Held(rig, order={"device": "B", "boundTo": "connection"})
    rig.agent.kill()
    rig.start()
    again = Held(rig, f"/v1/sessions/{held.session['id']}/hold")
    assert again.session["id"] == held.session["id"] and "idleDeadline" not in again.session
    rig.api.do("POST", f"/v1/sessions/{held.session['id']}/hold", expect=409)
    ended(rig, lost.session, "connectionClosed", seconds=20)
    assert [s["id"] for s in sessions(rig)] == [held.session["id"]]
    again.close()
    ended(rig, held.session, "connectionClosed")


def test_a_waiter_is_told_when_the_agent_stops(rig):
    settled(rig, "A")
    start(rig, exclusive=True)
    process = run(rig, "--device", "A", "--wait", "10m")
    wait_for(lambda: waiting(rig), 10, "it to wait")
    assert rig.agent.terminate() == 0
    assert process.wait(patience(20)) == EX_TEMPFAIL and "The agent stops" in process.stderr.read()


# ---------------------------------------------------------------- whose it is
def test_a_session_is_its_owners_and_an_administrators(rig):
    port = free_port()
    settled(rig, "A", control={"socket": rig.socket_path, "http": {"listen": f"127.0.0.1:{port}"}})
    tokens = {name: say(rig, "tokens", "create", name, "--permissions", "session.manage,device.view") for name in
              ("ann", "ben")}

    def do(name, method, path, body=None):
        return ask(port, path, tokens[name], method=method, body=body)

    status, session = do("ann", "POST", "/v1/sessions", {"device": "A", "ttlSeconds": 600})
    assert status == 201 and session["owner"] == session["startedBy"] == "token ann"
    place = f"/v1/sessions/{session['id']}"
    for method, path in (("DELETE", place), ("POST", place + "/heartbeat")):
        status, problem = do("ben", method, path)
        assert status == 403 and "token ann" in problem["detail"]
    assert do("ann", "POST", place + "/heartbeat")[0] == 200
    assert do("ann", "POST", "/v1/sessions", {"device": "A", "boundTo": "process"})[0] == 409
    assert rig.api.do("DELETE", place)["endReason"] == "revoked"
    assert "session.revoke" in [e["action"] for e in rig.api.get("/v1/audit")["entries"]]
    metrics = rig.api.metrics()
    assert metrics['plughook_sessions_ended_total{reason="revoked"}'] == 1
    assert metrics["plughook_session_duration_seconds_count"] == 1
    assert metrics['plughook_sessions{kind="session"}'] == 0
