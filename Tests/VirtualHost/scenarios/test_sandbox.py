"""The unit's sandbox is real: what the agent has no business with fails inside of it, and succeeds outside."""
import json, shlex

#: The agent's, which it shares with nobody, and what nobody else sees.
OWN = {"/var/lib/plughook", "/etc/plughook", "/run/plughook"}
PRIVATE = {"/tmp", "/var/tmp", "/dev/mqueue"}
#: Made for everybody by its mode: it is the sandbox alone that stands before it.
OPEN = ["/srv/open", "/etc/open", "/usr/open", "/opt/open", "/var/lib/open", "/run/open"]
PREPARE = f"""
mkdir -p /home/lab && echo secret >/home/lab/file && chmod 755 /home/lab && chmod 644 /home/lab/file
echo secret >/root/file && chmod 755 /root && chmod 644 /root/file
mkdir {" ".join(OPEN)} && chmod 777 {" ".join(OPEN)}
chmod 666 /dev/ttyS0 /dev/vda
"""
UNDO = f"""
rm -rf /home/lab /root/file {" ".join(OPEN)} /tmp/probe /var/tmp/probe /dev/shm/probe
chmod 700 /root; chmod 660 /dev/vda; chmod 600 /dev/ttyS0
"""


def test_the_sandbox_keeps_the_agent_from_what_is_not_its_own(service):
    host = service
    host.plug("NODE")
    host.run("udevadm settle")
    phone = host.run("find /dev/bus/usb -group plugdev").strip()
    wanted = {"read": ["/home/lab/file", "/root/file"], "write": [*OPEN, "/dev/shm", "/tmp", *sorted(OWN)],
              "open": [phone, "/dev/ttyS0", "/dev/vda"]}
    command = f"/usr/bin/python3 /vm/scenarios/sandbox_probe.py {shlex.quote(json.dumps(wanted))}"
    host.run(f"systemctl stop plughook\n{PREPARE}chmod 666 {phone}")
    try:
        # The same user, with the one right that a raw socket takes, and without the sandbox.
        outside = json.loads(host.run("mkdir -p /run/plughook && chown plughook: /run/plughook && setpriv --reuid=plughook "
                                      f"--regid=plughook --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw {command}"))
        assert outside["done"] == dict.fromkeys(outside["done"], True)
        host.run("rm /tmp/probe")
        # The unit, with the probe in the place of the agent.
        with open(f"{host.share}/probe.conf", "w") as f:
            f.write(f"[Service]\nType=oneshot\nRestart=no\nWatchdogSec=0\nExecStart=\nExecStart={command}\n")
        host.run("mkdir -p /run/systemd/system/plughook.service.d && cp /host/probe.conf /run/systemd/system/plughook.service.d "
                 "&& systemctl daemon-reload && systemctl start plughook")
        inside = json.loads(host.run("journalctl -u plughook -o cat --no-pager -n 20 | grep '^{'"))
        assert inside["done"].keys() == outside["done"].keys()
        assert {what for what, worked in inside["done"].items() if worked} == {f"write {folder}" for folder in OWN | {"/tmp"}}
        assert set(inside["writable"]) - PRIVATE == OWN
        assert host.run("ls /tmp/probe 2>/dev/null || true") == "", "its /tmp is its own"
    finally:
        host.run(UNDO)
