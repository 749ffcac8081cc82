"""What a person finds without a manual: the help of each command, and what a shell offers on TAB."""
import json
import os
import shutil
import subprocess

import pytest

from agent import BINARY
from canned_agent import agent, commands, device, webhook
from patience import patience


def plughook(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=patience(30))


def test_help_teaches_with_examples_that_can_be_copied():
    """80 columns, as where the width is not known; an example that is broken in two cannot be pasted."""
    for command, _ in commands():
        result = plughook(*command.split(), "--help")
        assert result.returncode == 0
        examples = result.stdout.partition("\nEXAMPLES\n")[2].partition("\n\n")[0].splitlines()
        assert any(f"plughook {command.removesuffix(' list')}" in line for line in examples), command
        assert all(line.startswith("  ") for line in examples), (command, examples)


@pytest.fixture(scope="module")
def scripts():
    made = {shell: plughook("--generate-completion-script", shell) for shell in ("bash", "zsh", "fish")}
    assert all(script.returncode == 0 for script in made.values())
    return {shell: script.stdout for shell, script in made.items()}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_whole(scripts, shell):
    for word in ("deliveries", "suspend", "connect-timeout-ms", "utilizing", "pending", "org_setting.modify"):
        assert word in scripts[shell]
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=scripts[shell], text=True, check=True, timeout=patience(30))


@pytest.fixture
def offered(scripts, agent, tmp_path):
    """What bash offers after these words; the last one is what has been written of the word."""
    script = tmp_path / "plughook.bash"
    script.write_text(scripts["bash"])

    def offer(*words):
        words = (BINARY, *words)
        program = """source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
                     COMP_POINT=${#COMP_LINE}; _plughook "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                     printf '%s\\n' "${COMPREPLY[@]}" """
        result = subprocess.run(["bash", "-c", program, "bash", str(script), *words], capture_output=True, text=True,
                                timeout=patience(30), cwd=tmp_path, env={**os.environ, "PLUGHOOK_CONFIG": "config.json"})
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout.split()
    (tmp_path / "config.json").write_text(json.dumps({"control": {"socket": agent.path}}))
    return offer


def test_bash_offers_what_the_agent_knows(offered, agent):
    agent.gives("GET", "/v1/webhooks", {"webhooks": [
        webhook(129, "ci"), webhook(130, "of two words"), webhook(131, "$(reboot)"), webhook(132, "--yes"),
        webhook(133, "129"), webhook(134, "cd")]})
    agent.gives("GET", "/v1/devices", {"devices": [
        device("R58M", "online"), device("R59", "unplugged"), device("R60", "unplugged", isListed=True),
        device("$(reboot)", "unplugged")], "unidentified": []})
    agent.gives("GET", "/v1/tokens", {"tokens": [{"name": "bot", "permissions": []}]})
    assert offered("webhooks", "show", "") == ["ci", "130", "131", "132", "133", "cd"]
    assert offered("webhooks", "edit", "c") == ["ci", "cd"]
    assert offered("deliveries", "list", "--webhook", "13") == ["130", "131", "132", "133"]
    assert offered("devices", "show", "R") == ["R58M", "R59", "R60"]
    assert offered("devices", "forget", "") == ["R59"]
    assert offered("expect-absence", "R5") == ["R58M", "R59"]
    assert offered("events", "--device", "R58") == ["R58M"]
    assert offered("deliveries", "show", "") == ["msg_1"]
    assert offered("tokens", "revoke", "") == ["bot"]


def test_bash_asks_the_agent_that_the_line_names(offered, agent, tmp_path):
    (tmp_path / "config.json").unlink()
    assert offered("webhooks", "show", "c") == []
    assert offered("webhooks", "show", "--socket", agent.path, "c") == ["ci"]


def test_bash_offers_nothing_and_says_nothing_when_no_agent_answers(offered, agent):
    agent.gives("GET", "/v1/webhooks", (403, {"type": "x", "title": "x", "status": 403, "detail": "Not you."}))
    assert offered("webhooks", "show", "") == []
    agent.stop()
    assert offered("webhooks", "show", "") == []
    agent.start()


def test_bash_offers_words_and_files(offered):
    assert offered("devices", "--status", "u") == ["utilizing", "unplugged"]
    assert offered("webhooks", "edit", "ci", "--events", "on") == ["online"]
    assert offered("tokens", "create", "ci", "--permissions", "d") == ["device.view", "delivery.manage"]
    assert offered("deliveries", "list", "--state", "") == [
        "pending", "delivered", "dead", "superseded", "dropped", "cancelled"]
    assert offered("status", "--config", "conf") == ["config.json"]
