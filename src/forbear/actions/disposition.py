"""Record how a call ended: the attempt with its three counters, and all that follows from it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from forbear.actions.consent import do_record_consent
from forbear.actions.contact import NotListed, connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person, seen_contacts
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import (
    CONNECTED,
    EFFECTIVE,
    ConsentKind,
    ConsentState,
    Disposition,
    DisputeStage,
    OutboxState,
    PointStage,
)
from forbear.store.cipher import cipher
from forbear.store.contact import cancel_person, fetch_listed, update_outbox
from forbear.store.gate import lock_person
from forbear.store.models import (
    Attempt,
    Contact,
    ContactPointStage,
    DispositionNote,
    Dispute,
)

MESSAGE_ONLY = frozenset({Disposition.delivered, Disposition.undelivered})


class NotACall(ForbearError):
    """That outcome belongs to a message, not to a call."""

    code = "disposition.not_a_call"
    http_status = 422


class NotTheirCall(ForbearError):
    """That call was not made to this person."""

    code = "disposition.not_their_call"
    http_status = 422


def do_record_disposition(
    reader: Reader,
    *,
    person_id: int,
    contact_id: uuid.UUID,
    code: Disposition,
    at: datetime,
    note: str = "",
) -> int:
    """Record the outcome of a listed call to a person and return the attempt's id.

    What the outcome says takes effect in the same transaction: a request to stop, a dispute, a
    number that does not exist, a third party's refusal.
    Errors: NotListed where the call has an outcome already or was taken back; NotACall;
    NotTheirCall; NoSuchPerson; NotAllowed.
    """
    reader.must(Ability.record)
    if code in MESSAGE_ONLY:
        raise NotACall(f"{code.value} is the outcome of a message; choose how the call ended")
    with transaction.atomic():
        conn = connected()
        must_see_person(reader, person_id)
        contact = call_to(reader, person_id, contact_id)
        lock_person(conn, person_id)
        if not fetch_listed(conn, contact_id):
            raise NotListed(f"contact {contact_id} is not on a work list any more")
        attempt = Attempt.objects.create(
            person_id=contact.person_id,
            contact_point_id=contact.contact_point_id,
            contact_id=contact_id,
            channel=contact.channel,
            connected=code in CONNECTED,
            effective=code in EFFECTIVE,
            at=contact.at,
            local_on=contact.local_on,
            accounts=contact.accounts,
            actor=reader.actor,
            source=reader.actor,
            source_key=f"attempt:{contact_id}",
        )
        record_row(conn, Kind.attempt, attempt)
        said = DispositionNote.objects.create(
            attempt=attempt,
            code=code.value,
            note_cipher=cipher().sealed(note) if note else None,
            actor=reader.actor,
            effective_at=at,
            source=reader.actor,
            source_key=f"disposition:{contact_id}",
        )
        record_row(conn, Kind.disposition, said)
        update_outbox(conn, contact_id, OutboxState.done)
        _follow(reader, contact, code, at)
        return attempt.pk


def call_to(reader: Reader, person_id: int, contact_id: uuid.UUID) -> Contact:
    """Return a contact that was made to a person.

    Errors: NotTheirCall.
    """
    contact = seen_contacts(reader).filter(pk=contact_id, person_id=person_id).first()
    if contact is None:
        raise NotTheirCall(
            f"contact {contact_id} was not made to person {person_id};"
            " open the page of whoever was called and record it there"
        )
    return contact


def _follow(reader: Reader, contact: Contact, code: Disposition, at: datetime) -> None:
    """Write the facts that an outcome carries."""
    key = f"{code.value}:{contact.pk}"
    if code == Disposition.asked_to_stop:
        do_record_consent(
            reader,
            person_id=contact.person_id,
            kind=ConsentKind.cease_request,
            state=ConsentState.given,
            at=at,
            source_key=key,
        )
    elif code == Disposition.disputed:
        dispute = Dispute.objects.create(
            person_id=contact.person_id,
            dispute_ref=key,
            stage=DisputeStage.opened.value,
            effective_at=at,
            source=reader.actor,
            source_key=key,
        )
        record_row(connected(), Kind.dispute, dispute)
        cancel_person(connected(), contact.person_id)
    elif code in POINT_STAGE and contact.contact_point_id:
        stage = ContactPointStage.objects.create(
            contact_point_id=contact.contact_point_id,
            stage=POINT_STAGE[code].value,
            effective_at=at,
            source=reader.actor,
            source_key=key,
        )
        record_row(connected(), Kind.point_stage, stage)


POINT_STAGE = {
    Disposition.number_invalid: PointStage.invalid,
    Disposition.wrong_person: PointStage.refused,  # "I don't know him" is a refusal for good
    Disposition.third_party_refused: PointStage.refused,
}
