"""The payments webhook: money that came in, and money that is to go back or went back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.payment import do_record_payment
from forbear.actions.posting import Posting
from forbear.actions.refund import do_record_refund
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import AmountMinor, Currency, Day, Event, Ref, example
from forbear.kernel.vocabulary import PaymentStage, RefundStage

router = Router(tags=["webhooks"])
ERRORS = documented(400, 404, 409, 413, 415, 422)


class PaymentEvent(Event):
    """One stage of one payment. The same payment_ref goes through all its stages."""

    model_config = example(
        payment_ref="payment:9001",
        account_ref="lender:1/a",
        stage="settled",
        amount_minor=12345,
        currency="CNY",
        effective_on="2026-01-31",
    )

    payment_ref: Ref = Field(description="The payment's own id; with the stage, the event's id.")
    account_ref: Ref
    stage: PaymentStage = Field(description="Only `settled` and `reversed` move the balance.")
    amount_minor: AmountMinor = Field(description="Minor units: fen for CNY.")
    currency: Currency = Field(description="ISO 4217; must be the account's.")
    effective_on: Day = Field(description="Value date: the day the person paid, by their clock.")


class Met(BaseModel):
    """What of the money met one installment."""

    fact: str = Field(description="The key of the purchase or other fact that it is of.")
    number: int = Field(description="Which of its installments.")
    of: str = Field(
        description="cost, interest, fee, penalty, principal, unbilled (met before it was billed)"
        " or recovery (met after it was charged off)."
    )
    amount_minor: int = Field(description="Below zero where it was taken back.")


def met(posting: Posting) -> list[Met] | None:
    """Return where the money went, as it is answered."""
    if not posting.in_books:
        return None
    return [
        Met(fact=line.fact, number=line.number, of=line.account, amount_minor=line.minor)
        for line in posting.lines
    ]


ALLOCATION = Field(
    description="Where the money went, as the books stand now; what is missing of the amount met"
    " nothing. null: the account is not serviced here, its books begin with the next close, or the"
    " stage moves no money."
)


class PaymentBooked(BaseModel):
    """The event as it stands in the book; the same however often it is sent."""

    payment_ref: str
    account_ref: str
    stage: PaymentStage
    amount_minor: int
    currency: str
    effective_on: date
    recorded_at: datetime
    allocation: list[Met] | None = ALLOCATION


class RefundEvent(Event):
    """One stage of goods returned or a price taken back. A refund_ref goes through all of them."""

    model_config = example(
        refund_ref="refund:17",
        account_ref="lender:1/a",
        stage="requested",
        amount_minor=9900,
        currency="CNY",
        effective_on="2026-01-31",
    )

    refund_ref: Ref = Field(description="The refund's own id; with the stage, the event's id.")
    account_ref: Ref
    stage: RefundStage = Field(
        default=RefundStage.settled,
        description="`requested`: nobody is contacted about the account until `settled`, which"
        " lowers what is owed, or `withdrawn` or `refused`.",
    )
    amount_minor: AmountMinor = Field(description="Minor units: fen for CNY.")
    currency: Currency = Field(description="ISO 4217; must be the account's.")
    effective_on: Day = Field(description="Value date, by the person's clock.")
    purchase_ref: Ref | None = Field(
        default=None,
        description="With `requested` alone: the booking_ref of the purchase that goes back, of an"
        " account that is serviced here. Its installments are held; without it, all that the"
        " account has by that day.",
    )


class Held(BaseModel):
    """What a request holds in the books of an account that is serviced here."""

    purchase_ref: str | None = Field(description="null: all that the account has by that day.")
    since: date = Field(description="The first day on which it is not late for it.")
    until: date = Field(
        description="The day on which it is late again from where it stood, unless it ended sooner."
    )


class RefundBooked(BaseModel):
    """The event as it stands in the book; the same however often it is sent."""

    refund_ref: str
    account_ref: str
    stage: RefundStage
    amount_minor: int
    currency: str
    effective_on: date
    recorded_at: datetime
    allocation: list[Met] | None = ALLOCATION
    holds: Held | None = Field(
        default=None, description="null: the stage is not `requested`, or the house holds nothing."
    )


@router.post(
    "/payments",
    auth=Signature(),
    response={200: PaymentBooked, **ERRORS},
    operation_id="record_payment",
    summary="Book one stage of a payment",
)
def record_payment(
    request: HttpRequest, event: PaymentEvent, response: HttpResponse
) -> PaymentBooked:
    """Book it once. Where nothing is due any more, what was planned is cancelled with it."""
    recorded = do_record_payment(reader_of(request), at=datetime.now(UTC), **dict(event))
    mark_repeated(response, added=recorded.added)
    return PaymentBooked(
        **dict(event),
        recorded_at=recorded.booked.recorded_at,
        allocation=met(recorded.posting),
    )


@router.post(
    "/refunds",
    auth=Signature(),
    response={200: RefundBooked, **ERRORS},
    operation_id="record_refund",
    summary="Book one stage of a refund",
)
def record_refund(request: HttpRequest, event: RefundEvent, response: HttpResponse) -> RefundBooked:
    """Book it once. What waits to go out about the account is cancelled with it."""
    told = dict(event)
    purchase_ref = told.pop("purchase_ref") or ""
    recorded = do_record_refund(
        reader_of(request), at=datetime.now(UTC), purchase_ref=purchase_ref, **told
    )
    mark_repeated(response, added=recorded.added)
    hold = recorded.hold
    return RefundBooked(
        **told,
        recorded_at=recorded.booked.recorded_at,
        allocation=met(recorded.posting),
        holds=Held(purchase_ref=hold.purchase_ref or None, since=hold.since, until=hold.until)
        if hold
        else None,
    )
