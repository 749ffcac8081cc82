"""Name servers that do not answer: nobody else waits for them, nor does the end of the agent."""
import os
import random
import re
import socket
import threading
import time

import pytest

from patience import patience, wait_for
from test_scripted_receiver import assert_the_wire_saw, callbacks, is_first_step, pause

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can have another name server")


class NameServer:
    """Knows every name, as this host, when it answers at all."""

    def __init__(self, folder):
        self.asked = []
        self.answers = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.53"
        self.socket.bind((address, 53))
        # So long as the resolver itself would wait that it cannot be that which ends anything here: 150 s.
        self.write(folder, "resolv.conf", f"nameserver {address}\noptions timeout:30 attempts:5\n")
        self.write(folder, "nsswitch.conf", "hosts: files dns\n")
        threading.Thread(target=self.serve, daemon=True).start()
        #: A command that becomes another, for which this is the host's name server.
        self.before = ["unshare", "--mount", "sh", "-c", "for name in resolv nsswitch; do "
                       'mount --bind "$0/$name.conf" "/etc/$name.conf" || exit; done; exec "$@"', str(folder)]

    @staticmethod
    def write(folder, name, text):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)

    def serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(512)
            except OSError:
                return
            # RFC 1035, section 4: a header of 12 bytes; labels, each behind its length, to an empty one; type and class.
            labels = re.match(rb"(?s:.{12})((?:[\x01-\x3f][\w-]+)*)\0(..)(..)", question, re.DOTALL)
            self.asked.append(re.sub(rb"[\x01-\x1f]", b".", labels[1]).decode()[1:])
            if self.answers:
                # One record, by the name of the question, for a minute: of an address (A), or none for any other type.
                record = bytes.fromhex("c00c 0001 0001 0000003c 0004") + bytes([127, 0, 0, 1])
                isAddress = labels[2] == b"\0\1"
                self.socket.sendto(question[:2] + bytes.fromhex("8180 0001") + bytes([0, isAddress]) + bytes(4)
                                   + labels[0][12:] + record * isAddress, peer)


@pytest.fixture
def names(tmp_path):
    server = NameServer(tmp_path)
    yield server
    server.socket.close()


def test_names_that_nobody_answers_for_hold_up_neither_others_nor_the_end(rig, names):
    hosts = {n: f"rig{n}.example" for n in range(1, 9)}
    limit = patience(2)
    rig.configure(webhooks=[rig.webhook(99, "well"), *(
        {**rig.webhook(n, host, ["online"]), "url": f"http://{host}:{rig.receiver.port}/{host}",
         "connectTimeoutMs": int(limit * 1000), "devices": {"udids": ["A"]}} for n, host in hosts.items())])
    rig.start(before=names.before)
    began = time.monotonic_ns()
    rig.testbed.plug(serial="A")
    wait_for(lambda: set(names.asked) >= set(hosts.values()), 10, "all names to be asked for")
    rig.testbed.plug(serial="B")
    assert rig.receiver.wait_for_callback("B", "online").ns < began + limit * 1e9, "before the first of them gave up"
    found = callbacks(rig, len(hosts) + 1)
    for n in hosts:
        attempt = found[n]["attempts"][0]
        assert (attempt["outcome"], attempt["wireSends"]) == ("timeout", 0), attempt
        assert "Resolving timed out" in attempt["detail"] and not {"address", "nameLookupMs"} & set(attempt), attempt
        assert attempt["durationMs"] < 2 * limit * 1000 and is_first_step(pause(attempt)), attempt
    # Once more, and the agent ends meanwhile.
    count = len(names.asked)
    rig.api.do("POST", "/v1/webhooks/1/resume")
    wait_for(lambda: hosts[1] in names.asked[count:], 10, "the name to be asked for again")
    assert rig.agent.terminate() == 0
    names.answers = True
    rig.start(before=names.before)
    for n in hosts:
        rig.api.do("POST", f"/v1/webhooks/{n}/resume")
    taken = callbacks(rig, len(hosts) + 1, state="delivered")
    for n, host in hosts.items():
        assert_the_wire_saw(taken[n], [r for r in rig.receiver.requests if r.path == f"/{host}"])
