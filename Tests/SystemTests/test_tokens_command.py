"""`plughook tokens`: what a script keeps of a token, and what a person is asked."""
import datetime
import json

import pytest

from canned_agent import EX_NOINPUT, EX_USAGE, agent, on_terminal, plughook, succeed

CI = {"name": "ci", "permissions": ["device.view", "session.manage"], "expires": "2999-01-01T00:00:00Z"}
OLD = {"name": "\x1b[2Jold", "permissions": ["device.view"], "expires": "2020-01-01T00:00:00.000Z"}
FOREVER = {"name": "a/b", "permissions": ["org_setting.modify"], "expires": None}
SECRET = "plughook_SECRET"


@pytest.fixture
def keeper(agent):
    agent.gives("GET", "/v1/tokens", {"tokens": [CI, OLD, FOREVER]})
    agent.gives("POST", "/v1/tokens", {**CI, "token": SECRET}, 201)
    agent.gives("DELETE", "/v1/tokens/ci", (204, b""))
    agent.gives("DELETE", "/v1/tokens/a/b", (204, b""))
    return agent


def test_a_script_gets_the_token_alone_and_a_person_the_words_around_it(keeper):
    arguments = ["tokens", "create", "ci", "--permissions", "session.manage,device.view"]
    result = plughook(keeper, *arguments)
    assert (result.returncode, result.stdout) == (0, SECRET + "\n")
    assert 'token "ci" for device.view, session.manage, until 2999-01-01T00:00:00Z' in result.stderr
    assert SECRET not in result.stderr
    assert keeper.requests[-1][3] == {"name": "ci", "permissions": ["device.view", "session.manage"]}
    assert json.loads(succeed(keeper, *arguments, "--json")) == {**CI, "token": SECRET}


@pytest.mark.parametrize("given,sent", [
    ("2999-01-01T00:00:00Z", "2999-01-01T00:00:00Z"), ("2999-01-01T02:00:00+02:00", "2999-01-01T00:00:00Z"),
    ("2999-01-01T00:00:00.250Z", "2999-01-01T00:00:00Z")])
def test_a_token_expires_when_it_is_said_to(keeper, given, sent):
    plughook(keeper, "tokens", "create", "ci", "--permissions", "device.view", "--expires", given)
    assert keeper.requests[-1][3]["expires"] == sent


@pytest.mark.parametrize("span,days", [("90d", 90), ("2w", 14), ("48h", 2), ("1440m", 1)])
def test_a_token_is_good_for_a_time(keeper, span, days):
    def end():
        return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days)
    before = end()
    plughook(keeper, "tokens", "create", "ci", "--permissions", "device.view", "--for", span)
    assert before <= datetime.datetime.fromisoformat(keeper.requests[-1][3]["expires"]) <= end()


@pytest.mark.parametrize("wrong", [
    "", "--permissions device.vew", "--permissions device.view,", "--permissions device.view --for 0d",
    "--permissions device.view --for 3y", "--permissions device.view --for -1d", "--permissions device.view --for 1000000w",
    "--permissions device.view --expires tomorrow", "--permissions device.view --expires 2020-01-01T00:00:00Z",
    "--permissions device.view --for 1d --expires 2999-01-01T00:00:00Z"])
def test_what_is_wrong_with_a_token_is_said_before_the_agent_is_asked(keeper, wrong):
    result = plughook(keeper, "tokens", "create", "ci", *wrong.split())
    assert (result.returncode, result.stdout, keeper.requests) == (EX_USAGE, "", [])


def test_tokens_are_a_table(keeper):
    header, *rows = succeed(keeper, "tokens").splitlines()
    assert header.split() == ["NAME", "PERMISSIONS", "EXPIRES"]
    assert rows[0].split() == ["ci", "device.view,session.manage", "2999-01-01T00:00:00Z"]
    assert "\x1b" not in rows[1] and rows[1].endswith("2020-01-01T00:00:00.000Z, expired")
    assert rows[2].split() == ["a/b", "org_setting.modify", "never"]
    assert json.loads(succeed(keeper, "tokens", "list", "--json")) == {"tokens": [CI, OLD, FOREVER]}


def test_revoking_asks_on_a_terminal_and_needs_yes_elsewhere(keeper):
    result = plughook(keeper, "tokens", "revoke", "ci")
    assert result.returncode == EX_USAGE and "--yes" in result.stderr and not keeper.requests
    code, text = on_terminal("tokens", "revoke", "ci", "--socket", keeper.path, answer="\n")
    assert code == 1 and 'Revoke token "ci"?' in text and "nothing is revoked" in text
    assert not keeper.asked("DELETE", "/v1/tokens/ci")
    code, text = on_terminal("tokens", "revoke", "ci", "--socket", keeper.path, answer="yes\n")
    assert code == 0 and 'revoked token "ci"' in text
    assert keeper.asked("DELETE", "/v1/tokens/ci")
    assert succeed(keeper, "tokens", "revoke", "a/b", "--yes") == 'revoked token "a/b"\n'
    assert keeper.requests[-1][1] == "/v1/tokens/a%2Fb"
    result = plughook(keeper, "tokens", "revoke", "CI", "--yes")
    assert result.returncode == EX_NOINPUT and 'did you mean "ci"?' in result.stderr
