"""Contracts and bookings by webhook, whole requests onto a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forbear.store.models import Booking, Contract
from tests.api.conftest import TODAY

pytestmark = pytest.mark.usefixtures("wang", "neighbor")
CONTRACT = {"account_ref": "lender:1/a", "product": "paylater", "formed_on": str(TODAY)}
PURCHASE = {
    "booking_ref": "b-1",
    "account_ref": "lender:1/a",
    "kind": "purchase",
    "effective_on": str(TODAY),
    "amount_minor": 90_00,
    "installments": 3,
}


@pytest.fixture
def core(door):
    return door("write_booking", name="core-banking")


def test_a_product_of_another_kind_of_lender_is_refused(core):
    answer = core.post("/api/contracts", CONTRACT | {"product": "card"})
    assert (answer.status_code, answer.json()["code"]) == (422, "booking.other_lender")
    assert not Contract.objects.exists()


def test_an_account_is_serviced_and_a_purchase_booked(core):
    answer = core.post("/api/contracts", CONTRACT)
    assert answer.status_code == 200
    assert answer.json()["key"] == "contract:lender:1/a"
    answer = core.post("/api/bookings", PURCHASE)
    assert answer.status_code == 200
    assert answer.json()["key"] == "booking:b-1"
    booked = Booking.objects.get()
    assert (booked.source, booked.kind, len(booked.schedule)) == (
        "key:core-banking",
        "purchase",
        3,
    )


def test_the_same_event_twice_answers_the_same_and_is_stored_once(core):
    core.post("/api/contracts", CONTRACT)
    first, again = (core.post("/api/bookings", PURCHASE) for _ in range(2))
    assert first.json() == again.json()
    assert (Contract.objects.count(), Booking.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({}, 409, "booking.not_serviced"),
        ({"account_ref": "lender:9/a"}, 404, "payment.no_such_account"),
        ({"kind": "gift"}, 422, "request.not_valid"),
    ],
)
def test_what_cannot_be_booked_is_told_why(core, changed, status, code):
    answer = core.post("/api/bookings", PURCHASE | changed)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("name", ["about", "meant", "rule", "reason"])
def test_a_sign_that_no_text_has_is_refused_by_name(core, name):
    core.post("/api/contracts", CONTRACT)
    answer = core.post("/api/bookings", PURCHASE | {name: "a\x00b"})
    assert (answer.status_code, answer.json()["code"]) == (422, "request.not_valid")
    assert name in answer.json()["detail"]
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"installments": "3"},
        {"installments": True},
        {"amount_minor": "9000"},
        {"amount_minor": 9000.0},
        {"days": "1"},
        {"ahead": "yes"},
        {"principal_minor": "1"},
        {"plan": [{"due_on": "2027-01-11", "amount_minor": "1"}]},
    ],
)
def test_a_number_is_a_whole_number_and_nothing_that_looks_like_one(core, changed):
    core.post("/api/contracts", CONTRACT)
    answer = core.post("/api/bookings", PURCHASE | changed)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.not_valid")
    assert next(iter(changed)) in answer.json()["detail"]
    assert not Booking.objects.exists()


def test_a_plan_is_given_by_due_days_and_amounts(core):
    core.post("/api/contracts", CONTRACT)
    core.post("/api/bookings", PURCHASE | {"booking_ref": "p", "installments": 1})
    plan = [{"due_on": str(TODAY + timedelta(days=50)), "amount_minor": 90_00}]
    event = {k: v for k, v in PURCHASE.items() if k not in ("amount_minor", "installments")}
    answer = core.post(
        "/api/bookings", event | {"kind": "arrangement", "plan": plan, "reason": "agreed"}
    )
    assert answer.status_code == 200
    kept = Booking.objects.get(kind="arrangement").schedule
    assert kept[0]["due_on"] == str(TODAY + timedelta(days=50))


def test_a_judgment_says_how_much_of_its_sum_is_principal(core):
    core.post("/api/contracts", CONTRACT)
    core.post("/api/bookings", PURCHASE | {"booking_ref": "p", "installments": 1})
    due_on = str(TODAY + timedelta(days=10))
    event = {k: v for k, v in PURCHASE.items() if k != "installments"}
    event |= {"kind": "judgment", "plan": [{"due_on": due_on, "amount_minor": 80_00}]}
    event |= {"amount_minor": 80_00, "principal_minor": 80_00, "reason": "(2026) No. 1"}
    more = event | {"amount_minor": 90_01, "principal_minor": 90_01}
    more["plan"] = [{"due_on": due_on, "amount_minor": 90_01}]
    answer = core.post("/api/bookings", more)
    assert (answer.status_code, answer.json()["code"]) == (422, "booking.more_than_open")
    assert core.post("/api/bookings", event).status_code == 200
    kept = Booking.objects.get(kind="judgment").schedule
    assert [(due["due_on"], due["principal_minor"]) for due in kept] == [
        (due_on, 80_00),
        (due_on, 0),
    ]


def test_a_key_for_payments_books_nothing_else(payments):
    assert payments.post("/api/contracts", CONTRACT).status_code == 403
