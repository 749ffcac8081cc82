"""What every test of the page gets: an agent with phones (the system tests' rig), and Debian's Chromium signed in to it."""
import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import urllib.request

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM = os.path.join(HERE, "..", "SystemTests")
sys.path[:0] = [HERE, SYSTEM]

from browser import Browser  # noqa: E402
from forwarder import Forwarder, NOBODY  # noqa: E402
from patience import wait_for  # noqa: E402
from test_tcp import free_port  # noqa: E402

# The rig is in a conftest too, and two modules cannot have one name.
spec = importlib.util.spec_from_file_location("system_conftest", os.path.join(SYSTEM, "conftest.py"))
system = importlib.util.module_from_spec(spec)
spec.loader.exec_module(system)
tools, make_rig, rig, make_receiver = system.tools, system.make_rig, system.rig, system.make_receiver
pytest_runtest_makereport = system.pytest_runtest_makereport

#: The group of those who may look, for agents that `start_with_viewers` starts; nobody is in it.
VIEWERS = f"plughook-view:x:{NOBODY}:\n"


class Host:
    """The rig with a page: where it is, and links that sign in."""

    def __init__(self, rig):
        self.rig, self.port = rig, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def configure(self, **keys):
        control = {"socket": self.rig.socket_path, "http": {"listen": f"127.0.0.1:{self.port}"}}
        return self.rig.configure(control=control, **keys)

    def link(self):
        """Good once, for all that root may."""
        done = self.rig.command("page", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["url"]

    @contextlib.contextmanager
    def started_with_viewers(self):
        """An agent that knows the group `plughook-view`, and gives a way to links for one who is in it."""
        # pytest's own folders are closed to other users.
        with tempfile.TemporaryDirectory(prefix="plughook-open.") as folder:
            os.chmod(folder, 0o755)
            self.rig.socket_path = self.rig.api.path = os.path.join(folder, "control.sock")
            self.configure()
            groups = os.path.join(self.rig.folder, "group")
            with open("/etc/group") as known, open(groups, "w") as file:
                file.write("".join(line for line in known if not line.startswith("plughook-")) + VIEWERS)
            self.rig.start(before=("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/group && exec "$@"', groups))
            forwarder = Forwarder(self.rig.socket_path, user=NOBODY)
            try:
                yield lambda: self._ask(forwarder.url)
            finally:
                forwarder.close()

    @staticmethod
    def _ask(url):
        with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/page/links", method="POST")) as answer:
            return json.load(answer)["url"]


@pytest.fixture
def host(rig):
    host = Host(rig)
    host.configure()
    return host


@pytest.fixture(scope="session")
def browsers():
    """Two at most, kept over the tests: a start costs more than most of them."""
    if not shutil.which("chromedriver"):
        pytest.exit("chromedriver is missing: apt install chromium chromium-driver python3-selenium", 2)
    made = []
    yield made
    for browser in made:
        browser.quit()


@pytest.fixture
def make_browser(browsers, request):
    used = []

    def make():
        if len(used) == len(browsers):
            browsers.append(Browser())
        browser = browsers[len(used)]
        used.append(browser)
        browser.reset()
        return browser
    yield make
    for browser in used:
        with contextlib.suppress(Exception):
            faults = browser.faults()
            browser.leave()
            assert not faults, faults


@pytest.fixture
def browser(make_browser):
    return make_browser()


@pytest.fixture
def page(host, browser):
    """The page of a host that runs, signed in as who may everything."""
    host.rig.start()
    browser.sign_in(host.link())
    wait_for(lambda: browser.text("#connection") == "Live", 20, "the page to be live")
    return browser
