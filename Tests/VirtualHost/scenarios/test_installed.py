"""The package on a clean host: one command, and it watches; also after a reboot."""
import json

from guest import wait_for


def test_one_command_and_it_watches(clean):
    host = clean
    before = host.run("getent passwd plughook; ls /etc/plughook /var/lib/plughook /run/plughook 2>/dev/null; true")
    assert before == "", "the host must be clean of it"
    host.install(host.package)
    host.wait_until_active()
    assert host.run("systemctl is-enabled plughook").strip() == "enabled"
    assert host.run("id -nG plughook").split() == ["plughook"]
    assert host.run("stat -c '%A %U:%G' /etc/plughook/config.json").strip() == "-rw-r----- plughook:plughook"
    host.configure()
    host.run("systemctl reload plughook")
    host.plug("FIRST")
    host.wait_until_told("FIRST", "online")
    wait_for(lambda: 'Status: "online 1, offline 0,' in host.run("systemctl status plughook --no-pager"), 30, "its counts")
    host.pull("FIRST")
    host.wait_until_told("FIRST", "unplugged")
    host.prove_quiet()
    assert host.told() == [("FIRST", "online"), ("FIRST", "unplugged")]


def test_a_reboot_tells_of_phones_that_went_and_of_no_other(service):
    host = service
    host.plug("STAYS", "GOES")
    for serial in ("STAYS", "GOES"):
        host.wait_until_told(serial, "online")
    before = len(host.told())
    host.machine.reboot(lambda: host.pull("GOES"))
    host.wait_until_active()
    host.wait_until_told("GOES", "unplugged", seconds=120)
    host.prove_quiet()
    assert host.told()[before:] == [("GOES", "unplugged")]
    assert json.loads(host.run("plughook devices show STAYS --json"))["status"] == "online"
