"""Bill installments: on their day, before it, and take back a bill that was early. Pure."""

from __future__ import annotations

import numpy as np

from forbear.kernel.columns import Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.book import PPM
from forbear.servicing.desk import FEE, INTEREST, PRINCIPAL, Desk
from forbear.servicing.earning import accrue, agree_anew
from forbear.servicing.payoff import Quote, fees_early


def bill(desk: Desk, rows: Rows) -> None:
    """Bill installments: their principal, and the interest and the fee that were agreed.

    Shape:  rows (k,) installments that are lent and not billed.
    Errors: none.
    Source: the agreement; house convention L-1: what is billed is earned by its due day.
    """
    if not len(rows):
        return
    inst, standing = desk.inst, desk.book.standing
    principal, interest = inst.unbilled_minor[rows], inst.interest_minor[rows]
    fee, account = inst.fee_minor[rows], inst.account[rows]
    kind = TransferKind.billing
    desk.write(kind, LedgerAccount.principal, LedgerAccount.unbilled, principal, rows=rows)
    desk.write(kind, LedgerAccount.interest, LedgerAccount.accrued_interest, interest, rows=rows)
    desk.write(kind, LedgerAccount.fee, LedgerAccount.fee_income, fee, rows=rows)
    inst.open_minor[rows, PRINCIPAL] += principal
    inst.open_minor[rows, INTEREST] += interest
    inst.open_minor[rows, FEE] += fee
    whole, least = inst.principal_minor[rows], inst.least_ppm[rows]
    inst.spared_minor[rows] = whole + -whole * least // PPM  # all but the least, rounded up
    inst.unbilled_minor[rows] = 0
    inst.billed[rows] = True
    np.add.at(standing.charged_minor, account, interest + fee)


def bill_early(desk: Desk, rows: Rows, quote: Quote) -> None:
    """Bill installments before their day as they were quoted, and count what the cap cut off.

    Shape:  rows (k,) installments that are lent and not billed; quote (k,) as `settling`.
    Errors: none.
    Source: Civil Code of China, article 677: repaid early, interest is of the time it was lent.
    """
    inst = desk.inst
    accrue(desk, rows)
    inst.interest_minor[rows] = inst.earned_minor[rows]
    inst.fee_minor[rows] = quote.fee_minor + quote.prepayment_fee_minor
    np.add.at(desk.book.standing.above_cap_minor, inst.account[rows], quote.above_cap_minor)
    inst.bill_on[rows] = desk.on
    bill(desk, rows)


def unbill(desk: Desk, rows: Rows, cause: Rows) -> None:
    """Take back bills that were made early for money that was taken back since.

    Shape:  rows, cause (k,) installments of which nothing is paid any more, and the facts that
            take the money back.
    Errors: none.
    Source: house convention L-3.
    """
    if not len(rows):
        return
    inst, standing, kind = desk.inst, desk.book.standing, TransferKind.payment_reversal
    principal, interest, fee = (inst.open_minor[rows, c] for c in (PRINCIPAL, INTEREST, FEE))
    for to, of, amount in (
        (LedgerAccount.unbilled, LedgerAccount.principal, principal),
        (LedgerAccount.accrued_interest, LedgerAccount.interest, interest),
        (LedgerAccount.fee_income, LedgerAccount.fee, fee),
    ):
        desk.write(kind, to, of, amount, rows=rows, cause=cause)
    np.subtract.at(standing.charged_minor, inst.account[rows], interest + fee)
    inst.unbilled_minor[rows] += principal
    inst.open_minor[rows] = 0
    inst.spared_minor[rows] = 0
    inst.billed[rows] = False
    inst.bill_on[rows] = inst.whole_bill_on[rows]
    agree_anew(desk, rows)
    kept, prepaying = fees_early(desk.book, desk.conditions, rows)
    cut = np.maximum(kept + prepaying - fee, 0)  # counted when it was billed, and now undone
    np.subtract.at(standing.above_cap_minor, inst.account[rows], cut)
