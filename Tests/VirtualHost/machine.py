"""One virtual host: a QEMU process, and the commands run in it."""
import base64, contextlib, fcntl, json, os, secrets, shutil, signal, socket, subprocess, sys, time

TOP = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("VM_BUILD", os.path.join(TOP, "build"))
RUN = os.environ.get("VM_RUN", os.path.join(TOP, "run"))
PORTS = 4  # commands that can run in a guest at once


class MachineError(Exception):
    """The virtual host could not be started, or is not as it must be."""


def kvm_usable():
    """Hardware virtualisation proper.

    /dev/kvm alone says little: the paravirtual variant for nested clouds (kvm_pvm)
    opens it, creates a VM and then interprets an ordinary kernel instruction by
    instruction, which is far slower than TCG.  It shows neither vmx nor svm.
    """
    try:
        flags = next(l for l in open("/proc/cpuinfo") if l.startswith("flags")).split()
    except (OSError, StopIteration):
        return False
    return ("vmx" in flags or "svm" in flags) and os.access("/dev/kvm", os.R_OK | os.W_OK)


class Machine:
    def __init__(self, name):
        self.name = name
        self.dir = os.path.join(RUN, name)

    def path(self, leaf):
        return os.path.join(self.dir, leaf)

    # ------------------------------------------------------------ life
    def pid(self):
        """The pid of the running QEMU, or None."""
        try:
            pid = int(open(self.path("qemu.pid")).read())
            cmdline = open(f"/proc/{pid}/cmdline").read()
            return pid if "qemu" in cmdline and f"guest={self.name}," in cmdline else None
        except (OSError, ValueError):
            return None

    def up(self, init="light", share=None, accel=os.environ.get("VM_ACCEL", "auto"), mem=1024, smp=2, cpu=None, machine="q35",
           tb_size=256, boot_timeout=240, disk=None, append=(), qemu_arg=()):
        """Boots and returns once commands can be run: a line that says how, and how long it took.

        `disk` is a file for what the guest writes, made if it is not there: then that outlives a `reboot` and the QEMU.
        """
        if self.pid():
            raise MachineError(f"{self.name} is already running")
        for f in ("vmlinuz", "initrd.img", "rootfs.ext4"):
            if not os.path.exists(os.path.join(BUILD, f)):
                raise MachineError(f"{f} is missing: run `vm build` first")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        share = os.path.abspath(share or self.path("share"))
        os.makedirs(share, exist_ok=True)
        if accel == "auto":
            accel = "kvm" if kvm_usable() else "tcg"
        if disk:
            append = (*append, "vm.disk=/dev/vdb")
            if not os.path.exists(disk):
                subprocess.run(["mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1", disk, "1G"], check=True)  # sparse
        kernel_args = ["console=ttyS0", "quiet", "loglevel=4", "panic=-1", "mitigations=off", "nokaslr", "norandmaps",
                       "audit=0", "no_timer_check", "tsc=reliable", "random.trust_cpu=on", "net.ifnames=0",
                       "rcupdate.rcu_expedited=1", "systemd.show_status=no", f"vm.init={init}", *append]
        argv = [
            "qemu-system-x86_64", "-name", f"guest={self.name},process=vm-{self.name}",
            "-no-user-config", "-nodefaults", "-display", "none", "-no-shutdown" if disk else "-no-reboot",
            "-machine", f"{machine},graphics=off,hpet=off,vmport=off" if machine == "q35" else machine,
            "-accel", "kvm" if accel == "kvm" else f"tcg,thread=multi,tb-size={tb_size}",
            "-cpu", cpu or ("host" if accel == "kvm" else "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand,+rdtscp,+tsc"),
            "-smp", str(smp), "-m", str(mem),
            "-kernel", os.path.join(BUILD, "vmlinuz"), "-initrd", os.path.join(BUILD, "initrd.img"),
            "-append", " ".join(kernel_args),
            "-drive", f"if=none,id=root,format=raw,readonly=on,file={BUILD}/rootfs.ext4",
            "-device", "virtio-blk-pci,drive=root",
            *(["-drive", f"if=none,id=disk,format=raw,file={disk}", "-device", "virtio-blk-pci,drive=disk"] if disk else []),
            "-object", "rng-random,filename=/dev/urandom,id=rng", "-device", "virtio-rng-pci,rng=rng",
            "-fsdev", f"local,id=tools,path={TOP},security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=tools,mount_tag=tools",
            "-fsdev", f"local,id=share,path={share},security_model=none,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=share,mount_tag=share",
            "-netdev", "user,id=net0", "-device", "virtio-net-pci,netdev=net0,id=nic0",
            "-device", f"virtio-serial-pci,max_ports={PORTS + 2}",
            # A QEMU xHCI has 64 device slots, hubs included: two of them take 100 phones.
            "-device", "qemu-xhci,id=xhci,p2=15,p3=15", "-device", "qemu-xhci,id=xhci2,p2=15,p3=15",
            "-serial", f"file:{self.path('console.log')}",
            "-qmp", f"unix:{self.path('qmp.sock')},server=on,wait=off",
            "-pidfile", self.path("qemu.pid"), "-daemonize",
        ]
        for i in range(PORTS):
            argv += ["-chardev", f"socket,id=ctl{i},path={self.path(f'ctl.{i}.sock')},server=on,wait=off",
                     "-device", f"virtserialport,chardev=ctl{i},name=vm.ctl.{i}"]
        argv += qemu_arg
        with open(self.path("qemu.cmd"), "w") as f:
            f.write("\n".join(argv) + "\n")
        started = time.monotonic()
        r = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if r.returncode:
            raise MachineError(f"QEMU did not start: {r.stdout.decode().strip()}")
        with open(self.path("info.json"), "w") as f:
            json.dump({"accel": accel, "share": share, "init": init}, f)
        try:
            answered = self._wait_until_up(started, boot_timeout, init)
        except TimeoutError:
            self.down()
            raise MachineError(f"no answer from the guest after {boot_timeout} s:\n{self.console()[-2000:]}")
        ready = time.monotonic() - started
        return (f"{self.name} up in {ready:.1f} s ({accel}, {init}, {smp} cpu, {mem} MiB"
                + (f", first answer after {answered:.1f} s" if init == "systemd" else "") + f"); share {share} is /host")

    def _wait_until_up(self, started, boot_timeout, init):
        """Returns once commands can be run, and systemd has started all that it is to start: when the first was answered."""
        limit = started + boot_timeout
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                if self.execute(["true"], timeout=5, connect=1, quiet=True, answer=5) == 0:
                    break
            if not self.pid():
                raise MachineError(f"the VM died while booting:\n{self.console()[-2000:]}")
            if time.monotonic() > limit:
                raise TimeoutError
            time.sleep(0.05)
        answered = time.monotonic() - started
        if init == "systemd":
            self.execute(["systemctl", "is-system-running", "--wait"], timeout=max(5, limit - time.monotonic()), quiet=True)
        return answered

    def reboot(self, meanwhile=lambda: None, boot_timeout=240):
        """Shuts a guest with systemd and a disk down, calls `meanwhile` while it is off, and returns once it is up again."""
        # Half a second for the answer, which the guest's end of this connection would not live to send.
        self.execute(["sh", "-c", "setsid sh -c 'sleep 0.5; systemctl poweroff' >/dev/null 2>&1 &"], timeout=60, quiet=True)
        limit = time.monotonic() + boot_timeout
        while self.qmp("query-status")["status"] != "shutdown":
            if time.monotonic() > limit:
                raise MachineError(f"the guest is not off after {boot_timeout} s:\n{self.console()[-2000:]}")
            time.sleep(0.1)
        meanwhile()
        started = time.monotonic()
        self.qmp("system_reset")
        self.qmp("cont")
        self._wait_until_up(started, boot_timeout, "systemd")

    def down(self):
        pid = self.pid()
        with contextlib.suppress(OSError, ValueError):  # the host-side emulator, if one was started
            emulator = int(open(self.path("phoned.pid")).read())
            if "phones.daemon" in open(f"/proc/{emulator}/cmdline").read():
                os.kill(emulator, signal.SIGTERM)
        if not pid:
            return
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            self.qmp("quit")
        if not self._gone(pid, 5):
            os.kill(pid, signal.SIGTERM)
            if not self._gone(pid, 5):
                os.kill(pid, signal.SIGKILL)
                self._gone(pid, 5)

    @staticmethod
    def _gone(pid, seconds):
        for _ in range(int(seconds * 20)):
            if not os.path.exists(f"/proc/{pid}"):
                return True
            time.sleep(0.05)
        return False

    def console(self):
        try:
            return open(self.path("console.log"), errors="replace").read()
        except OSError:
            return ""

    # ------------------------------------------------------------ QMP
    def qmp(self, command, arguments=None):
        with open(self.path("qmp.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(15)
            s.connect(self.path("qmp.sock"))
            with s, s.makefile("rw") as f:
                def ask(name, args=None):
                    f.write(json.dumps({"execute": name, **({"arguments": args} if args else {})}) + "\n")
                    f.flush()
                    while True:
                        line = f.readline()
                        if not line:
                            return {}
                        answer = json.loads(line)
                        if "return" in answer:
                            return answer["return"]
                        if "error" in answer:
                            raise ValueError(answer["error"]["desc"])
                f.readline()
                ask("qmp_capabilities")
                return ask(command, arguments)

    def add_usb(self, ident, driver, **properties):
        """Plugs one of QEMU's own USB devices in; port="1.2", or "xhci2:1.2" for the second controller."""
        if driver == "usb-storage" and "drive" not in properties:
            node = f"blk-{ident}"
            with contextlib.suppress(ValueError):  # the node outlives an earlier stick of that name
                self.qmp("blockdev-add", {"driver": "null-co", "node-name": node, "size": 1 << 20})
            properties["drive"] = node
        if ":" in properties.get("port", ""):
            controller, properties["port"] = properties["port"].split(":")
            properties["bus"] = f"{controller}.0"
        self.qmp("device_add", {"bus": "xhci.0", **properties, "driver": driver, "id": ident})

    def remove_usb(self, ident):
        self.qmp("device_del", {"id": ident})

    def phone_outside(self, *argv, **options):
        """The `phone` command, its phones plugged from outside, behind QEMU's xHCI."""
        env = dict(os.environ, PYTHONPATH=TOP, PHONED_DIR=self.dir, PHONED_TRANSPORT="redir")
        return subprocess.run([sys.executable, "-m", "phones.cli", *argv], env=env, **options)

    # ------------------------------------------------------------ commands
    @contextlib.contextmanager
    def _port(self, connect):
        """A control port nobody else uses."""
        limit = time.monotonic() + connect
        while True:
            for i in range(PORTS):
                lock = open(self.path(f"ctl.{i}.lock"), "w")
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    lock.close()
                    continue
                with lock, socket.socket(socket.AF_UNIX) as s:
                    s.settimeout(connect)
                    s.connect(self.path(f"ctl.{i}.sock"))
                    yield s
                return
            if time.monotonic() > limit:
                raise TimeoutError("all control ports are busy")
            time.sleep(0.05)

    def execute(self, argv, timeout=600, env=None, stdin=None, quiet=False, connect=10, answer=None, capture=None):
        """Runs argv in the guest; returns its exit status.  Raises TimeoutError when the guest is deaf."""
        req = {"argv": argv, "env": env or {}}
        if stdin is not None:
            req["in"] = base64.b64encode(stdin).decode()
        return self._request(req, timeout, quiet, connect, answer, capture)

    def ask(self, path, line, timeout=180):
        """Sends a line to a Unix socket of the guest; returns the line that it answers, or None when there is no socket."""
        output = bytearray()
        status = self._request({"socket": path, "in": base64.b64encode(line).decode()}, timeout, True, 10, None, output)
        return bytes(output) if status == 0 else None

    def _request(self, req, timeout, quiet, connect, answer, capture):
        rid = secrets.token_hex(6)
        req.update(id=rid, timeout=timeout)
        limit = time.monotonic() + (answer or timeout + 15)
        with self._port(connect) as s:
            # The leading newline ends whatever an interrupted request left behind.
            s.sendall(b"\n" + json.dumps(req).encode() + b"\n")
            buffer = b""
            while True:
                left = limit - time.monotonic()
                if left <= 0:
                    raise TimeoutError("no answer from the guest")
                s.settimeout(left)
                data = s.recv(65536)
                if not data:
                    raise ConnectionError("the VM went away")
                buffer += data
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    try:
                        m = json.loads(line)
                    except ValueError:
                        continue
                    if m.get("id") != rid:
                        continue
                    if "rc" in m:
                        return m["rc"]
                    out = base64.b64decode(m.get("o") or m.get("e") or "")
                    if capture is not None and "o" in m:
                        capture += out
                    elif not quiet:
                        stream = sys.stdout.buffer if "o" in m else sys.stderr.buffer
                        stream.write(out)
                        stream.flush()
