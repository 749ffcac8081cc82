"""phoned: keeps the virtual phones.  One process, one thread, all devices.

Commands come over a Unix socket, one JSON object per line (see cli.py):
  {"do": "plug",   "phones": [{spec}, ...], "gap": 0}   -> {"phones": [{"id", "port", "ns"}]}
  {"do": "unplug", "which": ["id" or serial, ...] | "all", "how": "detach"|"close", "gap": 0}
  {"do": "list"} / {"do": "set", "which": [...], "set": {...}} / {"do": "wait", "timeout": s} / {"do": "stop"}
`ns` is CLOCK_MONOTONIC right before the kernel (or QEMU) was told.
"""
import json, os, selectors, socket, sys, time

from . import adbd, profiles, usbmux
from .device import Device, endpoint_of
from .loop import Loop, Stream


class Phone:
    def __init__(self, ident, spec):
        self.id, self.spec = ident, spec
        self.device = Device(spec)
        self.conn = self.port = None
        self.configured_ns = None
        self.device.on_configured = self._configured
        for key, cls, triple in (("adb", adbd.Adbd, adbd.TRIPLE), ("mux", usbmux.Mux, usbmux.TRIPLE)):
            ep = endpoint_of(self.device, triple)
            if spec.get(key) and ep is not None:
                self.device.function = cls(self.device, ep)

    def _configured(self, device):
        if self.configured_ns is None:
            self.configured_ns = time.monotonic_ns()

    def view(self):
        d = self.device
        return {"id": self.id, "port": self.port, "plugged": self.conn is not None, "vid": f"{d.vid:04x}", "pid": f"{d.pid:04x}",
                "serial": self.spec.get("serial"), "configuration": d.configuration, "transfers": d.counts,
                "adb": d.function.mode if isinstance(d.function, adbd.Adbd) else None,
                "trust": self.spec.get("trust") or "untrusted" if isinstance(d.function, usbmux.Mux) else None}


class Daemon:
    def __init__(self, loop, transport, path):
        self.loop, self.transport = loop, transport
        self.phones = {}
        self.count = 0
        self.waiting = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(32)
        self.server.setblocking(False)
        loop.sel.register(self.server, selectors.EVENT_READ, self._accept)

    def _accept(self, mask):
        sock, _ = self.server.accept()
        buffer = bytearray()

        def data(chunk):
            buffer.extend(chunk)
            while b"\n" in buffer:
                line, _, rest = bytes(buffer).partition(b"\n")
                buffer[:] = rest
                self._command(stream, line)
        stream = Stream(self.loop, sock, data, lambda: None)

    def _command(self, stream, line):
        def reply(answer):
            stream.write(json.dumps(answer).encode() + b"\n")
        try:
            q = json.loads(line)
            do = getattr(self, "do_" + q["do"])
            do(q, reply)
        except Exception as e:
            reply({"error": f"{type(e).__name__}: {e}" if not isinstance(e, (ValueError, RuntimeError)) else str(e)})

    # ------------------------------------------------------------ commands
    def do_plug(self, q, reply):
        todo, done = [profiles.build(o) for o in q["phones"]], []

        def step():
            try:
                while todo:
                    spec = todo.pop(0)
                    self.count += 1
                    phone = Phone(f"p{self.count}", spec)
                    ns = self._attach(phone, spec.get("port"))
                    self.phones[phone.id] = phone
                    done.append({"id": phone.id, "port": phone.port, "serial": spec.get("serial"), "ns": ns})
                    if todo and q.get("gap"):
                        self.loop.later(q["gap"], step)
                        return
                reply({"phones": done})
            except Exception as e:
                reply({"error": f"{type(e).__name__}: {e}", "phones": done})
        step()

    def _attach(self, phone, port):
        phone.configured_ns = None

        def lost():
            if phone.conn is not None:
                conn, phone.conn = phone.conn, None
                phone.device.drop()
                self.transport.closed(conn, phone.port)
                self.phones.pop(phone.id, None)
        phone.conn, phone.port, ns = self.transport.attach(phone.device, port, lost)
        return ns

    def _detach(self, phone, how):
        conn, phone.conn = phone.conn, None
        ns = self.transport.detach(conn, phone.port, how)
        conn.stream.close()
        phone.device.drop()
        return ns

    def _pick(self, which):
        if which == "all":
            return list(self.phones.values())
        picked = []
        for w in which:
            hits = [p for p in self.phones.values() if w in (p.id, p.spec.get("serial"))]
            if not hits:
                raise ValueError(f"no phone {w!r}")
            picked += hits
        return picked

    def do_unplug(self, q, reply):
        todo, done = self._pick(q["which"]), []

        def step():
            while todo:
                phone = todo.pop(0)
                ns = self._detach(phone, q.get("how", "detach"))
                self.phones.pop(phone.id, None)
                done.append({"id": phone.id, "port": phone.port, "serial": phone.spec.get("serial"), "ns": ns})
                if todo and q.get("gap"):
                    self.loop.later(q["gap"], step)
                    return
            reply({"phones": done})
        step()

    def do_replug(self, q, reply):
        """Out and in again on the same port, perhaps as something else (a mode switch, a reboot)."""
        picked, done = self._pick(q["which"]), []
        for old in picked:
            self._detach(old, "detach")

        def again():
            for old in picked:
                changes = q.get("set", {})
                # Another profile replaces what the first one said, not the phone's identity.
                kept = {k: v for k, v in old.spec.items() if "profile" not in changes or k not in profiles.FIELDS}
                phone = Phone(old.id, profiles.build({**kept, **changes}))
                ns = self._attach_patiently(phone, old.port)
                self.phones[old.id] = phone
                done.append({"id": phone.id, "port": phone.port, "serial": phone.spec.get("serial"), "ns": ns})
            reply({"phones": done})
        self.loop.later(max(q.get("off", 0.3), 0.05), again)

    def _attach_patiently(self, phone, port):
        """A vhci port is busy for a moment after a detach."""
        for _ in range(100):
            try:
                return self._attach(phone, None if port == "auto" else port)
            except OSError:
                time.sleep(0.02)
        return self._attach(phone, None)

    def do_set(self, q, reply):
        changes = q["set"]
        stale = []
        for phone in self._pick(q["which"]):
            phone.spec.update(changes)  # the device has the same: `trust` needs no more than that
            if "adb" in changes and isinstance(phone.device.function, adbd.Adbd):
                if not phone.device.function.set_mode(changes["adb"]):
                    stale.append(phone.id)
        if stale:
            self.do_replug({"which": stale, "set": changes, "off": q.get("off", 0.3)}, reply)
        else:
            reply({"phones": []})

    def do_list(self, q, reply):
        reply({"phones": [p.view() for p in self.phones.values()], "transport": self.transport.name})

    def do_wait(self, q, reply):
        """Answers when every phone has been configured by the kernel (or the time is up)."""
        limit = time.monotonic() + q.get("timeout", 60)

        def look():
            missing = [p.id for p in self.phones.values() if p.conn is not None and p.configured_ns is None]
            if not missing or time.monotonic() > limit:
                last = max((p.configured_ns or 0 for p in self.phones.values()), default=0)
                reply({"missing": missing, "ns": last} if not missing else
                      {"missing": missing, "ns": last, "error": f"{len(missing)} phones were not enumerated: {missing[:5]}"})
            else:
                self.loop.later(0.02, look)
        look()

    def do_stop(self, q, reply):
        for p in list(self.phones.values()):
            self._detach(p, "detach")
        self.phones.clear()
        reply({})
        self.loop.later(0.05, lambda: setattr(self.loop, "running", False))


def main():
    folder, transport = sys.argv[1:3]
    loop = Loop()
    if transport == "vhci":
        from .usbip import Vhci
        t = Vhci(loop)
    else:
        from .redir import Redir
        t = Redir(loop, folder)
    path = os.path.join(folder, "phoned.sock")
    if os.path.exists(path):
        os.unlink(path)
    daemon = Daemon(loop, t, path)
    with open(os.path.join(folder, "phoned.pid"), "w") as f:
        f.write(str(os.getpid()))
    print("ready", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
