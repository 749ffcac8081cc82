"""A disk that takes nothing any more: the agent watches on, says so, and writes all when there is room again."""
import os
import subprocess

import pytest

from patience import wait_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def small_disk(rig):
    """Under the agent's state, with 3 MB: fill() takes what is left of it, and free() gives it back."""
    os.makedirs(rig.state, mode=0o700, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700,size=3m", "none", rig.state], check=True)
    filler = os.path.join(rig.state, "filler")

    class Disk:
        def fill(self):
            with open(filler, "wb", buffering=0) as f:
                size = 65536
                while size:
                    try:
                        f.write(b"x" * size)
                    except OSError:
                        size //= 2

        def free(self):
            os.unlink(filler)

    yield Disk()
    for agent in rig.runs:
        agent.kill()
    subprocess.run(["umount", "--lazy", rig.state], check=True)


def test_a_full_disk_degrades_the_agent_and_loses_nothing(rig, small_disk):
    rig.start()
    rig.testbed.plug(serial="BEFORE")
    rig.receiver.wait_for_callback("BEFORE", "online")
    wait_for(lambda: rig.api.get("/v1/deliveries?state=delivered")["deliveries"], 10, "the outcome on record")
    small_disk.fill()
    phones = []
    # The log's pages that are there already take some more.
    for count in range(400):
        phones.append(rig.testbed.plug(serial=f"A{count}"))
        if any("the disk refuses" in problem for problem in rig.api.status()["problems"]):
            break
        rig.testbed.unplug(phones.pop())
        wait_for(lambda: rig.api.get("/v1/devices") is not None, 5, "an answer")
    wait_for(lambda: any("no room to write" in p for p in rig.api.status()["problems"]), 20, "the disk to refuse")
    assert rig.api.call("GET", "/readyz").status == 503
    assert rig.api.metrics()["plughook_disk_refuses"] == 1
    # Watching goes on, and nothing leaves that is not on disk.
    rig.testbed.plug(serial="LATE")
    wait_for(lambda: any(d["udid"] == "LATE" and d.get("status") == "online"
                         for d in rig.api.get("/v1/devices")["devices"]), 10, "the phone to be seen")
    assert not [r for r in rig.receiver.requests if r.what[0] == "LATE"]
    assert rig.agent.is_running
    small_disk.free()
    rig.receiver.wait_for_callback("LATE", "online", seconds=30)
    rig.receiver.wait_for_callback(phones[-1].spec["serial"], "online", seconds=30)
    wait_for(lambda: rig.api.call("GET", "/readyz").status == 200, 10, "it to be ready again")
    assert rig.api.status()["problems"] == []
    for lane, requests in rig.receiver.lanes().items():
        assert [r.sequence for r in requests] == list(range(1, len(requests) + 1)), lane
    numbers = [e["number"] for e in rig.api.get("/v1/events?after=0&limit=1000")["events"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_agent_starts_on_a_full_disk_says_why_not_and_starts_when_there_is_room(rig, small_disk):
    small_disk.fill()
    agent = rig.launch()
    assert agent.wait(20) == 74, agent.log
    assert "no room to write" in agent.log and "free space on its disk" in agent.log
    small_disk.free()
    rig.start()
    rig.testbed.plug(serial="A")
    rig.receiver.wait_for_callback("A", "online")
