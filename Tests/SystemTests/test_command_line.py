"""What a person at a terminal meets: check, schema, listen, and what the README shows."""
import http.client
import json
import os
import re
import signal
import subprocess

import jsonschema
import pytest

from agent import BINARY, TOP

EX_USAGE, EX_CONFIG = 64, 78


def plughook(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)


def readme_configuration():
    with open(os.path.join(TOP, "README.md")) as f:
        return next(block for block in re.findall(r"```json\n(.*?)```", f.read(), re.S) if "stateDirectory" in block)


def test_the_configuration_of_the_readme_is_good(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(readme_configuration())
    result = plughook("check", "--config", str(path))
    assert (result.returncode, result.stderr) == (0, "")
    assert "1 webhook" in result.stdout


def test_the_schema_is_a_schema_and_agrees():
    schema = json.loads(plughook("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate({})
    validator.validate(json.loads(readme_configuration()))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"webhook": []})


def test_check_says_every_fault_with_its_place_and_its_mend(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{\n  "orgid": 1,\n  "webhooks": [{"name": "", "url": "ftp://x/", "events": [], "backlog": "oldest"}]\n}\n')
    result = plughook("check", "--config", str(path))
    assert result.returncode == EX_CONFIG
    lines = result.stderr.splitlines()
    assert any(f"{path}:2:3: /orgid: " in line and "orgId" in line for line in lines)
    for pointer in ("name", "url", "events", "backlog"):
        assert any(f": /webhooks/0/{pointer}: " in line for line in lines), pointer


def test_run_refuses_a_wrong_configuration_and_makes_no_state(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"stateDirectory": str(tmp_path / "state"), "webhooks": [{}]}))
    assert plughook("run", "--config", str(path)).returncode == EX_CONFIG
    assert not (tmp_path / "state").exists()


def test_a_file_that_is_not_there_is_named():
    result = plughook("check", "--config", "/nonexistent/config.json")
    assert result.returncode == EX_CONFIG
    assert "/nonexistent/config.json" in result.stderr


class Listener:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [BINARY, "listen", "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        scheme, port = re.fullmatch(r"listening on (https?)://127\.0\.0\.1:(\d+)/\n", self.process.stderr.readline()).groups()
        self.port, self.url = int(port), f"{scheme}://127.0.0.1:{port}/"

    def post(self, body="{}"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/hook", body, {"webhook-id": "msg_1"})
        return connection.getresponse().status

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=20)
        assert self.process.returncode == 0
        return output


def test_listen_answers_as_told_and_shows_what_came():
    listener = Listener("--json", "--status-sequence", "500,404,200")
    assert [listener.post('{"a":"\u001b[2J"}') for _ in range(4)] == [500, 404, 200, 200]
    shown = [json.loads(line) for line in listener.end().splitlines()]
    assert [s["status"] for s in shown] == [500, 404, 200, 200]
    assert shown[0]["body"] == '{"a":"\u001b[2J"}'
    assert shown[0]["headers"]["webhook-id"] == "msg_1"


def test_listen_shows_a_line_for_people_that_a_terminal_does_not_obey():
    listener = Listener("--status", "503")
    assert listener.post('{"a":"\u001b[2J"}') == 503
    line, = listener.end().splitlines()
    assert "\x1b" not in line and "503" in line


def test_listen_can_close_without_an_answer():
    listener = Listener("--drop")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        listener.post()
    listener.end()


def test_listen_refuses_an_address_that_others_can_reach():
    result = plughook("listen", "--listen", "0.0.0.0:8378")
    assert result.returncode == EX_USAGE
    assert "other hosts" in result.stderr
