"""Say which days are national holidays, and what the clocks of several zones show. Pure.

Only rules of kind `lawful_days` read holidays. The days come from a library that many people keep;
those that follow the moon are its estimate until the year's decree is known, and every rule that
reads them says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What the clocks of every zone that a person may be in show at one instant."""

    least_minute: int  # of the day
    most_minute: int
    weekdays: int  # bit mask, Monday the lowest bit
    days: tuple[date, ...]  # the days it is there, in order


def clocks_at(at: datetime, zones: Sequence[ZoneInfo]) -> Clocks:
    """Return what the clocks of some zones show at an instant.

    Unit:   minutes of the day, 0..1439.
    Errors: ValueError where there is no zone: nobody can say the hour.
    Source: 12 CFR 1006.6(b)(1), comment on conflicting locations; regulation 13.1.
    """
    there = [at.astimezone(zone) for zone in zones]
    minutes = [local.hour * 60 + local.minute for local in there]
    days = tuple(sorted({local.date() for local in there}))
    return Clocks(
        least_minute=min(minutes),
        most_minute=max(minutes),
        weekdays=weekday_mask(days),
        days=days,
    )


def weekday_mask(days: Sequence[date]) -> int:
    """Return the days of the week of some days as a bit mask, Monday the lowest bit.

    Errors: none.
    Source: none.
    """
    mask = 0
    for day in days:
        mask |= 1 << day.weekday()
    return mask


@lru_cache(maxsize=1024)
def national_holiday(jurisdiction: str, on: date) -> bool:
    """Return whether a day is a national holiday of a jurisdiction; True where nobody knows them.

    Errors: none.
    Source: the library `holidays`, category public, observed days included.
    """
    try:
        return on in holidays.country_holidays(jurisdiction, years=on.year)
    except NotImplementedError:
        return True
