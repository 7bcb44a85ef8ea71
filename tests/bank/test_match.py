"""Every line has one answer, and money is given to somebody only where two things agree."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from forbear.bank.match import ANSWER, LINES, NAMED, PAYERS, RETURNS, TOLD, match
from forbear.bank.state import BankRule, BankState

REFS = ["P1", "P2", "A1", "A2", "A3", "U1", "none"]
AMOUNTS = st.sampled_from([-500, -100, 100, 200, 500])
PARTY = st.sampled_from(["", "x", "y"])
MANY = st.lists(st.sampled_from(REFS), max_size=3, unique=True)
ROWS = st.lists(
    st.tuples(AMOUNTS, st.sampled_from(["CNY", "USD"]), PARTY, MANY, MANY), min_size=1, max_size=8
)
STAGES = st.sampled_from(["settled", "reversed"])
TOLDS = st.lists(
    st.tuples(st.sampled_from(["P1", "P2"]), STAGES, st.sampled_from([100, 500]), st.booleans()),
    max_size=4,
    unique_by=lambda each: each[:2],
)
DUES = st.lists(st.sampled_from([0, 100, 200, 500]), min_size=3, max_size=3)


def frame(rows: list[tuple[Any, ...]], schema: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def asked(rows, tolds, dues, returns=(), payers=()) -> pl.DataFrame:
    named = [(f"A{n}", "account", n, "CNY", due) for n, due in enumerate(dues, 1)]
    named += [("U1", "person", n, "CNY", due) for n, due in enumerate(dues[:2], 1)]
    return match(
        frame([(n, *row) for n, row in enumerate(rows, 1)], LINES),
        told=frame([(r, s, m, "CNY", 1, c) for r, s, m, c in tolds], TOLD),
        named=frame(named, NAMED),
        payers=frame(list(payers), PAYERS),
        returns=frame(list(returns), RETURNS),
    )


@given(ROWS, TOLDS, DUES)
def test_every_line_is_in_exactly_one_state_and_the_states_add_up_to_the_file(rows, tolds, dues):
    answers = asked(rows, tolds, dues, payers=[("x", 1)])
    assert dict(answers.schema) == ANSWER
    assert answers["line"].to_list() == list(range(1, len(rows) + 1))
    assert set(answers["state"]) <= {state.value for state in BankState}
    assert set(answers["rule"]) <= {rule.value for rule in BankRule}
    by_state = answers.with_columns(minor=pl.Series([row[0] for row in rows]))
    sums = by_state.group_by("state").agg(pl.col("minor").sum())
    assert sums["minor"].sum() == sum(row[0] for row in rows)


@given(ROWS, TOLDS, DUES)
def test_nobody_gets_money_without_a_reference_and_an_amount_or_check_digits(rows, tolds, dues):
    told = {(ref, stage): (minor, confirmed) for ref, stage, minor, confirmed in tolds}
    for answer in asked(rows, tolds, dues).iter_rows(named=True):
        amount, currency, _, words, checked = rows[answer["line"] - 1]
        if answer["state"] == "matched":
            ref = answer["payment_ref"].removesuffix(":reversed")
            stage = "settled" if amount > 0 else "reversed"
            assert ref in words
            assert told[ref, stage] == (abs(amount), False)
            assert currency == "CNY"
        if answer["state"] == "booked":
            assert amount > 0
            assert currency == "CNY"
            account = answer["account"]
            named = {f"A{account}"} | ({"U1"} if account < 3 else set())
            sure = f"A{account}" in checked
            assert sure or (named & {*words} and amount == dues[account - 1])


@given(ROWS, TOLDS, DUES)
def test_a_payment_is_confirmed_once_and_what_is_due_is_settled_once(rows, tolds, dues):
    answers = asked(rows, tolds, dues)
    confirmed = answers.filter(pl.col("payment_ref") != "")["payment_ref"]
    assert confirmed.n_unique() == len(confirmed)
    by_due = answers.filter(pl.col("rule").is_in(["account_due", "person_due"]))
    assert by_due["account"].n_unique() == len(by_due)


@given(ROWS, TOLDS, DUES)
def test_the_same_is_answered_again_and_again(rows, tolds, dues):
    assert asked(rows, tolds, dues).equals(asked(rows, tolds, dues))


def only(rows, **known) -> tuple[str, str, int | None]:
    (answer,) = asked([rows], **({"tolds": [], "dues": [100, 200, 300]} | known)).rows()
    return answer[1:4]


def test_an_account_that_is_named_is_surer_than_its_person():
    assert only((200, "CNY", "", ["A1", "U1"], [])) == ("suspense", "not_due", 1)
    assert only((200, "CNY", "", ["U1"], [])) == ("booked", "person_due", 2)


def test_two_accounts_that_are_named_are_nobodys():
    assert only((100, "CNY", "", ["A1", "A2"], [])) == ("suspense", "ambiguous", None)
    assert only((100, "CNY", "", ["A2"], ["A1"])) == ("booked", "check_digits", 1)


def test_a_sender_who_has_paid_before_is_only_a_proposal():
    assert only((100, "CNY", "x", [], []), payers=[("x", 3)]) == ("suspense", "known_payer", 3)
    both = [("x", 3), ("x", 1)]
    assert only((100, "CNY", "x", [], []), payers=both) == ("suspense", "ambiguous", None)


def test_what_went_out_is_the_way_back_of_what_was_returned_one_for_one():
    rows = [(-500, "CNY", "x", [], []), (-500, "CNY", "x", [], []), (-500, "CNY", "y", [], [])]
    answers = asked(rows, [], [0, 0, 0], returns=[(77, "x", 500)])
    assert answers["rule"].to_list() == ["paid_back", "outgoing", "outgoing"]
    assert answers["payment_ref"].to_list() == ["return:77", "", ""]
