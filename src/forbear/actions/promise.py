"""Record a promise to pay. People take promises; machines only remind."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from forbear.actions.arrears import arrears
from forbear.actions.contact import connected
from forbear.actions.disposition import call_to
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchPerson, must_see_person, seen_accounts
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import render_minor
from forbear.law.packs import policy
from forbear.store.gate import fetch_profile, lock_person
from forbear.store.models import Promise
from forbear.store.packs import fetch_law

if TYPE_CHECKING:
    from datetime import date


class NotAPromise(ForbearError):
    """A promise names a positive amount and a day between today and two months ahead."""

    code = "promise.not_a_promise"
    http_status = 422


class MoreThanOwed(ForbearError):
    """Nobody can promise more than they owe."""

    code = "promise.more_than_owed"
    http_status = 422

    def __init__(self, owed_minor: int, currency: str) -> None:
        self.owed_minor = owed_minor
        super().__init__(
            f"this person owes {render_minor(owed_minor, currency)} with all that is billed;"
            " promise that much or less"
            if owed_minor
            else f"this person owes nothing in {currency}, so there is nothing to promise"
        )


def do_record_promise(
    reader: Reader,
    *,
    person_id: int,
    amount_minor: int,
    currency: str,
    due_on: date,
    at: datetime,
    contact_id: uuid.UUID | None = None,
    source_key: str | None = None,
) -> int:
    """Record what a person promised to pay, and return the promise's id.

    The same promise of the same call, or of the same key, again is that one promise; pressing
    twice adds none.
    Errors: NotAPromise, MoreThanOwed, NoSuchPerson, NotTheirCall, NotAllowed.
    """
    reader.must(Ability.record)
    must_see_person(reader, person_id)
    today = local_day(person_id, at)
    most = policy(fetch_law(), "house.promise_days", on=today).value["days"]
    if amount_minor <= 0:
        raise NotAPromise("the promised amount must be more than zero")
    if not 0 <= (due_on - today).days <= most:
        raise NotAPromise(
            f"{due_on} is not within {most} days from {today};"
            " for a longer time offer an arrangement"
        )
    if not seen_accounts(reader).filter(person_id=person_id, currency=currency).exists():
        raise NotAPromise(f"no account of this person is in {currency!r}; use their own currency")
    with transaction.atomic():
        if not lock_person(connected(), person_id):
            raise NoSuchPerson(f"no person has the id {person_id}")
        if contact_id:
            call_to(reader, person_id, contact_id)
        owed_minor = _owed_minor(reader, person_id, currency, on=today + timedelta(most), at=at)
        if amount_minor > owed_minor:
            raise MoreThanOwed(owed_minor, currency)
        told_in = contact_id or source_key
        said = f"promise:{told_in}:{due_on}:{amount_minor}" if told_in else ""
        if said and (again := Promise.objects.filter(source_key=said).first()):
            return again.pk
        promise = Promise.objects.create(
            person_id=person_id,
            amount_minor=amount_minor,
            currency=currency,
            due_on=due_on,
            effective_at=at,
            actor=reader.actor,
            source=reader.actor,
            source_key=said or f"promise:{uuid.uuid4()}",
        )
        record_row(connected(), Kind.promise, promise)
        return promise.pk


def local_day(person_id: int, at: datetime) -> date:
    """Return the day that it is for a person at an instant; UTC's where nobody knows their zone."""
    with transaction.atomic():
        _, zone, _ = fetch_profile(connected(), person_id, at=at)
    return at.astimezone(zone or UTC).date()


def _owed_minor(reader: Reader, person_id: int, currency: str, *, on: date, at: datetime) -> int:
    """Return all that is billed to a person in a currency and unpaid, later dues included.

    Seen from the last day that may be promised: a statement that falls due until then counts.
    """
    held = seen_accounts(reader).filter(person_id=person_id, currency=currency)
    owed = arrears(held, as_of=on, at=at).values()
    return sum(account.due_minor + account.later_minor for account in owed)
