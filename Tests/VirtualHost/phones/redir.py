"""Transport outside the guest: devices behind QEMU's xHCI, through usb-redir.

QEMU connects to a Unix socket of ours and speaks the usbredir protocol, where
we play the side that owns the device.  To the guest it is an ordinary device
on the xHCI controller, or behind a QEMU usb-hub when `port` says so ("1.3", or
"xhci2:1.3" for the second controller).
QEMU's hub is full speed, and so must be whatever sits behind it.
"""
import itertools, json, os, socket, struct, time

from .device import CANCELLED, OK, STALL, Stall, Transfer
from .loop import Stream

HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS = range(6)
SET_CONFIG, GET_CONFIG, CONFIG_STATUS, SET_ALT, GET_ALT, ALT_STATUS = range(6, 12)
START_INT, STOP_INT, INT_STATUS = 15, 16, 17
CANCEL, FILTER_REJECT, FILTER, DISCONNECT_ACK = 21, 22, 23, 24
START_BULK_RX, STOP_BULK_RX, BULK_RX_STATUS = 25, 26, 27
CONTROL, BULK, ISO, INTERRUPT = 100, 101, 102, 103
CAP_VERSION, CAP_ACK, CAP_MAX_PACKET = 1, 3, 4
CAPS = 1 << CAP_VERSION | 1 << CAP_MAX_PACKET
SPEED = {"low": 0, "full": 1, "high": 2, "super": 3}
STATUS = {OK: 0, CANCELLED: 1, STALL: 4}


class Connection:
    def __init__(self, loop, sock, device, on_close):
        self.device = device
        self.buffer = bytearray()
        self.stream = Stream(loop, sock, self._data, on_close)
        self._send(HELLO, 0, b"phones".ljust(64, b"\0") + struct.pack("<I", CAPS))

    def _send(self, kind, ident, body):
        self.stream.write(struct.pack("<III", kind, len(body), ident) + body)

    def _describe(self):
        """Interfaces and endpoints of the current configuration (the first before one is set)."""
        group = self.device.interfaces() or self.device.configs[0]
        rows = [[n for n in range(len(group))]] + [[i.triple[k] for i in group] for k in range(3)]
        pad = [bytes(r).ljust(32, b"\0") for r in rows]
        self._send(INTERFACES, 0, struct.pack("<I", len(group)) + b"".join(pad))
        kind, interval, owner, size = [255] * 32, [0] * 32, [0] * 32, [0] * 32
        kind[0] = kind[16] = 0
        size[0] = size[16] = 64
        for n, itf in enumerate(group):
            for addr, t, packet, every in itf.endpoints:
                slot = (addr & 0x80) >> 3 | addr & 0x0F
                kind[slot], interval[slot], owner[slot], size[slot] = t, every, n, packet
        self._send(ENDPOINTS, 0, bytes(kind) + bytes(interval) + bytes(owner) + struct.pack("<32H", *size))

    def _data(self, data):
        self.buffer += data
        while len(self.buffer) >= 12:
            kind, length, ident = struct.unpack_from("<III", self.buffer)
            if len(self.buffer) < 12 + length:
                return
            body = bytes(self.buffer[12:12 + length])
            del self.buffer[:12 + length]
            self._packet(kind, ident, body)

    def _packet(self, kind, ident, body):
        d = self.device
        if kind == HELLO:
            self._describe()
            self._send(CONNECT, 0, struct.pack("<BBBBHHH", SPEED[d.speed], *d.dev_class, d.vid, d.pid, d.bcd))
        elif kind == RESET:
            d.configuration = 0
        elif kind == SET_CONFIG:
            try:
                d.set_configuration(body[0])
                status = 0
            except Stall:
                status = STATUS[STALL]
            self._describe()
            self._send(CONFIG_STATUS, ident, bytes([status, d.configuration]))
        elif kind == GET_CONFIG:
            self._send(CONFIG_STATUS, ident, bytes([0, d.configuration]))
        elif kind == SET_ALT:
            d.alt[body[0]] = body[1]
            self._send(ALT_STATUS, ident, bytes([0, body[0], body[1]]))
        elif kind == GET_ALT:
            self._send(ALT_STATUS, ident, bytes([0, body[0], d.alt.get(body[0], 0)]))
        elif kind in (START_INT, STOP_INT):
            self._send(INT_STATUS, ident, bytes([0, body[0]]))
        elif kind == CONTROL:
            ep, request, reqtype, _, value, index, length = struct.unpack_from("<BBBBHHH", body)
            setup = struct.pack("<BBHHH", reqtype, request, value, index, length)
            d.submit(Transfer(ep, length, body[10:], setup, self._control_done, ident))
        elif kind == BULK:
            ep, _, length, stream = struct.unpack_from("<BBHI", body)
            t = Transfer(ep, length, body[8:], None, self._bulk_done, ident)
            d.submit(t)
        elif kind == CANCEL:
            # Whatever is cancelled must still be answered, as bulk: control ends at once here.
            if d.cancel(ident):
                self._send(BULK, ident, struct.pack("<BBHI", 0, STATUS[CANCELLED], 0, 0))

    def _control_done(self, t, status, data):
        reqtype, request, value, index, length = struct.unpack("<BBHHH", t.setup)
        actual = len(data) if reqtype & 0x80 else (length if status == OK else 0)
        self._send(CONTROL, t.tag, struct.pack("<BBBBHHH", t.ep, request, reqtype, STATUS[status], value, index, actual)
                   + (data if reqtype & 0x80 else b""))

    def _bulk_done(self, t, status, data):
        actual = len(data) if t.ep & 0x80 else len(t.data)
        self._send(BULK, t.tag, struct.pack("<BBHI", t.ep, STATUS[status], actual, 0) + (data if t.ep & 0x80 else b""))


class Qmp:
    def __init__(self, path):
        self.path = path

    def __call__(self, command, **arguments):
        import fcntl
        with open(os.path.join(os.path.dirname(self.path), "qmp.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(15)
            s.connect(self.path)
            with s, s.makefile("rw") as f:
                f.readline()
                for name, args in (("qmp_capabilities", {}), (command, arguments)):
                    f.write(json.dumps({"execute": name, "arguments": args}) + "\n")
                    f.flush()
                    while True:
                        answer = json.loads(f.readline())
                        if "error" in answer:
                            raise RuntimeError(answer["error"]["desc"])
                        if "return" in answer:
                            break
                return answer["return"]


class Redir:
    name = "redir"
    serial = itertools.count(1)

    def __init__(self, loop, folder):
        self.loop, self.folder = loop, folder
        self.qmp = Qmp(os.path.join(folder, "qmp.sock"))

    def attach(self, device, port, on_close):
        ident = f"phone{next(self.serial)}"
        path = os.path.join(self.folder, ident + ".usb")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(1)
        try:
            self.qmp("chardev-add", id=ident, backend={"type": "socket", "data": {
                "addr": {"type": "unix", "data": {"path": path}}, "server": False}})
            server.settimeout(5)
            sock, _ = server.accept()
        finally:
            server.close()
            os.unlink(path)
        conn = Connection(self.loop, sock, device, on_close)
        conn.ident = ident
        began = time.monotonic_ns()
        bus, _, place = str(port or "").rpartition(":")
        extra = {"port": place} if place else {}
        try:
            self.qmp("device_add", driver="usb-redir", id=ident, chardev=ident, bus=f"{bus or 'xhci'}.0", **extra)
        except RuntimeError:
            conn.stream.close()
            self.qmp("chardev-remove", id=ident)
            raise
        return conn, port if port is not None else "auto", began

    def detach(self, conn, port, how):
        began = time.monotonic_ns()
        if how == "close":
            conn.stream.close()
        self._remove(conn)
        return began

    def closed(self, conn, port):
        conn.stream.close()
        self._remove(conn)

    def _remove(self, conn):
        for command in ("device_del", "chardev-remove"):
            try:
                self.qmp(command, id=conn.ident)
            except RuntimeError:
                pass  # already gone, e.g. together with its hub
        conn.stream.close()
