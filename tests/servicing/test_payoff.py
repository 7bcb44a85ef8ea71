"""Paying early: what settles an account on a day, a part paid ahead, a due day that moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.products import bought, days, loan, terms

from forbear.servicing.payoff import (
    DayNotMovable,
    MoreThanOwed,
    Open,
    accrued,
    after_moving,
    after_prepaying,
    quote,
)
from forbear.servicing.schedule import dues


def opened(product, *rows):
    """What is open of purchases of which nothing is paid yet, an account each."""
    bought_rows = bought(*rows)
    found = dues(bought_rows, product)
    first = found.number == 1
    starts = np.concatenate([found.due_on[:1], found.due_on[:-1]])
    starts[first] = bought_rows.bought_on[found.purchase[first]]
    return Open(
        account=found.purchase,
        start_on=starts,
        bill_on=found.bill_on,
        due_on=found.due_on,
        principal_minor=found.principal_minor,
        interest_minor=found.interest_minor,
        interest_paid_minor=np.zeros_like(found.interest_minor),
        fee_minor=found.fee_minor,
    )


def settled(product, found, on, accounts=1):
    told = quote(found, product, accounts=accounts, on=np.datetime64(on))
    return {
        name.removesuffix("_minor"): getattr(told, name).tolist()
        for name in (
            "principal_minor",
            "interest_minor",
            "fee_minor",
            "prepayment_fee_minor",
            "saved_minor",
            "total_minor",
        )
    }


LEVEL = {"installments": 3, "rate_ppm": 120000}


def test_a_loan_settled_early_bears_interest_for_the_days_used_by_hand():
    """
    3,000.00 in three principals of 1,000.00 at 1 % a month from 2026-01-15: interest 30, 20, 10.
    Settled on 2026-03-01: the first due (02-15) is past; 14 of the 28 days of the second: 10.00.
    Saved: 10.00 of the second and 10.00 of the third.
    """
    product = loan("equal_principal", **LEVEL)
    told = settled(product, opened(product, (300000, "2026-01-15", 3)), "2026-03-01")
    assert told == {
        "principal": [300000],
        "interest": [4000],
        "fee": [0],
        "prepayment_fee": [0],
        "saved": [2000],
        "total": [304000],
    }


def test_interest_that_was_paid_is_not_asked_for_again():
    product = loan("equal_principal", **LEVEL)
    found = opened(product, (300000, "2026-01-15", 3))
    paid = replace(found, interest_paid_minor=np.array([3000, 400, 0]))
    assert settled(product, paid, "2026-03-01")["interest"] == [600]


def test_a_loan_settled_on_its_first_day_bears_no_interest():
    product = loan("equal_principal", **LEVEL)
    told = settled(product, opened(product, (300000, "2026-01-15", 3)), "2026-01-15")
    assert (told["interest"], told["total"]) == ([0], [300000])


def test_fees_not_billed_yet_are_waived_or_kept_as_the_product_says():
    """The pay-later product bills 0.60 with each of three; the first is billed on 2026-02-01."""
    for word, fee in (("waived", 60), ("kept", 180)):
        product = terms("paylater", unbilled_fee=word)
        found = opened(product, (10000, "2026-01-15", 3))
        assert settled(product, found, "2026-02-05")["fee"] == [fee]


def test_a_fee_for_paying_early_is_of_the_principal_not_due_yet():
    product = loan("equal_principal", **LEVEL, prepayment_fee_ppm=10000)
    told = settled(product, opened(product, (300000, "2026-01-15", 3)), "2026-03-01")
    assert told["prepayment_fee"] == [2000]


def test_accounts_are_quoted_together_as_one_by_one():
    product = loan("equal_principal", **LEVEL)
    rows = [(300000, "2026-01-15", 3), (77777, "2026-02-01", 3)]
    together = settled(product, opened(product, *rows), "2026-03-03", 2)
    alone = [settled(product, opened(product, row), "2026-03-03") for row in rows]
    assert together["total"] == [each["total"][0] for each in alone]


def prepaid(product, found, paid, on="2026-02-01"):
    return after_prepaying(found, np.array([paid]), product, on=np.datetime64(on))


def test_a_part_paid_ahead_takes_the_last_installments_by_hand():
    """
    3,000.00 as above; 1,500.00 ahead on 2026-02-15, the day the first falls due: the third and half
    of the second go. The second's interest is 1 % of the 500.00 that are left.
    """
    product = loan("equal_principal", **LEVEL, prepaid="shortens")
    found = opened(product, (300000, "2026-01-15", 3))
    left = prepaid(product, found, 150000, on="2026-02-15")
    assert left.principal_minor.tolist() == [100000, 50000, 0]
    assert left.interest_minor.tolist() == [3000, 500, 0]


def test_a_part_paid_ahead_lowers_each_that_is_left_by_hand():
    """As above, each of the two left lowered by 750.00: interest 1 % of 500.00 and of 250.00."""
    product = loan("equal_principal", **LEVEL, prepaid="lowers")
    found = opened(product, (300000, "2026-01-15", 3))
    left = prepaid(product, found, 150000, on="2026-02-15")
    assert left.principal_minor.tolist() == [100000, 25000, 25000]
    assert left.interest_minor.tolist() == [3000, 500, 250]


def test_interest_of_the_days_before_a_part_was_paid_ahead_stays():
    """
    3,000.00 once more, 1,500.00 ahead on 2026-01-31: 16 of the first 31 days bear 1 % of 3,000.00
    and 15 of 1,500.00: 30 x (16 x 3000 + 15 x 1500) / (31 x 3000) = 22.74.
    """
    product = loan("equal_principal", **LEVEL, prepaid="shortens")
    found = opened(product, (300000, "2026-01-15", 3))
    left = prepaid(product, found, 150000, on="2026-01-31")
    assert left.interest_minor.tolist()[0] == 2274


def test_more_than_is_owed_cannot_be_paid_ahead():
    product = loan("equal_principal", **LEVEL)
    found = opened(product, (300000, "2026-01-15", 3))
    with pytest.raises(MoreThanOwed, match="300001 minor units are not between 0 and the 300000"):
        prepaid(product, found, 300001)


def test_a_due_day_moves_later_and_never_sooner():
    """Due on the 11th; from the 20th of January the dues of February on move to the 25th or 5th."""
    product = terms("paylater")
    found = opened(product, (10000, "2026-01-15", 3))
    assert days(found.due_on) == ["2026-02-11", "2026-03-11", "2026-04-11"]
    on = np.datetime64("2026-01-20")
    later = after_moving(found, product, due_day=25, on=on)
    assert days(later.due_on) == ["2026-02-25", "2026-03-25", "2026-04-25"]
    over = after_moving(found, product, due_day=5, on=on)
    assert days(over.due_on) == ["2026-03-05", "2026-04-05", "2026-05-05"]


def test_a_due_day_that_is_billed_stays():
    product = terms("paylater")
    found = opened(product, (10000, "2026-01-15", 3))
    moved = after_moving(found, product, due_day=25, on=np.datetime64("2026-02-01"))
    assert days(moved.due_on) == ["2026-02-11", "2026-03-25", "2026-04-25"]


def test_a_due_day_moved_to_the_31st_is_the_last_of_shorter_months():
    product = terms("paylater")
    found = opened(product, (10000, "2026-01-15", 3))
    moved = after_moving(found, product, due_day=31, on=np.datetime64("2026-01-20"))
    assert days(moved.due_on) == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_interest_by_the_day_follows_a_moved_due_day():
    """A bullet of 365.00 at 10 % of 365 days: 0.10 a day, 14 days more in the first period."""
    plans = [{"installments": 2, "method": "bullet", "rate_ppm": 100000, "fee_ppm": 0}]
    product = terms(
        "card",
        plans=plans,
        interest_from="purchase",
        rest_day="stands",
        statement_day=1,
        due_day=11,
    )
    found = opened(product, (36500, "2026-01-15", 2))
    moved = after_moving(found, product, due_day=25, on=np.datetime64("2026-01-20"))
    assert found.interest_minor.tolist() == [270, 280]
    assert moved.interest_minor.tolist() == [410, 280]


def test_a_loan_counted_from_its_own_day_has_no_due_day_to_move():
    product = loan("equal_principal", **LEVEL)
    found = opened(product, (300000, "2026-01-15", 3))
    with pytest.raises(DayNotMovable):
        after_moving(found, product, due_day=5, on=np.datetime64("2026-01-20"))


LOANS = st.lists(
    st.tuples(st.integers(100, 10**8), st.sampled_from(["2026-01-15", "2026-01-31"]), st.just(6)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(
    LOANS,
    st.sampled_from(["shortens", "lowers"]),
    st.integers(0, 200),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
)
def test_paying_ahead_loses_no_fen_and_never_costs_more(rows, word, ahead, shares):
    product = loan("equal_principal", installments=6, rate_ppm=180000, prepaid=word)
    found = opened(product, *rows)
    on = np.datetime64("2026-01-31") + ahead
    there = np.zeros(len(rows), dtype=np.int64)
    np.add.at(there, found.account, np.where(found.due_on > on, found.principal_minor, 0))
    paid = (there * np.array(shares[: len(rows)])).astype(np.int64)
    left = after_prepaying(found, paid, product, on=on)
    for row in range(len(rows)):
        mine = found.account == row
        gone = found.principal_minor[mine].sum() - left.principal_minor[mine].sum()
        assert gone == paid[row]
    assert (left.principal_minor >= 0).all()
    assert (left.interest_minor >= 0).all()
    assert (left.interest_minor <= found.interest_minor).all()


@settings(max_examples=60, deadline=None)
@given(LOANS, st.integers(0, 250))
def test_waiting_a_day_never_settles_for_less(rows, day):
    product = loan("equal_principal", installments=6, rate_ppm=180000)
    found = opened(product, *rows)
    on = np.datetime64("2026-01-31") + day
    today = accrued(found, product, on=on)
    tomorrow = accrued(found, product, on=on + 1)
    assert (today <= tomorrow).all()
    assert (today >= 0).all()
    assert (tomorrow <= found.interest_minor).all()
