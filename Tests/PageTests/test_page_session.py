"""Being signed in: over a reload, in a second tab, until one signs out; and what other ports of the host get of it."""
import contextlib
import http.server
import threading
import urllib.error
import urllib.request

import pytest

from patience import wait_for

TOKEN = "plughook-page-token"


def wait_until_live(page):
    wait_for(lambda: page.text("#connection") == "Live" and page.text("main h1") == "Devices", 20, lambda: page.text("body"))


@pytest.fixture
def tabs(host, page):
    """`tabs(n)` looks at the first or at a second tab, which is opened at the page without any link."""
    first = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    second = page.driver.current_window_handle
    page.driver.get(host.url)

    def look_at(number):
        page.driver.switch_to.window((first, second)[number])
        return page
    yield look_at
    look_at(1)
    page.driver.close()
    look_at(0)


@contextlib.contextmanager
def neighbour():
    """Another user's server on another port of 127.0.0.1: all that it is sent, and its address."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers.items()))
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>neighbour</title>")

        def log_message(self, *_):
            pass
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield seen, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def status(url, **headers):
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_it_lasts_over_a_reload_and_a_start_of_the_agent(rig, page):
    page.driver.refresh()
    wait_until_live(page)
    rig.agent.terminate()
    page.wait_for_text("Stale since", "#connection")
    rig.start()
    wait_until_live(page)
    page.driver.refresh()
    wait_until_live(page)


def test_two_tabs_are_one_browser(host, rig, tabs):
    wait_until_live(tabs(1))
    wait_until_live(tabs(0))
    tabs(1).press("Sign out")
    tabs(1).wait_for_text("plughook page", "#sign-in")
    assert tabs(1).run("return localStorage.length") == 0
    tabs(0).wait_for_text("You are signed out", "#sign-in")
    assert not tabs(0).texts("main, nav a")
    tabs(0).write("Link or code", host.link())
    tabs(0).press("Sign in")
    wait_until_live(tabs(0))
    wait_until_live(tabs(1))
    # With another link: the first tab goes on as whoever signed in last.
    before = tabs(0).run("return localStorage.getItem(arguments[0])", TOKEN)
    tabs(1).sign_in(host.link())
    wait_until_live(tabs(1))
    assert tabs(1).run("return localStorage.getItem(arguments[0])", TOKEN) != before
    rig.testbed.plug(serial="BOTH", port="1.1")
    for number in (0, 1):
        wait_for(lambda: "BOTH" in tabs(number).text("main"), 10, lambda: tabs(number).text("body"))
        assert not tabs(number).texts("#sign-in")


def test_what_another_port_is_given_by_the_browser_is_good_for_nothing(host, page):
    token = page.run("return localStorage.getItem(arguments[0])", TOKEN)
    with neighbour() as (seen, url):
        page.driver.get(url)
        assert page.driver.title == "neighbour" and page.run("return localStorage.length") == 0
    cookie = seen[0]["Cookie"]
    assert "plughook-page=" in cookie and token not in str(seen), "the browser gives the cookie away"
    for path in ("/v1/devices", "/page/session", "/v1/events/stream", "/metrics"):
        assert status(host.url + path, cookie=cookie) == 401, path
    assert status(host.url + "/v1/devices", cookie=cookie, plughook_page_token=token) == 200
    page.driver.get(host.url)
    wait_until_live(page)
