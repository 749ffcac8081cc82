"""The agent under test: a child process under umockdev's preload library, its log and what it tells systemd."""
import os, re, signal, socket, subprocess, threading, time

from patience import patience, wait_for

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BINARY = os.path.abspath(os.environ.get("PLUGHOOK_BIN", os.path.join(TOP, ".build/debug/plughook")))
SANITIZER = re.compile(r"(Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error:")


class NotifySocket:
    """systemd's end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = path
        self.messages = []  # (CLOCK_MONOTONIC ns, {key: value})
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        # Read at all times: a full socket would hold up a sender that waits.
        while data := self.socket.recv(65536):
            fields = dict(line.split("=", 1) for line in data.decode().splitlines() if "=" in line)
            self.messages.append((time.monotonic_ns(), fields))

    def said(self, key):
        """All values of that key so far."""
        return [fields[key] for _, fields in list(self.messages) if key in fields]

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b"", self.path)  # ends the reader
        os.unlink(self.path)


class Agent:
    """One run of `plughook run`, perhaps as the last words of another command."""

    def __init__(self, config, root, folder, run, env=None, before=()):
        self.log_path = os.path.join(folder, f"agent-{run}.log")
        self.notify = NotifySocket(os.path.join(folder, f"notify-{run}"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PLUGHOOK_", "NOTIFY_", "WATCHDOG_"))}
        environment.update(UMOCKDEV_DIR=root, NOTIFY_SOCKET=self.notify.path, **(env or {}))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*before, "umockdev-wrapper", BINARY, "run", "--config", config, "--log-level", "debug"],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def log(self):
        with open(self.log_path, errors="surrogateescape") as f:
            return f.read()

    @property
    def is_running(self):
        return self.process.poll() is None

    def wait_until_ready(self, seconds=20):
        """Ready: the first presence snapshot is committed."""
        wait_for(lambda: self.notify.said("READY") or not self.is_running, seconds, "READY=1 from the agent")
        assert self.is_running, f"the agent ended with {self.process.returncode} before it was ready"
        return self

    def wait_for_log(self, pattern, seconds=10):
        return wait_for(lambda: re.search(pattern, self.log), seconds, f"/{pattern}/ in the agent's log")

    def wait(self, seconds=10):
        """Its exit status; the negative signal when one killed it."""
        try:
            return self.process.wait(patience(seconds))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the agent still runs after {patience(seconds):g} s") from None

    def terminate(self, seconds=10):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        if self.is_running:
            self.process.kill()
        return self.wait()

    def close(self):
        """Ends it if the test has not, and fails if a sanitizer had something to say."""
        self.kill()
        self.notify.close()
        assert not SANITIZER.search(self.log), "the sanitizer reported something: see the agent's log"
