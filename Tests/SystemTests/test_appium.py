"""Sessions that are seen without asking: an Appium rig needs no change."""
import contextlib
import json
import socket
import threading

import pytest

from appium_server import AppiumServer
from patience import wait_for
from test_sessions import ended, events, sessions, settled, start


@pytest.fixture
def server():
    with AppiumServer() as server:
        yield server


class ADBServer:
    """Tells one list of phones and nothing else, once it is let; its form is that of `adb devices -l`."""

    def __init__(self, *phones):
        self.list = "".join(phones).encode()
        self.may_tell = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.place = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            if not connection.recv(4096).endswith(b"host:track-devices-l"):
                return
            self.may_tell.wait()
            connection.sendall(b"OKAY%04x%s" % (len(self.list), self.list))
            connection.recv(1)  # to its end


@pytest.fixture
def adb():
    server = ADBServer("R58M device usb:1-1.1 transport_id:1\n", "SENTINEL device usb:1-1.2 transport_id:2\n")
    yield server
    server.may_tell.set()
    server.listener.close()


def watching(rig, *servers, **more):
    return {"sessions": {"appium": [{"url": s.url} for s in servers]}, **more}


def seen(rig, count=1):
    return wait_for(lambda: len(s := sessions(rig)) == count and s, 20, f"{count} sessions")


@pytest.mark.parametrize("version, capabilities", [
    (1, {"platformName": "Android", "deviceUDID": "A", "desired": {"udid": "elsewhere"}}),
    (2, {"platformName": "Android", "udid": "A"}),
    (3, {"platformName": "Android", "appium:udid": "A"}),
])
def test_a_session_is_told_and_its_end_is_not(rig, version, capabilities):
    with AppiumServer(version, discovery=version == 3) as server:
        settled(rig, "A", **watching(rig, server))
        server.sessions["5f1c-1"] = capabilities
        rig.receiver.wait_for_callback("A", "utilizing")
        session, = sessions(rig)
        assert session["id"] == "appium-5f1c-1" and session["boundTo"] == "observed"
        assert (session["owner"], session["startedBy"]) == ("Appium", f"appium {server.url}")
        # Nobody ends it here, and nobody gets the phone for himself meanwhile.
        assert "End it where it was started" in rig.api.do("DELETE", f"/v1/sessions/{session['id']}", expect=409)["detail"]
        assert "Appium" in start(rig, exclusive=True, expect=409)["detail"]
        server.sessions.clear()
        ended(rig, session, "released")
        assert rig.api.get("/v1/devices/A")["status"] == "online"
        server.sessions["5f1c-2"] = capabilities
        rig.receiver.wait_for_callback("A", "utilizing", count=2)
        rig.prove_quiet()
        assert events(rig) == ["online", "utilizing", "utilizing"]


def test_iphones_and_strangers(rig, server):
    rig.configure(**watching(rig, server)).start()
    udid = "00008030-001A35E40212402E"
    rig.testbed.plug(profile="iphone", serial=udid.replace("-", ""))
    rig.receiver.wait_for_callback(udid, "online")
    # In another spelling; beside one on an emulator, and one that does not say where it is.
    server.sessions.update({"a": {"appium:udid": udid.replace("-", "").lower()}, "b": {"udid": "emulator-5554"}, "c": {}})
    rig.receiver.wait_for_callback(udid, "utilizing")
    assert [s["id"] for s in sessions(rig)] == ["appium-a"]
    shown, = rig.api.get("/v1/status")["appium"]
    assert shown == {"url": server.url, "isAnswering": True, "sessions": 2}
    assert f"{server.url}: 2 sessions" in rig.command("status").stdout
    assert rig.api.metrics()[f'plughook_appium_server_up{{server="{server.url}"}}'] == 1


def test_what_stands_is_not_broken(rig, server):
    settled(rig, "A", **watching(rig, server))
    mine = start(rig, exclusive=True, ttlSeconds=600)
    server.sessions["s"] = {"udid": "A"}
    both = seen(rig, 2)
    assert {s["id"] for s in both} == {mine["id"], "appium-s"}
    rig.api.do("DELETE", f"/v1/sessions/{mine['id']}")
    assert rig.api.get("/v1/devices/A")["status"] == "utilizing"


def test_a_server_that_is_away_ends_no_session_before_the_grace(rig, server):
    settled(rig, "A", **watching(rig, server, detection={"sensorGraceMs": 60000}))
    server.sessions["s"] = {"udid": "A"}
    rig.receiver.wait_for_callback("A", "utilizing")
    port, url = server.port, server.url
    server.stop()
    problem = wait_for(lambda: rig.api.get("/v1/status")["problems"], 20, "the loss to be told")
    assert url in problem[0] and "are not seen" in problem[0]
    session, = sessions(rig)
    assert session["idleDeadline"], "it is told how long the session stands"
    # Back, and it has the same session.
    with AppiumServer(port=port) as back:
        back.sessions["s"] = {"udid": "A"}
        wait_for(lambda: "idleDeadline" not in sessions(rig)[0], 30, "the session to be seen again")
        assert rig.api.get("/v1/status")["problems"] == []
    rig.prove_quiet()
    assert events(rig) == ["online", "utilizing"]


def test_a_server_that_hangs_ends_its_sessions_after_the_grace(rig, server):
    settled(rig, "A", "B", **watching(rig, server, detection={"sensorGraceMs": 1000}))
    server.sessions["s"] = {"udid": "A"}
    rig.receiver.wait_for_callback("A", "utilizing")
    session, = sessions(rig)
    server.hold.clear()
    # Nobody waits for it.
    start(rig, "B")
    rig.receiver.wait_for_callback("B", "utilizing")
    ended(rig, session, "expired", seconds=30)
    server.hold.set()
    rig.receiver.wait_for_callback("A", "utilizing", count=2)


def test_a_server_that_may_not_tell_is_told_of(rig):
    with AppiumServer(3, discovery=False) as server:
        settled(rig, "A", **watching(rig, server))
        problem = wait_for(lambda: [p for p in rig.api.get("/v1/status")["problems"] if "session_discovery" in p], 20,
                           "the problem to be told")
        assert "--allow-insecure=*:session_discovery" in problem[0]
        assert server.asked[:2] == ["/appium/sessions", "/sessions"]
        server.discovery = True
        server.sessions["s"] = {"udid": "A"}
        rig.receiver.wait_for_callback("A", "utilizing")


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_a_restart_of_the_agent_is_not_seen(rig, server, end):
    settled(rig, "A", **watching(rig, server))
    server.sessions["s"] = {"udid": "A"}
    rig.receiver.wait_for_callback("A", "utilizing")
    getattr(rig.agent, end)()
    rig.start()
    wait_for(lambda: "idleDeadline" not in sessions(rig)[0], 20, "the session to be seen again")
    rig.prove_quiet()
    assert events(rig) == ["online", "utilizing"]


def test_a_restart_is_not_seen_on_a_phone_that_adb_alone_can_name(rig, server, adb):
    """Appium answers before adb has told which phone on which port it calls so."""
    rig.configure(devices=[{"port": "pci-0000:00:14.0-usb-0:1.1", "udid": "BENCH"}],
                  health={"adb": {"servers": [adb.place]}}, **watching(rig, server)).start()
    adb.may_tell.set()
    rig.testbed.plug(port="1.1", serial=None)
    rig.receiver.wait_for_callback("BENCH", "online")
    server.sessions["s"] = {"udid": "R58M"}
    rig.receiver.wait_for_callback("BENCH", "utilizing")
    assert rig.agent.terminate() == 0
    adb.may_tell.clear()
    count = len(server.asked)
    rig.start()
    wait_for(lambda: len(server.asked) >= count + 2, 20, "an answer of Appium's to be taken")
    session, = sessions(rig)
    assert session["udid"] == "BENCH" and "idleDeadline" not in session
    adb.may_tell.set()
    rig.prove_quiet()
    assert events(rig, "BENCH") == ["online", "utilizing"]


def test_a_server_that_is_watched_no_more_holds_nothing(rig, server):
    settled(rig, "A", **watching(rig, server))
    server.sessions["s"] = {"udid": "A"}
    rig.receiver.wait_for_callback("A", "utilizing")
    session, = sessions(rig)
    with open(rig.config_path) as file:
        configuration = json.load(file)
    del configuration["sessions"]
    with open(rig.config_path, "w") as file:
        json.dump(configuration, file)
    ended(rig, session, "released")
    assert rig.api.get("/v1/status")["appium"] == []
