"""Call all that an account owes, and let it become the installments of a plan. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import N_COMPONENTS
from forbear.servicing.billing import bill_early
from forbear.servicing.book import rows_of_facts
from forbear.servicing.desk import CLAIM, Desk, lent_of
from forbear.servicing.payoff import settling

A, K = LedgerAccount, TransferKind


def arrangement(desk: Desk, facts: Rows) -> None:
    """Let everything open become the installments of an agreed plan, component by component.

    Where less is open than was agreed the last installments are less; where more is, the last one
    is more. What is charged off is arranged only where nothing else is open.
    Errors: none.
    Source: Measures on credit cards of 2011, article 70, and the agreement.
    """
    new, owner = rows_of_facts(desk.book, facts)
    old, old_owner = called(desk, facts)
    some, off = desk.inst.open_minor[old].any(axis=1), desk.inst.charged_off[old]
    on_books = np.zeros(len(facts), np.bool_)
    on_books[old_owner[some & ~off]] = True
    alike = some & (off != on_books[old_owner])
    old, old_owner = old[alike], old_owner[alike]
    total = np.zeros((len(facts), N_COMPONENTS), np.int64)
    np.add.at(total, old_owner, desk.inst.open_minor[old])
    for code, account in enumerate(CLAIM):
        part = desk.inst.open_minor[old, code] * on_books[old_owner]
        desk.write(K.arrangement, A.rescheduled, account, part, rows=old, cause=facts[old_owner])
    desk.inst.open_minor[old] = 0
    desk.inst.open_minor[new] = cut(total, owner, desk.inst.principal_minor[new])
    desk.inst.lent[new] = desk.inst.billed[new] = True
    desk.inst.charged_off[new] = ~on_books[owner]
    for code, account in enumerate(CLAIM):
        part = desk.inst.open_minor[new, code] * on_books[owner]
        desk.write(K.arrangement, account, A.rescheduled, part, rows=new, cause=facts[owner])


def cut(total: Longs, owner: Rows, agreed: Longs) -> Longs:
    """Return each installment's part of each component, in the order of components.

    Shape:  total (k, components); owner, agreed (m,), ascending owner; result (m, components).
    Unit:   minor units; the last installment of each owner takes what is above all that was agreed.
    Errors: none.
    Source: none.
    """
    if not len(owner):
        return np.zeros((0, N_COMPONENTS), np.int64)
    starts = np.searchsorted(owner, np.arange(len(total)))
    running = np.cumsum(agreed)
    low = running - agreed
    base = low[np.minimum(starts, len(low) - 1)][owner]
    low, high = low - base, running - base
    last = np.r_[owner[1:] != owner[:-1], True]
    high[last] = np.maximum(high[last], total.sum(axis=1)[owner[last]])
    to = np.cumsum(total, axis=1)[owner]
    since = to - total[owner]
    cut = np.minimum(high[:, None], to) - np.maximum(low[:, None], since)
    return np.asarray(np.maximum(cut, 0), np.int64)


def called(desk: Desk, facts: Rows) -> tuple[Rows, Rows]:
    """Bill everything that is lent, and return the installments and each one's fact.

    Shape:  facts (k,) of different accounts; results (m,).
    Errors: none.
    Source: the agreement: the whole of it is asked for; house convention L-11.
    """
    rows, owner = lent_of(desk, desk.facts.account[facts])
    unbilled = rows[~desk.inst.billed[rows]]
    quote = settling(desk.book, desk.conditions, unbilled, on=desk.on, prepaid=False)
    bill_early(desk, unbilled, quote)
    desk.inst.whole_bill_on[rows] = np.minimum(desk.inst.whole_bill_on[rows], desk.on)
    return rows, owner
