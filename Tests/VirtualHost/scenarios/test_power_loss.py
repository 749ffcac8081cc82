"""The power fails under load, again and again: nothing that was committed is lost, nothing comes that was not.

PLUGHOOK_POWER_ROUNDS failures (1); PLUGHOOK_POWER_SEED repeats a run.  The receiver is outside and lives through them all.
Of each boot the disks of many more failures are looked at, which nobody had to wait for.
"""
import contextlib, json, os, random, signal, sqlite3, subprocess, sys, time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TOP, os.path.join(os.path.dirname(TOP), "SystemTests")]
from guest import FACTOR, machine, wait_for  # noqa: E402
from ledger import check, whole  # noqa: E402
from powerless import Disk  # noqa: E402
from receiver import Answer, Receiver  # noqa: E402

#: Of each boot, so many more moments.
MOMENTS = 20
ROUNDS = int(os.environ.get("PLUGHOOK_POWER_ROUNDS", "1"))
SEED = int(os.environ.get("PLUGHOOK_POWER_SEED", "0")) or random.randrange(1, 1 << 32)
DATABASE = "/state/plughook/plughook.sqlite3"
#: Phones come and go for as long as there is power.
TRAFFIC = """while :; do phone plug pixel --count 30 --serial 'P{n:02d}' --gap 10; phone unplug --all; done"""


class Powered:
    """A boot of the host, with its disk and the agent on it."""

    def __init__(self, folder, disk, receiver, seconds_of_traffic):
        self.machine, self.folder, self.disk = machine("power"), folder, disk
        self.machine.up(share=folder, qemu_arg=disk.qemu_args())
        self.run("mkdir -p /state && mount -t ext4 /dev/vdb /state && mkdir -p -m 700 /state/plughook "
                 "&& cp /host/plughook /run/plughook && chmod 755 /run/plughook")
        config = {"orgId": 2, "stateDirectory": "/state/plughook", "control": {"socket": "/run/plughook.sock"},
                  "detection": {"unplugSettleMs": 0, "offlineHoldMs": 50, "onlineHoldMs": 0, "startSettleMs": 100,
                                "bootSettleMs": 100},
                  "health": {"adb": {"mode": "off"}, "usbmuxd": {"mode": "off"}},
                  "webhooks": [{"id": n, "name": name, "events": ["online", "offline", "utilizing", "unplugged"],
                                "url": receiver.url.replace("127.0.0.1", "10.0.2.2") + f"/{name}"}
                               for n, name in enumerate(("well", "moody"), 1)]}
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file)
        os.chmod(file.name, 0o644)
        with open(os.path.join(folder, "agent.log"), "a") as log:
            self.mark = log.tell()
        self.run("setsid /run/plughook run --config /host/config.json </dev/null >>/host/agent.log 2>&1 &")
        wait_for(lambda: "event=agent.ready" in self.log(), 90, lambda: f"the agent to be ready: {self.log()}")
        if seconds_of_traffic:
            before = len(receiver.requests)
            self.run(f"setsid sh -c \"{TRAFFIC}\" </dev/null >/dev/null 2>&1 &")
            wait_for(lambda: len(receiver.requests) > before, 120, lambda: f"traffic: {self.log()[-3000:]}")
            time.sleep(seconds_of_traffic * FACTOR)

    def run(self, script):
        output = bytearray()
        status = self.machine.execute(["sh", "-c", script], timeout=180 * FACTOR, capture=output)
        assert status == 0, f"{script!r} ended with {status}: {output.decode(errors='replace')}"
        return output.decode(errors="replace")

    def log(self):
        with open(os.path.join(self.folder, "agent.log"), errors="replace") as log:
            log.seek(self.mark)
            return log.read()


def test_what_was_committed_outlives_the_power(tmp_path):
    dice = random.Random(SEED)
    print(f"power: seed {SEED}")
    folder, disk = str(tmp_path / "share"), Disk(str(tmp_path))
    os.mkdir(folder)
    subprocess.run(["strip", "-o", os.path.join(folder, "plughook"), os.environ["PLUGHOOK_BIN"]], check=True)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", disk.path, "64M"], check=True)
    receiver, failures = Receiver(), []
    moods = [Answer()] * 6 + [Answer(500), Answer(503), Answer(manner="drop"), Answer(manner="reset"), Answer(delay=0.2)]
    try:
        receiver.decide = lambda request: Answer() if request.path == "/well" else dice.choice(moods)
        for _ in range(ROUNDS):
            host = Powered(folder, disk, receiver, dice.uniform(0, 6))
            os.kill(host.machine.pid(), signal.SIGKILL)
            host.machine.down()
            moments = [look(str(tmp_path / "moment.img"), *lost)
                       for lost in disk.earlier(dice, MOMENTS, str(tmp_path / "moment.img"))]
            print(f"power: {disk.fail(dice)} writes flushed, left, lost; {len(receiver.requests)} requests so far; "
                  f"events at other moments, with so many writes lost: {moments}")
            receiver.catch_up()
            failures.append(time.monotonic_ns())
        # All are well, and what waits goes out.
        receiver.decide = lambda request: Answer()
        host = Powered(folder, disk, receiver, 0)
        for webhook in ("well", "moody"):
            host.run(f"/run/plughook webhooks resume {webhook} --socket /run/plughook.sock")
        waiting = "/run/plughook status --json --socket /run/plughook.sock"
        wait_for(lambda: (lambda s: s["waiting"] + s["inFlight"])(json.loads(host.run(waiting))) == 0, 120, "all to be sent")
        host.run("kill -TERM $(pidof plughook); while pidof plughook; do sleep 0.2; done; cp /state/plughook/* /host/ 2>/dev/null; true")
        host.machine.down()
        twice = check(os.path.join(folder, os.path.basename(DATABASE)), receiver.requests, 2, failures)
        print(f"power: {len(failures)} failures, {len(receiver.requests)} requests, {twice} came twice")
    except BaseException:
        with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, "agent.log"), errors="replace") as log:
            print(log.read()[-20000:])
        raise
    finally:
        machine("power").down()
        receiver.stop()


def look(image, kept, left, lost):
    """Whether the database on a disk is whole; how many events it has, and how many writes were lost."""
    folder = os.path.dirname(image)
    # As a mount would: the journal is played back.
    repaired = subprocess.run(["e2fsck", "-fy", image], capture_output=True, text=True)
    assert repaired.returncode in (0, 1), repaired.stdout
    copy = os.path.join(folder, "moment.sqlite3")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(copy + suffix):
            os.unlink(copy + suffix)
        if suffix != "-shm":  # it is made anew
            subprocess.run(["debugfs", "-R", f"dump /plughook/plughook.sqlite3{suffix} {copy}{suffix}", image],
                           capture_output=True, check=True)
    if not os.path.exists(copy) or not os.path.getsize(copy):
        return 0, lost
    with contextlib.closing(sqlite3.connect(copy)) as database:
        if not database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'callback'").fetchone()[0]:
            return 0, lost  # made just now
        whole(database, 2)
        return database.execute("SELECT count(*) FROM event").fetchone()[0], lost
