"""A person decides about a stuck contact: by name, with a reason, and never to send in doubt."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from tests.actions.test_dispatch import dispatch, plan, row
from tests.people import DAY, at, someone

from forbear.actions.contact import NoSuchContact, may_contact
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.resolution import DayOver, NoReason, NotStuck, do_resolve_outbox
from forbear.kernel.vocabulary import Channel, Resolved
from forbear.store.models import Attempt, Outbox, Resolution

LEADER = Reader(actor="user:lead", abilities=ROLES["supervisor"])
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lender")]


@pytest.fixture
def dead(gateway):
    """A contact that the gateway refused for good; the gateway is well again."""
    gateway.code = 400
    plan(someone(), "sms")
    dispatch()
    gateway.code = 200
    return row()


def resolve(contact_id, resolved, reason="the gateway had a wrong template", when=None):
    return do_resolve_outbox(
        LEADER,
        contact_id=contact_id,
        resolved=Resolved(resolved),
        reason=reason,
        at=when or at("11:00"),
    )


def test_a_dead_contact_is_retried_through_the_gate_and_says_who_asked(dead):
    assert resolve(dead.pk, "retried") == "queued"
    assert dispatch("11:00")["sent"] == 1
    made = Resolution.objects.get()
    assert (made.resolved, made.was, made.actor) == ("retried", "dead", "user:lead")
    assert made.reason == "the gateway had a wrong template"


def test_a_retry_in_the_quiet_hours_is_refused_by_the_gate(dead, gateway):
    resolve(dead.pk, "retried", when=at("21:54"))
    assert dispatch("22:00") == {"cancelled": 1}
    assert len(gateway.requests) == 1


def test_a_retry_of_another_day_is_refused_and_says_what_to_do(dead):
    with pytest.raises(DayOver, match="plan a new one"):
        resolve(dead.pk, "retried", when=at("09:00", DAY + timedelta(days=1)))
    assert not Resolution.objects.exists()


def test_a_dead_contact_that_is_left_gives_its_place_back(dead):
    assert resolve(dead.pk, "cancelled") == "cancelled"
    answer = may_contact(LEADER, person_id=dead.person_id, channel=Channel.sms, at=at("12:00"))
    assert answer.facts.outbound_today[0] == 0


@pytest.mark.parametrize(
    ("resolved", "state", "attempts"), [("sent", "sent", 1), ("undelivered", "cancelled", 0)]
)
def test_an_unknown_contact_is_settled_by_what_the_provider_says(dead, resolved, state, attempts):
    Outbox.objects.update(state="unknown")
    assert resolve(dead.pk, resolved) == state
    assert Attempt.objects.count() == attempts


def test_an_unknown_contact_is_never_sent_again_by_anybody(dead):
    Outbox.objects.update(state="unknown")
    with pytest.raises(NotStuck, match="is unknown; it cannot be retried"):
        resolve(dead.pk, "retried")


@pytest.mark.parametrize("state", ["queued", "sent", "failed", "cancelled"])
def test_what_is_not_stuck_is_left_alone(dead, state):
    Outbox.objects.update(state=state)
    with pytest.raises(NotStuck):
        resolve(dead.pk, "retried")


def test_a_decision_without_a_reason_is_none(dead):
    with pytest.raises(NoReason):
        resolve(dead.pk, "retried", reason="  ")


def test_a_contact_that_is_not_there_is_named():
    with pytest.raises(NoSuchContact):
        resolve(UUID(int=1), "retried")


def test_a_collector_may_not_resolve(dead):
    with pytest.raises(NotAllowed):
        do_resolve_outbox(
            Reader(actor="user:c", abilities=ROLES["collector"]),
            contact_id=dead.pk,
            resolved=Resolved.retried,
            reason="x",
            at=at("11:00"),
        )
