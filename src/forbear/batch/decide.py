"""Decide, for a slice of people, what the night plans. Pure: the same rows give the same plan.

Score, segment, then ask the law about each want of the leaf in order: the first that is allowed is
planned. The law is asked by the very functions that the gate asks. No row depends on another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from forbear.batch.assemble import House, Windows
from forbear.batch.clock import clock_columns
from forbear.batch.columns import Rows, texts, words
from forbear.batch.frames import day_number
from forbear.contact.facts import ContactFacts, empty_facts
from forbear.contact.permission import allowed, forbidden
from forbear.delinquency.bucket import Buckets
from forbear.kernel.columns import Bools, Ints, Longs
from forbear.kernel.days import instant, zone_named
from forbear.kernel.vocabulary import Channel, CreditorType, PointKind, Purpose
from forbear.law.packs import Law
from forbear.treatment.score import REASONS as SCORED
from forbear.treatment.score import Points, scores
from forbear.treatment.strategy import (
    REASONS,
    Split,
    Standing,
    Step,
    Strategy,
    amount_words,
    held_out,
    segments,
)

CHANNELS, PURPOSES = list(Channel), list(Purpose)
ACTIONS = (*(c.value for c in Channel), *(s.value for s in Step), "refused")
WAIT, REFER, REFUSED = len(Channel), len(Channel) + 1, len(Channel) + 2
POINT_OF = {  # which kind of contact point a channel needs
    Channel.app: PointKind.app,
    Channel.sms: PointKind.phone,
    Channel.email: PointKind.email,
    Channel.letter: PointKind.address,
    Channel.voice: PointKind.phone,
}
KIND_OF = np.array([list(PointKind).index(POINT_OF[c]) for c in Channel], np.int32)
AS_IS = (
    "effective_today connected_notices_today outbound_today outbound_7d debt_calls_7d"
    " failed_streak failed_streak_days"
).split()
LAST_DAY = ("effective_24h", "connected_notices_24h", "outbound_24h")
FLAGS = ("deceased incapacitated represented insolvent moratorium no_contact_order student").split()
HELD = {  # why nothing that is owed may be collected
    "disputed": "held_disputed",
    "arranged": "held_arrangement",
    "mediated": "held_mediation",
    "refund_pending": "held_refund_pending",
}
SOME = {"in_court": "lawsuit", "time_barred": "time_barred", "breathing_space": "breathing_space"}
MASKS = ("ceased", "opted_out", "night_consent")  # bits over Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that decides, besides the facts."""

    as_of: date
    law: Law
    strategy: Strategy
    points: Points
    buckets: Buckets
    month_days: int  # rule house.reported_month_days
    age_years: int  # rule house.minor
    streak_days: int  # rule house.failed_call_days
    zones: tuple[str, ...]  # by number
    point_zones: tuple[str, ...]  # of contact points, by number
    currencies: tuple[str, ...]  # by number

    @property
    def house(self) -> House:
        """The house's numbers that ageing reads."""
        return House(buckets=self.buckets, month_days=self.month_days)

    @property
    def windows(self) -> Windows:
        """How far back what was tried is counted, for every minute that the strategy wants."""
        return Windows(
            minutes=self.minutes, streak_days=self.streak_days, point_zones=len(self.point_zones)
        )

    @property
    def minutes(self) -> tuple[int, ...]:
        """The minutes of the day at which the strategy may want a contact, in order."""
        wants = [want for leaf in self.strategy.leaves for want in leaf.wants]
        return tuple(sorted({w.local_minute for w in wants if w.local_minute >= 0}))

    @property
    def planned_on(self) -> date:
        """The day that contacts are planned for, on each person's own calendar."""
        return self.as_of + timedelta(days=1)


@dataclass(slots=True)
class Choice:
    """What is decided so far of n people. Columns (n,)."""

    action: Ints  # position in ACTIONS; -1 while open
    want: Ints  # which of the leaf's wants; -1 where none
    point: Ints  # -1 where none
    blocks: dict[str, Bools]  # rule → whom it stood in the way of


def decided(table: pa.Table, rules: Rules) -> pa.Table:
    """Return the plan of a slice of people, a row each, in their order.

    Shape:  table has the columns of `assemble.Assembled.people`; the result those of PLAN.
    Unit:   planned_at in microseconds from 1970-01-01 UTC; money in minor units.
    Errors: none; a refusal is a row.
    Source: house rules 2 and 3.
    """
    rows = Rows(table)
    facts = scored_facts(rows, rules)
    score, worst = scores(facts, rules.points)
    standing = standing_of(rows, score, rules)
    leaf, path = segments(standing, rules.strategy)
    held = held_out(rows.ints("lot"), standing.days_past_due, rules.strategy)
    choice = chosen(rows, leaf, held, rules)
    return _plan(rows, standing, leaf, path, worst, held, choice, rules)


def scored_facts(rows: Rows, rules: Rules) -> dict[str, Ints]:
    """Return what the points score reads.

    Shape:  name of `treatment.score.FACTS` → (n,).
    Unit:   counts; days.
    Errors: none.
    Source: packs/house/points.yaml.
    """
    as_of = day_number(rules.as_of)
    first = np.minimum(rows.ints("first_due_on", as_of), rows.ints("first_reported_on", as_of))
    return {
        "late_times": rows.ints("late_dues") + rows.ints("late_reports"),
        "worst_months": rows.ints("worst_months"),
        "known_days": np.maximum(as_of - first, 0),
        "lapsed_promises": rows.ints("lapsed_promises"),
        "failed_streak": rows.ints("failed_streak"),
    }


def standing_of(rows: Rows, score: Ints, rules: Rules) -> Standing:
    """Return what the strategy tree asks of each person.

    Errors: none.
    Source: packs/house/strategy.
    """
    live = rows.bools("live")
    days = np.where(live, rows.ints("live_days"), rows.ints("days_past_due")).astype(np.int32)
    repeated = (rows.ints("cleared_dues") + rows.ints("earlier_reports")) > 0
    return Standing(
        days_past_due=days,
        amount=amount_words(
            rows.longs("due_minor"), rows.ints("currency"), rules.currencies, rules.strategy
        ),
        history=repeated.astype(np.int32),
        score=score,
        promise=(rows.ints("open_promises") > 0).astype(np.int32),
        failed_streak=rows.ints("failed_streak"),
    )


def chosen(rows: Rows, leaf: Ints, held: Bools, rules: Rules) -> Choice:
    """Return the first of each person's wants that the law allows, and what forbade the others.

    Shape:  columns (n,).
    Errors: none.
    Source: house rule 3.
    """
    n = len(leaf)
    choice = Choice(
        np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32), {}
    )
    choice.action[held] = WAIT
    base = shared_facts(rows, rules)
    for turn in range(max(len(each.wants) for each in rules.strategy.leaves)):
        action, minute, purpose = _wanted(rules.strategy, turn)
        open_ = choice.action < 0
        steps = open_ & (action[leaf] >= WAIT)
        choice.action[steps], choice.want[steps] = action[leaf[steps]], turn
        asked = np.flatnonzero(open_ & (action[leaf] >= 0) & (action[leaf] < WAIT))
        if not len(asked):
            continue
        theirs = leaf[asked]
        facts, point = contact_facts(
            rows, base, rules, asked, action[theirs], minute[theirs], purpose[theirs]
        )
        blocks = forbidden(facts, rules.law, on=rules.planned_on)
        for rule, where in blocks.items():
            seen = choice.blocks.setdefault(rule, np.zeros(n, np.bool_))
            seen[asked] |= where
        may = allowed(blocks)
        choice.action[asked[may]], choice.want[asked[may]] = action[theirs[may]], turn
        choice.point[asked[may]] = point[may]
    choice.action[choice.action < 0] = REFUSED
    return choice


def shared_facts(rows: Rows, rules: Rules) -> dict[str, Any]:
    """Return the facts of each person that are the same whatever is wanted of them.

    Shape:  name in ContactFacts → (n,); masks over Channel under their own names.
    Errors: none.
    Source: contact/facts.py.
    """
    undisputed, owing = rows.bools("undisputed"), rows.bools("owing")
    least, most = rows.ints("least_jurisdiction"), rows.ints("most_jurisdiction")
    own = rows.ints("jurisdiction")
    accounts = np.where(least == most, most, 0)  # where the person is not known to live anywhere
    in_flight = rows.ints("in_flight_on", -1)
    born_on = rows.ints("born_on", -(1 << 30))
    known = np.array([zone_named(name) is not None for name in rules.zones], np.bool_)
    phones = rows.ints("phones")
    return {
        **{name: rows.ints(name) for name in AS_IS},
        **{name: rows.bools(name) for name in FLAGS},
        **{name: rows.ints(name) for name in MASKS},
        **{name: owing & ~undisputed & rows.bools(held) for name, held in HELD.items()},
        **{name: rows.bools(f"some_{kind}") for name, kind in SOME.items()},
        "debt_talked_days": rows.ints("debt_talked_days", -1),
        "unanswered_today": rows.ints("unanswered_today"),
        "zones": rows.longs("candidate_zones"),
        "last_day": {
            name: np.stack([rows.ints(f"{name}_{m}") for m in rules.minutes])
            for name in (*LAST_DAY, "unanswered_24h")
        },
        "jurisdiction": np.where(own != 0, own, accounts).astype(np.int16),
        "creditor_types": np.where(undisputed, _mask(rows, "theirs"), _mask(rows, "any")).astype(
            np.int8
        ),
        "has_zone": known[rows.ints("zone")],
        "own_phone_invalid": (phones > 0) & (phones == rows.ints("invalid_phones")),
        "minor": rows.bools("minor") | (born_on > _born_by(rules)),
        "nothing_due": ~owing,
        "payment_in_flight": in_flight >= 0,
        "in_flight_days": np.where(
            in_flight >= 0, day_number(rules.planned_on) - in_flight, 0
        ).astype(np.int32),
    }


def contact_facts(
    rows: Rows,
    base: dict[str, Any],
    rules: Rules,
    asked: Longs,
    channel: Ints,
    minute: Ints,
    purpose: Ints,
) -> tuple[ContactFacts, Ints]:
    """Return the facts of the contacts wanted with some people, and their contact points.

    Shape:  asked (m,) positions of the people; channel, minute, purpose and the results (m,).
    Unit:   minutes, each one of those that the strategy wants something at.
    Errors: none.
    Source: contact/facts.py.
    """
    kind = KIND_OF[channel]
    columns = empty_facts(len(asked))
    for name in columns:
        if name in base and name not in MASKS:
            columns[name][:] = base[name][asked]
    for name in MASKS:
        columns[name][:] = (base[name][asked] >> channel) & 1
    picked = {
        name: np.stack([rows.ints(f"{k.value}_{name}", missing) for k in PointKind])[kind, asked]
        for name, missing in (("point", -1), ("invalid", 0), ("refused", 0))
    }
    turn = np.searchsorted(np.array(rules.minutes), minute)
    for name in LAST_DAY:
        columns[name][:] = base["last_day"][name][turn, asked]
    phone = kind == list(PointKind).index(PointKind.phone)
    columns["unanswered_point_today"][:] = np.where(phone, base["unanswered_today"][asked], 0)
    lately = base["last_day"]["unanswered_24h"][turn, asked]
    columns["unanswered_point_24h"][:] = np.where(phone, lately, 0)
    columns["has_point"][:] = picked["point"] >= 0
    columns["point_invalid"][:] = picked["invalid"] != 0
    columns["point_refused"][:] = picked["refused"] != 0
    columns["channel"][:], columns["purpose"][:] = channel, purpose
    columns["local_minute"][:] = np.where(columns["has_zone"], minute, -1)
    columns |= clock_columns(columns, rules, rows.ints("zone")[asked], base["zones"][asked])
    return ContactFacts(**columns), picked["point"]


def _wanted(strategy: Strategy, turn: int) -> tuple[Ints, Ints, Ints]:
    """Return, by leaf, the action, minute and purpose of one turn's want; -1 where none."""
    wants = [leaf.wants[turn] if turn < len(leaf.wants) else None for leaf in strategy.leaves]
    action = [ACTIONS.index(want.action.value) if want else -1 for want in wants]
    minute = [want.local_minute if want else -1 for want in wants]
    purpose = [PURPOSES.index(want.purpose) if want else 0 for want in wants]
    return np.array(action, np.int32), np.array(minute, np.int32), np.array(purpose, np.int32)


def _mask(rows: Rows, which: str) -> Ints:
    """Return a bit mask over CreditorType."""
    kinds = range(len(CreditorType))
    mask: Ints = np.bitwise_or.reduce([rows.ints(f"{which}_{i}") << i for i in kinds])
    return mask


def _born_by(rules: Rules) -> int:
    """Return the last birthday of those who are of age on the planned day."""
    on = rules.planned_on
    year = on.year - rules.age_years
    leap_day = (on.month, on.day) == (2, 29)
    return day_number(date(year, 2, 28) if leap_day and year % 4 else on.replace(year=year))


def _plan(
    rows: Rows,
    standing: Standing,
    leaf: Ints,
    path: Ints,
    worst: Ints,
    held: Bools,
    choice: Choice,
    rules: Rules,
) -> pa.Table:
    """Return the decisions as the columns of PLAN."""
    leaves, n = rules.strategy.leaves, len(leaf)
    contact = choice.action < WAIT
    spoken = sorted({(w.purpose.value, w.message) for each in leaves for w in each.wants})
    place = np.zeros((len(leaves), max(len(each.wants) for each in leaves) + 1), np.int32)
    for i, each in enumerate(leaves):
        for turn, want in enumerate(each.wants):
            place[i, turn] = spoken.index((want.purpose.value, want.message))
    said = place[leaf, choice.want]
    starts = np.array(rules.buckets.starts)
    columns = {
        "person": pa.array(rows.ints("person")),
        "jurisdiction": pa.array(rows.ints("jurisdiction")),
        "action": texts(ACTIONS, choice.action),
        "point": pa.array(choice.point, mask=choice.point < 0),
        "purpose": texts(["", *(p for p, _ in spoken)], np.where(contact, said + 1, 0)),
        "planned_at": pa.array(_planned_at(rows, leaf, choice, rules), mask=~contact),
        "segment": texts([each.id for each in leaves], leaf),
        "reasons": words(n, _reasons(path, worst, held, choice, rules)),
        "blocked_by": words(n, dict(sorted(choice.blocks.items()))),
        "message": texts(["", *(m for _, m in spoken)], np.where(contact, said + 1, 0)),
        "due_minor": pa.array(rows.longs("due_minor")),
        "currency": pa.array(rows.ints("currency")),
        "days_past_due": pa.array(standing.days_past_due),
        "bucket": pa.array(
            (np.searchsorted(starts, standing.days_past_due, "right") - 1).astype(np.int32)
        ),
        "score": pa.array(standing.score),
    }
    assert all(len(column) == n for column in columns.values())
    return pa.table(columns).cast(PLAN)


PLAN = pa.schema(
    [
        ("person", pa.int32()),
        ("jurisdiction", pa.int32()),
        ("action", pa.string()),
        ("point", pa.int32()),
        ("purpose", pa.string()),
        ("planned_at", pa.int64()),
        ("segment", pa.string()),
        ("reasons", pa.list_(pa.string())),
        ("blocked_by", pa.list_(pa.string())),
        ("message", pa.string()),
        ("due_minor", pa.int64()),
        ("currency", pa.int32()),
        ("days_past_due", pa.int32()),
        ("bucket", pa.int32()),
        ("score", pa.int32()),
    ]
)


def _planned_at(rows: Rows, leaf: Ints, choice: Choice, rules: Rules) -> Longs:
    """Return the instant of each contact; 0 where there is none."""
    wants = [w for each in rules.strategy.leaves for w in each.wants if w.local_minute >= 0]
    minutes = sorted({w.local_minute for w in wants})
    place = np.zeros((len(rules.strategy.leaves), 64), np.int32)
    for i, each in enumerate(rules.strategy.leaves):
        for turn, want in enumerate(each.wants):
            if want.local_minute >= 0:
                place[i, turn] = minutes.index(want.local_minute)
    at = np.zeros((len(rules.zones), max(1, len(minutes))), np.int64)
    for i, name in enumerate(rules.zones):
        zone = zone_named(name)
        for j, minute in enumerate(minutes):
            if zone is not None:
                at[i, j] = int(instant(rules.planned_on, minute, zone).timestamp()) * 1_000_000
    found: Longs = at[rows.ints("zone"), place[leaf, np.maximum(choice.want, 0)]]
    return np.where(choice.action < WAIT, found, 0)


def _reasons(
    path: Ints, worst: Ints, held: Bools, choice: Choice, rules: Rules
) -> dict[str, Bools]:
    """Return, for each reason code, whom it is a reason for."""
    contact = choice.action < WAIT
    return {
        **{REASONS[s]: (path >> i) & 1 == 1 for i, s in enumerate(Split)},
        **{SCORED[part.fact]: worst == i for i, part in enumerate(rules.points.parts)},
        "treatment.holdout": held,
        "treatment.first_choice": contact & (choice.want == 0),
        "treatment.next_choice": contact & (choice.want > 0),
        "treatment.wait": (choice.action == WAIT) & ~held,
        "treatment.refer": choice.action == REFER,
        "treatment.refused": choice.action == REFUSED,
    }
