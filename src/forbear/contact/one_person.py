"""Say, from the rows of one person, what is known of one wanted contact. Pure: no clock, no store.

The night assembles the same columns for everyone from frames (`batch/assemble.py`); a test holds
the two readings against each other on random facts. On a tie of instants the stricter state wins,
so that the order in which two facts arrived never decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from forbear.contact.one_debt import began
from forbear.contact.records import VOICE, Consent, Point, Records, Try
from forbear.kernel.vocabulary import (
    ConsentKind,
    ConsentState,
    PointKind,
    PointStage,
    Relation,
)

OWED_BY = frozenset((Relation.obligor.value, Relation.co_obligor.value, Relation.guarantor.value))
DAY = timedelta(days=1)
WEEK = 7
OF_THE_PERSON = (  # facts that are a status of the person under their own name
    "deceased incapacitated minor represented insolvent moratorium no_contact_order student"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked about one person."""

    at: datetime
    on: date  # the person's own day
    minute: int  # of that day, by the person's own clock
    channel: str
    kind: str  # of contact point
    relation: str
    point_id: int | None  # None: the best point of the relation
    streak_days: int  # after so many a call in vain is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A contact point that is valid on the day, and what is known of it."""

    point: Point
    state: str  # verified, invalid, "" where neither is known
    refused: bool
    named: bool


def reaches(records: Records, *, on: date) -> list[Reach]:
    """Return the contact points that are valid on a day, with what is known of each.

    Errors: none.
    Source: regulation C11, in its stricter reading: a third party's refusal is of the third party,
            for every number they have here.
    """
    refused = _refused(records)
    states: dict[int, tuple[datetime, bool]] = {}
    named = set()
    for row in records.same:
        if row.stage is None or row.at is None or row.id != row.point_id:
            continue
        if row.stage == PointStage.named:
            named.add(row.id)
        elif row.stage in (PointStage.verified, PointStage.invalid):
            known = row.at, row.stage == PointStage.invalid
            states[row.id] = max(known, states.get(row.id, known))
    return [
        Reach(
            point=point,
            state=_word(states.get(point.id)),
            refused=point.id in refused,
            named=point.id in named and point.relation == Relation.contact_person,
        )
        for point in records.points
        if point.effective_on <= on and (point.ends_on is None or point.ends_on > on)
    ]


def best(found: list[Reach], asked: Asked) -> Reach | None:
    """Return the point to use: the one asked for, or the best of the relation; None where none.

    Errors: none.
    Source: none; what works comes before what may not, what is verified before what is not.
    """
    fit = [
        each
        for each in found
        if each.point.kind == asked.kind
        and (
            each.point.relation == asked.relation
            if asked.point_id is None
            else each.point.id == asked.point_id
        )
    ]
    return min(fit, key=_order, default=None)


def standing(records: Records, asked: Asked) -> dict[str, Any]:
    """Return what is known of the person: statuses, requests, a payment on its way.

    Errors: none.
    Source: none; the rules of those topics read it.
    """
    whole = began(records).get(None, set())
    flights = [a.in_flight_on for a in records.accounts if a.in_flight_on]
    return {
        **{name: name in whole for name in OF_THE_PERSON},
        **_consents(records.consents, asked),
        "payment_in_flight": bool(flights),
        "in_flight_days": (asked.on - max(flights)).days if flights else 0,
    }


def budget(tries: list[Try], asked: Asked, theirs: list[int]) -> dict[str, int]:
    """Return what is used of the day's, the last day's and the week's budgets.

    Unit:   contacts; days since a conversation about one of the debts, -1 none in the seven.
    Errors: none.
    Source: regulation C4 to C6; 12 CFR 1006.14(b)(2).
    """
    used = [t for t in tries if 0 <= (asked.on - t.on).days < WEEK]
    out = [t for t in used if not t.inbound]
    today = [t for t in out if t.on == asked.on]
    lately = [t for t in out if t.at > asked.at - DAY]
    calls = [t for t in used if t.channel == VOICE]
    placed, talked = 0, []
    for account in theirs:
        about = [t for t in calls if t.accounts is None or account in t.accounts]
        placed = max(placed, sum(not t.inbound for t in about))
        talked += [(asked.on - t.on).days for t in about if t.talked]
    return {
        "outbound_today": len(today),
        "effective_today": sum(t.talk for t in today),
        "connected_notices_today": sum(t.notice for t in today),
        "outbound_24h": len(lately),
        "effective_24h": sum(t.talk for t in lately),
        "connected_notices_24h": sum(t.notice for t in lately),
        "outbound_7d": len(out),
        "debt_calls_7d": placed,
        "debt_talked_days": min(talked, default=-1),
    }


def in_vain(tries: Iterable[Try], asked: Asked) -> dict[str, int]:
    """Return how often a number was called in vain, of the tries at it, whoever they were about.

    Errors: none.
    Source: regulation C6.
    """
    vain = [t for t in tries if t.in_vain and t.on <= asked.on]
    return {
        "unanswered_point_today": sum(t.on == asked.on for t in vain),
        "unanswered_point_24h": sum(t.at > asked.at - DAY for t in vain),
    }


def at_number(records: Records, point: Point) -> list[Try]:
    """Return the tries at a telephone number, in every entry that the person has of it.

    Errors: none.
    Source: regulation C6.
    """
    if point.kind != PointKind.phone:
        return []
    same = {row.id for row in records.same if row.point_id == point.id and row.kind == point.kind}
    same.add(point.id)
    return [t for t in records.tries if t.point_id in same]


def others(records: Records, point: Reach | None, person_id: int) -> dict[int, int]:
    """Return the entries that other people have of a point's value, each with whose it is.

    Errors: none.
    Source: regulation C6: the number is called, whoever it is called about.
    """
    if point is None:
        return {}
    return {
        row.id: row.person_id
        for row in records.same
        if row.point_id == point.point.id and row.person_id != person_id
    }


def lost(records: Records, found: list[Reach], asked: Asked) -> dict[str, Any]:
    """Return whether the obligor can still be reached: calls in vain since anyone answered.

    Unit:   calls; the distinct days among them.
    Errors: none.
    Source: regulation C15, in its stricter reading: it ends when the person answers.
    """
    own_now = {each.point.id for each in found if each.point.relation == Relation.obligor}
    own = {point.id for point in records.points if point.relation == Relation.obligor}
    done = [t for t in records.tries if not t.reserved and t.at <= asked.at]
    answered = max(
        (
            t.at
            for t in done
            if t.inbound
            or (t.connected and t.channel == VOICE and (not t.point_id or t.point_id in own_now))
        ),
        default=None,
    )
    failed = [
        t.on
        for t in done
        if t.in_vain
        and t.point_id in own
        and (answered is None or t.at > answered)
        and (asked.on - t.on).days < asked.streak_days
    ]
    phones = [
        each.state
        for each in found
        if each.point.kind == PointKind.phone and each.point.relation == Relation.obligor
    ]
    return {
        "failed_streak": len(failed),
        "failed_streak_days": len(set(failed)),
        "own_phone_invalid": bool(phones) and all(s == PointStage.invalid for s in phones),
    }


def _refused(records: Records) -> set[int]:
    """Return the person's points that their owners refused, on this list or on another's.

    Two third parties whose names are not known may be one.
    """
    kinds = {point.id: point.kind for point in records.points}
    refused = {
        row.point_id
        for row in records.same
        if row.stage == PointStage.refused and row.kind == kinds[row.point_id]
    }
    owners = {(p.relation, p.owner) for p in records.points if p.id in refused}
    theirs = {
        point.id
        for point in records.points
        if point.relation not in OWED_BY and (point.relation, point.owner) in owners
    }
    return refused | theirs


def _word(known: tuple[datetime, bool] | None) -> str:
    if known is None:
        return ""
    return PointStage.invalid.value if known[1] else PointStage.verified.value


def _order(each: Reach) -> tuple[bool, bool, int, str]:
    return (
        each.state == PointStage.invalid or each.refused,
        each.state != PointStage.verified,
        -each.point.effective_on.toordinal(),
        each.point.source_key,
    )


def _consents(rows: list[Consent], asked: Asked) -> dict[str, bool]:
    """Return which consents and requests stand on the channel at the minute."""
    latest: dict[str, tuple[datetime, bool, bool]] = {}
    for row in rows:
        night, given = row.kind == ConsentKind.night_contact, row.state == ConsentState.given
        # A request to stop is of every channel; consent to the night names its own.
        if not (
            row.kind == ConsentKind.cease_request
            or row.channel == asked.channel
            or (row.channel == "" and not (night and given))
        ):
            continue
        if row.opens_minute is None or row.closes_minute is None:
            stands = given
        else:
            stands = given and row.opens_minute <= asked.minute < row.closes_minute
        strict = not given if night else given
        known = row.at, strict, stands != night
        latest[row.kind] = max(known, latest.get(row.kind, known))
    stand = {
        kind: strict_form != (kind == ConsentKind.night_contact)
        for kind, (_, _, strict_form) in latest.items()
    }
    return {
        "night_consent": stand.get(ConsentKind.night_contact, False),
        "ceased": stand.get(ConsentKind.cease_request, False),
        "opted_out": stand.get(ConsentKind.opt_out, False),
    }
