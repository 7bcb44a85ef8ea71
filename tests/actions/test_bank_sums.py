"""Whatever is decided in whichever order, every line is somewhere and its money with it."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from django.db import connection
from django.db.models import Sum
from tests.actions.bank import NOW, US, line, match_again, ref_of, row, statement, take
from tests.actions.books import booked, close, serviced, view
from tests.people import someone

from forbear.actions.bank_line import (
    do_book_line,
    do_disown_line,
    do_return_line,
    do_undo_line,
)
from forbear.kernel.errors import ForbearError
from forbear.store.books import fetch_balances
from forbear.store.models import BankLine, BankStanding, Payment


def balances() -> dict[str, int]:
    connection.ensure_connection()
    return fetch_balances(connection.connection).get("CNY", {})


def total(found) -> int:
    return found.aggregate(minor=Sum("amount_minor"))["minor"] or 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_states_of_a_file_add_up_to_it_after_every_decision(tmp_path, seed):
    draw = Random(seed)
    people = [someone(due_minor=24_000) for _ in range(3)]
    rows = []
    for n in range(9):
        whose = draw.choice([*map(ref_of, people), "还款", "还款"])
        amount = draw.choice(["240.00", "10.00", "77.77"])
        sides = {"went": amount} if draw.random() < 0.2 else {"came": amount}
        rows.append(row(f"b{n}", text=whose, party=str(draw.randrange(3)), **sides))
    take(statement(tmp_path, *rows))
    lines = list(BankLine.objects.values_list("pk", flat=True))
    acts = (
        lambda pk: do_book_line(US, line=pk, account_ref=ref_of(draw.choice(people)), at=NOW),
        lambda pk: do_return_line(US, line=pk, reason="r", at=NOW),
        lambda pk: do_disown_line(US, line=pk, reason="r", at=NOW),
        lambda pk: do_undo_line(US, line=pk, at=NOW),
        lambda _: match_again(),
    )
    whole, done = total(BankLine.objects), 0
    for _ in range(25):
        try:
            draw.choice(acts)(draw.choice(lines))
            done += 1
        except ForbearError:
            pass  # decided already, or money that went out
        by_state = {
            state: total(BankLine.objects.filter(standing__state=state))
            for state in BankStanding.objects.values_list("state", flat=True)
        }
        assert sum(by_state.values()) == whole
        assert -balances().get("suspense", 0) == by_state.get("suspense", 0)
        stage = Payment.objects.filter
        net = total(stage(stage="settled")) - total(stage(stage="reversed"))
        assert net == by_state.get("booked", 0)
    assert done > 5


@pytest.mark.usefixtures("fresh_database")
def test_money_that_is_named_later_counts_from_the_banks_day_and_the_books_balance(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))
    ref, known = (serviced(formed_on=date(2026, 11, 1)) for _ in range(2))
    for each in (ref, known):
        booked(each, "purchase", "2026-11-01", 30_000, installments=1)
    take(statement(tmp_path, row("b1", "300.00", "还款", day="20261103")))
    close("2026-11-04")
    assert balances()["suspense"] == -30_000
    assert sum(balances().values()) == 0
    do_book_line(US, line=line("b1").pk, account_ref=ref, at=NOW)
    close("2026-11-05")
    assert not balances().get("suspense")
    assert sum(balances().values()) == 0
    paid = [each for each in view(ref) if each[0] == "payment"]
    assert [str(each[3]) for each in paid] == ["2026-11-03"]
    do_undo_line(US, line=line("b1").pk, at=NOW)
    do_book_line(US, line=line("b1").pk, account_ref=known, at=NOW)
    close("2026-11-06")
    assert sum(balances().values()) == 0
    assert not balances().get("suspense")
    assert [str(each[3]) for each in view(known) if each[0] == "payment"] == ["2026-11-03"]
