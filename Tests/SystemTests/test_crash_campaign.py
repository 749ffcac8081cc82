"""kill -9 at random moments and at named points, under load, while receivers fail in every way that is not final.

Each campaign is a seed: PLUGHOOK_CAMPAIGN_SEED repeats one.  PLUGHOOK_CAMPAIGN_ROUNDS kills come to each campaign (100), and
with PLUGHOOK_CAMPAIGN_SECONDS campaigns with new seeds follow each other for that long: the long mode.
"""
import base64, hashlib, hmac, os, random, signal, time
from collections import Counter, defaultdict

from receiver import Answer

ROUNDS = int(os.environ.get("PLUGHOOK_CAMPAIGN_ROUNDS", "100"))
SECONDS = float(os.environ.get("PLUGHOOK_CAMPAIGN_SECONDS", "0"))
SEED = os.environ.get("PLUGHOOK_CAMPAIGN_SEED")
SECRET = bytes(range(32))
PHONES = 6
POINTS = ["before-commit", "after-commit", "mid-send", "after-accept", "mid-record", "mid-prune", "before-checkpoint",
          "after-checkpoint"]
#: What may become of a callback beside its acceptance; what is `pending` at the end is a fault.
ENDS = {"delivered", "dead", "superseded", "dropped", "cancelled"}


def test_kills_at_any_moment_lose_nothing_and_send_twice_only_what_was_in_flight(make_rig, request):
    end, seeds, kills = time.monotonic() + SECONDS, [], Counter()
    while not seeds or time.monotonic() < end and SEED is None:
        seeds.append(int(SEED) if SEED else random.randrange(1 << 32))
        rig = make_rig()
        try:
            campaign(rig, seeds[-1], kills)
        except BaseException:
            print(f"campaign: seed {seeds[-1]}, after the seeds {seeds[:-1]}; kills {dict(kills)}")
            raise
        rig.close()
        request.node.rigs.remove(rig)
    print(f"campaigns: seeds {seeds}, kills {dict(kills)}")


def campaign(rig, seed, kills):
    dice = random.Random(seed)
    answers(rig, dice)
    rig.configure(webhooks=webhooks(rig))
    phones, deaths = {}, []

    def toggle():
        serial = f"PHONE{dice.randrange(PHONES)}"
        if phone := phones.pop(serial, None):
            rig.testbed.unplug(phone)
        else:
            phones[serial] = rig.testbed.plug(serial=serial)

    for _ in range(ROUNDS):
        point = dice.choice([*POINTS, None, None, None, None])
        agent = rig.launch(**({"PLUGHOOK_FAILPOINT": f"{point}:{dice.randint(1, 5)}"} if point else {}))
        limit = time.monotonic() + dice.uniform(0.05, 1.2)
        while agent.is_running and time.monotonic() < limit:
            toggle()
            time.sleep(dice.uniform(0, 0.05))
        kills[point if not agent.is_running else "any moment"] += 1
        if agent.is_running:
            agent.kill()
        else:
            assert agent.wait() == -signal.SIGKILL, agent.log
        rig.receiver.catch_up()
        deaths.append(time.monotonic_ns())

    # All are well again, and what waits goes out.
    rig.receiver.decide = lambda request: Answer()
    rig.start()
    for ident in (1, 2, 3):
        rig.api.do("POST", f"/v1/webhooks/{ident}/resume")
    wait_until_all_has_ended(rig)
    check(rig, deaths)


def webhooks(rig):
    secret = os.path.join(rig.folder, "secret")
    with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write("whsec_" + base64.b64encode(SECRET).decode())
    made = [rig.webhook(1, "well"), rig.webhook(2, "moody"), rig.webhook(3, "latest")]
    made[2]["backlog"] = "latest"
    for webhook in made:
        webhook["secrets"] = [{"file": secret}]
    return made


def answers(rig, dice):
    """The first receiver is well; the others say all that is not final, and now and then what is."""
    moods = [Answer()] * 12 + [Answer(500), Answer(503, (("Retry-After", "1"),)), Answer(429), Answer(404), Answer(422),
                               Answer(408), Answer(302, (("Location", "http://169.254.169.254/"),)),
                               Answer(manner="drop"), Answer(manner="reset"), Answer(delay=0.05)]
    rig.receiver.decide = lambda request: Answer() if request.path == "/well" else dice.choice(moods)


def wait_until_all_has_ended(rig):
    limit = time.monotonic() + 120
    while True:
        counts = Counter(row["state"] for row in rig.query("SELECT state FROM callback"))
        if not counts["pending"]:
            assert set(counts) <= ENDS, counts
            return
        assert time.monotonic() < limit, f"callbacks that do not end: {counts}"
        time.sleep(0.1)


def check(rig, deaths):
    rows = {row["id"]: row for row in rig.query("SELECT * FROM callback")}
    # Each event that is not silent has a callback for each webhook, numbered without a gap.
    assert rig.query("""SELECT number FROM event WHERE NOT is_silent AND 3 <>
                        (SELECT count(*) FROM callback WHERE callback.event = event.number)""") == []
    lanes = defaultdict(list)
    for row in rows.values():
        lanes[row["webhook"], row["device"]].append(row["sequence"])
    for lane, numbers in lanes.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), lane

    accepted = defaultdict(list)
    for request in rig.receiver.requests:
        assert request.id in rows, f"{request.id} was sent and is not on record"
        assert request.body == rows[request.id]["body"], f"{request.id} has other bytes"
        assert is_signed(request), f"{request.id} has no valid signature"
        if request.accepted:
            accepted[request.id].append(request)
    for ident, row in rows.items():
        if row["state"] == "delivered":
            assert ident in accepted, f"{ident} is on record as delivered, and never was"
        elif row["webhook"] != 3:
            assert (row["state"], row["ending"]) == ("dead", "rejected"), f"{ident} was given up as {row['ending']}"
        else:
            assert row["ending"] in ("superseded", "rejected"), f"{ident} was given up as {row['ending']}"

    firsts = defaultdict(list)
    for requests in accepted.values():
        firsts[requests[0].lane].append(requests[0])
    for lane, requests in firsts.items():
        numbers = [r.sequence for r in sorted(requests, key=lambda r: r.ns)]
        assert numbers == sorted(numbers), f"{lane}: first acceptances out of order: {numbers}"

    per_death = defaultdict(list)
    for ident, requests in accepted.items():
        for first, second in zip(requests, requests[1:]):
            between = [n for n, death in enumerate(deaths) if first.ns < death < second.ns]
            assert between, f"{ident} was sent twice without a crash between"
            per_death[between[0]].append(first.lane)
    for doubled in per_death.values():
        assert len(doubled) == len(set(doubled)), "more than one of a lane was in flight"


def is_signed(request):
    signed = f"{request.id}.{request['webhook-timestamp']}.".encode() + request.body
    wanted = "v1," + base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
    return wanted in request["webhook-signature"].split()
