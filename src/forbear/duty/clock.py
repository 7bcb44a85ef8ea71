"""Until when a duty must be met. Pure: the days are given; decides no more than days.

Where the working days of a year are not announced yet, the earliest day that can be meant is taken:
a duty that is met too early breaks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from forbear.kernel.errors import ForbearError
from forbear.kernel.workdays import (
    ONE,
    CalendarUnknown,
    last_working,
    next_working,
    period_end,
    working_days_left,
    working_period_end,
)
from forbear.law.packs import Version

CHINA = ("CN",)  # the one country whose working days are known here


class NoMoreTime(ForbearError):
    """The law gives no more time for this duty."""

    code = "duty.no_more_time"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The last day on which a duty is met in time."""

    on: date | None  # None: it stands until a fact ends it
    strict: bool  # the earliest reading, because the working days are not known
    approved: bool = False  # more time that a second person must approve


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a duty's time, as a page shows it."""

    days: int  # calendar days; 0 on the due day, negative once it is past
    working_days: int | None  # None where the working days are not known
    act_by: date  # the last working day on or before the due day; the due day where unknown


def due_day(version: Version, *, opened_on: date, act_on: date | None = None) -> Due:
    """Return the last day on which a duty that opened on a day is met in time.

    Unit:   the opening day is not counted; what is due before an act is due the day before it.
    Errors: ValueError where the clock is `before` and no day of the act is given: a bug.
    Source: rules of kind duty; Civil Code of China, articles 201 and 203.
    """
    value = version.value
    if value["clock"] == "before":
        if act_on is None:
            raise ValueError(f"{version.rule}: the day of the act is not known")
        return Due(on=act_on - ONE, strict=False)
    if value["days"] is None:
        return Due(on=None, strict=False)
    return _after(version, opened_on, value["days"])


def longer(version: Version, *, opened_on: date, due_on: date) -> Due:
    """Return the next later due day that the law gives, after the one that stands.

    Errors: NoMoreTime.
    Source: rules of kind duty, `extends` and `approved`.
    """
    for days in version.value["extends"]:
        found = _after(version, opened_on, days)
        if found.on is not None and found.on > due_on:
            return replace(found, approved=days in version.value["approved"])
    raise NoMoreTime(f"{version.rule} gives no more time after {due_on}; meet it as it stands")


def left(due_on: date, *, on: date, in_china: bool) -> Left:
    """Return what is left of a duty's time on a day.

    Unit:   today is not counted.
    Errors: none; a year whose working days are not known leaves them out.
    Source: house convention: work due on a day of rest is done before it.
    """
    days = (due_on - on).days
    try:
        if not in_china:
            return Left(days=days, working_days=None, act_by=due_on)
        return Left(
            days=days, working_days=working_days_left(on, due_on), act_by=last_working(due_on)
        )
    except CalendarUnknown:
        return Left(days=days, working_days=None, act_by=due_on)


def _after(version: Version, opened_on: date, days: int) -> Due:
    """Return the day so many days after another, in the duty's own days."""
    value, plain = version.value, period_end(opened_on, days)
    if value["counts"] == "calendar" and value["rest_day"] == "stands":
        return Due(on=plain, strict=False)
    try:
        if version.applies.jurisdiction != CHINA:
            raise CalendarUnknown
        if value["counts"] == "working":
            return Due(on=working_period_end(opened_on, days), strict=False)
        return Due(on=next_working(plain), strict=False)
    except CalendarUnknown:
        return Due(on=plain, strict=True)
