"""The gate at work: what leaves, what does not, and what is written of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.people import DAY, at, someone

from forbear.actions.consent import do_record_consent
from forbear.actions.contact import (
    InstantWithoutZone,
    NoSuchPerson,
    NotListed,
    do_cancel_contact,
    do_contact,
    may_contact,
)
from forbear.actions.disposition import NotTheirCall, do_record_disposition
from forbear.actions.explain import explained_answer, render_explained
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState, Disposition, Relation
from forbear.store.models import Attempt, Contact, Dispute, Outbox

DESK = machine("test")
GIVEN, WITHDRAWN = ("given", "00:01"), ("withdrawn", "00:02")
pytestmark = pytest.mark.django_db


def call(person, clock="10:00", **wanted):
    return do_contact(DESK, person_id=person.id, channel=Channel.voice, at=at(clock), **wanted)


def outcome_of(person, answer, code):
    return do_record_disposition(
        DESK,
        person_id=person.id,
        contact_id=answer.contact_id,
        code=code,
        at=at("10:05"),
        note="说忘记了",
    )


def ask(person, clock="10:00", channel=Channel.voice, **wanted):
    return may_contact(DESK, person_ref=person.ref, channel=channel, at=at(clock), **wanted)


def test_a_refusal_by_no_rule_is_told_in_words_and_names_no_review():
    answer = ask(someone(jurisdiction="", zone=""), relation=Relation.contact_person)
    assert {"contact.no_point", "law.no_pack", "law.no_zone"} <= set(answer.blocked_by)
    told = render_explained(explained_answer(answer))
    assert "contact.no_point" in told
    assert "None" not in told


def test_an_allowed_call_is_reserved_and_audited():
    answer = call(someone())
    assert answer.allowed
    assert answer.blocked_by == ()
    row = Contact.objects.get(pk=answer.contact_id)
    assert (row.allowed, row.due_minor, row.currency, row.acting) == (True, 24_000, "CNY", "test")
    assert row.asked == list(answer.asked)
    assert row.pack_digest == answer.pack_digest
    assert Outbox.objects.get(pk=answer.contact_id).state == "listed"


def test_a_refused_call_is_audited_with_its_rules_and_goes_nowhere():
    answer = call(someone(), "22:00")
    assert not answer.allowed
    row = Contact.objects.get(pk=answer.contact_id)
    assert row.blocked_by == list(answer.blocked_by)
    assert "cn.gbt_45251_2025.contact_hours" in row.blocked_by
    assert not Outbox.objects.filter(pk=answer.contact_id).exists()


@pytest.mark.parametrize(
    ("clock", "allowed"), [("21:54", True), ("22:00", False), ("07:59", False), ("08:00", True)]
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_lawful_day_is_the_persons_own(clock, allowed, zone):
    from zoneinfo import ZoneInfo

    person = someone(zone=zone)
    answer = may_contact(
        DESK, person_id=person.id, channel=Channel.sms, at=at(clock, zone=ZoneInfo(zone))
    )
    assert answer.allowed is allowed


def test_what_is_due_is_of_the_persons_own_day_and_not_of_the_offices():
    from zoneinfo import ZoneInfo

    new_york = ZoneInfo("America/New_York")
    person = someone(zone=new_york.key)
    person.pay(24_000, on=DAY + timedelta(days=1))  # which it already is in Shanghai
    evening = at("20:00", zone=new_york)
    answer = may_contact(DESK, person_ref=person.ref, channel=Channel.sms, at=evening)
    assert (answer.allowed, answer.due_minor, answer.local_at.date()) == (True, 24_000, DAY)


def test_without_a_zone_nothing_is_allowed():
    answer = ask(someone(zone=""))
    assert "law.no_zone" in answer.blocked_by


def test_a_zone_that_does_not_exist_is_no_zone():
    assert "law.no_zone" in ask(someone(zone="Mars/Olympus")).blocked_by


def test_where_there_is_no_pack_nothing_is_allowed():
    answer = ask(someone(jurisdiction="TW", zone="Asia/Taipei"))
    assert "law.no_pack" in answer.blocked_by


def test_asking_reserves_nothing_and_writes_nothing():
    person = someone()
    for _ in range(5):
        assert ask(person).allowed
    assert not Contact.objects.exists()


def test_a_call_that_is_not_over_counts_as_used():
    person = someone()
    assert [call(person).allowed for _ in range(4)] == [True, True, True, False]


def test_three_short_calls_use_up_the_day_and_the_fourth_says_which_rule():
    person = someone()
    for clock in ("09:00", "10:00", "11:00"):
        person.attempt(clock)
    assert "cn.gbt_45251_2025.effective_calls_per_day" in ask(person, "12:00").blocked_by


def test_the_budget_is_of_the_person_and_not_of_the_account():
    from tests.people import Account, key

    person = someone()
    Account.objects.create(
        person_id=person.id,
        ref=f"{person.ref}:b",
        product="paylater",
        currency="CNY",
        creditor_type="bank",
        **key(),
    )
    for clock in ("09:00", "10:00", "11:00"):
        person.attempt(clock)
    assert not ask(person, "12:00").allowed


def test_a_new_day_is_a_new_budget():
    person = someone()
    for clock in ("09:00", "10:00", "11:00"):
        person.attempt(clock, on=DAY - timedelta(days=1))
    assert ask(person).allowed


def test_a_call_taken_back_gives_its_place_back():
    person = someone()
    answers = [call(person) for _ in range(3)]
    do_cancel_contact(DESK, contact_id=answers[0].contact_id)
    assert call(person).allowed
    with pytest.raises(NotListed):
        do_cancel_contact(DESK, contact_id=answers[0].contact_id)


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        (lambda p: p.consent("cease_request"), "house.cease_request"),
        (lambda p: p.consent("opt_out", channel="voice"), "house.opted_out"),
        (lambda p: p.status("deceased"), "house.deceased"),
        (lambda p: p.status("incapacitated"), "house.incapacitated"),
        (lambda p: p.status("minor"), "house.minor"),
        (lambda p: p.status("represented"), "house.represented"),
        (lambda p: p.status("insolvent"), "house.insolvent"),
        (lambda p: p.status("moratorium"), "house.moratorium"),
        (lambda p: p.status("no_contact_order"), "house.no_contact_order"),
        (lambda p: p.dispute(), "house.dispute"),
        (lambda p: p.dispute(whole=True), "house.dispute"),
        (lambda p: p.pay(24_000), "house.nothing_due"),
        (lambda p: p.pay(24_000, stage="initiated"), "house.payment_in_flight"),
    ],
)
def test_what_is_known_of_the_person_stops_the_contact_and_names_its_rule(fact, rule):
    person = someone()
    assert ask(person).allowed
    fact(person)
    assert rule in ask(person).blocked_by


@pytest.mark.parametrize(
    "undo",
    [
        lambda p: (
            p.consent("cease_request"),
            p.consent("cease_request", "withdrawn", clock="00:02"),
        ),
        lambda p: (p.status("represented"), p.status("represented", "ended", clock="00:02")),
        lambda p: p.dispute(stage="resolved", ref=p.dispute()),
        lambda p: (p.pay(24_000, ref="x"), p.pay(24_000, stage="reversed", ref="x")),
        lambda p: p.consent("opt_out", channel="sms"),
    ],
)
def test_what_has_ended_or_concerns_another_channel_stops_nothing(undo):
    person = someone()
    undo(person)
    assert ask(person).allowed


def test_on_one_instant_the_stricter_fact_wins_whichever_came_first():
    for states in (("given", "withdrawn"), ("withdrawn", "given")):
        person = someone()
        for state in states:
            person.consent("cease_request", state)
        assert "house.cease_request" in ask(person).blocked_by


def test_seventeen_is_a_minor_and_the_eighteenth_birthday_is_not():
    assert "house.minor" in ask(someone(born_on=DAY.replace(year=2008) + timedelta(1))).blocked_by
    assert ask(someone(born_on=DAY.replace(year=2008))).allowed


def test_a_part_payment_leaves_the_rest_due():
    person = someone()
    person.pay(10_000)
    assert ask(person).due_minor == 14_000


def test_a_relative_is_never_called():
    person = someone()
    person.point(Relation.relative)
    answer = ask(person, relation=Relation.relative)
    assert not answer.allowed


def test_a_contact_person_is_asked_only_when_the_borrower_is_lost():
    person = someone()
    point = person.point(Relation.contact_person)
    person.stage(point, "named")
    assert not ask(person, relation=Relation.contact_person).allowed
    for days in (3, 2, 1):
        person.attempt("10:00", on=DAY - timedelta(days), connected=False, effective=False)
    assert ask(person, relation=Relation.contact_person).allowed
    person.attempt("09:00")  # the borrower answered: no longer lost
    assert not ask(person, relation=Relation.contact_person).allowed


def test_a_contact_person_who_refuses_once_is_left_alone_for_every_debt():
    first, second = someone(), someone()
    number = "+86 100 0000 9999"
    ours = first.point(Relation.contact_person, value=number)
    theirs = second.point(Relation.contact_person, value=number)
    for person, point in ((first, ours), (second, theirs)):
        person.stage(point, "named")
        for days in (3, 2, 1):
            person.attempt("10:00", on=DAY - timedelta(days), connected=False, effective=False)
    assert ask(second, relation=Relation.contact_person).allowed
    first.stage(ours, "refused")
    assert not ask(second, relation=Relation.contact_person).allowed


def test_what_is_fictional_is_decided_in_full_and_never_sent():
    answer = do_contact(
        DESK, person_id=someone(fictional=True).id, channel=Channel.sms, at=at("10:00")
    )
    assert answer.allowed
    assert Outbox.objects.get(pk=answer.contact_id).state == "rehearsed"


def test_the_database_itself_refuses_to_queue_what_is_fictional():
    from django.db import transaction
    from django.db.utils import IntegrityError

    answer = do_contact(
        DESK, person_id=someone(fictional=True).id, channel=Channel.sms, at=at("10:00")
    )
    with pytest.raises(IntegrityError, match="fictional"), transaction.atomic():
        Outbox.objects.filter(pk=answer.contact_id).update(state="queued")


def test_a_stop_request_cancels_all_that_is_queued_and_the_next_contact_is_refused():
    person = someone()
    sms = do_contact(DESK, person_id=person.id, channel=Channel.sms, at=at("10:00"))
    recorded = do_record_consent(
        DESK,
        person_id=person.id,
        kind=ConsentKind.cease_request,
        state=ConsentState.given,
        at=at("10:01"),
    )
    assert recorded.contacts_cancelled == 1
    assert Outbox.objects.get(pk=sms.contact_id).state == "cancelled"
    assert "house.cease_request" in ask(person, "10:02").blocked_by


@pytest.mark.parametrize(
    ("code", "connected", "effective"),
    [("no_answer", False, False), ("third_party", True, False), ("talked", True, True)],
)
def test_a_disposition_sets_three_counters_and_never_merges_them(code, connected, effective):
    person = someone()
    answer = call(person)
    outcome_of(person, answer, Disposition(code))
    attempt = Attempt.objects.get(contact_id=answer.contact_id)
    assert (attempt.connected, attempt.effective) == (connected, effective)
    assert "说忘记了".encode() not in bytes(attempt.disposition.note_cipher)
    with pytest.raises(NotListed):
        outcome_of(person, answer, Disposition.talked)


def test_the_outcome_of_another_persons_call_is_refused_and_nothing_is_recorded():
    mine, theirs = someone(), someone()
    answer = call(theirs)
    with pytest.raises(NotTheirCall):
        outcome_of(mine, answer, Disposition.asked_to_stop)
    assert not Attempt.objects.exists()
    outcome_of(theirs, answer, Disposition.talked)


def test_asking_to_stop_on_the_phone_stops_everything():
    person = someone()
    answer = call(person)
    outcome_of(person, answer, Disposition.asked_to_stop)
    assert "house.cease_request" in ask(person, "10:06").blocked_by


def test_a_dispute_on_the_phone_opens_a_dispute():
    person = someone()
    answer = call(person)
    outcome_of(person, answer, Disposition.disputed)
    assert Dispute.objects.filter(person_id=person.id).count() == 1
    assert "house.dispute" in ask(person, "10:06").blocked_by


def test_a_compliance_officer_sees_and_never_contacts():
    reader = Reader(actor="user:he", abilities=ROLES["compliance"])
    person = someone()
    may_contact(reader, person_ref=person.ref, channel=Channel.voice, at=at("10:00"))
    with pytest.raises(NotAllowed):
        do_contact(reader, person_id=person.id, channel=Channel.voice, at=at("10:00"))
    assert not Contact.objects.exists()


def test_a_stranger_is_named_as_one():
    with pytest.raises(NoSuchPerson, match="nobody:1"):
        may_contact(DESK, person_ref="nobody:1", channel=Channel.voice, at=at("10:00"))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(InstantWithoutZone):
        may_contact(
            DESK,
            person_ref=someone().ref,
            channel=Channel.voice,
            at=at("10:00").replace(tzinfo=None),
        )
