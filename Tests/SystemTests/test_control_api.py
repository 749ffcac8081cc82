"""What a program can ask the running agent over its socket, and tell it."""
import contextlib
import json
import os
import pwd
import signal
import sqlite3
import subprocess

import pytest

from patience import patience, wait_for
from receiver import Answer

APPLE, APPLE_ON_THE_BUS = "00008110-001A2B3C4D5E6F70", "00008110001A2B3C4D5E6F70"


def plugged(rig, serial, **fields):
    phone = rig.testbed.plug(serial=serial, **fields)
    rig.receiver.wait_for_callback(serial, "online")
    return phone


def pulled(rig, phone):
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback(phone.spec["serial"], "unplugged")


def come_and_gone(rig, *serials):
    for serial in serials:
        pulled(rig, plugged(rig, serial))


def told(events):
    return [(event["udid"], event["status"]) for event in events]


# ------------------------------------------------------------ devices
def test_the_phones_are_listed_by_status_and_shown_one_by_one(rig):
    rig.configure(devices=[{"udid": "A", "name": "Bench A", "group": "private", "labels": {"team": "pay"}}]).start()
    plugged(rig, "A", port="4.2")
    pulled(rig, plugged(rig, "B"))
    assert {d["udid"]: d["status"] for d in rig.api.get("/v1/devices")["devices"]} == {"A": "online", "B": "unplugged"}
    assert [d["udid"] for d in rig.api.get("/v1/devices?status=unplugged")["devices"]] == ["B"]
    assert rig.api.get("/v1/devices?platform=ios")["devices"] == []
    shown = rig.api.get("/v1/devices/A")
    wanted = {"name": "Bench A", "group": "private", "labels": {"team": "pay"}, "isListed": True, "flags": [], "port": "1-4.2",
              "platform": "android"}
    assert {key: shown.get(key) for key in wanted} == wanted
    refusal = rig.api.do("GET", "/v1/devices/bench%20a", expect=404)
    assert "A (Bench A)" in refusal["detail"]


def test_a_status_has_its_beginning_also_after_a_restart_and_when_its_event_is_gone(rig):
    rig.configure(devices=[{"udid": "NEVER"}]).start()
    plugged(rig, "A", port="4.2")
    pulled(rig, plugged(rig, "B"))

    def since():
        return {d["udid"]: d.get("since") for d in rig.api.get("/v1/devices")["devices"]}
    began = {e["udid"]: e["at"] for e in rig.api.get("/v1/events?after=0")["events"]}
    assert since() == {"A": began["A"], "B": began["B"]} | {"NEVER": since()["NEVER"]}
    rig.api.do("POST", "/v1/sessions", {"device": "A", "owner": "ann", "kind": "reserved"}, 201)
    rig.api.do("POST", "/v1/devices/A/expect-absence", {"seconds": 60})
    assert since()["A"] == began["A"], "what is no change of its status begins nothing"
    shown = dict(line.split(maxsplit=1) for line in rig.command("devices", "show", "A").stdout.splitlines())
    assert shown["since"] == began["A"]
    before = since()
    rig.agent.terminate()
    with sqlite3.connect(os.path.join(rig.state, "plughook.sqlite3")) as database:
        database.execute("DELETE FROM event WHERE device = 'B'")
    database.close()
    rig.start()
    assert since() == before
    rig.api.do("DELETE", "/v1/devices/B", expect=204)
    assert "B" not in since()


@pytest.mark.parametrize("spelling", [APPLE, APPLE_ON_THE_BUS, APPLE.lower(), APPLE_ON_THE_BUS.lower()])
def test_an_iphone_answers_to_every_spelling_of_its_identifier(rig, spelling):
    rig.start()
    phone = rig.testbed.plug("iphone", serial=APPLE_ON_THE_BUS)
    rig.receiver.wait_for_callback(APPLE, "online")
    assert rig.api.get(f"/v1/devices/{spelling}")["udid"] == APPLE
    assert told(rig.api.get(f"/v1/events?device={spelling}")["events"]) == [(APPLE, "online")]
    assert [d["udid"] for d in rig.api.get(f"/v1/deliveries?device={spelling}")["deliveries"]] == [APPLE]
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback(APPLE, "unplugged")
    rig.api.do("DELETE", f"/v1/devices/{spelling}", expect=204)
    assert rig.api.get("/v1/devices")["devices"] == []


def test_only_a_phone_that_is_gone_and_not_listed_is_forgotten(rig):
    rig.configure(devices=[{"udid": "LISTED"}]).start()
    come_and_gone(rig, "GONE", "LISTED")
    plugged(rig, "HERE")
    for udid in ("HERE", "LISTED"):
        assert "unplugged and not listed" in rig.api.do("DELETE", f"/v1/devices/{udid}", expect=409)["detail"]
    rig.api.do("DELETE", "/v1/devices/NOBODY", expect=404)
    rig.api.do("DELETE", "/v1/devices/GONE", expect=204)
    rig.api.do("GET", "/v1/devices/GONE", expect=404)
    # What happened to it stays in the history, and it may come again.
    assert told(rig.api.get("/v1/events?after=0&device=GONE")["events"]) == [("GONE", "online"), ("GONE", "unplugged")]
    phone = rig.testbed.plug(serial="GONE")
    rig.receiver.wait_for_callback("GONE", "online", count=2)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("GONE", "unplugged", count=2)
    done = rig.command("devices", "forget", "GONE")
    assert done.returncode == 0, done
    assert rig.agent.terminate() == 0
    rig.testbed.forget_monitors()
    rig.start()
    assert {d["udid"] for d in rig.api.get("/v1/devices")["devices"]} == {"HERE", "LISTED"}


# ------------------------------------------------------------ events
def test_the_history_is_paged_in_both_directions(rig):
    rig.start()
    come_and_gone(rig, *"ABCD")
    everything = [(serial, word) for serial in "ABCD" for word in ("online", "unplugged")]
    forth, after = [], 0
    while page := rig.api.get(f"/v1/events?after={after}&limit=3")["events"]:
        forth += page
        after = page[-1]["number"]
    assert (told(forth), [e["number"] for e in forth]) == (everything, list(range(1, 9)))
    back = page = rig.api.get("/v1/events?limit=3")["events"]
    while page := rig.api.get(f"/v1/events?before={page[-1]['number']}&limit=3")["events"]:
        back = back + page
    assert back == forth[::-1]
    assert "not both" in rig.api.do("GET", "/v1/events?after=1&before=3", expect=400)["detail"]
    first = forth[0]
    assert (first["status"], first["isSilent"], first["group"]) == ("online", False, "local")
    assert "previous" not in first and forth[1]["previous"] == "online"


def forget_events(rig, upto):
    """What the retention does after 100,000 of them; the agent does not run."""
    with contextlib.closing(sqlite3.connect(f"{rig.state}/plughook.sqlite3")) as database:
        database.execute("DELETE FROM event WHERE number <= ?", (upto,))
        database.commit()


def test_events_that_are_not_kept_any_more_are_said_to_be_missing(rig):
    rig.start()
    come_and_gone(rig, *"ABCD")
    assert rig.agent.terminate() == 0
    forget_events(rig, 5)
    rig.start()
    page = rig.api.get("/v1/events?after=2")
    assert page["missing"] == {"first": 3, "last": 5}
    assert [e["number"] for e in page["events"]] == [6, 7, 8]
    assert "missing" not in rig.api.get("/v1/events?after=5")
    for follower in (rig.api.follow(after=2), rig.api.follow(last_event_id=2), rig.api.follow(8, last_event_id=2)):
        (name, ident, gap), *rest = follower.wait_for(4)
        assert (name, ident, gap["first"], gap["last"]) == ("gap", None, 3, 5)
        assert [(name, ident) for name, ident, _ in rest] == [("status", 6), ("status", 7), ("status", 8)]
        follower.close()


def test_a_reader_of_a_history_that_was_replaced_is_told_so(rig):
    rig.start()
    come_and_gone(rig, "A")
    follower = rig.api.follow(last_event_id=1000)
    (name, _, gap), = follower.wait_for(1)
    assert (name, gap["first"], gap["last"]) == ("gap", 3, 1000)
    plugged(rig, "B")
    assert follower.wait_for(2)[1][:2] == ("status", 3)


def test_a_follower_has_every_event_once_and_in_order_also_over_a_restart(rig):
    rig.start()
    follower = rig.api.follow()
    phones = {serial: plugged(rig, serial) for serial in "ABC"}  # one that is gone before it was read was never there
    pulled(rig, phones["A"])
    frames = follower.wait_for(4)
    assert rig.agent.terminate() == 0
    follower.wait_for_end()
    rig.testbed.forget_monitors()
    rig.testbed.unplug(phones["B"])
    rig.testbed.plug(serial="D")
    rig.start()
    resumed = rig.api.follow(last_event_id=follower.last_id)
    rig.testbed.unplug(phones["C"])
    frames += resumed.wait_for(3)
    plugged(rig, "E")
    frames = frames[:4] + resumed.wait_for(4)
    assert [(name, ident) for name, ident, _ in frames] == [("status", n) for n in range(1, 9)]
    events = [data for _, _, data in frames]
    assert [event["number"] for event in events] == list(range(1, 9))
    assert events == rig.api.get("/v1/events?after=0")["events"]
    assert sorted(told(events)) == sorted(
        [(serial, "online") for serial in "ABCDE"] + [(serial, "unplugged") for serial in "ABC"])
    # Whoever comes with what he has, or with nothing, gets nothing twice.
    up_to_date, fresh = rig.api.follow(last_event_id=8), rig.api.follow()
    plugged(rig, "F")
    for reader in (up_to_date, fresh, resumed):
        reader.wait(lambda f: f.frames and f.frames[-1][2]["udid"] == "F", "the newest event")
    assert [ident for _, ident, _ in up_to_date.frames] == [ident for _, ident, _ in fresh.frames] == [9]


def test_a_killed_agent_s_follower_misses_nothing_of_what_webhooks_were_told(rig):
    rig.start()
    follower = rig.api.follow(after=0)
    for n in range(20):
        rig.testbed.plug(serial=f"P{n}")
    rig.receiver.wait_for_callback("P9", "online")
    rig.agent.kill()
    follower.wait_for_end()
    seen = [ident for _, ident, _ in follower.frames]
    rig.testbed.forget_monitors()
    rig.start()
    for n in range(20):
        rig.receiver.wait_for_callback(f"P{n}", "online")
    follower = rig.api.follow(after=seen[-1] if seen else 0)
    seen += [ident for _, ident, _ in follower.wait_for(20 - len(seen))]
    assert seen == list(range(1, 21))


# ------------------------------------------------------------ status and readiness
def test_readiness_follows_the_first_snapshot_and_the_end(rig):
    rig.testbed.storm(60)
    agent = rig.launch()
    wait_for(lambda: os.path.exists(rig.socket_path), 20, "the socket")
    answers = []

    def is_ready():
        with contextlib.suppress(ConnectionError):
            assert rig.api.do("GET", "/healthz") == {"status": "ok"}
            answers.append(rig.api.call("GET", "/readyz"))
        return answers and answers[-1].status == 200
    wait_for(is_ready, 20, "/readyz to say so")
    assert all(reply.status == 503 and "starting" in reply.json["detail"] for reply in answers[:-1])
    assert answers[-1].json == {"status": "ready"}
    agent.wait_until_ready()
    # What is under way may end before the agent does: until then it says that it stops.
    for n in range(60):
        rig.receiver.wait_for_callback(f"STORM{n:04d}", "online")
    rig.receiver.decide = lambda request: Answer(manner="silence")
    rig.testbed.plug(serial="LAST")
    rig.receiver.wait(lambda requests: requests[-1].what == ("LAST", "online"), what="a callback under way")
    agent.process.send_signal(signal.SIGTERM)
    wait_for(lambda: rig.api.call("GET", "/readyz").status == 503, 5, "/readyz to say that it stops")
    assert rig.api.status()["phase"] == "stopping"
    assert agent.wait() == 0
    assert not os.path.exists(rig.socket_path)


def test_the_status_says_what_is_in_force_and_what_waits(rig):
    rig.receiver.decide = lambda request: Answer(503) if request.what[0] == "B" else Answer()
    rig.configure(host={"id": "rack-3"}).start()
    plugged(rig, "A")
    phone = rig.testbed.plug(serial="B")
    rig.agent.wait_for_log("event=callback.failed")
    rig.testbed.unplug(phone)
    rig.wait_until_recorded("B", "unplugged")
    wait_for(lambda: rig.api.status()["waiting"] == 2, 10, "both callbacks to wait")
    status = rig.api.status()
    assert status["hotplugSource"].startswith("udev")
    wanted = {"host": "rack-3", "phase": "ready", "configurationFile": rig.config_path, "problems": [], "inFlight": 0,
              "devices": {"online": 1, "offline": 0, "utilizing": 0, "unplugged": 1}}
    assert {key: status[key] for key in wanted} == wanted
    assert os.readlink(f"/proc/{status['pid']}/exe").endswith("plughook")
    reload = rig.api.do("POST", "/v1/config/reload")
    assert reload["isInForce"] and rig.api.status()["lastReload"] == reload


def test_the_configuration_in_force_is_shown_not_the_file(rig):
    rig.start()
    shown = rig.api.get("/v1/config")
    assert shown["detection"]["unplugSettleMs"] == 0 and shown["detection"]["reconcileMs"] == 30_000
    assert [w["name"] for w in shown["webhooks"]] == ["all"]
    rig.configure(orgId=77)
    assert rig.api.do("POST", "/v1/config/reload")["isInForce"]
    assert rig.api.get("/v1/config")["orgId"] == 77
    rig.configure(orgId="many")
    refused = rig.api.do("POST", "/v1/config/reload")
    assert (refused["isInForce"], [f["pointer"] for f in refused["faults"]]) == (False, ["/orgId"])
    assert rig.api.get("/v1/config")["orgId"] == 77


def test_the_counters_move_by_what_happened_and_by_no_more(rig):
    rig.receiver.decide = lambda request: Answer(503) if request.what == ("B", "online") else Answer()
    rig.start()
    before = rig.api.metrics()
    pulled(rig, plugged(rig, "A"))
    rig.testbed.plug(serial="B")
    rig.agent.wait_for_log("event=callback.failed")
    reload = rig.api.do("POST", "/v1/config/reload")
    follower = rig.api.follow()
    wanted = {
        'plughook_transitions_total{status="online",silent="false"}': 2,
        'plughook_transitions_total{status="unplugged",silent="false"}': 1,
        'plughook_transitions_total{status="offline",silent="false"}': 0,
        'plughook_attempts_total{webhook="1",outcome="accepted"}': 2,
        'plughook_http_responses_total{webhook="1",code="200"}': 2,
        'plughook_http_responses_total{webhook="1",code="503"}': 1,
        "plughook_retries_total": 0, "plughook_wire_sends_total": 3, "plughook_attempt_duration_seconds_count": 3,
        "plughook_delivery_delay_seconds_count": 2, 'plughook_callbacks_waiting{webhook="1"}': 1,
        'plughook_devices{status="online",reason=""}': 1, 'plughook_devices{status="unplugged",reason=""}': 1,
        'plughook_config_reloads_total{result="in_force"}': 1, "plughook_event_readers": 1,
    }

    def moved():
        now = rig.api.metrics()
        return {name: now.get(name, 0) - before.get(name, 0) for name in wanted}
    wait_for(lambda: moved() == wanted, 10, lambda: f"the counters to move by {wanted}, they moved by {moved()}")
    assert reload["isInForce"]
    follower.close()
    wait_for(lambda: rig.api.metrics()["plughook_event_readers"] == 0, 10, "the reader that left to be noticed")


# ------------------------------------------------------------ deliveries
def test_deliveries_are_filtered_and_paged(rig):
    rig.receiver.decide = lambda request: Answer(500) if request.path == "/broken" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "good"), rig.webhook(2, "broken", ["online"])]).start()
    come_and_gone(rig, *"ABC")
    wait_for(lambda: len(rig.api.get("/v1/deliveries?webhook=2")["deliveries"]) == 3
             and len(rig.api.get("/v1/deliveries?state=delivered")["deliveries"]) == 6, 10, "all to be on record")
    seen, page = [], rig.api.get("/v1/deliveries?limit=4")
    while True:
        seen += page["deliveries"]
        if "next" not in page:
            break
        page = rig.api.get(f"/v1/deliveries?limit=4&before={page['next']}")
    positions = [d["position"] for d in seen]
    assert len(seen) == 9 and positions == sorted(positions, reverse=True)
    assert {d["webhookId"] for d in rig.api.get("/v1/deliveries?state=pending")["deliveries"]} == {2}
    of_a = rig.api.get("/v1/deliveries?device=A&webhook=1")["deliveries"]
    assert [(d["sequence"], d["state"], d["attemptCount"]) for d in of_a] == [(2, "delivered", 1), (1, "delivered", 1)]
    assert rig.api.get("/v1/deliveries?device=NOBODY")["deliveries"] == []
    newest_first = [d["createdAt"] for d in seen]
    for moment in {newest_first[0], newest_first[4], newest_first[-1]}:
        since, until = (rig.api.get(f"/v1/deliveries?{key}={moment}")["deliveries"] for key in ("since", "until"))
        assert [d["createdAt"] for d in since] == [at for at in newest_first if at >= moment]
        assert [d["createdAt"] for d in until] == [at for at in newest_first if at < moment]
        listed = rig.command("deliveries", "list", "--since", moment, "--until", newest_first[0], "--json")
        assert [d["createdAt"] for d in json.loads(listed.stdout)["deliveries"]] == [
            at for at in newest_first if moment <= at < newest_first[0]]
        again = rig.api.do("POST", "/v1/deliveries/redeliver", {"state": "delivered", "since": moment, "dryRun": True})
        assert again["matching"] == len([d for d in since if d["state"] == "delivered"])
    refused = rig.command("deliveries", "--since", "yesterday")
    assert refused.returncode != 0 and "since must be a date and time with its offset" in refused.stderr


def test_a_delivery_is_shown_with_its_frozen_bytes_and_every_attempt(rig):
    rig.receiver.decide = lambda request: Answer(503) if request.what[0] == "B" else Answer()
    rig.configure(devices=[{"udid": "A", "name": "Bench \"A\" ü"}]).start()
    plugged(rig, "A")
    request = rig.receiver.wait_for_callback("A", "online")
    wait_for(lambda: rig.api.get(f"/v1/deliveries/{request.id}")["state"] == "delivered", 10, "the outcome on record")
    shown = rig.api.get(f"/v1/deliveries/{request.id}")
    assert shown["body"].encode() == request.body
    attempt, = shown["attempts"]
    assert (attempt["number"], attempt["outcome"], attempt["statusCode"]) == (1, "accepted", 200)
    rig.configure(devices=[{"udid": "A", "name": "another"}])
    assert rig.api.do("POST", "/v1/config/reload")["isInForce"]
    assert rig.api.get(f"/v1/deliveries/{request.id}")["body"] == shown["body"]
    rig.testbed.plug(serial="B")
    failed = rig.receiver.wait(lambda requests: [r for r in requests if r.what[0] == "B"])[0]
    wait_for(lambda: rig.api.get(f"/v1/deliveries/{failed.id}")["attempts"], 10, "the attempt on record")
    shown = rig.api.get(f"/v1/deliveries/{failed.id}")
    attempt = shown["attempts"][0]
    assert (shown["state"], attempt["statusCode"]) == ("pending", 503)
    assert attempt["nextAttemptAt"] > attempt["startedAt"]
    rig.api.do("GET", "/v1/deliveries/msg_nothing", expect=404)


# ------------------------------------------------------------ webhooks, by every hand
class Curl:
    def __init__(self, rig):
        self.rig = rig

    def ask(self, method, path, body=None):
        command = ["curl", "-sS", "--fail-with-body", "--unix-socket", self.rig.socket_path, "-X", method,
                   f"http://localhost/v1/webhooks{path}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience(30))
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def create(self, name, url):
        return self.ask("POST", "", {"name": name, "url": url, "events": ["online", "unplugged"]})

    def move(self, ident, url):
        return self.ask("PATCH", f"/{ident}", {"url": url})

    def suspend(self, ident):
        return self.ask("POST", f"/{ident}/suspend")

    def resume(self, ident):
        return self.ask("POST", f"/{ident}/resume")

    def test(self, ident):
        return self.ask("POST", f"/{ident}/test")

    def delete(self, ident):
        return self.ask("DELETE", f"/{ident}")


class CommandLine:
    def __init__(self, rig):
        self.rig = rig

    def run(self, *arguments):
        done = self.rig.command("webhooks", *arguments, "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def create(self, name, url):
        return self.run("create", "--name", name, "--url", url, "--event", "online,unplugged")

    def move(self, ident, url):
        return self.run("edit", ident, "--url", url)

    def suspend(self, ident):
        return self.run("suspend", ident)

    def resume(self, ident):
        return self.run("resume", ident)

    def test(self, ident):
        return self.run("test", ident)

    def delete(self, ident):
        return self.run("delete", ident, "--yes")


@pytest.mark.parametrize("make_hand", [Curl, CommandLine])
def test_a_webhook_s_whole_life_acts_on_the_next_event_each_time(rig, make_hand):
    rig.start()
    hand, at = make_hand(rig), lambda path: [r.what for r in rig.receiver.accepted() if r.path == path]
    created = hand.create("fresh", f"{rig.receiver.url}/fresh")
    ident = created["id"]
    assert (created["name"], created["isSuspended"], created["events"]) == ("fresh", False, ["online", "unplugged"])
    phone = rig.testbed.plug(serial="A")
    assert rig.receiver.wait_for_callback("A", "online", path="/fresh").json["webhookId"] == ident

    assert hand.move(ident, f"{rig.receiver.url}/moved")["url"].endswith("/moved")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged", path="/moved")

    assert hand.suspend(ident)["isSuspended"]
    rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online", path="/all")
    shown = rig.api.get(f"/v1/webhooks/{ident}")
    assert (shown["waiting"], shown["inFlight"]) == (1, 0) and at("/moved") == [("A", "unplugged")]
    assert not hand.resume(ident)["isSuspended"]
    rig.receiver.wait_for_callback("B", "online", path="/moved")

    tested = hand.test(ident)
    assert (tested["outcome"], tested["statusCode"]) == ("accepted", 200)
    marked, = [r for r in rig.receiver.requests if r.json["eventType"] != "DEVICE"]
    assert (marked.path, marked.json["eventActivity"], marked["plughook-test"]) == ("/moved", "plughook.test", "1")

    hand.delete(ident)
    rig.api.do("GET", f"/v1/webhooks/{ident}", expect=404)
    rig.testbed.plug(serial="C")
    rig.receiver.wait_for_callback("C", "online", path="/all")
    rig.prove_quiet()
    assert [what for what in at("/moved") if what[0] in ("A", "B", "C")] == [("A", "unplugged"), ("B", "online")]
    # The number is never used again, also not after a restart.
    rig.testbed.forget_monitors()
    rig.start()
    assert hand.create("fresh", f"{rig.receiver.url}/again")["id"] > ident


def test_a_suspension_outlives_a_restart(rig):
    rig.start()
    rig.api.do("POST", "/v1/webhooks/1/suspend")
    rig.testbed.plug(serial="A")
    rig.wait_until_recorded("A", "online")
    assert rig.agent.terminate() == 0
    rig.testbed.forget_monitors()
    rig.start()
    shown = rig.api.get("/v1/webhooks/1")
    assert (shown["isSuspended"], shown["waiting"]) == (True, 1) and rig.receiver.requests == []
    rig.api.do("POST", "/v1/webhooks/1/resume")
    rig.receiver.wait_for_callback("A", "online")


def test_put_replaces_and_patch_changes_a_part(rig):
    everything = {**rig.webhook(1, "all"), "description": "the first", "timeoutMs": 9000}
    rig.configure(webhooks=[everything]).start()
    rig.api.do("PATCH", "/v1/webhooks/1", {"events": ["online"]})
    shown = rig.api.get("/v1/webhooks/1")
    assert (shown["events"], shown["description"], shown["timeoutMs"]) == (["online"], "the first", 9000)
    rig.api.do("PATCH", "/v1/webhooks/1", {"timeoutMs": None}, content_type="application/merge-patch+json")
    assert rig.api.get("/v1/webhooks/1")["timeoutMs"] == 15000
    rig.api.do("PUT", "/v1/webhooks/1", {"name": "new", "url": f"{rig.receiver.url}/new", "events": ["unplugged"]})
    shown = rig.api.get("/v1/webhooks/1")
    assert (shown["name"], shown["description"], shown["events"]) == ("new", "", ["unplugged"])
    phone = rig.testbed.plug(serial="A")
    rig.wait_until_recorded("A", "online")
    rig.testbed.unplug(phone)
    request = rig.receiver.wait_for_callback("A", "unplugged", path="/new")
    assert (request.json["webhookName"], request.json["webhookId"], request.sequence) == ("new", 1, 1)
    # Whoever sends back what he was shown changes nothing.
    before = open(rig.config_path).read()
    rig.api.do("PUT", "/v1/webhooks/1", rig.api.get("/v1/webhooks/1"))
    assert json.loads(open(rig.config_path).read()) == json.loads(before)


@pytest.mark.parametrize("body, pointer", [
    ({"url": "ftp://x"}, "/url"), ({"name": "x" * 51}, "/name"), ({"events": []}, "/events"),
    ({"evnets": ["online"]}, "/evnets"), (b'{"name": "x"', ""), (b"[]", ""),
])
def test_a_wrong_definition_is_refused_with_its_place_and_changes_nothing(rig, body, pointer):
    rig.start()
    before = open(rig.config_path, "rb").read()
    for method in ("PATCH", "PUT"):
        refusal = rig.api.do(method, "/v1/webhooks/1", body, expect=422)
        assert pointer in [fault["pointer"] for fault in refusal["faults"]], refusal
    rig.api.do("POST", "/v1/webhooks", body, expect=422)
    assert open(rig.config_path, "rb").read() == before


def test_two_admins_do_not_overwrite_each_other(rig):
    rig.start()
    tag = rig.api.call("GET", "/v1/webhooks/1").etag
    first = rig.api.call("PATCH", "/v1/webhooks/1", {"description": "mine"}, if_match=tag)
    assert first.status == 200 and first.etag != tag
    before = open(rig.config_path).read()
    for method, body in (("PATCH", {"description": "yours"}), ("PUT", rig.webhook(1, "yours")), ("DELETE", None)):
        refusal = rig.api.do(method, "/v1/webhooks/1", body, expect=412, if_match=tag)
        assert "Read it again" in refusal["detail"]
    assert open(rig.config_path).read() == before
    assert rig.api.call("GET", "/v1/webhooks/1").etag == first.etag
    rig.api.do("PATCH", "/v1/webhooks/1", {"description": "any"}, if_match="*")
    # An editor's change counts too, also when the agent has not read it yet.
    tag = rig.api.call("GET", "/v1/webhooks/1").etag
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "description": "by hand"}])
    rig.api.do("DELETE", "/v1/webhooks/1", expect=412, if_match=tag)
    assert rig.api.get("/v1/webhooks/1")["description"] in ("any", "by hand")


def test_deleting_cancels_what_waits_on_record(rig):
    rig.receiver.decide = lambda request: Answer(500) if request.path == "/doomed" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "doomed"), rig.webhook(2, "other")]).start()
    pulled(rig, plugged(rig, "A"))
    wait_for(lambda: rig.api.get("/v1/webhooks/1")["waiting"] == 2, 10, "both callbacks to wait")
    assert rig.api.do("DELETE", "/v1/webhooks/1") == {"cancelled": 2}
    cancelled = rig.api.get("/v1/deliveries?state=cancelled")["deliveries"]
    assert [(d["webhookId"], d["udid"], d["sequence"]) for d in cancelled] == [(1, "A", 2), (1, "A", 1)]
    assert all(d["settledAt"] for d in cancelled)
    assert [w["id"] for w in json.load(open(rig.config_path))["webhooks"]] == [2]
    rig.prove_quiet()


def test_the_audit_trail_has_who_what_before_and_after_and_no_secret_path(rig):
    secret = f"{rig.receiver.url}/services/T000/HUSHHUSH"
    rig.start()
    ident = rig.api.do("POST", "/v1/webhooks", {"name": "chat", "url": secret, "events": ["online"]}, expect=201)["id"]
    rig.api.do("PATCH", f"/v1/webhooks/{ident}", {"events": ["online", "offline"], "url": secret + "2"})
    rig.api.do("POST", f"/v1/webhooks/{ident}/suspend")
    rig.api.do("POST", f"/v1/webhooks/{ident}/resume")
    rig.api.do("POST", f"/v1/webhooks/{ident}/test")
    rig.configure(orgId=9, webhooks=[rig.webhook(1, "all", ["online", "unplugged"]),
                                     {**rig.webhook(ident, "chat"), "url": secret + "3"}])
    wait_for(lambda: rig.api.get("/v1/config")["orgId"] == 9, 10, "the editor's change to be in force")
    rig.api.do("DELETE", f"/v1/webhooks/{ident}")
    come_and_gone(rig, "A")
    rig.api.do("DELETE", "/v1/devices/A", expect=204)
    wait_for(lambda: rig.api.get("/v1/audit")["entries"][0]["action"] == "device.forget", 10, "the last to be on record")
    entries = rig.api.get("/v1/audit")["entries"]
    webhook = f"webhook {ident}"
    assert [(e["action"], e["subject"]) for e in reversed(entries)] == [
        ("webhook.create", webhook), ("webhook.edit", webhook), ("webhook.suspend", webhook),
        ("webhook.resume", webhook), ("webhook.test", webhook), ("webhook.edit", "webhook 1"),
        ("webhook.edit", webhook), ("configuration.change", rig.config_path), ("webhook.delete", webhook),
        ("device.forget", "device A")]
    me = f"uid {os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"
    assert [e["actor"] for e in reversed(entries)] == [me] * 5 + ["file"] * 3 + [me] * 2
    made, edited, deleted = entries[-1], entries[-2], entries[1]
    assert made["before"] == "" and "chat" in made["after"] and deleted["after"] == ""
    assert edited["before"] == made["after"] and "offline" in edited["after"] and "offline" not in edited["before"]
    everything = json.dumps(entries)
    assert "HUSH" not in everything and "services" not in everything
    # Paged, and the same for the command line.
    page = rig.api.get("/v1/audit?limit=4")
    assert page["entries"] + rig.api.get(f"/v1/audit?before={page['next']}")["entries"] == entries
    shown = rig.command("audit", "--json")
    assert shown.returncode == 0 and "HUSH" not in shown.stdout
    log = rig.agent.log
    assert "HUSH" not in log and "T000" not in log


def test_a_reader_who_left_or_never_reads_does_no_harm(rig):
    rig.start()
    readers = [rig.api.follow() for _ in range(20)]
    wait_for(lambda: rig.api.metrics()["plughook_event_readers"] == 20, 10, "all to follow")
    for reader in readers[:10]:
        reader.close()
    pulled(rig, plugged(rig, "A"))
    wait_for(lambda: rig.api.metrics()["plughook_event_readers"] == 10, 10, "those who left to be noticed")
    for reader in readers[10:]:
        assert told(data for _, _, data in reader.wait_for(2)) == [("A", "online"), ("A", "unplugged")]
    assert rig.agent.terminate() == 0
    for reader in readers[10:]:
        reader.wait_for_end()
