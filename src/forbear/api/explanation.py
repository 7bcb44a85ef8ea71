"""Where a payment went, and why: each sum in words, with the rule it follows."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import BaseModel, Field

from forbear.actions.payment_explained import Explanation, explained
from forbear.api.access import Key, reader_of
from forbear.api.problem import documented
from forbear.api.words import Ref

router = Router(tags=["person"])
PaymentRef = Annotated[Ref, Field(examples=["payment:1"])]


class RuleFollowed(BaseModel):
    """A rule that a sum follows."""

    rule: str
    says_zh: str
    says_en: str


class PieceTold(BaseModel):
    """One sum of the payment."""

    amount_minor: int
    kind: str = Field(description="met, ahead, waited, recovered, unapplied, paid_back …")
    on: date | None
    part: str = Field(description="interest, principal …; empty where it met nothing.")
    lent_by: str = Field(description="The purchase, cost or plan.")
    number: int = Field(description="Its installment; 0 where it met nothing.")
    due_on: date | None = Field(description="As it was agreed.")
    rules: list[str]
    says_zh: str
    says_en: str


class ExplanationTold(BaseModel):
    """Where a payment went; the pieces sum to its amount."""

    payment_ref: str
    account_ref: str
    currency: str
    amount_minor: int
    effective_on: date
    stages: list[str]
    order: list[str] = Field(description="In which the parts of an installment are met.")
    order_rule: str
    designation: str
    ahead: bool
    corrected: bool = Field(description="Some of it was booked otherwise before.")
    says_zh: str
    says_en: str
    pieces: list[PieceTold]
    rules: list[RuleFollowed]


@router.get(
    "/payments/{path:payment_ref}/explanation",
    auth=Key(),
    response={200: ExplanationTold, **documented(404, 422)},
    operation_id="explain_payment",
    summary="Ask where a payment went, and why",
)
def explanation(request: HttpRequest, payment_ref: Path[PaymentRef]) -> ExplanationTold:
    """Of a serviced account; every minor unit of the payment is in one piece."""
    return told(explained(reader_of(request), payment_ref))


def told(found: Explanation) -> ExplanationTold:
    """Return an explanation as the API's own words."""
    return ExplanationTold(
        payment_ref=found.payment_ref,
        account_ref=found.account_ref,
        currency=found.currency,
        amount_minor=found.amount_minor,
        effective_on=found.effective_on,
        stages=[stage.stage for stage in found.stages],
        order=list(found.order),
        order_rule=found.order_rule,
        designation=found.designation,
        ahead=found.ahead,
        corrected=found.corrected,
        says_zh=found.head[0],
        says_en=found.head[1],
        pieces=[
            PieceTold(
                amount_minor=piece.amount_minor,
                kind=piece.kind,
                on=piece.on,
                part=piece.part,
                lent_by=piece.lent_by,
                number=piece.number,
                due_on=piece.due_on,
                rules=list(piece.rules),
                says_zh=piece.says[0],
                says_en=piece.says[1],
            )
            for piece in found.pieces
        ],
        rules=[
            RuleFollowed(rule=rule, says_zh=zh, says_en=en)
            for rule, (zh, en) in found.rules.items()
        ],
    )
