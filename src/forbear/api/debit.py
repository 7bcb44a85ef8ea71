"""Mandates come in, and what the bank did with debit requests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.debit_result import do_record_debit_result
from forbear.actions.mandate import do_record_mandate
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import Day, Event, Instant, Ref, example
from forbear.bank.debit_state import DebitOutcome, Decline, MandateStage

router = Router(tags=["webhooks"])
ERRORS = documented(400, 404, 409, 413, 415, 422)


class MandateEvent(Event):
    """Leave to debit an account was given, or revoked. What is revoked stays so."""

    model_config = example(
        event_ref="mandate:7:given",
        mandate_ref="mandate:7",
        account_ref="lender:1/a",
        stage="given",
        at="2025-12-31T10:00:00+08:00",
        payday=10,
    )

    event_ref: Ref = Field(description="The event's own id, among those of this key.")
    mandate_ref: Ref = Field(
        description="The bank's name of it: up to 100 letters, digits and . _ : / -"
    )
    account_ref: Ref
    stage: MandateStage
    at: Instant = Field(description="When the person said so, with its offset; not after now.")
    payday: Annotated[
        int | None,
        Field(
            strict=True,
            ge=1,
            le=31,
            description="Day of the month, where known; only with `given`.",
        ),
    ] = None


class MandateBooked(BaseModel):
    """The event as it stands in the book; the same however often it is sent."""

    event_ref: str
    mandate_ref: str
    account_ref: str
    stage: MandateStage
    at: datetime
    payday: int | None
    recorded_at: datetime


class DebitResultEvent(Event):
    """What the bank did with one request. What succeeded is booked as a payment."""

    model_config = example(
        request_ref="debit:1",
        outcome="declined",
        decline="insufficient_funds",
        effective_on="2026-01-31",
    )

    request_ref: Ref = Field(description="As in the file for the bank; the payment's id too.")
    outcome: DebitOutcome
    decline: Decline | None = Field(default=None, description="Why; only with `declined`.")
    effective_on: Day = Field(description="The day on which the bank debited or declined.")


class DebitResultBooked(BaseModel):
    """The result as it stands in the book; the same however often it is sent."""

    request_ref: str
    account_ref: str
    outcome: DebitOutcome
    decline: Decline | None
    amount_minor: int = Field(description="What was asked for.")
    currency: str
    effective_on: date
    recorded_at: datetime


@router.post(
    "/mandates",
    auth=Signature(),
    response={200: MandateBooked, **ERRORS},
    operation_id="record_mandate",
    summary="Record that a mandate was given or revoked",
)
def record_mandate(
    request: HttpRequest, event: MandateEvent, response: HttpResponse
) -> MandateBooked:
    """Record it once. Whoever asks the bank next goes by it."""
    recorded = do_record_mandate(
        reader_of(request),
        event_ref=event.event_ref,
        mandate_ref=event.mandate_ref,
        account_ref=event.account_ref,
        stage=event.stage,
        payday=event.payday,
        effective_at=event.at,
        at=datetime.now(UTC),
    )
    mark_repeated(response, added=recorded.added)
    return MandateBooked(**dict(event), recorded_at=recorded.recorded_at)


@router.post(
    "/debit-results",
    auth=Signature(),
    response={200: DebitResultBooked, **ERRORS},
    operation_id="record_debit_result",
    summary="Record what the bank did with a debit request",
)
def record_debit_result(
    request: HttpRequest, event: DebitResultEvent, response: HttpResponse
) -> DebitResultBooked:
    """Record it once. What succeeded becomes a payment under the request's reference."""
    recorded = do_record_debit_result(reader_of(request), at=datetime.now(UTC), **dict(event))
    mark_repeated(response, added=recorded.added)
    return DebitResultBooked(
        **dict(event),
        account_ref=recorded.request.account_ref,
        amount_minor=recorded.request.amount_minor,
        currency=recorded.request.currency,
        recorded_at=recorded.recorded_at,
    )
