"""Count months and years from a day, and move an end that falls on a day of rest. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.kernel.days import months_after

# Whether a day is a public day of rest; None where the year's calendar is not published yet.
Rest = Callable[[date], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last day of a period."""

    counted_on: date  # as months and years are counted
    ends_on: date  # moved past days of rest
    calendar_known: bool  # False: it may still move, by days of rest that nobody has published


def months_end(start: date, months: int, *, rest: Rest) -> End:
    """Return the last day of a period of months that begins after a day.

    The first day is not counted; the end is the same day of a later month, or that month's last.

    Unit:   calendar months.
    Errors: ValueError beyond the year 9999.
    Source: Civil Code 201, 202 and 203.
    """
    return moved(months_after(start, months), rest=rest)


def moved(counted_on: date, *, rest: Rest) -> End:
    """Return a last day moved past days of rest; where they are not known, the day as counted.

    Errors: none.
    Source: Civil Code 203.
    """
    day = counted_on
    while resting := rest(day):
        day += timedelta(days=1)
    if resting is None:
        return End(counted_on=counted_on, ends_on=counted_on, calendar_known=False)
    return End(counted_on=counted_on, ends_on=day, calendar_known=True)
