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
from forbear.servicing.fact import Facts
from forbear.servicing.payoff import Quote, quote, settling


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What settles n accounts, if it comes in on the day and no other; every column (n,)."""

    quote: Quote
    credit_minor: Longs  # the borrower's money that waits for a bill; not taken off the sum
    saved_minor: Longs  # interest and fees that were agreed and never come to be owed


def settling_on(
    book: Book, facts: Facts, terms: Conditions, *, since: np.datetime64, on: np.datetime64
) -> Settling:
    """Return what settles each account on a day, the books standing at the start of `since`.

    Facts of the days between are lived as they are; those of the day itself come first.
    Shape:  result (n,), n the accounts of the book, which is left as it is.
    Unit:   minor units.
    Errors: none.
    Source: Civil Code of China, article 677: interest for the time used; L-3, L-6, L-11.
    """
    then = book.copy()
    day = since
    while day < on:
        closed(then, facts, np.flatnonzero(facts.effective_on == day), terms, on=day)
        day += ONE
    happened(then, facts, np.flatnonzero(facts.effective_on == on), terms, on=on)
    inst = then.installments
    ahead = np.flatnonzero(inst.lent & ~inst.billed)
    early = settling(then, terms, ahead, on=on)
    agreed = inst.interest_minor[ahead] + inst.fee_minor[ahead]
    saved, credit = np.zeros(len(then), np.int64), np.zeros(len(then), np.int64)
    np.add.at(saved, inst.account[ahead], agreed - early.interest_minor - early.fee_minor)
    np.add.at(credit, facts.account, then.left_minor)
    return Settling(quote=quote(then, terms, on=on), credit_minor=credit, saved_minor=saved)
