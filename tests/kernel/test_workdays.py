"""Working days of China, checked against the announcements; periods; years nobody announced."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.workdays import (
    CalendarUnknown,
    last_working,
    next_working,
    period_end,
    working,
    working_days_left,
    working_period_end,
)

KNOWN = st.dates(date(2024, 1, 1), date(2026, 8, 31))  # sixty working days on are announced
# First and last day of rest of each announced holiday, and the days of rest that are worked.
RESTS = [
    (date(2024, 2, 10), date(2024, 2, 17)),
    (date(2024, 10, 1), date(2024, 10, 7)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 10, 1), date(2025, 10, 8)),
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 10, 1), date(2026, 10, 7)),
]
MADE_UP = [
    date(2024, 2, 4),
    date(2024, 2, 18),
    date(2025, 1, 26),
    date(2025, 2, 8),
    date(2025, 10, 11),
    date(2026, 2, 14),
    date(2026, 2, 28),
]


@pytest.mark.parametrize(("first", "last"), RESTS)
def test_every_day_of_an_announced_holiday_is_a_day_of_rest(first, last):
    for ahead in range((last - first).days + 1):
        assert not working(first + timedelta(days=ahead))
    assert working(last + timedelta(days=1)) or (last + timedelta(days=1)).weekday() > 4


@pytest.mark.parametrize("day", MADE_UP)
def test_a_weekend_day_that_makes_up_for_a_holiday_is_worked(day):
    assert day.weekday() > 4
    assert working(day)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2031, 1, 1)])
def test_a_year_that_is_not_known_is_refused_by_name(day):
    with pytest.raises(CalendarUnknown, match=str(day.year)):
        working(day)


def test_the_day_on_which_a_period_starts_is_not_counted():
    assert period_end(date(2026, 3, 2), 15) == date(2026, 3, 17)
    assert period_end(date(2026, 3, 2), 0) == date(2026, 3, 2)


def test_a_period_that_ends_in_the_spring_festival_ends_on_the_first_working_day_after_it():
    assert next_working(period_end(date(2026, 1, 21), 30)) == date(2026, 2, 24)
    assert last_working(period_end(date(2026, 1, 21), 30)) == date(2026, 2, 14)  # a Saturday


def test_working_days_pass_over_rest_and_count_made_up_days():
    assert working_period_end(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert working_period_end(date(2026, 2, 13), 2) == date(2026, 2, 24)


@given(KNOWN, st.integers(0, 60))
def test_as_many_working_days_are_left_as_were_given(start, days):
    end = working_period_end(start, days)
    assert working_days_left(start, end) == days
    assert working_days_left(end, start) == -days


@given(KNOWN)
def test_the_next_working_day_is_worked_and_none_lies_between(day):
    found = next_working(day)
    assert working(found)
    assert all(not working(day + timedelta(days=n)) for n in range((found - day).days))
