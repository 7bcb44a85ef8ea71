"""An agency's program tries every operation of the API on somebody who is not placed there."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from forbear.actions.agency import do_name_agency, do_place
from forbear.actions.api_key import do_make_key
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.api.app import api
from forbear.kernel.vocabulary import PaymentStage
from forbear.store.models import (
    Booking,
    Consent,
    ContactPoint,
    Contract,
    DebitResult,
    Mandate,
    OccasionFact,
    Payment,
    Receipt,
    Refund,
)
from tests.api.conftest import Door

LENDER = machine("cli:t")
SCOPES = ["see_person", "write_consent", "write_occasion"]
DAY = date(2026, 11, 2)
AT = "2026-11-20T10:00:00+08:00"


@pytest.fixture
def dialer(wang, neighbor) -> Door:
    """The door of a program of North, with which wang is placed and the neighbor is not."""
    del wang, neighbor
    do_name_agency(LENDER, name="North")
    do_place(LENDER, agency="North", refs=["lender:1/a"], at=datetime.now(UTC))
    made = do_make_key(LENDER, name="dialer", scopes=SCOPES, agency="North")
    return Door(made)


def test_the_neighbor_is_unknown_and_the_own_is_told(dialer):
    assert dialer.get("/api/persons/lender:1").status_code == 200
    unseen = dialer.get("/api/persons/lender:2")
    missing = dialer.get("/api/persons/lender:9")
    assert unseen.status_code == missing.status_code == 404
    assert unseen.json()["code"] == missing.json()["code"] == "contact.no_such_person"
    assert unseen.content.replace(b"lender:2", b"lender:9") == missing.content


def test_the_gate_says_nothing_of_the_neighbor(dialer, neighbor):
    own = {"channel": "voice", "at": AT}
    assert dialer.get("/api/may-contact", person_ref="lender:1", **own).status_code == 200
    assert dialer.get("/api/may-contact", person_ref="lender:2", **own).status_code == 404
    point = ContactPoint.objects.get(person=neighbor)
    through = dialer.get(
        "/api/may-contact", person_ref="lender:1", contact_point_id=str(point.pk), **own
    )
    assert through.status_code == 200
    assert not through.json()["allowed"]
    assert "9000" not in through.content.decode()


def test_an_agency_asks_where_its_own_peoples_payments_went_and_no_neighbors(dialer):
    for n in (1, 2):
        ref = f"lender:{n}/a"
        at = datetime.now(UTC)
        do_record_contract(LENDER, account_ref=ref, product="paylater", formed_on=DAY, at=at)
        paid = {"account_ref": ref, "amount_minor": 100, "currency": "CNY", "effective_on": DAY}
        stage = PaymentStage.settled
        do_record_payment(LENDER, payment_ref=f"pay/{n}", stage=stage, at=at, **paid)
    own = dialer.get("/api/payments/pay/1/explanation")
    assert own.status_code == 200
    assert sum(piece["amount_minor"] for piece in own.json()["pieces"]) == 100
    unseen = dialer.get("/api/payments/pay/2/explanation")
    missing = dialer.get("/api/payments/pay/9/explanation")
    assert unseen.status_code == missing.status_code == 404
    assert missing.json()["code"] == "books.no_such_payment"
    assert unseen.content.replace(b"pay/2", b"pay/9") == missing.content


MONEY = {
    "account_ref": "lender:1/a",
    "amount_minor": 1,
    "currency": "CNY",
    "effective_on": "2026-01-31",
}
SERVICED = {"account_ref": "lender:1/a"}
SENT = {"contact_id": "0f1c2d3e-0000-4000-8000-000000000001", "at": AT, "outcome": "delivered"}


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("/api/payments", MONEY | {"payment_ref": "x", "stage": "settled"}),
        ("/api/refunds", MONEY | {"refund_ref": "x"}),
        ("/api/receipts", SENT | {"receipt_id": "x"}),
        ("/api/contracts", SERVICED | {"product": "paylater", "formed_on": "2026-01-31"}),
        (
            "/api/mandates",
            SERVICED | {"event_ref": "x", "mandate_ref": "x", "stage": "given", "at": AT},
        ),
        (
            "/api/debit-results",
            {"request_ref": "x", "outcome": "succeeded", "effective_on": "2026-01-31"},
        ),
        (
            "/api/bookings",
            SERVICED
            | {"booking_ref": "x", "kind": "purchase", "effective_on": "2026-01-31"}
            | {"amount_minor": 1, "installments": 1},
        ),
    ],
)
def test_an_agencys_program_books_nothing(dialer, address, event):
    answer = dialer.post(address, event)
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert not Payment.objects.exists()
    assert not Refund.objects.exists()
    assert not Receipt.objects.exists()
    assert not Contract.objects.exists()
    assert not Booking.objects.exists()
    assert not Mandate.objects.exists()
    assert not DebitResult.objects.exists()


COMPLAINT = {"occasion_ref": "o-1", "kind": "complaint_received", "on": "2026-01-31"}
STOP = {
    "consent_ref": "c-1",
    "kind": "cease_request",
    "state": "given",
    "at": "2026-01-31T10:00:00+08:00",
}


@pytest.mark.parametrize(
    ("address", "event", "kept"),
    [("/api/occasions", COMPLAINT, OccasionFact), ("/api/consents", STOP, Consent)],
)
def test_an_agency_tells_of_its_own_people_and_the_neighbor_is_unknown(
    dialer, address, event, kept
):
    unseen = dialer.post(address, event | {"person_ref": "lender:2"})
    missing = dialer.post(address, event | {"person_ref": "lender:9"})
    assert unseen.status_code == missing.status_code == 404
    assert unseen.content.replace(b"lender:2", b"lender:9") == missing.content
    assert not kept.objects.exists()
    assert dialer.post(address, event | {"person_ref": "lender:1"}).status_code == 200


def test_an_agency_cannot_name_the_account_of_a_neighbor(dialer):
    answer = dialer.post(
        "/api/occasions", COMPLAINT | {"person_ref": "lender:1", "account_ref": "lender:2/a"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "dispute.not_their_account")


@pytest.mark.parametrize(
    "kind", ["placement_planned", "plan_broken", "complaint_referred", "crisis_treatment_ended"]
)
def test_an_agency_does_not_tell_what_is_the_lenders_to_say(dialer, kind):
    answer = dialer.post("/api/occasions", COMPLAINT | {"person_ref": "lender:1", "kind": kind})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert not OccasionFact.objects.exists()


NAMELESS = {  # operations that name no person and no contact, so nobody can be a neighbor there
    "/api/screen",
    "/api/product",
    *(f"/api/product/{{product}}{rest}" for rest in ("", "/offer", "/cost-table")),
    "/api/product/{product}/confirmations",  # no agency is given its scope
    *(
        f"/api/law/{name}"
        for name in "fee lpr cap delay-interest limitation enforcement procedure".split()
    ),
}


def test_every_operation_is_walked():
    described = Client().get("/api/openapi.json").json()["paths"]
    assert set(described) - NAMELESS == {
        "/api/persons/{person_ref}",
        "/api/may-contact",
        "/api/payments",
        "/api/payments/{payment_ref}/explanation",
        "/api/refunds",
        "/api/receipts",
        "/api/contracts",
        "/api/bookings",
        "/api/mandates",
        "/api/debit-results",
        "/api/occasions",
        "/api/consents",
    }
    assert api.urls_namespace == "api"
