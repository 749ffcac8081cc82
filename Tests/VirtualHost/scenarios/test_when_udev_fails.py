"""No udevd, and more news than the socket holds."""
import re

import pytest

NOBODY = 65534


@pytest.fixture
def without_udevd(guest):
    guest.run("pkill -KILL -x systemd-udevd; rm -f /run/udev/control")
    yield
    guest.run("pkill -KILL -x systemd-udevd; /lib/systemd/systemd-udevd --daemon; udevadm control --ping --timeout=60")


def test_without_udevd_plugs_and_pulls_are_still_told(host, guest, without_udevd):
    host.start()
    source = re.search(r"event=hotplug\.source\b.*", host.log())
    assert source and "kernel" in source[0], "the log must say which source is in force"
    guest.phone("plug", "pixel", "--serial", "BARE1", "--wait", "60")
    host.wait_until_told("BARE1", "online")
    guest.phone("unplug", "BARE1")
    host.wait_until_told("BARE1", "unplugged")
    host.prove_quiet()
    assert host.told() == [("BARE1", "online"), ("BARE1", "unplugged")]


def test_an_unprivileged_agent_stalled_in_a_storm_overflows_and_still_tells_everything(host, guest):
    # Without CAP_NET_ADMIN its socket holds about 184 events; 100 phones make 300 for each of its monitors that does
    # not filter in the kernel, and their udev messages are large.
    host.user = NOBODY
    host.start()
    guest.phone("plug", "pixel", "--count", "20", "--serial", "BEFORE{n:02d}", "--wait", "120")
    host.wait_until_told_count(20)
    host.signal("STOP")
    # Storms until the kernel says that it had to drop something: none that is lost is lost by chance.
    for storm in range(1, 6):
        guest.phone("plug", "pixel", "--count", "100", "--serial", f"STORM{storm}-{{n:03d}}", "--wait", "150")
        guest.run("udevadm settle --timeout=120")
        if dropped(guest, host):
            break
        guest.phone("unplug", *[f"STORM{storm}-{n:03d}" for n in range(1, 101)])
        guest.run("udevadm settle --timeout=120")
    else:
        pytest.fail("the agent's socket held five storms: nothing overflowed")
    guest.phone("unplug", *[f"BEFORE{n:02d}" for n in range(1, 11)])
    guest.run("udevadm settle --timeout=120")
    host.signal("CONT")
    host.wait_for_log(r"event=hotplug\.overflow")
    there = {f"STORM{storm}-{n:03d}" for n in range(1, 101)}
    host.wait_until_told_count(20 + 100 + 10)
    host.prove_quiet()
    # Phones of earlier storms were never looked at: they came and went while it slept.
    assert sorted(host.told()[20:]) == sorted([(s, "online") for s in there]
                                              + [(f"BEFORE{n:02d}", "unplugged") for n in range(1, 11)])


def dropped(guest, host):
    """Messages that the kernel has dropped on the agent's netlink sockets (/proc/net/netlink, last but one column)."""
    pid = guest.read(f"{host.name}.pid").strip()
    return int(guest.run(
        f"for l in $(ls -l /proc/{pid}/fd | sed -n 's/.*socket:.\\([0-9]*\\).*/\\1/p'); do "
        "awk -v inode=$l '$10 == inode { print $9 }' /proc/net/netlink; done | awk '{ n += $1 } END { print n + 0 }'"))
