"""What phones, people and receivers say may be anything: on the page it is text, and turns no other text around."""
from urllib.parse import quote

import pytest

from patience import wait_for
from receiver import Answer

SCRIPT = "<script>window.owned = 1</script>"
IMAGE = "<img src=x onerror='window.owned = 1'>"
#: Overrides, isolates, and an end of the isolation that it may be put into.
MARKS = "a\u202egpj.\u2067b\u2066c\u2069\u202ed"
#: As it is shown, and as the command line shows it.
MARKS_SHOWN = r"a\u{202e}gpj.\u{2067}b\u{2066}c\u{2069}\u{202e}d"
HEBREW = "\u05e9\u05dc\u05d5\u05dd 12"
ARABIC = "\u0645\u0631\u062d\u0628\u0627 (34)"

#: Texts that do not stand as they were written: characters of one line from the right to the left, where they are none of a
#: script that is; one that stands before the one before it in its block; and marks that would do so.
TURNED = r"""
    const block = (node) => {
        let e = node.parentElement;
        while (["inline", "contents"].includes(getComputedStyle(e).display)) e = e.parentElement;
        return e;
    };
    const found = [];
    const range = document.createRange();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let last = null;
    while (walk.nextNode()) {
        const { currentNode: node } = walk;
        const e = node.parentElement;
        if (!node.data.trim() || !e.checkVisibility() || e.closest(".unseen, option")) continue;
        if (/\p{Bidi_Control}/u.test(node.data)) found.push(`a mark in ${JSON.stringify(node.data)}`);
        range.selectNodeContents(node);
        const lines = [...range.getClientRects()];
        if (!lines.length) continue;
        const isForeign = /[\u0590-\u08ff]/.test(node.data);
        for (let i = 0, before = null; !isForeign && i < Math.min(node.data.length, 600); i++) {
            range.setStart(node, i);
            range.setEnd(node, i + 1);
            const { left, top, width } = range.getBoundingClientRect();
            if (before && width && Math.abs(before.top - top) < 2 && left < before.left) {
                found.push(`turned: ${JSON.stringify(node.data)} at ${i}`);
                break;
            }
            if (width) before = { left, top };
        }
        const mine = block(node);
        const isSameLine = last && last.block === mine && Math.abs(last.line.bottom - lines[0].bottom) < 4;
        if (isSameLine && lines[0].left < last.line.right - 1) found.push(`${JSON.stringify(node.data)} before ${last.text}`);
        last = { block: mine, line: lines[lines.length - 1], text: JSON.stringify(node.data) };
    }
    return found"""

#: What would lead elsewhere, or was made of somebody's text.
ALIEN = """
    return [...document.querySelectorAll("[href], [src], [action]")]
        .filter((e) => new URL(e.href || e.src || e.action, location).origin !== location.origin)
        .concat(...document.querySelectorAll("body script, main img, main iframe, dialog :is(img, script), [onerror]"))
        .map((e) => e.outerHTML)"""


def assert_harmless(page, *texts):
    """These are shown as they were written, and everything else as it would be without them."""
    for text in texts:
        page.wait_for_text(text)
    assert page.run("return window.owned === undefined && !/\\p{Bidi_Control}/u.test(document.title)")
    assert not (alien := page.run(ALIEN)), alien
    for width in (360, 1280):
        page.size(width, 900, width < 500)
        wait_for(lambda: page.run("return document.getAnimations().length === 0"), 5, "the view to be still")
        assert not (turned := page.run(TURNED)), (width, page.place, turned)
        wide = page.run("""return Math.max(document.documentElement.scrollWidth,
            ...[...document.querySelectorAll("dialog")].map((e) => e.getBoundingClientRect().left + e.scrollWidth))""")
        assert wide <= width, (wide, width, page.place, sticking_out(page))


def sticking_out(page):
    return page.run("""return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility()
        && e.getBoundingClientRect().right > innerWidth + 1).map((e) => `${e.tagName}.${e.className}`).slice(0, 20)""")


def dialog(page, name, *texts):
    """Opens it, looks at it, and leaves it."""
    page.press(name)
    page.one("dialog")
    assert_harmless(page, *texts)
    page.press("Cancel", within="dialog")
    wait_for(lambda: not page.all("dialog"), 5, "the dialog to close")


@pytest.fixture
def phones(rig, page):
    """UDIDs, by what they try."""
    for number, (serial, product) in enumerate([
            (SCRIPT, MARKS), (MARKS, IMAGE), (HEBREW, ARABIC), ("W" * 126, "W" * 126), ("'\"&amp;", "../../x")], 1):
        rig.testbed.plug(serial=serial, product=product, port=f"1.{number}")
    return wait_for(lambda: (devices := rig.api.get("/v1/devices")["devices"])[4:] and {d["name"]: d["udid"] for d in devices},
                    20, "the phones")


def test_phones_and_those_who_use_them(rig, page, phones):
    for name, owner in ((MARKS, SCRIPT), (IMAGE, "W" * 200), (ARABIC, HEBREW)):
        for kind in ("session", "reserved"):
            rig.api.do("POST", "/v1/sessions", {"device": phones[name], "owner": owner, "kind": kind}, 201)
    for owner in (MARKS, "x" * 10_000):
        refused = rig.api.do("POST", "/v1/sessions", {"device": "'\"&amp;", "owner": owner}, 422)
        assert [fault["pointer"] for fault in refused["faults"]] == ["/owner"]
    page.go("#/devices")
    assert_harmless(page, SCRIPT, MARKS_SHOWN, IMAGE, ARABIC, HEBREW)
    page.go("?wall")
    assert_harmless(page, MARKS_SHOWN, IMAGE, ARABIC)
    for name, texts in ((MARKS, [MARKS_SHOWN, SCRIPT]), (IMAGE, [IMAGE, MARKS_SHOWN]), (ARABIC, [ARABIC, HEBREW])):
        rig.api.do("POST", f"/v1/devices/{quote(phones[name], safe='')}/expect-absence", {"seconds": 600, "reason": texts[1]
                   if texts[1] != MARKS_SHOWN else "W" * 200})
        page.go(f"#/devices/{quote(phones[name], safe='')}")
        page.wait_for_text("2 changes", ".timeline-body")
        page.wait_for_text("Delivered", "main")
        page.wait_for_text("Expected to be away until")
        assert_harmless(page, *texts)
        dialog(page, "End…", *texts[:1])
    page.go(f"#/devices/{'W' * 126}")
    page.write("Why", MARKS)
    page.press("Expect")
    wait_for(lambda: "cannot be seen" in page.fault_of("Why"), 10, lambda: page.text("main"))
    page.write("Why", "w" * 10_000)
    page.press("Expect")
    wait_for(lambda: page.fault_of("Why") == "has 10000 characters: shorten it to 200 characters at most", 10,
             lambda: page.fault_of("Why"))
    assert_harmless(page, "W" * 126)


def test_webhooks_and_what_is_refused_of_them(host, rig, page, phones):
    page.go("#/webhooks/new")
    for url, words in (("javascript:alert(1)//", "does not start with http:// or https://"),
                       ("data:text/html," + SCRIPT, "has a space"), ('http://a/"><script>x</script>', "has the character \""),
                       (f"http://a/{MARKS}", "has a character outside of ASCII"), ("http://" + "u" * 10_000, "characters")):
        page.write("Name", MARKS * 400)
        page.write("URL", url)
        page.write("Description", IMAGE * 300)
        page.press("Save")
        wait_for(lambda: words in page.fault_of("URL"), 10, lambda: (url[:40], page.fault_of("URL")))
        assert "shorten it to 50 characters" in page.fault_of("Name")
        assert "shorten it to 512 characters" in page.fault_of("Description")
        assert_harmless(page)
    assert len(rig.api.get("/v1/webhooks")["webhooks"]) == 1, "nothing was created"

    url = f"{rig.receiver.url}/'(<)".replace("<", "%3C")
    url += "x" * (512 - len(url))
    names = [MARKS, HEBREW + " " + SCRIPT[:40], "W" * 50]
    descriptions = [MARKS * 30, (ARABIC + SCRIPT) * 8, "W" * 512]
    for number, (name, description) in enumerate(zip(names, descriptions), 2):
        page.go("#/webhooks/new")
        page.write("Name", name)
        page.write("URL", url)
        page.write("Description", description)
        page.toggle("Online")
        page.write("Names", f"{MARKS}\n*")
        page.wait_for_text("/devices/names/0: has characters that cannot be seen", ".match")
        page.write("Names", f"{HEBREW}\n*")
        page.press("Add a header")
        page.field("Name of the header").send_keys("X-Team")
        page.write("Value of the header", "<b>'\"&amp;</b>" * 20)
        page.press("Save")
        page.wait_for_text("Definition")
        made = rig.api.get(f"/v1/webhooks/{number}")
        assert (made["name"], made["url"], made["description"]) == (name, url, description)
        shown = [text.replace(MARKS, MARKS_SHOWN) for text in (name, description)]
        assert_harmless(page, *shown, url)
        dialog(page, "Delete…", shown[0])
        page.go(f"#/webhooks/{number}/edit")
        page.wait_for_text("Matches 5 phones", ".match")
        assert_harmless(page, f"Edit {shown[0]}", MARKS_SHOWN)
        assert page.value("Name") == name and page.value("Description") == description
        page.press("Save")
        page.wait_for_text("Definition")
        assert rig.api.get(f"/v1/webhooks/{number}")["name"] == name, "what is written out on the page is not saved so"
    page.go("#/webhooks")
    assert_harmless(page, MARKS_SHOWN, names[1], url)


def test_what_receivers_answer(host, rig, page):
    body = (MARKS + SCRIPT + ARABIC + "<a href='javascript:window.owned = 1'>x</a>").encode() * 100
    assert len(body) > 10_000
    rig.receiver.decide = lambda request: Answer(500, body=body)
    rig.testbed.plug(serial=MARKS, product=HEBREW, port="1.1")
    page.go("#/webhooks/1")
    page.press("Send test")
    page.wait_for_text("Receiver's error", "main")
    assert_harmless(page, MARKS_SHOWN + SCRIPT + ARABIC)
    page.go("#/deliveries")
    assert_harmless(page, MARKS_SHOWN, HEBREW)
    page.run("document.querySelector('.deliveries .rows .row a').click()")
    page.wait_for_text("Attempt 1")
    assert_harmless(page, MARKS_SHOWN + SCRIPT + ARABIC)


@pytest.mark.parametrize("place", [SCRIPT, IMAGE, MARKS, HEBREW, "W" * 10_000, "devices/" + IMAGE, "devices/%E0%A4%A",
                                   "devices?q=" + IMAGE, "devices?status=" + SCRIPT, "deliveries?state=" + SCRIPT,
                                   "deliveries?webhook=1&since=" + MARKS, "deliveries?device=" + MARKS, "webhooks/1%22%3E"])
def test_an_address_that_somebody_else_has_made(page, place):
    page.run("location.hash = '#/' + arguments[0]", place)
    wait_for(lambda: page.text("main h1") and page.run("return document.querySelector('main').dataset.view") != "/"
             and "…" not in page.texts(".summary"), 10, lambda: page.text("body"))
    assert_harmless(page)
    page.driver.refresh()
    page.one("main h1")
    assert_harmless(page)
