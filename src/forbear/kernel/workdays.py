"""The working calendar of China, make-up workdays included, and periods counted in days. Pure.

The State Council announces each year's holidays in the autumn before it. A year that nobody has
announced yet is refused by name; it is never guessed from the weekdays.
"""

from __future__ import annotations

from datetime import date, timedelta

from chinese_calendar import is_workday

from forbear.kernel.errors import ForbearError

ONE = timedelta(days=1)


class CalendarUnknown(ForbearError):
    """The working days of that year are not announced, or this version does not hold them."""

    code = "calendar.unknown"
    http_status = 422


def working(on: date) -> bool:
    """Return whether a day is a working day in China.

    Errors: CalendarUnknown.
    Source: the State Council's yearly notices of holidays and make-up workdays.
    """
    rest = rest_day(on)
    if rest is None:
        raise CalendarUnknown(
            f"{on}: China's working days of {on.year} are not known here; upgrade the package"
            " chinesecalendar once the State Council has announced them"
        )
    return not rest


def rest_day(on: date) -> bool | None:
    """Return whether a day is one of rest in China; None in a year that is not announced yet.

    Errors: none.
    Source: the State Council's yearly notices of holidays and make-up workdays.
    """
    try:
        return not is_workday(on)
    except NotImplementedError:
        return None


def period_end(start: date, days: int) -> date:
    """Return the last day of a period of calendar days; the day it starts on is not counted.

    Unit:   calendar days; 0 is the day itself.
    Errors: OverflowError beyond the year 9999.
    Source: Civil Code of China, article 201.
    """
    return start + timedelta(days=days)


def next_working(on: date) -> date:
    """Return a day, or the first working day after it where it is a day of rest.

    Errors: CalendarUnknown.
    Source: Civil Code of China, article 203.
    """
    while not working(on):
        on += ONE
    return on


def last_working(on: date) -> date:
    """Return a day, or the last working day before it where it is a day of rest.

    Errors: CalendarUnknown.
    Source: house convention: work that is due on a day of rest is done before it.
    """
    while not working(on):
        on -= ONE
    return on


def working_period_end(start: date, days: int) -> date:
    """Return the last day of a period of working days; the day it starts on is not counted.

    Unit:   working days; 0 is the day itself, whatever day it is.
    Errors: CalendarUnknown.
    Source: Civil Code of China, article 201, counted on working days.
    """
    on = start
    for _ in range(days):
        on = next_working(on + ONE)
    return on


def working_days_left(on: date, due_on: date) -> int:
    """Return how many working days come after one day, up to and with another.

    Unit:   working days; 0 on the day itself, negative once it is past.
    Errors: CalendarUnknown.
    Source: house convention: what is left to work in, today not counted.
    """
    if due_on < on:
        return -working_days_left(due_on, on)
    days = (on + ONE * ahead for ahead in range(1, (due_on - on).days + 1))
    return sum(working(day) for day in days)
