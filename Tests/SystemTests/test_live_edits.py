"""The configuration file under many hands: API, command line, editors; kills and broken files in between."""
import json
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from patience import patience, wait_for
from test_reload import as_an_editor, in_force, in_place, refused

#: What an edit leaves beside the file for a moment, or for ever when the agent is killed in it (EditedDirectory.newName).
NEW_FILE = ".plughook-edit.new"
EDITS_UNDER_KILLS = int(os.environ.get("PLUGHOOK_EDITS_UNDER_KILLS", "1000"))


class Watcher:
    """Reads the file without a pause: whoever reads it sees valid JSON, at every moment."""

    def __init__(self, path):
        self.path, self.reads, self.fault, self.is_over = path, 0, None, False
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self.is_over and self.fault is None:
            try:
                with open(self.path, "rb") as f:
                    json.loads(f.read())
            except (OSError, ValueError) as error:
                self.fault = error
            self.reads += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        assert self.fault is None, f"read number {self.reads}: {self.fault!r}"


class Traffic:
    """A phone that comes and goes without a pause, each time told before the next; the test plugs others through it."""

    def __init__(self, rig):
        self.rig, self.turns, self.fault, self.is_over = rig, 0, None, False
        self.lock = threading.Lock()  # the make-believe bus is for one thread
        self.thread = threading.Thread(target=self._run, daemon=True)

    def plug(self, serial):
        with self.lock:
            return self.rig.testbed.plug(serial=serial)

    def unplug(self, phone):
        with self.lock:
            self.rig.testbed.unplug(phone)

    def _run(self):
        try:
            while not self.is_over:
                self.turns += 1
                phone = self.plug("TRAFFIC")
                self.rig.receiver.wait_for_callback("TRAFFIC", "online", count=self.turns, path="/all")
                self.unplug(phone)
                self.rig.receiver.wait_for_callback("TRAFFIC", "unplugged", count=self.turns, path="/all")
        except Exception as error:
            self.fault = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        assert self.fault is None, self.fault


def test_created_by_command_edited_by_api_deleted_in_an_editor(rig):
    rig.start()
    words = lambda path: [r.what for r in rig.receiver.accepted() if r.path == path and r.what[0] != "TRAFFIC"]
    with Watcher(rig.config_path), Traffic(rig) as traffic:
        for turn in range(5):
            name, serial = f"hook-{turn}", f"PHONE{turn}"
            done = rig.command("webhooks", "create", "--name", name, "--url", f"{rig.receiver.url}/{name}", "--json")
            assert done.returncode == 0, done
            ident = json.loads(done.stdout)["id"]
            phone = traffic.plug(serial)
            rig.receiver.wait_for_callback(serial, "online", path=f"/{name}")

            rig.api.do("PATCH", f"/v1/webhooks/{ident}", {"url": f"{rig.receiver.url}/{name}-moved"})
            traffic.unplug(phone)
            rig.receiver.wait_for_callback(serial, "unplugged", path=f"/{name}-moved")
            assert words(f"/{name}") == [(serial, "online")]

            config = json.load(open(rig.config_path))
            config["webhooks"] = [w for w in config["webhooks"] if w["name"] != name]
            as_an_editor(rig.config_path, json.dumps(config, indent=2))
            wait_for(lambda: rig.api.call("GET", f"/v1/webhooks/{ident}").status == 404, 10, f"{name} to be gone")
            traffic.plug(serial)
            rig.receiver.wait_for_callback(serial, "online", count=2, path="/all")
    assert traffic.turns > 5
    rig.prove_quiet()
    for turn in range(5):
        assert words(f"/hook-{turn}-moved") == [(f"PHONE{turn}", "unplugged")]
    assert [w["name"] for w in json.load(open(rig.config_path))["webhooks"]] == ["all"]


#: A save as an editor makes it, of the file as it is then. It takes the lock that the agent takes: an editor without one
#: may overwrite what another has written since it read the file, and no program beside it could prevent that.
EDITOR = """
import fcntl, json, os, sys
path, saves = sys.argv[1], int(sys.argv[2])
for n in range(saves):
    directory = os.open(os.path.dirname(path), os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    with open(path) as f:
        config = json.load(f)
    config.setdefault("devices", []).append({"udid": f"EDITED{n}"})
    with open(path + ".swp", "w") as f:
        json.dump(config, f, indent=2)
    os.rename(path + ".swp", path)
    os.close(directory)
"""


def test_a_hundred_concurrent_edits_lose_none(rig):
    rig.configure(webhooks=[rig.webhook(1, "all"), *[rig.webhook(n, f"own-{n}", ["utilizing"]) for n in range(2, 6)]],
                  devices=[]).start()
    created, owned, shared, statuses, faults = [], {}, [], [], []
    begin = threading.Barrier(5 + 4 + 3 + 1)

    def creating(client):
        for n in range(8):
            name = f"made-{client}-{n}"
            reply = rig.api.call("POST", "/v1/webhooks",
                                 {"name": name, "url": f"{rig.receiver.url}/{name}", "events": ["utilizing"]})
            yield reply
            if reply.status == 201:
                created.append((name, reply.json["id"]))

    def changing_its_own(ident):
        for n in range(5):
            reply = rig.api.call("PATCH", f"/v1/webhooks/{ident}", {"timeoutMs": 5000 + n})
            yield reply
            if reply.status == 200:
                owned[ident] = 5000 + n

    def changing_what_all_change(client):
        for n in range(8):
            seen = rig.api.get("/v1/webhooks/1")
            token = f"{client}.{n}"
            reply = rig.api.call("PATCH", "/v1/webhooks/1", {"description": f"{seen['description']} {token}"},
                                 if_match=f'"{seen["etag"]}"')
            yield reply
            if reply.status == 200:
                shared.append(token)

    def run(client):
        try:
            begin.wait(patience(20))
            for reply in client:
                statuses.append(reply.status)
                assert reply.status in (200, 201, 412), reply
        except BaseException as error:
            faults.append(error)

    clients = [creating(n) for n in range(5)] + [changing_its_own(n) for n in range(2, 6)]
    clients += [changing_what_all_change(n) for n in range(3)]
    with Watcher(rig.config_path) as watcher, Traffic(rig) as traffic:
        threads = [threading.Thread(target=run, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        begin.wait(patience(20))
        editor = subprocess.run([sys.executable, "-c", EDITOR, rig.config_path, "16"], timeout=patience(120))
        for thread in threads:
            thread.join(patience(120))
        assert not faults and editor.returncode == 0
        assert rig.api.do("POST", "/v1/config/reload")["isInForce"]
    assert len(statuses) + 16 == 40 + 20 + 24 + 16
    assert statuses.count(412) == 24 - len(shared) and len(created) == 40 and len(owned) == 4

    config = json.load(open(rig.config_path))
    webhooks = {w["id"]: w for w in config["webhooks"]}
    assert {(w["name"], ident) for ident, w in webhooks.items() if ident > 5} == set(created)
    assert {ident: webhooks[ident]["timeoutMs"] for ident in owned} == owned
    assert webhooks[1]["description"].split() == shared
    assert [d["udid"] for d in config["devices"]] == [f"EDITED{n}" for n in range(16)]
    # What the file says is in force, and what came of each edit is on record.
    assert {w["id"]: w["description"] for w in rig.api.get("/v1/webhooks")["webhooks"]} == {
        ident: w.get("description", "") for ident, w in webhooks.items()}
    assert os.listdir(rig.folder).count(NEW_FILE) == 0
    assert watcher.reads > 100 and traffic.turns > 1
    print(f"{statuses.count(412)} × 412, {watcher.reads} reads of the file, {traffic.turns} turns of the phone")


def test_kill_in_the_middle_of_a_thousand_edits_leaves_the_old_file_or_the_new(rig):
    dice = random.Random(9)
    rig.configure(webhooks=[{**rig.webhook(n, f"hook-{n}", ["utilizing"]), "timeoutMs": 1000} for n in (1, 2)])
    acknowledged, asked = {1: 1000, 2: 1000}, {1: 1000, 2: 1000}

    def edit(ident, enough):
        while not enough.is_set():
            asked[ident] = 1000 + (asked[ident] - 1000 + 1) % 29_000
            try:
                reply = rig.api.call("PATCH", f"/v1/webhooks/{ident}", {"timeoutMs": asked[ident]})
            except (OSError, ValueError, EOFError):
                return
            except Exception as error:  # http.client has a dozen words for a server that is gone
                assert "http.client" in type(error).__module__, error
                return
            assert reply.status == 200, reply
            acknowledged[ident] = asked[ident]

    edits, kills = 0, 0
    with Watcher(rig.config_path) as watcher:
        while edits < EDITS_UNDER_KILLS:
            agent, enough, before = rig.start(), threading.Event(), dict(acknowledged)
            assert {w["id"]: w["timeoutMs"] for w in rig.api.get("/v1/webhooks")["webhooks"]} == acknowledged
            editors = [threading.Thread(target=edit, args=(ident, enough)) for ident in acknowledged]
            for editor in editors:
                editor.start()
            wanted = dice.randint(20, 120)
            done = lambda: sum(acknowledged[n] - before[n] for n in acknowledged)
            wait_for(lambda: done() >= wanted or not agent.is_running, 60, f"{wanted} edits")
            time.sleep(dice.uniform(0, 0.02))  # so that the kill comes at any moment of an edit
            agent.kill()
            for editor in editors:
                editor.join(patience(30))
            edits, kills = edits + done(), kills + 1
            config = json.load(open(rig.config_path))
            found = {w["id"]: w["timeoutMs"] for w in config["webhooks"]}
            for ident, value in found.items():
                assert value in (acknowledged[ident], asked[ident]), (ident, value, acknowledged, asked)
            assert {k: v for k, v in config.items() if k != "webhooks"} == untouched(rig)
            assert [name for name in os.listdir(rig.folder) if name.startswith(".")] in ([], [NEW_FILE])
            acknowledged, asked = dict(found), dict(found)
    # What the last kill has left goes with the next edit.
    rig.start()
    rig.api.do("PATCH", "/v1/webhooks/1", {"timeoutMs": 30_000})
    assert [name for name in os.listdir(rig.folder) if name.startswith(".")] == []
    print(f"{edits} edits, {kills} kills, {watcher.reads} reads of the file")


def untouched(rig):
    """All but the webhooks, as the rig has written it."""
    path, rig.config_path = rig.config_path, os.path.join(rig.folder, "unread.json")
    try:
        rig.configure(webhooks=[])
        config = json.load(open(rig.config_path))
    finally:
        os.unlink(rig.config_path)
        rig.config_path = path
    return {k: v for k, v in config.items() if k != "webhooks"}


def webhooks(*texts):
    return '{"webhooks": [\n' + ",\n".join(texts) + "\n]}"


def webhook(**changes):
    return json.dumps({**{"name": "A", "url": "https://x.example/", "events": ["online"]}, **changes})


#: What is wrong with a file, and the pointer, line and column that are told of it.
BROKEN = {
    "truncated": ('{"orgId": 2,\n "webhooks": [', ("/webhooks/0", 2, 15)),
    "cut in a word": ('{"orgId": 2,\n "host": {"id": "ra', ("/host/id", 2, 17)),
    "empty": ("", ("", 1, 1)),
    "no object": ("[]", ("", 1, 1)),
    "no JSON": ("orgId: 2\n", ("", 1, 1)),
    "a comment": ('{\n// mine\n"orgId": 2}', ("", 2, 1)),
    "a trailing comma": ('{"orgId": 2,}', ("", 1, 12)),
    "an unknown key": ('{\n  "orgid": 2\n}', ("/orgid", 2, 3)),
    "a word for a number": ('{\n  "orgId": "two"\n}', ("/orgId", 2, 12)),
    "an object for a list": ('{"webhooks": {}}', ("/webhooks", 1, 14)),
    "a number out of range": ('{"delivery":\n{"maxConcurrent": 0}}', ("/delivery/maxConcurrent", 2, 19)),
    "a key twice": ('{"orgId": 2,\n"orgId": 3}', ("/orgId", 2, 1)),
    "a name twice": (webhooks(webhook(), webhook()), ("/webhooks/1/name", 3, 10)),
    "an id twice": (webhooks('{"id": 7, ' + webhook()[1:], '{"id": 7, ' + webhook(name="B")[1:]),
                    ("/webhooks/1/id", 3, 8)),
    "no URL of the web": (webhooks(webhook(url="ftp://x")), ("/webhooks/0/url", 2, 22)),
    "a user in a URL": (webhooks(webhook(url="https://me:word@x.example/")), ("/webhooks/0/url", 2, 22)),
    "a URL without a host": (webhooks(webhook(url="https://")), ("/webhooks/0/url", 2, 22)),
    "no event": (webhooks(webhook(events=[])), ("/webhooks/0/events", 2, 54)),
    "an unknown event": (webhooks(webhook(events=["on"])), ("/webhooks/0/events/0", 2, 55)),
    "51 characters": (webhooks(webhook(name="ü" * 51)), ("/webhooks/0/name", 2, 10)),
    "no name": (webhooks('{"url": "https://x.example/", "events": ["online"]}'), ("/webhooks/0", 2, 1)),
    "an unknown backlog": (webhooks(webhook(backlog="oldest")), ("/webhooks/0/backlog", 2, 77)),
    "a fault after a byte order mark": ('\ufeff{"orgId": "two"}', ("/orgId", 1, 11)),
    "deep nesting": ("[" * 10_000 + "]" * 10_000, ("/0" * 64, 1, 65)),
    "no UTF-8": (b'{"orgId": 2, "host": {"id": "\xff\xfe"}}', ("/host/id", 1, 30)),
}
#: Where no place in the file is the trouble: the words that tell it.
UNUSABLE = {
    "50 MB": ('{"orgId": 2, "x": "' + "x" * 50_000_000 + '"}', "is larger than 4 MiB"),
    "what needs a restart": ('{"stateDirectory": "/nowhere"}', "stateDirectory cannot change while the agent runs"),
}


def saved(rig, text):
    """Puts the text in the file's place and returns what the agent says of it."""
    with open(rig.config_path + ".new", "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    os.rename(rig.config_path + ".new", rig.config_path)
    refused(rig.agent)
    return rig.api.status()["lastReload"]


def prove_that_the_old_one_is_in_force(rig, phone):
    rig.testbed.unplug(phone)
    assert rig.receiver.wait_for_callback("A", "unplugged", path="/all").json["orgId"] == 2
    status = rig.api.status()
    assert status["phase"] == "ready" and "the old one is in force" in " ".join(status["problems"])
    assert rig.api.metrics()["plughook_config_refused"] == 1
    assert rig.api.get("/v1/config")["orgId"] == 2
    assert rig.agent.notify.said("STATUS")[-1].endswith("the configuration file is refused")
    shown = rig.command("status")
    assert shown.returncode == 0 and "the old one is in force" in shown.stdout


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_told_with_its_exact_place_and_the_old_one_runs_on(rig, kind):
    text, place = BROKEN[kind]
    rig.start()
    good = open(rig.config_path).read()
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    last = saved(rig, text)
    assert not last["isInForce"] and "problem" not in last
    fault = last["faults"][0]
    assert (fault["pointer"], fault["line"], fault["column"]) == place, fault
    assert fault["problem"] and fault["advice"]
    lines = [line for line in rig.agent.log.splitlines() if "event=configuration.fault" in line]
    assert f":{place[1]}:{place[2]}: " in lines[0], lines
    prove_that_the_old_one_is_in_force(rig, phone)
    # No edit goes into a broken file.
    edit = rig.api.do("PATCH", "/v1/webhooks/1", {"description": "x"}, expect=409)
    assert "Mend them first" in edit["detail"]
    in_place(rig.config_path, good)
    in_force(rig.agent)
    assert rig.api.metrics()["plughook_config_refused"] == 0 and rig.api.status()["problems"] == []


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_unusable_file_is_told_with_its_reason_and_the_old_one_runs_on(rig, kind):
    text, words = UNUSABLE[kind]
    rig.start()
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    last = saved(rig, text)
    assert (last["isInForce"], last["faults"]) == (False, []) and words in last["problem"]
    assert words in rig.agent.log
    prove_that_the_old_one_is_in_force(rig, phone)


def test_a_byte_order_mark_is_kept_by_an_edit(rig):
    rig.start()
    with open(rig.config_path, "rb") as f:
        text = f.read()
    in_place(rig.config_path, "\ufeff" + text.decode())
    rig.api.do("PATCH", "/v1/webhooks/1", {"description": "mine"})
    with open(rig.config_path, "rb") as f:
        after = f.read()
    assert after.startswith(b"\xef\xbb\xbf{") and json.loads(after[3:])["webhooks"][0]["description"] == "mine"
