"""Say what settles an account on a day to come, as its books would have it. Pure.

The books are lived on to that day; whoever pays the sum then, ahead of what is not billed, owes
nothing afterwards, to the last minor unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forbear.kernel.columns import Longs
from forbear.servicing.book import Book, Conditions
from forbear.servicing.day import ONE, closed, happened
from forbear.servicing.desk import COST, FEE, INTEREST, PENALTY, PRINCIPAL
from forbear.servicing.earning import accrue
from forbear.servicing.fact import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What settles n accounts, if it comes in on the day and no other; every column (n,)."""

    principal_minor: Longs
    interest_minor: Longs  # billed, and earned by the day of what is not billed
    fee_minor: Longs
    penalty_minor: Longs
    cost_minor: Longs
    credit_minor: Longs  # the borrower's money that waits for a bill; not taken off the sum
    saved_minor: Longs  # interest and fees that were agreed and never come to be owed

    @property
    def total_minor(self) -> Longs:
        """Return what is to be paid."""
        owed = self.principal_minor + self.interest_minor + self.fee_minor
        return np.asarray(owed + self.penalty_minor + self.cost_minor, np.int64)


def settling(
    book: Book, facts: Facts, terms: Conditions, *, since: np.datetime64, on: np.datetime64
) -> Settling:
    """Return what settles each account on a day, the books standing at the start of `since`.

    Facts of the days between are lived as they are; those of the day itself come first.
    Shape:  result (n,), n the accounts of the book, which is left as it is.
    Unit:   minor units.
    Errors: none.
    Source: Civil Code of China, article 677: interest for the time used; L-3, L-6.
    """
    then = book.copy()
    day = since
    while day < on:
        closed(then, facts, np.flatnonzero(facts.effective_on == day), terms, on=day)
        day += ONE
    desk = happened(then, facts, np.flatnonzero(facts.effective_on == on), terms, on=on)
    inst, n = then.installments, len(then)
    ahead = np.flatnonzero(inst.lent & ~inst.billed)
    accrue(desk, ahead)
    earned = np.zeros(len(inst.account), np.int64)
    earned[ahead] = inst.earned_minor[ahead]
    kept = np.zeros(len(inst.account), np.int64)
    kept[ahead] = inst.fee_minor[ahead] * terms.keeps_fee[inst.account[ahead]]
    agreed = np.zeros(len(inst.account), np.int64)
    agreed[ahead] = inst.interest_minor[ahead] + inst.fee_minor[ahead]

    def by_account(minor: Longs) -> Longs:
        sums = np.zeros(n, np.int64)
        np.add.at(sums, inst.account, minor)
        return sums

    credit = np.zeros(n, np.int64)
    np.add.at(credit, facts.account, then.left_minor)
    return Settling(
        principal_minor=by_account(inst.open_minor[:, PRINCIPAL] + inst.unbilled_minor),
        interest_minor=by_account(inst.open_minor[:, INTEREST] + earned),
        fee_minor=by_account(inst.open_minor[:, FEE] + kept),
        penalty_minor=by_account(inst.open_minor[:, PENALTY]),
        cost_minor=by_account(inst.open_minor[:, COST]),
        credit_minor=credit,
        saved_minor=by_account(agreed - earned - kept),
    )
