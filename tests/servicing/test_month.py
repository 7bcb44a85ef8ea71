"""Days of a schedule: the ends of months, leap days, the 31st, and days of rest."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servicing.products import bought, days, loan, schedule, terms

from forbear.kernel import days as kernel_days
from forbear.kernel.workdays import CalendarUnknown
from forbear.servicing.month import day_in, months_after, payable
from forbear.servicing.terms import MonthEnd, RestDay, Unannounced

ANY_DAY = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def after(anchor: str, *months: int, month_end: MonthEnd = MonthEnd.last_day) -> list[str]:
    column = np.full(len(months), np.datetime64(anchor, "D"))
    return days(months_after(column, np.array(months), month_end=month_end))


def test_a_month_after_the_31st_is_the_months_last_day_and_the_next_is_the_31st_again():
    assert after("2026-01-31", 1, 2, 3) == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_a_month_after_the_31st_of_a_leap_year_is_29_february():
    assert after("2028-01-31", 1) == ["2028-02-29"]


def test_a_year_after_a_leap_day_is_28_february_and_four_years_after_the_leap_day():
    assert after("2028-02-29", 12, 48) == ["2029-02-28", "2032-02-29"]


def test_a_product_may_move_a_day_that_a_month_lacks_to_the_next_month():
    moved = after("2026-01-31", 1, 2, 3, month_end=MonthEnd.next_month)
    assert moved == ["2026-03-01", "2026-03-31", "2026-05-01"]


def test_1900_and_2100_are_no_leap_years_and_2000_is():
    months = np.array(["1900-02", "2000-02", "2100-02"], dtype="datetime64[M]")
    last = day_in(months, np.array([31, 31, 31]), month_end=MonthEnd.last_day)
    assert days(last) == ["1900-02-28", "2000-02-29", "2100-02-28"]


@given(ANY_DAY, st.integers(-60, 60))
def test_columns_agree_with_the_kernels_single_days(anchor, months):
    assert after(anchor.isoformat(), months) == [
        kernel_days.months_after(anchor, months).isoformat()
    ]


@given(ANY_DAY, st.integers(0, 60), st.sampled_from(list(MonthEnd)))
def test_later_months_are_later_days(anchor, months, month_end):
    one, other = after(anchor.isoformat(), months, months + 1, month_end=month_end)
    assert one < other


def test_a_loan_of_31_january_falls_due_on_the_last_of_each_month():
    found = schedule(loan("equal_principal", installments=3), 30000, "2026-01-31", 3)
    assert days(found.due_on) == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_a_purchase_on_the_statement_day_stands_in_that_statement_and_one_later_in_the_next():
    """The card's statement is of the 5th and due on the 25th."""
    on_it = schedule(terms(rest_day="stands"), 1000, "2026-03-05", 1)
    after_it = schedule(terms(rest_day="stands"), 1000, "2026-03-06", 1)
    assert (days(on_it.bill_on), days(on_it.due_on)) == (["2026-03-05"], ["2026-03-25"])
    assert (days(after_it.bill_on), days(after_it.due_on)) == (["2026-04-05"], ["2026-04-25"])


def test_a_due_day_before_the_statement_day_lies_in_the_month_after():
    found = schedule(terms(statement_day=20, due_day=8, rest_day="stands"), 1000, "2026-12-21", 1)
    assert (days(found.bill_on), days(found.due_on)) == (["2027-01-20"], ["2027-02-08"])


def test_a_due_day_of_the_31st_is_the_last_of_shorter_months():
    found = schedule(terms(due_day=31, rest_day="stands"), 3000, "2028-01-06", 3)
    assert days(found.due_on) == ["2028-02-29", "2028-03-31", "2028-04-30"]


def test_an_account_may_have_days_of_its_own():
    from dataclasses import replace

    from forbear.servicing.schedule import dues

    rows = bought((1000, "2026-03-01", 1), (1000, "2026-03-01", 1))
    own = replace(rows, statement_day=np.array([5, 10]), due_day=np.array([25, 30]))
    assert days(dues(own, terms(rest_day="stands")).due_on) == ["2026-03-25", "2026-03-30"]


def payable_on(day: str, *, unannounced: Unannounced = Unannounced.refused) -> str:
    column = np.array([day], dtype="datetime64[D]")
    return days(payable(column, rest=RestDay.next_working, unannounced=unannounced))[0]


def test_a_due_day_in_the_national_holiday_moves_to_the_first_working_day():
    """2026-10-01 to 10-07 were days of rest; Thursday 10-08 was worked."""
    assert payable_on("2026-10-03") == "2026-10-08"


def test_a_make_up_workday_on_a_weekend_is_a_working_day():
    """Saturday 2026-10-10 was worked in exchange for the holiday."""
    assert payable_on("2026-10-10") == "2026-10-10"


def test_a_due_day_that_stands_is_not_looked_up():
    column = np.array(["2050-10-01"], dtype="datetime64[D]")
    assert (payable(column, rest=RestDay.stands, unannounced=Unannounced.refused) == column).all()


def test_a_year_that_nobody_announced_is_refused_by_name():
    with pytest.raises(CalendarUnknown, match="2050"):
        payable_on("2050-10-01")


def test_a_year_that_nobody_announced_keeps_its_day_where_the_product_says_so():
    assert payable_on("2050-10-01", unannounced=Unannounced.stands) == "2050-10-01"


def test_a_holiday_moves_the_day_to_pay_and_not_the_interest():
    moved = schedule(terms(), 100000, "2026-09-06", 3)
    stood = schedule(terms(rest_day="stands"), 100000, "2026-09-06", 3)
    assert days(stood.due_on)[0] == "2026-10-25"
    assert days(moved.due_on)[0] == "2026-10-26"  # a Monday
    assert (moved.interest_minor == stood.interest_minor).all()
