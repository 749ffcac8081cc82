"""`plughook sessions`, against an agent of canned answers: what is asked, and what a person and a script get of it."""
import json
import os
import subprocess
import sys

import pytest

from agent import BINARY
from canned_agent import (EX_DATAERR, EX_NOINPUT, EX_NOPERM, EX_SOFTWARE, EX_TEMPFAIL, EX_USAGE, FAULT, HOSTILE,
                          SHOWN, agent, on_terminal, plughook, problem, succeed)
from patience import patience

SESSION = {"id": "ses_1", "udid": "R58M", "deviceName": HOSTILE, "platform": "android", "serial": "usb:1-4.2",
           "owner": HOSTILE, "startedBy": "uid 1000 (anna)", "kind": "session", "labels": {"build": HOSTILE},
           "isExclusive": True, "boundTo": "process", "pid": 77, "startedAt": "2026-11-24T05:00:00.000Z",
           "idleDeadline": "2026-11-24T05:15:00.000Z", "lastDeadline": "2026-11-25T05:00:00.000Z"}
WAITING = {"id": "ses_2", "position": 1, "owner": HOSTILE, "startedBy": "uid 0 (root)", "target": "any: " + HOSTILE,
           "since": "2026-11-24T05:00:00.000Z", "until": "2026-11-24T05:10:00.000Z"}


@pytest.fixture
def sessions(agent):
    agent.gives("GET", "/v1/sessions", {"sessions": [SESSION], "waiting": [WAITING]})
    agent.gives("POST", "/v1/sessions", SESSION, status=201)
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/heartbeat")]:
        agent.gives(method, f"/v1/sessions/ses_1{path}", SESSION)
    return agent


def order(agent):
    """What the agent was asked for last."""
    return agent.asked("POST", "/v1/sessions")[-1][3]


# What is asked.

@pytest.mark.parametrize("arguments, body", [
    ("--device R58M", {"device": "R58M"}),
    ("--any", {"any": {}}),
    ("--any --platform ios --device-name Pix* --device-label team=a --device-label b=c=d --device-label team=z",
     {"any": {"platform": "ios", "name": "Pix*", "labels": {"team": "z", "b": "c=d"}}}),
    ("--device A --owner ann --kind cleanup --label build=7 --max 2h --wait 90s --force",
     {"device": "A", "owner": "ann", "kind": "cleanup", "labels": {"build": "7"}, "maxSeconds": 7200, "waitSeconds": 90,
      "force": True}),
])
@pytest.mark.parametrize("command, more, own", [
    ("start", "", {}), ("start", " --exclusive --ttl 15m", {"exclusive": True, "ttlSeconds": 900}),
    ("start", " --pid 77", {"boundTo": "process", "pid": 77}),
    ("run", "", {"boundTo": "process", "exclusive": True}),
])
def test_options_become_the_body(sessions, arguments, body, command, more, own):
    tail = ["--", "true"] if command == "run" else []
    result = subprocess.run([BINARY, "sessions", command, *(arguments + more).split(), "--socket", sessions.path, *tail],
                            capture_output=True, text=True, timeout=patience(30))
    assert result.returncode == 0, result
    assert order(sessions) == {**body, **own}


def test_shared_leaves_the_phone_to_others_too(sessions):
    subprocess.run([BINARY, "sessions", "run", "--device", "A", "--shared", "--socket", sessions.path, "--", "true"],
                   check=True, timeout=patience(30))
    assert order(sessions) == {"device": "A", "boundTo": "process"}


@pytest.mark.parametrize("arguments, says", [
    ("start", "--device UDID, or --any"), ("start --device A --any", "not both"),
    ("start --device A --platform android", "go with --any only"), ("start --any --force", "--device only"),
    ("start --device A --device-name x", "go with --any only"), ("start --any --platform phone", "'android' and 'ios'"),
    ("start --any --device-label team", "device-label"), ("start --any --label =x", "label"),
    ("start --any --ttl 2d", "1s to 1d"), ("start --any --wait 25h", "1s to 1d"), ("start --any --max 31d", "1s to 30d"),
    ("start --any --ttl 15m --pid 7", "needs no heartbeat"), ("start --any --pid 0", "is no process"),
    ("start --any --kind taken", "cleanup"), ("run --any", "after --"), ("run --any --shared -- true", "--device only"),
    ("run --any -- ", "after --"), ("run --any true", "after --"), ("show", "id"), ("show ''", "empty"),
    ("end", "id"), ("heartbeat", "id"),
])
def test_what_cannot_be_meant_is_refused_without_asking(sessions, arguments, says):
    words = [word.strip("'") for word in arguments.split()]
    at = words.index("--") if "--" in words else len(words)
    words[at:at] = ["--socket", sessions.path]
    result = subprocess.run([BINARY, "sessions", *words], capture_output=True, text=True, timeout=patience(30))
    assert (result.returncode, result.stdout) == (EX_USAGE, "") and says in result.stderr, result
    assert sessions.requests == []


@pytest.mark.parametrize("status, code", [(409, EX_TEMPFAIL), (503, EX_TEMPFAIL), (403, EX_NOPERM), (404, EX_NOINPUT),
                                          (500, EX_SOFTWARE)])
@pytest.mark.parametrize("command", ["start --any", "run --any"])
def test_a_refusal_is_an_exit_code_and_the_agents_words(sessions, command, status, code):
    sessions.gives("POST", "/v1/sessions", problem(status, "The phone is held by \x1b[1mann."))
    tail = ["--", "echo", "it ran"] if command.startswith("run") else []
    result = subprocess.run([BINARY, "sessions", *command.split(), "--socket", sessions.path, *tail],
                            capture_output=True, text=True, timeout=patience(30))
    assert (result.returncode, result.stdout) == (code, "")
    assert "held by \\u{1b}[1mann" in result.stderr and "\x1b" not in result.stderr


def test_wrong_values_are_a_line_each(sessions):
    sessions.gives("POST", "/v1/sessions", problem(422, "1 fault", [{**FAULT, "pointer": "/owner"}]))
    result = plughook(sessions, "sessions", "start", "--any", "--owner", "x")
    assert result.returncode == EX_DATAERR and "/owner: is no URL; give http://…" in result.stderr


# What is shown.

def test_hostile_words_are_shown_and_not_obeyed(sessions):
    for command in (["list"], ["show", "ses_1"], ["start", "--any"], ["end", "ses_1"], ["heartbeat", "ses_1"]):
        shown = succeed(sessions, "sessions", *command)
        assert "\x1b" not in shown and "\u202e" not in shown, command
        assert "ses_1" in shown
    assert SHOWN in succeed(sessions, "sessions")


def test_the_list_says_who_has_what_until_when_and_who_waits(sessions):
    lines = succeed(sessions, "sessions").splitlines()
    assert lines[0].split()[:4] == ["SESSION", "UDID", "NAME", "OWNER"]
    # The earlier of both deadlines, and what it lives by.
    assert lines[1].split()[-4:] == ["2026-11-24T05:00:00.000Z", "2026-11-24T05:15:00.000Z", "process", "77"]
    assert lines[2].split()[0] == "WAITS" and lines[3].split()[:2] == ["1", "ses_2"]
    succeed(sessions, "sessions", "list", "--device", "a b&c")
    assert sessions.requests[-1][1] == "/v1/sessions?device=a%20b%26c"


def test_an_empty_list_is_said_and_is_no_failure(sessions):
    sessions.gives("GET", "/v1/sessions", {"sessions": [], "waiting": []})
    result = plughook(sessions, "sessions")
    assert (result.returncode, result.stdout) == (0, "") and "nobody has a phone" in result.stderr


def test_json_is_the_agents_own(sessions):
    assert json.loads(succeed(sessions, "sessions", "list", "--json")) == {"sessions": [SESSION], "waiting": [WAITING]}
    for command in (["show", "ses_1"], ["start", "--any"], ["end", "ses_1"], ["heartbeat", "ses_1"]):
        assert json.loads(succeed(sessions, "sessions", *command, "--json")) == SESSION


def test_an_id_is_one_step_of_a_path(sessions):
    plughook(sessions, "sessions", "show", "../status")
    assert sessions.requests[-1][1] == "/v1/sessions/..%2Fstatus"


def test_an_end_says_what_it_was(sessions):
    sessions.gives("DELETE", "/v1/sessions/ses_1", {**SESSION, "endReason": "revoked"})
    assert succeed(sessions, "sessions", "end", "ses_1") == "revoked ses_1 on R58M\n"
    assert "lives until 2026-11-24T05:15:00.000Z" in succeed(sessions, "sessions", "heartbeat", "ses_1")


def test_waiting_is_said_on_a_terminal(sessions):
    code, text = on_terminal("sessions", "start", "--any", "--wait", "90s", "--socket", sessions.path)
    assert code == 0 and "waits for a phone, up to" in text and "Ctrl-C" in text


# What `run` becomes.

def run(sessions, *command, **options):
    return subprocess.run([BINARY, "sessions", "run", "--any", "--socket", sessions.path, "--", *command],
                          capture_output=True, text=True, timeout=patience(30), **options)


def test_the_command_gets_the_phone_by_the_name_that_adb_has_for_it(sessions):
    result = run(sessions, "env")
    environment = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    assert environment["ANDROID_SERIAL"] == "usb:1-4.2"
    assert (environment["PLUGHOOK_UDID"], environment["PLUGHOOK_SESSION"]) == ("R58M", "ses_1")
    assert environment["PLUGHOOK_DEVICE_NAME"] == HOSTILE
    sessions.gives("POST", "/v1/sessions", {**SESSION, "platform": "ios"}, status=201)
    bare = {k: v for k, v in os.environ.items() if k != "ANDROID_SERIAL"}
    assert "ANDROID_SERIAL" not in run(sessions, "env", env=bare).stdout


def test_the_command_is_as_if_it_had_been_called_itself(sessions):
    """Its standard streams, no other descriptor, all signals as they were, its arguments as they are."""
    look = "import os, signal, sys; print(sorted(os.listdir('/proc/self/fd'))[:3], len(os.listdir('/proc/self/fd')), " \
           "signal.getsignal(signal.SIGINT) is signal.default_int_handler, sys.argv[1:]); " \
           "print([l for l in open('/proc/self/status') if l.startswith(('SigIgn', 'SigBlk'))], file=sys.stderr)"
    arguments = ["--help", "--socket", "", "a b", "é"]
    own = subprocess.run([sys.executable, "-c", look, *arguments], capture_output=True, text=True)
    result = run(sessions, sys.executable, "-c", look, *arguments)
    assert (result.stdout, result.stderr, result.returncode) == (own.stdout, own.stderr, 0)


def test_a_pipe_that_breaks_ends_the_command_as_ever(sessions):
    process = subprocess.Popen([BINARY, "sessions", "run", "--any", "--socket", sessions.path, "--", "yes"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, restore_signals=True)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(patience(20)) == -13


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_is_the_commands_own(sessions, code):
    assert run(sessions, "sh", "-c", f"exit {code}").returncode == code


@pytest.mark.parametrize("command, code, says", [("/no/such/thing", 127, "No such file"), ("/etc/passwd", 126, "denied"),
                                                 ("/", 126, "denied")])
def test_a_command_that_cannot_be_run_is_told_as_a_shell_does(sessions, command, code, says):
    result = run(sessions, command)
    assert result.returncode == code and says in result.stderr and command in result.stderr
