"""An agency's program tries every operation of the API on somebody who is not placed there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from forbear.actions.agency import do_name_agency, do_place
from forbear.actions.api_key import do_make_key
from forbear.actions.reader import machine
from forbear.api.app import api
from forbear.store.models import ContactPoint, Payment, Receipt, Refund
from tests.api.conftest import Door

LENDER = machine("cli:t")
AT = "2026-11-20T10:00:00+08:00"


@pytest.fixture
def dialer(wang, neighbor) -> Door:
    """The door of a program of North, with which wang is placed and the neighbor is not."""
    del wang, neighbor
    do_name_agency(LENDER, name="North")
    do_place(LENDER, agency="North", refs=["lender:1/a"], at=datetime.now(UTC))
    made = do_make_key(LENDER, name="dialer", scopes=["see_person"], agency="North")
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


@pytest.mark.parametrize("address", ["/api/payments", "/api/refunds", "/api/receipts"])
def test_an_agencys_program_books_nothing(dialer, address):
    answer = dialer.post(address, {"payment_ref": "x", "account_ref": "lender:1/a"})
    assert answer.status_code in (401, 403)  # it has no secret to sign with, and no scope
    assert not Payment.objects.exists()
    assert not Refund.objects.exists()
    assert not Receipt.objects.exists()


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
        "/api/refunds",
        "/api/receipts",
    }
    assert api.urls_namespace == "api"
