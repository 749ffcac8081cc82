"""What a connection to a receiver must be: whom it trusts, what it shows, which key and version it takes."""
import base64
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import threading

import pytest

from agent import BINARY
from patience import wait_for
from test_command_line import EX_CONFIG, Listener


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options).stdout


class Authority:
    """One that vouches for a receiver and for a host, with a file for each."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.ca = self.path("ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name} CA",
                "-keyout", self.path("ca.key"), "-out", self.ca)

    def path(self, leaf):
        return os.path.join(self.folder, f"{self.name}-{leaf}")

    def issue(self, leaf, extension="", days=2):
        certificate, key, extensions = self.path(f"{leaf}.pem"), self.path(f"{leaf}.key"), self.path(f"{leaf}.ext")
        with open(extensions, "w") as file:
            file.write(extension)
        request = openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={leaf}",
                          "-keyout", key)
        openssl("x509", "-req", "-CA", self.ca, "-CAkey", self.path("ca.key"), "-CAcreateserial", "-days", days,
                "-extfile", extensions, "-out", certificate, input=request)
        os.chmod(key, 0o600)
        return certificate, key


def pin(certificate):
    public = openssl("x509", "-in", certificate, "-pubkey", "-noout")
    der = openssl("pkey", "-pubin", "-outform", "der", input=public)
    return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(str(tmp_path_factory.mktemp("authority")), "lab")


@pytest.fixture
def receiver(authority):
    certificate, key = authority.issue("receiver", "subjectAltName=IP:127.0.0.1\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            shown = self.connection.getpeercert()
            self.server.seen.append((self.connection.version(), shown and dict(x[0] for x in shown["subject"])["commonName"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A handshake that the agent refuses."""

        def finish_request(self, request, address):
            super().finish_request(context.wrap_socket(request, server_side=True), address)

    server = Server(("127.0.0.1", 0), Handler)
    server.seen, server.context, server.certificate = [], context, certificate
    server.url = f"https://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def outcome(rig, receiver, **tls):
    """What comes of a callback to it."""
    rig.configure(webhooks=[{"id": 1, "name": "tls", "url": receiver.url, "events": ["online"], "tls": tls}]).start()
    rig.testbed.plug(serial="A")
    rig.agent.wait_for_log(r"event=callback\.\w+", seconds=20)

    def recorded():
        delivery = rig.api.get("/v1/deliveries")["deliveries"][0]
        return delivery if delivery["attemptCount"] else None
    return wait_for(recorded, 20, "the attempt on record")["state"], rig.agent.log


def test_an_authority_of_the_labs_own_is_trusted_where_it_is_named(rig, receiver, authority):
    state, _ = outcome(rig, receiver, caFile=authority.ca)
    assert state == "delivered" and len(receiver.seen) == 1


@pytest.mark.parametrize("tls", [{}, {"caFile": "other"}, {"caFile": "lab", "pins": ["wrong"]}])
def test_another_is_not(rig, receiver, authority, tmp_path, tls):
    if tls.get("caFile"):
        tls = {**tls, "caFile": authority.ca if tls["caFile"] == "lab" else Authority(str(tmp_path), "other").ca}
    if tls.get("pins"):
        tls = {**tls, "pins": [pin(authority.ca)]}
    state, log = outcome(rig, receiver, **tls)
    assert state == "pending" and "outcome=tls" in log and receiver.seen == []


def test_a_key_that_is_pinned_is_taken(rig, receiver, authority):
    state, _ = outcome(rig, receiver, caFile=authority.ca, pins=[pin(authority.ca), pin(receiver.certificate)])
    assert state == "delivered"


def test_the_host_shows_its_certificate(rig, receiver, authority):
    receiver.context.load_verify_locations(authority.ca)
    receiver.context.verify_mode = ssl.CERT_REQUIRED
    certificate, key = authority.issue("host")
    state, _ = outcome(rig, receiver, caFile=authority.ca, certificateFile=certificate, keyFile=key)
    assert state == "delivered" and receiver.seen[0][1] == "host"


def test_a_receiver_that_wants_a_certificate_gets_nothing_without(rig, receiver, authority):
    receiver.context.load_verify_locations(authority.ca)
    receiver.context.verify_mode = ssl.CERT_REQUIRED
    receiver.context.maximum_version = ssl.TLSVersion.TLSv1_2
    state, log = outcome(rig, receiver, caFile=authority.ca)
    assert state == "pending" and "event=callback.failed" in log and receiver.seen == []


@pytest.mark.parametrize("oldest, state", [("1.2", "delivered"), ("1.3", "pending")])
def test_an_old_version_is_taken_or_not(rig, receiver, authority, oldest, state):
    receiver.context.maximum_version = ssl.TLSVersion.TLSv1_2
    found, _ = outcome(rig, receiver, caFile=authority.ca, minVersion=oldest)
    assert found == state and [v for v, _ in receiver.seen] == (["TLSv1.2"] if state == "delivered" else [])


def test_it_is_changed_from_the_command_line_and_looked_at_by_the_doctor(rig, receiver, authority):
    rig.configure(webhooks=[{"id": 1, "name": "tls", "url": receiver.url, "events": ["online"]}]).start()
    changed = rig.command("webhooks", "edit", "tls", "--ca-file", authority.ca, "--tls-min-version", "1.3")
    assert changed.returncode == 0 and f"1.3 or newer, authorities in {authority.ca}" in changed.stdout
    rig.testbed.plug(serial="A")
    wait_for(lambda: receiver.seen, 20, "the callback")
    assert rig.command("webhooks", "edit", "tls", "--no-tls").returncode == 0
    assert rig.api.get("/v1/webhooks/1")["tls"] == {"minVersion": "1.2"}
    for wrong in (["--pin", "sha256//x"], ["--key-file", "a"], ["--tls-min-version", "1.1"], ["--ca-file", "/none"]):
        refused = rig.command("webhooks", "edit", "tls", *wrong)
        assert refused.returncode == 65 and "/tls" in refused.stderr, refused


def test_listen_serves_tls(rig, authority, tmp_path):
    certificate, key = authority.issue("receiver", "subjectAltName=IP:127.0.0.1\n")
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(open(path, "rb").read() for path in (certificate, key)))
    for n, arguments in enumerate([["--tls-certificate", certificate, "--tls-key", key], ["--tls-certificate", str(both)]]):
        listener = Listener("--json", *arguments)
        assert listener.url.startswith("https://")
        rig.configure(webhooks=[{"id": 1, "name": "tls", "url": listener.url, "events": ["online"],
                                 "tls": {"caFile": authority.ca}}]).start()
        rig.testbed.plug(serial=f"PHONE{n}")
        assert json.loads(json.loads(listener.process.stdout.readline())["body"])["deviceUdid"] == f"PHONE{n}"
        # A version of the past is not spoken, and what is no TLS does no harm.
        old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port}", "-tls1_1", "-cipher",
                              "ALL:@SECLEVEL=0"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert old.returncode != 0 and "alert protocol version" in old.stderr
        with pytest.raises(OSError):
            listener.post()
        assert rig.agent.terminate() == 0
        # Longer than one record; and whom a client does not trust is told why it went.
        long = curl(listener, authority, "--data", "x" * 40_000)
        assert long.returncode == 0 and len(json.loads(listener.process.stdout.readline())["body"]) == 40_000
        assert subprocess.run(["curl", "-sS", listener.url], capture_output=True).returncode == 60
        told = [listener.process.stderr.readline() for _ in range(3)]
        assert "unsupported protocol" in told[0] and "http request" in told[1] and "unknown ca" in told[2], told
        listener.end()


def curl(listener, authority, *arguments):
    return subprocess.run(["curl", "-sS", "--cacert", authority.ca, *arguments, listener.url], capture_output=True, text=True,
                          timeout=20)


def test_listen_closes_without_an_answer_over_tls_too(authority):
    certificate, key = authority.issue("receiver", "subjectAltName=IP:127.0.0.1\n")
    listener = Listener("--drop", "--tls-certificate", certificate, "--tls-key", key)
    assert "Empty reply from server" in curl(listener, authority, "--data", "{}").stderr, "closed as TLS closes"
    listener.end()


def test_listen_says_what_is_wrong_with_a_certificate(authority, tmp_path):
    certificate, key = authority.issue("receiver")
    _, other = authority.issue("other")
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate\n")

    def refusal(*arguments, status=EX_CONFIG):
        result = subprocess.run([BINARY, "listen", "--listen", "127.0.0.1:0", *map(str, arguments)], capture_output=True,
                                text=True, timeout=20)
        assert result.returncode == status, result
        return result.stderr
    assert "--tls-certificate /none: No such file or directory" in refusal(
        "--tls-certificate", "/none")
    assert f"--tls-certificate {junk}: it is none; give a certificate in PEM" in refusal("--tls-certificate", junk)
    assert "give a private key in PEM" in refusal("--tls-certificate", certificate)
    assert f"give the key of the first certificate in {certificate}" in refusal(
        "--tls-certificate", certificate, "--tls-key", other)
    assert "give it with --tls-certificate" in refusal("--tls-key", key, status=64)
    locked = tmp_path / "locked.key"
    openssl("pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:secret")
    assert "without a passphrase" in refusal("--tls-certificate", certificate, "--tls-key", locked), "and asks nobody for it"
