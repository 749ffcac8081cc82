"""The metrics as Prometheus reads them: clean by its own tool, and nothing in a label that is nobody's business."""
import os
import re
import subprocess
import time

from patience import patience, wait_for
from receiver import Answer

#: What a label's value may be: a word of an enum, a number, a version.
BOUNDED = re.compile(r"[A-Za-z0-9._+-]{0,40}|\+Inf")
SAMPLE = re.compile(r'(plughook_[a-z_]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')


def scraped(rig):
    reply = rig.api.call("GET", "/metrics")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return reply.body.decode()


def busy(rig):
    """An agent in whose metrics every family has something: successes, failures, a refused file, an odd phone."""
    rig.receiver.decide = lambda request: Answer(503) if request.what[0] == "B" else Answer()
    hook = {**rig.webhook(1, "all"), "url": f"{rig.receiver.url}/services/HUSHHUSH?token=HUSHHUSH",
            "name": 'Hook "of" \\ HUSHHUSH'}
    rig.configure(webhooks=[hook, rig.webhook(2, "other")], devices=[{"udid": "A", "name": "HUSHHUSH"}]).start()
    for serial in "AB":
        phone = rig.testbed.plug(serial=serial)
        rig.wait_until_recorded(serial, "online")
        rig.testbed.unplug(phone)
        rig.wait_until_recorded(serial, "unplugged")
    rig.testbed.plug(serial='odd "serial" \\')
    rig.receiver.wait_for_callback("A", "unplugged", count=2)
    rig.api.do("POST", "/v1/webhooks/2/suspend")
    rig.configure(webhooks=[{"name": 7}])
    wait_for(lambda: rig.api.metrics()["plughook_config_refused"] == 1, 10, "the broken file to be seen")
    wait_for(lambda: 'outcome="http5xx"' in scraped(rig), 10, "the failed attempts to be counted")
    return scraped(rig)


def test_promtool_finds_nothing_to_mend(rig):
    text = busy(rig)
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=patience(60))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_labels_are_bounded_and_carry_no_url_name_or_secret(rig):
    text = busy(rig)
    assert "HUSH" not in text and "://" not in text and "odd" not in text
    seen = set()
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        assert (name, labels) not in seen, f"twice: {line}"
        seen.add((name, labels))
        float(value)
        pairs = LABEL.findall(labels or "")
        assert ",".join(f'{n}="{v}"' for n, v in pairs) == (labels or ""), line
        assert all(BOUNDED.fullmatch(v) for _, v in pairs), line
    # Two phones more are no line more.
    lines = len(text.splitlines())
    for serial in "CD":
        rig.testbed.plug(serial=serial)
        rig.receiver.wait_for_callback(serial, "online")
    assert len(scraped(rig).splitlines()) == lines


def test_connections_are_counted_by_whether_they_were_there(rig):
    rig.start()
    accepted = 'plughook_attempts_total{webhook="1",outcome="accepted"}'
    for n, serial in enumerate("ABCDE", 1):
        rig.testbed.plug(serial=serial)
        # One that is not over yet would have the next one open another connection.
        wait_for(lambda: rig.api.metrics().get(accepted) == n, 10, f"callback {n} to be accepted")
    metrics = rig.api.metrics()
    assert metrics['plughook_connections_total{state="new"}'] == rig.receiver.connections == 1
    assert metrics['plughook_connections_total{state="reused"}'] == 4


def test_the_size_of_the_database_is_that_of_its_files(rig):
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")

    def sizes():
        return [os.path.getsize(os.path.join(rig.state, "plughook.sqlite3" + suffix)) for suffix in ("", "-wal")]

    def told():
        metrics = rig.api.metrics()
        return [metrics[f'plughook_db_bytes{{file="{file}"}}'] for file in ("database", "wal")]
    assert min(sizes()) > 0
    # Once the outcome is on disk, and the log has been seen to.
    wait_for(lambda: sizes() == told() == sizes(), 10, lambda: f"{sizes()} to be told, it is {told()}")


def test_each_callback_is_counted_once_by_its_wait_for_the_first_send(rig):
    rig.receiver.decide = lambda request: Answer(503) if request.what[0] == "B" else Answer()
    rig.configure(webhooks=[rig.webhook(1, "all"), rig.webhook(2, "other")]).start()
    name = "plughook_first_send_delay_seconds"
    began = time.monotonic()
    for serial in "AB":
        rig.testbed.plug(serial=serial)
        rig.receiver.wait(lambda requests: sum(r.what[0] == serial for r in requests) == 2)
    metrics = rig.api.metrics()
    took = time.monotonic() - began
    assert metrics[f"{name}_count"] == metrics[f'{name}_bucket{{le="+Inf"}}'] == 4
    assert 0 < metrics[f"{name}_sum"] < 4 * took
    # What an agent before has committed, and tried, is not sent for the first time after a commit.
    wait_for(lambda: rig.api.status()["inFlight"] == 0, 10, "the attempts to end")
    assert rig.agent.terminate() == 0
    rig.receiver.decide = lambda request: Answer()
    rig.start()
    rig.receiver.wait_for_callback("B", "online", count=2, seconds=20)
    assert rig.api.metrics()[f"{name}_count"] == 0
