"""Consents: what a person allows, and what they ask to stop. Each takes effect at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.consent import do_record_consent
from forbear.actions.reader import Ability
from forbear.actions.sight import must_see_ref
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import Event, Instant, Ref, example
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState

router = Router(tags=["webhooks"])


class NotYet(ForbearError):
    """Nobody consented, or asked to stop, at a time to come."""

    code = "consent.not_yet"
    http_status = 422


class ConsentEvent(Event):
    """One thing that a person allows or asks to stop, or takes back."""

    model_config = example(
        consent_ref="consent:88",
        person_ref="lender:1",
        kind="cease_request",
        state="given",
        at="2026-01-31T09:30:00+08:00",
    )

    consent_ref: Ref = Field(description="The event's own id, among those of this key.")
    person_ref: Ref
    kind: ConsentKind
    state: ConsentState
    at: Instant = Field(description="When the person said so, with its offset; not after now.")
    channel: Annotated[
        Channel | None, Field(description="None is every one; given for the night, one is needed.")
    ] = None
    opens_minute: Annotated[
        int | None,
        Field(strict=True, ge=0, le=1439, description="From which minute of the person's own day."),
    ] = None
    closes_minute: Annotated[
        int | None,
        Field(strict=True, ge=1, le=1440, description="To which minute, which is not within."),
    ] = None


class ConsentBooked(BaseModel):
    """The consent as it stands in the book; the same however often it is sent."""

    consent_ref: str
    person_ref: str
    kind: ConsentKind
    state: ConsentState
    at: datetime
    channel: Channel | None
    opens_minute: int | None
    closes_minute: int | None
    recorded_at: datetime


@router.post(
    "/consents",
    auth=Signature(),
    response={200: ConsentBooked, **documented(400, 404, 409, 413, 415, 422)},
    operation_id="record_consent",
    summary="Record what a person allows or asks to stop",
)
def record_consent(
    request: HttpRequest, event: ConsentEvent, response: HttpResponse
) -> ConsentBooked:
    """Record it once. The next question to the gate sees it; what it stops is cancelled with it."""
    reader = reader_of(request)
    reader.must_either(Ability.record, Ability.write_consent)
    person = must_see_ref(reader, event.person_ref)
    if event.at > datetime.now(UTC):
        raise NotYet(f"at {event.at.isoformat()} lies ahead of this server's clock")
    recorded = do_record_consent(
        reader,
        person_id=person.pk,
        kind=event.kind,
        state=event.state,
        channel=event.channel,
        opens_minute=event.opens_minute,
        closes_minute=event.closes_minute,
        at=event.at,
        source_key=f"consent:{reader.actor}:{event.consent_ref}",
    )
    mark_repeated(response, added=recorded.added)
    return ConsentBooked(**dict(event), recorded_at=recorded.recorded_at)
