"""The receipts webhook: what a provider says became of a message."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from forbear.actions.receipt import do_receipt
from forbear.api.access import Signature, reader_of
from forbear.api.problem import documented, mark_repeated
from forbear.api.words import Event, Instant, Ref, Text, example
from forbear.kernel.vocabulary import ReceiptOutcome

router = Router(tags=["webhooks"])


class ReceiptEvent(Event):
    """One thing that a provider says of one message."""

    model_config = example(
        receipt_id="receipt:3",
        contact_id="0f1c2d3e-0000-4000-8000-000000000001",
        outcome="delivered",
        at="2026-01-31T09:30:05+08:00",
    )

    receipt_id: Ref = Field(description="The receipt's own id, among those of this key.")
    contact_id: uuid.UUID = Field(description="The contact, as it was handed to the provider.")
    outcome: ReceiptOutcome
    at: Instant = Field(description="When it happened, with its offset.")
    provider_ref: Text = Field("", description="The provider's own id of the message.")
    detail: Text = Field("", description="The provider's own words; never the message's text.")


class ReceiptTaken(BaseModel):
    """The receipt as it was taken in; the same however often it is sent."""

    receipt_id: str
    contact_id: uuid.UUID
    outcome: ReceiptOutcome
    at: datetime


@router.post(
    "/receipts",
    auth=Signature(),
    response={200: ReceiptTaken, **documented(400, 404, 409, 413, 415, 422)},
    operation_id="take_receipt",
    summary="Take in what became of a message",
)
def take_receipt(request: HttpRequest, event: ReceiptEvent, response: HttpResponse) -> ReceiptTaken:
    """Take it in once; a contact whose outcome was not known is settled by it."""
    reader = reader_of(request)
    received = do_receipt(
        reader,
        contact_id=event.contact_id,
        outcome=event.outcome,
        at=event.at,
        source_key=f"{reader.actor}:{event.receipt_id}",
        provider_ref=event.provider_ref,
        detail=event.detail,
    )
    mark_repeated(response, added=received.added)
    return ReceiptTaken(
        receipt_id=event.receipt_id,
        contact_id=event.contact_id,
        outcome=event.outcome,
        at=event.at,
    )
