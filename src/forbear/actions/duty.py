"""Open duties as facts come in, give them more time where the law does, and record their end."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.dispute import their_account
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Ability, NotAllowed, Reader
from forbear.actions.sight import must_see_ref
from forbear.duty.clock import longer
from forbear.duty.opening import closed, duty_rules, opened
from forbear.kernel.days import FIRST_DAY
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import (
    ANNOUNCES,
    DUTY_CLOSED,
    READ_FROM_FACTS,
    DutyStage,
    Occasion,
)
from forbear.law.packs import Law, Version
from forbear.store.cipher import cipher
from forbear.store.duty import (
    fetch_closers,
    fetch_counts,
    fetch_open,
    fetch_openers,
    insert_duties,
    insert_ends,
)
from forbear.store.gate import lock_person
from forbear.store.models import Duty, DutyStep, OccasionFact
from forbear.store.packs import fetch_law

# What an agency hears from a person itself. What the lender plans, agrees or was told by an
# authority, and what ends a protection, is not an agency's to say.
AGENCY_TELLS = frozenset(
    {
        Occasion.complaint_received,
        Occasion.breathing_space_began,
        Occasion.crisis_treatment_began,
    }
)
PERIOD_OVER = "the period is over"
BY_FACT = "closed by a fact of the book"


class NoSuchDuty(ForbearError):
    """No duty has that number."""

    code = "duty.no_such_duty"
    http_status = 404


class DutyClosed(ForbearError):
    """The duty is met or released already."""

    code = "duty.closed"
    http_status = 409


class NoEvidence(ForbearError):
    """Say what was done and where the proof is kept, or why the duty does not apply."""

    code = "duty.no_evidence"
    http_status = 422


class NeedsApproval(ForbearError):
    """The law gives that time only where somebody else approves it."""

    code = "duty.needs_approval"
    http_status = 409


class NotOnThatDay(ForbearError):
    """A duty is met between the day it opened and today; a period is met when it is over."""

    code = "duty.not_on_that_day"
    http_status = 422


class NotAnOccasion(ForbearError):
    """That occasion cannot be recorded so."""

    code = "duty.not_an_occasion"
    http_status = 422


class OccasionConflict(ForbearError):
    """The same reference is recorded already with other contents."""

    code = "duty.occasion_conflict"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionTaken:
    """What recording an occasion changed."""

    added: bool  # False where it was known already
    opened: int  # duties
    recorded_at: datetime


def age_duties(
    law: Law, *, as_of: date, actor: str, person_id: int | None = None
) -> dict[str, int]:
    """Open what the facts up to a day open, close what they close; return what is open, past due.

    It may be run twice: a fact opens one duty of one rule, once.
    """
    zone = settings.TIME_ZONE
    places = {
        place
        for v in duty_rules(law)
        if v.value["opens_on"] == Occasion.first_contact
        for place in v.applies.jurisdiction
    }
    with transaction.atomic():
        facts = fetch_openers(until=as_of, zone=zone, places=places, person_id=person_id)
        insert_duties(opened(law, facts), source=actor)
        duties = fetch_open(person_id)
        if len(duties):
            later = fetch_closers(until=as_of, zone=zone, person_id=person_id)
            ends = dict(closed(law, duties, later).iter_rows())
            over = {
                row["duty_id"]: row["due_on"]
                for row in duties.iter_rows(named=True)
                if row["clock"] == "throughout" and row["due_on"] and row["due_on"] < as_of
            }
            _end(over, note=PERIOD_OVER, actor=actor)
            _end({k: v for k, v in ends.items() if k not in over}, note=BY_FACT, actor=actor)
        return fetch_counts(as_of=as_of)


def do_record_occasion(reader: Reader, **known: Any) -> int:
    """Record what opens a duty or closes one, and open or close it at once; return new duties.

    Shape:  as do_take_occasion.
    Errors: NotAnOccasion, NoSuchPerson, NotTheirAccount, OccasionConflict, NotAllowed.
    """
    return do_take_occasion(reader, **known).opened


def do_take_occasion(
    reader: Reader,
    *,
    person_ref: str,
    kind: Occasion,
    on: date,
    today: date,
    account_ref: str | None = None,
    thread: str = "",
    act_on: date | None = None,
    source_key: str | None = None,
) -> OccasionTaken:
    """Record what opens a duty or closes one, once for each key, and open or close it at once.

    Errors: NotAnOccasion, NoSuchPerson, NotTheirAccount, OccasionConflict, NotAllowed.
    """
    reader.must_either(Ability.settle_duty, Ability.write_occasion)
    if reader.agency_id is not None and kind not in AGENCY_TELLS:
        raise NotAllowed(f"{reader.actor} may not record {kind}: it is the lender's own to say")
    if kind in READ_FROM_FACTS:
        raise NotAnOccasion(f"{kind} is read from the book; record the fact itself")
    if (kind in ANNOUNCES) != (act_on is not None):
        raise NotAnOccasion(f"{kind}: give the day of the act where it announces one, else none")
    if not FIRST_DAY <= on <= today or (act_on is not None and act_on < on):
        raise NotAnOccasion(
            f"{on} must lie within {FIRST_DAY} and today, and the act not before it"
        )
    person_id = must_see_ref(reader, person_ref).pk
    with transaction.atomic():
        lock_person(connected(), person_id)
        account_id = their_account(reader, person_id, account_ref)
        before = Duty.objects.filter(person_id=person_id).count()
        said = {
            "person_id": person_id,
            "account_id": account_id,
            "kind": kind.value,
            "thread": thread.strip(),
            "effective_on": on,
            "act_on": act_on,
        }
        told, added = OccasionFact.objects.get_or_create(
            source_key=f"occasion:{source_key or uuid.uuid4()}",
            defaults={**said, "source": reader.actor},
        )
        if differs := [name for name, value in said.items() if getattr(told, name) != value]:
            raise OccasionConflict(f"it stands with another {', '.join(differs)}")
        if added:
            record_row(connected(), Kind.occasion, told)
            age_duties(fetch_law(), as_of=today, actor=reader.actor, person_id=person_id)
        new = Duty.objects.filter(person_id=person_id).count() - before
        return OccasionTaken(added=added, opened=new, recorded_at=told.recorded_at)


def do_meet_duty(reader: Reader, *, duty_id: int, on: date, today: date, evidence: str) -> int:
    """Record that a duty was met, with its evidence; return how many duties that was.

    What one fact opened on one topic is met by one act, whichever rules ask for it.
    Errors: NoEvidence, NoSuchDuty, DutyClosed, NotOnThatDay, NotAllowed.
    """
    with transaction.atomic():
        found = standing(reader, duty_id, evidence)
        if found[0].clock == "throughout":
            raise NotOnThatDay("a period is met when it is over; the night closes it then")
        if not found[0].opened_on <= on <= today:
            raise NotOnThatDay(f"{on} is not between {found[0].opened_on} and {today}")
        _close(reader, found, DutyStage.met, on=on, note=evidence)
        return len(found)


def do_release_duty(reader: Reader, *, duty_id: int, today: date, reason: str) -> int:
    """Record that a duty does not apply, or that its matter was withdrawn; return how many.

    Errors: NoEvidence, NoSuchDuty, DutyClosed, NotAllowed.
    """
    with transaction.atomic():
        found = standing(reader, duty_id, reason)
        _close(reader, found, DutyStage.released, on=today, note=reason)
        return len(found)


def do_extend_duty(reader: Reader, *, duty_id: int, today: date, reason: str) -> date:
    """Record that the law gives a duty more time, and why; return its new due day.

    Where the rule wants it approved, one person asks for it and another gives it: duty_time.py.
    Errors: NoEvidence, NoSuchDuty, DutyClosed, NoMoreTime, NeedsApproval, NotOnThatDay, NotAllowed.
    """
    with transaction.atomic():
        duty = standing(reader, duty_id, reason)[0]
        until, approved = more_time(duty, today=today)
        if approved:
            raise NeedsApproval(f"until {until} only where one person asks and another approves")
        extend(reader, duty, until, today=today, note=reason)
        return until


def more_time(duty: Duty, *, today: date) -> tuple[date, bool]:
    """Return the day to which the law gives a duty more time, and whether somebody must approve.

    Errors: NoSuchDuty, NoMoreTime, NotOnThatDay.
    """
    version, stands = wording(duty.rule, on=duty.opened_on), due_on(duty)
    if version is None or stands is None:
        raise NoSuchDuty(f"no pack holds {duty.rule} as it was on {duty.opened_on}")
    if stands < today:
        raise NotOnThatDay(f"its time ran out on {stands}; more is given before that only")
    more = longer(version, opened_on=duty.opened_on, due_on=stands)
    assert more.on is not None
    return more.on, more.approved


def extend(reader: Reader, duty: Duty, until: date, *, today: date, note: str) -> None:
    """Write that a duty has time until a later day; whoever asks has locked it."""
    step = DutyStep.objects.create(
        duty=duty,
        stage=DutyStage.extended.value,
        effective_on=today,
        due_on=until,
        note_cipher=cipher().sealed(note.strip()),
        actor=reader.actor,
        source=reader.actor,
        source_key=f"duty_step:{duty.pk}:extended:{until}",
    )
    record_row(connected(), Kind.duty_step, step)


def due_on(duty: Duty) -> date | None:
    """Return the due day that stands: the latest that was given."""
    given = [step.due_on for step in duty.steps.filter(stage=DutyStage.extended) if step.due_on]
    return max(given, default=duty.due_on)


def wording(rule: str, *, on: date) -> Version | None:
    """Return the wording of a rule that was in force on a day."""
    versions = (v for v in fetch_law().versions if v.rule == rule and v.holds_on(on))
    return next(versions, None)


def standing(reader: Reader, duty_id: int, said: str) -> list[Duty]:
    """Return an open duty, locked, and those that the same act meets; the one asked for first."""
    reader.must(Ability.settle_duty)
    if not said.strip():
        raise NoEvidence
    duty = Duty.objects.filter(pk=duty_id).first()
    if duty is None:
        raise NoSuchDuty(f"no duty has the number {duty_id}")
    lock_person(connected(), duty.person_id)
    same = Duty.objects.filter(because=duty.because, topic=duty.topic, clock=duty.clock)
    done = set(
        DutyStep.objects.filter(duty__in=same, stage__in=DUTY_CLOSED).values_list("duty", flat=True)
    )
    if duty.pk in done:
        raise DutyClosed(f"duty {duty_id} was closed already; open it to see when and by whom")
    return [duty, *(d for d in same.order_by("pk") if d.pk not in done and d.pk != duty.pk)]


def _close(
    reader: Reader, duties: Iterable[Duty], stage: DutyStage, *, on: date, note: str
) -> None:
    for duty in duties:
        step = DutyStep.objects.create(
            duty=duty,
            stage=stage.value,
            effective_on=on,
            note_cipher=cipher().sealed(note.strip()),
            actor=reader.actor,
            source=reader.actor,
            source_key=f"duty_step:{duty.pk}:{stage.value}",
        )
        record_row(connected(), Kind.duty_step, step)


def _end(days: dict[int, date], *, note: str, actor: str) -> None:
    """Close duties that a fact or the calendar ended; what a person closed meanwhile stays so."""
    notes = [cipher().sealed(note) for _ in days]
    insert_ends(days, stage=DutyStage.met, notes=notes, actor=actor)
