"""The agent is stopped and started again while phones stay, come and go."""


def test_a_phone_pulled_while_the_agent_is_stopped_is_told_at_the_next_start_once(host, guest):
    host.start()
    for serial in ("GONE", "STAYED"):
        guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")
        host.wait_until_told(serial, "online")
    host.stop()
    guest.phone("unplug", "GONE")
    guest.phone("plug", "pixel", "--serial", "CAME", "--wait", "60")
    host.start()
    host.wait_until_told("GONE", "unplugged")
    host.wait_until_told("CAME", "online")
    host.stop()
    host.start()
    host.prove_quiet()
    assert sorted(host.told()[2:]) == [("CAME", "online"), ("GONE", "unplugged")]


def test_a_plain_restart_tells_nothing_twice(host, guest):
    host.start()
    for serial in ("A1", "A2", "A3"):
        guest.phone("plug", "pixel", "--serial", serial, "--wait", "60")
        host.wait_until_told(serial, "online")
    for _ in range(2):
        host.stop()
        host.start()
    host.prove_quiet()
    assert host.told() == [("A1", "online"), ("A2", "online"), ("A3", "online")]
