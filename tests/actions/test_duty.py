"""Duties open from the book's own facts, close by facts or by a named person with evidence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.people import DAY, at, key, someone

from forbear.actions.contact import NoSuchPerson, do_contact
from forbear.actions.dispute import NotTheirAccount
from forbear.actions.duties import access_duties, access_duty, access_duty_counts
from forbear.actions.duty import (
    DutyClosed,
    NoEvidence,
    NoSuchDuty,
    NotAnOccasion,
    NotOnThatDay,
    age_duties,
    do_extend_duty,
    do_meet_duty,
    do_record_occasion,
    do_release_duty,
)
from forbear.actions.listing import Listing
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.duty.clock import NoMoreTime
from forbear.kernel.vocabulary import Channel, Occasion
from forbear.store.models import Account, Duty, DutyStep, OccasionFact, Outbox, Status
from forbear.store.packs import fetch_law

pytestmark = pytest.mark.django_db
READER = machine("cli:t")
MARK, ANSWER = "house.cn.objection_mark", "cn.credit_reporting_2013.objection_answer"


def night(as_of: date = DAY) -> dict[str, int]:
    return age_duties(fetch_law(), as_of=as_of, actor="test")


def due() -> dict[str, date | None]:
    return {duty.rule: duty.due_on for duty in Duty.objects.all()}


def occasion(who, kind: str, on: date = DAY, **known):
    known.setdefault("today", DAY)
    return do_record_occasion(READER, person_ref=who.ref, kind=Occasion(kind), on=on, **known)


def test_a_dispute_opens_its_duties_in_the_night_and_only_once():
    who = someone()
    who.dispute()
    assert night() == {"open": 2, "past_due": 0}
    assert due() == {MARK: DAY + timedelta(days=3), ANSWER: DAY + timedelta(days=20)}
    assert night() == {"open": 2, "past_due": 0}
    assert Duty.objects.count() == 2


def test_an_answer_in_the_book_closes_what_it_answers_on_its_own_day():
    who = someone()
    ref = who.dispute()
    night()
    who.dispute(stage="resolved", ref=ref)
    assert night(DAY + timedelta(days=40)) == {"open": 0, "past_due": 0}
    assert {s.effective_on for s in DutyStep.objects.all()} == {DAY}


def test_what_nobody_did_is_past_due_the_day_after_its_last_day():
    someone().dispute()
    night()
    assert night(DAY + timedelta(days=3))["past_due"] == 0
    assert night(DAY + timedelta(days=4))["past_due"] == 1
    assert night(DAY + timedelta(days=21))["past_due"] == 2


def test_a_night_of_an_earlier_day_knows_nothing_of_later_facts():
    someone().dispute()
    assert night(DAY - timedelta(days=1)) == {"open": 0, "past_due": 0}


def test_one_act_meets_every_rule_that_asks_for_it_and_names_who_and_why():
    who = someone(creditor_type="bank")
    new = occasion(who, "placement_planned", act_on=DAY + timedelta(days=10))
    assert new == 2
    assert set(due().values()) == {DAY + timedelta(days=9)}
    one = Duty.objects.order_by("pk").first()
    assert (
        do_meet_duty(READER, duty_id=one.pk, on=DAY, today=DAY, evidence="挂号信 12 号，见档案")
        == 2
    )
    steps = access_duty(READER, duty_id=one.pk, today=DAY).steps
    assert [(s.stage, s.note, s.actor) for s in steps] == [("met", "挂号信 12 号，见档案", "cli:t")]
    assert "挂号信".encode() not in bytes(DutyStep.objects.first().note_cipher)


def test_a_duty_is_met_once_with_evidence_and_on_a_day_that_has_come():
    who = someone()
    occasion(who, "complaint_received")
    one = Duty.objects.get().pk
    with pytest.raises(NoEvidence):
        do_meet_duty(READER, duty_id=one, on=DAY, today=DAY, evidence=" ")
    for wrong in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
        with pytest.raises(NotOnThatDay):
            do_meet_duty(READER, duty_id=one, on=wrong, today=DAY, evidence="x")
    do_meet_duty(READER, duty_id=one, on=DAY, today=DAY, evidence="x")
    with pytest.raises(DutyClosed):
        do_meet_duty(READER, duty_id=one, on=DAY, today=DAY, evidence="x")
    with pytest.raises(NoSuchDuty):
        do_release_duty(READER, duty_id=one + 999, today=DAY, reason="x")
    assert DutyStep.objects.count() == 1


def test_a_referred_complaint_is_extended_once_with_a_reason_and_then_no_more():
    who = someone()
    occasion(who, "complaint_referred")
    one = Duty.objects.get().pk
    more = do_extend_duty(READER, duty_id=one, today=DAY, reason="情况复杂")
    assert more == DAY + timedelta(days=60)
    with pytest.raises(NoMoreTime):
        do_extend_duty(READER, duty_id=one, today=DAY, reason="情况复杂")
    assert night(DAY + timedelta(days=60))["past_due"] == 0
    assert night(DAY + timedelta(days=61))["past_due"] == 1


def test_time_that_ran_out_is_not_given_afterwards():
    who = someone()
    occasion(who, "complaint_received")
    late = DAY + timedelta(days=16)
    with pytest.raises(NotOnThatDay, match="ran out"):
        do_extend_duty(READER, duty_id=Duty.objects.get().pk, today=late, reason="x")


def test_a_duty_met_late_is_met_and_said_to_be_late():
    who = someone()
    occasion(who, "complaint_received")
    late = DAY + timedelta(days=16)
    do_meet_duty(READER, duty_id=Duty.objects.get().pk, on=late, today=late, evidence="x")
    counts = access_duty_counts(READER, today=late)
    assert (counts["met"], counts["met_late"], counts["past_due"]) == (1, 1, 0)


def test_a_plan_rests_until_it_is_broken_and_its_recording_until_the_account_is_settled():
    who = someone(creditor_type="bank")
    ref = Account.objects.get(pk=who.account_id).ref
    assert occasion(who, "plan_agreed", account_ref=ref) == 2
    assert access_duty_counts(READER, today=DAY)["standing"] == 2
    occasion(who, "plan_broken", account_ref=ref)
    standing = access_duties(READER, listing=Listing(filters={"state": "standing"}), today=DAY)
    assert [row.topic for row in standing.rows] == ["plan_recording"]
    Status.objects.create(
        person_id=who.id,
        account_id=who.account_id,
        kind="settled",
        stage="began",
        effective_at=f"{DAY}T09:00+08:00",
        **key(),
    )
    assert night()["open"] == 0


def test_a_breathing_space_stands_sixty_days_and_ends_by_itself():
    who = someone(jurisdiction="GB", zone="Europe/London")
    assert occasion(who, "breathing_space_began") == 2
    rest = Duty.objects.get(topic="breathing_space")
    with pytest.raises(NotOnThatDay):
        do_meet_duty(READER, duty_id=rest.pk, on=DAY, today=DAY, evidence="x")
    night(DAY + timedelta(days=60))
    assert not DutyStep.objects.filter(duty=rest).exists()
    night(DAY + timedelta(days=61))
    step = DutyStep.objects.get(duty=rest)
    assert (step.stage, step.effective_on) == ("met", DAY + timedelta(days=60))


def test_a_first_contact_by_a_debt_collector_opens_the_validation_notice_of_each_account():
    who = someone(jurisdiction="US", zone="America/Chicago", creditor_type="transferee")
    night()
    assert not Duty.objects.exists()
    who.attempt("10:00", connected=False, effective=False)
    night()
    assert not Duty.objects.exists(), "nobody was reached yet"
    who.attempt("11:00")
    who.attempt("12:00", on=DAY + timedelta(days=1))
    assert night(DAY + timedelta(days=2))["open"] == 1
    duty = Duty.objects.get()
    assert (duty.account_id, duty.due_on) == (who.account_id, DAY + timedelta(days=5))


def test_an_occasion_that_another_fact_tells_or_that_lacks_its_day_is_refused():
    who = someone()
    for wrong in (
        {"kind": "dispute_opened"},
        {"kind": "placement_planned"},
        {"kind": "complaint_received", "act_on": DAY},
        {"kind": "complaint_received", "on": DAY + timedelta(days=1)},
        {"kind": "complaint_received", "on": date(1899, 12, 31)},
        {"kind": "placement_planned", "act_on": DAY - timedelta(days=1)},
    ):
        with pytest.raises(NotAnOccasion):
            occasion(who, **wrong)
    with pytest.raises(NotTheirAccount):
        occasion(who, "complaint_received", account_ref="somebody else's")
    with pytest.raises(NoSuchPerson):
        do_record_occasion(
            READER, person_ref="nobody", kind=Occasion.plan_broken, on=DAY, today=DAY
        )
    assert not OccasionFact.objects.exists()


@pytest.mark.parametrize("role", ["collector", "administrator"])
def test_who_may_not_see_duties_neither_sees_nor_records_them(role):
    who = someone()
    reader = Reader(actor="user:x", abilities=ROLES[role])
    with pytest.raises(NotAllowed):
        access_duties(reader, listing=Listing(), today=DAY)
    with pytest.raises(NotAllowed):
        do_record_occasion(
            reader,
            person_ref=who.ref,
            kind=Occasion.complaint_received,
            on=DAY,
            today=DAY,
        )
    occasion(who, "complaint_received")
    with pytest.raises(NotAllowed):
        do_release_duty(reader, duty_id=Duty.objects.get().pk, today=DAY, reason="x")


def test_the_list_puts_what_is_past_due_first_and_says_what_is_left():
    late, soon = someone(), someone()
    occasion(soon, "complaint_received", today=DAY)
    occasion(late, "complaint_received", on=DAY - timedelta(days=30))
    rows = access_duties(READER, listing=Listing(), today=DAY).rows
    assert [row.person_id for row in rows] == [late.id, soon.id]
    assert [row.left.days for row in rows] == [-15, 15]
    assert rows[1].left.working_days == 10
    assert rows[1].left.act_by == date(2026, 12, 4), "the fifteenth day is a Saturday"
    assert rows[0].name
    assert "*" in rows[0].name
    found = access_duties(READER, listing=Listing(filters={"q": late.ref}), today=DAY).rows
    assert [row.person_id for row in found] == [late.id]


def test_a_contact_that_the_gate_refused_is_no_first_contact_and_one_that_went_out_is():
    who = someone(creditor_type="transferee")
    Account.objects.create(
        person_id=who.id,
        ref="t:us",
        product="paylater",
        currency="USD",
        creditor_type="transferee",
        jurisdiction="US",
        source="test",
        source_key="t:us",
    )
    who.consent("cease_request")
    do_contact(READER, person_id=who.id, channel=Channel.sms, at=at("10:00"))
    night()
    assert not Duty.objects.exists()
    who.consent("cease_request", state="withdrawn", clock="10:30")
    answer = do_contact(READER, person_id=who.id, channel=Channel.sms, at=at("11:00"))
    assert answer.allowed, answer.blocked_by
    night()
    assert not Duty.objects.exists(), "it still waits on its way out"
    Outbox.objects.filter(pk=answer.contact_id).update(state="sent")
    night()
    assert [duty.rule for duty in Duty.objects.all()] == ["us.regulation_f.validation_notice"]
