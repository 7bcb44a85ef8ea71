"""Fetch whether a day is one of rest in China, from the published calendars. Decides nothing."""

from __future__ import annotations

from datetime import date

import chinese_calendar


def rest_day(day: date) -> bool | None:
    """Return whether a day is a public day of rest, make-up workdays counted as work.

    None for a year whose calendar the State Council has not published, or this library not read.
    """
    try:
        return bool(chinese_calendar.is_holiday(day))
    except NotImplementedError:
        return None
