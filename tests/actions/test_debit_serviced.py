"""Debits of accounts that are serviced here: the books say what is owed, and take what came."""

from __future__ import annotations

from datetime import date

import pytest
from tests.actions.books import booked, close, serviced
from tests.actions.test_debit import asked, leave, told

from forbear.store.models import DebitRequest, Owed, Transfer

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_a_debit_of_a_serviced_account_is_allocated_with_its_payment(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-02-20")
    leave(ref, "m9", on=date(2026, 2, 20))
    asked(tmp_path / "bank.csv", date(2026, 2, 21))
    row, owed = DebitRequest.objects.get(), Owed.objects.get()
    assert row.amount_minor == owed.due_minor >= 9_000
    assert row.due_on == owed.oldest_due_on == date(2026, 2, 11)
    told(row.request_ref, on=date(2026, 2, 21))
    owed.refresh_from_db()
    assert owed.due_minor == 0
    met = Transfer.objects.filter(cause=f"payment:{row.request_ref}:settled", kind="allocation")
    assert sum(each.amount_minor for each in met) == row.amount_minor


def test_what_is_due_on_the_very_day_is_asked_for_and_counts_as_a_try_for_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-02-11")
    leave(ref, "m9", on=date(2026, 2, 11))
    for on in (date(2026, 2, 11), date(2026, 2, 14)):
        asked(tmp_path / f"{on}.csv", on)
        told(DebitRequest.objects.get(asked_on=on).request_ref, "declined",
             "insufficient_funds", on=on)  # fmt: skip
        close(on + (date(2026, 2, 13) - date(2026, 2, 11)))
    days = DebitRequest.objects.order_by("id").values_list("due_on", "number")
    assert [*days] == [(date(2026, 2, 11), 1), (date(2026, 2, 11), 2)]
