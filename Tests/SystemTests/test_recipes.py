"""The recipes of the README, as they stand there, against an agent: what a runner would do, without the runner."""
import json
import os
import re
import subprocess
import sys

import pytest

import agent as agents
from agent import TOP
from patience import patience, wait_for
from test_sessions import sessions, settled

with open(os.path.join(TOP, "README.md")) as file:
    README = file.read()

#: Says which phone it has been given, as the tests of an app would be run on it.
GRADLEW = '#!/bin/sh\necho "$1 on $ANDROID_SERIAL ${PLUGHOOK_SESSION:+in a session}"\n'


def block(language, mark):
    found, = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.S) if mark in text]
    return found


@pytest.fixture
def project(rig, tmp_path):
    """A checkout with a ./gradlew, and a `plughook` on the path that finds the rig's agent without being told."""
    folder = tmp_path / "project"
    (folder / "bin").mkdir(parents=True)
    for path, text in [("gradlew", GRADLEW), ("bin/plughook", f'#!/bin/sh\nexec "{agents.BINARY}" "$@"\n')]:
        (folder / path).write_text(text)
        (folder / path).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "PLUGHOOK_CONFIG": rig.config_path}

    def run(*command, **more):
        return subprocess.run(command, cwd=folder, env={**environment, **more}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=patience(60))
    run.folder = folder
    return run


def free_again(rig):
    wait_for(lambda: not sessions(rig), 10, "the phone to be free")


def test_the_commands_of_the_section(rig, project):
    settled(rig, "R58M123ABCD")
    section, = re.findall(r"### Use one\n\n```\n(.*?)```", README, re.S)
    in_one, started, listed, end = section.splitlines()
    result = project("sh", "-ec", in_one)
    assert (result.returncode, result.stdout) == (0, "connectedAndroidTest on R58M123ABCD in a session\n"), result
    free_again(rig)
    assert project("sh", "-ec", started).returncode == 0
    session, = sessions(rig)
    assert session["owner"] == "nightly" and session["id"] in project("sh", "-ec", listed).stdout
    assert project("sh", "-ec", re.sub(r"ses_\w+", session["id"], end)).returncode == 0
    free_again(rig)


def test_gradle(rig, project):
    settled(rig, "A")
    command, = re.findall(r"\*\*Gradle\*\*: `(.*?)`", README)
    assert project("sh", "-ec", command).stdout == "connectedAndroidTest on A in a session\n"
    free_again(rig)


def test_pytest_as_one_command(rig, project):
    settled(rig, "A")
    command, = re.findall(r"\*\*pytest\*\*: `(.*?)`", README)
    (project.folder / "test_app.py").write_text(
        "import os\ndef test_it(): assert os.environ['PLUGHOOK_UDID'] == os.environ['ANDROID_SERIAL'] == 'A'\n")
    (project.folder / "bin/pytest").write_text(f'#!/bin/sh\nexec {sys.executable} -m pytest -q -p no:cacheprovider "$@"\n')
    (project.folder / "bin/pytest").chmod(0o755)
    result = project("sh", "-ec", command)
    assert result.returncode == 0 and "1 passed" in result.stdout, result
    free_again(rig)


def test_pytest_with_a_phone_for_each_worker(rig, project):
    settled(rig, "A", "B")
    (project.folder / "conftest.py").write_text(block("python", "def phone"))
    # Both workers have theirs at the same time, or neither test would end.
    (project.folder / "test_app.py").write_text(
        "import os, time, pytest\n"
        "@pytest.mark.parametrize('n', range(2))\n"
        "def test_it(phone, n):\n"
        "    open(phone['serial'], 'w').close()\n"
        "    end = time.monotonic() + 30\n"
        "    while not (os.path.exists('A') and os.path.exists('B')):\n"
        "        assert time.monotonic() < end\n"
        "        time.sleep(0.01)\n")
    result = project(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2")
    assert result.returncode == 0 and "2 passed" in result.stdout, result
    free_again(rig)
    ends = [s["reason"] for e in rig.api.get("/v1/events?after=0")["events"] if (s := e.get("session", {})).get("reason")]
    assert ends == ["released", "released"]


def test_github_actions(rig, project):
    """Each `run` line by bash as the runner calls it, from one process that lives as long as the job."""
    settled(rig, "A")
    lines = re.findall(r"- run: (.*)", block("yaml", "self-hosted"))
    job = "import subprocess, sys\nfor line in sys.argv[1:]: subprocess.run(['bash', '-e', '-c', line], check=True)\n" \
          "subprocess.run(['plughook', 'sessions'], check=True)\n"
    result = project(sys.executable, "-c", job, *lines)
    assert result.returncode == 0, result
    first, *table = result.stdout.splitlines()
    assert first.split() == ["connectedAndroidTest", "on", "A"]
    assert len(table) == 2 and " A " in table[1], "the session lives between the steps"
    free_again(rig)


def test_jenkins(rig, project):
    settled(rig, "A")
    line, = re.findall(r"sh '(.*)'", block("groovy", "pipeline"))
    result = project("sh", "-xe", "-c", line, BUILD_TAG="jenkins-app-7")
    assert (result.returncode, result.stdout) == (0, "connectedAndroidTest on A in a session\n"), result
    owners = {s["owner"] for e in rig.api.get("/v1/events?after=0")["events"] if (s := e.get("session"))}
    assert owners == {"jenkins-app-7"}
    free_again(rig)


def test_the_configuration_for_appium_is_good(rig, project):
    member, = re.findall(r"\*\*Appium\*\* needs no change: `(.*?)`", README)
    path = project.folder / "config.json"
    path.write_text("{" + member + "}")
    assert project("plughook", "check", "--config", str(path)).returncode == 0


def test_over_http(rig):
    settled(rig, "A")
    body, = re.findall(r"`POST /v1/sessions` with `(\{.*?\}\s*, .*?\})`", README, re.S)
    session = rig.api.do("POST", "/v1/sessions", json.loads(body), expect=201)
    rig.api.do("POST", f"/v1/sessions/{session['id']}/heartbeat")
    rig.api.do("DELETE", f"/v1/sessions/{session['id']}")
