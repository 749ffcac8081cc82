"""Upgrade, downgrade and removal: what is on record and what was told stay in step, and at the end nothing is left."""
import re, threading

from guest import wait_for
from installed import Answer
from ledger import check

#: Newer after a purge, and not of the package's making: what dpkg, apt, systemd and the accounts' tools keep of anything, what
#: usbmuxd wrote when it saw a phone, and what the virtual host does.
NOT_OURS = (r"/var/lib/(dpkg|apt|systemd|lockdown)/|/var/(log|cache)/|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/\.pwd\.lock$"
            r"|/etc/resolv\.conf$|/root/stamp$")
#: What a newer version of the agent would leave in its database.
MARK = "INSERT INTO grdb_migrations VALUES ('of tomorrow')"
UNMARK = "DELETE FROM grdb_migrations WHERE identifier = 'of tomorrow'"


def sqlite(host, statement):
    host.run(f'python3 -c "import sqlite3; d = sqlite3.connect(\'/var/lib/plughook/plughook.sqlite3\'); '
             f'd.execute(\\"{statement}\\"); d.commit(); d.close()" && chown plughook: /var/lib/plughook/*')


def test_remove_keeps_the_state_and_purge_leaves_nothing(service):
    host = service
    host.plug("KEPT")
    host.wait_until_told("KEPT", "online")
    host.wait_until_all_is_sent()
    host.run("apt-get remove -y plughook 2>&1", timeout=300)
    assert host.run("pidof plughook; ls /usr/bin/plughook /usr/lib/systemd/system/plughook.service 2>/dev/null; true") == ""
    assert host.run("ls /var/lib/plughook /etc/plughook").split()[1:] != []
    host.pull("KEPT")
    host.install(host.package)
    host.wait_until_active()
    host.wait_until_told("KEPT", "unplugged")
    host.prove_quiet()
    assert host.told() == [("KEPT", "online"), ("KEPT", "unplugged")]
    host.purge()
    newer = host.run("find / -xdev ! -type d \\( -newer /root/stamp -o -cnewer /root/stamp \\)").splitlines()
    assert [path for path in newer if not re.match(NOT_OURS, path)] == []
    assert host.run("find / -xdev -name '*plughook*' ! -path '/host/*'") == ""
    # Backups end in a dash.
    assert host.run("grep -rl --exclude='*-' plughook /etc || true") == ""
    assert host.run("systemctl cat plughook 2>/dev/null || true; ls /run/plughook 2>/dev/null || true") == ""


class Traffic(threading.Thread):
    """Phones that come and go until it is told to end."""

    def __init__(self, host, serials):
        super().__init__()
        self.host, self.serials = host, serials
        self.there, self.ending, self.fault = set(), threading.Event(), None

    def run(self):
        try:
            while not self.ending.is_set():
                for serial in self.serials:
                    (self.host.pull if serial in self.there else self.host.plug)(serial)
                    self.there ^= {serial}
        except BaseException as fault:  # told by whoever waits for the end
            self.fault = fault

    def end(self):
        self.ending.set()
        self.join()
        if self.fault:
            raise self.fault


def test_an_upgrade_under_traffic_loses_and_repeats_nothing(clean, previous_package):
    host = clean
    host.install(previous_package)
    before = host.version()
    # One receiver is well, and what is for the other one waits until all is over.
    host.begin(webhooks=[host.webhook(1, "well"), host.webhook(2, "away")], detection={"unplugSettleMs": 200})
    host.receiver.decide = lambda request: Answer() if request.path == "/well" else Answer(503)
    traffic = Traffic(host, [f"UP{n}" for n in range(4)])
    traffic.start()
    try:
        wait_for(lambda: len(host.told()) > 10, 120, "traffic")
        host.install(host.package)
        assert host.version() == host.package_version != before
        host.wait_until_active()
        count = len(host.told())
        wait_for(lambda: len(host.told()) > count + 10, 120, "traffic")
    finally:
        traffic.end()
    for serial in traffic.serials:
        last = serial, "online" if serial in traffic.there else "unplugged"
        wait_for(lambda: host.told(serial)[-1:] == [last], 120, lambda: f"{last}, the last of {host.told(serial)}")
    assert host.status()["waiting"] > 10
    host.receiver.decide = lambda request: Answer()
    host.run("plughook webhooks resume away")
    host.prove_quiet()
    assert check(host.database(), host.receiver.requests, webhooks=2) == 0


def test_a_downgrade_is_refused_by_a_newer_state_with_the_way_back(service, previous_package):
    host = service
    host.plug("BEFORE")
    host.wait_until_told("BEFORE", "online")
    host.wait_until_all_is_sent()
    host.run("systemctl stop plughook")
    sqlite(host, MARK)
    before = host.run("sha256sum /var/lib/plughook/plughook.*")
    host.install(previous_package, "--allow-downgrades")
    wait_for(lambda: host.show("ActiveState")["ActiveState"] == "failed", 120, host.journal)
    unit = host.show("NRestarts", "ExecMainStatus")
    assert unit == {"NRestarts": "0", "ExecMainStatus": "65"}, "it does not try again and again"
    assert re.search("written by a newer Plughook; it was left as it is: run that version, or start with --move-state-aside",
                     host.run("systemctl status plughook --no-pager --lines 20 --full; true"))
    assert host.run("sha256sum /var/lib/plughook/plughook.*") == before
    # The version that has written it goes on where it was.
    host.pull("BEFORE")
    sqlite(host, UNMARK)
    host.install(host.package)
    host.wait_until_active()
    host.wait_until_told("BEFORE", "unplugged")
    host.prove_quiet()
    assert host.told() == [("BEFORE", "online"), ("BEFORE", "unplugged")]
