"""Say which rules speak of one person, and what other packs would have made of past decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from forbear.actions.contact import read_facts
from forbear.actions.lawbook import shown
from forbear.actions.reader import Ability, Reader
from forbear.actions.rulebook import RuleText
from forbear.actions.sight import must_see_ref, seen_contacts
from forbear.contact.facts import (
    ContactFacts,
    creditors_of,
    empty_facts,
    jurisdiction_letters,
    products_of,
)
from forbear.contact.permission import forbidden
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, Purpose
from forbear.law.packs import Law, as_known, parse_law
from forbear.store.gate import Wanted
from forbear.store.models import Contact
from forbear.store.packs import fetch_law, fetch_pack_texts

AT_ONCE = 10_000  # decisions replayed in one piece


class BadPeriod(ForbearError):
    """The last of some days is before the first."""

    code = "law.bad_period"
    http_status = 422
    what_to_do = "Write the first day with --from and the last, which is read too, with --to."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One past decision that other packs would have made otherwise."""

    contact_id: str
    person: str
    at: datetime
    channel: str
    was_allowed: bool
    was_blocked_by: tuple[str, ...]
    allowed: bool
    blocked_by: tuple[str, ...]


@dataclass(slots=True)
class WhatIf:
    """How past decisions would have come out under other packs."""

    decisions: int = 0
    opened: int = 0  # refused then, allowed under the others
    closed: int = 0  # allowed then, refused under the others
    other_reasons: int = 0  # refused both times, for other reasons
    differs_as_made: int = 0  # made again under our own packs as they were known, it comes out else


def access_law_of(reader: Reader, *, person_ref: str, on: date) -> tuple[RuleText, ...]:
    """Return the wordings in force on a day that speak of one person, by place, lender and product.

    Errors: NoSuchPerson, NotAllowed.
    """
    reader.must(Ability.see_person)
    reader.must(Ability.see_law)
    person_id = must_see_ref(reader, person_ref).pk
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    wanted = Wanted(person_id=person_id, channel=Channel.app, at=noon, purpose=Purpose.remind)
    facts = read_facts(wanted).facts
    place = jurisdiction_letters(int(facts.jurisdiction[0]))
    theirs = creditors_of(int(facts.creditor_types[0]))
    products = products_of(int(facts.product_types[0]))
    found = shown(on=on, places=frozenset({place}))
    return tuple(
        t
        for t in found
        if (not t.creditor_types or theirs & set(t.creditor_types))
        and (not t.product_types or products & set(t.product_types))
    )


def access_what_if(
    reader: Reader, *, folder: Path, since: date, until: date
) -> Iterator[Replayed | WhatIf]:
    """Yield each decision of some days that other packs change, and the sums at the end.

    A decision is made again from the facts that were kept with it, by the day it was of. Facts that
    its time did not know have the value of nothing known.
    Shape:  since <= day <= until, on each person's own calendar.
    Errors: BadPeriod, NotAllowed, what is wrong with a pack, PacksUnreadable.
    """
    reader.must(Ability.see_law)
    reader.must(Ability.see_person)
    if until < since:
        raise BadPeriod(f"the last day, {until}, is before the first, {since}")
    other, sums = parse_law(fetch_pack_texts(folder)), WhatIf()
    rows = seen_contacts(reader).filter(local_on__gte=since, local_on__lte=until)
    ordered = rows.select_related("person").order_by("local_on", "id")
    part: list[Contact] = []
    for contact in ordered.iterator(chunk_size=AT_ONCE):
        if part and (part[0].local_on != contact.local_on or len(part) == AT_ONCE):
            yield from _replayed(part, other, sums)
            part = []
        part.append(contact)
    yield from _replayed(part, other, sums)
    yield sums


def _replayed(part: list[Contact], other: Law, sums: WhatIf) -> Iterator[Replayed]:
    """Yield the decisions of one day that come out otherwise."""
    if not part:
        return
    facts, on = kept_facts([contact.facts for contact in part]), part[0].local_on
    again = forbidden(facts, other, on=on)
    made = _as_made(part, facts)
    for i, contact in enumerate(part):
        blocked_by = tuple(rule for rule, rows in again.items() if rows[i])
        was = tuple(contact.blocked_by)
        sums.decisions += 1
        sums.differs_as_made += made[i] != contact.allowed
        if set(was) == set(blocked_by):
            continue
        sums.opened += not blocked_by
        sums.closed += contact.allowed
        sums.other_reasons += bool(was and blocked_by)
        yield Replayed(
            contact_id=str(contact.pk),
            person=contact.person.ref,
            at=contact.at,
            channel=contact.channel,
            was_allowed=contact.allowed,
            was_blocked_by=was,
            allowed=not blocked_by,
            blocked_by=blocked_by,
        )


def _as_made(part: list[Contact], facts: ContactFacts) -> list[bool]:
    """Return whether each decision is allowed under our own packs as they were known that day."""
    law, found = fetch_law(), [False] * len(part)
    days = [contact.recorded_at.date() for contact in part]
    for day in set(days):
        blocks = forbidden(facts, as_known(law, known_on=day), on=part[0].local_on)
        for i, known_on in enumerate(days):
            if known_on == day:
                found[i] = not any(bool(rows[i]) for rows in blocks.values())
    return found


def kept_facts(rows: list[Mapping[str, Any]]) -> ContactFacts:
    """Return the facts that were kept with decisions, a row each."""
    columns = empty_facts(len(rows))
    names = {field.name for field in fields(ContactFacts)}
    for i, kept in enumerate(rows):
        for name in names & kept.keys():
            columns[name][i] = kept[name]
        for name in ("least_minute", "most_minute"):  # before they were kept there was one zone
            if name not in kept:
                columns[name][i] = kept.get("local_minute", -1)
    return ContactFacts(**columns)
