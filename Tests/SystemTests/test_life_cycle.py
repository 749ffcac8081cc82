"""Start, stop, restart, and what systemd is told."""
import os

import pytest

from patience import wait_for

EX_TEMPFAIL = 75


def test_SIGTERM_ends_it_with_0_within_5_seconds(rig):
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    assert rig.agent.terminate(seconds=5) == 0


def test_a_plain_restart_tells_nothing_again(rig):
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
    assert rig.agent.terminate() == 0
    rig.start()
    rig.prove_quiet()
    assert rig.told() == [("/all", "A", "online")]


def test_what_changed_while_nobody_watched_is_told_at_the_start_once(rig):
    rig.start()
    gone = rig.testbed.plug(serial="GONE")
    rig.testbed.plug(serial="STAYED")
    for serial in ("GONE", "STAYED"):
        rig.receiver.wait_for_callback(serial, "online")
    assert rig.agent.terminate() == 0
    rig.testbed.forget_monitors()
    rig.testbed.unplug(gone)
    rig.testbed.plug(serial="CAME")
    rig.start()
    rig.receiver.wait_for_callback("GONE", "unplugged")
    rig.receiver.wait_for_callback("CAME", "online")
    rig.prove_quiet()
    assert sorted(rig.told()[2:]) == [("/all", "CAME", "online"), ("/all", "GONE", "unplugged")]


def test_callbacks_that_waited_at_the_stop_are_sent_after_the_start(rig):
    rig.start()
    rig.receiver.stop()
    phone = rig.testbed.plug(serial="A")
    rig.wait_until_recorded("A", "online")
    rig.testbed.unplug(phone)
    rig.wait_until_recorded("A", "unplugged")
    rig.agent.wait_for_log("outcome=connect")  # it has tried, and was refused
    assert rig.agent.terminate() == 0
    rig.receiver.start()
    rig.start()
    rig.receiver.wait_for_callback("A", "unplugged", seconds=60)
    assert [event for _, _, event in rig.told()] == ["online", "unplugged"]


def test_a_second_agent_on_the_same_state_is_refused(rig, make_rig):
    rig.start()
    other = make_rig()
    other.state = rig.state
    other.configure()
    second = other.launch()
    assert second.wait() == EX_TEMPFAIL
    assert rig.state in second.log
    assert "READY" not in [key for _, fields in second.notify.messages for key in fields]
    assert rig.agent.is_running


def test_ready_is_told_after_the_first_snapshot_is_committed(rig):
    rig.testbed.plug(serial="A")
    rig.start()
    assert rig.events(), "READY=1 came before the commit of what was there at the start"
    assert rig.agent.notify.said("READY") == ["1"]
    rig.receiver.wait_for_callback("A", "online")
    wait_for(lambda: rig.agent.notify.said("STATUS"), 10, "a STATUS= line for systemctl status")


def test_the_watchdog_is_fed_when_systemd_asks_for_it(rig):
    rig.start(WATCHDOG_USEC=str(400_000))
    wait_for(lambda: len(rig.agent.notify.said("WATCHDOG")) >= 5, 10, "WATCHDOG=1 at least every half of WATCHDOG_USEC")
    times = [ns for ns, fields in list(rig.agent.notify.messages) if "WATCHDOG" in fields]
    assert len(times) >= 5


def test_a_state_file_that_is_no_database_stops_the_start_and_is_left_as_it_is(rig):
    path = os.path.join(rig.state, "plughook.sqlite3")
    with open(path, "w") as f:
        f.write("somebody's notes\n" * 1000)
    agent = rig.launch()
    assert agent.wait() == os.EX_DATAERR
    agent.wait_for_log("--move-state-aside")
    with open(path) as f:
        assert f.read() == "somebody's notes\n" * 1000


def test_without_a_watchdog_none_is_fed(rig):
    rig.start()
    rig.prove_quiet()
    assert rig.agent.notify.said("WATCHDOG") == []


@pytest.mark.parametrize("hotplug", ["auto", "udev", "libusb"])
def test_a_host_without_any_USB_bus_is_a_host_without_phones(make_rig, hotplug):
    rig = make_rig(has_usb=False).configure(detection={"hotplug": hotplug})
    rig.start()
    assert rig.agent.terminate() == 0
    assert rig.receiver.requests == []
