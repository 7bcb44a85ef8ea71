"""Show what happened with one person, newest first: facts and the gate's decisions together.

An agency sees what it did itself, the money, and what the person asked of anybody: it has to heed
that. What others said to the person, and who looked, is not its to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from forbear.actions.reader import Reader
from forbear.actions.sight import of_accounts, own, seen_contacts
from forbear.kernel.days import clock_of
from forbear.store import models
from forbear.store.people import opened

EVENTS_PER_KIND = 200  # one person's latest; older ones are in the exports


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. Which fields are filled depends on its kind."""

    kind: str  # attempt, contact, due, payment, refund, promise, consent, dispute, status, reveal …
    on: date
    at: datetime | None = None  # None where only the day is known
    word: str = ""  # a closed word: disposition, stage, state
    channel: str = ""
    amount_minor: int = 0
    currency: str = ""
    day: date | None = None  # the day it speaks of, such as a promise's
    actor: str = ""
    note: str = ""
    contact_id: str = ""
    allowed: bool = True
    blocked_by: tuple[str, ...] = ()
    inbound: bool = False
    interactive: bool = True  # False: a notice, not a conversation
    effective: bool = False
    account: str = ""
    hours: tuple[str, str] | None = None  # of the person's day, that a consent is for


GROUPS = {
    "contacts": ("attempt", "contact", "receipt"),
    "money": ("due", "payment", "refund", "reported", "promise"),
    "requests": ("consent", "dispute", "status"),
    "looks": ("reveal",),
}


def events(reader: Reader, person_id: int, *, group: str = "", until: date) -> list[Event]:
    """Return what is known to have happened with one person up to a day, newest first."""
    kinds = GROUPS.get(group)
    found = [
        event
        for event in _all(reader, person_id)
        if event.on <= until and (kinds is None or event.kind in kinds)
    ]
    return sorted(found, key=lambda e: (e.on, e.at is not None, e.at or e.on), reverse=True)


def _all(reader: Reader, person_id: int) -> Iterator[Event]:
    yield from _talks(reader, person_id)
    yield from _decisions(reader, person_id)
    yield from _money(reader, person_id)
    yield from _requests(reader, person_id)


def _talks(reader: Reader, person_id: int) -> Iterator[Event]:
    attempts = own(reader, models.Attempt.objects.all(), "actor").filter(person_id=person_id)
    attempts = attempts.select_related("disposition")
    for one in attempts.order_by("-at")[:EVENTS_PER_KIND]:
        ended = getattr(one, "disposition", None)
        yield Event(
            kind="attempt",
            on=one.local_on,
            at=one.at,
            word=ended.code if ended else ("connected" if one.connected else "no_answer"),
            channel=one.channel,
            inbound=one.inbound,
            interactive=one.interactive,
            effective=one.effective,
            actor=one.actor,
            note=opened(ended.note_cipher) if ended else "",
            contact_id=str(one.contact_id or ""),
        )


def _decisions(reader: Reader, person_id: int) -> Iterator[Event]:
    contacts = seen_contacts(reader).filter(person_id=person_id).select_related("outbox")
    for one in contacts.order_by("-recorded_at")[:EVENTS_PER_KIND]:
        out = getattr(one, "outbox", None)
        yield Event(
            kind="contact",
            on=one.local_on,
            at=one.at,
            word=out.state if out else "refused",
            channel=one.channel,
            allowed=one.allowed,
            blocked_by=tuple(one.blocked_by),
            actor=one.acting,
            contact_id=str(one.pk),
        )
    receipts = own(reader, models.Receipt.objects.all(), "contact__acting")
    receipts = receipts.filter(contact__person_id=person_id).select_related("contact")
    for back in receipts.order_by("-effective_at")[:EVENTS_PER_KIND]:
        yield Event(
            kind="receipt",
            on=back.effective_at.date(),
            at=back.effective_at,
            word=back.outcome,
            channel=back.contact.channel,
            contact_id=str(back.contact_id),
        )


def _money(reader: Reader, person_id: int) -> Iterator[Event]:
    mine = {"account__person_id": person_id}
    for table, kind, day in (
        (models.Due, "due", "due_on"),
        (models.Payment, "payment", "effective_on"),
        (models.Refund, "refund", "effective_on"),
        (models.ReportedDelinquency, "reported", "effective_on"),
    ):
        rows: Any = of_accounts(reader, table.objects.filter(**mine)).select_related("account")
        for one in rows.order_by(f"-{day}")[:EVENTS_PER_KIND]:
            word = getattr(one, "stage", "") or getattr(one, "kind", "")
            yield Event(
                kind=kind,
                on=getattr(one, day),
                word=word or str(getattr(one, "months_late", "")),
                amount_minor=getattr(one, "amount_minor", 0),
                currency=one.account.currency,
                account=one.account.ref,
            )
    promises = own(reader, models.Promise.objects.all(), "actor").filter(person_id=person_id)
    for promise in promises.order_by("-effective_at")[:EVENTS_PER_KIND]:
        yield Event(
            kind="promise",
            on=promise.effective_at.date(),
            at=promise.effective_at,
            amount_minor=promise.amount_minor,
            currency=promise.currency,
            day=promise.due_on,
            actor=promise.actor,
        )


def _hours(consent: models.Consent) -> tuple[str, str] | None:
    opens, closes = consent.opens_minute, consent.closes_minute
    return None if opens is None or closes is None else (clock_of(opens), clock_of(closes))


def _requests(reader: Reader, person_id: int) -> Iterator[Event]:
    for kind, table, word in (
        ("consent", models.Consent, "state"),
        ("dispute", models.Dispute, "stage"),
        ("status", models.Status, "stage"),
    ):
        rows: Any = table.objects.filter(person_id=person_id)
        for one in rows.order_by("-effective_at")[:EVENTS_PER_KIND]:
            yield Event(
                kind=kind,
                on=one.effective_at.date(),
                at=one.effective_at,
                word=getattr(one, word),
                note=getattr(one, "kind", ""),
                channel=getattr(one, "channel", ""),
                hours=_hours(one) if isinstance(one, models.Consent) else None,
            )
    looks = own(reader, models.Reveal.objects.all(), "actor").filter(person_id=person_id)
    for look in looks.order_by("-recorded_at")[:EVENTS_PER_KIND]:
        yield Event(
            kind="reveal",
            on=look.recorded_at.date(),
            at=look.recorded_at,
            word=look.field,
            note=look.reason,
            actor=look.actor,
        )
