"""Income suspended on non-accrual: when it becomes income, and when it never does. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.desk import INTEREST, PENALTY, Desk, lent_of

A, K = LedgerAccount, TransferKind


def recognize(desk: Desk) -> None:
    """Let what was suspended become income where it was paid, or where the account is cured.

    What is paid is what was income already, and then what was suspended: suspended is never more
    than is still to be paid. Money that comes undone makes it suspended again.
    Errors: none.
    Source: the house's own age of non-accrual; house convention L-9.
    """
    standing = desk.book.standing
    accounts = np.flatnonzero(
        (standing.suspended_interest_minor > 0) | (standing.suspended_penalty_minor > 0)
    )
    if not len(accounts):
        return
    interest, penalty = _to_be_paid(desk, accounts)
    for ever, held, claim, income in (
        (
            standing.suspended_interest_minor,
            standing.held_interest_minor,
            interest,
            A.interest_income,
        ),
        (standing.suspended_penalty_minor, standing.held_penalty_minor, penalty, A.penalty_income),
    ):
        ever[accounts] *= standing.nonaccrual[accounts]  # who is cured owes income like anybody
        wanted = np.minimum(ever[accounts], claim)
        change = held[accounts] - wanted
        up, down = np.maximum(change, 0), np.maximum(-change, 0)
        desk.write(K.recognition, A.suspended_income, income, up, accounts=accounts)
        desk.write(K.recognition, income, A.suspended_income, down, accounts=accounts)
        held[accounts] = wanted


def _to_be_paid(desk: Desk, accounts: Rows) -> tuple[Longs, Longs]:
    """Return the interest and the penalties of accounts that stand on the books, not paid yet."""
    rows, owner = lent_of(desk, accounts)
    inst = desk.inst
    on_books = ~inst.charged_off[rows]
    interest, penalty = np.zeros(len(accounts), np.int64), np.zeros(len(accounts), np.int64)
    accrued = inst.earned_minor[rows] * ~inst.billed[rows]
    np.add.at(interest, owner, (inst.open_minor[rows, INTEREST] + accrued) * on_books)
    np.add.at(penalty, owner, inst.open_minor[rows, PENALTY] * on_books)
    return interest, penalty


def forgo(
    desk: Desk,
    kind: TransferKind,
    loss: LedgerAccount,
    component: int,
    minor: Longs,
    *,
    rows: Rows,
    cause: Rows,
) -> None:
    """Let a loss of interest or penalties be none as far as they never were income.

    Shape:  minor, rows, cause (k,): what was forgiven, written off or sold of installments, and the
            fact of each; an account has one fact.
    Errors: none.
    Source: house convention L-9.
    """
    standing = desk.book.standing
    if component == INTEREST:
        ever, held = standing.suspended_interest_minor, standing.held_interest_minor
    elif component == PENALTY:
        ever, held = standing.suspended_penalty_minor, standing.held_penalty_minor
    else:
        return
    if not len(rows) or not held[desk.inst.account[rows]].any():
        return
    facts, owner = np.unique(cause, return_inverse=True)
    lost = np.zeros(len(facts), np.int64)
    np.add.at(lost, owner.reshape(-1), minor)
    accounts = desk.facts.account[facts]
    spared = np.minimum(lost, held[accounts])
    held[accounts] -= spared
    ever[accounts] -= spared
    desk.write(kind, A.suspended_income, loss, spared, accounts=accounts, cause=facts)
