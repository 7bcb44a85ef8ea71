"""Make a contact, or learn why not. The only way that anything reaches a person begins here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction

from forbear.actions.evidence import note_law
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import (
    NoSuchContact,
    NoSuchPerson,
    must_see_contact,
    must_see_locked,
    must_see_person,
    must_see_ref,
    seen_plans,
)
from forbear.contact.facts import ContactFacts
from forbear.contact.permission import forbidden
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, OutboxState, PlanState, Purpose, Relation
from forbear.law.packs import Law, fewest_days, in_force
from forbear.store import contact as store
from forbear.store.gate import (
    GateFacts,
    Wanted,
    fetch_gate_facts,
    lock_person,
    lock_shared_number,
    read_by_index,
)
from forbear.store.models import Contact, Outbox
from forbear.store.packs import fetch_law

WAITED_AT_MOST = timedelta(minutes=10)


class NotListed(ForbearError):
    """The call is not on a work list any more: its outcome is recorded or it was taken back."""

    code = "contact.not_listed"
    http_status = 409


class AlreadyInHand(ForbearError):
    """Somebody else has this contact in hand."""

    code = "contact.already_in_hand"
    http_status = 409


class MadeBefore(AlreadyInHand):
    """Whoever asks has asked for this very contact before; it is not made again."""


class InstantWithoutZone(ForbearError):
    """The instant has no zone, so nobody can say which minute of whose day it is."""

    code = "contact.instant_without_zone"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gate says of one contact."""

    contact_id: uuid.UUID | None  # None where it was only asked, not wanted
    wanted: Wanted
    allowed: bool
    asked: tuple[str, ...]  # rules asked
    blocked_by: tuple[str, ...]  # rules that forbid it
    at: datetime
    local_at: datetime
    zoned: bool  # the wall clock is the person's own
    channel: Channel
    purpose: Purpose
    relation: Relation
    contact_point_id: int | None
    fictional: bool
    account_ids: tuple[int, ...]
    due_minor: int
    currency: str
    facts: ContactFacts
    pack_digest: str


def may_contact(
    reader: Reader,
    *,
    channel: Channel,
    at: datetime,
    person_ref: str | None = None,
    person_id: int | None = None,
    contact_point_id: int | None = None,
    relation: Relation = Relation.obligor,
    purpose: Purpose | None = None,
) -> Answer:
    """Return what the gate would say of a contact; reserve nothing and write nothing.

    Errors: NoSuchPerson, InstantWithoutZone, NotAllowed. A refusal is an answer, not an error.
    """
    reader.must(Ability.see_person)
    wanted = Wanted(
        person_id=_person_id(reader, person_ref, person_id),
        channel=channel,
        at=_zoned(at),
        purpose=purpose or usual_purpose(channel, relation),
        contact_point_id=contact_point_id,
        relation=relation,
    )
    with transaction.atomic():
        return answer_of(wanted, read_facts(wanted))


def do_contact(
    reader: Reader,
    *,
    person_id: int,
    channel: Channel,
    at: datetime,
    contact_point_id: int | None = None,
    relation: Relation = Relation.obligor,
    purpose: Purpose | None = None,
    plan_id: int | None = None,
    contact_id: uuid.UUID | None = None,
) -> Answer:
    """Ask the gate for a contact now; where it is allowed, reserve it and put it on its way out.

    One transaction: lock the person, read the facts, ask the law, write the audit row whatever the
    answer, and, where allowed, the outbox row that holds the place in the day's budget. Whoever may
    ask twice, such as a form, gives the contact its id; of one id there is one contact.
    Errors: NoSuchPerson, AlreadyInHand, MadeBefore, InstantWithoutZone, NotAllowed. A refusal is
            an answer.
    """
    reader.must(Ability.contact)
    wanted = Wanted(
        person_id=person_id,
        channel=channel,
        at=_zoned(at),
        purpose=purpose or usual_purpose(channel, relation),
        contact_point_id=contact_point_id,
        relation=relation,
    )
    with transaction.atomic():
        conn = connected()
        if not lock_person(conn, person_id, by_index=True):  # this _must_ come before any fact
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_locked(reader, person_id)
        if plan_id is not None and not _planned(reader, conn, plan_id, person_id):
            raise AlreadyInHand("that planned contact is already made, refused or taken back")
        if contact_id is not None and Contact.objects.filter(pk=contact_id).exists():
            raise MadeBefore(f"contact {contact_id} is already made, refused or taken back")
        wanted = replace(wanted, at=after_waiting(wanted.at, datetime.now(UTC)))
        contact_id = contact_id or uuid.uuid4()
        answer = answer_of(wanted, _facts_locked(conn, wanted), contact_id=contact_id)
        place = way_out(answer) if answer.allowed else None
        keep_decision(
            conn, answer, person_id=person_id, plan_id=plan_id, acting=reader.actor, place=place
        )
        if plan_id is not None:
            ended = PlanState.dispatched if answer.allowed else PlanState.refused
            store.update_plan(conn, plan_id, ended)
        return answer


def _planned(reader: Reader, conn: Any, plan_id: int, person_id: int) -> bool:
    """Lock a plan and return whether it is this person's and still to be made."""
    if not store.fetch_planned(conn, plan_id, person_id):
        return False
    return reader.agency_id is None or seen_plans(reader).filter(pk=plan_id).exists()


def read_facts(wanted: Wanted) -> GateFacts:
    """Return the facts of one wanted contact, as the house's numbers of that day read them."""
    conn = connected()
    read_by_index(conn)
    return _facts(conn, wanted)


def _facts(conn: Any, wanted: Wanted) -> GateFacts:
    return fetch_gate_facts(conn, wanted, streak_days=streak_days(on=wanted.at.date()))


def streak_days(*, on: date) -> int:
    """Return how many days a call in vain is remembered; none where the house does not say."""
    return fewest_days(fetch_law(), topic="failed_call_days", on=on)


def _facts_locked(conn: Any, wanted: Wanted) -> GateFacts:
    """Return the facts of a contact that is to be made; of a call, with its number locked as well.

    A number may be on several people's lists, and what is counted of it is counted over them all.
    The number is known only from the facts, so they are read again once nobody else can call it.
    """
    known = _facts(conn, wanted)
    if wanted.channel != Channel.voice or known.contact_point_id is None:
        return known
    if not known.shared:
        return known
    lock_shared_number(conn, known.contact_point_id)
    return _facts(conn, wanted)


def keep_decision(
    conn: Any,
    answer: Answer,
    *,
    person_id: int,
    plan_id: int | None,
    acting: str,
    place: OutboxState | None = None,
) -> None:
    """Write what the gate decided, allowed or refused: the audit row, the law, the evidence.

    An allowed contact takes its place in the budget with it, where it is given one on the way out.
    """
    note_law(conn, answer.pack_digest)
    row = audit_row(answer) | {"person_id": person_id, "plan_id": plan_id, "acting": acting}
    store.insert_decision(conn, row, place=place, fictional=answer.fictional)


def do_cancel_contact(reader: Reader, *, contact_id: uuid.UUID) -> None:
    """Take back a listed call that was not made, and give its place in the budget back.

    Errors: NoSuchContact; NotListed where it is not listed any more; NotAllowed.
    """
    reader.must(Ability.contact)
    with transaction.atomic():
        conn = connected()
        must_see_contact(reader, contact_id)
        if not store.fetch_listed(conn, contact_id):
            raise NotListed(f"contact {contact_id} is not on a work list any more")
        store.update_outbox(conn, contact_id, OutboxState.cancelled)


def locked_contact(contact_id: uuid.UUID) -> tuple[Contact, Outbox | None]:
    """Return a contact and its way out, the person locked first, as everywhere.

    Errors: NoSuchContact.
    """
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NoSuchContact(f"no contact has the id {contact_id}")
    lock_person(connected(), contact.person_id)
    return contact, Outbox.objects.select_for_update().filter(pk=contact_id).first()


def after_waiting(at: datetime, now: datetime) -> datetime:
    """Return the instant to decide at, once the person is locked.

    Whoever wants a contact now may have waited for the lock while a request to stop came in first;
    the answer is then of the moment after waiting. Another instant than now is taken as given.
    """
    return now if timedelta(0) <= now - at <= WAITED_AT_MOST else at


def usual_purpose(channel: Channel, relation: Relation) -> Purpose:
    """Return what a contact is for unless somebody says otherwise."""
    if relation not in (Relation.obligor, Relation.co_obligor, Relation.guarantor):
        return Purpose.locate
    return Purpose.arrange if channel == Channel.voice else Purpose.remind


def way_out(answer: Answer) -> OutboxState:
    """Return the state in which an allowed contact starts: what is fictional is never sent."""
    if answer.channel == Channel.voice:
        return OutboxState.listed
    return OutboxState.rehearsed if answer.fictional else OutboxState.queued


def audit_row(answer: Answer) -> dict[str, Any]:
    """Return an answer as the columns of its audit row."""
    return {
        "id": answer.contact_id,
        "contact_point_id": answer.contact_point_id,
        "channel": answer.channel.value,
        "purpose": answer.purpose.value,
        "at": answer.at,
        "local_on": answer.local_at.date(),
        "allowed": answer.allowed,
        "asked": list(answer.asked),
        "blocked_by": list(answer.blocked_by),
        "facts": facts_row(answer.facts),
        "pack_digest": answer.pack_digest,
        "due_minor": answer.due_minor,
        "currency": answer.currency,
        "accounts": list(answer.account_ids) or None,
    }


_FACTS = tuple(field.name for field in fields(ContactFacts))


def facts_row(facts: ContactFacts) -> dict[str, Any]:
    """Return one row of facts as JSON, so that the decision can be made again from it."""
    return {name: getattr(facts, name).item() for name in _FACTS}


def answer_of(wanted: Wanted, known: GateFacts, contact_id: uuid.UUID | None = None) -> Answer:
    """Return what the law in force says of one contact's facts."""
    law, on = fetch_law(), known.local_at.date()
    facts = facts_by_age(known, law)
    blocks = forbidden(facts, law, on=on)
    blocked_by = tuple(rule for rule, rows in blocks.items() if rows[0])
    return Answer(
        contact_id=contact_id,
        wanted=wanted,
        allowed=not blocked_by,
        asked=tuple(blocks),
        blocked_by=blocked_by,
        at=wanted.at,
        local_at=known.local_at,
        zoned=known.zone is not None,
        channel=wanted.channel,
        purpose=wanted.purpose,
        relation=known.relation,
        contact_point_id=known.contact_point_id,
        fictional=known.fictional,
        account_ids=known.account_ids,
        due_minor=known.due_minor,
        currency=known.currency,
        facts=facts,
        pack_digest=law.digest,
    )


def facts_by_age(known: GateFacts, law: Law) -> ContactFacts:
    """Return the facts with what the law says of somebody's age: a minor by status stays one."""
    if known.born_on and not of_age(known.born_on, law, on=known.local_at.date()):
        return replace(known.facts, minor=np.ones(1, np.bool_))
    return known.facts


def of_age(born_on: date, law: Law, *, on: date) -> bool:
    """Return whether somebody born then is of the house's age on a day; unknown to it is not.

    Someone born on 29 February comes of age on 1 March of a common year.
    """
    ages = [v.value["years"] for v in in_force(law, topic="minor", on=on) if v.kind == "under_age"]
    if not ages:
        return False
    return (on.year - born_on.year, on.month, on.day) >= (max(ages), born_on.month, born_on.day)


def _person_id(reader: Reader, ref: str | None, person_id: int | None) -> int:
    if ref is not None:
        return must_see_ref(reader, ref).pk
    return must_see_person(reader, person_id or 0).pk


def _zoned(at: datetime) -> datetime:
    if at.tzinfo is None:
        told = at.isoformat()
        raise InstantWithoutZone(f"{told} has no zone; write it as {told}+08:00")
    return at


def connected() -> Any:
    """Return the psycopg connection that Django has open, inside its transaction."""
    connection.ensure_connection()
    return connection.connection
