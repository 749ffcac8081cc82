"""Two virtual hosts for all scenarios: one where each gets an agent with a state of its own, and one with the package."""
import os, re, shutil, subprocess

import pytest

from guest import TOP, Guest, Host, wait_for
from installed import Installed


@pytest.fixture(scope="session")
def binary():
    binary = os.environ.get("PLUGHOOK_BIN")
    if not binary or not os.path.exists(binary):
        pytest.exit("PLUGHOOK_BIN must name the agent's binary, built with "
                    "`swift build -c release --static-swift-stdlib`", 2)
    if not shutil.which("qemu-system-x86_64"):
        pytest.exit("qemu-system-x86_64 is missing: apt install qemu-system-x86", 2)
    return os.path.abspath(binary)


@pytest.fixture(scope="session")
def guest(binary, tmp_path_factory):
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


@pytest.fixture(scope="session")
def package(binary, tmp_path_factory):
    """The package, as it is shipped: PLUGHOOK_DEB, or one of the binary."""
    if os.environ.get("PLUGHOOK_DEB"):
        return os.path.abspath(os.environ["PLUGHOOK_DEB"])
    build = os.path.join(os.path.dirname(os.path.dirname(TOP)), "packaging", "build-deb")
    built = subprocess.run([build, "--binary", binary, "--output", str(tmp_path_factory.mktemp("package"))],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert built.returncode == 0, built.stdout
    return built.stdout.split()[-1]


@pytest.fixture(scope="session")
def previous_package(package, tmp_path_factory):
    """One to upgrade from: PLUGHOOK_PREVIOUS_DEB, or the same under a lower version."""
    if os.environ.get("PLUGHOOK_PREVIOUS_DEB"):
        return os.path.abspath(os.environ["PLUGHOOK_PREVIOUS_DEB"])
    folder = str(tmp_path_factory.mktemp("previous"))
    tree, deb = os.path.join(folder, "tree"), os.path.join(folder, "previous.deb")
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = os.path.join(tree, "DEBIAN", "control")
    subprocess.run(["sed", "-i", "s/^Version: /&0~/", control], check=True)
    # Not compressed: that is of no matter here.
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, deb], check=True, capture_output=True)
    shutil.rmtree(tree)
    return deb


@pytest.fixture(scope="session")
def installed_host(package, tmp_path_factory):
    host = Installed(str(tmp_path_factory.mktemp("installed")), package)
    print(host.booted)
    yield host
    host.close()


@pytest.fixture
def clean(request, installed_host):
    """The host without the package, as it was before."""
    if installed_host.version():
        installed_host.purge()
    request.node.host = installed_host
    yield installed_host
    installed_host.calm_down()


@pytest.fixture
def service(request, installed_host):
    """The host with the package, and the service with a configuration that tells the receiver of everything."""
    request.node.host = installed_host
    if installed_host.version() != installed_host.package_version:
        installed_host.install(installed_host.package)
    installed_host.begin()
    yield installed_host
    installed_host.calm_down()


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook
def pytest_collection_modifyitems(items):
    """Those that share the host with the package are one group for pytest-xdist, and the first, being the longest."""
    def rank(item):
        return 0 if "installed_host" in item.fixturenames else 1 if item.path.stem == "test_power_loss" else 2
    items.sort(key=rank)
    for item in items:
        if rank(item) == 0:
            item.add_marker(pytest.mark.xdist_group("installed"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the agent's log and what was received with every failure."""
    report = (yield).get_result()
    if report.failed and hasattr(item, "host"):
        report.sections.append(("virtual host", item.host.report()))
