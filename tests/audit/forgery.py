"""Contacts written straight into the log, past the gate."""

from __future__ import annotations

import uuid

from tests.people import DAY, Someone, at

from forbear.kernel.vocabulary import PointKind
from forbear.store.models import Contact, Outbox


def planted(debtor: Someone, clock: str = "12:00", **fields: object) -> str:
    """Write a contact straight into the log, past the gate; return its id."""
    told = {"channel": "sms", "purpose": "remind", "allowed": True,
            "contact_point_id": debtor.points[PointKind.phone]} | fields  # fmt: skip
    state, instant = told.pop("state", "sent"), told.pop("at", at(clock))
    contact = Contact.objects.create(
        id=uuid.uuid4(),
        person_id=debtor.id,
        at=instant,
        local_on=DAY,
        asked=[],
        blocked_by=[] if told["allowed"] else ["house.deceased"],
        facts={},
        pack_digest="",
        acting="thief",
        **told,
    )
    Outbox.objects.create(
        contact=contact,
        person_id=debtor.id,
        channel=told["channel"],
        fictional=False,
        state=state,
    )
    return str(contact.pk)
