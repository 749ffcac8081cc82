"""The page of a host with a real kernel and udevd, in a browser outside, as somebody uses it from sign-in to sign-out."""
import json
import os
import sys

import pytest

from guest import RECEIVER_PORT, TOP, wait_for

sys.path += [os.path.join(os.path.dirname(TOP), tests) for tests in ("SystemTests", "PageTests")]
from browser import Browser  # noqa: E402
from test_tcp import free_port  # noqa: E402

PHONE = "R58M123ABCD"
#: `test_who_may` has the group by the same number.
VIEWERS = 991


@pytest.fixture
def browser():
    browser = Browser(slowness=6)
    yield browser
    faults = browser.faults()
    browser.quit()
    assert not faults, faults


@pytest.fixture
def lab(host, guest):
    """An agent with a page, which a browser outside reaches by the address that it has for one on the host itself."""
    lab = Lab(host, guest)
    yield lab
    lab.close()


class Lab:
    def __init__(self, host, guest):
        self.host, self.guest, self.port = host, guest, free_port()
        self.socket = f"/run/{host.name}/control.sock"  # where other users may go
        guest.run(f"mkdir -p /run/{host.name}; "
                  f"grep -q ^plughook-view: /etc/group || echo plughook-view:x:{VIEWERS}: >>/etc/group")
        host.configure(webhooks=[], control={"socket": self.socket, "http": {"listen": f"127.0.0.1:{self.port}"}})
        host.start()
        # The agent listens on loopback alone, and what comes from outside comes to the network card.
        guest.background("page-way", f"systemd-socket-activate --listen=10.0.2.15:{self.port} "
                                     f"/lib/systemd/systemd-socket-proxyd 127.0.0.1:{self.port}")
        wait_for(lambda: "Listening on" in guest.read("page-way.log"), 60, lambda: guest.read("page-way.log"))
        self._monitor(f"hostfwd_add net0 tcp:127.0.0.1:{self.port}-10.0.2.15:{self.port}")

    def _monitor(self, command):
        said = self.guest.machine.qmp("human-monitor-command", {"command-line": command})
        assert not said or "removed" in said, said

    def close(self):
        self._monitor(f"hostfwd_remove net0 tcp:127.0.0.1:{self.port}")
        self.guest.run("kill $(cat /host/page-way.pid)")

    def ask(self, command, become=""):
        return json.loads(self.guest.run(f"{become} /run/plughook {command} --json --socket {self.socket}"))

    def link(self, become=""):
        return self.ask("page", become)["url"]

    def webhooks(self):
        return self.ask("webhooks list")["webhooks"]


def row(page, text):
    """What is written in the row that this is in, or nothing."""
    return next((words for words in page.texts(".rows .row") if text in words), "")


def wait_for_row(page, text, *words):
    wait_for(lambda: all(word in row(page, text) for word in words), 60,
             lambda: f"{words} in the row of {text}: {row(page, text)!r}\n{page.text('main')}")


def test_a_webhook_lives_and_dies_by_the_page(lab, host, guest, browser):
    browser.sign_in(lab.link())
    browser.wait_for_text("Live", "#connection")
    browser.wait_for_text("No phone has been seen")

    browser.press("Webhook Settings")
    browser.press("Create Webhook")
    browser.write("Name", "rack")
    browser.write("URL", f"http://127.0.0.1:{RECEIVER_PORT}/{host.name}/rack")
    browser.toggle("Online")
    browser.press("Save")
    browser.wait_for_text("Definition")
    guest.phone("plug", "samsung", "--serial", PHONE, "--wait", "60")
    host.wait_until_told(PHONE, "online", webhook="rack")
    browser.press("Devices")
    wait_for_row(browser, PHONE, "Online")
    browser.press("Deliveries")
    wait_for_row(browser, PHONE, "rack", "Online", "Delivered")

    browser.press("Webhook Settings")
    browser.press("rack", within="main")
    browser.press("Edit")
    browser.toggle("Online")
    browser.toggle("Unplugged")
    browser.press("Save")
    browser.wait_for_text("Definition")
    browser.press("Devices")
    wait_for_row(browser, PHONE, "Online")
    guest.phone("unplug", PHONE)
    wait_for_row(browser, PHONE, "Unplugged")
    host.wait_until_told(PHONE, "unplugged", webhook="rack")

    host.kill()
    browser.wait_for_text("Stale since", "#connection")
    guest.phone("plug", "samsung", "--serial", PHONE, "--wait", "60")
    host.start()
    browser.wait_for_text("Live", "#connection")
    wait_for_row(browser, PHONE, "Online")

    browser.press("Webhook Settings")
    browser.press("rack", within="main")
    browser.press("Delete…")
    browser.press("Delete", within="dialog")
    browser.wait_for_text("Create Webhook", "main")
    assert "rack" not in browser.text("main") and lab.webhooks() == []
    assert host.told("rack") == [(PHONE, "online"), (PHONE, "unplugged")]

    browser.press("Sign out")
    browser.wait_for_text("plughook page")
    browser.sign_in(lab.link(f"setpriv --reuid=1102 --regid={VIEWERS} --clear-groups"))
    wait_for_row(browser, PHONE, "Online")
    browser.press("Webhook Settings")
    browser.wait_for_text("Webhook", "main h1")
    assert not browser.named("Create Webhook"), "who looks on is offered nothing else"
