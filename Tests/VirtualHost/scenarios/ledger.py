"""What the agent has on disk, and what its receiver was told: the two must agree."""
import contextlib, sqlite3
from collections import defaultdict


def whole(database, webhooks):
    """What is so at every moment, with so many webhooks that all want every event. Returns the callbacks by their ids."""
    database.row_factory = sqlite3.Row
    assert [tuple(row) for row in database.execute("PRAGMA integrity_check")] == [("ok",)]
    rows = {row["id"]: row for row in database.execute("SELECT * FROM callback")}
    events = database.execute("""SELECT number, (SELECT count(*) FROM callback WHERE callback.event = event.number)
                                 FROM event WHERE NOT is_silent""")
    assert not [number for number, callbacks in map(tuple, events) if callbacks != webhooks]
    assert not database.execute("SELECT * FROM attempt WHERE callback NOT IN (SELECT id FROM callback)").fetchall()
    lanes = defaultdict(list)
    for row in rows.values():
        lanes[row["webhook"], row["device"]].append(row["sequence"])
    for lane, numbers in lanes.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), lane
    return rows


def check(path, requests, webhooks, failures=()):
    """All that is on record was accepted, in order, and nothing else was sent; twice only what a failure has interrupted.

    Returns how many came twice.  Failures are moments of the host's monotonic clock.
    """
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = whole(database, webhooks)
    assert rows
    for row in rows.values():
        assert row["state"] == "delivered", dict(row)
    accepted = defaultdict(list)
    for request in requests:
        # It was on disk before it was sent.
        assert request.id in rows, f"{request.id} was sent and is not on record"
        assert request.body == rows[request.id]["body"], f"{request.id} has other bytes"
        if request.accepted:
            accepted[request.id].append(request)
    assert set(accepted) == set(rows), "some were never accepted"
    firsts, doubles = defaultdict(list), defaultdict(list)
    for ident, received in accepted.items():
        firsts[received[0].lane].append(received[0])
        for first, second in zip(received, received[1:]):
            between = [n for n, failure in enumerate(failures) if first.ns < failure < second.ns]
            assert between, f"{ident} came twice without a failure between"
            doubles[between[0]].append(first.lane)
    for lane, received in firsts.items():
        numbers = [r.sequence for r in sorted(received, key=lambda r: r.ns)]
        assert numbers == sorted(numbers), f"{lane}: first acceptances out of order: {numbers}"
    for doubled in doubles.values():
        assert len(doubled) == len(set(doubled)), "more than one of a lane was in flight"
    return sum(map(len, doubles.values()))
