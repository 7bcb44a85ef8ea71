"""Take in what a provider says became of a message. The same receipt twice changes nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from forbear.actions.contact import connected, locked_contact
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchContact, must_see_contact
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import OutboxState, ReceiptOutcome
from forbear.store.evidence_rows import append_outcomes
from forbear.store.models import Outbox, Receipt
from forbear.store.outbox import insert_attempt

REACHED = frozenset({ReceiptOutcome.delivered, ReceiptOutcome.read})
# What never went through a channel cannot be contradicted by one.
NO_CHANNEL = frozenset({OutboxState.rehearsed, OutboxState.listed, OutboxState.done})


class ReceiptConflict(ForbearError):
    """A receipt of that id says something else already."""

    code = "receipt.conflict"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What taking in a receipt changed."""

    added: bool  # False where the same receipt was known before
    state: str  # where the contact stands now


def do_receipt(
    reader: Reader,
    *,
    contact_id: uuid.UUID,
    outcome: ReceiptOutcome,
    at: datetime,
    source_key: str,
    provider_ref: str = "",
    detail: str = "",
) -> Received:
    """Record one receipt, and settle a contact whose outcome was not known.

    Errors: NoSuchContact, ReceiptConflict, NotAllowed.
    """
    reader.must(Ability.write_receipt)
    with transaction.atomic():
        must_see_contact(reader, contact_id)
        _, row = locked_contact(contact_id)
        if row is None:
            raise NoSuchContact(f"contact {contact_id} was refused and never sent")
        told = {
            "contact_id": contact_id,
            "outcome": outcome.value,
            "provider_ref": provider_ref,
            "effective_at": at,
            "detail": detail,
        }
        known, added = Receipt.objects.get_or_create(
            source_key=f"receipt:{source_key}", defaults={**told, "source": reader.actor}
        )
        differs = [name for name, value in told.items() if getattr(known, name) != value]
        if differs:
            raise ReceiptConflict(f"receipt {source_key} is known with another {differs[0]}")
        if added:
            record_row(connected(), Kind.receipt, known)
            _settle(row, outcome, at, reader.actor)
        return Received(added=added, state=row.state)


def _settle(row: Outbox, outcome: ReceiptOutcome, at: datetime, source: str) -> None:
    """Move a contact where the receipt says it is, if that was not known."""
    state = OutboxState(row.state)
    if state in NO_CHANNEL or state == OutboxState.sent:
        return
    if outcome in REACHED:
        row.state = OutboxState.sent.value
        insert_attempt(connected(), row.pk, at=at, source=source)
    elif state != OutboxState.cancelled:
        row.state = OutboxState.dead.value
    row.lease = None  # known now: whoever still has it in hand has nothing to add
    row.error = "" if outcome in REACHED else f"receipt: {outcome.value}"
    row.changed_at = datetime.now(UTC)
    row.save(update_fields=["state", "lease", "error", "changed_at"])
    append_outcomes(connected(), [row.pk])
