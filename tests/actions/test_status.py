"""Statuses: allowed, refused, what was recorded, and what stops with them."""

from __future__ import annotations

import pytest
from tests.actions.test_payment import plan_for, states
from tests.people import DAY, at, key, someone

from forbear.actions.contact import NoSuchPerson
from forbear.actions.dispute import NotTheirAccount
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.status import StatusConflict, StatusOfWhat, do_record_status
from forbear.kernel.vocabulary import StatusKind, StatusStage
from forbear.store.models import Account, Due, Status

COLLECTOR = Reader(actor="user:li", abilities=ROLES["collector"])
NARROWS = {StatusKind.student, StatusKind.time_barred}  # they stop nothing by themselves
OF_THE_PERSON = sorted(set(StatusKind) - {StatusKind.settled, StatusKind.moratorium, *NARROWS})
pytestmark = pytest.mark.django_db


def status(person_id: int, kind: str, stage: str = "began", **changed: object):
    told = {"reader": COLLECTOR, "at": at("09:00")} | changed
    return do_record_status(
        told.pop("reader"),
        person_id=person_id,
        kind=StatusKind(kind),
        stage=StatusStage(stage),
        **told,
    )


@pytest.mark.parametrize("kind", OF_THE_PERSON)
def test_a_status_of_the_person_is_recorded_and_stops_everything(kind):
    person, neighbor = someone(), someone()
    plan, other = plan_for(person), plan_for(neighbor)
    recorded = status(person.id, kind)
    assert (recorded.plans_cancelled, recorded.contacts_cancelled) == (1, 1)
    assert (states(plan), states(other)) == (("cancelled", "cancelled"), ("planned", "queued"))
    fact = Status.objects.get()
    assert (fact.kind, fact.stage, fact.source, fact.account_id) == (kind, "began", "user:li", None)


def test_a_status_that_ends_cancels_nothing():
    person = someone()
    plan = plan_for(person)
    assert status(person.id, "represented", "ended").added
    assert states(plan) == ("planned", "queued")


def test_a_moratorium_names_its_area():
    person = someone()
    status(person.id, "moratorium", area="示例市")
    assert Status.objects.get().area == "示例市"
    with pytest.raises(StatusOfWhat):
        status(person.id, "moratorium")
    with pytest.raises(StatusOfWhat):
        status(person.id, "deceased", area="示例市")


def test_a_settled_account_stops_everything_only_where_nothing_else_is_due():
    person = someone()
    second = Account.objects.create(
        person_id=person.id,
        ref=f"{person.ref}:b",
        product="paylater",
        currency="CNY",
        creditor_type="bank",
        jurisdiction="CN",
        **key(),
    )
    Due.objects.create(
        account=second, kind="installment", effective_on=DAY, due_on=DAY, amount_minor=1, **key()
    )
    plan = plan_for(person)
    status(person.id, "settled", account_ref=f"{person.ref}:a")
    assert states(plan) == ("planned", "queued")
    status(person.id, "settled", account_ref=f"{person.ref}:b")
    assert states(plan) == ("cancelled", "cancelled")


def test_a_reader_without_the_ability_records_nothing():
    person = someone()
    plan = plan_for(person)
    with pytest.raises(NotAllowed):
        status(
            person.id, "deceased", reader=Reader(actor="user:m", abilities=ROLES["administrator"])
        )
    assert (Status.objects.count(), states(plan)) == (0, ("planned", "queued"))


def test_what_cannot_be_is_refused_by_name():
    person, neighbor = someone(), someone()
    with pytest.raises(NoSuchPerson):
        status(-1, "deceased")
    with pytest.raises(StatusOfWhat):
        status(person.id, "settled")
    with pytest.raises(StatusOfWhat):
        status(person.id, "deceased", account_ref=f"{person.ref}:a")
    with pytest.raises(NotTheirAccount):
        status(person.id, "settled", account_ref=f"{neighbor.ref}:a")
    assert not Status.objects.exists()


def test_the_same_key_twice_is_one_fact_and_with_other_contents_a_conflict():
    person = someone()
    assert status(person.id, "deceased", source_key="court:7").added
    assert not status(person.id, "deceased", source_key="court:7").added
    with pytest.raises(StatusConflict):
        status(person.id, "insolvent", source_key="court:7")
    assert Status.objects.count() == 1
