"""What every test of the page gets: an agent with phones (the system tests' rig), and Debian's Chromium signed in to it."""
import contextlib, importlib.util, json, os, shutil, socket, sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM = os.path.join(HERE, "..", "SystemTests")
sys.path[:0] = [HERE, SYSTEM]

from browser import Browser  # noqa: E402
from patience import wait_for  # noqa: E402

# The rig is in a conftest too, and two modules cannot have one name.
spec = importlib.util.spec_from_file_location("system_conftest", os.path.join(SYSTEM, "conftest.py"))
system = importlib.util.module_from_spec(spec)
spec.loader.exec_module(system)
tools, make_rig, rig, make_receiver = system.tools, system.make_rig, system.rig, system.make_receiver
pytest_runtest_makereport = system.pytest_runtest_makereport

#: What a caller of `plughook page` may who may everything, and what one who may look.
ADMIN = ("device.view", "session.manage", "delivery.manage", "org_setting.modify")
VIEWER = ("device.view", "session.manage")
DEVELOPMENT = os.environ.get("PLUGHOOK_PAGE_SERVER")


class Host:
    """The rig with a page: where it is, and links that sign in."""

    def __init__(self, rig):
        self.rig = rig
        if DEVELOPMENT:
            sys.path.insert(0, DEVELOPMENT)
            from serve import Server
            self.server = Server(os.path.join(HERE, "../../Sources/ControlAPI/Page"), rig.socket_path)
            self.url = self.server.url
        else:
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                self.port = s.getsockname()[1]
            self.url = f"http://127.0.0.1:{self.port}"

    def configure(self, **keys):
        if not DEVELOPMENT:
            keys["control"] = {"socket": self.rig.socket_path, "http": {"listen": f"127.0.0.1:{self.port}"}}
        return self.rig.configure(**keys)

    def link(self, permissions=ADMIN):
        if DEVELOPMENT:
            return self.server.link(permissions, "ann" if permissions is VIEWER else "root")
        return self.ask_for_link(permissions)

    def ask_for_link(self, permissions):
        done = self.rig.command("page", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["url"]


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
