"""Days anchor to the obligation, and clocks to the person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.days import instant, minute_of_day, months_after, zone_named


@pytest.mark.parametrize(
    ("anchor", "months", "day"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 2, date(2025, 3, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(anchor, months, day):
    assert months_after(anchor, months) == day


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 600))
def test_a_series_of_due_days_never_drifts(anchor, months):
    assert months_after(anchor, months).day <= anchor.day
    assert months_after(anchor, months + 1) > months_after(anchor, months)


def test_a_clock_reads_to_its_minute():
    assert [minute_of_day(t) for t in ("00:00", "08:00", "21:59", "24:00")] == [0, 480, 1319, 1440]


@pytest.mark.parametrize("name", ["", None, "Mars/Olympus", "../etc/passwd", "Asia", "\x00"])
def test_a_zone_that_is_not_one_is_not_known(name):
    assert zone_named(name) is None


def test_the_instant_of_a_wall_clock_follows_the_persons_zone():
    assert instant(date(2026, 11, 20), 600, ZoneInfo("Asia/Shanghai")) == datetime(
        2026, 11, 20, 2, 0, tzinfo=UTC
    )
