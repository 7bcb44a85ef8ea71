"""Let money meet what is owed, remember what met what, and take it back again. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import N_COMPONENTS, meeting_order, taken
from forbear.servicing.book import AHEAD, Met
from forbear.servicing.desk import CLAIM, PRINCIPAL, Desk, bill_early, lent_of

A, K = LedgerAccount, TransferKind


def meet(desk: Desk, sources: Rows) -> None:
    """Let what is left of payments and credits meet what is open of their accounts.

    Shape:  sources (k,) facts, of different accounts.
    Errors: none; what meets nothing stays unapplied.
    Source: Civil Code of China, articles 560 and 561; the product's own order where it has one.
    """
    accounts = desk.facts.account[sources]
    rows, owner = lent_of(desk, accounts)
    some = desk.inst.open_minor[rows].any(axis=1)
    rows, owner = rows[some], owner[some]
    if not len(rows):
        return
    inst, terms = desk.inst, desk.conditions
    oldest = np.empty(len(rows), np.int64)
    oldest[np.lexsort((rows, inst.due_on[rows], owner))] = np.arange(len(rows))
    cell_row, cell_owner = np.repeat(rows, N_COMPONENTS), np.repeat(owner, N_COMPONENTS)
    component = np.tile(np.arange(N_COMPONENTS), len(rows))
    order = meeting_order(
        cell_owner,
        np.repeat(oldest, N_COMPONENTS),
        component,
        rank=terms.rank[accounts],
        by_component=terms.by_component[accounts],
    )
    cell_row, cell_owner, component = cell_row[order], cell_owner[order], component[order]
    open_minor = inst.open_minor[cell_row, component]
    take = taken(cell_owner, open_minor, desk.book.left_minor[sources])
    met = take > 0
    _book_met(desk, sources[cell_owner[met]], cell_row[met], component[met], take[met])


def meet_ahead(desk: Desk, sources: Rows) -> None:
    """Let what is left of payments meet principal that is not billed yet, earliest due first.

    An installment that is met whole is billed now, with the interest earned by now; of the one
    that is met in part the principal goes down, and its interest to come with it.
    Shape:  sources (k,) payments of different accounts.
    Errors: none.
    Source: Civil Code of China, article 677.
    """
    inst = desk.inst
    rows, owner = lent_of(desk, desk.facts.account[sources])
    about = desk.facts.about[sources][owner]
    wanted = (inst.unbilled_minor[rows] > 0) & ((about < 0) | (inst.fact[rows] == about))
    rows, owner = rows[wanted], owner[wanted]
    order = np.lexsort((rows, inst.due_on[rows], owner))
    rows, owner = rows[order], owner[order]
    whole = inst.unbilled_minor[rows] + inst.earned_minor[rows]
    take = taken(owner, whole, desk.book.left_minor[sources])
    full = take == whole
    bill_early(desk, rows[full])
    meet(desk, sources)
    partly = (take > 0) & ~full
    # What is left has met every bill; the one row met in part takes it from its principal.
    amount = np.minimum(desk.book.left_minor[sources][owner], inst.unbilled_minor[rows])
    _lower_unbilled(desk, rows[partly], amount[partly])
    cause = sources[owner[partly]]
    _book_met(desk, cause, rows[partly], np.full(len(cause), AHEAD), amount[partly])


def lower_agreed(desk: Desk, rows: Rows, amount: Longs) -> None:
    """Lower what was agreed of installments that are not billed, by principal that is no more.

    Shape:  rows, amount (k,).
    Errors: none.
    Source: house convention L-2: interest and fee to come go down with the principal, rounded down.
    """
    inst = desk.inst
    before = np.maximum(inst.unbilled_minor[rows] + amount, 1)
    after = inst.unbilled_minor[rows]
    earned = inst.earned_minor[rows]
    inst.interest_minor[rows] = earned + (inst.interest_minor[rows] - earned) * after // before
    inst.fee_minor[rows] = inst.fee_minor[rows] * after // before


def take_back(desk: Desk, payments: Rows, amount: Longs) -> Longs:
    """Take money back from what it met, last met first; return what could be taken back.

    Shape:  payments, amount (k,) of different accounts; result (k,).
    Unit:   minor units.
    Errors: none.
    Source: house convention L-3: a payment that comes undone undoes the last of what it did first.
    """
    got = np.minimum(desk.book.left_minor[payments], amount)
    desk.book.left_minor[payments] -= got
    undone = _met_by(desk, payments)
    place = np.searchsorted(payments, undone.cause, sorter=np.argsort(payments))
    owner = np.argsort(payments)[place]
    order = np.lexsort((-np.arange(len(owner)), owner))
    undone = Met(*(column[order] for column in _columns(undone)))
    owner = owner[order]
    back = taken(owner, undone.amount_minor, amount - got)
    some = back > 0
    undone, owner, back = Met(*(c[some] for c in _columns(undone))), owner[some], back[some]
    _reopen(desk, undone, back)
    np.add.at(got, owner, back)
    return got


def _met_by(desk: Desk, payments: Rows) -> Met:
    """Return what payments have met and was not taken back, in the order of meeting."""
    log = [m for m in desk.book.met if np.isin(m.cause, payments).any()]
    if not log:
        none = np.zeros(0, np.int64)
        return Met(none, none, none, none, none.astype(np.bool_))
    whole = Met(*(np.concatenate(c) for c in zip(*(_columns(m) for m in log), strict=True)))
    theirs = np.isin(whole.cause, payments)
    whole = Met(*(c[theirs] for c in _columns(whole)))
    cells = np.stack([whole.cause, whole.due, whole.component, whole.recovered], axis=1)
    _, first, which = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    sums = np.zeros(len(first), np.int64)
    np.add.at(sums, which.reshape(-1), whole.amount_minor)
    order = np.argsort(first)
    kept, amounts = first[order], sums[order]
    columns = [c[kept] for c in _columns(whole)]
    columns[3] = amounts
    return Met(*(c[amounts > 0] for c in columns))


def _columns(met: Met) -> tuple[np.ndarray, ...]:
    return met.cause, met.due, met.component, met.amount_minor, met.recovered


def _reopen(desk: Desk, undone: Met, back: Longs) -> None:
    """Open again what money had met, as it stands now: billed, or charged off since."""
    inst, off = desk.inst, desk.inst.charged_off[undone.due]
    ahead = (undone.component == AHEAD) & ~inst.billed[undone.due]
    component = np.where(undone.component == AHEAD, PRINCIPAL, undone.component)
    inst.unbilled_minor[undone.due] += np.where(ahead, back, 0)
    np.add.at(inst.open_minor, (undone.due, component), np.where(ahead, 0, back))
    to = np.where(undone.recovered, A_RECOVERY, np.where(off, A_OFF, np.where(ahead, A_AHEAD, -1)))
    for code, account in ((A_RECOVERY, A.recovery), (A_OFF, A.charge_off), (A_AHEAD, A.unbilled)):
        _write_back(desk, undone, np.where(to == code, back, 0), account)
    for code, account in enumerate(CLAIM):
        _write_back(desk, undone, np.where((to == -1) & (component == code), back, 0), account)
    desk.book.met.append(Met(undone.cause, undone.due, undone.component, -back, undone.recovered))


A_RECOVERY, A_OFF, A_AHEAD = range(3)


def _write_back(desk: Desk, undone: Met, amount: Longs, account: LedgerAccount) -> None:
    desk.write(
        K.payment_reversal, account, A.unapplied, amount, rows=undone.due, cause=undone.cause
    )


def _lower_unbilled(desk: Desk, rows: Rows, amount: Longs) -> None:
    desk.inst.unbilled_minor[rows] -= amount
    lower_agreed(desk, rows, amount)


def _book_met(desk: Desk, cause: Rows, rows: Rows, component: Rows, amount: Longs) -> None:
    """Write what money met, and remember it."""
    off = desk.inst.charged_off[rows]
    ahead = component == AHEAD
    billed = np.flatnonzero(~ahead)
    np.subtract.at(desk.inst.open_minor, (rows[billed], component[billed]), amount[billed])
    np.subtract.at(desk.book.left_minor, cause, amount)
    desk.write(
        K.recovery, A.unapplied, A.recovery, np.where(off, amount, 0), rows=rows, cause=cause
    )
    for code, account in enumerate((*CLAIM, A.unbilled)):
        part = np.where(~off & (component == code), amount, 0)
        desk.write(K.allocation, A.unapplied, account, part, rows=rows, cause=cause)
    desk.book.met.append(Met(cause, rows, component, amount, off))
