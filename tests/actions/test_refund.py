"""A refund that is on its way: what is recorded, and what rests with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.actions.test_payment import GATEWAY, NOON, plan_for, refund, states
from tests.people import DAY, Someone, at, checked, key, someone

from forbear.actions.contact import do_contact, may_contact
from forbear.actions.payment import PaymentConflict
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.actions.refund import do_record_refund
from forbear.kernel.vocabulary import Channel, RefundStage
from forbear.store.models import (
    Account,
    Due,
    Evidence,
    Outbox,
    Status,
)
from forbear.store.models import (
    RefundStage as Stage,
)

HOUSE = "house.refund_pending"
DESK = machine("test")
EVE = at("20:00", DAY - timedelta(days=1))
pytestmark = pytest.mark.django_db


def told(person: Someone, stage: str = "requested", when: datetime = EVE, **changed: object):
    """Tell of one stage of a refund of 100.00 of the 240.00 that are due."""
    on = {"effective_on": DAY - timedelta(days=1), "at": when}
    return refund(person, 10_000, **on | {"stage": RefundStage(stage)} | changed)


def asked(person: Someone, when: datetime = NOON):
    return may_contact(DESK, person_id=person.id, channel=Channel.voice, at=when)


def second_debt(person: Someone) -> int:
    ref = f"{person.ref}:b"
    account = Account.objects.create(
        person_id=person.id, ref=ref, product="paylater", currency="CNY", creditor_type="bank",
        jurisdiction="CN", **key(),
    )  # fmt: skip
    Due.objects.create(
        account=account, kind="installment", effective_on=DAY, due_on=DAY, amount_minor=500, **key()
    )
    return account.pk


def said_elsewhere(person: Someone, stage: str, when: datetime) -> None:
    """Write what a file or a collector says of a refund."""
    Status.objects.create(
        person_id=person.id, account_id=person.account_id, kind="refund_pending", stage=stage,
        effective_at=when, **key(),
    )  # fmt: skip


def test_it_is_recorded_with_who_told_it_and_cancels_what_waits():
    person, neighbor = someone(), someone()
    plan, other = plan_for(person), plan_for(neighbor)
    recorded = told(person)
    assert (recorded.plans_cancelled, recorded.contacts_cancelled) == (1, 1)
    assert (states(plan), states(other)) == (("cancelled", "cancelled"), ("planned", "queued"))
    row, status = Stage.objects.get(), Status.objects.get()
    assert (row.source, row.stage, row.amount_minor) == ("key:gateway", "requested", 10_000)
    assert (status.kind, status.stage, status.account_id, status.effective_at) == (
        "refund_pending",
        "began",
        person.account_id,
        EVE,
    )


@pytest.mark.parametrize(
    ("end", "left"),
    [("settled", "refund"), ("withdrawn", "refund_stage"), ("refused", "refund_stage")],
)
def test_each_stage_and_what_follows_from_it_has_its_entry(end, left):
    person = someone()
    told(person)
    told(person, end, EVE + timedelta(hours=1))
    kinds = Evidence.objects.order_by("id").values_list("kind", flat=True)
    assert [*kinds][-5:] == ["refund_stage", "refund_hold", "status", left, "status"]
    assert checked(DESK).faults == []


def test_of_two_debts_the_other_one_may_be_asked_for():
    person = someone()
    other, plan = second_debt(person), plan_for(person)  # a call about the first; an SMS about none
    ours = do_contact(DESK, person_id=person.id, channel=Channel.sms, at=at("10:00"))
    assert ours.allowed
    assert told(person, when=at("11:00")).plans_cancelled == 1
    assert states_of(ours.contact_id) == "cancelled"
    plan.refresh_from_db()
    assert plan.state == "cancelled"
    assert Outbox.objects.filter(state="queued").count() == 1
    answer = asked(person)
    assert (answer.allowed, answer.account_ids) == (True, (other,))
    told(person, "refused", at("11:30"))
    assert len(asked(person).account_ids) == 2


def states_of(contact_id: object) -> str:
    return Outbox.objects.get(pk=contact_id).state


def test_a_call_that_a_collector_has_open_is_cancelled():
    person = someone()
    call = do_contact(DESK, person_id=person.id, channel=Channel.voice, at=at("10:00"))
    assert states_of(call.contact_id) == "listed"
    told(person, when=at("10:01"))
    assert states_of(call.contact_id) == "cancelled"


@pytest.mark.parametrize("end", ["settled", "withdrawn", "refused"])
def test_what_is_told_last_counts_though_its_clock_was_behind(end):
    person = someone()
    told(person, when=at("11:00"))
    told(person, end, when=at("10:59"))
    assert asked(person).allowed
    told(person, refund_ref="r-2", when=at("10:58"))
    assert not asked(person).allowed


def test_what_somebody_else_said_of_a_refund_only_they_end():
    person = someone()
    said_elsewhere(person, "began", EVE)
    told(person, when=at("08:00"))
    told(person, "withdrawn", at("09:00"))
    assert asked(person).blocked_by == (HOUSE,)
    said_elsewhere(person, "ended", at("10:00"))
    assert asked(person).allowed


def test_a_reader_without_the_ability_freezes_nothing():
    person = someone()
    collector = Reader(actor="user:li", abilities=ROLES["collector"])
    assert collector.abilities.isdisjoint(GATEWAY.abilities)
    with pytest.raises(NotAllowed):
        do_record_refund(
            collector, account_ref=f"{person.ref}:a", refund_ref="r", amount_minor=1,
            currency="CNY", effective_on=DAY, at=NOON, stage=RefundStage.requested,
        )  # fmt: skip
    assert not Status.objects.exists()


def test_a_conflict_leaves_no_trace():
    person, neighbor = someone(), someone()
    told(person)
    before = Evidence.objects.count()
    with pytest.raises(PaymentConflict):
        told(neighbor)
    assert (Stage.objects.count(), Status.objects.count()) == (1, 1)
    assert Evidence.objects.count() == before
