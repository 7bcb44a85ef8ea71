"""More time for a duty that one person asks for and another approves or refuses."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.duty import extend, more_time, standing
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import Reader
from forbear.duty.clock import NoMoreTime
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import ASKS_TIME, DutyStage
from forbear.store.cipher import cipher
from forbear.store.models import Duty, DutyStep

PERSON = "user:"  # who approves, and who asks, is a person with a name, never a program


class AskedAlready(ForbearError):
    """That time is asked for already and waits for an answer."""

    code = "duty.asked_already"
    http_status = 409


class NotAsked(ForbearError):
    """Nobody asks for more time, or somebody answered meanwhile."""

    code = "duty.not_asked"
    http_status = 409


class NotASecondPerson(ForbearError):
    """More time is asked for by one person and answered by another, each signed in by name."""

    code = "duty.not_a_second_person"
    http_status = 403


def do_ask_time(reader: Reader, *, duty_id: int, today: date, reason: str) -> date:
    """Ask for more time that somebody else must approve; return the day that is asked for.

    Errors: NoEvidence, NoSuchDuty, DutyClosed, NoMoreTime, NotOnThatDay, AskedAlready,
    NotASecondPerson, NotAllowed.
    """
    with transaction.atomic():
        duty = standing(reader, duty_id, reason)[0]
        _must_be_somebody(reader)
        until, approved = more_time(duty, today=today)
        if not approved:
            raise NoMoreTime(f"time until {until} needs nobody's approval; take it, with a reason")
        if _open_request(duty) is not None:
            raise AskedAlready(f"duty {duty_id} waits for somebody else's answer already")
        _write(reader, duty, DutyStage.asked, until=until, today=today, note=reason)
        return until


def do_approve_time(reader: Reader, *, duty_id: int, today: date, reason: str) -> date:
    """Approve the time that somebody else asked for; return the new due day.

    Errors: NoEvidence, NoSuchDuty, DutyClosed, NotAsked, NotASecondPerson, NotOnThatDay,
    NotAllowed.
    """
    with transaction.atomic():
        duty = standing(reader, duty_id, reason)[0]
        asked = _answerable(reader, duty)
        until, _ = more_time(duty, today=today)
        if until != asked.due_on:
            raise NotAsked(f"{asked.due_on} was asked for, and the law now gives {until}; ask anew")
        extend(reader, duty, until, today=today, note=reason)
        return until


def do_refuse_time(reader: Reader, *, duty_id: int, today: date, reason: str) -> None:
    """Refuse the time that somebody else asked for; the duty stays due as it was.

    Errors: NoEvidence, NoSuchDuty, DutyClosed, NotAsked, NotASecondPerson, NotAllowed.
    """
    with transaction.atomic():
        duty = standing(reader, duty_id, reason)[0]
        _answerable(reader, duty)
        _write(reader, duty, DutyStage.refused, until=None, today=today, note=reason)


def _must_be_somebody(reader: Reader) -> None:
    if not reader.actor.startswith(PERSON):
        raise NotASecondPerson(f"{reader.actor} is no person who is signed in")


def _answerable(reader: Reader, duty: Duty) -> DutyStep:
    """Return what the reader may answer: a request that somebody else made."""
    _must_be_somebody(reader)
    asked = _open_request(duty)
    if asked is None:
        raise NotAsked(f"nobody asks for more time for duty {duty.pk}; look at it again")
    if asked.actor == reader.actor:
        raise NotASecondPerson(f"{reader.actor} asked for it; somebody else answers")
    return asked


def _open_request(duty: Duty) -> DutyStep | None:
    last = duty.steps.filter(stage__in=ASKS_TIME).order_by("-pk").first()
    return last if last is not None and last.stage == DutyStage.asked else None


def _write(
    reader: Reader, duty: Duty, stage: DutyStage, *, until: date | None, today: date, note: str
) -> None:
    step = DutyStep.objects.create(
        duty=duty,
        stage=stage.value,
        effective_on=today,
        due_on=until,
        note_cipher=cipher().sealed(note.strip()),
        actor=reader.actor,
        source=reader.actor,
        source_key=f"duty_step:{duty.pk}:{stage.value}:{uuid.uuid4()}",
    )
    record_row(connected(), Kind.duty_step, step)
