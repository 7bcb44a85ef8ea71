"""Say of every account with a mandate whether the bank is asked for a debit today. Pure.

Each reason against it is a column of its own: an account that is not asked says all of them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forbear.bank.debit_policy import DebitPolicy
from forbear.bank.debit_state import HOLDS, Hold
from forbear.kernel.columns import Bools, Bytes, Ints, Longs

LAST_OF_MONTH = 31
# What is known of the person or the debt and stops a debit by itself, as the gate names it.
STANDING = tuple(
    "settled payment_in_flight deceased incapacitated minor insolvent moratorium disputed arranged"
    " mediated refund_pending in_court time_barred breathing_space".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitFacts:
    """What is known of n accounts that have, or had, a mandate. Every column shape (n,)."""

    due_minor: Longs  # due and unpaid now; below zero where more was paid
    mandate_stands: Bools  # given, and not revoked
    mandate_refused: Bools  # the bank declined it for good
    taken_back: Bools  # a debit under it was paid back to the person
    open_days: Ints  # days since the request that has no answer; -1 where none
    last_days: Ints  # days since the last request, answered or not; -1 where none
    tries: Ints  # requests made on or after the oldest due day that is unpaid
    payday: Bytes  # day of the month, 1 to 31; 0 where not known
    standing: Mapping[str, Bools]  # by the names of STANDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Debits:
    """Who is asked, and why the others are not."""

    asked: Bools  # (n,)
    held: Bools  # (n, len(HOLDS))

    def reasons(self, row: int) -> tuple[str, ...]:
        """Return why an account is not asked; () where it is."""
        return tuple(HOLDS[k].value for k in np.flatnonzero(self.held[row]))


def debits(facts: DebitFacts, policy: DebitPolicy, *, on: date) -> Debits:
    """Return which accounts are asked for what they owe, and every reason against the others.

    Shape:  n accounts in, (n,) and (n, len(HOLDS)) out, in the order of HOLDS.
    Errors: none.
    Source: house policy in packs/house/books/debit.yaml. A mandate that the bank refused for good
            is never asked again; a debt that may not be collected is not debited either.
    """
    open_ = facts.open_days >= 0
    silent = open_ & (facts.open_days >= policy.silent_days)
    known: dict[str, Bools] = {
        Hold.nothing_due: facts.due_minor <= 0,
        Hold.revoked: ~facts.mandate_stands,
        Hold.mandate_refused: facts.mandate_refused,
        Hold.taken_back: facts.taken_back,
        Hold.in_flight: open_ & ~silent,
        Hold.silent: silent,
        Hold.tries_used: facts.tries >= policy.tries,
        Hold.waits: ~_again(facts, policy, on=on),
        **{Hold[name]: facts.standing[name] for name in STANDING},
    }
    held = np.stack([known[hold] for hold in HOLDS], axis=1)
    asked: Bools = ~np.any(held, axis=1)
    return Debits(asked=asked, held=held)


def _again(facts: DebitFacts, policy: DebitPolicy, *, on: date) -> Bools:
    """Return where it is a day to ask: at first always, again on the payday or after a while."""
    waits = np.array(policy.retry_after_days, np.int32)
    turn = np.clip(facts.tries - 1, 0, len(waits) - 1)
    since_payday = payday_ages(on)[facts.payday]
    on_payday = (since_payday <= policy.payday_window_days) & (since_payday < facts.last_days)
    later = np.where(facts.payday > 0, on_payday, facts.last_days >= waits[turn])
    again: Bools = (facts.last_days != 0) & ((facts.tries == 0) | later)
    return again


def payday_ages(on: date) -> Ints:
    """Return for each day of the month how long ago it last was, in a short month its last day.

    Shape:  (32,), by day of the month; -1 at 0.
    Unit:   calendar days.
    Errors: none.
    Source: house convention: who is paid on the 31st is paid on the last day of a shorter month.
    """
    before = on.replace(day=1) - timedelta(days=1)
    ages = [-1]
    for day in range(1, LAST_OF_MONTH + 1):
        this = min(day, monthrange(on.year, on.month)[1])
        last = min(day, before.day)
        ages.append(on.day - this if this <= on.day else on.day + before.day - last)
    return np.array(ages, np.int32)
