"""Where a line of a bank file stands, and why it stands there. Closed lists. Pure."""

from __future__ import annotations

from enum import StrEnum


class BankState(StrEnum):
    """Every line of every file is in exactly one of these."""

    suspense = "suspense"  # nobody knows for whom, or nobody has said so yet
    matched = "matched"  # confirms what the books have already
    booked = "booked"  # became somebody's payment
    returned = "returned"  # goes back to whoever sent it
    not_ours = "not_ours"  # is no business of these books, with a reason


class BankRule(StrEnum):
    """What put a line where it stands."""

    payment_ref = "payment_ref"  # it names a payment that was told before, of the same amount
    paid_back = "paid_back"  # it is the way back of a line that was returned
    check_digits = "check_digits"  # it names an account by a reference whose digits check
    account_due = "account_due"  # it names an account, and is all that is due of it
    person_due = "person_due"  # it names a person, and is all that is due of one of their accounts
    amount_differs = "amount_differs"  # it names a payment that was told with another amount
    twice = "twice"  # what it would settle is settled by another line
    not_due = "not_due"  # it names an account of which something else is due
    known_payer = "known_payer"  # the sender has paid for an account before
    ambiguous = "ambiguous"  # it could be for more than one
    outgoing = "outgoing"  # money that left, and nothing known says why
    unknown = "unknown"  # it names nobody
    by_hand = "by_hand"  # somebody decided
    undone = "undone"  # somebody took a decision back; it is not matched again by itself


BREAKS = frozenset({BankRule.amount_differs, BankRule.twice})  # the bank and the books disagree
MISSING_AFTER_DAYS = 3  # house convention: a payment told is in a bank file by then
