"""One day's work on a book: what every step of it reads and writes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forbear.kernel.columns import Bools, Longs, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import Journal, TransferKind
from forbear.servicing.allocation import N_COMPONENTS, Component
from forbear.servicing.book import Book, Conditions, Installments, rows_of_accounts
from forbear.servicing.fact import Facts
from forbear.servicing.holding import Held, Holds, held, holds_of

CLAIM = tuple(LedgerAccount(component.value) for component in Component)  # by component
COST, INTEREST, FEE, PENALTY, PRINCIPAL = range(len(Component))
EACH = np.ones(N_COMPONENTS, np.int64)
AT_ONCE = 1 << 16  # rows whose components are held beside each other at a time


@dataclass(slots=True, kw_only=True)
class Desk:
    """The book as the day's work finds it and leaves it, and the transfers that it writes."""

    book: Book
    facts: Facts
    conditions: Conditions
    on: np.datetime64
    journal: Journal = field(default_factory=Journal)
    live: Rows | slice = field(default_factory=lambda: slice(None))  # all that a day may change
    holds: Holds | None = None  # of all the facts; None: found when they are asked for

    @property
    def inst(self) -> Installments:
        """Return the installments of the book."""
        return self.book.installments

    def rows(self, chosen: Bools) -> Rows:
        """Return the rows of the chosen among the live installments, in order."""
        found = np.flatnonzero(chosen)
        return found if isinstance(self.live, slice) else self.live[found]

    def held(self, rows: Rows) -> Held:
        """Return what of some installments, ascending, refunds hold today and held before."""
        if self.holds is None:
            self.holds = holds_of(self.facts)
        return held(self.book, self.facts, self.holds, rows, on=self.on)

    def write(
        self,
        kind: TransferKind,
        debit: LedgerAccount,
        credit: LedgerAccount,
        amount_minor: Longs,
        *,
        rows: Rows | None = None,
        accounts: Rows | None = None,
        cause: Rows | None = None,
    ) -> None:
        """Write transfers of installments, or of accounts as a whole."""
        whose = self.inst.account[rows] if rows is not None else accounts
        assert whose is not None
        self.journal.write(
            kind,
            debit,
            credit,
            on=self.on,
            account=whose,
            amount_minor=amount_minor,
            due=rows,
            cause=cause,
        )


def open_of(inst: Installments, rows: Rows) -> Longs:
    """Return what is billed or charged and not paid of some installments.

    Shape:  rows, result (k,).
    Unit:   minor units.
    Errors: none.
    Source: none.
    """
    found = np.empty(len(rows), np.int64)
    for low in range(0, len(rows), AT_ONCE):
        some = slice(low, low + AT_ONCE)
        found[some] = inst.open_minor.take(rows[some], axis=0) @ EACH
    return found


def lent_of(desk: Desk, accounts: Rows) -> tuple[Rows, Rows]:
    """Return the installments of accounts that are lent, and the place of each one's account.

    Errors: none.
    Source: none.
    """
    rows, owner = rows_of_accounts(desk.book, accounts)
    lent: Bools = desk.inst.lent[rows]
    return rows[lent], owner[lent]


def stirring(inst: Installments, rows: Rows) -> Rows:
    """Return the installments at which a day can bring something though nothing happens to them.

    One that is not lent yet, and one that was billed, earned and paid, waits for a fact.
    Shape:  rows (k,); result (j,), in the same order.
    Errors: none.
    Source: none.
    """
    rows = rows[inst.lent[rows]]
    more = ~inst.billed[rows] | (inst.unbilled_minor[rows] > 0)
    more |= inst.interest_minor[rows] > inst.earned_minor[rows]
    more |= open_of(inst, rows) > 0
    return rows[more]
