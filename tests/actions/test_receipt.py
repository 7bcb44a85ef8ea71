"""A provider's receipt settles what was not known, once, and contradicts nothing that is."""

from __future__ import annotations

import pytest
from tests.people import at, someone

from forbear.actions.contact import NoSuchContact, do_contact
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.actions.receipt import ReceiptConflict, do_receipt
from forbear.kernel.vocabulary import Channel, ReceiptOutcome
from forbear.store.models import Attempt, Outbox, Receipt

GATEWAY = machine("key:sms")
pytestmark = pytest.mark.django_db


def contact(state, **fields):
    person = someone()
    made = do_contact(GATEWAY, person_id=person.id, channel=Channel.sms, at=at("10:00"))
    Outbox.objects.filter(pk=made.contact_id).update(state=state, **fields)
    return made.contact_id


def receive(contact_id, outcome="delivered", key="r-1"):
    return do_receipt(
        GATEWAY,
        contact_id=contact_id,
        outcome=ReceiptOutcome(outcome),
        at=at("10:02"),
        source_key=key,
    )


@pytest.mark.parametrize(
    ("before", "outcome", "after", "attempts"),
    [
        ("unknown", "delivered", "sent", 1),
        ("unknown", "read", "sent", 1),
        ("unknown", "undelivered", "dead", 0),
        ("unknown", "bounced", "dead", 0),
        ("sending", "delivered", "sent", 1),
        ("failed", "delivered", "sent", 1),
        ("failed", "undelivered", "dead", 0),
        ("queued", "delivered", "sent", 1),
        ("dead", "delivered", "sent", 1),
        ("cancelled", "delivered", "sent", 1),
        ("cancelled", "undelivered", "cancelled", 0),
        ("sent", "undelivered", "sent", 0),
        ("rehearsed", "delivered", "rehearsed", 0),
    ],
)
def test_what_each_receipt_makes_of_each_state(before, outcome, after, attempts):
    made = contact(before, lease=9)
    answer = receive(made, outcome)
    assert (answer.added, answer.state) == (True, after)
    assert Outbox.objects.get(pk=made).state == after
    assert Attempt.objects.count() == attempts
    assert Receipt.objects.get().outcome == outcome


def test_the_same_receipt_twice_is_stored_once_and_says_so():
    made = contact("unknown")
    assert [receive(made).added for _ in range(3)] == [True, False, False]
    assert (Receipt.objects.count(), Attempt.objects.count()) == (1, 1)


def test_the_same_receipt_with_other_contents_is_refused():
    made = contact("unknown")
    receive(made)
    with pytest.raises(ReceiptConflict):
        receive(made, "undelivered")
    assert Outbox.objects.get(pk=made).state == "sent"


def test_a_refused_contact_has_no_receipt():
    refused = do_contact(
        GATEWAY, person_id=someone().id, channel=Channel.sms, at=at("23:00")
    ).contact_id
    with pytest.raises(NoSuchContact):
        receive(refused)


def test_who_may_not_write_receipts_is_refused():
    with pytest.raises(NotAllowed):
        do_receipt(
            Reader(actor="user:c", abilities=ROLES["supervisor"]),
            contact_id=contact("unknown"),
            outcome=ReceiptOutcome.delivered,
            at=at("10:02"),
            source_key="r",
        )
