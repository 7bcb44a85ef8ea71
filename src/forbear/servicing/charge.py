"""Charge what a day brings: bills, interest, penalties, never above the cap; and age. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import taken
from forbear.servicing.book import PPM
from forbear.servicing.desk import INTEREST, PENALTY, PRINCIPAL, Desk, bill, open_of
from forbear.servicing.meeting import meet

A, K = LedgerAccount, TransferKind
ONE = np.timedelta64(1, "D")


def bill_due(desk: Desk) -> None:
    """Bill the installments whose day it is, and let money that waited for them meet them.

    Errors: none.
    Source: the agreement.
    """
    inst = desk.inst
    rows = np.flatnonzero(inst.lent & ~inst.billed & (inst.bill_on <= desk.on))
    if not len(rows):
        return
    bill(desk, rows)
    waiting = np.flatnonzero(desk.book.left_minor > 0)
    told = np.zeros(len(desk.book), np.bool_)
    told[inst.account[rows]] = True
    waiting = waiting[told[desk.facts.account[waiting]]]
    while len(waiting):  # the oldest money of each account first
        accounts = desk.facts.account[waiting]
        oldest = np.r_[True, accounts[1:] != accounts[:-1]]
        meet(desk, waiting[oldest])
        waiting = waiting[~oldest]


def accrue(desk: Desk) -> None:
    """Earn the agreed interest by the day, evenly over the time from its start to the due day.

    Errors: none.
    Source: house convention L-1; the sum is the agreed interest to the fen.
    """
    inst = desk.inst
    rows = np.flatnonzero(
        inst.lent & (inst.interest_minor > inst.earned_minor) & (inst.starts_on < desk.on)
    )
    if not len(rows):
        return
    whole = np.maximum((inst.due_on[rows] - inst.starts_on[rows]).astype(np.int64), 1)
    by_now = np.minimum((desk.on - inst.starts_on[rows]).astype(np.int64), whole)
    earned = np.maximum(inst.interest_minor[rows] * by_now // whole, inst.earned_minor[rows])
    gained = earned - inst.earned_minor[rows]
    inst.earned_minor[rows] = earned
    _earn(desk, K.interest_accrual, A.accrued_interest, A.interest_income, gained, rows)


def fill_room(desk: Desk) -> None:
    """Let one more day's worth under the cap come to each account, on what is owed of principal.

    Errors: none.
    Source: rules of the topic claim_cap; house convention L-4: the cap is counted by the day.
    """
    inst, standing, terms = desk.inst, desk.book.standing, desk.conditions
    rows = np.flatnonzero((inst.unbilled_minor > 0) | (inst.open_minor[:, PRINCIPAL] > 0))
    owed = np.zeros(len(desk.book), np.int64)
    np.add.at(
        owed, inst.account[rows], inst.unbilled_minor[rows] + inst.open_minor[rows, PRINCIPAL]
    )
    unit = terms.basis_days * PPM
    come = standing.room_part + owed * terms.cap_ppm
    standing.room_minor += come // unit
    standing.room_part = come % unit


def penalize(desk: Desk) -> None:
    """Charge a day's penalty on what is past its grace, and interest on what may revolve.

    Errors: none; what is above the cap is counted and never charged.
    Source: PBOC 2003 No. 251; the agreement; rules of the topic claim_cap.
    """
    inst, terms = desk.inst, desk.conditions
    rows = np.flatnonzero(inst.billed & (inst.due_on < desk.on))
    rows = rows[inst.open_minor[rows].any(axis=1)]
    if not len(rows):
        return
    account = inst.account[rows]
    graced = inst.due_on[rows] + terms.grace_days[account].astype("timedelta64[D]") >= desk.on
    missed = np.where(graced, 0, needed_of(desk, rows))
    needed = np.minimum(missed, inst.open_minor[rows, PRINCIPAL])
    revolving = inst.open_minor[rows, PRINCIPAL] - needed
    on_interest = np.where(terms.compounds[account] & ~graced, inst.open_minor[rows, INTEREST], 0)
    come = (
        inst.part[rows]
        + (needed + on_interest) * terms.penalty_ppm[account]
        + revolving * np.where(graced, 0, terms.revolving_ppm[account])
    )
    unit = terms.basis_days[account] * PPM
    inst.part[rows] = come % unit
    _charge(desk, K.penalty_accrual, rows, come // unit)
    once = ~inst.late_fee[rows] & (missed > 0)
    inst.late_fee[rows[once]] = True
    _charge(desk, K.late_fee, rows[once], terms.late_fee_minor[account[once]])


def needed_of(desk: Desk, rows: Rows) -> Longs:
    """Return how much of installments had to be paid by their due day and is not.

    Shape:  rows, result (k,).
    Unit:   minor units.
    Errors: none.
    Source: the product's minimum payment; everything where it has none.
    """
    inst = desk.inst
    agreed = inst.principal_minor[rows] + inst.interest_minor[rows] + inst.fee_minor[rows]
    agreed_open = open_of(inst, rows) - inst.open_minor[rows, PENALTY]
    least = -(-agreed * inst.least_ppm[rows] // PPM)
    revolving = np.maximum(least - (agreed - agreed_open), 0)
    return np.asarray(np.where(inst.least_ppm[rows] == PPM, agreed_open, revolving), np.int64)


def age(desk: Desk) -> None:
    """Count the days past due of each account, and stop its accrual where it is old.

    Errors: none.
    Source: house convention H-2; the house's own age of non-accrual.
    """
    inst, standing = desk.inst, desk.book.standing
    rows = np.flatnonzero(inst.billed & (inst.due_on < desk.on))
    rows = rows[inst.open_minor[rows].any(axis=1)]
    rows = rows[(needed_of(desk, rows) > 0) | (inst.open_minor[rows, PENALTY] > 0)]
    oldest = np.full(len(desk.book), desk.on)
    np.minimum.at(oldest, inst.account[rows], inst.due_on[rows])
    late = (desk.on - oldest).astype(np.int32)
    standing.days_past_due = late
    standing.nonaccrual = standing.days_past_due >= desk.conditions.nonaccrual_days


def _charge(desk: Desk, kind: TransferKind, rows: Rows, raw: Longs) -> None:
    """Charge installments, cut to what the cap leaves their accounts; count what it cuts off."""
    if not raw.any():
        return
    standing, inst = desk.book.standing, desk.inst
    account = inst.account[rows]
    room = np.maximum(standing.room_minor - standing.charged_minor, 0)
    amount = taken(account, raw, room)
    np.add.at(standing.above_cap_minor, account, raw - amount)
    np.add.at(standing.charged_minor, account, amount)
    inst.open_minor[rows, PENALTY] += amount
    _earn(desk, kind, A.penalty, A.penalty_income, amount * ~inst.charged_off[rows], rows)


def _earn(
    desk: Desk,
    kind: TransferKind,
    claim: LedgerAccount,
    income: LedgerAccount,
    amount: Longs,
    rows: Rows,
) -> None:
    """Write what is earned: as income, or as a claim that is no income yet."""
    stopped = desk.book.standing.nonaccrual[desk.inst.account[rows]]
    desk.write(kind, claim, income, amount * ~stopped, rows=rows)
    desk.write(kind, claim, A.suspended_income, amount * stopped, rows=rows)
