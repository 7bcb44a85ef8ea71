"""Mandates and the bank's answers through the API: signed, once, and refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from forbear.actions.debit import do_ask_debits
from forbear.actions.reader import machine
from forbear.store.environment import office_zone
from forbear.store.models import DebitResult, Mandate, Payment
from tests.api.conftest import Door

GIVEN = {
    "event_ref": "e-1",
    "mandate_ref": "ma-1",
    "account_ref": "lender:1/a",
    "stage": "given",
    "at": "2026-01-31T10:00:00+08:00",
    "payday": 25,
}


@pytest.fixture
def lender(door, wang) -> Door:
    """The door of the lender's own system."""
    del wang
    return door("write_mandate", "write_payment", name="lender")


def ask(folder: Any) -> str:
    """Ask the bank today; return the reference of the one request."""
    now = datetime.now(UTC)
    on = now.astimezone(office_zone()).date()
    do_ask_debits(machine("cli:t"), on=on, path=folder / "bank.csv", at=now)
    return (folder / "bank.csv").read_text().splitlines()[1].split(",")[0]


def result(ref: str, outcome: str = "succeeded", **more: str) -> dict[str, Any]:
    today = datetime.now(UTC).astimezone(office_zone()).date()
    return {"request_ref": ref, "outcome": outcome, "effective_on": today.isoformat()} | more


def test_a_mandate_is_recorded_once_and_answers_the_same(lender):
    first, second = (lender.post("/api/mandates", GIVEN) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.json()["payday"] == 25
    assert Mandate.objects.count() == 1
    other = lender.post("/api/mandates", GIVEN | {"stage": "revoked", "payday": None})
    assert (other.status_code, other.json()["code"]) == (409, "debit.mandate_conflict")


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (GIVEN | {"account_ref": "lender:9/a"}, 404, "payment.no_such_account"),
        (GIVEN | {"mandate_ref": "=cmd"}, 422, "debit.mandate_unclear"),
        (GIVEN | {"stage": "revoked"}, 422, "debit.mandate_unclear"),
        (GIVEN | {"at": "2199-01-01T10:00:00+08:00"}, 422, "debit.mandate_not_yet"),
        (GIVEN | {"payday": 32}, 422, "request.not_valid"),
        (GIVEN | {"stage": "maybe"}, 422, "request.not_valid"),
    ],
)
def test_what_is_no_mandate_is_refused(lender, event, status, code):
    answer = lender.post("/api/mandates", event)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Mandate.objects.exists()


def test_a_result_is_recorded_once_and_what_succeeded_is_a_payment(lender, tmp_path):
    lender.post("/api/mandates", GIVEN)
    ref = ask(tmp_path)
    first, second = (lender.post("/api/debit-results", result(ref)) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.json()["amount_minor"] == 10_000
    assert Payment.objects.get().payment_ref == ref
    other = lender.post("/api/debit-results", result(ref, "declined", decline="fraud"))
    assert (other.status_code, other.json()["code"]) == (409, "debit.result_conflict")
    assert DebitResult.objects.count() == 1


def test_a_result_that_says_too_little_or_is_of_no_request_is_refused(lender, tmp_path):
    lender.post("/api/mandates", GIVEN)
    ref = ask(tmp_path)
    for event, status, code in (
        (result("debit1"), 404, "debit.no_such_request"),
        (result(ref, "declined"), 422, "debit.result_unclear"),
        (result(ref, decline="fraud"), 422, "debit.result_unclear"),
        (result(ref) | {"effective_on": "2026-01-31"}, 422, "debit.result_day"),
        (result(ref, "declined", decline="poor"), 422, "request.not_valid"),
    ):
        answer = lender.post("/api/debit-results", event)
        assert (answer.status_code, answer.json()["code"]) == (status, code), event
    assert not DebitResult.objects.exists()


def test_each_event_needs_its_own_scope(door, wang):
    del wang
    gateway = door("write_receipt", name="gateway")
    for path, event in (("/api/mandates", GIVEN), ("/api/debit-results", result("x"))):
        answer = gateway.post(path, event)
        assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
