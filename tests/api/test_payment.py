"""The payments webhook, whole requests through the application onto a real database."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from forbear.store.models import Payment, Refund
from tests.api.conftest import TODAY

pytestmark = pytest.mark.usefixtures("wang", "neighbor")
EVENT = {
    "payment_ref": "pay-1",
    "account_ref": "lender:1/a",
    "stage": "settled",
    "amount_minor": 100_00,
    "currency": "CNY",
    "effective_on": str(TODAY),
}
REFUND = {
    "refund_ref": "back-1",
    "account_ref": "lender:1/a",
    "amount_minor": 50_00,
    "currency": "CNY",
    "effective_on": str(TODAY),
}


def test_a_signed_payment_is_booked_and_says_what_stands_in_the_book(payments):
    answer = payments.post("/api/payments", EVENT)
    assert answer.status_code == 200
    assert {k: answer.json()[k] for k in EVENT} == EVENT
    booked = Payment.objects.get()
    assert (booked.source, booked.amount_minor) == ("key:gateway", 100_00)


def test_the_same_event_twice_answers_the_same_and_is_stored_once(payments):
    first = payments.post("/api/payments", EVENT)
    again = payments.post("/api/payments", EVENT)
    assert (again.status_code, again.content) == (200, first.content)
    assert (first.get("Forbear-Repeated"), again.get("Forbear-Repeated")) == (None, "true")
    assert Payment.objects.count() == 1


def test_the_very_same_bytes_sent_again_change_nothing(payments):
    raw = json.dumps(EVENT).encode()
    signed = payments.signed(raw)
    answers = [payments.post("/api/payments", raw, **signed) for _ in range(3)]
    assert len({a.content for a in answers}) == 1
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount_minor": 1}, "amount_minor is 10000 in the book, 1 in the event"),
        ({"effective_on": str(TODAY - timedelta(days=1))}, "effective_on"),
        ({"account_ref": "lender:2/a"}, "belongs to account lender:1/a"),
    ],
)
def test_the_same_id_with_other_contents_is_a_conflict_that_names_it(payments, change, named):
    payments.post("/api/payments", EVENT)
    answer = payments.post("/api/payments", EVENT | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment.conflict")
    assert "pay-1" in answer.json()["detail"]
    assert named in answer.json()["detail"]
    assert Payment.objects.get().amount_minor == 100_00


def test_every_stage_of_one_payment_is_its_own_event(payments):
    for stage in ("reversed", "initiated", "settled"):  # in any order
        assert payments.post("/api/payments", EVENT | {"stage": stage}).status_code == 200
    assert Payment.objects.count() == 3


@pytest.mark.parametrize("first", ["settled", "reversed"])
def test_no_more_is_taken_back_than_came_in_whichever_comes_first(payments, first):
    settled, taken_back = EVENT, EVENT | {"stage": "reversed", "amount_minor": 100_01}
    order = [settled, taken_back] if first == "settled" else [taken_back, settled]
    assert payments.post("/api/payments", order[0]).status_code == 200
    assert payments.post("/api/payments", order[1]).json()["code"] == "payment.conflict"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"account_ref": "lender:none"}, 404, "payment.no_such_account"),
        ({"currency": "USD"}, 422, "payment.wrong_currency"),
        ({"effective_on": str(TODAY + timedelta(days=3))}, 422, "payment.day_out_of_range"),
        ({"effective_on": "0001-01-01"}, 422, "payment.day_out_of_range"),
        ({"amount_minor": 0}, 422, "request.not_valid"),
        ({"amount_minor": 10**30}, 422, "request.not_valid"),
        ({"amount_minor": 100.0}, 422, "request.not_valid"),
        ({"amount_minor": "100"}, 422, "request.not_valid"),
        ({"amount_minor": True}, 422, "request.not_valid"),
        ({"stage": "paid"}, 422, "request.not_valid"),
        ({"payment_ref": "a\x00b"}, 422, "request.not_valid"),
        ({"payment_ref": "\ud800"}, 422, "request.not_valid"),
        ({"payment_ref": "x" * 201}, 422, "request.not_valid"),
        ({"effective_on": 20200101}, 422, "request.not_valid"),
        ({"effective_on": "2026-02-30"}, 422, "request.not_valid"),
        ({"note": "not known here"}, 422, "request.not_valid"),
        ({"\ud800": 1}, 422, "request.not_valid"),
    ],
)
def test_what_cannot_be_true_is_one_clear_error(payments, change, status, code):
    answer = payments.post("/api/payments", EVENT | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "detail", "where", "what_to_do"}
    assert all(answer.json().values())
    assert not Payment.objects.exists()


def test_a_missing_field_is_named(payments):
    answer = payments.post("/api/payments", {k: v for k, v in EVENT.items() if k != "currency"})
    assert answer.json()["where"] == "body.currency"


def test_a_refund_is_booked_once_and_a_changed_one_is_a_conflict(payments):
    first = payments.post("/api/refunds", REFUND)
    again = payments.post("/api/refunds", REFUND)
    changed = payments.post("/api/refunds", REFUND | {"amount_minor": 1})
    moved = payments.post("/api/refunds", REFUND | {"account_ref": "lender:2/a"})
    assert (first.status_code, first.content) == (200, again.content)
    assert [a.json()["code"] for a in (changed, moved)] == ["payment.conflict"] * 2
    assert Refund.objects.count() == 1


def test_a_key_without_the_scope_is_refused_though_it_signs(door):
    answer = door("write_receipt").post("/api/payments", EVENT)
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "header", ["Forbear-Key", "Forbear-Timestamp", "Forbear-Signature"], ids=str
)
@pytest.mark.parametrize("value", ["", "v1=", "x\x7fÿ", "9" * 400, "v1=" + "0" * 64])
def test_an_unsigned_or_wrongly_signed_event_is_refused(payments, header, value):
    answer = payments.post("/api/payments", EVENT, **{header: value})
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook.not_signed")
    assert "WWW-Authenticate" in answer
    assert not Payment.objects.exists()


def test_a_body_changed_after_signing_is_refused(payments):
    raw = json.dumps(EVENT).encode()
    forged = raw.replace(b"10000", b"99999")
    answer = payments.post("/api/payments", forged, **payments.signed(raw))
    assert answer.json()["code"] == "webhook.not_signed"


@pytest.mark.parametrize(("age_s", "status"), [(290, 200), (310, 401), (-290, 200), (-310, 401)])
def test_a_copied_request_dies_with_the_window(payments, age_s, status):
    raw = json.dumps(EVENT).encode()
    signed = payments.signed(raw, at_s=int(time.time()) - age_s)
    answer = payments.post("/api/payments", raw, **signed)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["code"] == "webhook.outside_window"


def test_one_keys_secret_does_not_sign_for_another(door, payments):
    other = door("write_payment", name="other")
    raw = json.dumps(EVENT).encode()
    answer = other.post("/api/payments", raw, **payments.signed(raw) | {"Forbear-Key": "other"})
    assert answer.json()["code"] == "webhook.not_signed"
