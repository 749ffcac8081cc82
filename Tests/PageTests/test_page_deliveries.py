"""What was sent: listed, one by one, and sent again."""
from patience import wait_for
from receiver import Answer


def test_deliveries_are_found_shown_and_sent_again(host, rig, page):
    host.configure(webhooks=[rig.webhook(1, "all"), rig.webhook(2, "wrong", ["online"])])
    rig.api.do("POST", "/v1/config/reload")
    rig.receiver.decide = lambda r: Answer(410 if r.path == "/wrong" else 200, body=b"<script>window.owned = 1</script>" * 300)
    page.press("Deliveries")
    page.wait_for_text("Nothing was sent yet")
    for n in range(3):
        rig.testbed.plug(serial=f"SENT-{n}", port=f"1.{n + 1}")
        rig.receiver.wait_for_callback(f"SENT-{n}", "online", path="/all")
    wait_for(lambda: len(page.all(".deliveries .rows .row")) == 6, 15, lambda: page.text("main"))
    assert "Suspended" in page.text(".gates"), "410 suspends"
    assert "SENT-2" in page.texts(".deliveries .rows .row")[0], "the newest first"
    page.choose("Webhook", "2")
    page.choose("State", "pending")
    wait_for(lambda: len(page.all(".deliveries .rows .row")) == 3, 10, lambda: page.text("main"))
    assert page.place == "/#/deliveries?webhook=2&state=pending"

    page.run("document.querySelector('.deliveries .rows .row:last-child a').click()")
    page.wait_for_text("Attempt 1")
    assert "SENT-0" in page.text(".body") and "plughook-sequence: 1" in page.text(".headers")
    assert "<script>" in page.text(".answer") and page.run("return window.owned === undefined") and not page.all("main script")

    page.go("#/deliveries?state=dead")
    page.press("Redeliver all dead…")
    page.wait_for_text("Nothing to redeliver", "dialog")
    assert page.texts("dialog button") == ["Close"]
    page.press("Close", within="dialog")

    page.go("#/deliveries?state=delivered")
    page.press("Redeliver all delivered…")
    page.wait_for_text("Redeliver 3 callbacks?", "dialog")
    page.press("Redeliver", within="dialog")
    for n in range(3):
        rig.receiver.wait_for_callback(f"SENT-{n}", "online", 2, path="/all")
    first, again = [r for r in rig.receiver.accepted() if r.what[0] == "SENT-1" and r.path == "/all"]
    assert first.id == again.id and first.body == again.body
    wait_for(lambda: not page.all("dialog"), 10, "the dialog to close")

    page.go("#/deliveries?device=SENT-1&webhook=1")
    wait_for(lambda: len(page.all(".deliveries .rows .row")) == 1, 10, lambda: page.text("main"))
    page.press(page.text(".deliveries .rows .row a"))
    page.press("Redeliver…")
    page.press("Redeliver", within="dialog")
    rig.receiver.wait_for_callback("SENT-1", "online", 3, path="/all")
    page.go("#/deliveries?until=2001-01-01T00:00:00.000Z")
    page.wait_for_text("No delivery fits what is asked for")
    made = [one["createdAt"] for one in rig.api.get("/v1/deliveries")["deliveries"]]
    for since, until in ((made[2], ""), ("", made[2]), (made[4], made[2])):
        page.go(f"#/deliveries?since={since}&until={until}")
        wanted = [at for at in made if (not since or since <= at) and (not until or at < until)]
        wait_for(lambda: page.run("return [...document.querySelectorAll('.deliveries .rows .row > :first-child time')]"
                                  ".map((e) => e.dateTime)") == wanted, 10, lambda: f"{wanted}: {page.text('main')}")
    page.run("location.hash = '#/deliveries?since=yesterday'")
    page.wait_for_text("since must be a date and time with its offset", ".problem")
