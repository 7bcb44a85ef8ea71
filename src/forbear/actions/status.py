"""Record a fact about a person or account that changes what may be done, and act on it at once."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from forbear.actions.consent import Recorded
from forbear.actions.contact import connected, read_facts
from forbear.actions.dispute import their_account
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchPerson, must_see_person
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import (
    OF_A_DEBT,
    WITHHELD,
    Channel,
    Purpose,
    StatusKind,
    StatusStage,
)
from forbear.store.contact import cancel_person
from forbear.store.gate import Wanted, lock_person
from forbear.store.models import Status


class StatusOfWhat(ForbearError):
    """`settled` is of an account, `moratorium` of an area, and few others may be of an account."""

    code = "status.of_what"
    http_status = 422
    what_to_do = (
        "Name the account for settled, the area for moratorium; an account may be named for"
        " arrangement, mediation, refund_pending, lawsuit, time_barred and breathing_space."
    )


class StatusConflict(ForbearError):
    """That source key is recorded already with other contents."""

    code = "status.conflict"
    http_status = 409
    what_to_do = "Nothing was changed. A correction is a new fact with a key of its own."


def do_record_status(
    reader: Reader,
    *,
    person_id: int,
    kind: StatusKind,
    stage: StatusStage,
    at: datetime,
    account_ref: str | None = None,
    area: str = "",
    source_key: str | None = None,
) -> Recorded:
    """Record that a status began or ended, and cancel all that a status that began stops.

    A person's own status stops everything; what holds of one account stops it where nothing else
    is due. What only narrows how one may be reached stops nothing: the gate asks again.
    Errors: StatusOfWhat, NoSuchPerson, NotTheirAccount, StatusConflict, NotAllowed.
    """
    reader.must(Ability.record)
    named = account_ref is not None
    if (kind == StatusKind.settled and not named) or (named and kind not in OF_AN_ACCOUNT):
        raise StatusOfWhat(f"{kind.value} with account {account_ref or 'none'}")
    if (kind == StatusKind.moratorium) != bool(area):
        raise StatusOfWhat(f"{kind.value} with area {area or 'none'}")
    with transaction.atomic():
        conn = connected()
        if not lock_person(conn, person_id):
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_person(reader, person_id)
        wanted = {
            "person_id": person_id,
            "account_id": their_account(reader, person_id, account_ref),
            "kind": kind.value,
            "stage": stage.value,
            "area": area,
            "effective_at": at,
        }
        key = source_key or f"status:{uuid.uuid4()}"
        booked, added = Status.objects.get_or_create(
            source_key=key, defaults={**wanted, "source": reader.actor}
        )
        if any(getattr(booked, name) != value for name, value in wanted.items()):
            raise StatusConflict(f"{key} is recorded as {booked.kind} {booked.stage}")
        if added:
            record_row(conn, Kind.status, booked)
        if added and stage == StatusStage.began and stops(booked, at):
            plans, contacts = cancel_person(conn, person_id)
            return Recorded(added=added, plans_cancelled=plans, contacts_cancelled=contacts)
        return Recorded(added=added, plans_cancelled=0, contacts_cancelled=0)


OF_AN_ACCOUNT = frozenset({StatusKind.settled, *OF_A_DEBT})
NARROWS = frozenset({StatusKind.student, StatusKind.time_barred})


def stops(status: Status, at: datetime) -> bool:
    """Return whether nothing may go on: always, but for one account among others."""
    if status.kind in NARROWS:
        return False
    if status.account_id is None:
        return True
    person = status.person_id
    wanted = Wanted(person_id=person, channel=Channel.app, at=at, purpose=Purpose.remind)
    facts = read_facts(wanted).facts
    still = (facts.nothing_due, facts.arranged, facts.mediated, facts.refund_pending)
    return status.kind not in (StatusKind.settled, *WITHHELD) or any(bool(f[0]) for f in still)
