"""Through a proxy, when the configuration says so, and only then."""
import http.client
import http.server
import select
import socket
import threading

import pytest

from patience import wait_for
from test_tls import Authority, authority, receiver  # noqa: F401


class Proxy:
    """Passes POSTs on, and tunnels; knows hosts that only it can find."""

    def __init__(self, hosts, refuses=False):
        proxy = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                proxy.seen.append(self.requestline)
                host, _, path = self.path.removeprefix("http://").partition("/")
                body = self.rfile.read(int(self.headers["Content-Length"]))
                onward = http.client.HTTPConnection(*hosts.get(host, tuple(host.split(":"))), timeout=10)
                onward.request("POST", "/" + path, body, dict(self.headers))
                answer = onward.getresponse()
                self.send_response(answer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_CONNECT(self):
                proxy.seen.append(self.requestline)
                if refuses:
                    self.send_error(407)
                    return
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((host, int(port))) as onward:
                    self.send_response(200)
                    self.end_headers()
                    ends = {self.connection: onward, onward: self.connection}
                    while True:
                        for end in select.select(list(ends), [], [], 30)[0]:
                            data = end.recv(65536)
                            if not data:
                                return
                            ends[end].sendall(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def make_proxy():
    made = []

    def make(*arguments, **options):
        made.append(Proxy(*arguments, **options))
        return made[-1]
    yield make
    for proxy in made:
        proxy.server.shutdown()
        proxy.server.server_close()


def test_callbacks_go_through_the_proxy_that_is_named(rig, make_proxy):
    port = int(rig.receiver.url.rpartition(":")[2])
    proxy = make_proxy({"receiver.invalid": ("127.0.0.1", port)})
    far = {**rig.webhook(1, "far"), "url": "http://receiver.invalid/far"}
    near = {**rig.webhook(2, "near"), "proxy": "none"}
    rig.configure(webhooks=[far, near], delivery={"proxy": proxy.url}).start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    assert proxy.seen == ["POST http://receiver.invalid/far HTTP/1.1"]
    # Of one webhook, by the command line; and back to what the host says.
    assert rig.command("webhooks", "edit", "near", "--proxy", proxy.url).returncode == 0
    rig.testbed.plug(serial="B")
    rig.receiver.wait_for_callback("B", "online", count=2)
    assert len(proxy.seen) == 3
    refused = rig.command("webhooks", "edit", "near", "--proxy", "http://me:secret@127.0.0.1:1")
    assert refused.returncode == 65 and "user information" in refused.stderr and "secret" not in refused.stderr
    assert rig.command("webhooks", "edit", "near", "--proxy", "host").returncode == 0
    assert rig.api.get("/v1/webhooks/2")["proxy"] == "host"


def test_the_environments_proxy_is_for_those_who_ask_for_it(rig, make_proxy):
    proxy = make_proxy({})
    rig.configure(webhooks=[rig.webhook(1, "straight"), {**rig.webhook(2, "asks"), "proxy": "environment"}])
    rig.start(http_proxy=proxy.url, HTTPS_PROXY=proxy.url, all_proxy=proxy.url)
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    assert [line.partition("/asks")[1] for line in proxy.seen] == ["/asks"]


def test_tls_goes_through_a_tunnel(rig, make_proxy, receiver, authority):  # noqa: F811
    proxy = make_proxy({})
    webhook = {**rig.webhook(1, "tls"), "url": receiver.url, "proxy": proxy.url, "tls": {"caFile": authority.ca}}
    rig.configure(webhooks=[webhook]).start()
    rig.testbed.plug(serial="A")
    wait_for(lambda: receiver.seen, 20, "the callback")
    assert [line.partition(" ")[0] for line in proxy.seen] == ["CONNECT"]


def test_a_proxy_that_refuses_is_told_and_is_no_receivers_answer(rig, make_proxy, receiver, authority):  # noqa: F811
    proxy = make_proxy({}, refuses=True)
    webhook = {**rig.webhook(1, "tls"), "url": receiver.url, "proxy": proxy.url, "tls": {"caFile": authority.ca}}
    rig.configure(webhooks=[webhook], delivery={"addresses": {"deny": []}}).start()
    rig.testbed.plug(serial="A")
    rig.agent.wait_for_log("event=callback.failed", 20)
    delivery = rig.api.get("/v1/deliveries")["deliveries"][0]["id"]
    attempt = wait_for(lambda: rig.api.get(f"/v1/deliveries/{delivery}")["attempts"], 20, "the attempt on record")[0]
    assert "407" in attempt["detail"] and attempt["outcome"] in ("connection", "connect"), attempt
    assert receiver.seen == []


def test_the_rules_for_addresses_are_for_the_proxys_own(rig, make_proxy):
    proxy = make_proxy({})
    rig.configure(webhooks=[{**rig.webhook(1, "all"), "proxy": proxy.url}],
                  delivery={"addresses": {"deny": ["127.0.0.0/8"]}}).start()
    rig.testbed.plug(serial="A")
    away = wait_for(lambda: rig.api.get("/v1/webhooks/1").get("away"), 20, "the refusal")
    assert away["outcome"] == "blocked" and proxy.seen == []
