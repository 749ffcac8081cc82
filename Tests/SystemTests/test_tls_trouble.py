"""Receivers whose TLS is in trouble: nothing is sent to them, and all that waits arrives when they are well again."""
import ssl

from patience import patience
from test_scripted_receiver import OK, assert_the_wire_saw, callbacks, is_first_step, pause
from test_tls import authority, openssl  # noqa: F401

NAME = "subjectAltName=IP:127.0.0.1\n"


def secured(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return lambda connection: context.wrap_socket(connection, server_side=True)


def signed_by_itself(folder):
    both = str(folder / "own.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
            "-addext", NAME.strip(), "-keyout", both, "-out", both)
    return both, both


def answers_in_the_clear(connection):
    connection.recv(65536)
    connection.sendall(OK)
    return connection


def closes(connection):
    connection.recv(65536)
    raise OSError


def test_each_trouble_is_told_for_what_it_is_and_nothing_is_sent(rig, make_receiver, authority, tmp_path):  # noqa: F811
    troubles = {
        "expired": (secured(*authority.issue("expired", NAME, days=-1)), "tls", "certificate has expired"),
        "signed by itself": (secured(*signed_by_itself(tmp_path)), "tls", "self-signed certificate"),
        "of another host": (secured(*authority.issue("other", "subjectAltName=DNS:other.test\n")), "tls",
                            "no alternative certificate subject name matches"),
        "stalls": (lambda connection: connection, "timeout", "SSL connection timeout"),
        "closes": (closes, "tls", ""),
        "in the clear": (answers_in_the_clear, "tls", ""),
    }
    receivers = {n: make_receiver() for n in range(1, len(troubles) + 1)}
    for receiver, (greet, _, _) in zip(receivers.values(), troubles.values()):
        receiver.greet = greet
    limit = patience(2)
    rig.configure(webhooks=[rig.webhook(99, "well"), *(
        {**rig.webhook(n, name, ["online"]), "url": receivers[n].url.replace("http:", "https:"),
         "connectTimeoutMs": int(limit * 1000), "tls": {"caFile": authority.ca}, "devices": {"udids": ["A"]}}
        for n, name in enumerate(troubles, 1))]).start()
    rig.testbed.plug(serial="A")
    began = rig.receiver.wait_for_callback("A", "online").ns
    rig.testbed.plug(serial="B")
    assert rig.receiver.wait_for_callback("B", "online").ns - began < limit * 1e9, "the one that stalls holds up nobody"
    found = callbacks(rig, len(troubles) + 1)
    for n, (name, (_, outcome, words)) in enumerate(troubles.items(), 1):
        attempt = found[n]["attempts"][0]
        assert (attempt["outcome"], attempt["wireSends"], attempt.get("statusCode")) == (outcome, 0, None), (name, attempt)
        assert words in attempt["detail"] and is_first_step(pause(attempt)), (name, attempt)
        assert not receivers[n].requests, name
    good = secured(*authority.issue("good", NAME))
    for n, receiver in receivers.items():
        receiver.greet = good
        rig.api.do("POST", f"/v1/webhooks/{n}/resume")
    taken = callbacks(rig, len(troubles) + 1, state="delivered")
    for n, receiver in receivers.items():
        assert_the_wire_saw(taken[n], receiver.requests)

