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
from forbear.kernel.days import MINUTES_PER_DAY
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState
from forbear.store.contact import cancel_person
from forbear.store.gate import lock_person
from forbear.store.models import Consent

STOPS = frozenset({ConsentKind.cease_request, ConsentKind.opt_out})


class ConsentUnclear(ForbearError):
    """A consent to the night names its channel; its hours lie within one day."""

    code = "consent.unclear"
    http_status = 422


class ConsentConflict(ForbearError):
    """The same reference is recorded already with other contents."""

    code = "consent.conflict"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording a consent changed."""

    added: bool  # False where the same fact was known already
    plans_cancelled: int
    contacts_cancelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Recorded):
    """What recording a consent changed, and when it came into the book the first time."""

    recorded_at: datetime


def do_record_consent(
    reader: Reader,
    *,
    person_id: int,
    kind: ConsentKind,
    state: ConsentState,
    at: datetime,
    channel: Channel | None = None,
    opens_minute: int | None = None,
    closes_minute: int | None = None,
    source_key: str | None = None,
) -> ConsentRecorded:
    """Record a consent, an opt-out or a request to stop, and cancel all that it stops.

    A consent to the night is for one channel, and for hours of the person's own day where they
    are given; taking it back without a channel is of every one.
    Unit:   minutes of the day, half-open: 1260 to 1320 is 21:00 to 22:00.
    Errors: ConsentUnclear, ConsentConflict, NoSuchPerson, NotAllowed.
    """
    reader.must_either(Ability.record, Ability.write_consent)
    hours = opens_minute, closes_minute
    _must_be_clear(kind, state, channel, hours)
    with transaction.atomic():
        conn = connected()
        if not lock_person(conn, person_id):
            raise NoSuchPerson(f"no person has the id {person_id}")
        must_see_person(reader, person_id)
        key = source_key or f"consent:{uuid.uuid4()}"
        said = {
            "person_id": person_id,
            "kind": kind.value,
            "state": state.value,
            "channel": channel.value if channel else "",
            "opens_minute": opens_minute,
            "closes_minute": closes_minute,
            "effective_at": at,
        }
        row, added = Consent.objects.get_or_create(
            source_key=key, defaults={**said, "source": reader.actor}
        )
        if differs := [name for name, value in said.items() if getattr(row, name) != value]:
            raise ConsentConflict(f"it stands with another {', '.join(differs)}")
        if added:
            record_row(conn, Kind.consent, row)
        plans = contacts = 0
        if kind in STOPS and state == ConsentState.given:
            plans, contacts = cancel_person(
                conn, person_id, channel=channel.value if channel else ""
            )
        return ConsentRecorded(
            added=added,
            plans_cancelled=plans,
            contacts_cancelled=contacts,
            recorded_at=row.recorded_at,
        )


def _must_be_clear(
    kind: ConsentKind,
    state: ConsentState,
    channel: Channel | None,
    hours: tuple[int | None, int | None],
) -> None:
    """Raise ConsentUnclear where nobody could say what is allowed, and when."""
    night = kind == ConsentKind.night_contact and state == ConsentState.given
    if night and channel is None:
        raise ConsentUnclear("a consent to the night names the channel that it is for")
    opens, closes = hours
    if opens is None and closes is None:
        return
    if not night:
        raise ConsentUnclear("only a consent to the night that is given has hours")
    if opens is None or closes is None or not 0 <= opens < closes <= MINUTES_PER_DAY:
        raise ConsentUnclear(
            "hours open before they close, within one day: two minutes of the day, 0 to 1440"
        )
