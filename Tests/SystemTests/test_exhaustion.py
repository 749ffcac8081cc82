"""An agent that has no file descriptor left."""
import os
import resource
import time


def agent_pid(rig):
    """The agent's own, below the wrapper that makes its devices up."""
    return rig.api.status()["pid"]


def descriptors(pid):
    return {int(name) for name in os.listdir(f"/proc/{pid}/fd")}


def test_no_descriptor_is_left_and_nothing_is_lost(rig):
    """Connections to receivers, sysfs files, clients of the API: all want one, and none can be had for a while."""
    rig.start()
    first = rig.testbed.plug(serial="FIRST")
    rig.receiver.wait_for_callback("FIRST", "online")
    pid = agent_pid(rig)
    _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    # From now on the lowest number that is free is above the limit: each descriptor that would be new is refused.
    lowest = next(n for n in range(10_000) if n not in descriptors(pid))
    rig.receiver.stop()  # the connection that was there is gone
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest, most))
    # That a phone is gone is told without opening anything; that one is there is not.
    rig.testbed.unplug(first)
    rig.wait_until_recorded("FIRST", "unplugged")
    phones = [rig.testbed.plug(serial=f"S{n}") for n in range(5)]
    rig.agent.wait_for_log("event=callback.failed", 30)
    assert rig.agent.is_running
    # The API takes nobody in, and neither ends nor spins.
    spent = cpu(pid)
    time.sleep(2)
    assert cpu(pid) - spent < 1, "it spins"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
    rig.receiver.start()
    for phone in phones:
        rig.receiver.wait_for_callback(phone.spec["serial"], "online", seconds=90)
    assert rig.api.status()["phase"] == "ready"
    rig.receiver.wait_for_callback("FIRST", "unplugged", seconds=90)
    assert len(rig.receiver.accepted()) == 7
    assert rig.agent.terminate() == 0


def cpu(pid):
    """Seconds of CPU time that it has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
