"""What falls due of a purchase: vectors counted by hand, and what holds of every schedule."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.servicing.products import bought, loan, schedule, terms

from forbear.servicing.schedule import Purchases, TooLarge, dues
from forbear.servicing.terms import NotOffered
from forbear.servicing.whole import Carried, Rounding, rounded

METHODS = ("equal_installment", "equal_principal", "fee_per_installment", "bullet")
COUNTS = (1, 3, 6, 12, 24)


def listed(found):
    return (
        found.principal_minor.tolist(),
        found.interest_minor.tolist(),
        found.fee_minor.tolist(),
    )


def test_equal_installments_by_hand():
    """
    1,000.00 at 12 % in 3 months: 1 % a month. The level is 1000 x 0.01 / (1 - 1.01^-3) = 340.0221,
    so 340.03 is the least that leaves the last no larger.
    Month 1: interest 10.00, principal 330.03, left 669.97.
    Month 2: interest 6.6997 -> 6.70 (0.0003 billed too much is carried), principal 333.33,
             left 336.64.
    Month 3: interest 3.3664 - 0.0003 = 3.3661 -> 3.37, principal 336.64: 340.01.
    """
    found = schedule(
        loan("equal_installment", installments=3, rate_ppm=120000), 100000, "2026-01-15", 3
    )
    assert listed(found) == ([33003, 33333, 33664], [1000, 670, 337], [0, 0, 0])


def test_equal_installments_with_the_first_taking_the_remainder_by_hand():
    """
    As above, the first lowered as far as the last stays at most 340.03: by 0.02 to 340.01.
    Month 1: 10.00 + 330.01, left 669.99. Month 2: 6.6999 -> 6.70, principal 333.33, left 336.66.
    Month 3: 3.3666 - 0.0001 -> 3.37: 340.03.
    """
    found = schedule(
        loan("equal_installment", installments=3, rate_ppm=120000, remainder="first"),
        100000,
        "2026-01-15",
        3,
    )
    assert listed(found) == ([33001, 33333, 33666], [1000, 670, 337], [0, 0, 0])


def test_equal_principal_by_hand():
    """
    1,000.00 at 12 % in 3 months: 333.33 + 333.33 + 333.34; interest on 1000.00, 666.67, 333.34:
    10.00; 6.6667 -> 6.67 (0.0033 too much, carried); 3.3334 - 0.0033 = 3.3301 -> 3.33.
    """
    found = schedule(
        loan("equal_principal", installments=3, rate_ppm=120000), 100000, "2026-01-15", 3
    )
    assert listed(found) == ([33333, 33333, 33334], [1000, 667, 333], [0, 0, 0])


def test_a_fee_per_installment_by_hand():
    """
    100.00 in 3, 0.6 % of the purchase each: fees 100.00 x 0.006 x 3 = 1.80, 0.60 each;
    principal 33.34 + 33.33 + 33.33, the first taking the remainder.
    """
    found = schedule(terms("paylater"), 10000, "2026-01-15", 3)
    assert listed(found) == ([3334, 3333, 3333], [0, 0, 0], [60, 60, 60])


def test_a_fee_that_cannot_be_split_evenly_leaves_its_remainder_with_the_stated_installment():
    """0.6 % of 12.34 three times is 0.22212 -> 0.22: 0.07 + 0.07 + 0.08 or 0.08 + 0.07 + 0.07."""
    first = schedule(terms("paylater"), 1234, "2026-01-15", 3)
    last = schedule(terms("paylater", remainder="last"), 1234, "2026-01-15", 3)
    assert (first.fee_minor.tolist(), last.fee_minor.tolist()) == ([8, 7, 7], [7, 7, 8])


def test_a_bullet_by_hand():
    """1,000.00 at 12 % in 3 months: 10.00 each month, the principal with the third."""
    found = schedule(loan("bullet", installments=3, rate_ppm=120000), 100000, "2026-01-15", 3)
    assert listed(found) == ([0, 0, 100000], [1000, 1000, 1000], [0, 0, 0])


def test_a_single_payment_by_hand():
    """5,000.00 for 30 days at 14.4 % of a year of 360: 5000 x 0.144 x 30 / 360 = 60.00."""
    found = schedule(terms("micro_loan"), 500000, "2026-05-06", 1)
    assert listed(found) == ([500000], [6000], [0])
    assert str(found.due_on[0]) == "2026-06-05"


def test_interest_by_the_day_by_hand():
    """
    365.00 as a bullet of two months at 10 % of 365 days, from 2026-01-31: 28 days to 02-28 and 31
    to 03-31, 0.10 a day: 2.80 and 3.10.
    """
    found = schedule(
        loan("bullet", installments=2, rate_ppm=100000, interest_by="day", year_days=365),
        36500,
        "2026-01-31",
        2,
    )
    assert listed(found)[1] == [280, 310]


def test_a_leap_day_is_a_day_of_interest():
    """As above in 2028: 29 days to 02-29."""
    found = schedule(
        loan("bullet", installments=2, rate_ppm=100000, interest_by="day", year_days=365),
        36500,
        "2028-01-31",
        2,
    )
    assert listed(found)[1] == [290, 310]


def test_days_free_of_interest_are_not_counted():
    """As above, the first 20 days free: 8 days to 2026-02-28."""
    found = schedule(
        loan(
            "bullet",
            installments=2,
            rate_ppm=100000,
            interest_by="day",
            year_days=365,
            interest_from="free_days",
            interest_free_days=20,
        ),
        36500,
        "2026-01-31",
        2,
    )
    assert listed(found)[1] == [80, 310]


def test_a_purchase_paid_at_its_first_due_day_bears_no_interest():
    assert listed(schedule(terms("card"), 88888, "2026-03-06", 1)) == ([88888], [0], [0])


def test_a_number_of_installments_without_a_plan_is_refused_with_those_that_there_are():
    with pytest.raises(NotOffered, match="5 installments, but of 1, 3, 6, 12, 24"):
        schedule(terms("card"), 10000, "2026-03-06", 5)


@pytest.mark.parametrize("amount_minor", [0, -1, 10**10 + 1])
def test_an_amount_that_is_nothing_or_beyond_counting_is_refused(amount_minor):
    with pytest.raises(TooLarge):
        schedule(terms("card"), amount_minor, "2026-03-06", 1)


def test_no_purchases_have_no_dues():
    assert dues(bought(), terms("card")).purchase.size == 0


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("half_up", [0, 1, 1, 2, 2]), ("half_even", [0, 0, 1, 2, 2]), ("down", [0, 0, 0, 1, 2])],
)
def test_halves_are_rounded_as_stated(rounding, expected):
    """0, 0.5, 0.75, 1.5, 2."""
    column = np.array([0, 2, 3, 6, 8])
    assert rounded(column, 4, rounding=Rounding(rounding)).tolist() == expected


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40), st.sampled_from(list(Rounding)))
def test_what_was_billed_up_to_any_bill_is_the_exact_sum_rounded_once(sums, rounding):
    carried, billed, exact = Carried(1, 997, rounding), 0, 0
    for each in sums:
        part = int(carried.bill(np.array([each]))[0])
        billed, exact = billed + part, exact + each
        assert part >= 0
        assert abs(Fraction(exact, 997) - billed) <= (
            1 if rounding is Rounding.down else Fraction(1, 2)
        )


@st.composite
def terms_of_any_kind(draw):
    method = draw(st.sampled_from(METHODS))
    by_fee = method == "fee_per_installment"
    price = draw(st.integers(0, 20000) if by_fee else st.integers(0, 360000))
    shape = draw(st.sampled_from(["months", "days", "statement"]))
    days = draw(st.booleans()) or shape == "days"
    changes = {
        "plans": [
            {
                "installments": count,
                "method": method,
                "rate_ppm": 0 if by_fee else price,
                "fee_ppm": price if by_fee else 0,
            }
            for count in COUNTS
        ],
        "interest_from": draw(st.sampled_from(["purchase", "first_due"])),
        "interest_by": "day" if days else "month",
        "year_days": draw(st.sampled_from([360, 365])),
        "rounding": draw(st.sampled_from(["half_up", "half_even", "down"])),
        "remainder": draw(st.sampled_from(["first", "last"])),
        "month_end": draw(st.sampled_from(["last_day", "next_month"])),
        "rest_day": "stands",
    }
    if shape == "statement":
        due_day = draw(st.integers(1, 27))
        return terms("card", **changes, statement_day=draw(st.integers(1, 26)), due_day=due_day)
    length = draw(st.integers(1, 3)) if shape == "months" else draw(st.integers(1, 60))
    return terms("micro_loan", **changes, step=shape, step_length=length)


PURCHASES = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 10**6), st.integers(1, 10**10)),
        st.dates(date(2000, 1, 1), date(2080, 12, 31)).map(str),
        st.sampled_from(COUNTS),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(terms_of_any_kind(), PURCHASES)
def test_every_schedule_repays_its_purchase_to_the_fen_in_order(found_terms, rows):
    found = dues(bought(*rows), found_terms)
    for row, (amount, day, count) in enumerate(rows):
        mine = found.purchase == row
        assert found.number[mine].tolist() == list(range(1, count + 1))
        assert int(found.principal_minor[mine].sum()) == amount
        assert (found.principal_minor[mine] >= 0).all()
        assert (found.interest_minor[mine] >= 0).all()
        assert (found.fee_minor[mine] >= 0).all()
        due_on, bill_on = found.due_on[mine], found.bill_on[mine]
        assert (np.diff(due_on).astype(int) > 0).all()
        assert (np.diff(bill_on).astype(int) >= 0).all()
        assert (bill_on <= due_on).all()
        assert (bill_on >= np.datetime64(day)).all()


@settings(max_examples=30, deadline=None)
@given(terms_of_any_kind(), PURCHASES)
def test_many_purchases_at_once_are_as_one_by_one(found_terms, rows):
    together = dues(bought(*rows), found_terms)
    for row, each in enumerate(rows):
        alone = dues(bought(each), found_terms)
        mine = together.purchase == row
        for name in (
            "number",
            "bill_on",
            "due_on",
            "principal_minor",
            "interest_minor",
            "fee_minor",
        ):
            assert (getattr(together, name)[mine] == getattr(alone, name)).all(), name


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1000, 10**10),
    st.integers(0, 360000),
    st.sampled_from([3, 6, 12, 24]),
    st.sampled_from(["first", "last"]),
    st.sampled_from(["half_up", "half_even", "down"]),
)
@example(amount=3_186_576_180, rate=360_000, count=24, remainder="first", rounding="half_up")
def test_level_installments_differ_in_one_place_alone(amount, rate, count, remainder, rounding):
    found = schedule(
        loan(
            "equal_installment",
            installments=count,
            rate_ppm=rate,
            remainder=remainder,
            rounding=rounding,
        ),
        amount,
        "2026-01-15",
        count,
    )
    whole = found.principal_minor + found.interest_minor
    level = int(whole[1])
    others = whole[1:-1] if remainder == "first" else whole[:-1]
    assert (others == level).all()
    odd = int(whole[0] if remainder == "first" else whole[-1])
    assert 0 <= level - odd < 2 * count
    if remainder == "first":
        grown = (1 + Fraction(rate, 12 * 10**6)) ** (count - 1)
        assert 0 <= level - int(whole[-1]) <= 2 * grown - 1


def test_a_fen_less_of_the_first_may_be_three_fen_more_of_the_last():
    """31,865,761.80 at 36 % in 24 months, levels of 1,881,590.90.

    One fen grows at 3 % in 23 months to 1.03 ^ 23 = 1.97, and rounding may add one: the first at
    1,881,590.76 leaves 1,881,590.88 for the last, 0.02 short of the level, and at 1,881,590.75 it
    leaves 0.01 above it. No first installment leaves it shorter by less.
    """
    product = loan(
        "equal_installment",
        installments=24,
        rate_ppm=360_000,
        remainder="first",
        rounding="half_up",
    )
    found = schedule(product, 3_186_576_180, "2026-01-15", 24)
    whole = (found.principal_minor + found.interest_minor).tolist()
    assert (whole[0], set(whole[1:-1]), whole[-1]) == (188_159_076, {188_159_090}, 188_159_088)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 10**8), st.sampled_from(METHODS[1:3]), st.sampled_from([3, 6, 12, 24]))
def test_a_split_leaves_its_remainder_first_or_last(amount, method, count):
    part = amount // count
    for remainder, place in (("first", 0), ("last", count - 1)):
        changed = loan(method, installments=count, remainder=remainder)
        principal = schedule(changed, amount, "2026-01-15", count).principal_minor.tolist()
        assert principal.pop(place) == amount - part * (count - 1)
        assert set(principal) == {part}


@settings(max_examples=30, deadline=None)
@given(terms_of_any_kind(), PURCHASES, st.randoms(use_true_random=False))
def test_the_order_of_purchases_never_matters(found_terms, rows, chance):
    order = list(range(len(rows)))
    chance.shuffle(order)
    one, other = (
        dues(bought(*rows), found_terms),
        dues(bought(*(rows[i] for i in order)), found_terms),
    )
    for place, row in enumerate(order):
        mine, theirs = one.purchase == row, other.purchase == place
        assert (one.interest_minor[mine] == other.interest_minor[theirs]).all()
        assert (one.principal_minor[mine] == other.principal_minor[theirs]).all()


def test_purchases_of_every_plan_come_back_in_their_own_order():
    rows = bought((600, "2026-01-01", 6), (300, "2026-01-01", 3), (100, "2026-01-01", 1))
    assert isinstance(rows, Purchases)
    assert dues(rows, terms("card")).purchase.tolist() == [0] * 6 + [1] * 3 + [2]
