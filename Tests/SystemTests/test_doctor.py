"""plughook doctor: what it finds on hosts that are well and on others, and that it leaves them as they were."""
import contextlib
import json
import os
import pty
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

import jsonschema
import pytest

from agent import BINARY
from appium_server import AppiumServer
from patience import patience, wait_for

EX_UNAVAILABLE, EX_CONFIG = 69, 78
SECRET = "S3CRET"

#: What `--help` says of `--json`.
TEXT = {"type": "string"}
CHECK = {"type": "object", "additionalProperties": False, "required": ["id", "verdict", "found", "mend"],
         "properties": {"id": TEXT, "found": {"type": "string", "minLength": 1}, "mend": TEXT,
                        "verdict": {"enum": ["ok", "warning", "problem", "skipped"]}}}
SHAPE = {"type": "object", "additionalProperties": False, "required": ["healthy", "checks"],
         "properties": {"healthy": {"type": "boolean"}, "checks": {"type": "array", "items": CHECK}}}
IDS = {"config", "config-directory", "service", "udevd", "network-namespace", "receive-buffer", "usb", "udev-rules", "groups",
       "clock", "state-directory", "state-file-system", "state-space", "state-lock", "control-socket", "adb", "usbmuxd",
       "appium", "receiver"}

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


class Report:
    def __init__(self, result):
        self.code, self.output = result.returncode, result.stdout
        assert result.stderr == ""
        self.all = json.loads(result.stdout)
        jsonschema.validate(self.all, SHAPE)
        for check in self.all["checks"]:
            assert check["mend"] or check["verdict"] in ("ok", "skipped"), check
        assert {check["id"] for check in self.all["checks"]} == IDS
        problems = {check["id"] for check in self.all["checks"] if check["verdict"] == "problem"}
        assert self.all["healthy"] == (not problems)
        assert self.code == (0 if not problems else EX_CONFIG if problems == {"config"} else EX_UNAVAILABLE)

    def __getitem__(self, ident):
        check, = self.some(ident)
        return check

    def some(self, ident):
        return [check for check in self.all["checks"] if check["id"] == ident]


def run(command, config, env=(), **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PLUGHOOK_", "USBMUXD_"))}
    return subprocess.run([*command, "doctor", "--config", str(config), "--json"], capture_output=True, text=True,
                          timeout=patience(60), env={**environment, **dict(env)}, **options)


def doctor(rig, before=(), env=()):
    """On the rig's own host: its USB tree in the place of this machine's."""
    command = ["umockdev-wrapper", *before, BINARY]
    return Report(run(command, rig.config_path, {"UMOCKDEV_DIR": rig.testbed.root, **dict(env)}))


@pytest.fixture
def host(rig):
    """A host on which nothing is wrong: USB, a configuration, a receiver."""
    configure(rig)
    rig.testbed.plug(serial="A")
    return rig


def configure(rig, webhooks=None, hotplug="auto", **keys):
    keys = {"control": {"socket": os.path.join(rig.folder, "control.sock")},
            "health": {"usbmuxd": {"socket": os.path.join(rig.folder, "usbmuxd")}}, **keys}
    return rig.configure(webhooks=webhooks, detection={"hotplug": hotplug}, **keys)


def webhook(url, number=1):
    return {"id": number, "name": f"hook {number}", "url": url, "events": ["online"]}


@contextlib.contextmanager
def listening(serve=lambda connection: None, family=socket.AF_INET, address=("127.0.0.1", 0)):
    """Accepts connections until the end of the block, each in the same thread; yields the address."""
    with socket.socket(family) as server:
        server.bind(address)
        server.listen(16)
        thread = threading.Thread(target=accept_all, args=(server, serve), daemon=True)
        thread.start()
        yield server.getsockname()
        server.shutdown(socket.SHUT_RDWR)
        thread.join(patience(10))


def accept_all(server, serve):
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            serve(connection)


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def files_below(folder):
    return sorted(os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def test_a_host_that_is_well_has_no_problem_and_is_left_as_it_was(host):
    before = files_below(host.folder)
    report = doctor(host)
    assert (report.code, report.all["healthy"]) == (0, True), report.output
    assert "(Android 1, iOS 0)" in report["usb"]["found"]
    for ident in ("config", "receive-buffer", "state-directory", "state-space", "state-lock", "receiver"):
        assert report[ident]["verdict"] == "ok", report[ident]
    assert report["control-socket"]["verdict"] == report["usbmuxd"]["verdict"] == "skipped"
    assert host.receiver.connections == 1 and host.receiver.requests == [], "a connection, and no request"
    assert files_below(host.folder) == before


def test_only_the_configuration_is_wrong(host):
    with open(host.config_path, "w") as f:
        f.write('{\n  "orgid": 1,\n'
                '  "webhooks": [{"name": "\\u001b[2J", "url": "ftp://x/%s", "events": []}]\n}\n' % SECRET)
    report = doctor(host)
    assert report.code == EX_CONFIG, report.output
    found = [check["found"] for check in report.some("config")]
    assert any(text.startswith(f"{host.config_path}:2:3: /orgid: ") for text in found)
    assert any(re.match(re.escape(host.config_path) + r":3:\d+: /webhooks/0/url: ", text) for text in found)
    assert any("orgId" in check["mend"] for check in report.some("config"))
    assert report["state-directory"]["verdict"] == report["receiver"]["verdict"] == "skipped"
    assert SECRET not in report.output and "\x1b" not in report.output


def test_a_configuration_that_is_not_there_or_open_to_everybody(host):
    os.chmod(host.config_path, 0o666)
    assert "chmod o-w" in doctor(host)["config"]["mend"]
    os.unlink(host.config_path)
    report = doctor(host)
    assert report.code == EX_CONFIG and host.config_path in report["config"]["found"]


def test_a_host_without_usb(make_rig):
    rig = configure(make_rig(has_usb=False))
    report = doctor(rig)
    assert report.code == EX_UNAVAILABLE
    assert report["usb"]["verdict"] == "problem"


@needs_root
def test_another_network_namespace_is_noticed(host):
    report = doctor(host, before=["unshare", "--net"])
    assert report["network-namespace"]["verdict"] == "warning"
    configure(host, hotplug="udev")
    assert doctor(host, before=["unshare", "--net"])["network-namespace"]["verdict"] == "problem"


def test_receivers_that_cannot_be_reached(host, tmp_path):
    port = closed_port()
    with tls_server(tmp_path) as (_, tls_port):
        configure(host, [webhook(f"http://127.0.0.1:{port}/{SECRET}", 1),
                         webhook(f"http://127.0.0.1:{port}/?{SECRET}", 2),
                         webhook(f"https://127.0.0.1:{tls_port}/{SECRET}", 3),
                         webhook(f"https://no-such-host.invalid/{SECRET}", 4),
                         {**webhook(f"http://127.0.0.1:{closed_port()}/", 5), "enabled": False}])
        report = doctor(host)
    assert report.code == EX_UNAVAILABLE
    # One for each host and port; none for a webhook that is switched off.
    refused, untrusted, unknown = report.some("receiver")
    assert {check["verdict"] for check in (refused, untrusted, unknown)} == {"problem"}
    assert refused["found"].startswith(f"127.0.0.1:{port}: ") and "connect" in refused["found"]
    assert untrusted["found"].startswith(f"127.0.0.1:{tls_port}: ") and "certificate" in untrusted["found"]
    assert "update-ca-certificates" in untrusted["mend"]
    assert unknown["found"].startswith("no-such-host.invalid:443: ") and "getent hosts" in unknown["mend"]
    assert SECRET not in report.output


@needs_root
def test_a_receiver_whose_certificate_is_good(host, tmp_path):
    received = []
    with tls_server(tmp_path, received.append) as (certificate, port):
        configure(host, [webhook(f"https://127.0.0.1:{port}/{SECRET}")])
        trust = 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"'
        report = doctor(host, before=["unshare", "--mount", "sh", "-c", trust, certificate])
    assert report["receiver"]["verdict"] == "ok", report["receiver"]
    assert received == [b""], "the handshake, and no request"


@contextlib.contextmanager
def tls_server(folder, tell=lambda data: None):
    """With a certificate that it signed itself; tells what comes after a handshake."""
    path = str(folder / "tls.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", path],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    # A client that goes without a word is an end as good as any.
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            tell(secured.recv(65536))
    with listening(serve) as (_, port):
        yield path, port


def test_an_adb_server_is_asked_for_its_version_and_nothing_else(host):
    questions = []

    def serve(connection):
        questions.append(connection.recv(65536))
        connection.sendall(b"OKAY00040029")
    with listening(serve) as (_, port):
        with listening(lambda connection: connection.recv(65536) and connection.recv(65536)) as (_, silent):
            configure(host, health={"adb": {"servers": [f"127.0.0.1:{port}", f"127.0.0.1:{silent}",
                                                        f"127.0.0.1:{closed_port()}"]}})
            answers, silence, absent = doctor(host).some("adb")
    assert (answers["verdict"], questions) == ("ok", [b"000chost:version"])
    assert "version 41" in answers["found"]
    assert silence["verdict"] == "warning" and "no answer" in silence["found"]
    assert absent["verdict"] == "warning" and "adb start-server" in absent["mend"]
    # One of them answers: an agent asks them.
    assert all(check["found"].endswith("; Android phones are usable when it says so")
               for check in (answers, silence, absent))


def test_appium_servers_are_asked_for_their_sessions(host):
    with AppiumServer(1) as old, AppiumServer(3, discovery=False) as shy:
        old.sessions["s"] = {"udid": "A"}
        gone = AppiumServer()
        gone.stop()
        configure(host, sessions={"appium": [{"url": s.url} for s in (old, shy, gone)]})
        found = doctor(host).some("appium")
    assert [c["verdict"] for c in found] == ["ok", "warning", "warning"]
    assert found[0]["found"] == f"{old.url}: tells its sessions, 1 now"
    assert "--allow-insecure=*:session_discovery" in found[1]["found"]
    assert found[2]["found"].startswith(gone.url) and f"curl {gone.url}/appium/sessions" in found[2]["mend"]
    configure(host)
    assert doctor(host)["appium"]["verdict"] == "skipped"


def test_usbmuxd_is_looked_for_where_the_variable_says(host):
    configure(host, health={})
    path = os.path.join(host.folder, "mux")
    with listening(family=socket.AF_UNIX, address=path):
        for address in (f"UNIX:{path}", path):
            check = doctor(host, env={"USBMUXD_SOCKET_ADDRESS": address})["usbmuxd"]
            assert (check["verdict"], path in check["found"]) == ("ok", True)
    host.testbed.plug("iphone", serial="00008030000E496C3A88802E")
    check = doctor(host, env={"USBMUXD_SOCKET_ADDRESS": path})["usbmuxd"]
    assert check["verdict"] == "warning", "the socket is still there, and nobody listens"


def test_a_control_socket_that_answers_and_one_that_is_none(host):
    path = os.path.join(host.folder, "control.sock")
    with listening(family=socket.AF_UNIX, address=path):
        assert doctor(host)["control-socket"]["verdict"] == "ok"
    assert doctor(host)["control-socket"]["verdict"] == "skipped"
    os.unlink(path)
    open(path, "w").close()
    assert doctor(host)["control-socket"]["verdict"] == "problem"


def test_an_agent_that_runs_is_seen_and_left_alone(host):
    host.start()
    # Not in the agent's USB tree: the mock knows one listener only.
    check = Report(run([BINARY], host.config_path))["state-lock"]
    assert check["verdict"] == "ok" and check["found"].endswith(f"process {host.agent.process.pid}")
    assert host.agent.terminate() == 0
    assert "no agent runs" in Report(run([BINARY], host.config_path))["state-lock"]["found"]


@needs_root
def test_a_state_directory_that_cannot_be_made(host):
    file = os.path.join(host.folder, "file")
    open(file, "w").close()
    with open(host.config_path) as f:
        config = json.load(f)
    for state in (file, file + "/state"):
        with open(host.config_path, "w") as f:
            json.dump({**config, "stateDirectory": state}, f)
        report = doctor(host)
        assert report.code == EX_UNAVAILABLE and report["state-directory"]["verdict"] == "problem", state


@needs_root
def test_a_configuration_on_a_read_only_file_system(host):
    assert doctor(host)["config-directory"]["verdict"] == "ok"
    read_only = f"mount --bind {host.folder} {host.folder} && mount -o remount,ro,bind {host.folder} && exec \"$@\""
    report = doctor(host, before=["unshare", "-m", "sh", "-c", read_only, "sh"])
    assert report["config-directory"]["verdict"] == "warning", report["config-directory"]
    assert f"ReadWritePaths={host.folder}" in report["config-directory"]["mend"]


@needs_root
def test_a_state_directory_that_this_user_may_not_use():
    if subprocess.run([BINARY, "--version"], user="nobody", capture_output=True).returncode != 0:
        pytest.skip("nobody cannot run the agent from where it is")
    folder = tempfile.mkdtemp(prefix="plughook-doctor.")
    try:
        os.chmod(folder, 0o755)
        config, state = os.path.join(folder, "config.json"), os.path.join(folder, "state")
        with open(config, "w") as f:
            json.dump({"stateDirectory": state}, f)
        os.chmod(config, 0o644)

        def check():
            report = Report(run([BINARY], config, user="nobody", group="nogroup", extra_groups=[], cwd="/"))
            return report["state-directory"]
        assert check()["verdict"] == "problem"  # it cannot be made
        os.mkdir(state, 0o700)
        assert check()["verdict"] == "skipped" and "sudo -u root" in check()["mend"]
        shutil.chown(state, "nobody", "nogroup")
        assert check()["verdict"] == "ok"
        with open(os.path.join(state, "lock"), "w"):
            pass
        assert check()["verdict"] == "problem" and "chown -R nobody" in check()["mend"]
        os.unlink(os.path.join(state, "lock"))
        os.chmod(state, 0o500)
        assert check()["verdict"] == "problem" and "chmod 0700" in check()["mend"]
    finally:
        shutil.rmtree(folder)


@needs_root
@pytest.mark.parametrize("size, verdict", [("32m", "problem"), ("256m", "warning"), ("1g", "ok")])
def test_a_disk_that_is_small_and_does_not_last(host, size, verdict):
    mount = f'mount -t tmpfs -o mode=0700,size={size} none "$0" && exec "$@"'
    report = doctor(host, before=["unshare", "--mount", "sh", "-c", mount, host.state])
    assert report["state-space"]["verdict"] == verdict
    assert report["state-file-system"]["verdict"] == "warning" and "tmpfs" in report["state-file-system"]["found"]


@needs_root
def test_a_disk_that_cannot_be_written(host):
    mount = 'mount -t tmpfs -o mode=0700,ro none "$0" && exec "$@"'
    report = doctor(host, before=["unshare", "--mount", "sh", "-c", mount, host.state])
    assert report["state-directory"]["verdict"] == "problem"
    assert "Read-only" in report["state-directory"]["found"]


def on_terminal(config, **env):
    """What it prints on a terminal."""
    leader, follower = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen([BINARY, "doctor", "--config", config], stdout=follower, stdin=subprocess.DEVNULL,
                               env={**environment, "TERM": "xterm", **env})
    os.close(follower)
    output = b""
    with contextlib.suppress(OSError):  # EIO: the last writer has gone
        while data := os.read(leader, 65536):
            output += data
    os.close(leader)
    process.wait(patience(60))
    return output.decode()


def test_colours_are_for_terminals_and_for_those_who_want_them(host):
    assert "\x1b[32mok" in on_terminal(host.config_path)
    assert "\x1b" in on_terminal(host.config_path, NO_COLOR="")
    assert "\x1b" not in on_terminal(host.config_path, NO_COLOR="1")
    assert "\x1b" not in on_terminal(host.config_path, TERM="dumb")
    plain = subprocess.run([BINARY, "doctor", "--config", host.config_path], capture_output=True, text=True).stdout
    assert "\x1b" not in plain
    assert re.search(r"^ok +config +\S", plain, re.M)
    assert re.search(r"^(warning|problem) .*\n +mend: \S", plain, re.M)


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_it_starts_nothing_and_opens_no_device_node(host, tmp_path):
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-e", "trace=execve,open,openat,kill", "-o", str(trace)]
    result = run([*strace, BINARY], host.config_path)
    if not trace.exists() or "execve" not in (text := trace.read_text()):
        pytest.skip(f"strace cannot trace here: {result.stderr[:200]}")
    assert text.count("execve(") == 1
    assert not re.search(r'"/dev/(?!null|urandom|random)', text)
    assert not re.search(r"\bkill\(", text)
