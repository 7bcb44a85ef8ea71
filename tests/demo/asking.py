"""Put an awkward person's question to the gate."""

from __future__ import annotations

from datetime import date

from forbear.actions.contact import Answer, may_contact
from forbear.actions.reader import machine
from forbear.demo.cast import Awkward, told
from forbear.demo.cast.awkward import Ask

READER = machine("test")


def answer_to(awkward: Awkward, ask: Ask, as_of: date) -> Answer:
    return may_contact(
        READER,
        person_ref=awkward.ref,
        channel=ask.channel,
        at=told(awkward, as_of=as_of).at(ask.day, ask.clock, zone=ask.zone),
        contact_point_id=point_id(awkward, ask),
        relation=ask.relation,
        purpose=ask.purpose,
    )


def point_id(awkward: Awkward, ask: Ask) -> int | None:
    from forbear.store.models import ContactPoint

    if not ask.point:
        return None
    return ContactPoint.objects.get(source_key=f"{awkward.ref}:{ask.point}").pk
