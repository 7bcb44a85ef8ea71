"""Record what a person allows and what they ask to stop. A stop takes effect at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import NoSuchPerson, must_see_person
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState
from forbear.store.contact import cancel_person
from forbear.store.gate import lock_person
from forbear.store.models import Consent

STOPS = frozenset({ConsentKind.cease_request, ConsentKind.opt_out})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording a consent changed."""

    added: bool  # False where the same fact was known already
    plans_cancelled: int
    contacts_cancelled: int


def do_record_consent(
    reader: Reader,
    *,
    person_id: int,
    kind: ConsentKind,
    state: ConsentState,
    at: datetime,
    channel: Channel | None = None,
    source_key: str | None = None,
) -> Recorded:
    """Record a consent, an opt-out or a request to stop, and cancel all that it stops.

    Errors: NoSuchPerson, NotAllowed.
    """
    reader.must(Ability.record)
    with transaction.atomic():
        conn = connected()
        if not lock_person(conn, person_id):
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_person(reader, person_id)
        key = source_key or f"consent:{uuid.uuid4()}"
        row, added = Consent.objects.get_or_create(
            source_key=key,
            defaults={
                "person_id": person_id,
                "kind": kind.value,
                "state": state.value,
                "channel": channel.value if channel else "",
                "effective_at": at,
                "source": reader.actor,
            },
        )
        if added:
            record_row(conn, Kind.consent, row)
        plans = contacts = 0
        if kind in STOPS and state == ConsentState.given:
            plans, contacts = cancel_person(
                conn, person_id, channel=channel.value if channel else ""
            )
        return Recorded(added=added, plans_cancelled=plans, contacts_cancelled=contacts)
