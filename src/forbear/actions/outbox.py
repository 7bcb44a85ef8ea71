"""Show what is on its way out, what is stuck and what was refused: the gate's own record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_name
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_contacts
from forbear.kernel.vocabulary import OutboxState
from forbear.store.models import Outbox
from forbear.store.people import Known, fetch_ids_by_word, fetch_known

NEEDS_A_PERSON = (OutboxState.dead.value, OutboxState.unknown.value)
ORDERS = {
    "at": "at",
    "recorded": "recorded_at",
    "person": "person__ref",
    "channel": "channel",
    "state": "outbox__state",
    "tries": "outbox__tries",
    "next": "outbox__next_try_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One decision of the gate, and where it stands on its way out."""

    contact_id: str
    person_id: int
    ref: str
    name: str  # masked
    channel: str
    purpose: str
    at: datetime
    recorded_at: datetime
    allowed: bool
    blocked_by: tuple[str, ...]
    state: str  # "" where refused
    tries: int
    next_try_at: datetime | None
    error: str
    provider_ref: str
    fictional: bool
    acting: str


def access_contacts(reader: Reader, *, listing: Listing) -> Page[ContactRow]:
    """Return one page of the gate's record. The filter `state` may be `attention` or `refused`.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_outbox)
    found = seen_contacts(reader).select_related("person", "outbox")
    state = listing.asked("state")
    if state == "attention":
        found = found.filter(outbox__state__in=NEEDS_A_PERSON)
    elif state == "refused":
        found = found.filter(allowed=False)
    elif state:
        found = found.filter(outbox__state=state)
    if listing.asked("channel"):
        found = found.filter(channel=listing.asked("channel"))
    if listing.asked("rule"):
        found = found.filter(blocked_by__contains=[listing.asked("rule")])
    if listing.asked("q"):
        word = listing.asked("q")
        found = found.filter(
            Q(person__ref__istartswith=word) | Q(person_id__in=fetch_ids_by_word(word))
        )
    return page_of(found, listing, orders=ORDERS, usual=("-recorded_at", "id"), rows=_rows)


def access_outbox_counts(reader: Reader) -> dict[str, int]:
    """Return how many contacts stand in each state of the way out, refusals included.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_outbox)
    counts: dict[str, int] = dict(
        _ways_out(reader).values_list("state").annotate(n=Count("pk")).order_by("state")
    )
    counts["attention"] = sum(counts.get(state, 0) for state in NEEDS_A_PERSON)
    counts["refused"] = seen_contacts(reader).filter(allowed=False).count()
    return counts


def stuck(reader: Reader) -> int:
    """Return how many contacts wait for a person to decide; 0 for who may not see them."""
    if Ability.see_outbox not in reader.abilities:
        return 0
    return _ways_out(reader).filter(state__in=NEEDS_A_PERSON).count()


def _ways_out(reader: Reader) -> QuerySet[Outbox, Outbox]:
    if reader.agency_id is None:
        return Outbox.objects.all()
    return Outbox.objects.filter(contact__in=seen_contacts(reader))


def _rows(contacts: list[Any]) -> Iterable[ContactRow]:
    known = fetch_known({contact.person_id for contact in contacts})
    for contact in contacts:
        out = getattr(contact, "outbox", None)
        yield ContactRow(
            contact_id=str(contact.pk),
            person_id=contact.person_id,
            ref=contact.person.ref,
            name=masked_name(known.get(contact.person_id, Known()).name),
            channel=contact.channel,
            purpose=contact.purpose,
            at=contact.at,
            recorded_at=contact.recorded_at,
            allowed=contact.allowed,
            blocked_by=tuple(contact.blocked_by),
            state=out.state if out else "",
            tries=out.tries if out else 0,
            next_try_at=out.next_try_at if out else None,
            error=out.error if out else "",
            provider_ref=out.provider_ref if out else "",
            fictional=out.fictional if out else False,
            acting=contact.acting,
        )
