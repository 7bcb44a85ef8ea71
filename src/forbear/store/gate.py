"""Read, for one locked person, the one row of facts that the gate decides on. Decides nothing.

The night assembles the same columns for everyone from frames (`batch/assemble.py`); a test holds
the two readings against each other on random facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from forbear.contact import one_debt, one_person
from forbear.contact.calendar import clocks_at, national_holiday
from forbear.contact.facts import ContactFacts, facts_of_one, jurisdiction_code
from forbear.contact.moratorium import in_moratorium
from forbear.contact.one_person import Asked, Reach
from forbear.contact.records import Records, Try
from forbear.kernel.days import zone_named
from forbear.kernel.vocabulary import (
    Channel,
    CreditorType,
    PointKind,
    PointStage,
    ProductType,
    Purpose,
    Relation,
)
from forbear.store.environment import office_zone
from forbear.store.gate_rows import (
    Profile,
    fetch_profiles,
    fetch_records,
    fetch_tries_elsewhere,
)
from forbear.store.prepared import prepared

POINT_KIND = {
    Channel.voice: PointKind.phone,
    Channel.sms: PointKind.phone,
    Channel.email: PointKind.email,
    Channel.letter: PointKind.address,
    Channel.app: PointKind.app,
}
UTC = ZoneInfo("UTC")
CHANNELS, RELATIONS, PURPOSES = (
    {word: n for n, word in enumerate(words)} for words in (Channel, Relation, Purpose)
)
CREDITORS = {kind.value: 1 << n for n, kind in enumerate(CreditorType)}
PRODUCTS = {kind.value: 1 << n for n, kind in enumerate(ProductType)}
EVERY_PRODUCT = sum(PRODUCTS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A contact that somebody wants to make."""

    person_id: int
    channel: Channel
    at: datetime  # aware
    purpose: Purpose
    contact_point_id: int | None = None  # None: the best point of the relation
    relation: Relation = Relation.obligor


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """What the store knows of one wanted contact."""

    facts: ContactFacts  # n = 1
    zone: ZoneInfo | None
    local_at: datetime  # the person's wall clock; UTC's where no zone
    due_minor: int  # due, unpaid, undisputed, in `currency`
    currency: str
    account_ids: tuple[int, ...]  # the accounts it is about
    contact_point_id: int | None
    shared: bool  # the point's value is on other people's lists too
    fictional: bool
    relation: Relation
    born_on: date | None


def lock_person(conn: Any, person_id: int, *, by_index: bool = False) -> bool:
    """Lock one person's row until the transaction ends; False where there is no such person.

    The lock waits for other gates and stop requests of the same person, never for a payment:
    it leaves foreign keys to the row free. `by_index` says `read_by_index` in the same breath.
    """
    query = LOCK_TO_READ if by_index else LOCK_PERSON
    return prepared(conn, query, (person_id,)).fetchone() is not None


def read_by_index(conn: Any) -> None:
    """Let the transaction's statements keep one plan, and read by index.

    Planning ROWS takes longer than running it, a plan made for nobody in particular is the right
    one, and one that was made while a table was empty must not scan it once it is full.
    """
    prepared(conn, READ_BY_INDEX, ())


def lock_shared_number(conn: Any, point_id: int) -> bool:
    """Lock a number until the transaction ends where other people have it too; False where none do.

    Its attempts are counted over all of them. Take it after the person, never before.
    """
    return prepared(conn, LOCK_NUMBER, (point_id,)).fetchone() is not None


def fetch_gate_facts(conn: Any, wanted: Wanted, *, streak_days: int) -> GateFacts:
    """Return the facts of one wanted contact. Call it with the person locked, or only to show.

    A call in vain is forgotten after so many days (rule house.failed_call_days).
    """
    profiles, records = _fetch_records(
        conn, wanted.person_id, at=wanted.at, streak_days=streak_days
    )

    def elsewhere(others: dict[int, int], asked: Asked) -> list[Try]:
        return fetch_tries_elsewhere(conn, [*others], [*others.values()], at=asked.at, on=asked.on)

    return gate_facts(wanted, profiles, records, elsewhere, streak_days=streak_days)


def gate_facts(
    wanted: Wanted,
    profiles: list[Profile],
    records: Records,
    elsewhere: Callable[[dict[int, int], Asked], list[Try]],
    *,
    streak_days: int,
) -> GateFacts:
    """Return the facts of one wanted contact, of the rows that stand at its instant and day.

    `elsewhere` finds what was tried at a number for the other people who have it.
    """
    jurisdiction, zone, born_on = profile_at(profiles, wanted.at)
    local_at = wanted.at.astimezone(zone or UTC)
    asked = _asked(wanted, local_at, streak_days)
    found = one_person.reaches(records, on=asked.on)
    point = one_person.best(found, asked)
    others = one_person.others(records, point, wanted.person_id)
    debt = one_debt.debt(records)
    relation = Relation(point.point.relation) if point else wanted.relation
    letters = jurisdiction or debt.jurisdiction
    known = {
        "jurisdiction": jurisdiction_code(letters),
        "creditor_types": sum(CREDITORS[kind] for kind in debt.creditor_types),
        "product_types": _products(debt.product_types),
        "channel": CHANNELS[wanted.channel],
        "relation": RELATIONS[relation],
        "purpose": PURPOSES[wanted.purpose],
        "has_point": point is not None,
        **_clock_facts(wanted, letters, zone, found),
        **_point_facts(records, point, others, asked, elsewhere),
        **one_person.standing(records, asked),  # minor by status; by age is the law's to say
        **one_person.budget(records.tries, asked, debt.theirs),
        **one_person.lost(records, found, asked),
        **debt.known,
    }
    known["moratorium"] |= in_moratorium(records, found, letters)
    return GateFacts(
        facts=facts_of_one(known),
        zone=zone,
        local_at=local_at,
        due_minor=debt.due_minor,
        currency=debt.currency,
        account_ids=debt.account_ids,
        contact_point_id=point.point.id if point else None,
        shared=bool(others),
        fictional=point is not None and point.point.fictional,
        relation=relation,
        born_on=born_on,
    )


def fetch_owes_nothing(conn: Any, person_id: int, *, at: datetime) -> bool:
    """Return whether nothing of a person's is due and unpaid, as the gate reads it."""
    _, records = _fetch_records(conn, person_id, at=at, streak_days=0)
    return one_debt.debt(records).known["nothing_due"]


def _fetch_records(
    conn: Any, person_id: int, *, at: datetime, streak_days: int
) -> tuple[list[Profile], Records]:
    """Return a person's profiles and records of an instant, on the day that it is where they are.

    What the day is their profile says, which is read with the rest: the office's day is tried
    first, and where theirs is another one all is read again for theirs.
    """
    on, theirs = None, at.astimezone(office_zone()).date()
    while on != theirs:
        on = theirs
        profiles, records = fetch_records(conn, person_id, at=at, on=on, streak_days=streak_days)
        _, zone, _ = profile_at(profiles, at)
        theirs = at.astimezone(zone or UTC).date()
    return profiles, records


def _asked(wanted: Wanted, local_at: datetime, streak_days: int) -> Asked:
    return Asked(
        at=wanted.at,
        on=local_at.date(),
        minute=local_at.hour * 60 + local_at.minute,
        channel=wanted.channel.value,
        kind=POINT_KIND[wanted.channel].value,
        relation=wanted.relation.value,
        point_id=wanted.contact_point_id,
        streak_days=streak_days,
    )


def _products(types: set[str]) -> int:
    """Return kinds of credit as a bit mask; one that nobody knows may be any."""
    return EVERY_PRODUCT if "" in types else sum(PRODUCTS[kind] for kind in types)


def fetch_profile(
    conn: Any, person_id: int, *, at: datetime
) -> tuple[str, ZoneInfo | None, date | None]:
    """Return jurisdiction, zone and birthday as they stand at an instant, by each one's own day."""
    return profile_at(fetch_profiles(conn, person_id), at)


def profile_at(profiles: list[Profile], at: datetime) -> tuple[str, ZoneInfo | None, date | None]:
    """Return what a person's profiles say at an instant: the latest that is in effect.

    A later profile that does not say the birthday takes nothing back: a minor stays one.
    """
    effective: list[tuple[Profile, ZoneInfo | None]] = []
    for each in sorted(profiles, key=_latest_first):
        zone = zone_named(each.zone)
        if each.effective_on <= at.astimezone(zone or UTC).date():
            effective.append((each, zone))
    if not effective:
        return "", None, None
    born = (each.born_on for each, _ in effective if each.born_on)
    return effective[0][0].jurisdiction, effective[0][1], next(born, None)


def _latest_first(each: Profile) -> tuple[int, float, str]:
    return -each.effective_on.toordinal(), -each.recorded_at.timestamp(), each.source_key


def _point_facts(
    records: Records,
    point: Reach | None,
    others: dict[int, int],
    asked: Asked,
    elsewhere: Callable[[dict[int, int], Asked], list[Try]],
) -> dict[str, Any]:
    """Return what is known of the point and of the calls that nobody answered there.

    A number may be on several people's lists: what was tried for the others counts as well.
    """
    if point is None:
        return {}
    tries = one_person.at_number(records, point.point)
    if others and point.point.kind == PointKind.phone:
        tries += elsewhere(others, asked)
    return {
        "point_invalid": point.state == PointStage.invalid,
        "point_refused": point.refused,
        "point_named": point.named,
        **one_person.in_vain(tries, asked),
    }


def _clock_facts(
    wanted: Wanted, letters: str, zone: ZoneInfo | None, found: list[Reach]
) -> dict[str, Any]:
    """Return what the clocks show wherever the person may be; nothing where one is not known."""
    names = {each.point.zone for each in found if each.point.relation == Relation.obligor} - {""}
    zones = {zone, *map(zone_named, names)}
    known = [each for each in zones if each is not None]
    if len(known) < len(zones):
        return {"has_zone": False}
    clocks, local_at = clocks_at(wanted.at, known), wanted.at.astimezone(zone)
    return {
        "has_zone": True,
        "local_minute": local_at.hour * 60 + local_at.minute,
        "least_minute": clocks.least_minute,
        "most_minute": clocks.most_minute,
        "weekdays": clocks.weekdays,
        "holiday": any(national_holiday(letters, day) for day in clocks.days),
    }


BY_INDEX = """
set_config('plan_cache_mode', 'force_generic_plan', true),
set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
"""
LOCK_PERSON = "select 1 from person where id = $1::bigint for no key update"
LOCK_TO_READ = f"select {BY_INDEX} from person where id = $1::bigint for no key update"
READ_BY_INDEX = f"select {BY_INDEX}"
LOCK_NUMBER = """
select pg_advisory_xact_lock(hashtextextended(encode(p.value_index, 'hex'), 7))
from contact_point p where p.id = $1::bigint and exists (select from contact_point o
    where o.value_index = p.value_index and o.person_id <> p.person_id)
"""
