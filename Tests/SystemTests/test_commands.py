"""The commands over the control API, against an agent of canned answers: what a person and a script get of each."""
import json
import os
import subprocess
import time
import urllib.parse

import pytest

from agent import BINARY
from canned_agent import (EX_CONFIG, EX_DATAERR, EX_IOERR, EX_NOINPUT, EX_NOPERM, EX_PROTOCOL, EX_SOFTWARE,
                          EX_TEMPFAIL, EX_UNAVAILABLE, EX_USAGE, FAULT, SHOWN, STATUS, TEST, agent, device, event, following,
                          frame, on_terminal, plughook, problem, succeed, webhook)
from patience import patience, wait_for


# What people see.

def test_devices_are_a_table_that_stands_straight_and_does_what_no_name_says(agent):
    header, first, second, third = succeed(agent, "devices").splitlines()
    assert "\x1b" not in first and "\u202e" not in first and SHOWN in first
    column = header.index("STATUS")
    # The two wide characters of the first name take four columns.
    assert first.index("online") == column - 2
    assert second.index("offline") == column
    assert second.split() == ["Z", "Pixel", "offline", "unauthorized", "-", "private", "-"]
    assert third.split() == ["Y", "Pixel", "-", "-", "-", "private", "-"]


def test_two_phones_with_one_serial_and_one_without_are_all_shown(agent):
    places = [{"port": "1-1", "idPath": "pci-1"}, {"port": "1-2", "idPath": "pci-2"}]
    twins = device("X", "offline", reason="duplicateSerial", port="1-2", idPath="pci-2", places=places)
    agent.gives("GET", "/v1/devices", {"devices": [twins], "unidentified": [
        {"port": "1-9", "platform": "android", "product": "MT65\x1b", "reason": "noSerial"}]})
    rows = [line.split() for line in succeed(agent, "devices").splitlines()[1:]]
    assert rows == [["X", "Pixel", "offline", "duplicateSerial", "1-1", "private", "-"],
                    ["X", "Pixel", "offline", "duplicateSerial", "1-2", "private", "-"],
                    ["-", "MT65\\u{1b}", "-", "noSerial", "1-9", "-", "-"]]
    # One without an identity has no status either.
    assert len(succeed(agent, "devices", "--status", "offline").splitlines()) == 3
    assert json.loads(succeed(agent, "devices", "--status", "offline", "--json"))["unidentified"] == []
    agent.gives("GET", "/v1/devices/X", twins)
    shown = succeed(agent, "devices", "show", "X").splitlines()
    assert [line.split(maxsplit=1)[1] for line in shown if line.startswith("port")] == ["1-1 (pci-1)", "1-2 (pci-2)"]


def test_devices_are_filtered_by_status_also_as_json(agent):
    assert [line.split()[0] for line in succeed(agent, "devices", "--status", "offline").splitlines()] == ["UDID", "Z"]
    filtered = json.loads(succeed(agent, "devices", "--status", "offline", "--status", "online", "--json"))
    assert filtered["devices"] == agent.answers["GET", "/v1/devices"][1]["devices"][:2]
    assert plughook(agent, "devices", "--status", "onlin").returncode == EX_USAGE


def test_status_tells_what_is_wrong(agent):
    agent.gives("GET", "/v1/status", {**STATUS, "lastReload": {
        "isInForce": False, "at": "2026-11-24T05:00:00.000Z", "faults": [FAULT]}})
    shown = succeed(agent, "status")
    assert "2 online, 1 unplugged" in shown
    assert "/etc/plughook/config.json:3:9: /webhooks/0/url: is no URL; give http://…" in shown
    assert "webhook \\u{1b}[1mci is away; look at it" in shown


def test_events_are_shown_with_the_newest_last(agent):
    lines = succeed(agent, "events", "--limit", "2", "--device", "a/b +é").splitlines()
    assert [line.split()[0] for line in lines] == ["NUMBER", "8", "9"]
    (_, target, *_), = agent.requests
    query = urllib.parse.parse_qs(target.split("?")[1])
    assert query == {"before": [str(2**63 - 1)], "limit": ["2"], "device": ["a/b +é"]}


def test_events_that_are_not_kept_are_named(agent):
    agent.gives("GET", "/v1/events", {"events": [event(8)], "missing": {"first": 3, "last": 7}})
    result = plughook(agent, "events", "--after", "2", "--json")
    assert result.returncode == 0 and "events 3 to 7 are missing" in result.stderr
    assert json.loads(result.stdout) == event(8)


@pytest.mark.parametrize("command", ["events", "events --json", "deliveries", "deliveries --json"])
def test_a_phone_that_is_not_there_is_told_with_the_nearest(agent, command):
    agent.gives("GET", "/v1/events", {"events": []})
    agent.gives("GET", "/v1/deliveries", {"deliveries": []})
    result = plughook(agent, *command.split(), "--device", "R58N")
    assert (result.returncode, result.stdout) == (EX_NOINPUT, "")
    assert result.stderr == "plughook: There is no /v1/devices/R58N. Did you mean R58M?\n"
    agent.gives("GET", "/v1/devices/R58N", device("R58N", "online"))
    assert plughook(agent, *command.split(), "--device", "R58N").returncode == 0


def test_one_phone_is_shown(agent):
    agent.gives("GET", "/v1/devices/Z", device("Z", "offline", reason="unauthorized", labels={"b": "2", "a": "\x1b"},
                                                     since="2026-11-24T05:00:00.000Z"))
    shown = dict(line.split(maxsplit=1) for line in succeed(agent, "devices", "show", "Z").splitlines())
    assert (shown["status"], shown["reason"], shown["labels"]) == ("offline", "unauthorized", "a=\\u{1b}, b=2")
    assert shown["since"] == "2026-11-24T05:00:00.000Z"
    assert shown["usable"] == "as soon as it is there"
    assert json.loads(succeed(agent, "devices", "show", "Z", "--json"))["udid"] == "Z"
    result = plughook(agent, "devices", "show", "R58N")
    assert result.returncode == EX_NOINPUT and "Did you mean R58M?" in result.stderr
    assert plughook(agent, "devices", "show", "").returncode == EX_USAGE
    assert plughook(agent, "devices", "forget", "").returncode == EX_USAGE


def test_deliveries_and_the_audit_are_shown(agent):
    result = plughook(agent, "deliveries", "--webhook", "ci", "--state", "pending")
    assert result.stdout.splitlines()[1].split()[:5] == ["msg_1", "129", "R58M", "5", "9"]
    assert "--before 3" in result.stderr
    assert "webhook=129&state=pending&limit=50" in agent.requests[-1][1]
    plughook(agent, "deliveries", "list", "--since", "2026-11-24T05:00:00+01:00", "--until", "2026-11-24T06:00:00Z")
    query = urllib.parse.parse_qs(agent.requests[-1][1].split("?")[1])
    assert query == {"since": ["2026-11-24T05:00:00+01:00"], "until": ["2026-11-24T06:00:00Z"], "limit": ["50"]}
    shown = succeed(agent, "deliveries", "show", "msg_1")
    assert "http5xx  503   12.3 ms" in shown and "\x1b" not in shown
    assert '  before  {"name":"a"}\n  after   {"name":"b"}' in succeed(agent, "audit")


@pytest.mark.parametrize("command,path", [
    ("status", "status"), ("devices", "devices"), ("webhooks", "webhooks"), ("webhooks list", "webhooks"),
    ("webhooks show ci", "webhooks/129"), ("deliveries", "deliveries"), ("deliveries show msg_1", "deliveries/msg_1"),
    ("audit", "audit")])
def test_json_is_the_document_as_it_came(agent, command, path):
    assert succeed(agent, *command.split(), "--json") == json.dumps(agent.answers["GET", "/v1/" + path][1]) + "\n"


def test_the_status_has_a_colour_on_a_terminal_only(agent):
    arguments = ["devices", "--socket", agent.path]
    assert "\x1b[32monline\x1b[0m" in on_terminal(*arguments)[1]
    assert "\x1b" not in on_terminal(*arguments, NO_COLOR="1")[1]
    assert "\x1b[32m" in on_terminal(*arguments, NO_COLOR="")[1]
    assert "\x1b" not in on_terminal(*arguments, TERM="dumb")[1]
    assert "\x1b" not in succeed(agent, "devices")


# What goes wrong.

def test_no_agent_is_69_and_says_how_to_start_one(agent):
    agent.server.server_close()  # the socket's file stays, as after a kill
    refused = plughook(agent, "status")
    os.unlink(agent.path)
    missing = plughook(agent, "status")
    for result in (refused, missing):
        assert result.returncode == EX_UNAVAILABLE
        assert result.stderr == (f"plughook: no agent is running here (nothing listens on {agent.path}): "
                                 "start it with `systemctl start plughook` or `plughook run`\n")
    agent.start()


@pytest.mark.parametrize("status,code", [
    (400, EX_DATAERR), (403, EX_NOPERM), (404, EX_NOINPUT), (409, EX_TEMPFAIL),
    (408, EX_TEMPFAIL),
    (500, EX_SOFTWARE), (503, EX_TEMPFAIL)])
def test_a_refusal_is_told_in_the_words_of_the_api(agent, status, code):
    agent.gives("DELETE", "/v1/devices/R 5/8", problem(status, "Not you.\x1b[2J Ask group plughook-admin."))
    result = plughook(agent, "devices", "forget", "R 5/8")
    assert (result.returncode, result.stdout) == (code, "")
    assert result.stderr == "plughook: Not you.\\u{1b}[2J Ask group plughook-admin.\n"


def test_each_fault_of_a_body_is_a_line(agent):
    agent.gives("POST", "/v1/webhooks", problem(422, "wrong", [{**FAULT, "pointer": "/url"}, FAULT]))
    result = plughook(agent, "webhooks", "create", "--name", "x", "--url", "y")
    assert result.returncode == EX_DATAERR
    assert result.stderr.splitlines() == ["plughook: /url: is no URL; give http://…",
                                          "plughook: /webhooks/0/url: is no URL; give http://…"]


@pytest.mark.parametrize("document", [b"<html>", b'{"version": 3}', b""])
def test_an_answer_of_something_else_is_not_understood(agent, document):
    agent.gives("GET", "/v1/status", document)
    result = plughook(agent, "status")
    assert result.returncode == EX_SOFTWARE and "GET /v1/status is not understood" in result.stderr


def raw(data):
    def answer(handler):
        handler.wfile.write(data)
        handler.close_connection = True
    return answer


def test_an_agent_that_dies_in_the_middle_is_unavailable(agent):
    agent.answers["GET", "/v1/status"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    result = plughook(agent, "status")
    assert result.returncode == EX_UNAVAILABLE and "ended the connection" in result.stderr
    agent.answers["GET", "/v1/status"] = raw(b"")
    assert plughook(agent, "status").returncode == EX_UNAVAILABLE
    agent.answers["GET", "/v1/status"] = raw(b"SSH-2.0\r\n")
    assert plughook(agent, "status").returncode == EX_SOFTWARE


def test_the_socket_is_found_in_the_configuration_even_if_that_is_wrong(agent, tmp_path):
    path = tmp_path / "config.json"

    def status(**environment):
        return subprocess.run([BINARY, "status", *([] if environment else ["--config", str(path)])], text=True,
                              capture_output=True, timeout=patience(30), env={**os.environ, **environment})
    path.write_text(json.dumps({"nonsense": 1, "control": {"socket": agent.path}}))
    assert status().returncode == 0
    assert status(PLUGHOOK_CONFIG=str(path)).returncode == 0
    path.write_text("{")
    assert status().returncode == EX_CONFIG and str(path) in status().stderr
    path.unlink()
    assert status().returncode == EX_CONFIG and str(path) in status().stderr


def test_a_path_that_is_too_long_for_a_socket_is_said(agent):
    agent.path, path = "/" + "x" * 200, agent.path
    result = plughook(agent, "status")
    agent.path = path
    assert result.returncode == EX_UNAVAILABLE and "too long" in result.stderr


def test_a_reader_that_has_enough_ends_it_quietly(agent):
    agent.gives("GET", "/v1/events", {"events": [event(n) for n in range(1, 900)]})
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run([BINARY, "events", "--socket", agent.path], stdout=write, stderr=subprocess.PIPE,
                            timeout=patience(30))
    os.close(write)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_full_disk_is_said(agent):
    with open("/dev/full", "w") as full:
        result = subprocess.run([BINARY, "events", "--socket", agent.path], stdout=full, stderr=subprocess.PIPE,
                                text=True, timeout=patience(30))
    assert result.returncode == EX_IOERR and "No space left" in result.stderr


# What is changed.

def test_reload_prints_faults_as_check_does(agent):
    agent.gives("POST", "/v1/config/reload", {"isInForce": True, "at": "x", "faults": []})
    assert "in force" in succeed(agent, "reload")
    agent.gives("POST", "/v1/config/reload", {"isInForce": False, "at": "x", "faults": [FAULT]})
    result = plughook(agent, "reload")
    assert (result.returncode, result.stdout) == (EX_CONFIG, "")
    assert "/etc/plughook/config.json:3:9: /webhooks/0/url: is no URL; give http://…\n" in result.stderr
    assert json.loads(plughook(agent, "reload", "--json").stdout)["faults"] == [FAULT]


def test_create_sends_what_was_said(agent):
    agent.gives("POST", "/v1/webhooks", webhook(131, "new"), 201)
    told = succeed(agent, "webhooks", "create", "--name", "ä", "--url", "http://h/")
    assert told == 'created webhook "new" (id 131)\n'
    assert agent.requests[-1][3] == {"name": "ä", "url": "http://h/",
                                     "events": ["online", "offline", "utilizing", "unplugged"]}
    succeed(agent, "webhooks", "create", "--name", "n", "--url", "http://h/", "--events", "unplugged,online", "--event",
            "online", "--description", "d", "--disabled", "--timeout-ms", "2000", "--connect-timeout-ms", "500", "--backlog", "latest")
    assert agent.requests[-1][3] == {"name": "n", "url": "http://h/", "events": ["online", "unplugged"],
                                     "description": "d", "enabled": False, "timeoutMs": 2000, "connectTimeoutMs": 500,
                                     "backlog": "latest"}
    assert plughook(agent, "webhooks", "create", "--name", "n", "--url", "u", "--event", "on").returncode == EX_USAGE


def test_edit_changes_only_what_it_has_read(agent):
    agent.gives("PATCH", "/v1/webhooks/129", webhook(129, "ci"))
    succeed(agent, "webhooks", "edit", "ci", "--enabled", "--description", "")
    _, _, headers, body = agent.requests[-1]
    assert headers["If-Match"] == '"abc"' and body == {"enabled": True, "description": ""}
    assert plughook(agent, "webhooks", "edit", "ci").returncode == EX_USAGE
    agent.gives("PATCH", "/v1/webhooks/129", problem(412, "Somebody else has changed it."))
    result = plughook(agent, "webhooks", "edit", "129", "--name", "x")
    assert result.returncode == EX_TEMPFAIL and "somebody else changed it meanwhile" in result.stderr


def test_a_number_is_an_id_first_and_then_a_name(agent):
    agent.gives("GET", "/v1/webhooks", {"webhooks": [webhook(1, "129"), webhook(129, "ci"), webhook(2, "7")]})
    for name, path in (("129", "/v1/webhooks/129"), ("7", "/v1/webhooks/2")):
        plughook(agent, "webhooks", "show", name)
        assert agent.requests[-1][1] == path
    for name, advice in (("lab", 'there are "129" (1), "ci" (129), "7" (2)'), ("CI", 'did you mean "ci" (129)?')):
        result = plughook(agent, "webhooks", "show", name)
        assert result.returncode == EX_NOINPUT
        assert f'no webhook "{name}": {advice}' in result.stderr


def test_suspend_and_resume(agent):
    agent.gives("POST", "/v1/webhooks/129/suspend", webhook(129, "ci", isSuspended=True))
    agent.gives("POST", "/v1/webhooks/129/resume", webhook(129, "ci"))
    assert "is suspended" in succeed(agent, "webhooks", "suspend", "ci")
    assert "goes on" in succeed(agent, "webhooks", "resume", "129")


def test_test_shows_phases_and_answer_and_fails_when_not_accepted(agent):
    agent.gives("POST", "/v1/webhooks/129/test", TEST)
    shown = succeed(agent, "webhooks", "test", "ci")
    assert "connected   after 1.3 ms" in shown and "hi\\u{7}" in shown and "TLS" not in shown
    agent.gives("POST", "/v1/webhooks/129/test", {**TEST, "outcome": "http5xx", "statusCode": 500})
    result = plughook(agent, "webhooks", "test", "ci", "--json")
    assert result.returncode == EX_PROTOCOL and json.loads(result.stdout)["statusCode"] == 500


def test_delete_asks_on_a_terminal_and_needs_yes_elsewhere(agent):
    agent.gives("DELETE", "/v1/webhooks/129", {"cancelled": 3})
    arguments = ["webhooks", "delete", "ci"]
    result = plughook(agent, *arguments)
    assert result.returncode == EX_USAGE and "--yes" in result.stderr
    code, text = on_terminal(*arguments, "--socket", agent.path, answer="n\n")
    assert 'Delete webhook "ci" (id 129)? 3 callbacks still wait and will be cancelled. [y/N] ' in text
    assert code == 1 and "nothing is deleted" in text
    assert not agent.asked("DELETE", "/v1/webhooks/129")
    code, text = on_terminal(*arguments, "--socket", agent.path, answer="y\n")
    assert code == 0 and 'deleted webhook "ci" (id 129), cancelled 3 callbacks' in text
    assert agent.asked("DELETE", "/v1/webhooks/129")[0][2]["If-Match"] == '"abc"'
    assert json.loads(succeed(agent, *arguments, "--yes", "--json")) == {"cancelled": 3}
    assert '"\\u{1b}[2J\\u{202e}漢字" (id 130)' in on_terminal(
        "webhooks", "delete", "130", "--socket", agent.path, answer="\n")[1]


# What is followed.

def test_events_are_followed_over_a_restart_with_nothing_left_out_and_nothing_twice(agent):
    agent.gives("GET", "/v1/events", {"events": [event(4)]})
    agent.streams = [[frame("status", event(5), 5), frame("status", event(6, udid="other"), 6)],
                     [frame("gap", {"first": 7, "last": 8, "detail": "d"}), frame("status", event(9), 9), None]]
    with following(agent, "events", "--follow", "--json", "--device", "R58M") as process:
        assert [json.loads(process.stdout.readline())["number"] for _ in range(3)] == [4, 5, 9]
        assert [r[2]["Last-Event-ID"] for r in agent.asked("GET", "/v1/events/stream")] == ["4", "6"]
        process.kill()
        told = process.stderr.read().splitlines()
    assert [line.split(": ")[1] for line in told] == [
        "the agent has ended the event stream", "the agent is back", "events 7 to 8 are missing"]


def test_an_agent_that_is_away_is_waited_for(agent):
    """The socket is gone for a while, and the state is new when it is back: numbers begin anew."""
    agent.streams = [[frame("status", event(9), 9)]]
    with following(agent, "events", "--follow", "--after", "8") as process:
        assert process.stdout.readline().split()[0] == "NUMBER"
        assert process.stdout.readline().split()[0] == "9"
        agent.stop()
        assert "waiting until it is back" in process.stderr.readline()
        agent.streams = [[frame("gap", {"first": 3, "last": 9, "detail": "d"}), frame("status", event(3), 3)]]
        agent.start()
        while "is back" not in (line := process.stderr.readline()):
            assert line, "it has ended"
        assert process.stdout.readline().split()[0] == "3"
        wait_for(lambda: agent.asked("GET", "/v1/events/stream")[-1][2]["Last-Event-ID"] == "3", 20, "resumed after 3")


def test_a_follower_does_not_wait_for_an_agent_that_never_was(agent):
    agent.stop()
    assert plughook(agent, "events", "--follow").returncode == EX_UNAVAILABLE


def test_a_stream_that_ends_as_soon_as_it_begins_is_asked_for_ever_more_rarely(agent):
    """An agent that cuts off every reader at once must not be asked ten times a second for that."""
    begun = []

    def stream(handler):
        begun.append(time.monotonic())
        agent.stream(handler)
    agent.answers["GET", "/v1/events/stream"] = stream
    agent.streams = [[frame("status", event(n), n)] for n in range(1, 5)] + [[None]]
    with following(agent, "events", "--follow", "--after", "0"):
        wait_for(lambda: len(begun) == 5, 20, lambda: f"5 connections, but {len(begun)}")
    pauses = [later - earlier for earlier, later in zip(begun, begun[1:])]
    assert all(pause >= 0.1 * 2**n for n, pause in enumerate(pauses)), pauses


def test_a_phone_that_is_yet_to_come_is_followed_and_said_to_be_unknown(agent):
    agent.streams = [[frame("status", event(10, udid="NEW"), 10), None]]
    with following(agent, "events", "--follow", "--after", "9", "--device", "NEW") as process:
        assert "Did you mean R58M? Its events are shown once it comes." in process.stderr.readline()
        assert [process.stdout.readline().split()[0] for _ in range(2)] == ["NUMBER", "10"]


def test_a_follower_that_may_not_see_ends(agent):
    agent.answers["GET", "/v1/events/stream"] = problem(403, "Ask group plughook-view.")
    assert plughook(agent, "events", "--follow", "--after", "1").returncode == EX_NOPERM


def test_devices_are_watched(agent):
    agent.streams = [[frame("cutoff", {"detail": "d"})],
                     [frame("status", event(10, "unplugged", previous="online", port="1-4"), 10), None]]
    with following(agent, "devices", "--watch", "--status", "online") as process:
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines[1].startswith("R58M")
        assert lines[2] == "2026-11-24T05:00:00.000Z  R58M  Pixel  online → unplugged on 1-4\n"
        assert "too slow" in process.stderr.readline()
    assert agent.asked("GET", "/v1/events/stream")[0][2]["Last-Event-ID"] == "9"


def test_a_follower_whose_reader_has_gone_ends_quietly(agent):
    agent.streams = [[frame("status", event(n), n) for n in range(1, 10)] + [None]]
    process = subprocess.Popen([BINARY, "events", "--follow", "--after", "0", "--socket", agent.path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert (process.wait(patience(20)), process.stderr.read()) == (0, "")
    process.stderr.close()
