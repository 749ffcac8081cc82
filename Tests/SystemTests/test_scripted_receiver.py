"""Receivers that answer in every way that HTTP knows, and in ways that it does not: what each attempt is on record as,
how often it went over the wire, and that its callback arrives when the receiver is well again.
"""
import itertools
import time
import typing
from dataclasses import dataclass
from datetime import datetime, timezone

from patience import patience, wait_for
from receiver import Answer


def head(status, *lines):
    return "\r\n".join([f"HTTP/1.1 {status} Scripted", *lines, "", ""]).encode()


def raw(*steps, then="drop", means=0):
    return Answer(means, manner=then, raw=steps)


def endless(beginning, *more, means=0):
    class Steps:
        def __iter__(self):
            return itertools.chain([beginning], itertools.cycle(more))
    return Answer(means, manner="drop", raw=Steps())


OK = head(200, "Content-Length: 0")


def callbacks(rig, count, **query):
    """Webhook -> its callback of phone A with all its attempts, when so many have one on record."""
    path = "/v1/deliveries?" + "&".join(f"{k}={v}" for k, v in {"device": "A", "limit": 1000, **query}.items())

    def tried():
        page = rig.api.get(path)["deliveries"]
        return len(page) == count and all(d["attemptCount"] for d in page) and page
    found = wait_for(tried, 30, f"{count} callbacks of phone A to be tried")
    return {d["webhookId"]: rig.api.get(f"/v1/deliveries/{d['id']}") for d in found}


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def pause(attempt):
    """Seconds from its end to the next attempt; None when there is to be none."""
    if "nextAttemptAt" in attempt:
        return moment(attempt["nextAttemptAt"]) - moment(attempt["startedAt"]) - attempt["durationMs"] / 1000


def is_first_step(seconds):
    """5 s, spread by 20 %; the record is in milliseconds."""
    return 3.95 < seconds < 6.05


def assert_the_wire_saw(callback, requests):
    """Neither more nor less than is on record, and each time the same."""
    assert sum(a["wireSends"] for a in callback["attempts"]) == len(requests), (callback["attempts"], requests)
    assert {(r.id, r.body.decode()) for r in requests} == {(callback["id"], callback["body"])}


# Every status.

REJECTED = {400, 405, 406, 411, 413, 414, 415, 422, 431, 501, 505}
ELSEWHERE = {301: "/trap", 302: "http://169.254.169.254/latest/meta-data/", 303: "//[fd00:ec2::254]/", 307: "/trap",
             308: "/trap"}


def what_it_is(status):
    if status in REJECTED:
        return "rejected"
    named = {401: "auth", 403: "auth", 407: "auth", 410: "gone", 429: "throttled"}
    by_class = {2: "accepted", 3: "redirect", 4: "http4xx", 5: "http5xx"}
    return named.get(status) or by_class.get(status // 100, "protocol")


def test_each_status_is_told_for_what_it_is_and_is_tried_again_unless_it_is_a_success(rig):
    statuses = [*range(200, 600), 600, 999]
    answers = {f"/{s}": Answer(s, [("Location", ELSEWHERE[s])] if s in ELSEWHERE else []) for s in statuses}
    rig.receiver.decide = lambda request: answers.pop(request.path, Answer())
    rig.configure(webhooks=[rig.webhook(s, str(s), ["online"]) for s in statuses]).start()
    rig.testbed.plug(serial="A")
    for status, callback in callbacks(rig, len(statuses)).items():
        attempt = callback["attempts"][0]
        assert (attempt["outcome"], attempt["statusCode"]) == (what_it_is(status), status), attempt
        assert attempt["wireSends"] == 1
        assert attempt["detail"].startswith(f"HTTP/1.1 {status} Scripted")
        if status == 302:
            assert "to 169.254.169.254, not followed" in attempt["detail"]
        if 200 <= status < 300:
            assert callback["state"] == "delivered" and pause(attempt) is None
        else:
            assert is_first_step(pause(attempt)), attempt
    # The schedule has all tried again, but for the one that is suspended.
    assert rig.api.get("/v1/webhooks/410")["isSuspended"]
    rig.api.do("POST", "/v1/webhooks/410/resume")
    taken = callbacks(rig, len(statuses), state="delivered")
    assert rig.agent.terminate() == 0
    for status, callback in taken.items():
        assert callback["attemptCount"] == (1 if 200 <= status < 300 else 2)
        assert_the_wire_saw(callback, [r for r in rig.receiver.requests if r.path == f"/{status}"])
    assert not [r for r in rig.receiver.requests if r.path == "/trap"], "it was followed"


# Everything else.

TROUBLES = {
    # Without an answer.
    "closes without a word": (Answer(manner="drop"), "connection", None),
    "resets without a word": (Answer(manner="reset"), "connection", None),
    "resets within its status line": (raw(b"HTTP/1.1 20", then="reset"), "connection", None),
    "closes within its status line": (raw(b"HTTP/1.1 20"), "connection", None),
    "says nothing": (Answer(manner="silence"), "timeout", None),
    "is slow with its status line": (endless(b"HTTP/1.1 200 ", 0.05, b"x"), "timeout", None),
    # With the beginning of one: the status line decides.
    "resets behind a success": (raw(head(200, "Content-Length: 9"), then="reset", means=200), "accepted", 200),
    "resets behind a failure": (raw(head(500, "Content-Length: 9"), then="reset"), "http5xx", 500),
    "closes within its headers": (raw(b"HTTP/1.1 503 Busy\r\nContent-Le"), "http5xx", 503),
    "is slow with its headers": (endless(b"HTTP/1.1 503 Busy\r\n", 0.05, b"X-A: b\r\n"), "http5xx", 503),
    "is slow with a success": (endless(head(200), 0.05, b"x", means=200), "accepted", 200),
    "is slow with a failure": (endless(head(500), 0.05, b"x"), "http5xx", 500),
    "is slow, but in time": (raw(*itertools.chain(*((bytes([c]), 0.01) for c in OK)), means=200), "accepted", 200),
    "cuts a success": (raw(head(200, "Content-Length: 9") + b"shor", means=200), "accepted", 200),
    "cuts a failure": (raw(head(500, "Content-Length: 9") + b"shor"), "http5xx", 500),
    # Without an end.
    "never ends a success": (endless(head(200), b"x" * 65536, means=200), "accepted", 200),
    "never ends a failure": (endless(head(500), b"x" * 65536), "http5xx", 500),
    "never ends its headers": (endless(b"HTTP/1.1 500 Oh\r\n", b"X-A: b\r\n" * 5000), "http5xx", 500),
    "never ends a header": (endless(b"HTTP/1.1 500 Oh\r\nX-A: ", b"b" * 65536), "http5xx", 500),
    "never ends its status line": (endless(b"HTTP/1.1 200 O", b"h" * 65536), "protocol", None),
    "never ends what comes before": (endless(head(100), head(100) * 1000), "protocol", None),
    "never ends its early hints": (endless(b"HTTP/1.1 103 Early\r\n", b"Link: x\r\n" * 5000), "protocol", None),
    # With what comes before an answer, and perhaps with one.
    "continues, and takes it": (raw(head(100), OK, then="answer", means=200), "accepted", 200),
    "hints early, and takes it": (raw(head(103, "Link: </a>"), OK, then="answer", means=200), "accepted", 200),
    "is at it, and fails": (raw(head(102) * 9, head(500, "Content-Length: 0"), then="answer"), "http5xx", 500),
    "continues, and stalls": (raw(head(100), then="silence"), "timeout", None),
    "continues, and closes": (raw(head(100)), "connection", None),
    "continues, and resets": (raw(head(100), then="reset"), "connection", None),
    "speaks another protocol, and stalls": (raw(head(101, "Upgrade: x"), then="silence"), "timeout", None),
    "speaks another protocol, and closes": (raw(head(101, "Upgrade: x")), "connection", None),
    # In chunks and lengths that are none.
    "has no number for a chunk": (raw(head(500, "Transfer-Encoding: chunked") + b"zz\r\nno"), "http5xx", 500),
    "has too long a number for a chunk":
        (raw(head(200, "Transfer-Encoding: chunked") + b"f" * 99 + b"\r\nno", means=200), "accepted", 200),
    "cuts a chunk": (raw(head(200, "Transfer-Encoding: chunked") + b"5\r\nno", means=200), "accepted", 200),
    "has less than no length": (raw(head(500, "Content-Length: -1")), "http5xx", 500),
    "has no gzip though it says so":
        (raw(head(200, "Content-Encoding: gzip", "Content-Length: 2") + b"no", means=200), "accepted", 200),
    "has a header that is none": (raw(b"HTTP/1.1 200 OK\r\nno\r\nContent-Length: 0\r\n\r\n", means=200), "accepted", 200),
    # In no HTTP that is known.
    "speaks HTTP/0.9": (raw(b"<html>hello from 1991</html>\r\n"), "protocol", None),
    "speaks HTTP/9.9": (raw(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"), "protocol", None),
    "speaks HTTP/2 unasked": (raw(bytes.fromhex("00000c0400000000000003000000640004ffff0000")), "protocol", None),
    "speaks TLS": (raw(b"\x15\x03\x01\x00\x02\x02\x28"), "protocol", None),
    "speaks in zeros": (raw(bytes(99)), "protocol", None),
    "has the status 000": (raw(b"HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n", then="answer"), "protocol", None),
    "has the status 099": (raw(b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n"), "protocol", None),
    "has the status -20": (raw(b"HTTP/1.1 -20 Low\r\nContent-Length: 0\r\n\r\n"), "protocol", None),
    "has a word for a status": (raw(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"), "protocol", None),
    "has no status": (raw(b"HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), "protocol", None),
}


def test_each_trouble_is_told_for_what_it_is_and_holds_up_nobody_else(rig, make_receiver):
    # One for each, so that no connection is used twice: over one that is, libcurl may send twice by itself.
    troubled = {n: make_receiver() for n in range(1, len(TROUBLES) + 1)}
    for receiver, (answer, _, _) in zip(troubled.values(), TROUBLES.values()):
        receiver.script(answer)
    limit = patience(2)
    rig.configure(webhooks=[rig.webhook(999, "well"), *(
        {**rig.webhook(n, name, ["online"]), "url": troubled[n].url, "timeoutMs": int(limit * 1000),
         "devices": {"udids": ["A"]}} for n, name in enumerate(TROUBLES, 1))]).start()
    rig.testbed.plug(serial="A")
    for name, receiver in zip(TROUBLES, troubled.values()):
        receiver.wait(lambda requests: requests, what=name)
    rig.testbed.plug(serial="B")
    told = rig.receiver.wait_for_callback("B", "online")
    assert told.ns < min(r.requests[0].ns for r in troubled.values()) + limit * 1e9, "before the first of them gave up"

    found = callbacks(rig, len(TROUBLES) + 1)
    for n, (name, (_, outcome, status)) in enumerate(TROUBLES.items(), 1):
        attempt = found[n]["attempts"][0]
        assert (attempt["outcome"], attempt.get("statusCode")) == (outcome, status), (name, attempt)
        assert (attempt["wireSends"], attempt["address"]) == (1, f"127.0.0.1:{troubled[n].port}"), (name, attempt)
        if outcome == "accepted":
            assert found[n]["state"] == "delivered" and pause(attempt) is None, name
        else:
            assert is_first_step(pause(attempt)), (name, attempt)
        if outcome == "timeout":
            assert attempt["durationMs"] >= limit * 1000
        if name.startswith("never ends"):
            assert "the answer was longer than 64 KiB and not read to its end" in attempt["detail"], (name, attempt)
    taken = callbacks(rig, len(TROUBLES) + 1, state="delivered")
    assert rig.agent.terminate() == 0
    for n, (name, (_, outcome, _)) in enumerate(TROUBLES.items(), 1):
        assert taken[n]["attemptCount"] == (1 if outcome == "accepted" else 2), name
        assert_the_wire_saw(taken[n], troubled[n].requests)


def test_answers_without_an_end_take_no_memory(rig):
    poured = []

    def pour(beginning, more):
        yield beginning
        poured.append(0)
        for place in itertools.repeat(len(poured) - 1):
            yield more
            poured[place] += len(more)
    kinds = [(head(200), b"x" * 65536), (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 8192),
             (head(200, "Transfer-Encoding: chunked"), b"10000\r\n" + b"x" * 65536 + b"\r\n")]
    webhooks = range(1, 9)
    rig.configure(webhooks=[rig.webhook(n, f"all{n}", ["online"]) for n in webhooks]).start()
    rig.testbed.plug(serial="FIRST")
    rig.receiver.wait_for_callback("FIRST", "online", count=8)
    process = f"/proc/{rig.api.status()['pid']}"
    with open(f"{process}/clear_refs", "w") as file:
        file.write("5")  # VmHWM counts from now on
    before = most_memory(process)
    rig.receiver.decide = lambda request: Answer(200, raw=pour(*kinds[request.json["webhookId"] % len(kinds)]))
    for phone in rig.testbed.storm(12):
        rig.receiver.wait_for_callback(phone.spec["serial"], "online", count=8, seconds=30)
    wait_for(lambda: not rig.api.get("/v1/deliveries?state=pending")["deliveries"], 30, "all to be accepted")
    assert len(poured) == 12 * len(webhooks)
    # What a sanitizer needs comes on top.
    assert most_memory(process) - before < patience(16 << 20), f"of {sum(poured)} bytes"


def most_memory(process):
    """In bytes."""
    with open(f"{process}/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) * 1024


# When it wants to be left alone.

#: The three forms of RFC 9110.
DATES = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]


@dataclass
class Wish:
    """A Retry-After of `value`; or, where there is a form, of the date that is so many seconds ahead."""
    value: typing.Any
    heeded: float  # seconds; 0: not at all
    status: int = 429
    form: str = ""

    @property
    def header(self):
        date = datetime.fromtimestamp(time.time() + self.value, timezone.utc) if self.form else None
        return "Retry-After", date.strftime(self.form) if date else self.value


WISHES = [
    Wish("120", 120), Wish("5000", 3600),
    *(Wish(v, 0) for v in ("0", "1", "-7", "9" * 20, "soon", "", "Wed, 31 Feb 2100 25:61:61 GMT")),
    *(Wish(120, 120, form=form) for form in DATES), *(Wish(-120, 0, form=form) for form in DATES),
    Wish(86400, 3600, form=DATES[0]), *(Wish("120", 120, status) for status in (301, 401, 404, 408, 422, 500, 503)),
    Wish("120", 0, 200)]


def test_a_wish_to_be_left_alone_is_heeded_in_all_its_forms(rig):
    answers = {f"/{n}": wish for n, wish in enumerate(WISHES, 1)}

    def decide(request):
        wish = answers.pop(request.path, None)
        return Answer(wish.status, [wish.header]) if wish else Answer()
    rig.receiver.decide = decide
    rig.configure(webhooks=[rig.webhook(n, str(n), ["online"]) for n in range(1, len(WISHES) + 1)]).start()
    rig.testbed.plug(serial="A")
    for n, callback in callbacks(rig, len(WISHES)).items():
        wish, attempt = WISHES[n - 1], callback["attempts"][0]
        if wish.status == 200:
            assert callback["state"] == "delivered" and pause(attempt) is None
            continue
        if wish.heeded:
            # A date is of whole seconds.
            least = wish.heeded - (2 if wish.form else 0.01)
            assert least < pause(attempt) < wish.heeded + 1, (wish, attempt)
        else:
            assert is_first_step(pause(attempt)), (wish, attempt)
        if wish.status in (429, 503):
            away = rig.api.get(f"/v1/webhooks/{n}")["away"]
            assert abs(moment(away["nextTryAt"]) - moment(attempt["nextAttemptAt"])) < 3, "all of its callbacks wait"
    # Nobody comes before; but for somebody who knows better.
    patient = {n for n, wish in enumerate(WISHES, 1) if wish.heeded}
    assert not patient & set(callbacks(rig, len(WISHES) - len(patient), state="delivered"))
    for n in patient:
        rig.api.do("POST", f"/v1/webhooks/{n}/resume")
    for n, callback in callbacks(rig, len(WISHES), state="delivered").items():
        assert_the_wire_saw(callback, [r for r in rig.receiver.requests if r.path == f"/{n}"])
