"""The page for everybody: names, roles, contrast and the way of the focus, as the browser's accessibility tree has them."""
import os

import pytest

from browser import FOLDER
from patience import wait_for
from receiver import Answer

VIEWS = ["#/devices", "#/devices/SEEN-2", "#/webhooks", "#/webhooks/2", "#/webhooks/2/edit", "#/webhooks/new", "#/deliveries",
         "?wall"]
NAMED = {"button", "link", "textbox", "searchbox", "checkbox", "switch", "combobox", "radio", "spinbutton", "image", "img",
         "table", "dialog", "region", "navigation", "radiogroup", "Date", "DateTime", "InputTime"}

#: Each text that is seen, with its contrast to what is behind it (WCAG 2.2, 1.4.3); and the edges of inputs (1.4.11).
CONTRAST = """
    const rgb = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
    const behind = (e) => {
        for (; e; e = e.parentElement) {
            const color = rgb(getComputedStyle(e).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
    };
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || !e.checkVisibility()
            || e.closest(".unseen, noscript, title, option, :disabled")) continue;
        const style = getComputedStyle(e);
        const size = parseFloat(style.fontSize);
        const need = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
        const has = ratio(rgb(style.color), behind(e));
        if (has < need) found.push(`${walk.currentNode.data.trim().slice(0, 40)}: ${has.toFixed(2)} of ${need}`);
    }
    for (const e of document.querySelectorAll("input, select, textarea")) {
        if (!e.checkVisibility()) continue;
        const has = ratio(rgb(getComputedStyle(e).borderTopColor), behind(e.parentElement));
        if (has < 3) found.push(`the edge of ${e.id}: ${has.toFixed(2)}`);
    }
    return found"""


@pytest.fixture
def lab(host, rig, page):
    """A host that has something to show in every view."""
    failing = {**rig.webhook(2, "failing", ["online", "offline"]), "headers": {"X-Team": "qa"}}
    host.configure(webhooks=[rig.webhook(1, "all"), failing])
    rig.api.do("POST", "/v1/config/reload")
    rig.receiver.decide = lambda r: Answer(503 if r.path == "/failing" else 200, body=b"not today")
    rig.testbed.plug(serial="SEEN-1", port="1.1")
    rig.testbed.plug("fastboot", serial="SEEN-2", port="1.2")
    gone = rig.testbed.plug(serial="SEEN-3", port="2.1")
    for serial, word in (("SEEN-1", "online"), ("SEEN-2", "offline"), ("SEEN-3", "online")):
        rig.receiver.wait_for_callback(serial, word, path="/all")
    rig.testbed.unplug(gone)
    rig.api.do("POST", "/v1/sessions", {"device": "SEEN-1", "owner": "ann"}, 201)
    rig.receiver.wait_for_callback("SEEN-3", "unplugged", path="/all")
    wait_for(lambda: rig.api.get("/v1/webhooks/2").get("away"), 20, "the receiver to be taken for away")
    return page


def settle(page):
    page.one("main h1" if "wall" not in page.place else ".tile")
    wait_for(lambda: page.run("return document.getAnimations().length === 0"
                              " && document.querySelector('#connection.live') !== null"), 10, "the view to be still")


def tree(page):
    """(role, name, node) of all that assistive technology is told of."""
    nodes = page.cdp("Accessibility.getFullAXTree")["nodes"]
    return [(n["role"]["value"], n.get("name", {}).get("value", ""), n) for n in nodes if not n["ignored"]]


def test_everything_has_a_name_a_role_and_enough_contrast(lab):
    for view in VIEWS:
        lab.go(view)
        settle(lab)
        told = tree(lab)
        nameless = [(role, node.get("backendDOMNodeId")) for role, name, node in told if role in NAMED and not name.strip()]
        assert not nameless, (view, nameless)
        roles = [role for role, _, _ in told]
        assert roles.count("main") == 1 and ("wall" in view or roles.count("heading") >= 1), (view, roles)
        levels = [next(p["value"]["value"] for p in node["properties"] if p["name"] == "level")
                  for role, _, node in told if role == "heading"]
        assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), (view, levels)
        assert lab.run("return document.documentElement.lang") == "en" and lab.driver.title.endswith("Plughook")
        duplicates = lab.run("const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
                             "return ids.filter((id, i) => ids.indexOf(id) !== i)")
        assert not duplicates, (view, duplicates)
        for scheme in ("light", "dark"):
            lab.scheme(scheme)
            wait_for(lambda: lab.run("return document.getAnimations().length === 0"), 5, "the colours")
            assert not (poor := lab.run(CONTRAST)), (view, scheme, poor)


def test_rows_of_phones_are_a_table_to_those_who_do_not_see(lab):
    lab.go("#/devices")
    settle(lab)
    told = tree(lab)
    assert ("table", "Phones") in [(role, name) for role, name, _ in told]
    assert [name for role, name, _ in told if role == "columnheader"] == ["Status", "Name", "UDID", "Port", "Since", "Held by"]
    assert sum(role == "row" for role, _, _ in told) == 1 + 2 + 3, "the head, two hubs, three phones"
    assert ("switch", "Online") not in [(role, name) for role, name, _ in told]
    lab.go("#/webhooks/2/edit")
    settle(lab)
    assert ("switch", "Online") in [(role, name.split(" from")[0].strip()) for role, name, _ in tree(lab)]


def test_the_keyboard_is_enough_and_the_focus_is_seen(host, rig, lab):
    lab.go("#/devices")
    settle(lab)
    lab.run("document.activeElement.blur(); getSelection().removeAllRanges()")
    order = []
    for _ in range(16):
        lab.tab()
        order.append(lab.focused().split("\n")[0])
        seen = lab.run("const s = getComputedStyle(document.activeElement);"
                       "return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2")
        assert seen, order
    assert order[:5] == ["Skip to the content", "Plughook", "Devices", "Webhook Settings", "Deliveries"], order
    places = lab.run("""
        const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
            .filter((e) => e.checkVisibility());
        return all.map((e) => (e.ariaLabel || e.innerText || e.id || e.tagName).trim().split("\\n")[0])""")
    assert order == places[:len(order)], "the focus goes as one reads"
    assert not lab.all("[tabindex]:not([tabindex='0']):not([tabindex='-1'])")

    lab.go("#/webhooks/2")
    lab.wait_for_text("Definition")
    lab.run("document.querySelector('[data-act=\"Delete…\"]').focus()")
    lab.key("Enter", "Enter", 13)
    lab.wait_for_text("Delete the webhook", "dialog")
    assert lab.focused() == "Cancel", "what harms is not what Enter does"
    held = set()
    for _ in range(6):
        lab.tab()
        held.add(lab.run("const e = document.activeElement;"
                         "return e === document.body || document.querySelector('dialog').contains(e)"))
    assert held == {True}, "the focus stays in the dialog"
    lab.key("Escape", "Escape", 27)
    wait_for(lambda: not lab.all("dialog"), 5, "the dialog to close")
    assert lab.focused() == "Delete…"
    lab.run("document.querySelector('.crumb a').focus()")
    lab.key("Enter", "Enter", 13)
    wait_for(lambda: lab.run("return document.activeElement.tagName") == "H1", 10, "the focus on the new view's heading")


def test_nothing_sticks_out_or_jumps(lab):
    for view in VIEWS:
        for width in (360, 390, 768, 1280, 2560):
            lab.size(width, 900, width < 500)
            lab.go(view)
            settle(lab)
            assert lab.run("return document.documentElement.scrollWidth") <= width, (view, width)
            hidden = lab.run("const nav = document.querySelector('nav'); return nav.scrollWidth - nav.clientWidth")
            assert hidden <= 0, (view, width, hidden)
    lab.size(1280, 900)
    lab.cdp("Page.addScriptToEvaluateOnNewDocument", source="""
        window.jumps = [];
        new PerformanceObserver((list) => jumps.push(...list.getEntries().filter((e) => !e.hadRecentInput).map((e) => e.value)))
            .observe({type: "layout-shift", buffered: true});""")
    lab.go("")
    lab.driver.refresh()
    settle(lab)
    wait_for(lambda: lab.texts(".rows .row"), 10, "the phones")
    assert sum(lab.run("return jumps")) < 0.02


def test_the_first_load_is_small(host, rig, lab):
    lab.cdp("Network.enable")
    lab.cdp("Network.setCacheDisabled", cacheDisabled=True)
    lab.go("#/devices")
    lab.driver.refresh()
    settle(lab)
    resources = lab.run("""
        return [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
            .map((e) => [e.name, e.encodedBodySize, e.responseEnd])""")
    assert all(name.startswith(host.url) for name, _, _ in resources), "nothing comes from elsewhere"
    names = ["/"] + [f"/page/{name}" for name in os.listdir(FOLDER) if name != "index.html"]
    whole = lab.driver.execute_async_script("""
        const [names, done] = arguments;
        Promise.all(names.map((name) => fetch(name, {cache: "reload"})
            .then((answer) => answer.ok ? answer.arrayBuffer() : Promise.reject(name))))
            .then(() => done(performance.getEntriesByType("resource")
                .filter((e) => e.initiatorType === "fetch" && names.includes(new URL(e.name).pathname))
                .reduce((sum, e) => sum + e.encodedBodySize, 0)), done)""", names)
    assert isinstance(whole, int) and 0 < whole <= 100_000, whole
    lab.cdp("Network.setCacheDisabled", cacheDisabled=False)
