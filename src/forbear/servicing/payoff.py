"""What settles installments before their day, and whole accounts on a day: one rounding. Pure.

The quote and the booking of the money that comes for it are of the same function, so that whoever
pays what was quoted, on its day, owes nothing and has nothing left.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from forbear.kernel.columns import Longs, Rows
from forbear.servicing.allocation import taken
from forbear.servicing.book import PPM, Book, Conditions
from forbear.servicing.desk import COST, FEE, INTEREST, PENALTY, PRINCIPAL
from forbear.servicing.earning import gained_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What settles each row, if it comes in on the day; every column shape (n,)."""

    principal_minor: Longs
    interest_minor: Longs  # of the time it was lent
    fee_minor: Longs
    prepayment_fee_minor: Longs
    penalty_minor: Longs
    cost_minor: Longs
    above_cap_minor: Longs  # what paying early would have cost and the cap does not let: never owed

    @property
    def total_minor(self) -> Longs:
        """Return what is to be paid in all."""
        columns = [getattr(self, f.name) for f in fields(self) if f.name != "above_cap_minor"]
        return np.asarray(sum(columns[1:], columns[0]), np.int64)

    def rows(self, which: Rows) -> Quote:
        """Return some rows, in the order they are named."""
        return Quote(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


def settling(
    book: Book, terms: Conditions, rows: Rows, *, on: np.datetime64, prepaid: bool = True
) -> Quote:
    """Return what settles installments that are lent and not billed.

    Interest is what they have earned by the day; their fee is owed where the product keeps it, and
    where it is `prepaid` a fee for that, of the principal, rounded down. Fees are never above what
    the cap leaves beside the interest: what is due last has its fees first, as money repays it
    first, and its own fee before the one for paying early.
    Shape:  rows (k,), each at most once; result (k,).
    Unit:   minor units.
    Errors: none.
    Source: Civil Code of China, article 677; house conventions L-1, L-4 and L-11.
    """
    inst, account = book.installments, book.installments.account[rows]
    interest = inst.earned_minor[rows] + gained_by(inst, rows, on=on)
    kept, prepaying = fees_early(book, terms, rows)
    wanted = kept + prepaying * prepaid
    none, found = np.zeros(len(rows), np.int64), wanted.copy()
    if wanted.any():
        earned = np.zeros(len(book), np.int64)
        np.add.at(earned, account, interest)
        room = np.maximum(book.standing.room_minor - book.standing.charged_minor - earned, 0)
        order = np.lexsort((-rows, -inst.due_on[rows].astype(np.int64), account))
        found[order] = taken(account[order], wanted[order], room)
    fee = np.minimum(found, kept)
    return Quote(
        principal_minor=inst.unbilled_minor[rows],
        interest_minor=interest,
        fee_minor=fee,
        prepayment_fee_minor=found - fee,
        penalty_minor=none,
        cost_minor=none,
        above_cap_minor=wanted - found,
    )


def fees_early(book: Book, terms: Conditions, rows: Rows) -> tuple[Longs, Longs]:
    """Return what the product would have installments cost that are repaid now, whatever the cap.

    Shape:  rows (k,) not billed; results (k,): their own fees where they are kept, and for paying.
    Unit:   minor units.
    Errors: none.
    Source: the product; house convention L-11.
    """
    inst, account = book.installments, book.installments.account[rows]
    kept = inst.fee_minor[rows] * terms.keeps_fee[account]
    return kept, inst.unbilled_minor[rows] * terms.prepayment_fee_ppm[account] // PPM


def quote(book: Book, terms: Conditions, *, on: np.datetime64) -> Quote:
    """Return what settles each account on a day, from its books at the end of the day before.

    Money that waits is the borrower's and is not taken off.
    Shape:  result (n,), a row an account.
    Unit:   minor units; good to that day, and for no other.
    Errors: none.
    Source: as `settling`; what is billed or charged is owed as it stands.
    """
    inst = book.installments
    ahead = np.flatnonzero(inst.lent & ~inst.billed)
    early = settling(book, terms, ahead, on=on)
    found = {f.name: np.zeros(len(book), np.int64) for f in fields(Quote)}
    for name, sums in found.items():
        np.add.at(sums, inst.account[ahead], getattr(early, name))
    for code, name in (
        (PRINCIPAL, "principal_minor"),
        (INTEREST, "interest_minor"),
        (FEE, "fee_minor"),
        (PENALTY, "penalty_minor"),
        (COST, "cost_minor"),
    ):
        np.add.at(found[name], inst.account, inst.open_minor[:, code])
    return Quote(**found)
