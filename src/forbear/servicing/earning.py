"""Earn the agreed interest by the day, and agree it anew where there is less principal. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.book import Installments, rows_of_facts
from forbear.servicing.desk import Desk

A, K = LedgerAccount, TransferKind
ONE = np.timedelta64(1, "D")


def accrue(desk: Desk, rows: Rows) -> None:
    """Earn what the agreed interest of installments has come to by now, evenly up to the due day.

    Shape:  rows (k,), each at most once.
    Errors: none.
    Source: house convention L-1; the sum of what is earned is the agreed interest to the fen.
    """
    inst = desk.inst
    gained = gained_by(inst, rows, on=desk.on)
    inst.earned_minor[rows] += gained
    until = np.minimum(inst.due_on[rows], desk.on)
    inst.earned_on[rows] = np.maximum(inst.earned_on[rows], until)
    earn(desk, K.interest_accrual, A.accrued_interest, A.interest_income, gained, rows)


def gained_by(inst: Installments, rows: Rows, *, on: np.datetime64) -> Longs:
    """Return what the agreed interest of installments comes to by a day, above what is earned.

    Shape:  rows, result (k,).
    Unit:   minor units, rounded down.
    Errors: none.
    Source: house convention L-1; Civil Code of China, article 677.
    """
    due_on, since = inst.due_on[rows], inst.earned_on[rows]
    whole = (due_on - since).astype(np.int64)
    by_now = np.clip((np.minimum(due_on, on) - since).astype(np.int64), 0, None)
    to_come = np.maximum(inst.interest_minor[rows] - inst.earned_minor[rows], 0)
    by_day = to_come * by_now // np.maximum(whole, 1)
    return np.asarray(np.where(due_on <= on, to_come, by_day), np.int64)


def accrue_reported(desk: Desk) -> None:
    """Earn on the last day of a month, and on the day on which an installment is due.

    In between nothing is written: what is earned by any other day follows from the agreement.
    Errors: none.
    Source: house convention L-1.
    """
    inst = desk.inst
    live = desk.live
    running = inst.lent[live] & (inst.interest_minor[live] > inst.earned_minor[live])
    month = "datetime64[M]"
    if (desk.on + ONE).astype(month) == desk.on.astype(month):
        running &= inst.due_on[live] <= desk.on
    accrue(desk, desk.rows(running))


def agree_anew(desk: Desk, rows: Rows) -> None:
    """Agree interest and fees to come anew, where principal is no more, or is there again.

    The interest of an installment is of its own time, in which what is due later is lent as well;
    its fee is of its own principal.
    Shape:  rows (k,) installments whose unbilled principal changed just now.
    Errors: none.
    Source: Civil Code of China, article 677; house convention L-2: rounded down.
    """
    rows, owner = rows_of_facts(desk.book, np.unique(desk.inst.fact[rows]))
    accrue(desk, rows)
    inst, earned = desk.inst, desk.inst.earned_minor[rows]
    lent, agreed = inst.unbilled_minor[rows], inst.principal_minor[rows]
    after, before = _from_here_on(lent, owner), _from_here_on(agreed, owner)
    to_come = np.maximum(inst.whole_interest_minor[rows] - earned, 0)
    interest = earned + to_come * after // np.maximum(before, 1)
    fee = inst.whole_fee_minor[rows] * lent // np.maximum(agreed, 1)
    kept = desk.conditions.keeps_fee[inst.account[rows]] | (lent == agreed)
    todo = ~inst.billed[rows]
    inst.interest_minor[rows[todo]] = interest[todo]
    inst.fee_minor[rows[todo]] = np.where(kept, inst.whole_fee_minor[rows], fee)[todo]


def give_back(desk: Desk, rows: Rows, minor: Longs) -> None:
    """Lower what was agreed of installments that are not billed, by principal that came back.

    Shape:  rows, minor (k,), each installment at most once; minor is at most what is unbilled.
    Errors: none.
    Source: house convention L-2.
    """
    some = minor > 0
    if not some.any():
        return
    inst = desk.inst
    theirs, owner = rows_of_facts(desk.book, np.unique(inst.fact[rows[some]]))
    accrue(desk, theirs)
    before, own = _from_here_on(inst.principal_minor[theirs], owner), inst.principal_minor[theirs]
    inst.unbilled_minor[rows] -= minor
    inst.principal_minor[rows] -= minor
    after, earned = _from_here_on(inst.principal_minor[theirs], owner), inst.earned_minor[theirs]
    to_come = np.maximum(inst.whole_interest_minor[theirs] - earned, 0)
    lower = inst.whole_bill_on[theirs] > desk.on
    interest = earned + to_come * after // np.maximum(before, 1)
    fee = inst.whole_fee_minor[theirs] * inst.principal_minor[theirs] // np.maximum(own, 1)
    inst.whole_interest_minor[theirs[lower]] = interest[lower]
    inst.whole_fee_minor[theirs[lower]] = fee[lower]
    agree_anew(desk, rows[some])


def _from_here_on(minor: Longs, owner: Rows) -> Longs:
    """Return the sum of each row and the rows of its owner that come after it."""
    if not len(owner):
        return minor
    running = np.cumsum(minor[::-1])[::-1]
    last = np.flatnonzero(np.r_[owner[1:] != owner[:-1], True])
    after = np.r_[running[last[:-1] + 1], 0]
    counts = np.diff(np.r_[-1, last])
    return np.asarray(running - np.repeat(after, counts), np.int64)


def earn(
    desk: Desk,
    kind: TransferKind,
    claim: LedgerAccount,
    income: LedgerAccount,
    minor: Longs,
    rows: Rows,
) -> None:
    """Write what is earned: as income, or as a claim that is no income yet.

    Shape:  minor, rows (k,).
    Errors: none.
    Source: the house's own age of non-accrual; house convention L-9.
    """
    standing, account = desk.book.standing, desk.inst.account[rows]
    stopped = standing.nonaccrual[account]
    if stopped.any():
        interest = income == A.interest_income
        for column in (
            (standing.suspended_interest_minor, standing.held_interest_minor)
            if interest
            else (standing.suspended_penalty_minor, standing.held_penalty_minor)
        ):
            np.add.at(column, account, minor * stopped)
    desk.write(kind, claim, income, minor * ~stopped, rows=rows)
    desk.write(kind, claim, A.suspended_income, minor * stopped, rows=rows)
