"""What is known of n accounts at the end of a day, installment by installment, as columns. Pure.

The rows of installments are there from the first day on and lie together by account and fact; what
is not lent yet has nothing open. Everything here follows from facts, and is made from them again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from forbear.kernel.columns import Bools, Bytes, Days, Ints, Longs, Rows, Shorts
from forbear.servicing.allocation import N_COMPONENTS

PPM = 1_000_000
AHEAD = N_COMPONENTS  # principal that was met before it was billed, in place of a component


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the products and the law say of n accounts on a day, shape (n,) unless it says else."""

    basis_days: Longs  # 360 or 365
    grace_days: Ints  # days after due_on on which nothing is charged yet
    penalized: Bools  # (n, components) what penalty runs on where it is past due
    late_fee_ppm: Longs  # of what is missing of a due day's installments, once it is past its grace
    late_fee_least_minor: Longs
    late_fee_most_minor: Longs  # 0 where there is no such fee
    tolerance_minor: Longs  # what may be missing of a due day's installments as if it were paid
    nonaccrual_days: Ints  # days past due from which what is charged is no income yet
    cap_ppm: Longs  # a year, everything together; what is above it is never charged
    later_cap_ppm: Longs  # in its place from later_cap_on on; 0 where the law has one cap alone
    later_cap_on: Days  # NaT where the law has one cap alone
    in_cash: Bools  # lent in money, not for goods
    keeps_fee: Bools  # the fee of an installment is owed though it is paid early
    lowers: Bools  # money ahead lowers every installment; else the last ones fall away
    rank: Bytes  # (n, components) the order in which components are met
    by_component: Bools  # a component of every installment before the next component
    prepayment_fee_ppm: Longs  # of the principal of what is repaid whole before its day
    statement_day: Longs  # of the month; 0 where a loan has days of its own
    due_day: Longs  # the same
    moves_rest: Bools  # what falls due on a day of rest falls due on the next working day


def caps_on(terms: Conditions, on: np.datetime64) -> Longs:
    """Return the cap of a day of each account.

    Shape:  result (n,), to be read and never written.
    Unit:   parts per million a year.
    Errors: none.
    Source: private lending rules of China, article 31: a later cap holds from its day on.
    """
    later = terms.later_cap_on <= on  # never, where there is no day
    return np.where(later, terms.later_cap_ppm, terms.cap_ppm) if later.any() else terms.cap_ppm


@dataclass(slots=True, kw_only=True)
class Installments:
    """m installments, every column shape (m,) unless it says otherwise."""

    account: Ints  # ascending
    fact: Ints  # the purchase, cost or arrangement that they come from; ascending
    number: Shorts  # 1.. within it
    starts_on: Days  # the day from which its interest is earned
    bill_on: Days
    due_on: Days
    principal_minor: Longs  # as agreed, less what was refunded before it was billed
    interest_minor: Longs  # the same
    fee_minor: Longs  # the same
    least_ppm: Longs  # the share of it that must be paid by due_on; the rest may revolve
    penalty_ppm: Longs  # a year, on what is past due
    revolving_ppm: Longs  # a year, on billed principal past its due day that need not be paid yet
    revolves_on: Days  # the day from which that is counted, once something is open past due_on
    spared_minor: Longs  # of what is open, what no statement has asked for yet: it may revolve
    whole_bill_on: Days  # bill_on, were nothing paid ahead and nothing asked for again
    whole_interest_minor: Longs  # interest_minor, were nothing paid ahead
    whole_fee_minor: Longs  # fee_minor, were nothing paid ahead
    lent: Bools  # its purchase's day has come
    billed: Bools
    unbilled_minor: Longs  # principal that is lent and not billed
    open_minor: Longs  # (m, components) billed or charged, and not paid
    earned_minor: Longs  # interest accrued by earned_on
    earned_on: Days
    penalty_part: Longs  # what penalty has come to below one minor unit
    revolving_part: Longs  # the same of revolving interest
    missed: Bools  # was open past its grace: its late fee, if any, was charged
    charged_off: Bools  # off the books; owed all the same


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is of n accounts as a whole, shape (n,)."""

    days_past_due: Ints
    nonaccrual: Bools
    room_minor: Longs  # what may have been charged by now, under the cap
    room_part: Longs  # and what that came to below one minor unit
    charged_minor: Longs  # interest, fees and penalties, billed or charged so far
    above_cap_minor: Longs  # what the terms would have charged and the cap did not let
    suspended_interest_minor: Longs  # charged on this spell of non-accrual, and not forgiven
    suspended_penalty_minor: Longs  # the same
    held_interest_minor: Longs  # of that, what is no income yet
    held_penalty_minor: Longs  # the same
    due_day: Longs  # the day of the month that was agreed since; 0 the product's


@dataclass(frozen=True, slots=True)
class Met:
    """What facts' money met, k times, shape (k,)."""

    cause: Rows  # the payment or credit
    due: Rows  # the installment
    component: Rows  # AHEAD: principal not billed yet
    amount_minor: Longs  # below zero where it was taken back
    recovered: Bools  # after the charge-off


@dataclass(slots=True, kw_only=True)
class Book:
    """n accounts, their m installments, and what the money of e facts has met."""

    standing: Standing
    installments: Installments
    first: Longs  # (n + 1,) where each account's installments begin
    left_minor: Longs  # (e,) of each payment or credit, what has met nothing
    met: list[Met]

    def __len__(self) -> int:
        """Return n."""
        return len(self.first) - 1

    def copy(self) -> Book:
        """Return the same book, to be changed alone."""
        return Book(
            standing=_copied(self.standing),
            installments=_copied(self.installments),
            first=self.first,
            left_minor=self.left_minor.copy(),
            met=list(self.met),
        )


Record = TypeVar("Record", Installments, Standing)


def _copied(record: Record) -> Record:
    return type(record)(**{f.name: getattr(record, f.name).copy() for f in fields(record)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """m installments as they were agreed, shape (m,): by account, fact and number."""

    account: Ints
    fact: Ints
    number: Shorts
    starts_on: Days
    bill_on: Days
    due_on: Days
    principal_minor: Longs
    interest_minor: Longs
    fee_minor: Longs
    least_ppm: Longs
    penalty_ppm: Longs
    revolving_ppm: Longs
    revolves_on: Days


def new_book(agreed: Agreed, *, accounts: int, facts: int) -> Book:
    """Return the book of n accounts before anything happened; the agreed columns become its own.

    Errors: none; rows that are not in order are a bug.
    Source: none.
    """
    m = len(agreed.account)
    assert bool((np.diff(agreed.fact) >= 0).all()), "installments must lie by account and fact"
    own = {f.name: getattr(agreed, f.name) for f in fields(Agreed)}
    return Book(
        standing=Standing(
            days_past_due=np.zeros(accounts, np.int32),
            nonaccrual=np.zeros(accounts, np.bool_),
            room_minor=np.zeros(accounts, np.int64),
            room_part=np.zeros(accounts, np.int64),
            charged_minor=np.zeros(accounts, np.int64),
            above_cap_minor=np.zeros(accounts, np.int64),
            suspended_interest_minor=np.zeros(accounts, np.int64),
            suspended_penalty_minor=np.zeros(accounts, np.int64),
            held_interest_minor=np.zeros(accounts, np.int64),
            held_penalty_minor=np.zeros(accounts, np.int64),
            due_day=np.zeros(accounts, np.int64),
        ),
        installments=Installments(
            **own,
            spared_minor=np.zeros(m, np.int64),
            whole_bill_on=agreed.bill_on.copy(),
            whole_interest_minor=agreed.interest_minor.copy(),
            whole_fee_minor=agreed.fee_minor.copy(),
            lent=np.zeros(m, np.bool_),
            billed=np.zeros(m, np.bool_),
            unbilled_minor=np.zeros(m, np.int64),
            open_minor=np.zeros((m, N_COMPONENTS), np.int64),
            earned_minor=np.zeros(m, np.int64),
            earned_on=agreed.starts_on.copy(),
            penalty_part=np.zeros(m, np.int64),
            revolving_part=np.zeros(m, np.int64),
            missed=np.zeros(m, np.bool_),
            charged_off=np.zeros(m, np.bool_),
        ),
        first=np.searchsorted(agreed.account, np.arange(accounts + 1)),
        left_minor=np.zeros(facts, np.int64),
        met=[],
    )


def spread(starts: Rows, counts: Rows) -> tuple[Rows, Rows]:
    """Return the rows of several ranges one after another, and which range each is of.

    Shape:  starts, counts (k,); results (sum of counts,).
    Errors: none.
    Source: none.
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    offsets = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts, counts) + offsets, owner


def first_of_each(account: Rows) -> tuple[Rows, Rows]:
    """Return the accounts of rows that lie by account, and the first place of each.

    Shape:  account (m,) ascending; results (k,), of every account that is there.
    Errors: none.
    Source: none.
    """
    if not len(account):
        return account, np.zeros(0, np.int64)
    first = np.concatenate([[0], np.flatnonzero(account[1:] != account[:-1]) + 1])
    return account[first], first


def rows_of_facts(book: Book, facts: Rows) -> tuple[Rows, Rows]:
    """Return the installments that come from facts, and the place of each one's fact in `facts`.

    Shape:  facts (k,); results (sum,), in order of facts and then of number.
    Errors: none; a fact without installments has none.
    Source: none.
    """
    starts = np.searchsorted(book.installments.fact, facts, "left")
    return spread(starts, np.searchsorted(book.installments.fact, facts, "right") - starts)


def rows_of_accounts(book: Book, accounts: Rows) -> tuple[Rows, Rows]:
    """Return the installments of accounts, and the place of each one's account in `accounts`.

    Shape:  accounts (k,); results (sum,), in order of accounts.
    Errors: none.
    Source: none.
    """
    starts = book.first[accounts]
    return spread(starts, book.first[accounts + 1] - starts)
