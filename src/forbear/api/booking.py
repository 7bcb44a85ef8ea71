"""The lender's own system tells of accounts that are serviced here: contracts, and what happens."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.contract import do_record_contract
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import Day, Event, Ref, Text, example
from forbear.servicing.fact import BookingKind

router = Router(tags=["webhooks"])
ERRORS = documented(400, 404, 409, 413, 415, 422)
MOST_MINOR, MOST_DAYS, MOST_INSTALLMENTS, MOST_CHARS = 10**13, 366, 60, 400


class ContractEvent(Event):
    """An account is serviced here from now on, under a product's terms of a day."""

    model_config = example(account_ref="lender:1/a", product="paylater", formed_on="2024-06-03")

    account_ref: Ref
    product: Ref = Field(description="A product there is a file for, such as paylater.")
    formed_on: Day = Field(description="The day of the contract; its terms and caps hold.")


class PlanDue(BaseModel):
    """One installment of an agreed plan."""

    due_on: Day
    amount_minor: int = Field(strict=True, ge=1, le=MOST_MINOR)


class BookingEvent(Event):
    """One fact about a serviced account. Which kind needs what is in docs/books.md."""

    model_config = example(
        booking_ref="order:5501",
        account_ref="lender:1/a",
        kind="purchase",
        effective_on="2025-12-31",
        amount_minor=120000,
        installments=12,
    )

    booking_ref: Ref = Field(description="The fact's own id, and the event's.")
    account_ref: Ref
    kind: BookingKind
    effective_on: Day = Field(description="The day on which it happened.")
    amount_minor: int = Field(
        default=0, strict=True, ge=0, le=MOST_MINOR, description="Minor units."
    )
    about: Text = Field(default="", max_length=200, description="A purchase, or a payment_ref.")
    meant: Text = Field(default="", max_length=200, description="Of a designation: the purchase.")
    ahead: bool = Field(
        default=False, strict=True, description="Of a designation: repay early as well."
    )
    days: int = Field(default=0, strict=True, ge=0, le=MOST_DAYS)
    installments: int = Field(default=0, strict=True, ge=0, le=MOST_INSTALLMENTS)
    plan: list[PlanDue] = Field(default=[], max_length=MOST_INSTALLMENTS)
    principal_minor: int = Field(
        default=0, strict=True, ge=0, le=MOST_MINOR, description="Of a judgment: of it principal."
    )
    rule: Text = Field(default="", max_length=MOST_CHARS)
    reason: Text = Field(default="", max_length=MOST_CHARS)


class Recorded(BaseModel):
    """The fact as it stands in the book; the same however often it is sent."""

    key: str = Field(description="The name of the fact in the books.")
    account_ref: str
    effective_on: date
    recorded_at: datetime


@router.post(
    "/contracts",
    auth=Signature(),
    response={200: Recorded, **ERRORS},
    operation_id="record_contract",
    summary="Service an account here",
)
def record_contract(request: HttpRequest, event: ContractEvent, response: HttpResponse) -> Recorded:
    """Record it once. Its books begin with the next close."""
    booked = do_record_contract(reader_of(request), at=datetime.now(UTC), **dict(event))
    mark_repeated(response, added=booked.added)
    return Recorded(
        key=booked.key,
        account_ref=event.account_ref,
        effective_on=event.formed_on,
        recorded_at=booked.recorded_at,
    )


@router.post(
    "/bookings",
    auth=Signature(),
    response={200: Recorded, **ERRORS},
    operation_id="record_booking",
    summary="Book what happened to a serviced account",
)
def record_booking(request: HttpRequest, event: BookingEvent, response: HttpResponse) -> Recorded:
    """Book it once. It counts from its own day; the next close makes the books so."""
    given = dict(event) | {"plan": tuple((due.due_on, due.amount_minor) for due in event.plan)}
    booked = do_record_booking(reader_of(request), Asked(**given), at=datetime.now(UTC))
    mark_repeated(response, added=booked.added)
    return Recorded(
        key=booked.key,
        account_ref=event.account_ref,
        effective_on=event.effective_on,
        recorded_at=booked.recorded_at,
    )
