"""Chromium as a person uses it: by what is written on the screen, and with waits that end."""
import os

from selenium import webdriver
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from patience import patience, wait_for

#: The files of the page.
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Sources", "ControlAPI", "Page")


class Browser:
    def __init__(self, slowness=1):
        """`slowness`: how many times longer than from this machine's own agent it may take until something is there."""
        self.slowness = slowness
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900",
                         "--lang=en-GB", "--disable-background-networking"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(patience(20 * slowness))

    def quit(self):
        self.driver.quit()

    def _wait(self, fact, seconds, what):
        return wait_for(fact, seconds * self.slowness, what)

    def reset(self):
        self.leave()
        self.cdp("Network.clearBrowserCookies")
        self.cdp("Emulation.clearDeviceMetricsOverride")
        self.cdp("Emulation.setEmulatedMedia", features=[])
        self.faults()

    def leave(self):
        """To an empty page, whatever the one before says about unsaved changes."""
        self.driver.execute_script("addEventListener('beforeunload', (e) => e.stopImmediatePropagation(), true)")
        self.driver.get("about:blank")

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def faults(self):
        """What the browser has complained of since it was asked last, answers of the API that are no success apart."""
        return [entry for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]]

    # ------------------------------------------------------------ going about
    def sign_in(self, link):
        self.driver.get("about:blank")
        self.driver.get(link)
        self.base = link.split("#")[0]
        self.wait_for("h1")

    def go(self, place):
        """To a view, and until it is there."""
        self.driver.get(self.base + place)
        view = place.partition("#")[2].partition("?")[0] or "/devices"
        self._wait(lambda: self.run("return document.querySelector('main').dataset.view") == view, 15,
                   lambda: f"{place}: {self.text('body')}")

    @property
    def place(self):
        return self.driver.current_url.removeprefix(self.base.rstrip("/"))

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css, seconds=10):
        return self._wait(lambda: next((e for e in self.all(css) if self._is_shown(e)), None), seconds,
                          lambda: f"{css} on the page, which says:\n{self.text('body')}")

    wait_for = one

    @staticmethod
    def _is_shown(element):
        try:
            return element.is_displayed()
        except StaleElementReferenceException:
            return False

    def text(self, css):
        """What is written there; of several, of the first; empty when there is none."""
        return self.run("const e = document.querySelector(arguments[0]); return e ? e.innerText.trim() : ''", css)

    def texts(self, css):
        return self.run("return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility())"
                        ".map((e) => e.innerText.trim())", css)

    def wait_for_text(self, text, css="body", seconds=10):
        self._wait(lambda: text in self.text(css), seconds, lambda: f"{text!r} in {css}, which says:\n{self.text(css)}")

    def named(self, name, tags="a, button, summary", within="body"):
        """What is pressed that has this text or label."""
        return self.run("""
            const [name, tags, within] = arguments;
            const place = [...document.querySelectorAll(within)].at(-1);
            return place && [...place.querySelectorAll(tags)].find((e) => e.checkVisibility() && !e.disabled
                && (e.innerText.trim() === name || e.ariaLabel === name)) || null""", name, tags, within)

    def press(self, name, within="body", seconds=10):
        """A click on the button or link of that name, once it is there."""
        def done():
            element = self.named(name, within=within)
            try:
                if element:
                    self.run("arguments[0].scrollIntoView({block: 'center'})", element)
                    element.click()
                return element
            except (StaleElementReferenceException, ElementNotInteractableException):
                return None
        self._wait(done, seconds, lambda: f"{name!r} to press, on a page that says:\n{self.text('body')}")

    def field(self, label):
        """The input that this label is of."""
        def found():
            return self.run("""
                const label = [...document.querySelectorAll("label")].find((e) => e.checkVisibility()
                    && (e.firstChild.nodeType === 3 ? e.firstChild.data : e.innerText).trim().split("\\n")[0] === arguments[0]);
                return label ? label.control : document.querySelector(`[aria-label="${arguments[0]}"]`)""", label)
        return self._wait(found, 10, lambda: f"a field {label!r} on a page that says:\n{self.text('body')}")

    def write(self, label, text):
        """Replaces what is in a field, by keys."""
        field = self.field(label)
        self.run("arguments[0].scrollIntoView({block: 'center'})", field)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        if len(text) > 100:  # as one pastes it
            field.click()
            self.cdp("Input.insertText", text=text)
        elif text:
            field.send_keys(text)

    def choose(self, label, value):
        self.run("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
                 self.field(label), value)

    def toggle(self, label):
        field = self.field(label)
        self.run("arguments[0].scrollIntoView({block: 'center'})", field)
        field.click()

    def value(self, label):
        return self.field(label).get_property("value")

    def fault_of(self, label):
        """The words beside a field that is wrong."""
        return self.run("""
            const field = arguments[0];
            return (field.getAttribute("aria-describedby") || "").split(" ").map((id) => document.getElementById(id))
                .filter((e) => e && e.classList.contains("fault")).map((e) => e.innerText.trim())
                .join(" ")""", self.field(label))

    def size(self, width, height, is_mobile=False):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_mobile)

    def scheme(self, name):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    # ------------------------------------------------------------ keys
    def tab(self):
        for kind in ("keyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)

    def key(self, name, code, number):
        for kind in ("keyDown", "keyUp"):
            self.cdp("Input.dispatchKeyEvent", type=kind, key=name, code=code, windowsVirtualKeyCode=number,
                     **({"text": "\r"} if name == "Enter" and kind == "keyDown" else {}))

    def focused(self):
        return self.run("const e = document.activeElement;"
                        "return e === document.body ? '' : (e.ariaLabel || e.innerText || e.id || e.tagName).trim()")
