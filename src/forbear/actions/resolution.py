"""Decide, as a named person with a reason, about a contact that is stuck on its way out."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from forbear.actions.contact import connected, locked_contact
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_contact
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import OutboxState, Resolved
from forbear.store.evidence_rows import append_outcomes
from forbear.store.gate import fetch_profile
from forbear.store.models import Contact, Resolution
from forbear.store.outbox import insert_attempt

# What may be decided from where, and where it leads. Nobody may send an unknown contact again.
LEADS = {
    (OutboxState.dead, Resolved.retried): OutboxState.queued,
    (OutboxState.dead, Resolved.cancelled): OutboxState.cancelled,
    (OutboxState.unknown, Resolved.sent): OutboxState.sent,
    (OutboxState.unknown, Resolved.undelivered): OutboxState.cancelled,
}


class NotStuck(ForbearError):
    """The contact is not in a state about which that can be decided."""

    code = "outbox.not_stuck"
    http_status = 409


class DayOver(ForbearError):
    """The contact's day is over, and its place in that day's budget with it."""

    code = "outbox.day_over"
    http_status = 409


class NoReason(ForbearError):
    """A decision about a stuck contact needs a reason."""

    code = "outbox.no_reason"
    http_status = 422


def do_resolve_outbox(
    reader: Reader, *, contact_id: uuid.UUID, resolved: Resolved, reason: str, at: datetime
) -> OutboxState:
    """Decide about one dead or unknown contact, write who decided and why, return its new state.

    A retry goes through the gate again when it is handed over.
    Errors: NoReason, NoSuchContact, NotStuck, DayOver, NotAllowed.
    """
    reader.must(Ability.resolve_outbox)
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        must_see_contact(reader, contact_id)
        contact, row = locked_contact(contact_id)
        was = OutboxState(row.state) if row else None
        if row is None or was is None or (was, resolved) not in LEADS:
            raise NotStuck(f"contact {contact_id} is {was or 'refused'}; it cannot be {resolved}")
        if resolved == Resolved.retried:
            _same_day(contact, at)
            row.tries = 0
            row.next_try_at = at
        decided = Resolution.objects.create(
            contact=contact,
            resolved=resolved.value,
            was=was.value,
            reason=reason.strip(),
            actor=reader.actor,
        )
        record_row(connected(), Kind.resolution, decided)
        row.state = LEADS[was, resolved].value
        row.lease = None
        row.error = "" if resolved == Resolved.retried else row.error
        row.changed_at = at
        row.save(update_fields=["state", "tries", "next_try_at", "lease", "error", "changed_at"])
        append_outcomes(connected(), [contact_id])
        if row.state == OutboxState.sent:
            insert_attempt(connected(), contact_id, at=contact.at, source=reader.actor)
        return OutboxState(row.state)


def _same_day(contact: Contact, at: datetime) -> None:
    """Raise DayOver unless it is still the day whose budget the contact draws on."""
    _, zone, _ = fetch_profile(connected(), contact.person_id, at=at)
    if zone is None or at.astimezone(zone).date() != contact.local_on:
        raise DayOver(f"contact {contact.pk} belongs to {contact.local_on}; plan a new one instead")
