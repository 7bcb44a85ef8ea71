"""What falls due of a purchase, when and how much: principal, interest and fee, to the fen. Pure.

Columns in, columns out. Amounts are integers throughout; only the guess from which a level
installment is searched is a float, and what is found from it is checked in integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forbear.kernel.columns import Days, Longs, Shorts
from forbear.kernel.errors import ForbearError
from forbear.servicing.month import DAY, day_count, day_in, month_of, months_after, payable
from forbear.servicing.terms import (
    MOST_MINOR,
    PPM,
    Billing,
    InterestBy,
    InterestFrom,
    Method,
    Plan,
    Remainder,
    Step,
    Terms,
    plan_of,
)
from forbear.servicing.whole import Carried, least, rounded, split

MONTHS_A_YEAR = 12


class TooLarge(ForbearError):
    """An amount is nothing, or larger than a schedule is counted for."""

    code = "product.amount"
    http_status = 422
    what_to_do = "Give an amount of at least one minor unit and at most a hundred million."


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """What was bought on credit, or lent; a row each."""

    amount_minor: Longs  # (n,)
    bought_on: Days  # (n,) the day of the purchase or of the loan
    installments: Shorts  # (n,)
    statement_day: Shorts | None = None  # (n,) the account's own; None: the product's
    due_day: Shorts | None = None  # (n,) the account's own; None: the product's


@dataclass(frozen=True, slots=True, kw_only=True)
class Dues:
    """What falls due; by purchase, and then by number."""

    purchase: Longs  # (m,) the row of the purchase it comes from
    number: Shorts  # (m,) 1..k
    bill_on: Days  # (m,) the day it is billed; earlier days do not know it
    due_on: Days  # (m,) the last day to pay it
    principal_minor: Longs  # (m,) their sum over a purchase is the purchase
    interest_minor: Longs  # (m,)
    fee_minor: Longs  # (m,)


def dues(purchases: Purchases, terms: Terms) -> Dues:
    """Return what falls due of each purchase under the terms of its day.

    Shape:  purchases (n,); result (m,), the sum of their installments.
    Unit:   minor units; days.
    Errors: NotOffered for a number of installments without a plan, TooLarge, CalendarUnknown.
    Source: the product; Civil Code 203 for days of rest.
    """
    lent = purchases.amount_minor
    if lent.size and not 0 < int(lent.min()) <= int(lent.max()) <= MOST_MINOR:
        raise TooLarge(f"an amount must be from 1 to {MOST_MINOR} minor units")
    parts = [
        _of_plan(purchases, np.flatnonzero(purchases.installments == count), plan, terms)
        for count in np.unique(purchases.installments).tolist()
        for plan in (plan_of(terms, installments=count),)
    ]
    return _in_order(parts)


def rows_of(found: Dues, rows: Longs) -> Dues:
    """Return some rows of dues, in the order they are named.

    Shape:  rows (k,); result (k,).
    Errors: none.
    Source: none.
    """
    return Dues(**{name: getattr(found, name)[rows] for name in Dues.__slots__})


def _in_order(parts: list[Dues]) -> Dues:
    """Return the dues of all plans together, by purchase and number."""
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        none = np.zeros(0, dtype=DAY)
        return Dues(
            purchase=empty,
            number=empty.astype(np.int16),
            bill_on=none,
            due_on=none,
            principal_minor=empty,
            interest_minor=empty,
            fee_minor=empty,
        )
    whole = Dues(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in Dues.__slots__}
    )
    return rows_of(whole, np.lexsort((whole.number, whole.purchase)))


def _of_plan(purchases: Purchases, rows: Longs, plan: Plan, terms: Terms) -> Dues:
    """Return the dues of the purchases of one plan: a column an installment until the end."""
    lent = purchases.amount_minor[rows].astype(np.int64)
    bill_on, due_on = _days(purchases, rows, plan.installments, terms)
    counts = _interest_counts(purchases.bought_on[rows], due_on, terms)
    principal, interest = _amounts(lent, counts, plan, terms)
    fees = rounded(lent * (plan.fee_ppm * plan.installments), PPM, rounding=terms.rounding)
    fee = split(fees, plan.installments, remainder=terms.remainder)
    return Dues(
        purchase=np.repeat(rows, plan.installments),
        number=np.tile(np.arange(1, plan.installments + 1, dtype=np.int16), rows.size),
        bill_on=bill_on.reshape(-1),
        due_on=payable(due_on, rest=terms.rest_day, unannounced=terms.unannounced).reshape(-1),
        principal_minor=principal.reshape(-1),
        interest_minor=interest.reshape(-1),
        fee_minor=fee.reshape(-1),
    )


def _days(purchases: Purchases, rows: Longs, count: int, terms: Terms) -> tuple[Days, Days]:
    """Return the day each installment is billed and due on, days of rest not yet looked at.

    A purchase made on the statement day stands in that day's statement.
    """
    bought = purchases.bought_on[rows].astype(DAY)
    if terms.billing is Billing.anniversary:
        return _anniversaries(bought, count, terms)
    statement_day = _own_day(purchases.statement_day, terms.statement_day, rows)
    due_day = _own_day(purchases.due_day, terms.due_day, rows)
    first = month_of(bought)
    first = first + (day_in(first, statement_day, month_end=terms.month_end) < bought)
    months = first[:, np.newaxis] + np.arange(count)
    later = (due_day <= statement_day).astype(np.int64)[:, np.newaxis]
    bill_on = day_in(months, statement_day[:, np.newaxis], month_end=terms.month_end)
    return bill_on, day_in(months + later, due_day[:, np.newaxis], month_end=terms.month_end)


def _anniversaries(start: Days, count: int, terms: Terms) -> tuple[Days, Days]:
    """Return the days counted from each loan's own day."""
    steps = (terms.step_length or 1) * np.arange(1, count + 1)
    if terms.step is Step.days:
        due_on = start[:, np.newaxis] + steps
    else:
        due_on = months_after(start[:, np.newaxis], steps, month_end=terms.month_end)
    billed = np.maximum(due_on - np.timedelta64(terms.bill_days, "D"), start[:, np.newaxis])
    return billed, due_on


def _own_day(own: Shorts | None, usual: int | None, rows: Longs) -> Longs:
    """Return the day of the month of each account: its own, or the product's."""
    if own is not None:
        return own[rows].astype(np.int64)
    return np.full(rows.size, usual or 1, dtype=np.int64)


def _interest_counts(start: Days, due_on: Days, terms: Terms) -> Longs:
    """Return how many days or months of interest each installment's period has."""
    start = start.astype(DAY)
    if terms.interest_from is InterestFrom.free_days:
        start = start + np.timedelta64(terms.interest_free_days, "D")
    elif terms.interest_from is InterestFrom.first_due:
        start = due_on[:, 0]
    before = np.concatenate([start[:, np.newaxis], due_on[:, :-1]], axis=1)
    days = day_count(np.maximum(before, start[:, np.newaxis]), due_on)
    if terms.interest_by is InterestBy.month:
        months = (terms.step_length or 1) if terms.step is Step.months else 1
        return (days > 0).astype(np.int64) * months
    return days


def _amounts(lent: Longs, counts: Longs, plan: Plan, terms: Terms) -> tuple[Longs, Longs]:
    """Return principal and interest of each installment, one row a purchase."""
    if plan.method is Method.equal_installment and plan.installments > 1:
        return _level(lent, counts, plan, terms)
    if plan.method is Method.bullet:
        principal = np.zeros_like(counts)
        principal[:, -1] = lent
    else:
        principal = split(lent, plan.installments, remainder=terms.remainder)
    return principal, _interest(lent, principal, counts, plan, terms)


def _interest(lent: Longs, principal: Longs, counts: Longs, plan: Plan, terms: Terms) -> Longs:
    """Return the interest of each period on what is left of the principal in it."""
    carried = Carried(lent.size, _denominator(terms), terms.rounding)
    left = lent.copy()
    interest = np.zeros_like(counts)
    for k in range(counts.shape[1]):  # over installments, never over rows
        interest[:, k] = carried.bill(left * (counts[:, k] * plan.rate_ppm))
        left = left - principal[:, k]
    return interest


def _denominator(terms: Terms) -> int:
    return PPM * (MONTHS_A_YEAR if terms.interest_by is InterestBy.month else terms.year_days)


def _level(lent: Longs, counts: Longs, plan: Plan, terms: Terms) -> tuple[Longs, Longs]:
    """Return a schedule whose installments are level but for one.

    The level is the least whole amount that leaves the last installment no larger than the others.
    Where the first takes the remainder, it is lowered as far as that still holds. What no whole
    unit of it can settle stays with the last: a unit grows to G there, and rounding may add as
    much, so it is at most 2G - 1 (ADR 0020).
    """

    def run(first: Longs, others: Longs) -> tuple[Longs, Longs]:
        return _run(lent, counts, first, others, plan, terms)

    def last(first: Longs, others: Longs) -> Longs:
        principal, interest = run(first, others)
        return principal[:, -1] + interest[:, -1]

    guess = _level_guess(lent, counts, plan, terms)
    level = least(guess, lambda each: last(each, each) <= each)
    if terms.remainder is Remainder.last:
        return run(level, level)
    return run(least(level, lambda each: last(each, level) <= level), level)


def _run(
    lent: Longs, counts: Longs, first: Longs, others: Longs, plan: Plan, terms: Terms
) -> tuple[Longs, Longs]:
    """Return principal and interest where the first installment and all others are set.

    The last one takes what is left, whatever it is; no installment takes principal back.
    """
    carried = Carried(lent.size, _denominator(terms), terms.rounding)
    left = lent.copy()
    principal, interest = np.zeros_like(counts), np.zeros_like(counts)
    for k in range(plan.installments):  # over installments, never over rows
        interest[:, k] = carried.bill(left * (counts[:, k] * plan.rate_ppm))
        paid = (first if k == 0 else others) - interest[:, k]
        principal[:, k] = np.clip(paid, 0, left) if k + 1 < plan.installments else left
        left = left - principal[:, k]
    return principal, interest


def _level_guess(lent: Longs, counts: Longs, plan: Plan, terms: Terms) -> Longs:
    """Return about what a level installment is: the principal over its discounted periods."""
    growth = 1 + counts * (plan.rate_ppm / _denominator(terms))
    worth = (1 / np.cumprod(growth, axis=1)).sum(axis=1)
    guess: Longs = np.ceil(lent / worth).astype(np.int64)
    return guess
