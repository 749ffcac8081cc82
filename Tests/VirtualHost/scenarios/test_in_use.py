"""Who has which phone: on a real kernel, with Debian's adb server to say whether it can be used."""
import json, time

from guest import wait_for


def plughook(host, guest, command, **options):
    return guest.run(f"/run/plughook {command} --config {host.config}", **options)


def start(host, guest, udid, *options):
    return json.loads(plughook(host, guest, f"sessions start --device {udid} --json {' '.join(options)}"))


def shown(host, guest, session):
    return json.loads(plughook(host, guest, f"sessions show {session['id']} --json"))


def ended(host, guest, session, reason, seconds=60):
    wait_for(lambda: shown(host, guest, session).get("endReason") == reason, seconds, f"its end, {reason}")


def online(host, guest, serial):
    guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")
    host.wait_until_told(serial, "online", seconds=90)


def test_a_session_is_told_and_its_end_is_not(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    online(host, guest, "USED")
    session = start(host, guest, "USED", "--owner nightly")
    host.wait_until_told("USED", "utilizing")
    plughook(host, guest, f"sessions end {session['id']}")
    ended(host, guest, session, "released")
    host.prove_quiet()
    assert host.told() == [("USED", "online"), ("USED", "utilizing")]


def test_a_phone_in_use_that_refuses_this_host_is_offline_and_in_use_again_after(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    online(host, guest, "REVOKED")
    session = start(host, guest, "REVOKED")
    host.wait_until_told("REVOKED", "utilizing")
    guest.phone("set", "REVOKED", "--adb", "unauthorized")
    host.wait_until_told("REVOKED", "offline", seconds=120)
    assert "endReason" not in shown(host, guest, session)
    guest.phone("set", "REVOKED", "--adb", "device")
    host.wait_until_told("REVOKED", "utilizing", count=2, seconds=120)
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "utilizing", "offline", "utilizing"]


def test_a_pull_ends_what_stood_and_is_told_once(host, guest, adb):
    host.start()
    host.wait_for_log("event=sensor.found")
    online(host, guest, "TAKEN")
    sessions = [start(host, guest, "TAKEN"), start(host, guest, "TAKEN", "--kind cleanup")]
    host.wait_until_told("TAKEN", "utilizing")
    guest.phone("unplug", "TAKEN")
    host.wait_until_told("TAKEN", "unplugged")
    for session in sessions:
        ended(host, guest, session, "deviceUnplugged")
    guest.phone("plug", "pixel", "--serial", "TAKEN", "--wait", "60")
    host.wait_until_told("TAKEN", "online", count=2, seconds=90)
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "utilizing", "unplugged", "online"]


def test_a_killed_command_and_a_killed_agent_leave_nothing_taken(host, guest):
    host.configure(health={"adb": {"mode": "off"}}).start()
    online(host, guest, "KILLED")
    run = f"/run/plughook sessions run --any --platform android --config {host.config} -- sleep 1000"
    guest.background("command", run)
    host.wait_until_told("KILLED", "utilizing")
    session, = json.loads(plughook(host, guest, "sessions list --json"))["sessions"]
    assert str(session["pid"]) == guest.read("command.pid").strip()
    host.kill()
    host.start()
    assert [s["id"] for s in json.loads(plughook(host, guest, "sessions list --json"))["sessions"]] == [session["id"]]
    host.kill()
    guest.run(f"kill -KILL {session['pid']}")
    host.start()
    ended(host, guest, session, "processExited")
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "utilizing"]


def test_a_wall_clock_that_jumps_changes_no_deadline(host, guest):
    """A day ahead, two back: each way the lease without heartbeats ends in its time, and the other stands."""
    host.configure(health={"adb": {"mode": "off"}}).start()
    online(host, guest, "TIMED")
    kept = start(host, guest, "TIMED", "--ttl 1h")
    host.wait_until_told("TIMED", "utilizing")
    try:
        for jump in ("+1 day", "-2 days"):
            began = time.monotonic()
            brief = start(host, guest, "TIMED", "--ttl 8s")
            guest.run(f"date -s '{jump}' >/dev/null")
            if jump.startswith("-"):
                host.kill()
                host.start()
            ended(host, guest, brief, "expired", seconds=120)
            assert time.monotonic() - began > 7.9, "not before its time"
            assert "endReason" not in shown(host, guest, kept)
    finally:
        guest.run(f"date -s @{int(time.time())} >/dev/null")
    plughook(host, guest, f"sessions heartbeat {kept['id']}")
    host.prove_quiet()
    assert [event for _, event in host.told()] == ["online", "utilizing"]
