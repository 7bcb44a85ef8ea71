"""What is known of a person: masked, by references, and never more than a reminder needs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import BaseModel, Field

from forbear.actions.plan import PlanRow
from forbear.actions.summary import Summary, access_summary
from forbear.api.access import Key, reader_of
from forbear.api.problem import documented
from forbear.api.words import Ref

router = Router(tags=["person"])
PersonRef = Annotated[Ref, Field(examples=["lender:1"])]


class AccountTold(BaseModel):
    """One credit agreement."""

    account_ref: str
    product: str
    creditor_type: str
    currency: str
    jurisdiction: str
    opened_on: date | None
    limit_minor: int | None
    due_minor: int | None = Field(description="Due and unpaid; none where not on the books yet.")
    days_past_due: int
    bucket: str


class PointTold(BaseModel):
    """One contact point, its middle hidden."""

    kind: str
    relation: str
    value: str = Field(description="Masked.")
    fictional: bool
    stages: list[str]
    ended: bool


class PromiseTold(BaseModel):
    """What the person promised to pay, and when."""

    due_on: date
    amount_minor: int
    currency: str


class PlanTold(BaseModel):
    """What the latest night decided."""

    as_of: date
    action: str
    segment: str
    bucket: str
    days_past_due: int
    planned_at: datetime | None
    due_minor: int
    currency: str
    reasons: list[str]
    blocked_by: list[str]
    state: str


class PersonTold(BaseModel):
    """One person now."""

    person_ref: str
    name: str = Field(description="Masked.")
    jurisdiction: str
    zone: str
    language: str
    local_at: datetime | None = Field(description="The person's own clock; none where not known.")
    due_minor: int = Field(description="Due, unpaid and undisputed, in `currency`.")
    currency: str
    nothing_due: bool
    standing: list[str] = Field(description="What is so whatever the channel: ceased, disputed …")
    accounts: list[AccountTold]
    contact_points: list[PointTold]
    promises: list[PromiseTold] = Field(description="Those whose day has not passed.")
    plan: PlanTold | None


@router.get(
    "/persons/{path:person_ref}",
    auth=Key(),
    response={200: PersonTold, **documented(404, 422)},
    operation_id="person_summary",
    summary="Show what is known of a person",
)
def summary(request: HttpRequest, person_ref: Path[PersonRef]) -> PersonTold:
    """Masked: names and numbers in the clear are shown only in the console, to who says why."""
    found = access_summary(reader_of(request), person_ref=person_ref, at=datetime.now(UTC))
    return told(found)


def told(found: Summary) -> PersonTold:
    """Return a summary as the API's own words."""
    page = found.page
    return PersonTold(
        person_ref=page.ref,
        name=page.name,
        jurisdiction=page.jurisdiction,
        zone=page.zone,
        language=page.language,
        local_at=page.local_at,
        due_minor=found.due_minor,
        currency=found.currency,
        nothing_due=found.nothing_due,
        standing=list(found.standing),
        accounts=[
            AccountTold(
                account_ref=account.ref,
                product=account.product,
                creditor_type=account.creditor_type,
                currency=account.currency,
                jurisdiction=account.jurisdiction,
                opened_on=account.opened_on,
                limit_minor=account.limit_minor,
                due_minor=account.due_minor,
                days_past_due=account.days_past_due,
                bucket=account.bucket,
            )
            for account in page.accounts
        ],
        contact_points=[
            PointTold(
                kind=point.kind,
                relation=point.relation,
                value=point.value,
                fictional=point.fictional,
                stages=list(point.stages),
                ended=point.ended,
            )
            for point in page.points
        ],
        promises=[
            PromiseTold(due_on=due_on, amount_minor=amount_minor, currency=currency)
            for due_on, amount_minor, currency in page.promised
        ],
        plan=_plan(page.plan, page.plan_as_of),
    )


def _plan(plan: PlanRow | None, as_of: date | None) -> PlanTold | None:
    if plan is None or as_of is None:
        return None
    return PlanTold(
        as_of=as_of,
        action=plan.action,
        segment=plan.segment,
        bucket=plan.bucket,
        days_past_due=plan.days_past_due,
        planned_at=plan.planned_at,
        due_minor=plan.due_minor,
        currency=plan.currency,
        reasons=list(plan.reasons),
        blocked_by=list(plan.blocked_by),
        state=plan.state,
    )
