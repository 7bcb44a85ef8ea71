"""Book what happens to accounts: one function for each kind of fact. Pure.

Each takes facts of different accounts; what an account cannot bear is cut to what it can. Whether a
fact may be recorded at all was asked before, of the account as it stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from forbear.kernel.columns import Days, Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.allocation import taken
from forbear.servicing.arranged import arrangement, called
from forbear.servicing.book import rows_of_facts
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
from forbear.servicing.earning import accrue, give_back
from forbear.servicing.fact import FactKind
from forbear.servicing.judgment import judgment
from forbear.servicing.meeting import meet, meet_ahead, take_back
from forbear.servicing.month import day_in, month_of, payable_where
from forbear.servicing.suspended import forgo
from forbear.servicing.terms import MonthEnd

A, K = LedgerAccount, TransferKind
FORGIVEN_FIRST = (PENALTY, FEE, INTEREST, COST, PRINCIPAL)


def purchase(desk: Desk, facts: Rows) -> None:
    """Lend: for goods, and the merchant is owed; or in money.

    Errors: none.
    Source: the agreement.
    """
    rows, owner = rows_of_facts(desk.book, facts)
    inst = desk.inst
    inst.lent[rows], inst.unbilled_minor[rows] = True, inst.principal_minor[rows]
    cash = desk.conditions.in_cash[inst.account[rows]]
    lent, cause = inst.principal_minor[rows], facts[owner]
    for account, part in ((A.merchant_payable, ~cash), (A.cash, cash)):
        desk.write(K.purchase, A.unbilled, account, lent * part, rows=rows, cause=cause)


def cost(desk: Desk, facts: Rows) -> None:
    """Advance a cost of realizing the claim, which the borrower owes at once.

    Errors: none.
    Source: Civil Code of China, article 561.
    """
    rows, owner = rows_of_facts(desk.book, facts)
    amount = desk.facts.amount_minor[facts][owner]
    desk.inst.lent[rows] = desk.inst.billed[rows] = True
    desk.inst.open_minor[rows, COST] += amount
    desk.write(K.cost, A.cost, A.cash, amount, rows=rows, cause=facts[owner])


def extension(desk: Desk, facts: Rows) -> None:
    """Move installments that are not past due by some days.

    Errors: none.
    Source: an agreement with the borrower.
    """
    rows, owner = _theirs(desk, facts)
    inst = desk.inst
    later = (inst.due_on[rows] >= desk.on) & (
        inst.unbilled_minor[rows] + open_of(desk.inst, rows) > 0
    )
    rows, days = rows[later], desk.facts.days[facts][owner[later]].astype("timedelta64[D]")
    accrue(desk, rows)
    _fall_due(desk, rows, inst.due_on[rows] + days)
    unbilled = ~inst.billed[rows]
    inst.bill_on[rows[unbilled]] += days[unbilled]
    inst.whole_bill_on[rows[unbilled]] += days[unbilled]


def due_day(desk: Desk, facts: Rows) -> None:
    """Move what is not billed yet to another day of the month: later, and never sooner.

    Interest and fees stay as they were agreed. Statements after this ask for that day too.
    Errors: none.
    Source: an agreement with the borrower; house convention L-12.
    """
    accounts = desk.facts.account[facts]
    rows, owner = lent_of(desk, accounts)
    inst, standing = desk.inst, desk.book.standing
    standing.due_day[accounts] = desk.facts.days[facts]
    moves = ~inst.billed[rows] & (inst.bill_on[rows] > desk.on)
    rows, owner = rows[moves], owner[moves]
    accrue(desk, rows)
    months, days = month_of(inst.due_on[rows]), desk.facts.days[facts][owner]
    here, later = (day_in(m, days, month_end=MonthEnd.last_day) for m in (months, months + 1))
    over = np.zeros(len(facts), np.bool_)  # one answer for all, or two would share a month
    np.logical_or.at(over, owner, here < inst.due_on[rows])
    moved = np.where(over[owner], later, here)
    _fall_due(desk, rows, payable_where(moved, desk.conditions.moves_rest[accounts][owner]))


def _fall_due(desk: Desk, rows: Rows, due_on: Days) -> None:
    """Let installments fall due on other days, and revolve from then where they would from due."""
    inst = desk.inst
    with_it = inst.revolves_on[rows] == inst.due_on[rows]
    inst.revolves_on[rows] = np.where(with_it, due_on, inst.revolves_on[rows])
    inst.due_on[rows] = due_on


def reage(desk: Desk, facts: Rows) -> None:
    """Let installments past due fall due anew, after some days.

    Errors: none.
    Source: an agreement under a rule that allows it; the fact names it.
    """
    rows, owner = _theirs(desk, facts)
    inst = desk.inst
    past = (inst.due_on[rows] < desk.on) & (open_of(desk.inst, rows) > 0)
    days = desk.facts.days[facts][owner[past]].astype("timedelta64[D]")
    inst.due_on[rows[past]] = desk.on + days


def _returned(kind: TransferKind) -> Callable[[Desk, Rows], None]:
    """Return the booking of money that comes back from a merchant, or is given back by the lender.

    The purchase's principal goes down, its last installment first; what was paid of it already is
    the borrower's, and meets what else is owed.
    """

    def booking(desk: Desk, facts: Rows) -> None:
        rows, owner = rows_of_facts(desk.book, desk.facts.about[facts])
        back = np.lexsort((-rows, owner))
        rows, owner = rows[back], owner[back]
        on_books = ~desk.inst.charged_off[rows]
        rows, owner = rows[on_books], owner[on_books]
        left = desk.facts.amount_minor[facts].copy()
        for account in (A.unbilled, A.principal):
            if account == A.unbilled:
                take = taken(owner, desk.inst.unbilled_minor[rows], left)
                give_back(desk, rows, take)
            else:
                take = taken(owner, desk.inst.open_minor[rows, PRINCIPAL], left)
                desk.inst.open_minor[rows, PRINCIPAL] -= take
            np.subtract.at(left, owner, take)
            _give(desk, kind, account, take, facts[owner], rows=rows)
        _give(desk, kind, A.unapplied, left, facts)
        desk.book.left_minor[facts] += left
        meet(desk, facts)

    return booking


def _give(
    desk: Desk,
    kind: TransferKind,
    to: LedgerAccount,
    minor: Longs,
    cause: Rows,
    *,
    rows: Rows | None = None,
) -> None:
    """Write what the merchant pays back, or the lender where it lent in money."""
    accounts = desk.facts.account[cause]
    cash = desk.conditions.in_cash[accounts]
    for payer, part in ((A.merchant_payable, ~cash), (A.cash, cash)):
        desk.write(kind, payer, to, minor * part, rows=rows, accounts=accounts, cause=cause)


def compensation(desk: Desk, facts: Rows) -> None:
    """Credit the borrower for a wrong, or in goodwill; it then meets what is owed like money.

    Errors: none.
    Source: house decision, approved elsewhere.
    """
    amount = desk.facts.amount_minor[facts]
    accounts = desk.facts.account[facts]
    desk.write(K.compensation, A.compensation, A.unapplied, amount, accounts=accounts, cause=facts)
    desk.book.left_minor[facts] += amount
    meet(desk, facts)


def payment(desk: Desk, facts: Rows) -> None:
    """Take money in and let it meet what is owed; what meets nothing waits for the next bill.

    Errors: none.
    Source: Civil Code of China, articles 560 and 561.
    """
    amount = desk.facts.amount_minor[facts]
    desk.write(
        K.payment, A.cash, A.unapplied, amount, accounts=desk.facts.account[facts], cause=facts
    )
    desk.book.left_minor[facts] += amount
    meet(desk, facts)
    ahead = facts[desk.facts.ahead[facts] & (desk.book.left_minor[facts] > 0)]
    if len(ahead):
        meet_ahead(desk, ahead)


def payment_reversal(desk: Desk, facts: Rows) -> None:
    """Take a payment back, and open again what it met.

    Errors: none.
    Source: house convention L-3.
    """
    facts = facts[desk.facts.about[facts] >= 0]  # of a payment that nobody told of yet: nothing
    back = take_back(desk, facts)
    accounts = desk.facts.account[facts]
    desk.write(K.payment_reversal, A.unapplied, A.cash, back, accounts=accounts, cause=facts)


def waiver(desk: Desk, facts: Rows) -> None:
    """Forgive part of what is owed: penalties first, principal last, the oldest first.

    Errors: none; more than is owed cannot be forgiven.
    Source: house decision, approved elsewhere.
    """
    rows, owner = _theirs(desk, facts)
    order = np.lexsort((rows, desk.inst.due_on[rows], owner))
    rows, owner = rows[order], owner[order]
    left = desk.facts.amount_minor[facts].copy()
    off = desk.inst.charged_off[rows]
    for code in FORGIVEN_FIRST:
        take = taken(owner, desk.inst.open_minor[rows, code], left)
        np.subtract.at(left, owner, take)
        desk.inst.open_minor[rows, code] -= take
        # What is charged off is off the books already: the claim is less, the books are not.
        desk.write(K.waiver, A.waiver, CLAIM[code], take * ~off, rows=rows, cause=facts[owner])
        forgo(desk, K.waiver, A.waiver, code, take * ~off, rows=rows, cause=facts[owner])


def charge_off(desk: Desk, facts: Rows) -> None:
    """Take everything owed off the books as lost. It is owed all the same.

    Errors: none.
    Source: house decision; accounting only.
    """
    rows, owner = called(desk, facts)
    off = desk.inst.charged_off[rows]
    for code, account in enumerate(CLAIM):
        part = desk.inst.open_minor[rows, code] * ~off
        desk.write(K.charge_off, A.charge_off, account, part, rows=rows, cause=facts[owner])
        forgo(desk, K.charge_off, A.charge_off, code, part, rows=rows, cause=facts[owner])
    desk.inst.charged_off[rows] = True


def sale(desk: Desk, facts: Rows) -> None:
    """Sell the claim for a price; nothing is owed to the seller any more.

    Errors: none.
    Source: Civil Code of China, articles 545 and 546.
    """
    accounts, price = desk.facts.account[facts], desk.facts.amount_minor[facts]
    rows, owner = called(desk, facts)
    on_books = ~desk.inst.charged_off[rows]
    for code, account in enumerate(CLAIM):
        part = desk.inst.open_minor[rows, code] * on_books
        desk.write(K.sale, A.sale, account, part, rows=rows, cause=facts[owner])
        forgo(desk, K.sale, A.sale, code, part, rows=rows, cause=facts[owner])
    desk.inst.open_minor[rows] = 0
    desk.write(K.sale, A.cash, A.sale, price, accounts=accounts, cause=facts)


def payout(desk: Desk, facts: Rows) -> None:
    """Give the borrower back money that has met nothing, the oldest first.

    Errors: none; more than is left cannot be given back.
    Source: Civil Code of China, article 985.
    """
    wanted = desk.facts.amount_minor[facts].copy()
    accounts = desk.facts.account[facts]
    sources, owner = sources_of(desk, accounts)
    take = taken(owner, desk.book.left_minor[sources], wanted)
    desk.book.left_minor[sources] -= take
    paid = np.zeros(len(facts), np.int64)
    np.add.at(paid, owner, take)
    desk.write(K.payout, A.unapplied, A.cash, paid, accounts=accounts, cause=facts)


def sources_of(desk: Desk, accounts: Rows) -> tuple[Rows, Rows]:
    """Return the facts whose money has met nothing yet, oldest first, and whose they are.

    Shape:  accounts (k,), results (j,): fact, and place of its account in `accounts`.
    Errors: none.
    Source: none.
    """
    left = np.flatnonzero(desk.book.left_minor > 0)
    place = np.full(len(desk.book), -1, np.int64)
    place[accounts] = np.arange(len(accounts))
    owner = place[desk.facts.account[left]]
    left, owner = left[owner >= 0], owner[owner >= 0]
    order = np.lexsort((left, owner))
    return left[order], owner[order]


def _theirs(desk: Desk, facts: Rows) -> tuple[Rows, Rows]:
    """Return the installments that facts are about, and the place of each one's fact."""
    rows, owner = lent_of(desk, desk.facts.account[facts])
    about = desk.facts.about[facts][owner]
    wanted = (about < 0) | (desk.inst.fact[rows] == about)
    return rows[wanted], owner[wanted]


BOOKINGS: Mapping[FactKind, Callable[[Desk, Rows], None]] = {
    FactKind.purchase: purchase,
    FactKind.cost: cost,
    FactKind.extension: extension,
    FactKind.reage: reage,
    FactKind.arrangement: arrangement,
    FactKind.merchant_refund: _returned(K.merchant_refund),
    FactKind.chargeback: _returned(K.chargeback),
    FactKind.compensation: compensation,
    FactKind.payment: payment,
    FactKind.payment_reversal: payment_reversal,
    FactKind.waiver: waiver,
    FactKind.charge_off: charge_off,
    FactKind.sale: sale,
    FactKind.payout: payout,
    FactKind.due_day: due_day,
    FactKind.judgment: judgment,
}
