"""What the page costs its reader and the agent: a measurement, for a machine that does nothing else.

    PLUGHOOK_BIN=.build/release/plughook /usr/bin/python3 -m pytest -s Tests/PageTests/measure_page.py
"""
import statistics
import threading
import time

import pytest

from browser import Browser
from patience import wait_for

PHONES = 500
SECONDS = 5
LIMIT = 50  # milliseconds
HANDS = 8
ROUNDS = 3


@pytest.fixture
def traced():
    browser = Browser(logs={"performance": "ALL"},
                      perfLoggingPrefs={"traceCategories": "toplevel,blink.user_timing",
                                        "bufferUsageReportingInterval": 60_000})
    yield browser
    browser.quit()


class Changes:
    """Sessions that start and end on one phone after the other: a change of status each time, and an event beside it."""

    def __init__(self, rig, rate):
        self.rig, self.rate, self.counts, self.is_ending = rig, rate, [0] * HANDS, False
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(HANDS)]
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()

    def work(self, hand):
        while not self.is_ending:
            phone = (hand + self.counts[hand] // 2 * HANDS) % PHONES
            session = self.rig.api.do("POST", "/v1/sessions", {"device": f"STORM{phone:04d}", "owner": "crowd"}, 201)
            self.pace(hand)
            self.rig.api.do("DELETE", f"/v1/sessions/{session['id']}")
            self.pace(hand)

    def pace(self, hand):
        self.counts[hand] += 1
        time.sleep(max(0, self.began + self.counts[hand] * HANDS / self.rate - time.monotonic()))

    def end(self):
        """Changes in a second."""
        rate = sum(self.counts) / (time.monotonic() - self.began)
        self.is_ending = True
        for thread in self.threads:
            thread.join()
        return rate


def longest_tasks(messages):
    """Milliseconds of the processor that the page's main thread spent in each task since the mark, longest first."""
    events = [m["params"] for m in messages if m["method"] == "Tracing.dataCollected"]
    main = {(e["pid"], e["tid"]) for e in events if e.get("name") == "thread_name" and e["args"]["name"] == "CrRendererMain"}
    marked = next(e for e in events if e["name"] == "changes")
    thread = (marked["pid"], marked["tid"])
    assert thread in main
    tasks = [e for e in events if e.get("ph") == "X" and e["name"].endswith("RunTask")
             and (e["pid"], e["tid"]) == thread and e["ts"] > marked["ts"]]
    return sorted((e.get("tdur", e["dur"]) / 1000 for e in tasks), reverse=True)


def latencies(rig, count):
    """From a plug to its callback, in milliseconds, of so many phones of their own."""
    found = []
    for n in range(count):
        serial = f"PROBE{n}"
        so_far = [r.what for r in rig.receiver.accepted()].count((serial, "online"))
        began = time.monotonic_ns()
        phone = rig.testbed.plug(serial=serial, bus=9)
        request = rig.receiver.wait_for_callback(serial, "online", so_far + 1)
        found.append((request.ns - began) / 1e6)
        rig.testbed.unplug(phone)
    return found


def test_five_hundred_phones_with_fifty_changes_a_second(host, rig, traced):
    host.configure(webhooks=[])
    rig.testbed.storm(PHONES)
    rig.start()
    wait_for(lambda: rig.api.status()["devices"].get("online") == PHONES, 60, "all phones to be online")
    traced.sign_in(host.link())
    # What else runs on this machine adds to some of the rounds; what the page itself takes, it takes in each.
    rounds = []
    while not rounds or (rounds[-1] > LIMIT and len(rounds) < ROUNDS):
        rounds.append(longest_task_of_a_round(rig, traced))
    assert rounds[-1] <= LIMIT, rounds


def longest_task_of_a_round(rig, page):
    page.driver.refresh()
    wait_for(lambda: page.text("#connection") == "Live" and len(page.all(".rows .row")) == PHONES, 30, "all phones on the page")
    page.cdp("Emulation.setCPUThrottlingRate", rate=4)
    page.run("performance.mark('changes')")
    changes = Changes(rig, 75)
    time.sleep(SECONDS)  # what is measured, not waited for
    rate = changes.end()
    wait_for(lambda: page.text(".tile[data-status=online] b") == str(PHONES), 30, "the last change on the page")
    tasks = longest_tasks(page.log("performance"))
    page.cdp("Emulation.setCPUThrottlingRate", rate=1)
    print(f"{rate:.0f} changes a second; longest tasks: {[round(task, 1) for task in tasks[:5]]} ms of {len(tasks)}")
    assert rate >= 50, f"only {rate:.0f} changes a second were made"
    return tasks[0]


def test_the_page_can_be_used_within_300_ms(rig, host, browser):
    rig.start()
    browser.sign_in(host.link())
    browser.driver.refresh()
    wait_for(lambda: browser.text("#connection") == "Live", 20, "the page")
    # Modules run before this event: what is pressed then is heard.
    interactive = browser.run("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    print(f"can be used after {interactive:.0f} ms")
    assert 0 < interactive <= 300


def test_an_open_page_costs_the_agent_no_latency(host, rig, browser):
    rig.testbed.storm(100)
    rig.start()
    wait_for(lambda: rig.api.status()["devices"].get("online") == 100, 30, "all phones to be online")
    alone = latencies(rig, 10)
    browser.sign_in(host.link())
    wait_for(lambda: len(browser.all(".rows .row")) >= 100, 20, "all phones on the page")
    watched = latencies(rig, 10)
    print(f"median from plug to callback: {statistics.median(alone):.1f} ms alone, {statistics.median(watched):.1f} ms watched")
    assert statistics.median(watched) < statistics.median(alone) + 20
