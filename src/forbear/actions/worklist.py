"""Show a collector whom to call next: the night's calls, calls under way, and what was referred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from forbear.actions.listing import Listing, Page, ordered, page_of
from forbear.actions.options import Option, access_option
from forbear.actions.plan import PlanRow, filtered, latest_night, plan_rows
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_contacts, seen_plans
from forbear.kernel.vocabulary import Channel, OutboxState, PlanState
from forbear.store.models import Plan

ORDERS = {
    "person": "person__ref",
    "due": "due_minor",
    "dpd": "days_past_due",
    "score": "score",
    "at": "planned_at",
    "segment": "segment",
}
USUAL = ("planned_at", "-days_past_due", "-due_minor", "id")
LONGEST_WALK = 20_000  # nobody walks further with one key
STAGES = ("todo", "open", "refer", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One person on the work list, with the answer to "may I call now?"."""

    plan: PlanRow
    call: Option | None  # None where a call is not what is next
    contact_id: str  # of the call under way; "" where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """One page of the work list."""

    page: Page[WorkRow]
    as_of: date | None  # None while no night was decided
    counts: dict[str, int]  # people at each stage


def access_work_list(
    reader: Reader, *, listing: Listing, at: datetime, live: bool = True
) -> WorkList:
    """Return one page of the work list at one stage, each row asked of the gate at this moment.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_work)
    night = latest_night()
    plans = seen_plans(reader).filter(night=night) if night else seen_plans(reader).none()
    stage = listing.asked("stage") or "todo"

    def rows(page: list[Any]) -> Iterable[WorkRow]:
        return _work_rows(reader, page, at=at, live=live and stage == "todo")

    return WorkList(
        page=page_of(
            filtered(at_stage(reader, plans, stage), listing),
            listing,
            orders=ORDERS,
            usual=USUAL,
            rows=rows,
        ),
        as_of=night.as_of if night else None,
        counts={name: at_stage(reader, plans, name).count() for name in STAGES} if night else {},
    )


def access_work_neighbors(
    reader: Reader, *, listing: Listing, person_id: int
) -> tuple[int | None, int | None]:
    """Return who comes before and after a person on the work list, in the listing's order.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_work)
    night = latest_night()
    if night is None:
        return None, None
    stage = listing.asked("stage") or "todo"
    found = filtered(at_stage(reader, seen_plans(reader).filter(night=night), stage), listing)
    in_order = ordered(found, listing, orders=ORDERS, usual=USUAL)
    ids = list(in_order.values_list("person_id", flat=True)[:LONGEST_WALK])
    if person_id not in ids:  # done in the meantime: the list goes on from its top
        return None, ids[0] if ids else None
    place = ids.index(person_id)
    return (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)


def at_stage(reader: Reader, plans: QuerySet[Plan, Plan], stage: str) -> QuerySet[Plan, Plan]:
    """Return the plans that stand at one stage of the work list."""
    calls = plans.filter(action=Channel.voice)
    if stage == "refer":
        return plans.filter(action="refer")
    if stage == "todo":
        return calls.filter(state=PlanState.planned)
    under_way = (
        seen_contacts(reader)
        .filter(outbox__state=OutboxState.listed, channel=Channel.voice)
        .values("person_id")
    )
    if stage == "open":
        return plans.filter(person_id__in=under_way)
    return calls.filter(~Q(state=PlanState.planned)).exclude(person_id__in=under_way)


def _work_rows(reader: Reader, plans: list[Any], *, at: datetime, live: bool) -> Iterable[WorkRow]:
    people = [plan.person_id for plan in plans]
    under_way = {
        call.person_id: str(call.pk)
        for call in seen_contacts(reader).filter(
            person_id__in=people, outbox__state=OutboxState.listed, channel=Channel.voice
        )
    }
    for row in plan_rows(plans):
        yield WorkRow(
            plan=row,
            call=access_option(reader, person_id=row.person_id, channel=Channel.voice, at=at)
            if live
            else None,
            contact_id=under_way.get(row.person_id, ""),
        )
