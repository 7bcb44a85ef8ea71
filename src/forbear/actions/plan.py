"""Show the rows of a night's plan: who was planned, left to wait or refused, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_name
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_plans
from forbear.kernel.days import zone_named
from forbear.store.models import Night, Plan
from forbear.store.people import Known, fetch_ids_by_word, fetch_known

NO_CHANNEL = ("wait", "refer", "refused")
ORDERS = {
    "person": "person__ref",
    "action": "action",
    "segment": "segment",
    "due": "due_minor",
    "dpd": "days_past_due",
    "score": "score",
    "at": "planned_at",
    "state": "state",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One person's decision of one night."""

    plan_id: int
    person_id: int
    ref: str
    name: str  # masked
    action: str  # a channel, or wait, refer, refused
    segment: str
    reasons: tuple[str, ...]
    blocked_by: tuple[str, ...]
    planned_at: datetime | None
    local_at: datetime | None  # by the person's own clock; None where no zone or nothing planned
    due_minor: int
    currency: str
    days_past_due: int
    bucket: str
    score: int
    state: str
    accounts: int  # how many the contact is about


def access_plan(reader: Reader, *, night_id: int, listing: Listing) -> Page[PlanRow]:
    """Return one page of a night's plan.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_night)
    found = filtered(seen_plans(reader).filter(night_id=night_id), listing)
    return page_of(
        found, listing, orders=ORDERS, usual=("-days_past_due", "-due_minor", "id"), rows=plan_rows
    )


def filtered(plans: QuerySet[Plan, Plan], listing: Listing) -> QuerySet[Plan, Plan]:
    """Return the plans that a listing asks for."""
    for name in ("segment", "bucket", "state", "currency"):
        if listing.asked(name):
            plans = plans.filter(**{name: listing.asked(name)})
    if listing.asked("action") == "contact":
        plans = plans.exclude(action__in=NO_CHANNEL)
    elif listing.asked("action"):
        plans = plans.filter(action=listing.asked("action"))
    if listing.asked("rule"):
        plans = plans.filter(blocked_by__contains=[listing.asked("rule")])
    if listing.asked("late") == "yes":
        plans = plans.filter(days_past_due__gt=0)
    if listing.asked("q"):
        word = listing.asked("q")
        plans = plans.filter(
            Q(person__ref__istartswith=word) | Q(person_id__in=fetch_ids_by_word(word))
        )
    return plans.select_related("person")


def plan_rows(plans: list[Any]) -> Iterable[PlanRow]:
    """Return records of plans as plain rows, names masked."""
    known = fetch_known({plan.person_id for plan in plans})
    return [_plan_row(plan, known.get(plan.person_id, Known())) for plan in plans]


def _plan_row(plan: Plan, known: Known) -> PlanRow:
    zone: ZoneInfo | None = zone_named(known.zone)
    local_at = plan.planned_at.astimezone(zone) if plan.planned_at and zone else None
    return PlanRow(
        plan_id=plan.pk,
        person_id=plan.person_id,
        ref=plan.person.ref,
        name=masked_name(known.name),
        action=plan.action,
        segment=plan.segment,
        reasons=tuple(plan.reasons),
        blocked_by=tuple(plan.blocked_by),
        planned_at=plan.planned_at,
        local_at=local_at,
        due_minor=plan.due_minor,
        currency=plan.currency.strip(),
        days_past_due=plan.days_past_due,
        bucket=plan.bucket,
        score=plan.score,
        state=plan.state,
        accounts=len(plan.accounts),
    )


def latest_night() -> Night | None:
    """Return the night that was finished for the latest day, or None."""
    return Night.objects.filter(finished_at__isnull=False).order_by("-as_of", "-id").first()
