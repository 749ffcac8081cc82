"""Connections that are used again: a receiver closes one under a request, or speaks out of turn on it."""
import threading

import pytest

from patience import patience, wait_for
from receiver import Answer
from test_scripted_receiver import OK, assert_the_wire_saw, callbacks, head, raw


def used(rig, answer=Answer()):
    """Has a callback of another phone taken, with that answer, so that its connection waits for the next."""
    rig.receiver.script(answer)
    rig.start()
    rig.testbed.plug(serial="FIRST")
    rig.receiver.wait_for_callback("FIRST", "online")
    rig.agent.wait_for_log("event=callback.accepted")


def tell(rig, *answers):
    """Has phone A's callback answered so, and then well; the connections that its requests came over, and what is on record
    of each attempt."""
    rig.receiver.script(*answers)
    rig.testbed.plug(serial="A")
    callbacks(rig, 1)
    rig.api.do("POST", "/v1/webhooks/1/resume")
    callback, = callbacks(rig, 1, state="delivered").values()
    requests = [r for r in rig.receiver.requests if r.what[0] == "A"]
    assert_the_wire_saw(callback, requests)
    return [r.connection for r in requests], [(a["outcome"], a["wireSends"]) for a in callback["attempts"]]


@pytest.mark.parametrize("manner", ["drop", "reset"])
def test_one_that_is_closed_under_a_request_is_made_anew_at_once(rig, manner):
    used(rig)
    assert tell(rig, Answer(manner=manner)) == ([1, 2], [("accepted", 2)])
    first, second = rig.receiver.requests[1:]
    assert first.headers == second.headers
    assert rig.api.metrics()["plughook_wire_sends_total"] == 3


def test_a_new_one_that_is_closed_too_is_the_end_of_the_attempt(rig):
    used(rig)
    assert tell(rig, Answer(manner="drop"), Answer(manner="drop")) == ([1, 2, 3], [("connection", 2), ("accepted", 1)])


def test_there_is_no_third_request_in_one_attempt(rig):
    # Answered late: none of the three connections is free before the last is asked for.
    rig.receiver.decide = lambda request: Answer(delay=0.5)
    rig.configure(webhooks=[rig.webhook(1, "all", ["online", "unplugged"]),
                            rig.webhook(2, "second", ["online"]), rig.webhook(3, "third", ["online"])]).start()
    phone = rig.testbed.plug(serial="A")
    wait_for(lambda: rig.agent.log.count("event=callback.accepted") == 3, 10, "the answers to be taken")
    assert rig.receiver.connections == 3
    rig.receiver.decide = lambda request: Answer(manner="drop" if request.connection <= 3 else "answer")
    rig.testbed.unplug(phone)
    pulled = wait_for(lambda: [d for d in rig.api.get("/v1/deliveries?webhook=1")["deliveries"]
                               if d["sequence"] == 2 and d["attemptCount"]], 10, "the attempt on record")[0]
    rig.api.do("POST", "/v1/webhooks/1/resume")
    rig.receiver.wait_for_callback("A", "unplugged")
    callback = wait_for(lambda: (d := rig.api.get(f"/v1/deliveries/{pulled['id']}"))["state"] == "delivered" and d, 10,
                        "the second on record")
    assert [(a["outcome"], a["wireSends"]) for a in callback["attempts"]] == [("resendPrevented", 2), ("accepted", 1)]
    assert_the_wire_saw(callback, [r for r in rig.receiver.requests if r.id == pulled["id"]])


@pytest.mark.parametrize("beginning, outcome", [
    (head(100), "connection"), (b"HTTP/1.1 500 Oh\r\nContent-Le", "http5xx")])
def test_one_that_is_closed_within_an_answer_is_not_made_anew(rig, beginning, outcome):
    used(rig)
    assert tell(rig, raw(beginning)) == ([1, 2], [(outcome, 1), ("accepted", 1)])


@pytest.mark.parametrize("words", [OK, head(408, "Connection: close"), b"junk"])
@pytest.mark.parametrize("isLate", [False, True])
def test_what_a_receiver_says_unasked_is_no_answer_to_the_next_request(rig, words, isLate):
    """Else each callback over that connection would be told for what the one before it was answered."""
    said, go = threading.Event(), threading.Event()

    def steps():
        if isLate:
            yield OK
            go.wait(patience(20))
            yield words
        else:
            yield OK + words
        said.set()
    used(rig, Answer(raw=steps()))
    go.set()
    assert said.wait(patience(20))
    connections, attempts = tell(rig, Answer(500))
    assert attempts == [("http5xx", 1), ("accepted", 1)]
    # Words that come with the answer are thrown away with the rest of it.
    assert 1 not in connections or not isLate
