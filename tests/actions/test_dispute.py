"""Disputes: allowed, refused, what was recorded, and what rests with them."""

from __future__ import annotations

import pytest
from tests.actions.test_payment import plan_for, states
from tests.people import at, someone

from forbear.actions.contact import NoSuchPerson
from forbear.actions.dispute import (
    DisputeConflict,
    NotOpened,
    NotTheirAccount,
    do_record_dispute,
)
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.kernel.vocabulary import DisputeStage
from forbear.store.models import Dispute

COLLECTOR = Reader(actor="user:li", abilities=ROLES["collector"])
pytestmark = pytest.mark.django_db


def dispute(person_id: int, stage: str = "opened", reader: Reader = COLLECTOR, **changed: object):
    told = {"dispute_ref": "d-1", "at": at("09:00")} | changed
    return do_record_dispute(reader, person_id=person_id, stage=DisputeStage(stage), **told)


def test_opening_a_dispute_records_it_and_cancels_all_that_is_planned():
    person = someone()
    plan = plan_for(person)
    recorded = dispute(person.id, account_ref=f"{person.ref}:a")
    assert (recorded.plans_cancelled, recorded.contacts_cancelled) == (1, 1)
    assert states(plan) == ("cancelled", "cancelled")
    fact = Dispute.objects.get()
    assert (fact.account_id, fact.stage, fact.source) == (person.account_id, "opened", "user:li")


def test_resolving_it_is_a_second_fact_and_cancels_nothing():
    person = someone()
    dispute(person.id)
    plan = plan_for(person)
    assert dispute(person.id, "resolved").added
    assert states(plan) == ("planned", "queued")
    assert Dispute.objects.count() == 2


def test_the_same_stage_twice_is_one_fact():
    person = someone()
    assert [dispute(person.id).added for _ in range(2)] == [True, False]
    assert Dispute.objects.count() == 1


def test_a_reader_without_the_ability_records_nothing():
    person = someone()
    plan = plan_for(person)
    with pytest.raises(NotAllowed):
        dispute(person.id, reader=Reader(actor="user:chen", abilities=ROLES["compliance"]))
    assert (Dispute.objects.count(), states(plan)) == (0, ("planned", "queued"))


def test_what_cannot_be_is_refused_by_name():
    person, neighbor = someone(), someone()
    with pytest.raises(NoSuchPerson):
        dispute(-1)
    with pytest.raises(NotTheirAccount):
        dispute(person.id, account_ref=f"{neighbor.ref}:a")
    with pytest.raises(NotOpened):
        dispute(person.id, "resolved")
    dispute(person.id)
    with pytest.raises(DisputeConflict):
        dispute(neighbor.id)
    with pytest.raises(DisputeConflict):
        dispute(person.id, "resolved", account_ref=f"{person.ref}:a")
    assert Dispute.objects.count() == 1
