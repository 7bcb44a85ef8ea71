"""Booking money: allowed, refused, what was recorded, and what stops with it."""

from __future__ import annotations

import threading
import uuid
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connection
from tests.actions.books import FIRST, serviced
from tests.people import DAY, Someone, at, someone

from forbear.actions.contact import do_contact
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import (
    BeforeContract,
    DayOutOfRange,
    NoSuchAccount,
    NotAnAmount,
    PaymentConflict,
    WrongCurrency,
    do_record_payment,
)
from forbear.actions.reader import ROLES, Ability, NotAllowed, Reader, machine
from forbear.actions.refund import do_record_refund
from forbear.kernel.vocabulary import Channel, PaymentStage
from forbear.store.gate import lock_person
from forbear.store.models import Contact, Night, Outbox, Payment, Plan, Refund

GATEWAY = Reader(actor="key:gateway", abilities=frozenset({Ability.write_payment}))
DESK = machine("test")
NOON = at("12:00")


def pay(person: Someone, amount_minor: int, **changed: object):
    event = {
        "account_ref": f"{person.ref}:a",
        "payment_ref": "p-1",
        "stage": PaymentStage.settled,
        "amount_minor": amount_minor,
        "currency": "CNY",
        "effective_on": DAY,
        "at": NOON,
    }
    return do_record_payment(GATEWAY, **event | changed)


def refund(person: Someone, amount_minor: int, **changed: object):
    event = {
        "account_ref": f"{person.ref}:a",
        "refund_ref": "r-1",
        "amount_minor": amount_minor,
        "currency": "CNY",
        "effective_on": DAY,
        "at": NOON,
    }
    return do_record_refund(GATEWAY, **event | changed)


def plan_for(person: Someone) -> Plan:
    """Plan a call for tomorrow and put an SMS on its way out."""
    contact = Contact.objects.create(
        id=uuid.uuid4(),
        person_id=person.id,
        channel="sms",
        purpose="remind",
        at=NOON,
        local_on=DAY,
        allowed=True,
        asked=[],
        blocked_by=[],
        facts={},
        pack_digest="",
        acting="test",
    )
    Outbox.objects.create(
        contact=contact, person_id=person.id, channel="sms", fictional=False, state="queued"
    )
    return Plan.objects.create(
        night=Night.objects.create(as_of=DAY),
        person_id=person.id,
        action="voice",
        planned_at=at("10:00", DAY + timedelta(days=1)),
        segment="x",
        reasons=[],
        blocked_by=[],
        accounts=[person.account_id],
        due_minor=1,
        currency="CNY",
        days_past_due=9,
        bucket="M1",
        score=0,
    )


def states(plan: Plan) -> tuple[str, str]:
    plan.refresh_from_db()
    return plan.state, Outbox.objects.get(person_id=plan.person_id).state


@pytest.mark.django_db
def test_a_payment_is_recorded_with_who_sent_it():
    recorded = pay(someone(), 24_000)
    fact = Payment.objects.get()
    assert (fact.source, fact.payment_ref, fact.stage) == ("key:gateway", "p-1", "settled")
    assert (fact.amount_minor, fact.effective_on) == (24_000, DAY)
    assert (recorded.added, recorded.nothing_due) == (True, True)


@pytest.mark.django_db
def test_a_reader_without_the_ability_records_nothing():
    person = someone()
    for abilities in ROLES.values():
        with pytest.raises(NotAllowed):
            do_record_payment(
                Reader(actor="user:li", abilities=abilities),
                account_ref=f"{person.ref}:a",
                payment_ref="p-1",
                stage=PaymentStage.settled,
                amount_minor=1,
                currency="CNY",
                effective_on=DAY,
                at=NOON,
            )
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_a_payment_of_all_that_is_due_cancels_what_is_planned_and_queued():
    person, neighbor = someone(), someone()
    plan, other = plan_for(person), plan_for(neighbor)
    recorded = pay(person, 24_000)
    assert (recorded.plans_cancelled, recorded.contacts_cancelled) == (1, 1)
    assert states(plan) == ("cancelled", "cancelled")
    assert states(other) == ("planned", "queued")  # a neighbor's are left alone


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("amount_minor", "stage"),
    [
        (23_999, PaymentStage.settled),  # one fen is still due
        (24_000, PaymentStage.initiated),  # on its way: the gate holds it back by itself
        (24_000, PaymentStage.failed),
        (24_000, PaymentStage.reversed),
    ],
)
def test_what_leaves_something_due_cancels_nothing(amount_minor, stage):
    person = someone()
    plan = plan_for(person)
    recorded = pay(person, amount_minor, stage=stage)
    assert (recorded.nothing_due, states(plan)) == (False, ("planned", "queued"))


@pytest.mark.django_db
def test_a_payment_and_a_refund_together_settle():
    person = someone()
    plan = plan_for(person)
    assert pay(person, 14_000).nothing_due is False
    assert refund(person, 10_000).nothing_due is True
    assert states(plan) == ("cancelled", "cancelled")
    assert (Payment.objects.count(), Refund.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_repeated_event_is_stored_once_and_answers_the_same():
    person = someone()
    for record in (pay, refund):
        first, again = record(person, 100), record(person, 100)
        assert (first.added, again.added) == (True, False)
        assert first.booked == again.booked


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"account_ref": "none"}, NoSuchAccount),
        ({"currency": "TWD"}, WrongCurrency),
        ({"amount_minor": 0}, NotAnAmount),
        ({"amount_minor": -1}, NotAnAmount),
        ({"amount_minor": 2**63}, NotAnAmount),
        ({"effective_on": date(1969, 12, 31)}, DayOutOfRange),
        ({"effective_on": DAY + timedelta(days=1)}, DayOutOfRange),
    ],
)
def test_what_cannot_be_true_is_refused_by_name_and_not_booked(changed, error):
    person = someone()
    for record in (pay, refund):
        with pytest.raises(error):
            record(person, **{"amount_minor": 100} | changed)
    assert not Payment.objects.exists()
    assert not Refund.objects.exists()


@pytest.mark.django_db
def test_the_value_day_is_the_persons_own():
    person = someone()
    one_past_midnight_in_shanghai = at("00:01", DAY + timedelta(days=1))
    tomorrow = DAY + timedelta(days=1)
    assert pay(person, 1, effective_on=tomorrow, at=one_past_midnight_in_shanghai).added


@pytest.mark.django_db
def test_a_conflict_leaves_the_book_and_the_plan_as_they_were():
    person = someone()
    plan = plan_for(person)
    pay(person, 100)
    with pytest.raises(PaymentConflict, match="p-1"):
        pay(person, 24_000)
    assert (Payment.objects.get().amount_minor, states(plan)) == (100, ("planned", "queued"))


def test_two_that_book_one_event_at_once_store_it_once(fresh_database):
    del fresh_database
    person = someone()
    begin, told = threading.Barrier(4), []

    def book() -> None:
        begin.wait()
        try:
            told.append(pay(person, 24_000))
        finally:
            connection.close()

    threads = [threading.Thread(target=book) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(r.added for r in told) == [False, False, False, True]
    assert len({r.booked for r in told}) == 1
    assert Payment.objects.count() == 1


def test_no_contact_slips_out_beside_the_payment_that_settles(fresh_database):
    """Both at once: the gate sees the payment, or the payment cancels the contact."""
    del fresh_database
    left = []
    for _ in range(25):
        person = someone()
        begin = threading.Barrier(2)

        def send(person: Someone = person, begin: threading.Barrier = begin) -> None:
            begin.wait()
            do_contact(DESK, person_id=person.id, channel=Channel.sms, at=NOON)
            connection.close()

        def settle(person: Someone = person, begin: threading.Barrier = begin) -> None:
            begin.wait()
            pay(person, 24_000, payment_ref=person.ref)
            connection.close()

        threads = [threading.Thread(target=work) for work in (send, settle)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        left += Outbox.objects.filter(person_id=person.id).values_list("state", flat=True)
    assert Payment.objects.count() == 25
    assert set(left) <= {"cancelled"}


@pytest.mark.django_db
def test_no_money_is_told_of_a_day_before_the_contract():
    """The contract is of 5 January: an empty date of another program is no day of a payment."""
    ref, other = serviced(), someone()
    eve = FIRST - timedelta(days=1)
    for record in (pay, refund):
        for on in (date(1970, 1, 1), eve):
            with pytest.raises(BeforeContract, match=f"{on} lies before 2026-01-05, the day of"):
                record(other, 100, account_ref=ref, effective_on=on)
    assert not Payment.objects.exists()
    assert not Refund.objects.exists()
    assert pay(other, 100, account_ref=ref, effective_on=FIRST).added
    assert pay(other, 100, payment_ref="p-2", effective_on=eve).added  # serviced elsewhere


@pytest.mark.django_db
def test_what_was_booked_before_the_contract_was_recorded_stays_and_can_be_taken_back():
    person, eve = someone(creditor_type="micro_loan"), FIRST - timedelta(days=1)
    pay(person, 100, effective_on=eve)
    do_record_contract(
        DESK, account_ref=f"{person.ref}:a", product="paylater", formed_on=FIRST, at=NOON
    )
    assert not pay(person, 100, effective_on=eve).added
    with pytest.raises(BeforeContract):
        pay(person, 100, stage=PaymentStage.reversed, effective_on=eve - timedelta(days=1))
    assert pay(person, 100, stage=PaymentStage.reversed, effective_on=eve).added


def test_a_payment_waits_for_a_gate_that_holds_the_person(fresh_database):
    person, told = someone(), []

    def book() -> None:
        told.append(pay(person, 24_000))
        connection.close()

    with psycopg.connect(fresh_database) as gate:
        lock_person(gate, person.id)
        thread = threading.Thread(target=book)
        thread.start()
        thread.join(0.5)
        assert (told, Payment.objects.count()) == ([], 0)
        gate.commit()
        thread.join()
    assert [recorded.added for recorded in told] == [True]
