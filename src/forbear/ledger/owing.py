"""Say what a transfer does to what one borrower owes, part by part. Pure.

What is charged off is owed all the same, so it stays a part. Money of theirs that has met nothing
is a part as well: it counts below zero, as a credit.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from forbear.ledger.account import LedgerAccount

A = LedgerAccount


class Part(StrEnum):
    """What a borrower's balance is made of, in the order in which it is shown."""

    principal = "principal"  # billed or not
    interest = "interest"
    fee = "fee"
    penalty = "penalty"
    cost = "cost"
    charged_off = "charged_off"  # off the lender's books; less what was recovered of it
    credit = "credit"  # money that has met nothing, below zero


PART: Mapping[LedgerAccount, Part] = {
    A.unbilled: Part.principal,
    A.principal: Part.principal,
    A.interest: Part.interest,
    A.fee: Part.fee,
    A.penalty: Part.penalty,
    A.cost: Part.cost,
    A.charge_off: Part.charged_off,
    A.recovery: Part.charged_off,
    A.unapplied: Part.credit,
}

NEVER_INCOME = {A.suspended_income, A.charge_off}


def changes(debit: str, credit: str, amount_minor: int) -> dict[Part, int]:
    """Return by how much a transfer changes each part of what is owed; the sum is the change.

    Where what was no income yet is charged off, only the lender's own books change.
    Shape:  parts that do not change are left out.
    Unit:   minor units; above zero, more is owed.
    Errors: ValueError where an account of the book is none.
    Source: double entry.
    """
    found: dict[Part, int] = {}
    if {A(debit), A(credit)} == NEVER_INCOME:
        return found
    for account, minor in ((A(debit), amount_minor), (A(credit), -amount_minor)):
        if part := PART.get(account):
            found[part] = found.get(part, 0) + minor
    return {part: minor for part, minor in found.items() if minor}
