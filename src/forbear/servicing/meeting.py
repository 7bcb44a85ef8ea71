"""Let money meet what is owed, remember what met what, and take it back again. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Bools, Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import N_COMPONENTS, meeting_order, taken
from forbear.servicing.billing import bill_early, unbill
from forbear.servicing.book import AHEAD, Met, first_of_each
from forbear.servicing.desk import (
    CLAIM,
    COST,
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Desk,
    lent_of,
    open_of,
)
from forbear.servicing.earning import accrue, agree_anew
from forbear.servicing.fact import FACT_CODE, FactKind
from forbear.servicing.judgment import OTHER, places
from forbear.servicing.payoff import settling

A, K = LedgerAccount, TransferKind


def meet(desk: Desk, sources: Rows) -> None:
    """Let what is left of payments and credits meet what is open of their accounts.

    Shape:  sources (k,) facts, of different accounts.
    Errors: none; what meets nothing stays unapplied.
    Source: Civil Code of China, articles 560 and 561; the product's own order where it has one.
            SPC interpretation 2014 No. 8, article 4, after an instrument.
    """
    if not len(sources):
        return
    accounts = desk.facts.account[sources]
    rows, owner = lent_of(desk, accounts)
    some = open_of(desk.inst, rows) > 0
    rows, owner = rows[some], owner[some]
    if not len(rows):
        return
    inst, terms = desk.inst, desk.conditions
    paid = desk.facts.kind[sources] == FACT_CODE[FactKind.payment]
    about = np.where(paid, desk.facts.about[sources], -1)[owner]
    oldest = np.empty(len(rows), np.int64)
    oldest[np.lexsort((rows, inst.due_on[rows], owner))] = np.arange(len(rows))
    cell_row, cell_owner = np.repeat(rows, N_COMPONENTS), np.repeat(owner, N_COMPONENTS)
    component = np.tile(np.arange(N_COMPONENTS), len(rows))
    rank, flat = terms.rank[accounts], terms.by_component[accounts]
    place = places(inst, desk.facts, rows)
    if (place != OTHER).any():  # what an instrument fixed, what is doubled of it, and the rest
        oldest += place * len(rows)
        judged = np.unique(owner[place != OTHER])
        rank[judged], flat[judged] = np.arange(N_COMPONENTS), False
    # A cost of realizing the claim is of all of it: met before any installment, if met first.
    first = (component == COST) & (rank[cell_owner, COST] == 0)
    order = meeting_order(
        cell_owner,
        np.where(first, -1, np.repeat(oldest, N_COMPONENTS)),
        component,
        rank=rank,
        by_component=flat,
        others=np.repeat((about >= 0) & (inst.fact[rows] != about), N_COMPONENTS) & ~first,
    )
    cell_row, cell_owner, component = cell_row[order], cell_owner[order], component[order]
    open_minor = inst.open_minor[cell_row, component]
    take = taken(cell_owner, open_minor, desk.book.left_minor[sources])
    met = take > 0
    _book_met(desk, sources[cell_owner[met]], cell_row[met], component[met], take[met])


def meet_waiting(desk: Desk) -> None:
    """Let money that waited meet what is open by now, the oldest money of each account first.

    Errors: none; afterwards no account has both.
    Source: house convention L-3.
    """
    waiting = np.flatnonzero(desk.book.left_minor > 0)
    if not len(waiting):
        return
    accounts, _ = first_of_each(desk.facts.account[waiting])
    rows, owner = lent_of(desk, accounts)
    owing = np.zeros(len(desk.book), np.bool_)
    owing[accounts[owner[open_of(desk.inst, rows) > 0]]] = True
    waiting = waiting[owing[desk.facts.account[waiting]]]
    waiting = waiting[np.lexsort((waiting, desk.facts.account[waiting]))]
    while len(waiting):
        whose = desk.facts.account[waiting]
        oldest = np.r_[True, whose[1:] != whose[:-1]]
        meet(desk, waiting[oldest])
        waiting = waiting[~oldest]


def meet_ahead(desk: Desk, sources: Rows) -> None:
    """Let what is left of payments meet principal that is not billed yet.

    Money that is enough for everything repays everything, with the interest earned by now. Else
    the last installments fall away, or every one is lowered, as the product says; what is met whole
    is billed now, and interest to come goes down with the principal.
    Shape:  sources (k,) payments of different accounts that have met every bill.
    Errors: none.
    Source: Civil Code of China, article 677.
    """
    inst, accounts = desk.inst, desk.facts.account[sources]
    rows, owner = lent_of(desk, accounts)
    about = desk.facts.about[sources][owner]
    wanted = ~inst.billed[rows] & ((about < 0) | (inst.fact[rows] == about))
    rows, owner = rows[wanted], owner[wanted]
    accrue(desk, rows)
    parts = settling(desk.book, desk.conditions, rows, on=desk.on)
    worth = parts.total_minor
    money, total = desk.book.left_minor[sources], np.zeros(len(sources), np.int64)
    np.add.at(total, owner, worth)
    everything = (money >= total)[owner]
    some = (worth > 0) & (everything | (inst.unbilled_minor[rows] > 0))
    back = np.lexsort((-rows, -inst.due_on[rows].astype(np.int64), owner))
    back = back[some[back]]
    rows, owner, worth, everything = (c[back] for c in (rows, owner, worth, everything))
    lowered = desk.conditions.lowers[accounts][owner] & ~everything
    take = taken(owner, np.where(lowered, 0, worth), money)
    whole = (take == worth) & ~lowered
    bill_early(desk, rows[whole], parts.rows(back[whole]))
    meet(desk, sources)
    left = desk.book.left_minor[sources][owner]
    amount = np.where(lowered, 0, np.minimum(left, inst.unbilled_minor[rows]) * (take > 0))
    amount += _shares(owner, inst.unbilled_minor[rows] * lowered, left)
    inst.unbilled_minor[rows] -= np.where(whole, 0, amount)
    agree_anew(desk, rows)
    partly = ~whole & (amount > 0)
    cause = sources[owner[partly]]
    _book_met(desk, cause, rows[partly], np.full(len(cause), AHEAD), amount[partly])


def _shares(owner: Rows, of_minor: Longs, money_minor: Longs) -> Longs:
    """Return each row's share of its owner's money, as its amount is of theirs, to the fen."""
    if not len(owner):
        return of_minor
    running = np.cumsum(of_minor)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    counts = np.diff(np.r_[starts, len(owner)])
    before = np.repeat(running[starts] - of_minor[starts], counts)
    high = running - before
    total = np.maximum(np.repeat(high[starts + counts - 1], counts), 1)
    money = np.minimum(money_minor, total)
    upto = [int(m) * int(h) // int(t) for m, h, t in zip(money, high, total, strict=True)]
    low = [int(m) * int(h) // int(t) for m, h, t in zip(money, high - of_minor, total, strict=True)]
    return np.array(upto, np.int64) - np.array(low, np.int64)


def take_back(desk: Desk, reversals: Rows) -> Longs:
    """Take payments back from what they met, last met first; return what could be taken back.

    An installment that such a payment repaid ahead is as it was before, and what is left of the
    payment meets anew.
    Shape:  reversals (k,) facts of different accounts, about payments; result (k,).
    Unit:   minor units.
    Errors: none.
    Source: house convention L-3: a payment that comes undone undoes the last of what it did first.
    """
    book, amount = desk.book, desk.facts.amount_minor[reversals]
    payments = desk.facts.about[reversals]
    waited = np.minimum(book.left_minor[payments], amount)
    book.left_minor[payments] -= waited
    undone, owner = _last_first(desk, payments)
    back = taken(owner, undone.amount_minor, amount - waited)
    early = _unbillable(desk, undone)
    again = early & np.isin(undone.due, undone.due[early & (back > 0)])
    back = np.where(again, undone.amount_minor, back)
    _reopen(desk, undone, back, reversals[owner])
    rows, first = np.unique(undone.due[again], return_index=True)
    unbill(desk, rows, reversals[owner[again][first]])
    came = np.zeros(len(reversals), np.int64)
    np.add.at(came, owner, back)
    over = np.maximum(came - (amount - waited), 0)
    book.left_minor[payments] += over
    anew = payments[over > 0]
    if len(anew):
        meet(desk, anew)
        meet_ahead(desk, anew)
    return np.asarray(waited + came - over, np.int64)


def _unbillable(desk: Desk, undone: Met) -> Bools:
    """Return which rows are of installments billed early whose interest and fee this alone paid."""
    inst, due = desk.inst, undone.due
    early = inst.billed[due] & (inst.whole_bill_on[due] > desk.on) & ~inst.charged_off[due]
    early &= ~inst.open_minor[due][:, (COST, PENALTY)].any(axis=1)
    for code, agreed in ((INTEREST, inst.interest_minor), (FEE, inst.fee_minor)):
        paid = np.zeros(len(inst.account), np.int64)
        np.add.at(paid, due, np.where(undone.component == code, undone.amount_minor, 0))
        early &= inst.open_minor[due, code] + paid[due] == agreed[due]
    return np.asarray(early, np.bool_)


def _last_first(desk: Desk, payments: Rows) -> tuple[Met, Rows]:
    """Return what payments have met, last met first, and the place of each one's payment."""
    undone = _met_by(desk, payments)
    by_key = np.argsort(payments)
    owner = by_key[np.searchsorted(payments, undone.cause, sorter=by_key)]
    order = np.lexsort((-np.arange(len(owner)), owner))
    return Met(*(column[order] for column in _columns(undone))), owner[order]


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


def _reopen(desk: Desk, undone: Met, back: Longs, cause: Rows) -> None:
    """Open again what money had met, as it stands now: billed, or charged off since."""
    some = back > 0
    if not some.any():
        return
    undone, back, cause = Met(*(c[some] for c in _columns(undone))), back[some], cause[some]
    inst, off = desk.inst, desk.inst.charged_off[undone.due]
    ahead = np.isin(undone.component, (AHEAD, PRINCIPAL)) & ~inst.billed[undone.due]
    component = np.where(undone.component == AHEAD, PRINCIPAL, undone.component)
    np.add.at(inst.unbilled_minor, undone.due, np.where(ahead, back, 0))
    np.add.at(inst.open_minor, (undone.due, component), np.where(ahead, 0, back))
    to = np.where(undone.recovered, A_RECOVERY, np.where(off, A_OFF, np.where(ahead, A_AHEAD, -1)))
    for code, account in ((A_RECOVERY, A.recovery), (A_OFF, A.charge_off), (A_AHEAD, A.unbilled)):
        _write_back(desk, undone, np.where(to == code, back, 0), account, cause)
    for code, account in enumerate(CLAIM):
        part = np.where((to == -1) & (component == code), back, 0)
        _write_back(desk, undone, part, account, cause)
    desk.book.met.append(Met(undone.cause, undone.due, undone.component, -back, undone.recovered))
    if ahead.any():
        agree_anew(desk, undone.due[ahead])


A_RECOVERY, A_OFF, A_AHEAD = range(3)


def _write_back(desk: Desk, undone: Met, minor: Longs, account: LedgerAccount, cause: Rows) -> None:
    desk.write(K.payment_reversal, account, A.unapplied, minor, rows=undone.due, cause=cause)


def _book_met(desk: Desk, cause: Rows, rows: Rows, component: Rows, minor: Longs) -> None:
    """Write what money met, and remember it."""
    off = desk.inst.charged_off[rows]
    ahead = component == AHEAD
    billed = np.flatnonzero(~ahead)
    np.subtract.at(desk.inst.open_minor, (rows[billed], component[billed]), minor[billed])
    np.subtract.at(desk.book.left_minor, cause, minor)
    desk.write(K.recovery, A.unapplied, A.recovery, np.where(off, minor, 0), rows=rows, cause=cause)
    for code, account in enumerate((*CLAIM, A.unbilled)):
        part = np.where(~off & (component == code), minor, 0)
        desk.write(K.allocation, A.unapplied, account, part, rows=rows, cause=cause)
    desk.book.met.append(Met(cause, rows, component, minor, off))
