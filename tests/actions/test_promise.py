"""A promise to pay: a person's stated day and amount."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.people import DAY, at, key, someone

from forbear.actions.contact import do_contact
from forbear.actions.disposition import NotTheirCall
from forbear.actions.promise import MoreThanOwed, NotAPromise, do_record_promise
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Due, Promise

DESK = machine("test")
pytestmark = pytest.mark.django_db


def promise(person, amount_minor=10_000, days=5, reader=DESK, contact_id=None):
    return do_record_promise(
        reader,
        person_id=person.id,
        amount_minor=amount_minor,
        currency="CNY",
        due_on=DAY + timedelta(days),
        at=at("10:00"),
        contact_id=contact_id,
    )


@pytest.mark.parametrize("days", [0, 5, 62])
def test_a_promise_is_recorded_with_who_took_it(days):
    row = Promise.objects.get(pk=promise(someone(), days=days))
    assert (row.amount_minor, row.due_on, row.actor) == (10_000, DAY + timedelta(days), "test")


@pytest.mark.parametrize(("amount_minor", "days"), [(0, 5), (-1, 5), (100, -1), (100, 63)])
def test_nothing_yesterday_or_a_year_ahead_is_no_promise(amount_minor, days):
    with pytest.raises(NotAPromise):
        promise(someone(), amount_minor, days)
    assert not Promise.objects.exists()


def test_a_promise_is_of_a_call_to_this_person_and_no_other():
    mine, theirs = someone(), someone()
    called = do_contact(DESK, person_id=theirs.id, channel=Channel.voice, at=at("10:00"))
    with pytest.raises(NotTheirCall):
        promise(mine, contact_id=called.contact_id)
    assert not Promise.objects.exists()
    promise(theirs, contact_id=called.contact_id)


def test_the_same_promise_of_one_call_is_one_and_another_is_another():
    person = someone()
    call = do_contact(DESK, person_id=person.id, channel=Channel.voice, at=at("10:00"))
    first = promise(person, contact_id=call.contact_id)
    assert promise(person, contact_id=call.contact_id) == first
    assert promise(person, 5_000, contact_id=call.contact_id) != first
    assert Promise.objects.count() == 2


def billed(person, amount_minor, days, kind="installment"):
    Due.objects.create(
        account_id=person.account_id,
        kind=kind,
        effective_on=DAY - timedelta(1),
        due_on=DAY + timedelta(days),
        amount_minor=amount_minor,
        **key(),
    )


def test_all_that_is_billed_may_be_promised_and_not_one_fen_more():
    person = someone(due_minor=24_000)
    billed(person, 10_000, days=90)
    person.pay(4_000)
    with pytest.raises(MoreThanOwed, match=r"¥ 300\.00") as refused:
        promise(person, 30_001)
    assert refused.value.owed_minor == 30_000
    assert not Promise.objects.exists()
    promise(person, 30_000)


def test_a_statement_that_is_not_due_yet_may_be_promised():
    person = someone(due_minor=0)
    billed(person, 50_000, days=20, kind="statement")
    promise(person, 50_000)
    with pytest.raises(MoreThanOwed):
        promise(person, 50_001)


def test_who_owes_nothing_promises_nothing():
    person = someone(due_minor=24_000)
    person.pay(24_000)
    with pytest.raises(MoreThanOwed, match="owes nothing in CNY"):
        promise(person, 1)


def test_compliance_takes_no_promises():
    with pytest.raises(NotAllowed):
        promise(someone(), reader=Reader(actor="user:he", abilities=ROLES["compliance"]))


@pytest.mark.parametrize(
    ("clock", "days", "taken"),
    [("23:30", 0, True), ("00:30", -1, False), ("00:30", 62, True), ("00:30", 63, False)],
)
def test_days_are_those_of_the_persons_own_calendar(clock, days, taken):
    """At 00:30 in Shanghai it is yesterday by UTC."""
    known = {"amount_minor": 10_000, "currency": "CNY", "at": at(clock)}
    wanted = {"person_id": someone().id, "due_on": DAY + timedelta(days)} | known
    if taken:
        assert do_record_promise(DESK, **wanted)
    else:
        with pytest.raises(NotAPromise):
            do_record_promise(DESK, **wanted)
