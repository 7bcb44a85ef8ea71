"""The longest clock of a complaint: one person asks for it, and another approves or refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.people import DAY, someone

from forbear.actions.duties import access_duties, access_duty
from forbear.actions.duty import (
    DutyClosed,
    NeedsApproval,
    NoEvidence,
    NotOnThatDay,
    age_duties,
    do_extend_duty,
    do_meet_duty,
    do_record_occasion,
)
from forbear.actions.duty_time import (
    AskedAlready,
    NotASecondPerson,
    NotAsked,
    do_approve_time,
    do_ask_time,
    do_refuse_time,
)
from forbear.actions.listing import Listing
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.duty.clock import NoMoreTime
from forbear.kernel.vocabulary import Occasion
from forbear.store.models import Duty, DutyStep, Evidence
from forbear.store.packs import fetch_law

pytestmark = pytest.mark.django_db
LI = Reader(actor="user:li", abilities=ROLES["supervisor"])
WANG = Reader(actor="user:wang", abilities=ROLES["compliance"])
THIRTY, SIXTY = DAY + timedelta(days=30), DAY + timedelta(days=60)


def complaint(*, first: bool = True) -> int:
    """Open the duty to answer a complaint, its first extension taken."""
    do_record_occasion(
        LI, person_ref=someone().ref, kind=Occasion.complaint_received, on=DAY, today=DAY
    )
    one = Duty.objects.latest("pk").pk
    if first:
        assert do_extend_duty(LI, duty_id=one, today=DAY, reason="情况复杂") == THIRTY
    return one


def ask(reader: Reader, one: int, *, today: date = DAY) -> date:
    return do_ask_time(reader, duty_id=one, today=today, reason="情况特别复杂")


def due(one: int, today: date = DAY) -> date | None:
    return access_duty(WANG, duty_id=one, today=today).row.due_on


def test_thirty_days_are_taken_alone_and_sixty_are_not():
    one = complaint()
    with pytest.raises(NeedsApproval):
        do_extend_duty(LI, duty_id=one, today=DAY, reason="情况特别复杂")
    assert due(one) == THIRTY


def test_asking_gives_no_time_until_another_person_approves():
    one = complaint()
    assert ask(LI, one) == SIXTY
    assert due(one) == THIRTY
    late = age_duties(fetch_law(), as_of=THIRTY + timedelta(days=1), actor="test")
    assert late["past_due"] == 1
    assert do_approve_time(WANG, duty_id=one, today=DAY, reason="同意") == SIXTY
    assert due(one) == SIXTY
    said = [(s.stage, s.note, s.actor) for s in access_duty(WANG, duty_id=one, today=DAY).steps]
    assert said[1:] == [("asked", "情况特别复杂", "user:li"), ("extended", "同意", "user:wang")]
    with pytest.raises(NoMoreTime):
        ask(LI, one)


@pytest.mark.parametrize("answer", [do_approve_time, do_refuse_time])
def test_nobody_answers_what_they_asked_themselves(answer):
    one = complaint()
    ask(LI, one)
    with pytest.raises(NotASecondPerson):
        answer(LI, duty_id=one, today=DAY, reason="同意")
    assert DutyStep.objects.filter(duty=one).count() == 2


def test_a_program_neither_asks_nor_answers():
    one = complaint()
    with pytest.raises(NotASecondPerson):
        ask(machine("cli:li"), one)
    ask(LI, one)
    with pytest.raises(NotASecondPerson):
        do_approve_time(machine("cli:li"), duty_id=one, today=DAY, reason="同意")


def test_a_refusal_leaves_the_day_and_it_may_be_asked_again_but_only_answered_once():
    one = complaint()
    ask(LI, one)
    with pytest.raises(AskedAlready):
        ask(WANG, one)
    do_refuse_time(WANG, duty_id=one, today=DAY, reason="并不复杂")
    assert due(one) == THIRTY
    for answer in (do_approve_time, do_refuse_time):
        with pytest.raises(NotAsked):
            answer(WANG, duty_id=one, today=DAY, reason="x")
    assert ask(WANG, one) == SIXTY
    assert do_approve_time(LI, duty_id=one, today=DAY, reason="同意") == SIXTY


def test_what_needs_no_approval_is_not_asked_for():
    with pytest.raises(NoMoreTime):
        ask(LI, complaint(first=False))


def test_a_request_is_worth_nothing_once_the_time_has_run_out():
    one = complaint()
    ask(LI, one)
    with pytest.raises(NotOnThatDay):
        do_approve_time(WANG, duty_id=one, today=THIRTY + timedelta(days=1), reason="同意")


def test_a_request_dies_with_its_duty():
    one = complaint()
    ask(LI, one)
    do_meet_duty(WANG, duty_id=one, on=DAY, today=DAY, evidence="答复函")
    with pytest.raises(DutyClosed):
        do_approve_time(WANG, duty_id=one, today=DAY, reason="同意")
    assert not access_duty(WANG, duty_id=one, today=DAY).row.asked


@pytest.mark.parametrize("role", ["collector", "administrator"])
def test_both_must_be_able_to_settle_duties(role):
    other = Reader(actor="user:zhao", abilities=ROLES[role])
    one = complaint()
    with pytest.raises(NotAllowed):
        ask(other, one)
    ask(LI, one)
    for answer in (do_approve_time, do_refuse_time):
        with pytest.raises(NotAllowed):
            answer(other, duty_id=one, today=DAY, reason="同意")


def test_asking_and_answering_say_why():
    one = complaint()
    with pytest.raises(NoEvidence):
        do_ask_time(LI, duty_id=one, today=DAY, reason=" ")
    ask(LI, one)
    with pytest.raises(NoEvidence):
        do_approve_time(WANG, duty_id=one, today=DAY, reason="")


def test_each_step_has_its_entry_in_the_log():
    one = complaint()
    before = Evidence.objects.filter(kind="duty_step").count()
    ask(LI, one)
    do_refuse_time(WANG, duty_id=one, today=DAY, reason="x")
    assert Evidence.objects.filter(kind="duty_step").count() == before + 2


def test_what_waits_for_an_answer_is_a_list_of_its_own_and_open_as_before():
    one, other = complaint(), complaint()
    ask(LI, one)
    waiting = access_duties(WANG, listing=Listing(filters={"state": "asked"}), today=DAY).rows
    assert [row.duty_id for row in waiting] == [one]
    rows = access_duties(WANG, listing=Listing(), today=DAY).rows
    assert {row.duty_id for row in rows} == {one, other}
    mine, theirs = (access_duty(r, duty_id=one, today=DAY) for r in (LI, WANG))
    assert (mine.own, theirs.own) == (True, False)
