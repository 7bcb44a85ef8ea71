"""Show what the law requires of us: whose, by when, what is left of the time, and what became."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, F, Max, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Coalesce

from forbear.actions.duty import NoSuchDuty, wording
from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_name
from forbear.actions.reader import Ability, Reader
from forbear.actions.rulebook import RuleText, rule_text
from forbear.duty.clock import CHINA, Due, Left, NoMoreTime, left, longer
from forbear.kernel.vocabulary import ASKS_TIME, DUTY_CLOSED, DutyStage
from forbear.store.models import Duty, DutyStep
from forbear.store.people import Known, fetch_ids_by_word, fetch_known, opened

SOON_DAYS = 5
STATES = ("open", "past_due", "soon", "asked", "standing", "met", "met_late", "released", "all")
ORDERS = {
    "due": "due",
    "opened": "opened_on",
    "person": "person__ref",
    "topic": "topic",
    "ended": "ended_on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """One duty, as a list shows it."""

    duty_id: int
    topic: str
    clock: str
    occasion: str
    rule: RuleText | None  # None where no pack holds it any more
    person_id: int
    ref: str
    name: str  # masked
    account: str  # "" where it is about the person
    thread: str
    opened_on: date
    act_on: date | None
    due_on: date | None  # None: it stands until a fact ends it
    strict: bool
    left: Left | None  # None where it is closed or has no day
    stage: str  # "" while open
    ended_on: date | None
    in_time: bool
    asked: bool  # more time was asked for, and nobody answered yet

    @property
    def days_over(self) -> int:
        """Return by how many days a duty is past due; 0 where it is not."""
        return max(0, -self.left.days) if self.left else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that became of a duty."""

    stage: str
    on: date
    due_on: date | None
    note: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyStory:
    """One duty with its steps, and what may be done about it."""

    row: DutyRow
    steps: tuple[Step, ...]
    longer_to: date | None  # None where the law gives no more time
    approved: bool  # that time is given only where a second person approves
    asked: Step | None  # who asks for it, and why; None where nobody does
    own: bool  # the reader asked, and cannot approve


def access_duties(reader: Reader, *, listing: Listing, today: date) -> Page[DutyRow]:
    """Return one page of duties; those past due first, then by their due day.

    Shape:  filters: state, topic, q.
    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_duties)
    found = _in_state(_duties(), listing.asked("state") or "open", today)
    if listing.asked("topic"):
        found = found.filter(topic=listing.asked("topic"))
    if word := listing.asked("q"):
        found = found.filter(
            Q(person__ref__istartswith=word)
            | Q(account__ref__istartswith=word)
            | Q(thread__iexact=word)
            | Q(person_id__in=fetch_ids_by_word(word))
        )
    usual = ("due", "opened_on", "id")

    def rows(page: list[Any]) -> Iterable[DutyRow]:
        known = fetch_known({duty.person_id for duty in page})
        return [_row(duty, known, today) for duty in page]

    return page_of(found, listing, orders=ORDERS, usual=usual, rows=rows)


def access_duty_counts(reader: Reader, *, today: date) -> dict[str, int]:
    """Return how many duties are in each state.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_duties)
    return {state: _in_state(_duties(), state, today).count() for state in STATES}


def access_duty_topics(reader: Reader) -> tuple[str, ...]:
    """Return the topics of all duties, for a filter.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_duties)
    return tuple(Duty.objects.order_by("topic").values_list("topic", flat=True).distinct())


def access_duty(reader: Reader, *, duty_id: int, today: date) -> DutyStory:
    """Return one duty and everything that became of it; its evidence is in the clear.

    Errors: NotAllowed, NoSuchDuty.
    """
    reader.must(Ability.see_duties)
    duty = _duties().filter(pk=duty_id).first()
    if duty is None:
        raise NoSuchDuty(f"no duty has the number {duty_id}")
    row = _row(duty, fetch_known([duty.person_id]), today)
    steps = tuple(
        Step(
            stage=step.stage,
            on=step.effective_on,
            due_on=step.due_on,
            note=opened(step.note_cipher),
            actor=step.actor,
        )
        for step in DutyStep.objects.filter(duty=duty_id).order_by("id")
    )
    more = _longer_to(row, today)
    asked = next((step for step in reversed(steps) if step.stage == DutyStage.asked), None)
    return DutyStory(
        row=row,
        steps=steps,
        longer_to=more.on if more else None,
        approved=bool(more and more.approved),
        asked=asked if row.asked else None,
        own=asked is not None and asked.actor == reader.actor,
    )


def past_due(reader: Reader, *, today: date) -> int:
    """Return how many duties are past due; 0 for who may not see them."""
    if Ability.see_duties not in reader.abilities:
        return 0
    return _in_state(_duties(), "past_due", today).count()


def _duties() -> QuerySet[Any, Any]:
    """Return every duty with the day that stands and how it ended."""
    steps = DutyStep.objects.filter(duty=OuterRef("pk"))
    ends = steps.filter(stage__in=DUTY_CLOSED)
    later = (
        steps.filter(stage=DutyStage.extended).values("duty").annotate(n=Max("due_on")).values("n")
    )
    return Duty.objects.select_related("person", "account").annotate(
        due=Coalesce(Subquery(later, output_field=DateField()), "due_on"),
        ended=Subquery(ends.values("stage")[:1], output_field=TextField()),
        time=Subquery(
            steps.filter(stage__in=ASKS_TIME).order_by("-id").values("stage")[:1],
            output_field=TextField(),
        ),
        ended_on=Subquery(ends.values("effective_on")[:1], output_field=DateField()),
    )


def _in_state(found: QuerySet[Any, Any], state: str, today: date) -> QuerySet[Any, Any]:
    """Return the duties in one state; a word that is none of them is all."""
    waiting = found.filter(ended__isnull=True)
    acts = waiting.exclude(clock="throughout")
    met = found.filter(ended=DutyStage.met)
    late = Q(due__isnull=False, ended_on__gt=F("due")) & ~Q(clock="throughout")
    if state == "open":
        return acts
    if state == "past_due":
        return acts.filter(due__lt=today)
    if state == "soon":
        return acts.filter(due__gte=today, due__lte=today + timedelta(days=SOON_DAYS))
    if state == "asked":
        return acts.filter(time=DutyStage.asked)
    if state == "standing":
        return waiting.filter(clock="throughout")
    if state == "met":
        return met
    if state == "met_late":
        return met.filter(late)
    if state == "released":
        return found.filter(ended=DutyStage.released)
    return found


def _row(duty: Any, known: dict[int, Known], today: date) -> DutyRow:
    version = wording(duty.rule, on=duty.opened_on)
    china = version is not None and version.applies.jurisdiction == CHINA
    ticking = duty.due is not None and duty.ended is None
    return DutyRow(
        duty_id=duty.pk,
        topic=duty.topic,
        clock=duty.clock,
        occasion=duty.occasion,
        rule=rule_text(version) if version else None,
        person_id=duty.person_id,
        ref=duty.person.ref,
        name=masked_name(known.get(duty.person_id, Known()).name),
        account=duty.account.ref if duty.account else "",
        thread=duty.thread.removeprefix("dispute:"),
        opened_on=duty.opened_on,
        act_on=duty.act_on,
        due_on=duty.due,
        strict=duty.strict,
        left=left(duty.due, on=today, in_china=china) if ticking else None,
        stage=duty.ended or "",
        ended_on=duty.ended_on,
        in_time=duty.clock == "throughout"
        or duty.due is None
        or (duty.ended_on or today) <= duty.due,
        asked=duty.ended is None and duty.time == DutyStage.asked,
    )


def _longer_to(row: DutyRow, today: date) -> Due | None:
    """Return the time that the law would give an open duty besides."""
    version = wording(row.rule.rule, on=row.opened_on) if row.rule else None
    if version is None or row.stage or row.due_on is None or row.due_on < today:
        return None
    try:
        return longer(version, opened_on=row.opened_on, due_on=row.due_on)
    except NoMoreTime:
        return None
