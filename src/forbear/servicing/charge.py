"""Charge what a day brings: bills, interest, penalties, never above the cap; and age. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Bools, Days, Ints, Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import taken
from forbear.servicing.billing import bill
from forbear.servicing.book import PPM, caps_on, first_of_each, rows_of_accounts
from forbear.servicing.desk import (
    CLAIM,
    COST,
    EACH,
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Desk,
    lent_of,
    open_of,
)
from forbear.servicing.earning import accrue, earn
from forbear.servicing.judgment import unperformed

A, K = LedgerAccount, TransferKind
CAP_YEAR_DAYS = 365  # of the cap, whatever the year of the product
DAYS_APART = np.int64(1 << 24)  # a due day and its account as one number


def bill_due(desk: Desk) -> None:
    """Bill the installments whose day it is.

    Errors: none.
    Source: the agreement.
    """
    inst, live = desk.inst, desk.live
    bill(desk, desk.rows(inst.lent[live] & ~inst.billed[live] & (inst.bill_on[live] <= desk.on)))


def fill_room(desk: Desk) -> None:
    """Let one more day's worth under the cap come to each account, on what is owed of principal.

    Errors: none.
    Source: rules of the topic claim_cap; house convention L-4: the cap of the day, by the day of a
            year of 365, which never comes to more in a year than the cap.
    """
    inst, standing = desk.inst, desk.book.standing
    principal = inst.unbilled_minor[desk.live] + inst.open_minor[:, PRINCIPAL][desk.live]
    whose, first = first_of_each(inst.account[desk.live])
    owed = np.zeros(len(desk.book), np.int64)
    if len(first):
        owed[whose] = np.add.reduceat(principal, first)
    unit = CAP_YEAR_DAYS * PPM
    come = standing.room_part + owed * caps_on(desk.conditions, desk.on)
    standing.room_minor += come // unit
    standing.room_part = come % unit


def penalize(desk: Desk, rows: Rows) -> None:
    """Charge a day's penalty on what is past its grace, and interest on what may revolve.

    What a refund holds costs nothing for being late, and its interest goes on as agreed.
    Shape:  rows (k,) as `past_due`.
    Errors: none; what is above the cap is counted and never charged.
    Source: PBOC 2003 No. 251; the agreement; rules of the topic claim_cap; house conventions L-6:
            the day on which something is due, and the day on which it is paid, cost nothing; L-13.
    """
    inst, terms = desk.inst, desk.conditions
    late, needed, rests, spared = _past_grace(desk, rows)
    rows = np.concatenate([late, _revolves_again(desk, late)])
    if not len(rows):
        return
    order = np.argsort(rows)
    rows, past = rows[order], order < len(late)
    account, missed = inst.account[rows], np.zeros(len(rows), np.int64)
    missed[past] = needed
    punished = missed.copy()
    punished[past] *= ~rests
    first = past & ~inst.missed[rows]
    unit = terms.basis_days[account] * PPM
    principal = inst.open_minor[:, PRINCIPAL][rows]
    needed = np.minimum(missed, principal)
    also = np.zeros(len(rows), np.int64)
    for code in (INTEREST, FEE, COST):
        if terms.penalized[:, code].any():
            also += inst.open_minor[:, code][rows] * terms.penalized[:, code][account]
    also[punished == 0] = 0
    base = np.minimum(punished, principal) + also
    come = inst.penalty_part[rows] + base * inst.penalty_ppm[rows]
    penalty, inst.penalty_part[rows] = np.divmod(come, unit)
    revolving_ppm = inst.revolving_ppm[rows]
    if revolving_ppm.any():
        begins = first & (inst.bill_on[rows] <= inst.whole_bill_on[rows])
        days = np.where(begins, (desk.on - inst.revolves_on[rows]).astype(np.int64), 1)
        before = np.where(begins, np.maximum(days - 1, 0), 0) * principal
        revolved = inst.revolving_part[rows] + (principal - needed + before) * revolving_ppm
        interest, inst.revolving_part[rows] = np.divmod(revolved, unit)
        _charge(desk, K.interest_accrual, INTEREST, rows, interest)
    fined = first & (missed > 0)
    fined[past] &= ~spared
    inst.missed[late] = True
    _charge(desk, K.penalty_accrual, PENALTY, rows, penalty)
    _charge(desk, K.late_fee, PENALTY, rows[fined], _late_fee(desk, rows[fined], missed[fined]))


def _past_grace(desk: Desk, rows: Rows) -> tuple[Rows, Longs, Bools, Bools]:
    """Return what is past its grace, what is needed of it, and whom a refund spares what.

    Shape:  rows (k,) as `past_due`; results (j,): the installments; what had to be paid of them;
            which are held today; whose due day had its late fee while they were held.
    """
    inst, grace = desk.inst, desk.conditions.grace_days
    late = rows[_days_after(inst.due_on[rows], grace[inst.account[rows]]) < desk.on]
    needed, kept = needed_of(desk, late), desk.held(late)
    if not kept.days.any():
        return late, needed, kept.today, kept.today
    past = _days_after(inst.due_on[late], grace[inst.account[late]] + kept.days) < desk.on
    past &= inst.missed[late] | ~kept.today
    late, needed, rests = late[past], needed[past], kept.today[past]
    return late, needed, rests, (kept.days[past] > 0) & _fined_before(desk, late)


def _days_after(days: Days, count: Ints | Longs) -> Days:
    return np.asarray(days + count.astype("timedelta64[D]"), "datetime64[D]")


def _fined_before(desk: Desk, rows: Rows) -> Bools:
    """Return of which installments' due days another one was past its grace before."""
    inst = desk.inst
    theirs, _ = rows_of_accounts(desk.book, first_of_each(inst.account[rows])[0])
    theirs = theirs[inst.missed[theirs]]
    days = inst.account * DAYS_APART + inst.due_on.astype(np.int64)
    return np.isin(days[rows], days[theirs])


def _revolves_again(desk: Desk, late: Rows) -> Rows:
    """Return the installments that were asked for again, and are not late with that."""
    if not desk.conditions.statement_day.any():
        return np.zeros(0, np.int64)
    inst = desk.inst
    again = np.flatnonzero(inst.billed & (inst.bill_on > inst.whole_bill_on))
    other = np.ones(len(inst.account), np.bool_)
    other[late] = False
    return np.asarray(again[(inst.open_minor[again, PRINCIPAL] > 0) & other[again]], np.int64)


def _late_fee(desk: Desk, rows: Rows, missed: Longs) -> Longs:
    """Return the late fee of each due day, with the first of its installments."""
    terms, account = desk.conditions, desk.inst.account[rows]
    fee = np.zeros(len(rows), np.int64)
    if not len(rows) or not terms.late_fee_most_minor[account].any():
        return fee
    which, first = _due_days(desk, rows)
    missing = np.zeros(len(first), np.int64)
    np.add.at(missing, which, missed)
    whose = account[first]
    share = missing * terms.late_fee_ppm[whose] // PPM
    fee[first] = np.minimum(
        np.maximum(share, terms.late_fee_least_minor[whose]), terms.late_fee_most_minor[whose]
    )
    return fee


def _due_days(desk: Desk, rows: Rows) -> tuple[Rows, Rows]:
    """Return which account and due day each installment is of, and the first row of each."""
    pairs = np.stack([desk.inst.account[rows], desk.inst.due_on[rows].astype(np.int64)], axis=1)
    _, first, which = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    return which.reshape(-1), first


def needed_of(desk: Desk, rows: Rows) -> Longs:
    """Return how much of installments had to be paid by their due day and is not.

    Where the rest may revolve, that is what its last statement asked for, less what came since.
    Shape:  rows, result (k,), all that are past due of each account.
    Unit:   minor units; 0 where all that is missing of a due day is within the tolerance.
    Errors: none.
    Source: the product's minimum payment and tolerance; everything where it has none.
    """
    inst = desk.inst
    opened = inst.open_minor.take(rows, axis=0)
    whole = opened @ EACH - opened[:, PENALTY]
    found = np.maximum(whole - inst.spared_minor[rows], 0)
    tolerated = desk.conditions.tolerance_minor[inst.account[rows]]
    if tolerated.any():
        which, first = _due_days(desk, rows)
        missing = np.zeros(len(first), np.int64)
        np.add.at(missing, which, found)
        found = np.where(missing[which] <= tolerated, 0, found)
    return np.asarray(found, np.int64)


def age(desk: Desk, rows: Rows) -> None:
    """Count the days past due of each account, and stop its accrual where it is old.

    Shape:  rows (k,) as `past_due`.
    Errors: none.
    Source: house convention H-2; the house's own age of non-accrual.
    """
    standing = desk.book.standing
    standing.days_past_due = days_late(desk, rows)
    stopped = standing.days_past_due >= desk.conditions.nonaccrual_days
    if standing.nonaccrual.any():  # the days of an instrument cure nothing
        stopped |= standing.nonaccrual & unperformed(desk)
    turned = stopped != standing.nonaccrual
    if turned.any():  # what is earned by now is as it was so far
        accrue(desk, lent_of(desk, np.flatnonzero(turned))[0])
    standing.nonaccrual = stopped


def days_late(desk: Desk, rows: Rows) -> Ints:
    """Return since how many days something that had to be paid is missing, of each account.

    Shape:  rows (k,) as `past_due`; result (n,), n the accounts of the book.
    Unit:   calendar days, without those for which a refund held it.
    Errors: none.
    Source: house conventions H-2 and L-13.
    """
    inst = desk.inst
    rows = rows[(needed_of(desk, rows) > 0) | (inst.open_minor[rows, PENALTY] > 0)]
    oldest = np.full(len(desk.book), desk.on)
    if len(rows):
        whose, first = first_of_each(inst.account[rows])
        kept = desk.held(rows).days
        since = _days_after(inst.due_on[rows], kept)
        oldest[whose] = np.minimum.reduceat(since, first)
    return np.asarray((desk.on - oldest).astype(np.int32), np.int32)


def past_due(desk: Desk) -> Rows:
    """Return the installments past their due day of which something is open, in order.

    Errors: none.
    Source: none.
    """
    inst, live = desk.inst, desk.live
    rows = desk.rows(inst.billed[live] & (inst.due_on[live] < desk.on))
    return rows[open_of(inst, rows) > 0]


def _charge(desk: Desk, kind: TransferKind, component: int, rows: Rows, raw: Longs) -> None:
    """Charge installments, cut to what the cap leaves their accounts; count what it cuts off."""
    some = raw > 0
    if not some.any():
        return
    rows, raw = rows[some], raw[some]
    standing, inst = desk.book.standing, desk.inst
    account = inst.account[rows]
    room = np.maximum(standing.room_minor - standing.charged_minor, 0)
    amount = taken(account, raw, room)
    np.add.at(standing.above_cap_minor, account, raw - amount)
    np.add.at(standing.charged_minor, account, amount)
    inst.open_minor[rows, component] += amount
    if component == INTEREST:  # of what revolves: the next statement asks for it
        inst.spared_minor[rows] += amount
    income = A.interest_income if component == INTEREST else A.penalty_income
    earn(desk, kind, CLAIM[component], income, amount * ~inst.charged_off[rows], rows)
