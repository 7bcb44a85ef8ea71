"""What revolves: asked for again by every statement, until it is paid. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Days, Longs, Rows
from forbear.servicing.book import PPM
from forbear.servicing.charge import needed_of, past_due
from forbear.servicing.desk import PRINCIPAL, Desk
from forbear.servicing.month import day_in, payable_where
from forbear.servicing.terms import MonthEnd


def ask_again(desk: Desk) -> None:
    """Ask for a minimum of what revolves: a share of its principal, and all that was charged.

    Of a purchase whose last minimum is still missing nothing more is asked for: what is missing
    stays what is due, and as old as it is.
    Errors: none.
    Source: the product's minimum payment; house convention L-10.
    """
    theirs = _statement_today(desk)
    if not len(theirs):
        return
    inst, of_today = desk.inst, np.zeros(len(desk.book), np.bool_)
    of_today[theirs] = True
    rows = past_due(desk)
    rows = rows[of_today[inst.account[rows]]]
    rows = rows[needed_of(desk, rows) == 0]
    rows = rows[(inst.least_ppm[rows] < PPM) & ~inst.charged_off[rows]]
    principal = inst.open_minor[rows, PRINCIPAL]
    inst.spared_minor[rows] = principal + -principal * inst.least_ppm[rows] // PPM
    inst.due_on[rows] = _next_due(desk, inst.account[rows])
    inst.bill_on[rows] = desk.on
    inst.missed[rows] = False


def _statement_today(desk: Desk) -> Rows:
    """Return the accounts whose statement is of today."""
    of_month: Longs = desk.conditions.statement_day
    day = int((desk.on - desk.on.astype("datetime64[M]").astype("datetime64[D]")).astype(int)) + 1
    return np.flatnonzero(of_month == day)


def _next_due(desk: Desk, accounts: Rows) -> Days:
    """Return the due day of the statement of today of each account."""
    terms, agreed = desk.conditions, desk.book.standing.due_day[accounts]
    due_day = np.where(agreed > 0, agreed, terms.due_day[accounts])
    month = np.full(len(accounts), desk.on.astype("datetime64[M]"))
    month += (due_day <= terms.statement_day[accounts]).astype("timedelta64[M]")
    nominal = day_in(month, due_day, month_end=MonthEnd.last_day)
    return payable_where(nominal, terms.moves_rest[accounts])
