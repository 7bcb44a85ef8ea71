"""Ask the gate. It reserves nothing; the contact itself is only ever made through dispatch."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from forbear.actions.contact import may_contact
from forbear.actions.explain import explained_answer
from forbear.api.access import Key, reader_of
from forbear.api.problem import documented
from forbear.api.words import Instant, Ref, RowId
from forbear.kernel.vocabulary import Channel, Purpose, Relation

router = Router(tags=["gate"])


class Question(BaseModel):
    """A contact that somebody would like to make."""

    person_ref: Ref = Field(examples=["lender:1"])
    channel: Channel
    at: Instant = Field(description="With its offset.", examples=["2026-11-20T21:59:00+08:00"])
    relation: Relation = Field(Relation.obligor, description="Whose contact point it is.")
    purpose: Annotated[
        Purpose | None, Field(description="Where none is named: what is usual on the channel.")
    ] = None
    contact_point_id: Annotated[
        RowId | None, Field(description="Where none is named: the best point of the relation.")
    ] = None


class RuleTold(BaseModel):
    """One rule that was asked, or one silence of the law."""

    rule: str = Field(description="Rule id or reason code; see docs/reasons.")
    says: str
    says_zh: str
    article: str | None = Field(description="Instrument and article; none where the law is silent.")
    force: str | None
    review: str | None = Field(description="Who signed the reading, or that it awaits review.")


class AnswerTold(BaseModel):
    """What the gate says, and why."""

    person_ref: str
    allowed: bool
    channel: Channel
    relation: Relation
    purpose: Purpose
    at: datetime
    local_at: datetime | None = Field(description="The person's own clock; none where not known.")
    due_minor: int = Field(description="Due, unpaid and undisputed, in minor units.")
    currency: str
    fictional: bool = Field(description="The contact point can belong to nobody.")
    blocked_by: list[RuleTold] = Field(description="What forbids it; empty where it is allowed.")
    presumed: list[RuleTold] = Field(
        description="Where such a contact is presumed a breach unless rebutted, such as the eighth"
        " call in seven days in the United States; beside the verdict, it forbids nothing itself."
    )
    asked: list[RuleTold] = Field(description="Every rule that was asked.")
    next_lawful_at: datetime | None = Field(
        description="The first whole minute in a week at which it is allowed, for what is known"
        " today; none where waiting alone does not help, or where it is allowed already."
    )
    pack_digest: str = Field(description="The rule packs that answered, so that it replays.")


@router.get(
    "/may-contact",
    auth=Key(),
    response={200: AnswerTold, **documented(404, 422)},
    operation_id="may_contact",
    summary="Ask whether a contact is allowed",
)
def ask(request: HttpRequest, question: Query[Question]) -> dict[str, Any]:
    """Every rule asked, what forbids it with its article, and when it will be allowed."""
    answer = may_contact(reader_of(request), **dict(question))
    return {**explained_answer(answer), "person_ref": question.person_ref}
