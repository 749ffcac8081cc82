"""Who runs against whom: each has its own bus, and the same receiver.

One bus for each, since umockdev names a monitor's socket after its descriptor number, which is unique in one process only.
"""
import json, os, signal, subprocess, sys, time

from bus import PATIENCE, Bus
from agent import NotifySocket

HERE = os.path.dirname(os.path.abspath(__file__))
PLUGHOOK = os.environ.get("PLUGHOOK_BIN", os.path.join(HERE, "../../../.build/release/plughook"))


class Contender:
    """A process that tells the sink what happens on its bus."""

    name: str

    def __init__(self, sink, webhooks=1):
        self.sink, self.bus = sink, Bus()
        #: The last part of each path is the name that the callback's body carries.
        self.webhooks = [f"{self.name}-{n}" for n in range(1, webhooks + 1)]
        self.urls = [f"{sink.url}/{webhook}" for webhook in self.webhooks]
        self.log_path = os.path.join(self.bus.root, "log")
        command, environment = self.command()
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, "UMOCKDEV_DIR": self.bus.root, **environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        try:
            self.wait_until(self.is_ready, "ready")
        except BaseException:
            self.close()
            raise
        self.bus.connect()

    def command(self):
        """The command line, and what it needs in the environment."""
        raise NotImplementedError

    def is_ready(self):
        return self.bus.monitors()

    def wait_until(self, fact, what):
        limit = time.monotonic() + PATIENCE
        while not fact():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"{self.name} is not {what}; its log ends with:\n{self.log_tail()}")
            time.sleep(0.01)

    def log_tail(self):
        with open(self.log_path, errors="replace") as f:
            return "".join(f.readlines()[-10:])

    def take(self, serials, event, seconds=PATIENCE):
        """The callbacks of that event for those phones, when all have come; fails if there are others among them."""
        due = {(webhook, serial, event) for webhook in self.webhooks for serial in serials}
        try:
            came = self.sink.take(len(due), seconds, f"{event} from {self.name}")
        except TimeoutError as error:
            raise RuntimeError(f"{error}; its log ends with:\n{self.log_tail()}") from None
        told = {(c.webhook, c.device, c.event) for c in came}
        if told != due:
            raise RuntimeError(f"{self.name}: {len(due - told)} callbacks lost, others came: {sorted(told - due)[:5]}")
        return came

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # a pipeline outlives its shell
        except ProcessLookupError:
            pass
        self.process.wait()
        self.bus.destroy()


class Plughook(Contender):
    name = "plughook"

    def __init__(self, sink, folder, webhooks=1):
        self.folder = folder
        super().__init__(sink, webhooks)

    @property
    def socket(self):
        """Of its control API."""
        return os.path.join(self.bus.root, "control.sock")

    def command(self):
        config = os.path.join(self.bus.root, "config.json")
        state = os.path.join(self.folder, f"state-{len(os.listdir(self.folder))}")  # on the disk, and empty
        os.mkdir(state, 0o700)
        with open(config, "w") as f:
            json.dump({
                "orgId": 2, "stateDirectory": state,
                "control": {"socket": self.socket}, "detection": {"hotplug": "udev", "unplugSettleMs": 0},
                "webhooks": [{"name": name, "url": url, "events": ["online", "unplugged"]}
                             for name, url in zip(self.webhooks, self.urls)],
            }, f)
        self.notify = NotifySocket(os.path.join(self.bus.root, "notify"))
        return (["umockdev-wrapper", PLUGHOOK, "run", "--config", config], {"NOTIFY_SOCKET": self.notify.path})

    def is_ready(self):
        return self.notify.said("READY")

    def close(self):
        self.notify.close()
        super().close()


class ShellLoop(Contender):
    name = "udevadm+curl"

    def command(self):
        # curl itself stays free of the mock: it would slow its start.
        return [f"{HERE}/udevadm-curl.sh", *self.urls], {"UDEVADM": "umockdev-wrapper udevadm"}


class Pyudev(Contender):
    name = "pyudev+requests"

    def command(self):
        return ["umockdev-wrapper", sys.executable, f"{HERE}/pyudev_requests.py", *self.urls], {}
