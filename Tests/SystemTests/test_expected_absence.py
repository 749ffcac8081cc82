"""A phone that somebody reboots or flashes: who has said so gets no false alarm, and a true one when it stays away."""
import contextlib
import json
import sqlite3

import pytest

from patience import wait_for

EX_USAGE, EX_NOINPUT = 64, 66


def settled(rig, serial="A", **configuration):
    """A running agent, and a phone that is online."""
    rig.configure(**configuration).start()
    phone = rig.testbed.plug(serial=serial)
    rig.receiver.wait_for_callback(serial, "online")
    return phone


def expect(rig, serial="A", **announcement):
    return rig.api.do("POST", f"/v1/devices/{serial}/expect-absence", announcement)


def told(rig):
    """What the receiver has heard of the phone; a killed agent may say its last word twice, under one id."""
    accepted = {r["webhook-id"]: r.what for r in rig.receiver.accepted()}
    return [event for device, event in accepted.values() if device == "A"]


def shown(rig, serial="A"):
    return rig.api.get(f"/v1/devices/{serial}")


def test_a_reboot_without_a_word_is_unplugged_and_online(rig):
    phone = settled(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    rig.prove_quiet()
    assert told(rig) == ["online", "unplugged", "online"]


def test_a_reboot_that_was_announced_is_offline_and_online(rig):
    phone = settled(rig)
    assert expect(rig, reason="flashing")["expectedAbsence"]["reason"] == "flashing"
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    assert (shown(rig)["status"], shown(rig)["reason"]) == ("offline", "rebooting")
    assert "flashing" in rig.command("devices", "show", "A").stdout
    phone = rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    assert "expectedAbsence" not in shown(rig)
    # It has ended: the next removal is one.
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "online", "unplugged"]


def test_a_flash_through_fastboot_is_offline_once(rig):
    phone = settled(rig)
    expect(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    phone = rig.testbed.plug("fastboot", serial="A")
    wait_for(lambda: shown(rig).get("reason") == "bootloader", 10, "the bootloader to be seen")
    rig.testbed.unplug(phone)
    wait_for(lambda: shown(rig).get("reason") == "rebooting", 10, "the phone to be away again")
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "online"]


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_it_outlives_a_restart_in_the_middle(rig, end):
    phone = settled(rig)
    before = expect(rig, seconds=900, reason="flashing")["expectedAbsence"]
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    getattr(rig.agent, end)()
    rig.start()
    assert (shown(rig)["status"], shown(rig)["expectedAbsence"]) == ("offline", before)
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online", count=2)
    assert "expectedAbsence" not in shown(rig)
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "online"]


@contextlib.contextmanager
def database(rig):
    with contextlib.closing(sqlite3.connect(f"{rig.state}/plughook.sqlite3", isolation_level=None)) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_what_is_answered_is_on_disk(rig):
    settled(rig)
    with database(rig) as ask:
        for n in range(20):
            expect(rig, reason=f"{n}")
            assert ask("SELECT absence_reason FROM device") == [(f"{n}",)]
            assert ask("SELECT count(*) FROM audit") == [(n + 1,)]
        rig.api.do("DELETE", "/v1/devices/A/expect-absence")
        assert ask("SELECT absence_until FROM device") == [(None,)]


def test_what_the_disk_does_not_take_is_said_and_kept(rig):
    settled(rig)
    with database(rig) as ask:
        wait_for(lambda: not ask("SELECT 1 FROM callback WHERE settled_at IS NULL"), 10, "all to be on disk")
        ask("BEGIN EXCLUSIVE")
        problem = rig.api.do("POST", "/v1/devices/A/expect-absence", {"reason": "flashing"}, expect=503)
        assert "not on disk" in problem["detail"]
        assert shown(rig)["expectedAbsence"]["reason"] == "flashing"
        ask("ROLLBACK")
        wait_for(lambda: ask("SELECT absence_reason FROM device") == [("flashing",)], 30, "the disk to take it")


def test_a_reboot_while_the_agent_was_down_is_seen_when_it_is_back(rig):
    phone = settled(rig)
    expect(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    assert rig.agent.terminate() == 0
    rig.testbed.plug(serial="A")
    rig.start()
    rig.receiver.wait_for_callback("A", "online", count=2)
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "online"]


def test_a_phone_that_stays_away_is_unplugged_when_the_time_is_up(rig):
    phone = settled(rig)
    expect(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    # Replaced only now: however slow the machine, the time was not up before.
    expect(rig, seconds=1)
    rig.receiver.wait_for_callback("A", "unplugged")
    assert "expectedAbsence" not in shown(rig)
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "unplugged"]


def test_time_that_is_up_while_the_agent_is_down_acts_at_the_start(rig):
    phone = settled(rig)
    expect(rig)
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    rig.agent.kill()
    with contextlib.closing(sqlite3.connect(f"{rig.state}/plughook.sqlite3")) as database:
        # As long ago as can be: nobody has to wait for it.
        assert database.execute("UPDATE device SET absence_until = 0 WHERE udid = 'A'").rowcount == 1
        database.commit()
    rig.start()
    rig.receiver.wait_for_callback("A", "unplugged")
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "unplugged"]


def test_the_command_announces_and_cancels(rig):
    phone = settled(rig)
    done = rig.command("expect-absence", "A", "--for", "10m", "--reason", "flashing")
    assert done.returncode == 0 and "may be away until" in done.stdout and "(flashing)" in done.stdout, done
    replaced = rig.command("expect-absence", "A", "--for", "90s", "--json")
    assert "reason" not in json.loads(replaced.stdout)["expectedAbsence"]
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "offline")
    cancelled = rig.command("expect-absence", "A", "--cancel")
    assert cancelled.returncode == 0 and "is not expected to be away; it is unplugged" in cancelled.stdout, cancelled
    rig.receiver.wait_for_callback("A", "unplugged")
    # Nothing is expected any more, and that is fine.
    assert rig.command("expect-absence", "A", "--cancel").returncode == 0
    entries = rig.api.get("/v1/audit")["entries"][::-1]
    assert [(e["action"], e["subject"]) for e in entries] == [
        ("device.expectAbsence", "device A")] * 2 + [("device.cancelAbsence", "device A")]
    assert entries[0]["after"].endswith(": flashing") and entries[1]["before"] == entries[0]["after"]
    assert entries[2]["before"] == entries[1]["after"] and entries[2]["after"] == ""
    rig.prove_quiet()
    assert told(rig) == ["online", "offline", "unplugged"]


def test_cancelled_while_it_is_there_nothing_is_told(rig):
    phone = settled(rig)
    expect(rig)
    assert "expectedAbsence" not in rig.api.do("DELETE", "/v1/devices/A/expect-absence")
    rig.testbed.unplug(phone)
    rig.receiver.wait_for_callback("A", "unplugged")
    rig.prove_quiet()
    assert told(rig) == ["online", "unplugged"]


def test_what_is_wrong_is_refused_and_changes_nothing(rig):
    settled(rig)
    for body, word in [({"seconds": 0}, "1 to 900"), ({"seconds": 901}, "1 to 900"), ({"seconds": "10"}, "whole number"),
                       ({"reason": "x" * 201}, "200"), ({"reason": "\u202e"}, "visible"), ({"reason": "\n"}, "control"),
                       ({"minutes": 1}, "seconds, reason"), ([], "object")]:
        problem = rig.api.do("POST", "/v1/devices/A/expect-absence", body, expect=422)
        assert word in json.dumps(problem["faults"]), (body, problem)
    assert "A" in rig.api.do("POST", "/v1/devices/B/expect-absence", {}, expect=404)["detail"]
    assert "A" in rig.api.do("DELETE", "/v1/devices/B/expect-absence", expect=404)["detail"]
    for arguments in ("A --for 16m", "A --for 0s", "A --for 1h", "A --for x", "A --cancel --for 1m"):
        assert rig.command("expect-absence", *arguments.split()).returncode == EX_USAGE, arguments
    assert rig.command("expect-absence", "B").returncode == EX_NOINPUT
    assert "expectedAbsence" not in shown(rig) and rig.api.get("/v1/audit")["entries"] == []


def test_an_iphone_is_found_by_either_spelling(rig):
    rig.start()
    rig.testbed.plug("iphone", serial="00008110001A2B3C4D5E6F70")
    rig.receiver.wait_for_callback("00008110-001A2B3C4D5E6F70", "online")
    assert expect(rig, "00008110001a2b3c4d5e6f70")["udid"] == "00008110-001A2B3C4D5E6F70"
    assert "expectedAbsence" in shown(rig, "00008110-001A2B3C4D5E6F70")
