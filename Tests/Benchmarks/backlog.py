"""100,000 callbacks that waited on disk: how soon the agent is ready, how fast they leave, and in how much memory."""
import contextlib, json, os, re, signal, sqlite3, subprocess, time

from contenders import HERE, Plughook
from counter import Counter
from figures import Target, table

WEBHOOKS, DEVICES, EACH = 10, 1000, 10
CALLBACKS = WEBHOOKS * DEVICES * EACH
BODY = json.dumps({
    "creationTime": "2026-11-27T12:00:00.000Z", "eventType": "DEVICE", "eventActivity": "device.state.unplugged",
    "eventDescription": "Unplugged", "deviceUdid": "ce0917198075440c057e", "deviceName": "Galaxy Note 8", "orgId": 2,
    "webhookId": 1, "webhookName": "Webhook for All events"}, separators=(",", ":"))
#: Of what the others send; enough to be steady.
OTHERS, SECONDS = 20_000, 5


class Agent(Plughook):
    """On a state directory that is there already."""

    def __init__(self, counter, state):
        self.state = state
        self.began = time.monotonic_ns()
        super().__init__(counter, state, WEBHOOKS)
        self.ready = time.monotonic_ns()

    def command(self):
        command, environment = super().command()
        config = command[-1]
        with open(config) as f:
            settings = json.load(f)
        settings["stateDirectory"] = self.state
        for number, webhook in enumerate(settings["webhooks"], 1):
            webhook["id"] = number
        with open(config, "w") as f:
            json.dump(settings, f)
        self.began = time.monotonic_ns()
        return command, environment

    def peak(self):
        """The most resident memory that it has had, in MB."""
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1)) / 1000

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def udid(number):
    return f"ce0917198075440c{number:04x}"


def fill(state):
    """As if every receiver had been away for a while."""
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(os.path.join(state, "plughook.sqlite3"))) as db:
        db.executemany("INSERT INTO device (udid, name, platform, reported) VALUES (?, 'Galaxy Note 8', 'android', 'unplugged')",
                       [(udid(d),) for d in range(DEVICES)])
        rows = ((f"msg_{s:09d}{d:09d}{w:09d}", w, udid(d), s, (s - 1) * DEVICES + d + 1, now, BODY.encode())
                for s in range(1, EACH + 1) for d in range(DEVICES) for w in range(1, WEBHOOKS + 1))
        db.executemany("INSERT INTO callback (id, webhook, device, sequence, event, created_at, body) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        db.commit()


def run(sink, folder, options, progress):
    state = os.path.join(folder, "backlog")
    os.mkdir(state, 0o700)
    counter = Counter()
    agent = None
    try:
        agent = Agent(counter, state)
        empty_start = (agent.ready - agent.began) / 1e9
        agent.end()
        agent.close()
        progress(f"backlog: {CALLBACKS} callbacks are put on disk")
        fill(state)
        counter.reset()
        progress("backlog: the agent starts and sends them")
        agent = Agent(counter, state)
        start = (agent.ready - agent.began) / 1e9
        came = counter.wait(CALLBACKS, 120, lambda: agent.process.poll() is None)
        peak = agent.peak()
        agent.end()
        drain = CALLBACKS / ((came["lastNs"] - came["firstNs"]) / 1e9)
        surplus = counter.read()["count"] - CALLBACKS
        if surplus:
            raise RuntimeError(f"{surplus} callbacks came twice")
        progress("backlog: libcurl and wrk post the same body to the same receiver")
        return {"emptyStart": empty_start, "start": start, "drain": drain, "peak": peak,
                "loop": loop(counter, folder), "wrk": wrk(counter, folder)}
    finally:
        if agent:
            agent.close()
        counter.close()


def loop(counter, folder):
    program = os.path.join(folder, "libcurl_loop")
    subprocess.run(["gcc", "-O2", "-o", program, f"{HERE}/libcurl_loop.c", "-lcurl"], check=True)
    counter.reset()
    subprocess.run([program, f"{counter.url}/loop", str(OTHERS), BODY], check=True)
    told = counter.read()
    return told["count"] / ((told["lastNs"] - told["firstNs"]) / 1e9)


def wrk(counter, folder):
    script = os.path.join(folder, "post.lua")
    with open(script, "w") as f:
        f.write(f'wrk.method = "POST"\nwrk.body = [[{BODY}]]\nwrk.headers["Content-Type"] = "application/json"\n')
    counter.reset()
    subprocess.run(["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", script, f"{counter.url}/wrk"], check=True,
                   stdout=subprocess.DEVNULL)
    told = counter.read()
    return told["count"] / ((told["lastNs"] - told["firstNs"]) / 1e9)


def noise_in(result):
    return ""


def targets(result):
    return [
        Target("backlog: ready with 100,000 pending and 1,000 devices", result["start"], 1, "s"),
        Target("backlog: drain to a loopback receiver", result["drain"], 5000, "/s", True),
        Target("backlog: most resident memory", result["peak"], 60, "MB"),
    ]


def text(result):
    rows = [["plughook, from disk, on record, in order", result["drain"], 1.0],
            ["libcurl, one connection, in a loop", result["loop"], result["loop"] / result["drain"]],
            ["wrk, 32 connections", result["wrk"], result["wrk"] / result["drain"]]]
    return (f"Backlog: {CALLBACKS} callbacks that waited on disk, {WEBHOOKS} webhooks, {DEVICES} phones; the same body to the "
            "same receiver\n\n" + table(["", "accepted/s", "÷ ours"], rows)
            + f"\n\nready after {result['start']:.3f} s (with an empty state: {result['emptyStart']:.3f} s), "
              f"at most {result['peak']:.1f} MB resident")
