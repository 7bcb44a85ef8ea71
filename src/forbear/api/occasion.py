"""Occasions: what happened, or is planned, that opens a duty or closes one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.duty import do_take_occasion
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import Day, Event, Ref, example
from forbear.kernel.vocabulary import Occasion

router = Router(tags=["webhooks"])


class OccasionEvent(Event):
    """One thing that happened to one person, or an act of the lender's that is planned."""

    model_config = example(
        occasion_ref="complaint:2026-0117",
        person_ref="lender:1",
        kind="complaint_received",
        on="2026-01-31",
        thread="2026-0117",
    )

    occasion_ref: Ref = Field(description="The occasion's own id, among those of this key.")
    person_ref: Ref
    kind: Occasion = Field(
        description="Disputes, first contacts and settled accounts are read from the book and are"
        " refused here. An agency's key tells complaints, breathing spaces and crises only."
    )
    on: Day = Field(description="The day it happened or was planned; not after today.")
    act_on: Annotated[
        Day | None,
        Field(description="The day of the act: needed where one is planned, else left out."),
    ] = None
    account_ref: Annotated[
        Ref | None, Field(description="One of this person's; none where it is about the person.")
    ] = None
    thread: Annotated[
        Ref | None, Field(description="The matter's own number, by which a later fact closes it.")
    ] = None


class OccasionBooked(BaseModel):
    """The occasion as it stands in the book; the same however often it is sent."""

    occasion_ref: str
    person_ref: str
    kind: Occasion
    on: date
    act_on: date | None
    account_ref: str | None
    thread: str | None
    recorded_at: datetime


@router.post(
    "/occasions",
    auth=Signature(),
    response={200: OccasionBooked, **documented(400, 404, 409, 413, 415, 422)},
    operation_id="record_occasion",
    summary="Record what opens a duty or closes one",
)
def record_occasion(
    request: HttpRequest, event: OccasionEvent, response: HttpResponse
) -> OccasionBooked:
    """Record it once. The duties that it opens or closes are opened and closed with it."""
    reader = reader_of(request)
    taken = do_take_occasion(
        reader,
        person_ref=event.person_ref,
        kind=event.kind,
        on=event.on,
        act_on=event.act_on,
        account_ref=event.account_ref,
        thread=event.thread or "",
        today=timezone.localdate(),
        source_key=f"{reader.actor}:{event.occasion_ref}",
    )
    mark_repeated(response, added=taken.added)
    return OccasionBooked(**dict(event), recorded_at=taken.recorded_at)
