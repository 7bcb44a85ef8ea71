"""The receipts webhook, whole requests onto a real database."""

from __future__ import annotations

import uuid

import pytest

from forbear.actions.contact import do_contact
from forbear.actions.reader import machine
from forbear.kernel.vocabulary import Channel
from forbear.store.models import Outbox, Receipt
from tests.people import at, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(door):
    return door("write_receipt", name="sms")


@pytest.fixture
def sent() -> uuid.UUID:
    """Return an SMS of which nobody knows whether it went."""
    person = someone()
    made = do_contact(machine("test"), person_id=person.id, channel=Channel.sms, at=at("10:00"))
    assert made.allowed
    Outbox.objects.filter(pk=made.contact_id).update(state="unknown")
    assert made.contact_id
    return made.contact_id


def event(sent: object, **changed: object) -> dict[str, object]:
    return {
        "receipt_id": "r-1",
        "contact_id": str(sent),
        "outcome": "delivered",
        "at": at("10:01").isoformat(),
        "provider_ref": "m-77",
    } | changed


def test_a_receipt_settles_what_was_not_known(gateway, sent):
    answer = gateway.post("/api/receipts", event(sent))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "delivered")
    assert Outbox.objects.get(pk=sent).state == "sent"
    assert Receipt.objects.get().source == "key:sms"


def test_the_same_receipt_twice_answers_the_same_and_is_stored_once(gateway, sent):
    first, again = [gateway.post("/api/receipts", event(sent)) for _ in range(2)]
    assert (first.content, again["Forbear-Repeated"]) == (again.content, "true")
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [{"outcome": "undelivered"}, {"at": "2026-11-20T10:02:00+08:00"}, {"provider_ref": "m-78"}],
)
def test_the_same_id_with_other_contents_is_a_conflict_that_names_it(gateway, sent, changed):
    gateway.post("/api/receipts", event(sent))
    answer = gateway.post("/api/receipts", event(sent, **changed))
    assert (answer.status_code, answer.json()["code"]) == (409, "receipt.conflict")
    assert "r-1" in answer.json()["detail"]
    assert Receipt.objects.get().outcome == "delivered"


def test_two_providers_may_number_their_receipts_alike(door, gateway, sent):
    gateway.post("/api/receipts", event(sent))
    other = door("write_receipt", name="app")
    assert other.post("/api/receipts", event(sent, outcome="read")).status_code == 200
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"contact_id": str(uuid.UUID(int=7))}, 404, "contact.no_such_contact"),
        ({"contact_id": "7"}, 422, "request.not_valid"),
        ({"outcome": "lost"}, 422, "request.not_valid"),
        ({"at": "yesterday"}, 422, "request.not_valid"),
        ({"detail": "a\x00"}, 422, "request.not_valid"),
        ({"provider_ref": "\udfff"}, 422, "request.not_valid"),
        ({"receipt_id": ""}, 422, "request.not_valid"),
    ],
)
def test_a_receipt_that_is_none_is_a_problem(gateway, sent, changed, status, code):
    answer = gateway.post("/api/receipts", event(sent, **changed))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Receipt.objects.exists()


def test_a_key_without_the_scope_is_refused(payments, sent):
    answer = payments.post("/api/receipts", event(sent))
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
