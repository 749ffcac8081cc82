"""What every system test gets: phones that are not there, the agent, a receiver."""
import contextlib, itertools, json, os, shutil, sqlite3, subprocess

import pytest

import agent as agents
from api import API
from patience import patience, wait_for
from receiver import Receiver
from testbed import Testbed

#: Short, so that tests are quick; no test relies on a change being *faster* than one of them.
DETECTION = {"hotplug": "udev", "unplugSettleMs": 0, "offlineHoldMs": 50, "onlineHoldMs": 50, "startSettleMs": 100,
             "bootSettleMs": 100}


class Rig:
    """A host: its USB tree, its agent and the receiver of its callbacks."""

    def __init__(self, folder, has_usb=True):
        self.folder = str(folder)
        self.state = os.path.join(self.folder, "state")
        self.config_path = os.path.join(self.folder, "config.json")
        self.socket_path = os.path.join(self.folder, "control.sock")
        self.api = API(self.socket_path)
        self.testbed = Testbed(has_usb)
        self.receiver = Receiver()
        self.runs = []
        self.configure()

    def configure(self, webhooks=None, detection=None, **keys):
        """Writes the config file: one webhook that wants everything, at /all, unless told."""
        if webhooks is None:
            webhooks = [self.webhook(1, "all")]
        config = {"orgId": 2, "stateDirectory": self.state, "detection": {**DETECTION, **(detection or {})},
                  "control": {"socket": self.socket_path}, "webhooks": webhooks, **keys}
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        with open(self.config_path, "w") as f:
            json.dump(config, f, indent=2)
        return self

    def webhook(self, ident, name, events=("online", "offline", "utilizing", "unplugged")):
        return {"id": ident, "name": name, "url": f"{self.receiver.url}/{name}", "events": list(events)}

    def launch(self, before=(), **env):
        """Starts an agent and does not wait; `before` are the words of a command that becomes it."""
        self.testbed.forget_monitors()
        agent = agents.Agent(self.config_path, self.testbed.root, self.folder, len(self.runs) + 1, env, before)
        self.runs.append(agent)
        return agent

    def start(self, before=(), **env):
        """Starts an agent and returns it when it is ready."""
        return self.launch(before, **env).wait_until_ready()

    @property
    def agent(self):
        return self.runs[-1]

    def command(self, *arguments, **options):
        """Runs `plughook ARGUMENTS` against this host's agent, and returns what came of it."""
        environment = {k: v for k, v in os.environ.items() if k != "PLUGHOOK_CONFIG"}
        return subprocess.run([agents.BINARY, *map(str, arguments), "--socket", self.socket_path], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience(60), **options)

    def query(self, sql):
        """Reads the agent's database, without ever writing to it."""
        path = os.path.join(self.state, "plughook.sqlite3")
        # Beside a database that was closed in order even a reader would make a log and its index, and leave them.
        immutable = "" if os.path.exists(path + "-wal") else "&immutable=1"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro{immutable}", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql).fetchall()

    def wait_until_recorded(self, serial, status, count=1):
        """Waits until that event is on disk so often: the acknowledgement when no callback can be had.

        A test that goes on without one may be faster than the agent reads, and then the agent rightly never
        learns of a phone that was gone before its `add` was looked at.
        """
        wait_for(lambda: self.events().count((serial, status)) >= count, 20,
                 f"{count} × {status} of {serial!r} on disk")

    def events(self):
        """(device, status) of every event on disk, in order."""
        return [(row["device"], row["status"]) for row in self.query("SELECT device, status FROM event ORDER BY number")]

    def prove_quiet(self, serial="SENTINEL"):
        """Returns when whatever the past could still have caused has been received.

        Another phone is plugged and pulled, and its two callbacks awaited.  The agent reads uevents in the order in
        which they were sent, decides in that order, commits before it sends, and hands a free lane's callback over
        at once; `unplugSettle` runs for the sentinel from later on than for anything before it.  A callback that an
        earlier uevent had wrongly caused is therefore on its way before the sentinel's second one; and one that only
        overtakes within the microseconds of two parallel transfers is caught by the wait for the end of the agent.
        """
        phone = self.testbed.plug(serial=serial)
        self.receiver.wait_for_callback(serial, "online")
        self.testbed.unplug(phone)
        self.receiver.wait_for_callback(serial, "unplugged")
        assert self.agent.terminate() == 0

    def told(self, without="SENTINEL"):
        """(path, device, event) of all that was accepted, in the order of their coming."""
        return [(r.path, *r.what) for r in self.receiver.accepted() if r.what[0] != without]

    def report(self):
        parts = [f"agent {n}, log:\n{a.log[-20000:]}" for n, a in enumerate(self.runs, 1)][-3:]
        parts.append("received (the last 100):\n" + "\n".join(str(r) for r in self.receiver.requests[-100:]))
        return "\n\n".join(parts)

    def close(self):
        try:
            for agent in self.runs:
                agent.close()
        finally:
            self.receiver.stop()
            self.testbed.destroy()


@pytest.fixture(scope="session", autouse=True)
def tools():
    if not os.path.exists(agents.BINARY):
        pytest.exit(f"no agent at {agents.BINARY}: run `swift build`, or set PLUGHOOK_BIN", 2)
    if not shutil.which("umockdev-wrapper"):
        pytest.exit("umockdev-wrapper is missing: apt install umockdev", 2)


@pytest.fixture
def make_rig(request, tmp_path):
    made, numbers = [], itertools.count(1)

    def make(**options):
        folder = tmp_path / f"host-{next(numbers)}"
        folder.mkdir()
        made.append(Rig(folder, **options))
        return made[-1]
    request.node.rigs = made
    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig):
    return make_rig()


@pytest.fixture
def make_receiver():
    """More of them, beside that of the rig."""
    made = []

    def make():
        made.append(Receiver())
        return made[-1]
    yield make
    for receiver in made:
        receiver.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the agent's log and what was received with every failure."""
    report = (yield).get_result()
    if report.failed:
        for n, rig in enumerate(getattr(item, "rigs", []), 1):
            report.sections.append((f"host {n}", rig.report()))
