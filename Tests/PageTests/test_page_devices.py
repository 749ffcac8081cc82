"""The phones on the page: live, by status, one by one; who may do what; and what hostile phones come to."""
import os
import subprocess

import pytest

from patience import wait_for

HOSTILE = "<script>window.owned = 1</script>"
IMAGE = "<img src=x onerror='window.owned = 1'>"


def row(page, udid):
    """What is written in the row of a phone, or nothing."""
    return page.run("""
        const code = [...document.querySelectorAll(".rows code")].find((e) => e.textContent === arguments[0]);
        const row = code && code.closest(".row");
        return row && row.checkVisibility() ? row.innerText.replace(/\\s+/g, " ") : ''""", udid)


def wait_for_row(page, udid, *words):
    wait_for(lambda: all(word in row(page, udid) for word in words), 15,
             lambda: f"{words} in the row of {udid}: {row(page, udid)!r}\n{page.text('main')}")


def test_phones_come_change_and_go_while_one_looks(rig, page):
    page.wait_for_text("No phone has been seen")
    phone = rig.testbed.plug(serial="LIVE-1", port="1.2")
    wait_for_row(page, "LIVE-1", "Online", "Pixel 7", "1-1.2", "Hub 1-1")
    assert page.texts(".tile b") == ["1", "0", "0", "0"]
    session = rig.api.do("POST", "/v1/sessions", {"device": "LIVE-1", "owner": "ann"}, 201)
    wait_for_row(page, "LIVE-1", "Utilizing", "ann", "until")
    rig.api.do("DELETE", f"/v1/sessions/{session['id']}")
    wait_for_row(page, "LIVE-1", "Online")
    phone = rig.testbed.replug(phone, profile="fastboot")
    wait_for_row(page, "LIVE-1", "Offline", "bootloader")
    rig.testbed.unplug(phone)
    wait_for_row(page, "LIVE-1", "Unplugged")
    assert page.texts(".tile b") == ["0", "0", "0", "1"]
    since = page.one(".rows time")
    assert since.get_attribute("title").endswith(" UTC")
    assert since.get_attribute("datetime") == rig.api.get("/v1/devices/LIVE-1")["since"]
    page.driver.refresh()
    wait_for_row(page, "LIVE-1", "Unplugged")
    assert page.one(".rows time").get_attribute("datetime") == rig.api.get("/v1/devices/LIVE-1")["since"]


def test_what_is_looked_for_is_in_the_address(rig, page):
    rig.testbed.plug(serial="FIND-A", port="1.1")
    rig.testbed.plug("iphone", serial="000081010011223344556677", port="2.1")
    boot = rig.testbed.plug("fastboot", serial="FIND-C", port="2.2")
    wait_for_row(page, "FIND-C", "Offline")
    page.one(".tile[data-status=offline]").click()
    wait_for(lambda: not row(page, "FIND-A") and row(page, "FIND-C"), 5, "the offline one alone")
    assert page.place == "/#/devices?status=offline"
    page.one(".tile[data-status=offline]").click()
    page.write("Search", "FIND")
    page.choose("Order", "flat")
    wait_for(lambda: row(page, "FIND-A") and not row(page, "00008101-0011223344556677"), 5, "those that fit alone")
    assert page.place == "/#/devices?q=FIND&group=flat"
    page.driver.refresh()
    wait_for_row(page, "FIND-C", "Offline")
    assert page.value("Search") == "FIND" and not row(page, "00008101-0011223344556677")
    assert "2 of 3 phones" in page.text(".summary")
    page.write("Search", "nothing like it")
    page.press("Show all phones")
    wait_for_row(page, "00008101-0011223344556677", "iPhone")
    page.go("?wall")
    wait_for_row(page, "FIND-C", "Offline")
    assert not page.texts("nav a"), "the wall shows the phones alone"
    assert boot.name == "1-2.2"


def test_one_phone_with_its_history_sessions_and_expected_absence(rig, page):
    rig.testbed.plug(serial="ONE-1", port="1.1")
    rig.receiver.wait_for_callback("ONE-1", "online")
    rig.api.do("POST", "/v1/sessions", {"device": "ONE-1", "owner": "ben"}, 201)
    wait_for_row(page, "ONE-1", "ben")
    page.press("Pixel 7")
    page.wait_for_text("ben", "main")
    picture = page.one("svg.timeline")
    wait_for(lambda: "Utilizing" in picture.get_attribute("aria-label"), 10, "the history in words")
    assert len(page.all("svg .band")) == 2
    page.press("End…")
    page.press("End session", within="dialog")
    wait_for(lambda: rig.api.get("/v1/sessions")["sessions"] == [], 10, "the session's end")
    page.wait_for_text("Nobody has this phone")
    rig.receiver.wait_for_callback("ONE-1", "utilizing")
    page.wait_for_text("Delivered", "main")
    page.write("Minutes", "40")
    page.press("Expect")
    wait_for(lambda: page.fault_of("Minutes") == "is 2400: give a whole number of seconds from 1 to 900", 10,
             lambda: page.fault_of("Minutes"))
    page.write("Minutes", "10")
    page.write("Why", "flashed <b>now</b>")
    page.press("Expect")
    page.wait_for_text("flashed <b>now</b>")
    page.press("Expect it no longer")
    page.wait_for_text("Before it is rebooted")


def test_the_agent_starts_again_under_an_open_page(host, rig, page):
    phone = rig.testbed.plug(serial="STAYS", port="1.1")
    wait_for_row(page, "STAYS", "Online")
    rig.agent.kill()
    page.wait_for_text("Stale since", "#connection")
    rig.testbed.forget_monitors()
    rig.testbed.unplug(phone)
    rig.start()
    page.wait_for_text("Live", "#connection", 20)
    wait_for_row(page, "STAYS", "Unplugged")
    rig.testbed.plug(serial="STAYS", port="1.1")
    wait_for_row(page, "STAYS", "Online")


@pytest.mark.skipif(os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"]).returncode != 0,
                    reason="only root can give an agent a group and become a member of it")
def test_who_looks_on_is_offered_nothing_else(host, rig, browser):
    with host.started_with_viewers() as link:
        look_on(host, rig, browser, link())


def look_on(host, rig, browser, link):
    rig.testbed.plug(serial="VIEWED", port="1.1")
    browser.sign_in(link)
    wait_for_row(browser, "VIEWED", "Online")
    browser.press("Pixel 7")
    browser.wait_for_text("Nobody has this phone")
    assert not browser.named("Expect")
    browser.press("Webhook Settings")
    browser.press("all", within="main")
    browser.wait_for_text("Definition")
    assert rig.receiver.url in browser.text("main") and f"{rig.receiver.url}/all" not in browser.text("main")
    for name in ("Edit", "Send test", "Suspend", "Disable", "Delete…", "Create Webhook"):
        assert not browser.named(name), name
    status = browser.driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        const key = "plughook-page-token";
        fetch("/v1/webhooks/1", {method: "DELETE", headers: {[key]: localStorage.getItem(key)}})
            .then((r) => done(r.status), done)""")
    assert status == 403 and rig.api.get("/v1/webhooks/1")["name"] == "all"


def test_without_sign_in_there_is_only_the_way_to_it(host, rig, browser):
    rig.start()
    rig.testbed.plug(serial="SECRETIVE", port="1.1")
    browser.driver.get(host.url)
    browser.wait_for_text("plughook page")
    assert "SECRETIVE" not in browser.text("body") and not browser.texts("nav a")
    link = host.link()
    browser.write("Link or code", "x" * 43)
    browser.press("Sign in")
    browser.one("#sign-in .problem")
    browser.write("Link or code", link)
    browser.press("Sign in")
    wait_for_row(browser, "SECRETIVE", "Online")
    browser.sign_in(link)
    wait_for_row(browser, "SECRETIVE", "Online")
    assert "sign-in" not in browser.place, "the code does not stay in the address"
    cookie = next(c for c in browser.cdp("Network.getAllCookies")["cookies"] if c["name"] == "plughook-page")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    browser.press("Sign out")
    browser.wait_for_text("plughook page")
    assert not browser.texts(".rows .row")


def test_hostile_phones_are_shown_harmlessly(rig, page):
    """What a phone says of itself is text, wherever it is shown, and turns no other text around."""
    rig.testbed.plug(serial=HOSTILE, product=IMAGE, port="1.1")
    rig.testbed.plug(serial="LONG", product="n" * 110 + "'\"&amp;", port="1.2")
    wait_for_row(page, HOSTILE, "Online", IMAGE)
    wait_for_row(page, "LONG", "&amp;")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    page.size(360, 800, True)
    assert page.run("return document.documentElement.scrollWidth") <= 360
    page.press(IMAGE)
    page.wait_for_text("History")
    page.wait_for_text(HOSTILE, "dl.facts")
    assert page.run("return document.documentElement.scrollWidth") <= 360
    assert page.run("return window.owned === undefined") and not page.all("main img, main script")
    assert page.run("return getComputedStyle(document.querySelector('dl.facts dd')).unicodeBidi") == "plaintext"
