"""Many want few phones, some are killed, and so is the agent: nobody gets what another has, and nothing stays taken.

A few seconds with some of them in every run; `PLUGHOOK_FIGHT_SECONDS=60` is the long mode, with 200 who fight for 20.
"""
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import agent as agents
from patience import patience, wait_for

SECONDS = int(os.environ.get("PLUGHOOK_FIGHT_SECONDS", "8"))
#: And how often the agent is killed.
CLIENTS, PHONES, DEATHS = (200, 20, 5) if SECONDS >= 60 else (40, 5, 2)
SEED = int(os.environ.get("PLUGHOOK_FIGHT_SEED", "1"))

#: The command of a session: the kernel lets one process at a time have the lock, and takes it back when that is gone,
#: before anybody is told of its end.
HOLDER = """
import fcntl, os, select, sys
folder, seconds = sys.argv[1], float(sys.argv[2])
udid = os.environ["PLUGHOOK_UDID"]
lock = open(os.path.join(folder, udid), "w")
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    open(os.path.join(folder, "violations"), "a").write(f"{udid} {os.environ['PLUGHOOK_SESSION']}\\n")
    sys.exit(1)
select.select([], [], [], seconds)
"""


class Client(threading.Thread):
    """Takes any phone, again and again, until it is told to stop."""

    def __init__(self, rig, folder, seed, up, stop):
        super().__init__(daemon=True)
        self.rig, self.folder, self.up, self.stop = rig, folder, up, stop
        self.dice = random.Random(seed)
        self.process = None
        self.exits = []

    def run(self):
        while not self.stop.is_set():
            if not self.up.wait(0.1):
                continue
            self.process = subprocess.Popen(
                [agents.BINARY, "sessions", "run", "--any", "--platform", "android", "--wait", "5m", "--socket",
                 self.rig.socket_path, "--", sys.executable, "-S", "-c", HOLDER, self.folder,
                 str(self.dice.uniform(0.02, 0.5))],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            complaint = self.process.communicate()[1]
            self.exits.append((self.process.returncode, complaint))

    def kill(self):
        if (process := self.process) and process.poll() is None:
            process.kill()


def holders(rig):
    return {s["pid"]: s for s in rig.api.get("/v1/sessions")["sessions"]}


def is_dead(pid):
    """Gone, or a zombie that nobody has asked about yet."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def assert_the_dead_hold_nothing(rig):
    """Within a second; whoever dies meanwhile has a second of his own."""
    dead = [pid for pid in holders(rig) if is_dead(pid)]
    wait_for(lambda: not set(dead) & set(holders(rig)), 1, f"the dead {dead} to hold nothing")


def assert_served_in_order(log):
    """All ask for the same: whoever waits is served, or refused at the end of his time, in the order of the queue."""
    queue, served = [], 0
    for line in log.splitlines():
        if found := re.search(r"event=session\.(waits|started|withdrawn|refused)\b.* session=(\S+)", line) or \
                re.search(r"event=session\.(waits|withdrawn|refused)\b.*session=(\S+)", line):
            what, session = found.groups()
            if what == "waits":
                queue.append(session)
            elif what == "started" and queue:
                assert queue.pop(0) == session, f"{session} was served before its turn: {line}"
                served += 1
            elif session in queue:
                queue.remove(session)
    return served


def test_nobody_gets_what_another_has(rig, tmp_path):
    folder = tmp_path / "locks"
    folder.mkdir()
    rig.configure().start()
    serials = [f"PHONE{n:02}" for n in range(PHONES)]
    for serial in serials:
        rig.testbed.plug(serial=serial)
    for serial in serials:
        rig.receiver.wait_for_callback(serial, "online")
    dice, up, stop = random.Random(SEED), threading.Event(), threading.Event()
    up.set()
    clients = [Client(rig, str(folder), SEED * 1000 + n, up, stop) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    began, deaths, kills = time.monotonic(), 0, 0
    while (passed := time.monotonic() - began) < SECONDS or deaths < DEATHS:
        # A tenth of the clients in the whole time, and the agent so often.
        if kills < passed / SECONDS * CLIENTS / 10:
            dice.choice(clients).kill()
            kills += 1
        if deaths + 1 < passed / SECONDS * (DEATHS + 1):
            up.clear()
            rig.agent.kill()
            rig.receiver.catch_up()
            rig.start()
            up.set()
            assert_the_dead_hold_nothing(rig)
            deaths += 1
        time.sleep(dice.uniform(0.01, 0.1))
    stop.set()
    for client in clients:
        client.kill()
    for client in clients:
        client.join(patience(60))
        assert not client.is_alive()
    assert not (folder / "violations").exists(), (folder / "violations").read_text()
    wait_for(lambda: not holders(rig), 10, "all phones to be free")
    shown = rig.api.get("/v1/sessions")
    assert shown == {"sessions": [], "waiting": []}
    exits = [e for client in clients for e in client.exits]
    # Done, killed, or the agent was away or went away: nothing else.
    unknown = [(code, text) for code, text in exits if code not in (0, -signal.SIGKILL, 69)]
    assert not unknown, unknown[:5]
    done = sum(code == 0 for code, _ in exits)
    served = sum(assert_served_in_order(run.log) for run in rig.runs)
    print(f"{done} commands had a phone, {served} of them after a wait; {kills} were killed, the agent {deaths} times")
    assert done > PHONES and served > PHONES

    # Everything on record has been told, and nothing else.
    assert rig.agent.terminate() == 0
    told = {}
    for request in rig.receiver.accepted():
        told.setdefault(request.what[0], {})[request.sequence] = request.what[1]
    for serial in serials:
        recorded = [row["status"] for row in rig.query(
            f"SELECT status FROM event WHERE device = '{serial}' AND NOT is_silent ORDER BY number")]
        assert [word for _, word in sorted(told[serial].items())] == recorded
    open_ends = rig.query("SELECT id FROM session WHERE ended_at IS NULL")
    assert open_ends == [], [tuple(row) for row in open_ends]
