"""Real users on a real kernel ask the agent, which runs as a user of its own: who they are decides what they may do."""
import json

import pytest

EX_NOPERM = 77
#: name, number, supplementary groups
USERS = [("plughook", 990, []), ("stranger", 1101, ["audio"]), ("viewer", 1102, ["audio", "plughook-view"]),
         ("admin", 1103, ["plughook-admin"])]
GROUPS = {"plughook-view": 991, "plughook-admin": 992}


@pytest.fixture
def lab(host, guest):
    """An agent that runs as the user `plughook`, in a directory where it may write, and the users beside it."""
    lines = [f"grep -q ^{name}: /etc/group || echo {name}:x:{number}: >>/etc/group" for name, number in GROUPS.items()]
    for name, number, groups in USERS:
        lines.append(f"grep -q ^{name}: /etc/passwd || {{ echo {name}:x:{number}:{number}::/:/bin/sh >>/etc/passwd; "
                     f"echo {name}:x:{number}: >>/etc/group; }}")
        lines += [f"sed -i -E '/^{group}:/{{/[:,]{name}(,|$)/!s/$/,{name}/;s/:,/:/}}' /etc/group" for group in groups]
    guest.run("\n".join(lines))
    host.user = "plughook"
    host.configure(control={"socket": f"/run/{host.name}/control.sock"})
    host.config = f"/run/{host.name}/config.json"
    guest.run(f"mkdir -p -m 755 /run/{host.name} && cp /host/{host.name}.json {host.config} && "
              f"chmod 640 {host.config} && chown -R plughook:plughook /run/{host.name}")
    host.start()
    return host


def ask(guest, lab, user, command):
    """Runs a command of plughook as a user with all his groups; its status and what it printed."""
    become = f"setpriv --reuid={user} --regid={user} --init-groups " if user != "root" else ""
    output = guest.run(f"{become}/run/plughook {command} --socket /run/{lab.name}/control.sock 2>&1; echo status $?")
    text, _, status = output.rpartition("status ")
    return int(status), text


def test_who_asks_decides_what_is_allowed(lab, guest):
    guest.phone("plug", "pixel", "--serial", "SEEN", "--wait", "60")
    lab.wait_until_told("SEEN", "online")
    create = "webhooks create --name {0} --url http://127.0.0.1:9/{0} --events online"

    for user in ("stranger", "plughook"):  # nobody, and the service itself
        for command in ("devices", "events", "status", "webhooks list", "audit", create.format("no")):
            status, text = ask(guest, lab, user, command)
            assert status == EX_NOPERM, (user, command, text)
            assert "plughook-view" in text or "plughook-admin" in text, (user, command, text)

    for command in ("devices", "events", "status", "webhooks list", "deliveries list"):
        status, text = ask(guest, lab, "viewer", command)
        assert status == 0, (command, text)
    assert "SEEN" in ask(guest, lab, "viewer", "devices")[1]
    for command in (create.format("no"), "webhooks suspend 1", "webhooks delete 1 --yes", "webhooks test 1", "audit",
                    "reload", "devices forget SEEN"):
        status, text = ask(guest, lab, "viewer", command)
        assert status == EX_NOPERM and "plughook-admin" in text, (command, text)

    for user in ("admin", "root"):
        for command in (create.format(user), f"webhooks suspend {user}", f"webhooks resume {user}",
                        f"webhooks edit {user} --events offline", f"webhooks delete {user} --yes", "reload", "audit"):
            status, text = ask(guest, lab, user, command)
            assert status == 0, (user, command, text)
    trail = json.loads(ask(guest, lab, "root", "audit --json")[1])["entries"]
    assert {entry["actor"] for entry in trail} == {"uid 1103 (admin)", "uid 0 (root)"}
