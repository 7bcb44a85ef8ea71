"""Draw attempts: whom, when by their own clock, on which channel, by whom, and how each ended."""

from __future__ import annotations

import numpy as np
import polars as pl

from forbear.demo.crowd import UNKNOWN, ZONES, Crowd
from forbear.demo.payments import LOOK_BACK_DAYS, Cure
from forbear.demo.points import Points
from forbear.demo.requests import instants
from forbear.kernel.columns import Bools, Days, Ints, Longs

CHANNELS = ("voice", "sms", "app", "email", "letter")
LATE_CHANNELS = (0.58, 0.22, 0.11, 0.06, 0.03)
EARLY_CHANNELS = (0.10, 0.40, 0.40, 0.10, 0.0)  # up to three days late
CURRENT_CHANNELS = (0.0, 0.35, 0.5, 0.15, 0.0)
ACTORS = ("lender:desk", "agency:anhe", "agency:mingde", "bot:lender")
ACTOR_SHARES = (0.56, 0.17, 0.11, 0.16)
BOT = 3
CALL_CODES = {
    "no_answer": 0.37,
    "busy": 0.09,
    "switched_off": 0.07,
    "hung_up": 0.11,
    "talked": 0.17,
    "promised": 0.08,
    "third_party": 0.045,
    "wrong_person": 0.02,
    "hardship": 0.025,
    "number_invalid": 0.012,
    "disputed": 0.004,
    "asked_to_stop": 0.004,
}
NOTICE_CODES = {"delivered": 0.5, "no_answer": 0.33, "busy": 0.09, "switched_off": 0.08}
MESSAGE_CODES = {"delivered": 0.95, "undelivered": 0.05}
INBOUND_CODES = {"talked": 0.65, "hardship": 0.2, "promised": 0.15}
CALM_CODES = {"no_answer": 0.55, "busy": 0.1, "hung_up": 0.1, "talked": 0.25}
FAILED_CODES = {"no_answer": 0.6, "switched_off": 0.4}
THIRD_CODES = {"third_party": 0.7, "third_party_refused": 0.15, "no_answer": 0.15}
OPENS, CLOSES = 8 * 60 + 10, 20 * 60 + 50  # minutes of the person's own day; inside the lawful ones
AT_CAP_SHARE = 0.02  # of late people, for each of the three counters
LOST_SHARE = 0.05  # of people over twenty days late
LOST_DAYS = (8, 6, 3, 1)  # how many days ago nobody answered


def drawn_attempts(
    rng: np.random.Generator, crowd: Crowd, points: Points, cure: Cure
) -> pl.DataFrame:
    """Return attempts as drawn, before the book's own rules thin them out.

    Errors: none.
    Source: none.
    """
    lost = (crowd.late_days > 20) & points.phone & (rng.random(len(crowd)) < LOST_SHARE)
    usual = _usual(rng, crowd, points)
    since = (crowd.as_of - 14).item()
    reached = usual["code"].is_in(["no_answer", "switched_off", "busy"]).not_()
    recent = (usual["local_on"] >= since) & (usual["channel"] == "voice")
    usual = usual.filter(~(pl.Series(lost)[usual["person"]] & recent & reached))
    capped = _at_caps(rng, crowd, points, lost)
    today = usual["local_on"] == crowd.as_of.item()
    usual = usual.filter(~(usual["person"].is_in(capped["person"].unique().implode()) & today))
    parts = [usual, capped, *_lost(rng, crowd, points, lost), *_cured(rng, crowd, points, cure)]
    return pl.concat(parts).with_row_index("kind_order")


def codes(rng: np.random.Generator, shares: dict[str, float], n: int) -> pl.Series:
    """Return n disposition codes drawn by their shares.

    Errors: none.
    Source: none.
    """
    weights = np.array(list(shares.values()))
    drawn = rng.choice(np.array(list(shares), dtype=object), n, p=weights / weights.sum())
    return pl.Series(drawn, dtype=pl.String)


def attempts(
    rng: np.random.Generator,
    crowd: Crowd,
    person: Ints,
    on: Days,
    *,
    code: pl.Series,
    point: pl.Series,
    channel: str | pl.Series = "voice",
    actor: str | pl.Series = "lender:desk",
    interactive: Bools | None = None,
    inbound: Bools | None = None,
) -> pl.DataFrame:
    """Return attempts on people's own days, at a minute drawn inside the lawful hours.

    Shape:  person, on, code and point (m,).
    Errors: none.
    Source: none.
    """
    m = len(person)
    zone = crowd.zone_at(person, on)
    hours = np.array([offset for _, offset in ZONES])[zone]
    # Where the zone is unknown the day is UTC's; the hours drawn are the same day in both.
    at = instants(on, rng.integers(OPENS, CLOSES, m), hours)
    plain = np.zeros(m, bool)
    return pl.DataFrame(
        {
            "person": np.asarray(person, np.int32),
            "person_ref": crowd.ref[person],
            "point": point,
            "code": code,
            "inbound": plain if inbound is None else inbound,
            "interactive": ~plain if interactive is None else interactive,
            "at": at,
            "local_on": on,
        }
    ).with_columns(
        channel=pl.lit(channel) if isinstance(channel, str) else channel,
        actor=pl.lit(actor) if isinstance(actor, str) else actor,
    )


def phone_of(crowd: Crowd, points: Points, person: Ints, on: Days) -> pl.Series:
    """Return the key of the phone that each person had on a day; null where they have none.

    Errors: none.
    Source: none.
    """
    new = on >= points.changed_on[person]
    ref = pl.col("ref")
    return pl.DataFrame({"ref": crowd.ref[person], "has": points.phone[person], "new": new}).select(
        pl.when("has").then(pl.when("new").then(ref + ":phone:new").otherwise(ref + ":phone"))
    )["ref"]


def _usual(rng: np.random.Generator, crowd: Crowd, points: Points) -> pl.DataFrame:
    """Return the ordinary run of reminders and calls, more of them the later somebody is."""
    late = np.minimum(crowd.late_days, LOOK_BACK_DAYS)
    mean = np.select([late > 3, late > 0], [1.2 + 0.17 * late, 1.4], 0.5)
    person = np.repeat(np.arange(len(crowd), dtype=np.int32), rng.poisson(mean))
    m = len(person)
    back = np.where(late > 0, late, 40)[person]
    on = crowd.as_of - (rng.random(m) * (back + 1)).astype(np.int64)
    late_of = late[person]
    drawn = [rng.choice(len(CHANNELS), m, p=p) for p in (LATE_CHANNELS, EARLY_CHANNELS)]
    current = rng.choice(len(CHANNELS), m, p=CURRENT_CHANNELS)
    channel = np.select([late_of > 3, late_of > 0], drawn, current)
    voice = channel == 0
    actor = np.where(voice, rng.choice(len(ACTORS), m, p=ACTOR_SHARES), len(ACTORS))
    inbound = voice & (rng.random(m) < 0.04)
    actor = np.where(inbound, 0, actor)
    notice = (actor == BOT) & (rng.random(m) < 0.6)
    kind = np.select([inbound, notice, voice], [3, 1, 0], 2)
    drawn_codes = [
        codes(rng, shares, m).to_numpy()
        for shares in (CALL_CODES, NOTICE_CODES, MESSAGE_CODES, INBOUND_CODES)
    ]
    frame = attempts(
        rng,
        crowd,
        person,
        on,
        code=pl.Series(np.choose(kind, drawn_codes), dtype=pl.String),
        point=_points(crowd, points, person, on, channel),
        channel=pl.Series(np.array(CHANNELS)[channel]),
        actor=pl.Series(np.array([*ACTORS, "lender:system"])[actor]),
        interactive=voice & ~notice,
        inbound=inbound,
    )
    # Where nobody knows the zone, nobody may call: those people called us, or nothing happened.
    quiet = pl.Series((crowd.zone == UNKNOWN)[person] & ~inbound)
    return frame.filter(frame["point"].is_not_null() & ~quiet)


def _points(crowd: Crowd, points: Points, person: Ints, on: Days, channel: Longs) -> pl.Series:
    """Return the key of the point that each attempt used; null where the person has none."""
    frame = pl.DataFrame(
        {
            "ref": crowd.ref[person],
            "phone": phone_of(crowd, points, person, on),
            "channel": np.array(CHANNELS)[channel],
            "email": points.email[person],
            "app": points.app[person],
            "address": points.address[person],
        }
    )
    channel_is = pl.col("channel")
    return frame.select(
        pl.when(channel_is.is_in(["voice", "sms"]))
        .then("phone")
        .when((channel_is == "email") & pl.col("email"))
        .then(pl.col("ref") + ":email")
        .when((channel_is == "app") & pl.col("app"))
        .then(pl.col("ref") + ":app")
        .when((channel_is == "letter") & pl.col("address"))
        .then(pl.col("ref") + ":address")
        .alias("point")
    )["point"]


def _at_caps(rng: np.random.Generator, crowd: Crowd, points: Points, lost: Bools) -> pl.DataFrame:
    """Return people whose day is used up: three conversations, six unanswered, three notices."""
    callable_ = points.phone & (crowd.late_days >= 4) & (crowd.zone != UNKNOWN) & ~lost
    draw = rng.random(len(crowd))
    parts = []
    for nth, (times, code, notice) in enumerate(
        ((3, "talked", False), (6, "no_answer", False), (3, "delivered", True))
    ):
        mine = (draw >= nth * AT_CAP_SHARE) & (draw < (nth + 1) * AT_CAP_SHARE) & callable_
        person = np.repeat(np.flatnonzero(mine).astype(np.int32), times)
        on = np.repeat(crowd.as_of, len(person))
        parts.append(
            attempts(
                rng,
                crowd,
                person,
                on,
                code=pl.select(pl.repeat(code, len(person))).to_series(),
                point=phone_of(crowd, points, person, on),
                actor="bot:lender" if notice else "lender:desk",
                interactive=np.full(len(person), not notice),
            )
        )
    return pl.concat(parts)


def _lost(
    rng: np.random.Generator, crowd: Crowd, points: Points, lost: Bools
) -> list[pl.DataFrame]:
    """Return failures on four days, and for half a call to the contact person they had named."""
    who = np.flatnonzero(lost).astype(np.int32)
    person = np.repeat(who, len(LOST_DAYS))
    on = crowd.as_of - np.tile(np.array(LOST_DAYS), len(who))
    failed = attempts(
        rng,
        crowd,
        person,
        on,
        code=codes(rng, FAILED_CODES, len(person)),
        point=phone_of(crowd, points, person, on),
    )
    asked = who[(points.named & ~points.refused)[who] & (rng.random(len(who)) < 0.5)]
    today = np.repeat(crowd.as_of, len(asked))
    third = attempts(
        rng,
        crowd,
        asked,
        today,
        code=codes(rng, THIRD_CODES, len(asked)),
        point=crowd.ref[asked] + ":contact",
    )
    return [failed, third]


def _cured(
    rng: np.random.Generator, crowd: Crowd, points: Points, cure: Cure
) -> list[pl.DataFrame]:
    """Return the calls before a late payment: some answered, and the promises that were kept."""
    days = (cure.paid_on - cure.due_on).astype(np.int64)
    due = np.repeat(np.arange(len(days)), rng.poisson(np.minimum(days, 60) * 0.07))
    on = cure.due_on[due] + 1 + (rng.random(len(due)) * (days[due] - 1)).astype(np.int64)
    parts = []
    for person, day, code in (
        (cure.person[due], on, codes(rng, CALM_CODES, len(due))),
        (
            cure.person[cure.promised],
            cure.due_on[cure.promised] + 2,
            pl.select(pl.repeat("promised", int(cure.promised.sum()))).to_series(),
        ),
    ):
        point = phone_of(crowd, points, person, day)
        frame = attempts(rng, crowd, person, day, code=code, point=point)
        quiet = pl.Series((crowd.zone == UNKNOWN)[person])
        parts.append(frame.filter(frame["point"].is_not_null() & ~quiet))
    return parts
