"""The page as a running agent serves it: its files, the sign-in by `plughook page`, and those who try without."""
import gzip
import http.client
import json
import os
import re
import sqlite3
import subprocess
import tempfile

import pytest

from agent import BINARY, TOP
from api import Reply
from canned_agent import EX_TEMPFAIL, EX_UNAVAILABLE, agent, on_terminal, plughook, succeed
from patience import patience, wait_for
from test_tcp import free_port, listen, say

FOLDER = os.path.join(TOP, "Sources/ControlAPI/Page")
LINK = {"url": "http://127.0.0.1:8377/#sign-in=CODE", "expiresAt": "2026-11-24T05:05:00.000Z"}
PERMISSIONS = ["device.view", "session.manage", "delivery.manage", "org_setting.modify"]


class Browser:
    """Keeps a cookie as browsers do and a token as the page does, and says whose page asks when it is to change something."""

    def __init__(self, port):
        self.port = port
        self.cookie = self.token = None

    def call(self, method, path, body=None, **headers):
        """A header of None is left out, whatever is usual."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        usual = {"host": f"127.0.0.1:{self.port}", "cookie": self.cookie, "plughook-page-token": self.token}
        if method not in ("GET", "HEAD"):
            usual["origin"] = f"http://127.0.0.1:{self.port}"
        if body is not None:
            usual["content-type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience(30))
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {n: v for n, v in (usual | headers).items() if v is not None})
            answer = connection.getresponse()
            return Reply(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def sign_in(self, code, **headers):
        reply = self.call("POST", "/page/session", {"code": code}, **headers)
        if reply.status == 201:
            self.cookie = reply.headers["set-cookie"].split(";")[0]
            self.token = reply.json["pageToken"]
        return reply

    def is_signed_in(self):
        status = self.call("GET", "/v1/devices").status
        assert status in (200, 401)
        return status == 200


def link(rig):
    return json.loads(say(rig, "page", "--json"))


def code_of(link):
    return link["url"].partition("/#sign-in=")[2]


@pytest.fixture
def served(rig):
    """A browser at a running agent that has no token."""
    port = free_port()
    listen(rig, port)
    rig.start()
    browser = Browser(port)
    wait_for(lambda: rig.api.call("POST", "/v1/page/links").status == 201, 10, "the page to be served")
    return browser


@pytest.fixture
def signed_in(rig, served):
    assert served.sign_in(code_of(link(rig))).status == 201
    return served


def actions(rig):
    return [(e["actor"], e["action"]) for e in rig.api.get("/v1/audit")["entries"]]


def test_the_files_are_in_the_program_and_are_served_to_everybody(served):
    for name in ["index.html", *os.listdir(FOLDER)]:
        with open(os.path.join(FOLDER, name), "rb") as f:
            content = f.read()
        reply = served.call("GET", "/" if name == "index.html" else f"/page/{name}")
        assert (reply.status, reply.body) == (200, content)
        assert "'unsafe-inline'" not in reply.headers["content-security-policy"]
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        again = served.call("GET", "/" if name == "index.html" else f"/page/{name}", if_none_match=reply.etag)
        assert (again.status, again.body) == (304, b"")
        packed = served.call("GET", "/" if name == "index.html" else f"/page/{name}", accept_encoding="br, gzip")
        if packed.headers.get("content-encoding") == "gzip":
            assert gzip.decompress(packed.body) == content and packed.etag != reply.etag
        head = served.call("HEAD", f"/page/{name}")
        assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(content)))


def test_the_first_load_is_small(served):
    """All of it, as a browser gets it: at most 100 kB."""
    sizes = [len(served.call("GET", f"/page/{name}", accept_encoding="gzip").body) for name in os.listdir(FOLDER)]
    assert sum(sizes) <= 100_000, dict(zip(os.listdir(FOLDER), sizes))


@pytest.mark.parametrize("path", ["/page/../v1/devices", "/page/%2e%2e/%2e%2e/etc/passwd", "/page/..%2f..%2fetc%2fpasswd",
                                  "/page/nothing.js", "/page/", "/page/index.html%00", "/page//etc/passwd"])
def test_there_are_no_other_files(served, path):
    assert served.call("GET", path).status == 404


def test_without_a_sign_in_there_is_no_data(served):
    for path in ["/v1/devices", "/v1/status", "/metrics", "/readyz", "/v1/events/stream", "/page/session"]:
        for cookie in [None, "plughook-page=", "plughook-page=x", "plughook-page=" + "A" * 43]:
            reply = served.call("GET", path, cookie=cookie)
            assert reply.status == 401 and "plughook page" in reply.json["detail"], (path, cookie, reply)
    assert served.call("GET", "/healthz").status == 200


def test_the_link_signs_in_who_asked_for_it(rig, served):
    """By the Unix socket he may do all: so may his browser, under his name."""
    made = link(rig)
    assert re.fullmatch(rf"http://127\.0\.0\.1:{served.port}/#sign-in=[A-Za-z0-9_-]{{43}}", made["url"])
    reply = served.sign_in(code_of(made))
    assert reply.status == 201
    assert set(reply.headers["set-cookie"].split("; ")[1:]) == {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"}
    assert reply.json["permissions"] == PERMISSIONS
    assert served.call("GET", "/page/session").json == {
        key: value for key, value in reply.json.items() if key != "pageToken"}, "the token is told once"
    rig.testbed.plug(serial="SEEN")
    wait_for(lambda: [d["udid"] for d in served.call("GET", "/v1/devices").json["devices"]] == ["SEEN"], 10, "the phone")
    assert b"plughook_" in served.call("GET", "/metrics").body
    webhook = {"name": "by page", "url": "http://127.0.0.1:9/", "events": ["online"]}
    created = served.call("POST", "/v1/webhooks", webhook)
    assert created.status == 201
    edited = served.call("PATCH", f"/v1/webhooks/{created.json['id']}", {"description": "x"}, if_match=created.etag)
    assert edited.status == 200
    assert served.call("DELETE", f"/v1/webhooks/{created.json['id']}").status == 200
    assert served.call("DELETE", "/page/session").status == 204
    assert not served.is_signed_in()
    wait_for(lambda: {"page.signIn", "page.signOut", "webhook.create", "webhook.edit", "webhook.delete"} <= {
        action for _, action in actions(rig)}, 10, "the audit trail")
    who = {actor for actor, action in actions(rig) if action.startswith(("page.", "webhook."))}
    assert len(who) == 1 and who.pop().startswith(f"uid {os.geteuid()} (")


def test_a_code_is_good_once_and_no_secret_is_kept_or_logged(rig, served):
    code = code_of(link(rig))
    assert served.sign_in(code).status == 201
    assert Browser(served.port).sign_in(code).status == 401
    for wrong in ["", "x", code[:-1], code_of(link(rig)).swapcase()]:
        assert Browser(served.port).sign_in(wrong).status == 401
    assert served.is_signed_in()
    secret = served.cookie.partition("=")[2]
    kept = b"".join(open(os.path.join(rig.state, name), "rb").read() for name in os.listdir(rig.state))
    for text in (code, secret, served.token):
        assert text.encode() not in kept and text not in rig.agent.log
    assert secret not in json.dumps(rig.api.get("/v1/audit"))


def test_a_cookie_alone_is_good_for_nothing(rig, signed_in):
    """A browser gives it to every port of 127.0.0.1: what another user's server gets that way is no sign-in."""
    asked = [("GET", "/v1/devices"), ("GET", "/page/session"), ("GET", "/v1/events/stream"), ("GET", "/metrics"),
             ("POST", "/v1/config/reload"), ("POST", "/v1/webhooks"), ("DELETE", "/page/session")]
    secret = signed_in.cookie.partition("=")[2]
    for token in [None, "", "x", secret, signed_in.token[:-1], signed_in.token.swapcase()]:
        for method, path in asked:
            reply = signed_in.call(method, path, {} if method == "POST" else None, plughook_page_token=token)
            assert reply.status == 401 and "plughook page" in reply.json["detail"], (token, method, path, reply)
    for cookie in [None, "plughook-page=", f"plughook-page={signed_in.token}"]:
        assert signed_in.call("GET", "/v1/devices", cookie=cookie).status == 401
    # Whoever has the cookie can also give the browser others of its name.
    planted = f"plughook-page=x; {signed_in.cookie}; plughook-page=y"
    assert signed_in.call("GET", "/v1/devices", cookie=planted).status == 200
    assert [action for _, action in actions(rig)] == ["page.signIn"]


def test_a_page_of_another_origin_changes_nothing(rig, signed_in):
    foreign = ["http://evil.example", "null", "http://127.0.0.1:1", f"http://localhost:{signed_in.port}",
               f"https://127.0.0.1:{signed_in.port}"]
    for origin in foreign:
        for method, path in [("POST", "/v1/config/reload"), ("DELETE", "/page/session"), ("POST", "/v1/webhooks")]:
            reply = signed_in.call(method, path, {}, origin=origin)
            assert reply.status == 403, (origin, method, path, reply)
    form = signed_in.call("POST", "/page/session", {"code": code_of(link(rig))},
                          content_type="application/x-www-form-urlencoded")
    assert form.status == 415
    for origin in foreign:
        assert Browser(signed_in.port).sign_in(code_of(link(rig)), origin=origin).status == 403
        assert signed_in.call("GET", "/v1/devices", origin=origin).status == 403
    assert signed_in.call("POST", "/v1/config/reload").status == 200
    wait_for(lambda: [action for _, action in actions(rig)] == ["configuration.reload", "page.signIn"], 10,
             "the audit trail of what was allowed, and nothing else")


def test_a_name_that_was_made_to_lead_here_gets_nothing(signed_in):
    for path in ["/", "/page/session", "/v1/devices", "/healthz"]:
        for host in ["evil.example", f"evil.example:{signed_in.port}", "127.0.0.1.evil.example", "10.0.0.1"]:
            assert signed_in.call("GET", path, host=host).status == 421
        assert "access-control-allow-origin" not in signed_in.call("GET", path).headers


def test_a_sign_in_outlives_a_restart_and_its_end_does_too(rig, served):
    early, late, gone = served, Browser(served.port), Browser(served.port)
    for browser in (early, late, gone):
        assert browser.sign_in(code_of(link(rig))).status == 201
    unused = code_of(link(rig))
    assert gone.call("DELETE", "/page/session").status == 204
    rig.agent.terminate()
    # A wait of 12 hours, for one of them.
    with sqlite3.connect(os.path.join(rig.state, "plughook.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM page_session").fetchone() == (2,)
        database.execute("UPDATE page_session SET ends_at = 1 WHERE digest = (SELECT min(digest) FROM page_session)")
    database.close()
    rig.start()
    wait_for(lambda: rig.api.call("POST", "/v1/page/links").status == 201, 10, "the page to be served")
    assert sorted(browser.is_signed_in() for browser in (early, late)) == [False, True]
    assert not gone.is_signed_in()
    assert Browser(served.port).sign_in(unused).status == 401, "a link does not outlive the agent"
    survivor = early if early.is_signed_in() else late
    assert survivor.call("POST", "/v1/config/reload").status == 200


def test_an_agent_that_is_killed_keeps_who_was_told_that_he_is_signed_in(rig, signed_in):
    rig.agent.kill()
    rig.start()
    wait_for(lambda: rig.api.call("POST", "/v1/page/links").status == 201, 10, "the page to be served")
    assert signed_in.is_signed_in()


def test_sign_ins_are_bounded(rig, served):
    browsers = []
    for _ in range(1_000):
        browsers.append(Browser(served.port))
        assert browsers[-1].sign_in(code_of(rig.api.do("POST", "/v1/page/links", expect=201))).status == 201
    assert [b.is_signed_in() for b in browsers[-17:]] == [False] + [True] * 16
    rig.agent.terminate()
    with sqlite3.connect(os.path.join(rig.state, "plughook.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM page_session").fetchone() == (16,)
    database.close()


def test_links_are_made_on_the_socket_alone(rig, signed_in):
    token = say(rig, "tokens", "create", "ci", "--permissions", ",".join(PERMISSIONS))
    for headers in [{}, {"authorization": f"Bearer {token}", "cookie": None}]:
        assert signed_in.call("POST", "/v1/page/links", **headers).status == 403
    assert rig.api.call("GET", "/").status == 404, "the page is served over TCP alone"


def test_the_page_moves_with_the_socket_and_the_address(rig, signed_in):
    port = free_port()
    with open(rig.config_path) as f:
        config = json.load(f)
    config["control"]["http"]["listen"] = f"127.0.0.1:{port}"
    with open(rig.config_path, "w") as f:
        json.dump(config, f)
    wait_for(lambda: f":{port}/" in rig.api.do("POST", "/v1/page/links", expect=201)["url"], 10, "the new address")
    signed_in.port = port
    assert signed_in.is_signed_in()


def test_without_an_address_one_is_told_what_to_write(rig):
    rig.configure(control={"socket": rig.socket_path}).start()
    done = rig.command("page")
    assert done.returncode == EX_TEMPFAIL and done.stdout == ""
    assert '"control": {"http": {"listen": "127.0.0.1:8377"}}' in done.stderr and rig.config_path in done.stderr


@pytest.fixture
def asked(agent):
    agent.gives("POST", "/v1/page/links", LINK, 201)
    return agent


@pytest.fixture
def opener(tmp_path, monkeypatch):
    """An xdg-open that writes down what it is to open."""
    opened = tmp_path / "opened"
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "noise of a browser"\nprintf "%s\\n" "$*" >> {opened}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return lambda: opened.read_text().split() if opened.exists() else []


def test_the_command_prints_the_link_and_nothing_else(asked, opener, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    result = plughook(asked, "page")
    assert (result.returncode, result.stdout) == (0, LINK["url"] + "\n")
    assert LINK["expiresAt"] in result.stderr and "CODE" not in result.stderr
    assert json.loads(succeed(asked, "page", "--json")) == LINK
    code, text = on_terminal("page", "--socket", asked.path, "--json")
    assert code == 0 and LINK["url"] in text
    assert opener() == [], "nobody looks at it"


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_on_a_desktop_it_is_opened(asked, opener, monkeypatch, name):
    code, _ = on_terminal("page", "--socket", asked.path)
    assert code == 0 and opener() == [], "there is no desktop"
    monkeypatch.setenv(name, "wayland-0")
    code, text = on_terminal("page", "--socket", asked.path)
    assert code == 0 and LINK["url"] in text
    wait_for(opener, 10, "the link to be opened")
    assert opener() == [LINK["url"]] and "noise" not in text


def test_it_is_opened_wherever_that_is_asked_for(asked, opener, monkeypatch, tmp_path):
    assert plughook(asked, "page", "--open").stdout == LINK["url"] + "\n"
    wait_for(opener, 10, "the link to be opened")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = plughook(asked, "page", "--open")
    assert result.returncode == EX_UNAVAILABLE and result.stdout == LINK["url"] + "\n"
    assert "xdg-utils" in result.stderr
    monkeypatch.setenv("DISPLAY", ":0")
    code, _ = on_terminal("page", "--socket", asked.path)
    assert code == 0, "the link is printed, and nobody has asked for more"
