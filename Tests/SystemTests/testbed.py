"""A make-believe sysfs with phones in it, and the uevents of their coming and going.

The agent runs under umockdev's preload library, which redirects /sys and /dev to this folder (UMOCKDEV_DIR) and
turns each netlink uevent socket into a Unix datagram socket `event<fd>` in it.  The tree and the messages are made
here, not by umockdev's own Testbed class, because that one
  * aborts the sender when a receiver has more than net.unix.max_dgram_qlen (10) events unread.  Here the send
    blocks until the agent has read: that is all the pacing there is, and all it needs;
  * keeps attributes and ID_* properties at `remove`, where a real kernel and udevd have lost them;
  * must run under the preload library itself, and so must then the whole of pytest;
  * cannot write attributes that are no valid text.

What the mock cannot show: both netlink groups get every message, all marked as udevd's; no message is ever lost
(no ENOBUFS); one testbed serves one process with monitors, since its sockets are named after descriptor numbers.
The virtual host has the real thing.
"""
import glob, os, re, shutil, socket, struct, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "VirtualHost"))
from phones import device as usb, profiles  # noqa: E402

from patience import patience  # noqa: E402

CONTROLLER = "devices/pci0000:00/0000:00:14.0"
SPEED = {"low": "1.5", "full": "12", "high": "480", "super": "5000"}


class Plugged:
    """A USB device that is there: where, and as what."""

    def __init__(self, bus, number, port, spec):
        self.bus, self.number, self.port, self.spec = bus, number, port, spec
        place = [f"usb{bus}"]
        if port:
            steps = port.split(".")
            place += [f"{bus}-{'.'.join(steps[:n])}" for n in range(1, len(steps) + 1)]
        self.name = place[-1]
        self.devpath = f"/{CONTROLLER}/{'/'.join(place)}"
        self.usb = usb.Device(spec)

    @property
    def node(self):
        return f"bus/usb/{self.bus:03d}/{self.number:03d}"

    def kernel_properties(self):
        """What the kernel itself says, at `remove` too."""
        d = self.usb
        return {"DEVNAME": f"/dev/{self.node}", "DEVTYPE": "usb_device", "BUSNUM": f"{self.bus:03d}",
                "DEVNUM": f"{self.number:03d}", "PRODUCT": f"{d.vid:x}/{d.pid:x}/{d.bcd:x}",
                "TYPE": "/".join(str(c) for c in d.dev_class)}

    def udev_properties(self):
        """What udevd's rules add at `add` (usb_id, path_id)."""
        d, spec = self.usb, self.spec
        interfaces = []
        for group in d.configs:
            for itf in group:
                code = "%02x%02x%02x" % itf.triple
                if code not in interfaces:
                    interfaces.append(code)
        path = f"pci-0000:00:14.0-usb-0:{self.port}" if self.port else "pci-0000:00:14.0"
        vendor, model = sanitised(spec.get("manufacturer")) or f"{d.vid:04x}", sanitised(spec.get("product")) or f"{d.pid:04x}"
        serial = sanitised(spec.get("serial"))
        properties = {"ID_BUS": "usb", "ID_VENDOR": vendor, "ID_VENDOR_ID": f"{d.vid:04x}", "ID_MODEL": model,
                      "ID_MODEL_ID": f"{d.pid:04x}", "ID_REVISION": f"{d.bcd:04x}",
                      "ID_SERIAL": "_".join(filter(None, (vendor, model, serial))),
                      "ID_PATH": path, "ID_PATH_TAG": re.sub(r"[^A-Za-z0-9]", "_", path)}
        if serial:
            properties["ID_SERIAL_SHORT"] = serial
        if interfaces:
            properties["ID_USB_INTERFACES"] = ":" + ":".join(interfaces) + ":"
        return properties

    def attributes(self):
        """File name to bytes, as in sysfs; text ends in a newline there."""
        d, spec = self.usb, self.spec
        text = {"busnum": self.bus, "devnum": self.number, "devpath": self.port or "0", "speed": SPEED[d.speed],
                "idVendor": f"{d.vid:04x}", "idProduct": f"{d.pid:04x}", "bcdDevice": f"{d.bcd:04x}",
                "bDeviceClass": "%02x" % d.dev_class[0], "bDeviceSubClass": "%02x" % d.dev_class[1],
                "bDeviceProtocol": "%02x" % d.dev_class[2], "bNumConfigurations": len(d.configs),
                "bConfigurationValue": spec.get("configuration", 1), "authorized": spec.get("authorized", 1),
                "version": " 2.00", "maxchild": 7 if d.dev_class[0] == 9 else 0}
        files = {name: f"{value}\n".encode() for name, value in text.items()}
        for name in ("serial", "manufacturer", "product"):
            if spec.get(name) is not None:
                files[name] = spec[name].encode() + b"\n"
        files["descriptors"] = d.device_descriptor() + b"".join(d.descriptors)
        return files


def sanitised(text):
    """udev's form of a USB string: none for what is not plain ASCII or holds a comma, `_` for odd characters."""
    text = (text or "").strip()
    if not text or any(not 0x20 <= ord(c) <= 0x7F or c == "," for c in text):
        return None
    return re.sub(r"[^A-Za-z0-9#+\-.:=@_]", "_", re.sub(r"\s+", "_", text))


def murmur_hash2(data):
    """Austin Appleby's MurmurHash2, 32 bits, seed 0: what udev's messages carry of subsystem and devtype."""
    m, h = 0x5BD1E995, len(data)
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & 0xFFFFFFFF
        h = (h * m ^ (k ^ k >> 24) * m) & 0xFFFFFFFF
    if data[whole:]:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & 0xFFFFFFFF
    h = (h ^ h >> 13) * m & 0xFFFFFFFF
    return h ^ h >> 15


class Testbed:
    __test__ = False  # the name is no test's

    def __init__(self, has_usb=True):
        self.root = tempfile.mkdtemp(prefix="plughook-testbed.")
        self.sequence = 1000
        self.numbers = {}  # bus -> the last device number given
        self.present = {}  # (bus, port) -> Plugged
        for folder in ("dev", "sys/devices", "sys/class", "sys/bus", "sys/kernel"):
            os.makedirs(self._path(folder))
        if has_usb:
            os.makedirs(self._path("sys/bus/usb/devices"))

    def destroy(self):
        shutil.rmtree(self.root, ignore_errors=True)

    # ------------------------------------------------------------ plug and pull
    def plug(self, profile="pixel", bus=1, port=None, **fields):
        """Plugs a device in, on the next free port unless told, its hubs before it; returns it."""
        spec = profiles.build({"profile": profile, **fields})
        port = port or self._free_port(bus)
        steps = port.split(".")
        for depth in range(len(steps)):
            parent = ".".join(steps[:depth])
            if (bus, parent) not in self.present:
                self._attach(bus, parent, HUB if parent else ROOT_HUB)
        return self._attach(bus, port, spec)

    def unplug(self, device):
        """Pulls it: the tree first, as the kernel does, then `unbind` and `remove` without any identity."""
        del self.present[device.bus, device.port]
        os.unlink(self._path(f"sys/bus/usb/devices/{device.name}"))
        shutil.rmtree(self._path("sys" + device.devpath))
        if os.path.exists(node := self._path(f"dev/{device.node}")):
            os.unlink(node)
        self.uevent(device, "unbind", device.kernel_properties())
        self.uevent(device, "remove", device.kernel_properties())

    def replug(self, device, **changes):
        """Out and in again on the same port, perhaps as something else."""
        self.unplug(device)
        # Another profile replaces what the first one said, not the phone's identity.
        kept = {k: v for k, v in device.spec.items() if "profile" not in changes or k not in profiles.FIELDS}
        return self._attach(device.bus, device.port, profiles.build({**kept, **changes}))

    def storm(self, count, profile="pixel", serial="STORM{n:04d}", **fields):
        """Many phones, 98 to a bus, seven to a hub."""
        return [self.plug(profile, bus=1 + n // 98, serial=serial.format(n=n), **fields) for n in range(count)]

    def _free_port(self, bus):
        return next(port for hub in range(1, 15) for slot in range(1, 8)
                    if (bus, port := f"{hub}.{slot}") not in self.present)

    def _attach(self, bus, port, spec):
        number = self.numbers.get(bus, 0)
        taken = {p.number for p in self.present.values() if p.bus == bus}
        number = next(n for n in (1 + (number + i) % 127 for i in range(127)) if n not in taken)
        self.numbers[bus] = number
        device = Plugged(bus, number, port, spec)
        self.present[bus, port] = device
        self._write_tree(device)
        everything = {**device.kernel_properties(), **device.udev_properties()}
        self.uevent(device, "add", everything)
        self.uevent(device, "bind", everything)
        return device

    def _write_tree(self, device):
        folder = self._path("sys" + device.devpath)
        os.mkdir(folder) if device.port else os.makedirs(folder)
        for name, content in device.attributes().items():
            with open(f"{folder}/{name}", "wb") as f:
                f.write(content)
        # Without MAJOR and MINOR, which would make libudev look for a database entry that the mock has not; with the
        # properties of udevd, which it reads from there instead.
        properties = {**device.kernel_properties(), **device.udev_properties()}
        with open(f"{folder}/uevent", "w") as f:
            f.writelines(f"{k}={v}\n" for k, v in properties.items())
        os.symlink(os.path.relpath(self._path("sys/bus/usb"), folder), f"{folder}/subsystem")
        link = self._path(f"sys/bus/usb/devices/{device.name}")
        os.symlink(os.path.relpath(folder, os.path.dirname(link)), link)
        os.makedirs(os.path.dirname(self._path(f"dev/{device.node}")), exist_ok=True)
        open(self._path(f"dev/{device.node}"), "w").close()

    def _path(self, leaf):
        return os.path.join(self.root, leaf)

    # ------------------------------------------------------------ uevents
    def uevent(self, device, action, properties):
        """Tells every monitor, and returns when each has room for more."""
        self.sequence += 1
        with open(self._path("sys/kernel/uevent_seqnum"), "w") as f:
            f.write(f"{self.sequence}\n")
        fields = {"ACTION": action, "DEVPATH": device.devpath, "SUBSYSTEM": "usb", **properties,
                  "SEQNUM": self.sequence}
        self.send(b"".join(f"{k}={v}".encode() + b"\0" for k, v in fields.items()))

    def send(self, payload):
        # struct monitor_netlink_header of systemd's src/libsystemd/sd-device/device-monitor.c. A monitor's socket filter,
        # which the kernel runs here as on a real host, goes by the two hashes.
        header = (b"libudev\0" + struct.pack(">I", 0xFEEDCAFE) + struct.pack("=3I", 40, 40, len(payload))
                  + struct.pack(">4I", murmur_hash2(b"usb"), murmur_hash2(b"usb_device"), 0, 0))
        for path in sorted(glob.glob(self._path("event*"))):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.settimeout(patience(20))
                try:
                    s.connect(path)
                    s.send(header + payload)
                except (ConnectionError, FileNotFoundError):
                    self._forget(path)  # its process is gone
                except TimeoutError:
                    raise AssertionError(f"the agent has stopped reading its uevents ({os.path.basename(path)})") from None

    def monitors(self):
        return glob.glob(self._path("event*"))

    def forget_monitors(self):
        """Between two processes: the sockets of one that is gone stay behind."""
        for path in self.monitors():
            self._forget(path)

    @staticmethod
    def _forget(path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


ROOT_HUB = dict(vid=0x1D6B, pid=0x0002, manufacturer="Linux 6.1 xhci-hcd", product="xHCI Host Controller",
                serial="0000:00:14.0", device_class=(9, 0, 1), interfaces=["09/00/00+int"])
HUB = dict(vid=0x05E3, pid=0x0610, manufacturer="GenesysLogic", product="USB2.1 Hub", device_class=(9, 0, 2),
           interfaces=["09/00/00+int"])
