"""A million callbacks through one agent: whether its memory or its descriptors grow with what it has done."""
import json, os, statistics, threading, time

from api import API  # of the system tests, whose folder `bus` has put in the path
from contenders import Plughook
from counter import Counter
from crowd import pid
from figures import Target, table
from idle import anonymous, resident

WEBHOOKS, PHONES, SAMPLES = 10, 40, 50
#: Of the samples, before the first that counts: caches and the history that is kept fill up in that time.
WARM_UP = 15
WORKERS = 4


class Agent(Plughook):
    def command(self):
        command, environment = super().command()
        with open(command[-1]) as f:
            settings = json.load(f)
        for webhook in settings["webhooks"]:
            webhook["events"] = ["utilizing"]
        with open(command[-1], "w") as f:
            json.dump(settings, f)
        return command, environment


class Users:
    """Begin to use a phone and end it, without a pause: each time, the phone is told to be in use to all receivers."""

    def __init__(self, agent, serials):
        self.api, self.turns, self.fault, self.is_over = API(agent.socket), 0, None, False
        shares = [serials[n::WORKERS] for n in range(WORKERS)]
        self.threads = [threading.Thread(target=self._use, args=(share,), daemon=True) for share in shares]
        for thread in self.threads:
            thread.start()

    def _use(self, serials):
        try:
            while not self.is_over:
                for serial in serials:
                    session = self.api.do("POST", "/v1/sessions", {"device": serial, "owner": "soak"}, expect=201)
                    self.api.do("DELETE", f"/v1/sessions/{session['id']}")
                    self.turns += 1
        except Exception as error:
            self.fault = error

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        if self.fault:
            raise RuntimeError(f"a session: {self.fault!r}")


def run(sink, folder, options, progress):
    counter = Counter()
    agent = users = None
    try:
        agent = Agent(counter, folder, WEBHOOKS)
        phones = agent.bus.storm(PHONES, serial="SOAK{n:04d}")
        users = Users(agent, [phone.spec["serial"] for phone in phones])
        samples, began = [], time.monotonic()
        if users.fault:
            raise RuntimeError(f"a session: {users.fault!r}")
        for n in range(1, SAMPLES + 1):
            counter.wait(options.callbacks * n // SAMPLES, 600, lambda: agent.process.poll() is None and not users.fault)
            samples.append(sample(agent))
            progress(f"soak: {n} of {SAMPLES} samples: {samples[-1]}")
        seconds = time.monotonic() - began
        users.end()
    finally:
        if users:
            users.is_over = True
            if users.fault:
                progress(f"soak: a session: {users.fault!r}")
        if agent:
            agent.close()
        counter.close()
    return {"callbacks": options.callbacks, "seconds": seconds, "samples": samples}


def sample(agent):
    process = pid(agent)
    return {"anonymousMB": round(anonymous(process), 2), "residentMB": round(resident(process), 2),
            "descriptors": len(os.listdir(f"/proc/{process}/fd"))}


def slope(result, name):
    """Per million callbacks, by a straight line through the samples behind the warm-up."""
    share = result["callbacks"] / SAMPLES / 1e6
    values = [s[name] for s in result["samples"][WARM_UP:]]
    return statistics.linear_regression([n * share for n in range(len(values))], values).slope


def noise_in(result):
    return ""


def targets(result):
    return [Target("soak: growth of its own memory, per million callbacks", slope(result, "anonymousMB"), 1, "MB"),
            Target("soak: growth of open descriptors, per million callbacks", slope(result, "descriptors"), 1, "")]


def text(result):
    rows = [[n + 1, *result["samples"][n].values()] for n in range(0, SAMPLES, 7)]
    return (f"Soak: {result['callbacks']} callbacks to {WEBHOOKS} receivers in {result['seconds']:.0f} s\n\n"
            + table(["sample", "own MB", "resident MB", "descriptors"], rows))
