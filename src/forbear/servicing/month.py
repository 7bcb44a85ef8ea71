"""Days of a schedule, in columns: months from an anchor, days of a month, days of rest. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forbear.kernel.columns import Bools, Days, Longs
from forbear.kernel.workdays import CalendarUnknown, next_working
from forbear.servicing.terms import MonthEnd, RestDay, Unannounced

Months = NDArray[np.datetime64]  # datetime64[M]
DAY, MONTH = "datetime64[D]", "datetime64[M]"


def month_of(days: Days) -> Months:
    """Return the month that each day lies in.

    Shape:  days (n,) datetime64[D]; result (n,) datetime64[M].
    Errors: none.
    Source: none.
    """
    return days.astype(MONTH)


def day_in(months: Months, day: NDArray[Any], *, month_end: MonthEnd) -> Days:
    """Return a day of the month in each month, by the rule for months that do not have it.

    Shape:  months (n,) datetime64[M]; day (n,) whole, 1..31; result (n,) datetime64[D].
    Errors: none.
    Source: house convention H-1; Civil Code 202 for the month's last day.
    """
    first = months.astype(DAY)
    length = ((months + 1).astype(DAY) - first).astype(np.int64)
    wanted = np.asarray(day, dtype=np.int64)
    # In a month of 30 days, day 31 of the product is its day 30, or its day 30 + 1.
    most = length + 1 if month_end is MonthEnd.next_month else length
    found: Days = first + (np.minimum(wanted, most) - 1)
    return found


def months_after(anchor: Days, months: NDArray[Any], *, month_end: MonthEnd) -> Days:
    """Return the day so many months after each anchor, on the anchor's own day of the month.

    It is counted from the anchor and never from the step before, so 31 January + 2 is 31 March.

    Shape:  anchor (n,) datetime64[D]; months (n,) whole; result (n,) datetime64[D].
    Unit:   calendar months.
    Errors: none.
    Source: house convention H-1: recurring days anchor to the obligation.
    """
    month = anchor.astype(MONTH)
    day = (anchor - month.astype(DAY)).astype(np.int64) + 1
    return day_in(month + np.asarray(months, dtype=np.int64), day, month_end=month_end)


def day_count(start: Days, end: Days) -> Longs:
    """Return how many days lie from one day to another; 0 where the second is not later.

    Shape:  (n,) both; result (n,) int64.
    Unit:   calendar days, the first counted and the last not.
    Errors: none.
    Source: none.
    """
    return np.maximum((end - start).astype(np.int64), 0)


def payable(due_on: Days, *, rest: RestDay, unannounced: Unannounced) -> Days:
    """Return the last day to pay: the due day, or the first working day after a day of rest.

    Each day is looked up once, however many rows fall due on it.

    Shape:  (n,) datetime64[D].
    Errors: CalendarUnknown where the year is not announced and the product does not let it stand.
    Source: Civil Code 203; the State Council's yearly notices; the product's choice.
    """
    if rest is RestDay.stands or due_on.size == 0:
        return due_on
    known, row = np.unique(due_on, return_inverse=True)
    moved = [_payable(day, unannounced) for day in known.astype(DAY).tolist()]
    return np.array(moved, dtype=DAY)[row.reshape(due_on.shape)]


def payable_where(days: Days, moves_rest: Bools) -> Days:
    """Return the last day to pay of due days: the next working day where the product says so.

    A day of a year whose days of rest nobody has announced yet stands.
    Shape:  (n,).
    Errors: none.
    Source: Civil Code of China, article 203; the product's choice.
    """
    moved = payable(days, rest=RestDay.next_working, unannounced=Unannounced.stands)
    found: Days = np.where(moves_rest, moved, days)
    return found


def _payable(day: date, unannounced: Unannounced) -> date:
    """Return one day moved past days of rest."""
    try:
        return next_working(day)
    except CalendarUnknown:  # of the day itself, or of the New Year that it would move into
        if unannounced is Unannounced.refused:
            raise
        return day
