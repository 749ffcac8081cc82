"""A receiver that is away, slow, busy or broken: nothing is lost, nothing overtakes."""
from patience import wait_for
from receiver import Answer


def assert_attempts_of_one_callback(requests):
    """A retry is the same callback: same id, same bytes, same number; only its own time is new."""
    assert len({r.id for r in requests}) == len({r.body for r in requests}) == len({r.sequence for r in requests}) == 1


def test_all_that_happened_while_the_receiver_was_down_arrives_in_order(rig):
    rig.start()
    phones = rig.testbed.storm(5)
    for phone in phones:
        rig.receiver.wait_for_callback(phone.spec["serial"], "online")
    # An answer that is lost with the receiver would rightly be asked for again.
    wait_for(lambda: rig.agent.log.count("event=callback.accepted") == 5, 10, "the five answers to arrive")
    rig.receiver.stop()
    for count in range(1, 4):
        for phone in phones:
            rig.testbed.unplug(phone)
        for phone in phones:
            rig.wait_until_recorded(phone.spec["serial"], "unplugged", count)
        phones = [rig.testbed.plug(bus=p.bus, port=p.port, serial=p.spec["serial"]) for p in phones]
        for phone in phones:
            rig.wait_until_recorded(phone.spec["serial"], "online", count + 1)
    rig.agent.wait_for_log("outcome=connect")  # it has tried, and was refused
    rig.receiver.start()
    for phone in phones:
        rig.receiver.wait_for_callback(phone.spec["serial"], "online", count=4, seconds=60)
    for lane, requests in rig.receiver.lanes().items():
        assert [r.sequence for r in requests] == list(range(1, 8)), lane
        assert [r.what[1] for r in requests] == ["online", "unplugged"] * 3 + ["online"], lane
    assert len(rig.receiver.accepted()) == 5 * 7, "something came twice"


def test_a_500_is_tried_again_with_the_same_id_and_bytes(rig):
    rig.receiver.script(Answer(500))
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", seconds=30)
    first, second = rig.receiver.requests
    assert_attempts_of_one_callback([first, second])
    assert int(second["webhook-timestamp"]) > int(first["webhook-timestamp"])


def test_retry_after_is_heeded(rig):
    rig.receiver.script(Answer(429, (("Retry-After", "9"),)))
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", seconds=40)
    first, second = rig.receiver.requests
    assert_attempts_of_one_callback([first, second])
    assert second.ns - first.ns >= 9e9


def test_a_dropped_and_a_reset_connection_are_tried_again(rig):
    # libcurl may repeat a request of its own accord on a connection that was reused, so two requests may be one attempt.
    answers = {"DROP": Answer(manner="drop"), "RESET": Answer(manner="reset")}
    rig.receiver.decide = lambda request: answers.pop(request.what[0], Answer())
    rig.start()
    for serial in ("DROP", "RESET"):
        rig.testbed.plug(serial=serial)
        rig.receiver.wait_for_callback(serial, "online", seconds=30)
        assert_attempts_of_one_callback([r for r in rig.receiver.requests if r.what[0] == serial])


def test_a_lane_that_waits_holds_up_no_other(rig):
    stuck = [Answer(manner="silence")]
    rig.receiver.decide = lambda request: stuck.pop() if request.what == ("STUCK", "online") and stuck else Answer()
    rig.start()
    phone = rig.testbed.plug(serial="STUCK")
    rig.receiver.wait(lambda requests: [r for r in requests if r.what == ("STUCK", "online")])
    rig.testbed.unplug(phone)
    rig.wait_until_recorded("STUCK", "unplugged")
    rig.testbed.plug(serial="FREE")
    rig.receiver.wait_for_callback("FREE", "online", seconds=5)
    assert [r for r in rig.receiver.requests if r.what[0] == "STUCK"][1:] == [], "its next event must wait for the first"
    rig.receiver.wait_for_callback("STUCK", "unplugged", seconds=60)
    order = [r.what[1] for r in rig.receiver.accepted() if r.what[0] == "STUCK"]
    assert order == ["online", "unplugged"]


def test_a_receiver_that_is_gone_holds_what_comes_until_somebody_resumes(rig):
    answers = [Answer(410)]
    rig.receiver.decide = lambda request: answers[0] if request.path == "/all" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "all"), rig.webhook(2, "other")]).start()
    rig.testbed.plug(serial="A")
    wait_for(lambda: rig.api.get("/v1/webhooks/1")["isSuspended"], 10, "it to be suspended")
    problem, = rig.api.status()["problems"]
    assert "webhook 1 is suspended" in problem and "410 Gone" in problem and "plughook webhooks resume 1" in problem
    assert not rig.api.get("/v1/webhooks/2")["isSuspended"]
    entry = rig.api.get("/v1/audit")["entries"][0]
    assert (entry["action"], entry["actor"]) == ("webhook.suspend", "the receiver of webhook 1")
    # What comes is kept, also over a restart, and nothing is sent.
    rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online")
    assert rig.agent.terminate() == 0
    rig.start()
    assert rig.api.get("/v1/webhooks/1")["isSuspended"] and rig.api.get("/v1/webhooks/1")["waiting"] == 2
    assert [r.what[0] for r in rig.receiver.requests if r.path == "/all"] == ["A"]
    answers[0] = Answer()
    assert rig.command("webhooks", "resume", "all").returncode == 0
    for serial in "AB":
        rig.receiver.wait_for_callback(serial, "online", count=2, seconds=30)
    assert sorted(r.what[0] for r in rig.receiver.accepted() if r.path == "/all") == ["A", "B"]
