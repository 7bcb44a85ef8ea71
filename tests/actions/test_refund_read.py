"""A refund that is on its way: night, work list and audit read what the gate reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.test_payment import plan_for
from tests.actions.test_refund import DESK, EVE, HOUSE, NOON, told
from tests.audit.forgery import planted
from tests.people import DAY, at, someone

from forbear.actions.audit import access_audit
from forbear.actions.listing import Listing
from forbear.actions.night import do_night
from forbear.actions.worklist import access_work_list
from forbear.store.models import Night, Plan

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))


def planned() -> dict[int, str]:
    do_night(DESK, as_of=DAY, progress=lambda _: None)
    return dict(Plan.objects.values_list("person_id", "action"))


def work_list() -> dict[int, tuple[str, ...]]:
    """Return who is to be called, with what the gate says against a call at noon."""
    page = access_work_list(DESK, listing=Listing(), at=NOON).page
    return {
        row.plan.person_id: tuple(block.code for block in row.call.blocks)
        for row in page.rows
        if row.call
    }


def test_the_night_plans_nothing_about_it_and_plans_again_when_it_has_ended():
    person, neighbor = someone(late_days=40), someone(late_days=40)
    before = planned()
    told(person)
    resting = planned()
    assert (before[person.id], resting[person.id]) == (before[neighbor.id], "refused")
    assert resting[neighbor.id] == before[neighbor.id] != "refused"
    assert Plan.objects.get(person_id=person.id).blocked_by == [HOUSE]
    told(person, "withdrawn", EVE + timedelta(hours=1))
    assert planned() == before


def test_who_is_on_the_work_list_already_leaves_it_and_is_refused_where_they_do_not():
    person, neighbor = someone(), someone()
    plan, night = plan_for(person), plan_for(neighbor).night
    Night.objects.filter(pk=night.pk).update(finished_at=EVE)
    Plan.objects.filter(pk=plan.pk).update(night=night)
    assert work_list() == {person.id: (), neighbor.id: ()}
    told(person, when=at("09:00"))
    assert work_list() == {neighbor.id: ()}
    Plan.objects.filter(pk=plan.pk).update(state="planned")  # as of a night that ran meanwhile
    assert work_list() == {person.id: (HOUSE,), neighbor.id: ()}


def test_the_audit_finds_who_was_written_to_meanwhile():
    person = someone()
    told(person, when=at("09:00"))
    planted(person, "12:00")
    told(person, "settled", at("13:00"), effective_on=DAY)
    planted(person, "14:00")  # what is left is due
    breaches = access_audit(DESK).breaches
    assert [(each.rule, each.local) for each in breaches] == [(HOUSE, "2026-11-20 12:00")]
