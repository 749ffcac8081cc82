"""A virtual host with the agent and a receiver in it, as a test sees them."""
import datetime, json, os, plistlib, re, shutil, sys, time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOP)
from machine import Machine  # noqa: E402
from phones import cli  # noqa: E402

#: Emulation makes processes start 30 times slower and all else about 15 times: time-outs are for that, not for the agent.
FACTOR = float(os.environ.get("PLUGHOOK_TIMEOUT_FACTOR", "1"))
RECEIVER_PORT = 9999
#: Milliseconds, long against what a replug takes here: half a second as a rule, a few when the machine is busy.
REPLUG_MS = int(8000 * FACTOR)
#: The phone that `Host.prove_quiet` plugs and pulls.
SENTINEL = "SENTINEL"
#: In the pair records of this host; the virtual iPhones take any.
SYSTEM_BUID, HOST_ID = "30142955-444094379208051516", "5F6D9F2B-9C0D-4B8E-A6C1-0D1E2F3A4B5C"


def wait_for(fact, seconds, what, pause=0.05):
    """Looks until `fact()` is true and returns what it gave; fails when the time is up."""
    limit = time.monotonic() + seconds * FACTOR
    while not (found := fact()):
        if time.monotonic() > limit:
            raise AssertionError(f"not within {seconds * FACTOR:g} s: {what() if callable(what) else what}")
        time.sleep(pause)
    return found


def machine(name):
    """A virtual host of that name, and of this worker where several run the scenarios (pytest-xdist)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return Machine(f"{name}-{worker}" if worker else name)


class Callback:
    """One line of `plughook listen --json`."""

    def __init__(self, line):
        record = json.loads(line)
        self.ns, self.path, self.headers, self.body = (record[k] for k in ("receivedNs", "path", "headers", "body"))
        content = json.loads(self.body)
        self.device = content["deviceUdid"]
        self.created = datetime.datetime.fromisoformat(content["creationTime"]).timestamp()
        self.event = content["eventActivity"].rpartition(".")[2]
        self.told = self.device, self.event

    def __str__(self):
        return f"{self.ns / 1e9:.3f} {self.path} sequence {self.headers.get('plughook-sequence')}: {self.body}"


class Booted:
    """A virtual host that is up, and what is done in it."""

    def __init__(self, machine, folder, **how):
        self.machine = machine
        self.share = os.path.join(folder, "share")
        os.makedirs(self.share, exist_ok=True)
        self.booted = machine.up(share=self.share, **how)

    def close(self):
        self.machine.down()

    # ------------------------------------------------------------ commands
    def run(self, script, timeout=180, check=True):
        """Runs a shell script in the guest, as root; returns what it printed."""
        output = bytearray()
        status = self.machine.execute(["sh", "-c", script], timeout=timeout * FACTOR, capture=output)
        assert not check or status == 0, f"{script!r} ended with {status} in the guest: {output.decode(errors='replace')}"
        return output.decode(errors="replace")

    def read(self, leaf):
        """A file of the shared folder, as far as it is written."""
        try:
            with open(os.path.join(self.share, leaf), errors="surrogateescape") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    # ------------------------------------------------------------ phones
    def phone(self, *argv):
        """What the guest's `phone` command does, and its answer; without a process in the guest, which would take longer."""
        return self._answer(argv, cli.run(argv, self._ask_phoned))

    def plug_all(self, phones):
        """Plugs phones of any kinds at once; each is a dictionary of a profile's fields."""
        for query in ({"do": "plug", "phones": phones}, {"do": "wait", "timeout": 120}):
            self._answer(query, self._ask_phoned(query))

    def phone_outside(self, *argv):
        """The same from outside: behind QEMU's xHCI."""
        return self._answer(argv, json.loads(self.machine.phone_outside(*argv, capture_output=True, text=True).stdout))

    @staticmethod
    def _answer(what, answer):
        assert "error" not in answer, f"phone {what}: {answer}"
        return answer

    def _ask_phoned(self, query, timeout=180):
        line = json.dumps(query).encode() + b"\n"
        answer = self.machine.ask("/run/phoned/phoned.sock", line, timeout * FACTOR)
        if answer is None:
            self.run("phone list >/dev/null")  # starts it
            answer = self.machine.ask("/run/phoned/phoned.sock", line, timeout * FACTOR)
        return json.loads(answer)

    def serials(self):
        """Of all USB devices in sysfs; one may vanish while it is looked at."""
        return self.run("cat /sys/bus/usb/devices/*/serial 2>/dev/null || true").split()

    def unplug_all(self):
        self.phone("unplug", "--all")
        self.machine.phone_outside("stop", capture_output=True)
        wait_for(lambda: self.phones_in_sysfs() == 0, 60, "all virtual phones to be gone from sysfs")

    def phones_in_sysfs(self):
        """Devices that are neither hubs nor interfaces."""
        return int(self.run("cd /sys/bus/usb/devices && cat */bDeviceClass 2>/dev/null | grep -vc 09 || true"))


class Guest(Booted):
    """One with the binary and the receiver in it; lives for the whole test session."""

    def __init__(self, binary, folder):
        os.makedirs(os.path.join(folder, "share"))
        shutil.copy(binary, os.path.join(folder, "share", "plughook"))
        super().__init__(machine("scenarios"), folder)
        # From memory it starts ten times faster than over the shared folder.
        self.run("cp /host/plughook /run/plughook && chmod 755 /run/plughook && rm /host/plughook")
        self.start_receiver()

    def start_receiver(self):
        before = self.read("receiver.log").count("listening on")
        self.background("receiver", f"/run/plughook listen --listen 127.0.0.1:{RECEIVER_PORT} --json", output="/host/received.jsonl")
        wait_for(lambda: self.read("receiver.log").count("listening on") > before, 60, "the receiver to listen")

    def background(self, name, command, output="/dev/null", user=None):
        """Starts a command that outlives this call; its stderr is NAME.log, its pid NAME.pid, its end NAME.exit."""
        become = f"setpriv --reuid={user} --regid={user} --clear-groups " if user else ""
        self.run(f"rm -f /host/{name}.exit; setsid sh -c '"
                 f"{become}{command} >>{output} 2>>/host/{name}.log & echo $! >/host/{name}.pid; wait $!; echo $? >/host/{name}.exit"
                 "' </dev/null >/dev/null 2>&1 &")
        wait_for(lambda: self.read(f"{name}.pid").strip(), 30, f"{name} to start")

    def callbacks(self):
        lines = self.read("received.jsonl").split("\n")[:-1]  # the last one may be half there
        return [Callback(line) for line in lines]

    def pair(self, udid):
        """Gives usbmuxd a record of being paired with this iPhone, by the UDID as usbmuxd spells it (dashed)."""
        files = {"SystemConfiguration": {"SystemBUID": SYSTEM_BUID}, udid: {"HostID": HOST_ID, "SystemBUID": SYSTEM_BUID}}
        for name, content in files.items():
            with open(os.path.join(self.share, f"{name}.plist"), "wb") as f:
                plistlib.dump(content, f)
        # Under its name at once, or not at all: usbmuxd may be reading.
        self.run("mkdir -p /var/lib/lockdown && cd /var/lib/lockdown && " + " && ".join(
            f"mv /host/{name}.plist .{name}.new && mv .{name}.new {name}.plist" for name in files))

    def unpair(self, udid):
        self.run(f"rm -f /var/lib/lockdown/{udid}.plist")


class Host:
    """One scenario: a fresh state directory, a config of its own, paths of its own at the receiver."""

    def __init__(self, guest, name):
        self.guest, self.name = guest, name
        self.state = f"/run/state-{name}"
        self.starts = 0
        self.log_mark = 0
        self.user = None
        self.config = f"/host/{name}.json"
        self.configure()

    def configure(self, webhooks=None, detection=None, **keys):
        """Writes the config file: one webhook that wants everything, called `all`, unless told."""
        if webhooks is None:
            webhooks = [self.webhook(1, "all")]
        detection = {"unplugSettleMs": 1500, "offlineHoldMs": 2000, "onlineHoldMs": 500, "startSettleMs": 2000,
                     "bootSettleMs": 2000, **(detection or {})}
        config = {"orgId": 2, "stateDirectory": self.state, "detection": detection, "webhooks": webhooks,
                  "control": {"socket": f"{self.state}/control.sock"}, **keys}
        path = os.path.join(self.guest.share, f"{self.name}.json")
        with open(path, "w") as f:
            json.dump(config, f, indent=2)
        os.chmod(path, 0o644)
        return self

    def webhook(self, ident, name, events=("online", "offline", "utilizing", "unplugged")):
        return {"id": ident, "name": name, "url": f"http://127.0.0.1:{RECEIVER_PORT}/{self.name}/{name}", "events": list(events)}

    # ------------------------------------------------------------ the agent
    def start(self):
        """Starts the agent and returns when it is ready."""
        owner = f" && chown {self.user}:{self.user} {self.state}" if self.user else ""
        self.guest.run(f"mkdir -p -m 700 {self.state}{owner}")
        self.log_mark = len(self.guest.read(f"{self.name}.log"))
        self.guest.background(self.name, f"/run/plughook run --config {self.config}", user=self.user)
        wait_for(lambda: "event=agent.ready" in self.log() or self.exit_status(), 90, "the agent to be ready")
        assert not self.exit_status(), f"the agent ended with {self.exit_status()} before it was ready"
        return self

    def log(self):
        """What the agent has logged since its last start."""
        return self.guest.read(f"{self.name}.log")[self.log_mark:]

    def wait_for_log(self, pattern, seconds=60):
        return wait_for(lambda: re.search(pattern, self.log()), seconds, f"/{pattern}/ in the agent's log")

    def exit_status(self):
        return self.guest.read(f"{self.name}.exit").strip()

    def signal(self, name):
        self.guest.run(f"kill -{name} $(cat /host/{self.name}.pid)")

    def stop(self):
        """SIGTERM; what is in flight is let finish, so after it all that will come has come."""
        self.signal("TERM")
        wait_for(self.exit_status, 60, "the agent to end after SIGTERM")
        assert self.exit_status() == "0"

    def kill(self):
        if self.guest.read(f"{self.name}.pid") and not self.exit_status():
            self.guest.run(f"kill -CONT $(cat /host/{self.name}.pid); kill -KILL $(cat /host/{self.name}.pid)", check=False)
            wait_for(self.exit_status, 60, "the agent to be gone")

    # ------------------------------------------------------------ what was told
    def callbacks(self, webhook=None):
        """Those of this scenario, in the order of their coming."""
        prefix = f"/{self.name}/{webhook or ''}"
        return [c for c in self.guest.callbacks() if c.path.startswith(prefix) and c.device != SENTINEL]

    def told(self, webhook="all"):
        return [c.told for c in self.callbacks(webhook)]

    def wait_until_told(self, device, event, count=1, webhook="all", seconds=60):
        path = f"/{self.name}/{webhook}"
        return wait_for(lambda: [c for c in self.guest.callbacks() if c.path == path and c.told == (device, event)][count - 1:],
                        seconds, f"{count} × {event} of {device} at {path}")

    def wait_until_told_count(self, count, webhook="all", seconds=180):
        wait_for(lambda: len(self.told(webhook)) >= count, seconds,
                 lambda: f"{count} callbacks at {webhook}; there are {len(self.told(webhook))}")

    def prove_quiet(self, webhook="all"):
        """Returns when whatever the past could still have caused has been received; ends the agent.

        Another phone, the sentinel, is plugged and pulled, and its `unplugged` awaited.  The kernel numbers its
        events and udevd passes those of one device on in order; by the time the sentinel is configured, half a
        second after it was plugged, every earlier event has long reached the agent, which decides in the order in
        which it reads and commits in the order in which it decides.  A wrong `online` would so have been decided
        before the sentinel's.  A wrong `unplugged` waits for `unplugSettle`, and a wrong `offline` for
        `offlineHold`: the sentinel's own settle starts later than either, and is at least as long as both in the
        scenarios that use this.  Lanes of different phones are sent side by side, so one more could still be in
        flight: the end of the agent after SIGTERM, which waits for all in flight, takes care of that.
        """
        self.guest.phone("plug", "pixel", "--serial", SENTINEL, "--wait", "60")
        self.wait_until_told(SENTINEL, "online", webhook=webhook)
        self.guest.phone("unplug", SENTINEL)
        self.wait_until_told(SENTINEL, "unplugged", webhook=webhook)
        self.stop()

    def report(self):
        received = [str(c) for c in self.guest.callbacks() if c.path.startswith(f"/{self.name}/")]
        return (f"agent's log:\n{self.guest.read(f'{self.name}.log')[-30000:]}\n\n"
                f"received ({len(received)}, the last 250):\n" + "\n".join(received[-250:]) +
                f"\n\nguest's console:\n{self.guest.machine.console()[-3000:]}")
