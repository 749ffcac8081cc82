"""The disk with the state becomes read-only under the agent: it goes on to watch, says so, and goes on from there."""
import json, os, subprocess

import pytest

from guest import wait_for


@pytest.fixture
def disk(host, guest):
    """A disk of its own for the state, on USB."""
    image = os.path.join(guest.share, f"{host.name}.img")
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", image, "32M"], check=True)
    before = set(guest.run("ls /sys/block").split())
    guest.machine.qmp("blockdev-add", {"driver": "file", "node-name": "state-disk", "filename": image})
    guest.machine.add_usb("state", "usb-storage", drive="state-disk", port="14")
    (name,) = wait_for(lambda: set(guest.run("ls /sys/block").split()) - before, 60, "the disk to be there")
    wait_for(lambda: guest.run(f"test -b /dev/{name} && cat /sys/block/{name}/size").strip() not in ("", "0"), 60, "its size")
    mount = f"mount -t ext4 -o errors=remount-ro /dev/{name} {host.state}"
    guest.run(f"mkdir -p {host.state} && {mount} && chmod 700 {host.state}")
    yield name, mount
    host.kill()
    guest.run(f"umount {host.state}", check=False)
    guest.machine.remove_usb("state")
    wait_for(lambda: name not in guest.run("ls /sys/block").split(), 60, "the disk to be gone")
    # The guest has seen it go before the emulator has let go of its image.
    wait_for(lambda: is_image_free(guest.machine), 60, "the image to be free")


def is_image_free(machine):
    try:
        machine.qmp("blockdev-del", {"node-name": "state-disk"})
    except ValueError as error:
        if "in use" not in str(error):
            raise
        return False
    return True


def status(host, guest):
    return json.loads(guest.run(f"/run/plughook status --json --config {host.config}", check=False))


def test_a_disk_that_becomes_read_only_is_told_and_nothing_is_lost_by_it(host, guest, disk):
    name, mount = disk
    host.configure(control={"socket": "/run/failing-disk.sock"}).start()
    guest.phone("plug", "pixel", "--serial", "BEFORE", "--wait", "60")
    host.wait_until_told("BEFORE", "online")
    # What the receiver has accepted is told again if that is not on disk.
    wait_for(lambda: status(host, guest)["inFlight"] == 0, 60, "the acceptance to be recorded")
    # As the kernel does when it finds the file system broken.
    guest.run(f"echo 1 > /sys/fs/ext4/{name}/trigger_fs_error")
    guest.phone("plug", "pixel", "--serial", "DURING", "--wait", "60")
    host.wait_for_log("event=store.refused")
    now = status(host, guest)
    assert now["phase"] == "degraded" and any("the disk refuses" in p for p in now["problems"]), now
    # What is not on disk is not told, and what is there is seen.
    assert json.loads(guest.run(f"/run/plughook devices show DURING --json --config {host.config}"))["status"] == "online"
    assert host.told() == [("BEFORE", "online")]
    guest.phone("unplug", "BEFORE")
    host.signal("TERM")
    wait_for(host.exit_status, 60, "the agent to end after SIGTERM")
    guest.run(f"umount {host.state} && {mount}")
    host.start()
    host.wait_until_told("BEFORE", "unplugged")
    host.wait_until_told("DURING", "online")
    host.stop()
    assert sorted(host.told()[1:]) == [("BEFORE", "unplugged"), ("DURING", "online")]
