"""What credit costs a year: by an independent solver, by hand, and what holds of every rate."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.products import bought, loan, terms

from forbear.servicing.cost import Flows, cost, irr, simple
from forbear.servicing.schedule import dues
from forbear.servicing.terms import CostFormula

START = date(2024, 1, 1)
SCHEDULES = 10_000


def flows(*rows):
    """Payments, each of a loan, a day and an amount."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Flows(loan=columns[0], day=columns[1], paid_minor=columns[2])


def one(lent, *payments):
    return float(irr(np.array([lent]), flows(*((0, day, paid) for day, paid in payments)))[0])


def test_ten_thousand_random_schedules_agree_with_an_independent_solver_to_a_billionth():
    """Loans of 1 to 60 payments over up to five years, repaying from nine tenths to the double."""
    chance = np.random.default_rng(20260801)
    lent = chance.integers(1_000, 10**9, SCHEDULES)
    counts = chance.integers(1, 61, SCHEDULES)
    loans = np.repeat(np.arange(SCHEDULES), counts)
    days = chance.integers(1, 1826, loans.size)
    shares = chance.random(loans.size)
    total = lent * chance.uniform(0.9, 2.0, SCHEDULES)
    weight = np.bincount(loans, weights=shares)
    paid = np.maximum(shares * (total / weight)[loans], 1).astype(np.int64)
    ours = irr(lent, Flows(loan=loans, day=days, paid_minor=paid))
    worst = 0.0
    for row, (first, last) in enumerate(
        zip(counts.cumsum() - counts, counts.cumsum(), strict=True)
    ):
        dates = [START, *(START + timedelta(days=int(day)) for day in days[first:last])]
        theirs = pyxirr.xirr(dates, [-float(lent[row]), *paid[first:last].astype(float)])
        if theirs is None or not _solves(theirs, lent[row], days[first:last], paid[first:last]):
            theirs = _bisected(lent[row], days[first:last], paid[first:last])
        worst = max(worst, abs(theirs - ours[row]) / max(1.0, abs(theirs)))
    assert worst < 1e-9


def _worth(rate, lent, days, paid):
    return float((paid * (1.0 + rate) ** (-days / 365.0)).sum() - lent)


def _solves(rate, lent, days, paid):
    """Whether the other solver's answer is one: it gives up on some of the steepest."""
    return abs(_worth(rate, lent, days, paid)) < 1e-6 * lent


def _bisected(lent, days, paid):
    low, high = -0.9999999, 1e12
    for _ in range(400):
        middle = (low + high) / 2
        low, high = (middle, high) if _worth(middle, lent, days, paid) > 0 else (low, middle)
    return low


def test_a_loan_repaid_after_a_year_costs_what_is_paid_above_it():
    assert one(100_000, (365, 124_000)) == pytest.approx(0.24, abs=1e-12)


def test_what_is_repaid_at_par_costs_nothing():
    assert one(100_000, (30, 50_000), (60, 50_000)) == pytest.approx(0.0, abs=1e-12)


def test_what_is_repaid_short_has_a_rate_below_nothing():
    assert one(100_000, (365, 90_000)) == pytest.approx(-0.1, abs=1e-12)


def test_a_cost_taken_at_the_start_is_money_never_lent():
    """1,000.00 less 50.00 at once, repaid by 1,000.00 after a year: 1000 / 950 - 1."""
    assert one(100_000, (0, 5_000), (365, 100_000)) == pytest.approx(100 / 95 - 1, abs=1e-12)


@pytest.mark.parametrize("payments", [[], [(0, 100_000), (30, 100_000)], [(0, 5)]])
def test_what_has_no_rate_says_so(payments):
    assert np.isnan(one(100_000, *payments))


def test_a_steep_rate_is_found_too():
    """Double in a week: 2 ^ (365 / 7) - 1."""
    assert one(100, (7, 200)) == pytest.approx(2 ** (365 / 7) - 1, rel=1e-9)


@settings(max_examples=60)
@given(
    st.integers(1000, 10**9),
    st.lists(st.tuples(st.integers(1, 1500), st.integers(1, 10**8)), min_size=1, max_size=24),
)
def test_paying_more_or_sooner_never_lowers_the_rate(lent, payments):
    usual = one(lent, *payments)
    least = usual - 1e-9 * max(1.0, abs(usual))
    assert one(lent, *payments, (700, 1000)) >= least
    sooner = [(max(day - 100, 1), paid) for day, paid in payments]
    if usual > 0:
        assert one(lent, *sooner) >= least


def test_a_rate_beyond_any_number_is_told_as_the_largest():
    """From 0.10 to a hundred million the next day."""
    assert one(10, (1, 10**10)) > 1e300


def test_the_rate_of_a_level_loan_is_its_own_rate():
    """12 % in 12 level months: twelve times the month's rate is near 12 %, compounded 12.68 %."""
    rows = bought((10_000_000, "2026-01-15", 12))
    found = loan("equal_installment", installments=12, rate_ppm=120000, most_minor=10**8)
    apr = cost(rows, dues(rows, found), found).apr_ppm
    assert int(apr[CostFormula.irr_12][0]) == pytest.approx(120000, abs=600)
    assert int(apr[CostFormula.irr_365][0]) == pytest.approx(126800, abs=700)
    assert int(apr[CostFormula.simple_365][0]) == pytest.approx(120000, abs=800)


def test_the_simple_rate_is_cost_over_what_is_outstanding_by_hand():
    """
    200.00, half repaid after 73 days and half after 146; cost 6.00. Outstanding:
    100 x 73/365 + 100 x 146/365 = 20 + 40 = 60 for a year; 6 / 60 = 10 %.
    """
    principal = flows((0, 73, 10_000), (0, 146, 10_000))
    assert float(simple(np.array([600]), principal, 1)[0]) == pytest.approx(0.10, abs=1e-12)


def test_a_partners_fee_counts_into_the_cost_by_hand():
    """
    5,000.00 for 30 days at 14.4 % of 360 days: 60.00, and 0.3 % to the guarantor: 15.00.
    Simple: 75 / (5000 x 30 / 365) = 18.25 %. Compound: (5075 / 5000) ^ (365 / 30) - 1 = 19.859 %.
    Without the partner: 60 / (5000 x 30 / 365) = 14.6 %.
    """
    rows, product = bought((500_000, "2026-05-06", 1)), terms("micro_loan")
    told = cost(rows, dues(rows, product), product)
    assert told.charge_minor.tolist() == [[1500, 0]]
    assert told.apr_ppm[CostFormula.simple_365].tolist() == [182500]
    assert told.apr_ppm[CostFormula.irr_365].tolist() == [
        round(((5075 / 5000) ** (365 / 30) - 1) * 10**6)
    ]
    alone = terms("micro_loan", charges=[])
    assert cost(rows, dues(rows, alone), alone).apr_ppm[CostFormula.simple_365].tolist() == [146000]


def test_what_is_charged_on_default_alone_is_no_cost_of_performing():
    product = terms("micro_loan")
    default = [
        {
            "name_zh": "律师费",
            "name_en": "Lawyer",
            "payee_zh": "律师",
            "payee_en": "Lawyer",
            "when": "on_default",
            "share_ppm": 0,
            "flat_minor": 99_999,
        }
    ]
    changed = terms("micro_loan", charges=default)
    rows = bought((500_000, "2026-05-06", 1))
    with_it = cost(rows, dues(rows, changed), changed)
    without = cost(rows, dues(rows, product), terms("micro_loan", charges=[]))
    assert (with_it.apr_ppm[CostFormula.irr_365] == without.apr_ppm[CostFormula.irr_365]).all()


def test_the_cost_of_many_is_that_of_each():
    product = terms("paylater")
    rows = [(120_000, "2026-01-31", 3), (5_000, "2026-02-02", 24), (99_999, "2026-03-01", 1)]
    together = cost(bought(*rows), dues(bought(*rows), product), product)
    for place, row in enumerate(rows):
        alone = cost(bought(row), dues(bought(row), product), product)
        for formula in CostFormula:
            assert together.apr_ppm[formula][place] == alone.apr_ppm[formula][0]
