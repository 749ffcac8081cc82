"""One virtual host for all scenarios; each gets an agent with a state of its own."""
import os, re, shutil

import pytest

from guest import Guest, Host, wait_for


@pytest.fixture(scope="session")
def guest(tmp_path_factory):
    binary = os.environ.get("PLUGHOOK_BIN")
    if not binary or not os.path.exists(binary):
        pytest.exit("PLUGHOOK_BIN must name the agent's binary, built with "
                    "`swift build -c release --static-swift-stdlib`", 2)
    if not shutil.which("qemu-system-x86_64"):
        pytest.exit("qemu-system-x86_64 is missing: apt install qemu-system-x86", 2)
    guest = Guest(binary, str(tmp_path_factory.mktemp("guest")))
    print(guest.booted)
    yield guest
    guest.close()


@pytest.fixture
def host(request, guest):
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_"))[:60]
    host = Host(guest, name)
    request.node.host = host
    yield host
    host.kill()
    guest.unplug_all()


@pytest.fixture
def adb(guest):
    """adb's server, which the agent finds and never starts."""
    guest.run("HOME=/root adb start-server", timeout=120)
    yield guest
    guest.run("HOME=/root adb kill-server; true", timeout=120)


@pytest.fixture
def usbmuxd(guest):
    guest.background("usbmuxd", "usbmuxd -f -U usbmux")
    wait_for(lambda: "yes" in guest.run("test -S /var/run/usbmuxd && echo yes || true"), 60, "usbmuxd's socket")
    yield guest
    guest.run("pkill usbmuxd; rm -f /var/lib/lockdown/*.plist; true")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the agent's log and what was received with every failure."""
    report = (yield).get_result()
    if report.failed and hasattr(item, "host"):
        report.sections.append(("virtual host", item.host.report()))
