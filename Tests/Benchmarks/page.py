"""What the page costs: whether it stays fluid, how soon it can be used, and what the agent's callbacks notice of it.

In Debian's Chromium, with 500 phones of which 50 a second change their status.
"""
import contextlib, json, os, random, sys, time

from burst import surroundings
from changes import Changes
from contenders import Plughook
from figures import Target, noise, summary, table
from pace import Pace
from tasks import CLOCKS, Trace

from api import API  # of the system tests, whose folder `bus` has put in the path
from test_tcp import free_port

PHONES, SERIAL = 500, "PAGE{n:04d}"
#: A little more than is promised: a machine that is busy makes fewer.
CHANGES, ASKED = 50, 55
THROTTLE = 4
#: Chromium throttles a thread by having it turn round and round for three quarters of the time: a task of known length takes
#: four times as long by either clock, and each run shows it. The wall clock alone also counts while others have the CPU.
JUDGED = "CPU"
#: Below it, the throttle was not there.
THROTTLED = 3
#: Wall time of a task that only reckons ÷ its CPU time. Above it others keep the CPUs busy: frames come late, have more to show
#: at once, and find the caches full of something else.
NOISY = 1.1
SECONDS = 5  # of each round
LOADS = 5
#: The phone whose callbacks are measured, on a bus of its own.
PROBE, PROBE_BUS = "ce0917198075440c057e", 9
#: By turns, with and without the page, and so many removals of each that do not count.
BLOCKS, WARM_UP = 6, 3
ALONE, WATCHED = "alone", "with the page open"


class Agent(Plughook):
    """With a page, and a webhook for the one phone that is measured."""

    def command(self):
        self.port = free_port()
        command, environment = super().command()
        with open(command[-1]) as f:
            settings = json.load(f)
        settings["control"]["http"] = {"listen": f"127.0.0.1:{self.port}"}
        for webhook in settings["webhooks"]:
            webhook["devices"] = {"udids": [PROBE]}
        with open(command[-1], "w") as f:
            json.dump(settings, f)
        return command, environment

    def measure(self, pace):
        phone = self.bus.plug(serial=PROBE, bus=PROBE_BUS)
        self.take([PROBE], "online")
        pace.pause()
        _, told = self.bus.pull([phone])
        accepted, = self.take([PROBE], "unplugged")
        return accepted.ns - told


#: Marks the frame in which the phones can be searched.
MARK = """(function look() {
    if (document.querySelector("main:not([hidden]) [type=search]")) performance.mark("usable");
    else requestAnimationFrame(look);
})()"""


class Page:
    """The agent's page in a browser whose main thread can be looked at."""

    def __init__(self, agent):
        # Debian's selenium, with the libraries that it was made for; this environment has newer ones, which nothing here uses.
        tests = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "PageTests")
        sys.path[:0] = [tests, "/usr/lib/python3/dist-packages"]
        from browser import Browser
        self.browser = Browser()
        self.browser.cdp("Page.enable")
        self.browser.cdp("Page.addScriptToEvaluateOnNewDocument", source=MARK)
        self.trace = Trace(self.browser.driver.capabilities["goog:chromeOptions"]["debuggerAddress"])
        self.browser.sign_in(API(agent.socket).call("POST", "/v1/page/links").json["url"])

    def close(self):
        self.trace.close()
        self.browser.quit()

    def open(self):
        self.browser.driver.get("about:blank")
        self.browser.driver.get(self.browser.base)
        self.wait_until(lambda: self.browser.text("#connection") == "Live"
                        and self.browser.run("return document.querySelectorAll('.rows .row').length") >= PHONES,
                        "all phones on the page")

    def wait_until(self, fact, what):
        limit = time.monotonic() + 60
        while not fact():
            if time.monotonic() > limit:
                raise RuntimeError(f"not within a minute: {what}; it says {self.browser.text('body')[:500]!r}")
            time.sleep(0.05)

    @contextlib.contextmanager
    def traced(self, rate):
        """Throttles the processor by this rate; the list that it gives has the tasks when the block has ended."""
        tasks = []
        self.browser.cdp("Emulation.setCPUThrottlingRate", rate=rate)
        self.trace.start()
        self.browser.run("performance.mark('begin')")
        yield tasks
        tasks += self.trace.stop()
        self.browser.cdp("Emulation.setCPUThrottlingRate", rate=1)

    def load(self):
        """A first load, with nothing in the browser's cache: milliseconds until it can be used, and the bytes of the page."""
        self.browser.driver.get("about:blank")
        self.browser.cdp("Network.clearBrowserCache")
        self.open()
        return self.browser.run("""
            const files = [performance.getEntriesByType("navigation")[0],
                ...performance.getEntriesByType("resource").filter(({ initiatorType }) => initiatorType !== "fetch")];
            return { usable: performance.getEntriesByName("usable")[0].startTime,
                     bytes: files.reduce((sum, file) => sum + file.transferSize, 0) }""")

    def known_task(self, rate):
        """One that does so much that no other is longer."""
        with self.traced(rate) as tasks:
            self.browser.driver.execute_async_script("""
                const done = arguments[0];
                setTimeout(() => {
                    let sum = 0;
                    for (let n = 0; n < 2e7; n++) sum = (sum + n * n) % 7919;
                    setTimeout(done, 50, sum);
                }, 50)""")
        longest = max(tasks, key=lambda task: task["wall"])
        return {clock: longest[clock] for clock in CLOCKS}


def run(sink, folder, options, progress):
    agent = page = changes = None
    try:
        agent = Agent(sink, folder)
        progress(f"page: {PHONES} phones are plugged")
        agent.bus.storm(PHONES, serial=SERIAL)
        api = API(agent.socket)
        agent.wait_until(lambda: api.status()["devices"].get("online") == PHONES, "aware of all phones")
        page = Page(agent)
        progress(f"page: {LOADS} first loads")
        loads = [page.load() for _ in range(LOADS)]
        throttled = page.known_task(THROTTLE)
        rounds = []
        for round in range(1, options.rounds + 1):
            progress(f"page: {SECONDS} s of changes, {round} of {options.rounds}")
            rounds.append({"plain": page.known_task(1), **fluidity(agent, page)})
        if throttled[JUDGED] < THROTTLED * rounds[0]["plain"][JUDGED]:
            raise RuntimeError(f"the browser was not throttled: {throttled}, {rounds[0]['plain']}")
        page.close()
        with idle():
            page = Page(agent)
        changes = Changes(agent.socket, SERIAL, PHONES, ASKED)
        samples = latencies(agent, page, options.events, progress)
        rate = changes.end()
    except AssertionError as error:  # the tests' way to say that something did not come
        raise RuntimeError(str(error)) from None
    finally:
        if changes:
            changes.close()
        if page:
            page.close()
        if agent:
            agent.close()
    return {"loads": loads, "throttled": throttled, "rounds": rounds, "changes": rate,
            "latency": {name: summary(values) for name, values in samples.items()},
            **surroundings(folder)}


@contextlib.contextmanager
def idle():
    """What is started in it gets the CPU only while nobody else wants it.

    So a browser on this machine costs no more than one on the reader's own: what is left is what the agent does for it.
    """
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def fluidity(agent, page):
    page.open()
    changes = None
    try:
        with page.traced(THROTTLE) as tasks:
            changes = Changes(agent.socket, SERIAL, PHONES, ASKED)
            time.sleep(SECONDS)
            rate = changes.end()
            page.wait_until(lambda: page.browser.text(".tile[data-status=online] b") == str(PHONES), "the last change")
    finally:
        if changes:
            changes.close()
    return {"changes": rate, "tasks": len(tasks),
            "longest": {clock: max(tasks, key=lambda task: task[clock]) for clock in CLOCKS}}


def latencies(agent, page, events, progress):
    """Blocks of removals by turns, with the page closed and open, while phones change all the time."""
    samples, pace, order, dice = {ALONE: [], WATCHED: []}, Pace(), [ALONE, WATCHED], random.Random(1)
    for block in range(1, BLOCKS + 1):
        progress(f"page: {block} of {BLOCKS} blocks of removals, alone and with the page open")
        dice.shuffle(order)
        for name in order:
            page.open() if name == WATCHED else page.browser.driver.get("about:blank")
            for n in range(WARM_UP + -(-events // BLOCKS)):
                pace.pause()
                ns = agent.measure(pace)
                if n >= WARM_UP:
                    samples[name].append(ns)
    return samples


def noise_in(result):
    busy = max(one["plain"]["wall"] / one["plain"]["CPU"] for one in result["rounds"])
    reasons = [noise(result["floor"], result["oversleep"]),
               f"a task without a pause took {busy:.1f} times its CPU time" if busy > NOISY else ""]
    return " and ".join(filter(None, reasons))


def targets(result):
    steady, loads = not noise_in(result), result["loads"]
    alone, watched = result["latency"][ALONE], result["latency"][WATCHED]
    return [
        Target(f"page: longest task at {THROTTLE}× CPU throttle", longest(result, JUDGED), 50, "ms", judged=steady),
        Target("page: changes meanwhile", min(one["changes"] for one in result["rounds"]), CHANGES, "/s", True),
        Target("page: first load until it can be used", max(one["usable"] for one in loads), 300, "ms", judged=steady),
        Target("page: first load, compressed", max(one["bytes"] for one in loads) / 1000, 100, "kB"),
        Target("page: p50 of a callback with it open ÷ without", watched["p50"] / alone["p50"], 1.1, "×", judged=steady),
        Target("page: p99 of a callback with it open − without", watched["p99"] - alone["p99"], 3, "ms", judged=steady),
    ]


def longest(result, clock):
    return max(one["longest"][clock][clock] for one in result["rounds"])


def text(result):
    rows = []
    for number, one in enumerate(result["rounds"], 1):
        for clock, task in one["longest"].items():
            parts = sorted(task["parts"].items(), key=lambda part: -part[1][clock])
            rows.append([f"{number}, by {clock} time", one["changes"], one["tasks"], task["wall"], task["CPU"],
                         ", ".join(f"{kind} {times[clock]:.1f}" for kind, times in parts if times[clock] >= 0.5)])
    plain, throttled = result["rounds"][0]["plain"], result["throttled"]
    usable = sorted(one["usable"] for one in result["loads"])
    delays = [[name, f["n"], f["p50"], f["p90"], f["p99"], f["max"]] for name, f in result["latency"].items()]
    return (f"Page: {PHONES} phones; longest task in {SECONDS} s of changes at {THROTTLE}× CPU throttle, ms, and what was done"
            f"\n(one of {plain['wall']:.0f} ms by wall time and {plain['CPU']:.0f} by CPU time took {throttled['wall']:.0f} "
            f"and {throttled['CPU']:.0f} with it; {JUDGED} time is judged)\n\n"
            + table(["round", "changes/s", "tasks", "wall", "CPU", "of it"], rows)
            + f"\n\nFirst load: can be searched after {usable[LOADS // 2]:.0f} ms (p50 of {LOADS}), {usable[-1]:.0f} at most"
              f"\n\nA removal's uevent → its callback accepted, beside {result['changes']:.0f} changes a second, ms\n\n"
            + table(["", "n", "p50", "p90", "p99", "max"], delays))
