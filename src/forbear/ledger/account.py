"""The accounts of the book: what the lender holds, owes, earns and loses. A closed list. Pure."""

from __future__ import annotations

from enum import StrEnum


class LedgerAccount(StrEnum):
    """One account of the book. Its position is its code in columns; the list only grows."""

    unbilled = "unbilled"  # principal that is lent and on no statement yet
    principal = "principal"  # billed and not paid
    interest = "interest"  # billed and not paid
    fee = "fee"  # billed and not paid
    penalty = "penalty"  # penalty interest and late fees, charged and not paid
    cost = "cost"  # of realizing the claim, advanced for the borrower and not paid back
    accrued_interest = "accrued_interest"  # earned by the day; below zero where billed ahead
    cash = "cash"
    suspense = "suspense"  # received, and nobody knows for whom
    unapplied = "unapplied"  # received from the borrower or owed to them, not allocated yet
    merchant_payable = "merchant_payable"  # to who sold the goods
    interest_income = "interest_income"
    fee_income = "fee_income"
    penalty_income = "penalty_income"
    suspended_income = "suspended_income"  # charged on non-accrual: a claim, not yet income
    recovery = "recovery"  # received after the charge-off
    waiver = "waiver"  # forgiven
    compensation = "compensation"  # paid or credited for a wrong, goodwill included
    charge_off = "charge_off"
    rescheduled = "rescheduled"  # on its way from old installments to new ones; zero by nightfall
    sale = "sale"  # the difference between a claim sold and its price


class Side(StrEnum):
    """The side on which an account grows."""

    debit = "debit"  # what is held, and what is lost
    credit = "credit"  # what is owed, and what is earned


CREDIT = frozenset(
    {
        LedgerAccount.suspense,
        LedgerAccount.unapplied,
        LedgerAccount.merchant_payable,
        LedgerAccount.interest_income,
        LedgerAccount.fee_income,
        LedgerAccount.penalty_income,
        LedgerAccount.suspended_income,
        LedgerAccount.recovery,
    }
)


def side(account: LedgerAccount) -> Side:
    """Return the side on which an account grows.

    Errors: none.
    Source: double entry.
    """
    return Side.credit if account in CREDIT else Side.debit


CODE = {account: code for code, account in enumerate(LedgerAccount)}
