"""A receiver that is away, one that wants none of it, and callbacks that are sent again."""
import json

from patience import wait_for
from receiver import Answer


def deliveries(rig, **query):
    return rig.api.get("/v1/deliveries?" + "&".join(f"{k}={v}" for k, v in query.items()))["deliveries"]


def test_a_rejected_callback_is_dead_after_three_tries_and_its_lane_goes_on(rig):
    rig.receiver.decide = lambda request: (
        Answer(422, body=b'{"error": "unknown phone", "you": "/hook"}') if request.what == ("A", "online") else Answer())
    rig.start()
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait(lambda requests: [r for r in requests if r.what == ("A", "online")])
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged", seconds=90)
    tries = [r for r in rig.receiver.requests if r.what == ("A", "online")]
    assert len(tries) == 3
    gaps = [(b.ns - a.ns) / 1e9 for a, b in zip(tries, tries[1:])]
    assert gaps[0] >= 4 and gaps[1] >= 24, gaps
    wait_for(lambda: deliveries(rig, state="dead"), 10, "it to be on record")
    dead, = deliveries(rig, state="dead")
    assert (dead["reason"], dead["attemptCount"]) == ("rejected", 3)
    assert rig.api.metrics()['plughook_callbacks_given_up_total{reason="rejected"}'] == 1
    # Another failure of one callback does not say that the receiver is away.
    assert "away" not in rig.api.get("/v1/webhooks/1")

    shown = rig.command("deliveries", "show", dead["id"]).stdout
    for words in ("dead (rejected)", "rejected", "422", "first byte", "127.0.0.1:", "unknown phone"):
        assert words in shown, shown
    attempts = rig.api.get(f"/v1/deliveries/{dead['id']}")["attempts"]
    assert [a["outcome"] for a in attempts] == ["rejected"] * 3
    assert attempts[0]["firstByteMs"] > 0 and attempts[0]["connectMs"] > 0

    dry = rig.command("deliveries", "redeliver", "--dead", "--dry-run")
    assert dry.stdout.strip() == "1 callback would be sent again"
    assert len([r for r in rig.receiver.requests if r.what == ("A", "online")]) == 3
    rig.receiver.decide = lambda request: Answer()
    again = rig.command("deliveries", "redeliver", dead["id"])
    assert again.stdout.strip() == "1 callback sent again"
    rig.receiver.wait_for_callback("A", "online")
    last = [r for r in rig.receiver.requests if r.what == ("A", "online")][-1]
    assert (last.id, last.body, last.sequence) == (tries[0].id, tries[0].body, tries[0].sequence)
    wait_for(lambda: rig.api.get(f"/v1/deliveries/{dead['id']}")["state"] == "delivered", 10, "the outcome on record")
    assert rig.api.get(f"/v1/deliveries/{dead['id']}")["attemptCount"] == 4
    assert any(e["action"] == "callback.redeliver" for e in rig.api.get("/v1/audit")["entries"])


def test_a_receiver_that_is_away_is_left_alone_and_gets_all_when_it_is_back(rig):
    rig.start()
    serials = [f"S{n}" for n in range(8)]
    rig.receiver.decide = lambda request: Answer(500)
    for serial in serials:
        rig.testbed.plug(serial=serial)
    rig.agent.wait_for_log("event=receiver.away")
    view = wait_for(lambda: rig.api.get("/v1/webhooks/1").get("away"), 10, "the gate to be open")
    assert view["outcome"] == "http5xx"
    assert rig.api.metrics()['plughook_webhook_away{webhook="1"}'] == 1
    assert any("webhook 1 is away" in p for p in rig.api.status()["problems"])
    assert "away since" in rig.command("webhooks", "show", "1").stdout
    wait_for(lambda: rig.api.get("/v1/webhooks/1")["inFlight"] == 0, 10, "those under way to end")
    before = len(rig.receiver.requests)
    tried = rig.receiver.wait(lambda requests: requests[before:], seconds=60)
    assert len(tried) == 1, "one alone is tried"
    # One more restart does not make a storm either.
    rig.agent.terminate()
    count = len(rig.receiver.requests)
    rig.launch()
    rig.receiver.wait(lambda requests: requests[count:], seconds=30)
    wait_for(lambda: rig.api.get("/v1/webhooks/1")["away"]["tries"] >= 1, 10, "the try to be known")
    assert len(rig.receiver.requests) == count + 1
    rig.receiver.decide = lambda request: Answer()
    rig.command("webhooks", "resume", "1")
    for serial in serials:
        rig.receiver.wait_for_callback(serial, "online", seconds=10)
    rig.agent.wait_for_log("event=receiver.back")
    assert "away" not in rig.api.get("/v1/webhooks/1")


def test_the_latest_alone_is_sent_where_the_webhook_wants_it(rig):
    webhook = {**rig.webhook(1, "all"), "backlog": "latest"}
    rig.configure(webhooks=[webhook]).start()
    assert rig.api.get("/v1/webhooks/1")["backlog"] == "latest"
    rig.api.do("POST", "/v1/webhooks/1/suspend")
    for _ in range(3):
        phone = rig.testbed.plug(serial="A")
        rig.wait_until_recorded("A", "online", _ + 1)
        rig.testbed.unplug(phone)
        rig.wait_until_recorded("A", "unplugged", _ + 1)
    wait_for(lambda: rig.api.get("/v1/webhooks/1")["waiting"] == 6, 10, "all to wait")
    rig.api.do("POST", "/v1/webhooks/1/resume")
    rig.receiver.wait_for_callback("A", "unplugged")
    wait_for(lambda: len(deliveries(rig, state="superseded")) == 5, 10, "the others to be on record")
    assert [r.sequence for r in rig.receiver.requests] == [6]
    assert {d["reason"] for d in deliveries(rig, state="superseded")} == {"superseded"}


def test_many_are_sent_again_part_by_part_and_each_once(rig):
    rig.configure(webhooks=[rig.webhook(1, "all"), rig.webhook(2, "other")]).start()
    for phone in rig.testbed.storm(30):
        rig.receiver.wait_for_callback(phone.spec["serial"], "online")
    wait_for(lambda: len(deliveries(rig, state="delivered", limit=1000)) == 60, 20, "all to be on record")
    count = len(rig.receiver.requests)
    refused = rig.command("deliveries", "redeliver", "--state", "delivered", "--webhook", "other")
    assert refused.returncode == 64 and "--yes" in refused.stderr
    done = rig.command("deliveries", "redeliver", "--state", "delivered", "--webhook", "other", "--yes", "--json")
    assert json.loads(done.stdout) == {"redelivered": 30}
    rig.receiver.wait(lambda requests: len(requests) >= count + 30, seconds=20)
    again = rig.receiver.requests[count:]
    assert {r.path for r in again} == {"/other"} and len({r.id for r in again}) == 30
    first = {r.id: r.body for r in rig.receiver.requests[:count]}
    assert all(first[r.id] == r.body for r in again)
    # In parts, as a program does it.
    position, seen = 0, 0
    while position is not None:
        part = rig.api.do("POST", "/v1/deliveries/redeliver",
                          {"state": "delivered", "device": "STORM0001", "after": position})
        seen, position = seen + part["redelivered"], part.get("next")
    assert seen == 2


def test_what_cannot_be_sent_again_is_said(rig):
    rig.start()
    rig.api.do("POST", "/v1/webhooks/1/suspend")
    rig.testbed.plug(serial="A")
    rig.wait_until_recorded("A", "online")
    waiting, = wait_for(lambda: deliveries(rig, state="pending"), 10, "it to wait")
    problem = rig.api.do("POST", f"/v1/deliveries/{waiting['id']}/redeliver", expect=409)
    assert "waits already" in json.dumps(problem)
    rig.api.do("POST", "/v1/deliveries/msg_nothing/redeliver", expect=404)
    faults = rig.api.do("POST", "/v1/deliveries/redeliver", {"state": "lost", "since": "yesterday"}, expect=422)
    assert {f["pointer"] for f in faults["faults"]} == {"/state", "/since"}
    rig.api.do("DELETE", "/v1/webhooks/1")
    wait_for(lambda: deliveries(rig, state="cancelled"), 10, "it to be cancelled")
    problem = rig.api.do("POST", f"/v1/deliveries/{waiting['id']}/redeliver", expect=409)
    assert "is gone" in json.dumps(problem)
    assert rig.command("deliveries", "redeliver").returncode == 64
    assert rig.command("deliveries", "redeliver", "--dead", "--webhook", "nobody").returncode == 66
