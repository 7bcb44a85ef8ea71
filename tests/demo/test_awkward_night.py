"""What the night of the book's day decides about every awkward person, and that the gate agrees."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.demo.asking import READER

from forbear.actions.contact import may_contact
from forbear.actions.night import do_night
from forbear.demo.cast import AWKWARD, told
from forbear.kernel.vocabulary import Channel, Purpose

pytestmark = pytest.mark.xdist_group("awkward_night")  # one night for the whole module
CHANNELS = {channel.value for channel in Channel}


@pytest.fixture(scope="module")
def plans(awkward_book):
    """The night's plan of each person, by ref."""
    from forbear.store.models import Plan

    do_night(READER, as_of=awkward_book, progress=lambda _: None)
    return {plan.person.ref: plan for plan in Plan.objects.select_related("person")}


@pytest.mark.parametrize("awkward", AWKWARD, ids=lambda a: a.slug)
def test_the_night_decides_as_the_list_says(plans, awkward_book, awkward):
    plan = plans.get(awkward.ref)
    if awkward.night == "nothing":
        assert plan is None
        return
    assert awkward.night == ("contact" if plan.action in CHANNELS else plan.action)
    assert set(plan.blocked_by) == set(awkward.night_blocked_by)
    if awkward.night == "contact":
        zone = ZoneInfo(told(awkward, as_of=awkward_book).zone(1))
        local_at = plan.planned_at.astimezone(zone)
        assert local_at.date() == awkward_book + timedelta(days=1)
        assert 8 <= local_at.hour < 22


def test_what_the_night_planned_the_gate_allows_at_that_minute_and_nothing_else(plans):
    for plan in plans.values():
        if plan.action not in CHANNELS:
            continue
        answer = may_contact(
            READER,
            person_id=plan.person_id,
            channel=Channel(plan.action),
            at=plan.planned_at,
            contact_point_id=plan.contact_point_id,
            purpose=Purpose(plan.purpose),
        )
        assert answer.allowed, (plan.person.ref, answer.blocked_by)
        assert answer.due_minor >= plan.due_minor  # more may fall due on the day itself
        assert set(plan.accounts) <= set(answer.account_ids)


def test_nobody_but_the_borrower_is_planned_for(plans):
    from forbear.store.models import ContactPoint

    points = [plan.contact_point_id for plan in plans.values() if plan.contact_point_id]
    relations = ContactPoint.objects.filter(pk__in=points).values_list("relation", flat=True)
    assert set(relations) == {"obligor"}
