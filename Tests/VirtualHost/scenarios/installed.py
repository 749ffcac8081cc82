"""A host with systemd as PID 1 and Plughook's package, and a receiver outside that lives through the host's reboots."""
import json, os, shutil, subprocess, sys

from guest import FACTOR, TOP, Booted, machine, wait_for

sys.path.append(os.path.join(os.path.dirname(TOP), "SystemTests"))
from receiver import Answer, Receiver  # noqa: E402

#: The phone that `Installed.prove_quiet` plugs and pulls.
SENTINEL = "SENTINEL"
#: Short; but a boot's, under emulation, longer than phones take to be found.
DETECTION = {"unplugSettleMs": 1500, "offlineHoldMs": 2000, "onlineHoldMs": 500, "startSettleMs": 2000,
             "bootSettleMs": int(10_000 * FACTOR)}


class Installed(Booted):
    """The host; what is written to its disk outlives its reboots.  Its phones hang on a hub that QEMU has plugged in."""

    def __init__(self, folder, package):
        self.package, self.disk = package, os.path.join(folder, "disk.img")
        self.package_version = subprocess.run(["dpkg-deb", "--field", package, "Version"],
                                              check=True, capture_output=True, text=True).stdout.strip()
        super().__init__(machine("installed"), folder, init="systemd", disk=self.disk)
        self.run("touch /root/stamp")
        self.machine.add_usb("rack", "usb-hub", port="1", ports="8")
        self.receiver = Receiver()

    def close(self):
        self.receiver.stop()
        super().close()
        os.unlink(self.disk)

    # ------------------------------------------------------------ the package
    def install(self, deb, *options):
        """As the README says, without a network; returns what apt said."""
        name = os.path.basename(deb)
        if not os.path.exists(os.path.join(self.share, name)):
            shutil.copy(deb, self.share)
        return self.run(f"cd /host && apt-get install -y {' '.join(options)} ./{name} 2>&1", timeout=300)

    def version(self):
        """The version that is installed, or None."""
        known = self.run("dpkg-query -W -f '${db:Status-Status} ${Version}' plughook 2>/dev/null || true").split()
        return known[1] if known[:1] == ["installed"] else None

    def purge(self):
        self.run("apt-get purge -y plughook 2>&1", timeout=300)

    # ------------------------------------------------------------ the service
    def configure(self, **keys):
        """Writes the configuration: one webhook that wants everything, unless told."""
        detection = {**DETECTION, **keys.pop("detection", {})}
        config = {"orgId": 2, "detection": detection, "webhooks": [self.webhook(1, "all")], **keys}
        with open(os.path.join(self.share, "config.json"), "w") as f:
            json.dump(config, f, indent=2)
        # The file stays whose it is, with the mode that it has.
        self.run("cat /host/config.json >/etc/plughook/config.json")

    def begin(self, **keys):
        """Starts the service with nothing on record, here and there."""
        self.run("systemctl stop plughook && rm -rf /var/lib/plughook/*")
        self.receiver.requests.clear()
        self.configure(**keys)
        self.run("systemctl start plughook")

    def calm_down(self):
        """Whatever a scenario has done to it, the next one finds no phone, a receiver that is well, and the unit as it is."""
        self.receiver.decide = lambda request: Answer()
        self.unplug_all()
        self.run("rm -rf /run/systemd/system/plughook.service.d && systemctl daemon-reload")

    def webhook(self, ident, name):
        return {"id": ident, "name": name, "url": f"http://10.0.2.2:{self.receiver.port}/{name}",
                "events": ["online", "offline", "utilizing", "unplugged"]}

    def show(self, *properties):
        """Of the unit, by name."""
        lines = self.run(f"systemctl show plughook -p {','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def wait_until_active(self, seconds=120):
        wait_for(lambda: self.show("ActiveState")["ActiveState"] == "active", seconds,
                 lambda: f"the service to be up: {self.journal()[-5000:]}")

    def journal(self):
        return self.run("journalctl -u plughook -o short-monotonic --no-pager -n 400")

    def status(self):
        return json.loads(self.run("plughook status --json"))

    def wait_until_all_is_sent(self, seconds=120):
        wait_for(lambda: (lambda s: s["waiting"] + s["inFlight"])(self.status()) == 0, seconds,
                 lambda: f"all to be sent: {self.status()}")

    def database(self):
        """A copy of the agent's database, as it is when the agent has been stopped."""
        self.run("systemctl stop plughook && rm -f /host/plughook.sqlite3* && cp /var/lib/plughook/plughook.sqlite3* /host/")
        return os.path.join(self.share, "plughook.sqlite3")

    # ------------------------------------------------------------ phones and what is told of them
    def plug(self, *serials):
        for serial in serials:
            self.phone_outside("plug", "pixel", "--serial", serial, "--port", f"1.{self._free_slot()}", "--wait", "120")

    def pull(self, *serials):
        self.phone_outside("unplug", *serials)

    def _free_slot(self):
        taken = {phone["port"] for phone in self.phone_outside("list")["phones"]}
        return next(slot for slot in range(1, 9) if f"1.{slot}" not in taken)

    def wait_until_told(self, device, word, count=1, seconds=60):
        return self.receiver.wait_for_callback(device, word, count, seconds=seconds)

    def told(self, device=None):
        """(device, event) of what was accepted, in order, once each."""
        seen, told = set(), []
        for request in self.receiver.accepted():
            if request.id not in seen and request.what[0] != SENTINEL and device in (None, request.what[0]):
                told.append(request.what)
            seen.add(request.id)
        return told

    def prove_quiet(self):
        """Returns when whatever the past could still have caused has been received: see `Host.prove_quiet`."""
        count = 1 + sum(r.what == (SENTINEL, "online") for r in self.receiver.accepted())
        self.plug(SENTINEL)
        self.wait_until_told(SENTINEL, "online", count)
        self.pull(SENTINEL)
        self.wait_until_told(SENTINEL, "unplugged", count)
        self.wait_until_all_is_sent()

    def report(self):
        received = [str(request) for request in self.receiver.requests]
        return (f"unit: {self.run('systemctl status plughook --no-pager; true')}\n{self.journal()[-30000:]}\n\n"
                f"received ({len(received)}, the last 250):\n" + "\n".join(received[-250:]) +
                f"\n\nguest's console:\n{self.machine.console()[-3000:]}")
