"""A USB device in software, whatever carries its transfers.

A transport (usbip.py inside the guest, redir.py outside) hands every transfer
to Device.submit() as a Transfer and is told its end through Transfer.done.
Enumeration is answered here.  Data endpoints NAK - the transfer stays pending
until it is cancelled - unless a function (adbd.py, usbmux.py) serves them.
"""
import struct
from collections import deque

LOW, FULL, HIGH, SUPER = "low", "full", "high", "super"
BULK, INTERRUPT = 2, 3

OK, STALL, CANCELLED = "ok", "stall", "cancelled"

# Standard requests (USB 2.0, table 9-4).
GET_STATUS, CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS = 0, 1, 3, 5
GET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION = 6, 8, 9
GET_INTERFACE, SET_INTERFACE = 10, 11
DT_DEVICE, DT_CONFIG, DT_STRING, DT_QUALIFIER, DT_OTHER_SPEED, DT_BOS = 1, 2, 3, 6, 7, 15


class Stall(Exception):
    pass


class Transfer:
    """One transfer: `ep` with bit 7 set for IN, `setup` for control only."""
    __slots__ = ("ep", "setup", "data", "length", "done", "tag")

    def __init__(self, ep, length, data=b"", setup=None, done=None, tag=None):
        self.ep, self.length, self.data, self.setup, self.done, self.tag = ep, length, data, setup, done, tag


class Interface:
    def __init__(self, triple, name="", bulk=None, interrupt=False):
        self.triple = tuple(triple)
        self.name = name
        # Every phone interface we care about has a pair of bulk endpoints.
        self.bulk = True if bulk is None else bulk
        self.interrupt = interrupt
        self.endpoints = []  # (address, type, max packet, interval)

    @classmethod
    def parse(cls, text):
        """'ff/42/01:ADB Interface' -> Interface; a '+int' suffix of the triple adds an interrupt endpoint."""
        triple, _, name = text.partition(":")
        interrupt = triple.endswith("+int")
        parts = [int(p, 16) for p in triple.removesuffix("+int").split("/")]
        if len(parts) != 3 or any(not 0 <= p <= 255 for p in parts):
            raise ValueError(f"bad interface {text!r}: want class/subclass/protocol in hex")
        return cls(parts, name, bulk=parts[0] not in (0x03, 0x09), interrupt=interrupt)


class Device:
    def __init__(self, spec):
        self.spec = spec
        self.speed = spec.get("speed", HIGH)
        self.vid, self.pid = spec["vid"], spec["pid"]
        self.bcd = spec.get("bcd", 0x0440)
        self.dev_class = tuple(spec.get("device_class", (0, 0, 0)))
        self.strings = [None]  # index 0 is the language table
        self.i_manufacturer = self._string(spec.get("manufacturer"))
        self.i_product = self._string(spec.get("product"))
        self.i_serial = self._string(spec.get("serial"))
        groups = spec.get("configs") or [spec.get("interfaces") or []]
        self.configs = [[Interface.parse(t) for t in g] for g in groups]
        for group in self.configs:
            self._number_endpoints(group)
        self.descriptors = [self._config_descriptor(i) for i in range(len(self.configs))]
        self.configuration = 0
        self.alt = {}
        self.faults = set(spec.get("faults") or ())  # nostrings, noconfig, dead
        self.function = None         # answers class/vendor requests and data endpoints
        self.pending = {}            # IN endpoint -> transfers waiting for data
        self.queued = {}             # IN endpoint -> data waiting for a transfer
        self.stuck = []              # transfers nobody will answer
        self.on_configured = None    # called with self after SET_CONFIGURATION
        self.counts = {"control": 0, "out": 0, "in": 0}

    # ------------------------------------------------------------ descriptors
    def _string(self, text):
        if not text:
            return 0
        if len(text.encode("utf-16-le")) > 252:
            raise ValueError(f"string too long for a descriptor: {text!r}")
        self.strings.append(text)
        return len(self.strings) - 1

    def _number_endpoints(self, group):
        size = {LOW: 8, FULL: 64, HIGH: 512, SUPER: 1024}[self.speed]
        number = 1
        for itf in group:
            if itf.bulk:
                itf.endpoints = [(number, BULK, size, 0), (number | 0x80, BULK, size, 0)]
                number += 1
            if itf.interrupt:
                itf.endpoints.append((number | 0x80, INTERRUPT, 8, 10))
                number += 1
        if number > 16:
            raise ValueError("more than 15 endpoint numbers")

    def device_descriptor(self):
        usb = {LOW: 0x0110, FULL: 0x0200, HIGH: 0x0200, SUPER: 0x0320}[self.speed]
        packet0 = {LOW: 8, FULL: 64, HIGH: 64, SUPER: 9}[self.speed]  # SUPER counts in powers of two
        return struct.pack("<BBHBBBBHHHBBBB", 18, DT_DEVICE, usb, *self.dev_class, packet0, self.vid, self.pid, self.bcd,
                           self.i_manufacturer, self.i_product, self.i_serial, len(self.configs))

    def _config_descriptor(self, index):
        body = b""
        for n, itf in enumerate(self.configs[index]):
            body += struct.pack("<BBBBBBBBB", 9, 4, n, 0, len(itf.endpoints), *itf.triple, self._string(itf.name))
            for addr, kind, size, interval in itf.endpoints:
                body += struct.pack("<BBBBHB", 7, 5, addr, kind, size, interval)
                if self.speed == SUPER:
                    body += struct.pack("<BBBBH", 6, 48, 0, 0, 0)
        power = 112 if self.speed == SUPER else 250  # 896 mA in units of 8, 500 mA in units of 2
        return struct.pack("<BBHBBBBB", 9, DT_CONFIG, 9 + len(body), len(self.configs[index]), index + 1, 0, 0xC0, power) + body

    def _descriptor(self, kind, index):
        if kind == DT_DEVICE:
            return self.device_descriptor()
        if kind == DT_CONFIG and index < len(self.descriptors):
            if "noconfig" in self.faults:
                raise Stall
            return self.descriptors[index]
        if kind == DT_STRING:
            if "nostrings" in self.faults:
                raise Stall
            if index == 0:
                return struct.pack("<BBH", 4, DT_STRING, 0x0409)
            if index < len(self.strings):
                text = self.strings[index].encode("utf-16-le")
                return struct.pack("<BB", 2 + len(text), DT_STRING) + text
        if kind == DT_QUALIFIER and self.speed == HIGH:
            return struct.pack("<BBHBBBBBB", 10, DT_QUALIFIER, 0x0200, *self.dev_class, 64, len(self.configs), 0)
        if kind == DT_BOS and self.speed == SUPER:
            caps = struct.pack("<BBBI", 7, 16, 2, 0) + struct.pack("<BBBBHBBH", 10, 16, 3, 0, 0x0E, 1, 10, 0x01F4)
            return struct.pack("<BBHB", 5, DT_BOS, 5 + len(caps), 2) + caps
        raise Stall

    # ------------------------------------------------------------ control endpoint
    def control(self, setup, data):
        """Answers one control transfer: the IN data, or raises Stall."""
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        self.counts["control"] += 1
        if kind & 0x60:
            if self.function is None:
                raise Stall
            return self.function.control(kind, request, value, index, length, data)
        if request == GET_DESCRIPTOR:
            return self._descriptor(value >> 8, value & 0xFF)[:length]
        if request == SET_CONFIGURATION:
            self.set_configuration(value & 0xFF)
            return b""
        if request == GET_CONFIGURATION:
            return bytes([self.configuration])
        if request == SET_INTERFACE:
            self.alt[index] = value
            return b""
        if request == GET_INTERFACE:
            return bytes([self.alt.get(index, 0)])
        if request == GET_STATUS:
            return struct.pack("<H", 1 if kind & 0x1F == 0 else 0)  # self-powered
        if request in (CLEAR_FEATURE, SET_FEATURE, SET_ADDRESS):
            return b""
        raise Stall

    def set_configuration(self, value):
        if value > len(self.configs):
            raise Stall
        self.configuration = value
        self.queued.clear()
        if value and self.function:
            self.function.configured()
        if value and self.on_configured:
            self.on_configured(self)

    def interfaces(self):
        return self.configs[self.configuration - 1] if self.configuration else []

    # ------------------------------------------------------------ transfers
    def submit(self, t):
        if "dead" in self.faults:
            self.stuck.append(t)
        elif t.setup is not None:
            try:
                t.done(t, OK, self.control(t.setup, t.data))
            except Stall:
                t.done(t, STALL, b"")
        elif t.ep & 0x80:
            self.pending.setdefault(t.ep, deque()).append(t)
            self._pump(t.ep)
        elif self.function is not None and self.function.serves(t.ep):
            self.counts["out"] += 1
            t.done(t, OK, b"")
            self.function.out(t.ep, t.data)
        else:
            self.stuck.append(t)

    def cancel(self, tag):
        """Takes a pending transfer back; False if it has already ended."""
        for queue in (*self.pending.values(), self.stuck):
            for t in queue:
                if t.tag == tag:
                    queue.remove(t)
                    return True
        return False

    def send(self, ep, data):
        """Queues one transfer's worth of data to the host."""
        self.queued.setdefault(ep, deque()).append(data)
        self._pump(ep)

    def _pump(self, ep):
        waiting, data = self.pending.get(ep), self.queued.get(ep)
        while waiting and data:
            t, chunk = waiting.popleft(), data.popleft()
            if len(chunk) > t.length:
                data.appendleft(chunk[t.length:])
                chunk = chunk[:t.length]
            self.counts["in"] += 1
            t.done(t, OK, chunk)

    def drop(self):
        """The cable is out: forget every transfer."""
        self.pending.clear()
        self.queued.clear()
        self.stuck.clear()
        self.configuration = 0
        if self.function:
            self.function.reset()


class Function:
    """What a device does beyond enumeration; this one does nothing."""

    def __init__(self, device, ep):
        self.device, self.ep = device, ep  # ep: the number of the bulk pair

    def serves(self, ep):
        return ep == self.ep

    def send(self, data):
        self.device.send(self.ep | 0x80, data)

    def control(self, kind, request, value, index, length, data):
        raise Stall

    def configured(self):
        pass

    def reset(self):
        pass

    def out(self, ep, data):
        pass


def endpoint_of(device, triple):
    """The bulk endpoint number of the interface with this class triple, in the last configuration that has it."""
    for group in reversed(device.configs):
        for itf in group:
            if itf.triple == tuple(triple) and itf.endpoints:
                return itf.endpoints[0][0]
    return None
