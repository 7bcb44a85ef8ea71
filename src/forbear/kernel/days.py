"""Days and clocks. Given a day or an instant it says another; never asks what time it is now."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_PER_DAY = 24 * 60
FIRST_DAY = date(1970, 1, 1)  # a day before it is the empty date of some other program
LAST_DAY = date(2199, 12, 31)  # far inside what every clock here can turn


def months_after(anchor: date, months: int) -> date:
    """Return the day `months` months after an anchor, on its day of month or the month's last.

    Unit:   calendar months, negative for earlier; 31 January + 1 is 28 or 29 February.
    Errors: ValueError outside the years 1 to 9999.
    Source: house convention H-1: recurring days anchor to the obligation, never to the last step.
    """
    years, month0 = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + years, month0 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def minute_of_day(clock: str) -> int:
    """Return the minute of the day of a clock time written HH:MM, 0..1440 (24:00 is 1440).

    Errors: ValueError where the text is no clock time.
    Source: none.
    """
    if clock == "24:00":
        return MINUTES_PER_DAY
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


def clock_of(minute: int) -> str:
    """Return a minute of the day as a clock time HH:MM; 1440 is 24:00.

    Errors: none.
    Source: none.
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None where there is none such.

    Errors: none; None means the wall clock is unknown, and silence is never permission.
    Source: IANA time zone database.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instant(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall-clock minute of one day in a zone.

    Unit:   minutes of the day, 0..1439.
    Errors: none.
    Source: none.
    """
    clock = time(minute // 60, minute % 60)
    return datetime.combine(on, clock, tzinfo=zone).astimezone(UTC)
