"""Call one person: only while no other call to them waits for its outcome."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from forbear.actions.contact import Answer, connected, do_contact
from forbear.actions.person import listed_calls, planned_call
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchPerson, must_see_locked
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, Relation
from forbear.store.gate import lock_person


class CallUnderWay(ForbearError):
    """Another call to this person waits for its outcome; it is recorded first."""

    code = "contact.call_under_way"
    http_status = 409


def do_call(
    reader: Reader,
    *,
    person_id: int,
    at: datetime,
    relation: Relation = Relation.obligor,
    contact_id: uuid.UUID | None = None,
) -> Answer:
    """Ask the gate for a call now, as the night planned it where it did.

    Of two who call one person at once, one does; the other is told that a call is under way.
    Errors: CallUnderWay, and those of do_contact. A refusal is an answer.
    """
    reader.must(Ability.contact)
    with transaction.atomic():
        if not lock_person(connected(), person_id, by_index=True):
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_locked(reader, person_id)
        if listed_calls(reader, person_id):
            raise CallUnderWay("a call to this person waits for its outcome; record that first")
        return do_contact(
            reader,
            person_id=person_id,
            channel=Channel.voice,
            at=at,
            relation=relation,
            plan_id=planned_call(reader, person_id) if relation == Relation.obligor else None,
            contact_id=contact_id,
        )
