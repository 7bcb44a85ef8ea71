"""What credit costs a year, everything counted in: by three formulas, each named. Pure.

The rates are floats, the money they are of is not: a rate compares and tells, it never bills.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forbear.kernel.columns import Longs
from forbear.servicing.month import DAY, day_count
from forbear.servicing.schedule import Dues, Purchases
from forbear.servicing.terms import PPM, Charge, ChargeWhen, CostFormula, Terms
from forbear.servicing.whole import rounded

Floats = NDArray[np.float64]
YEAR_DAYS = 365
MONTHS_A_YEAR = 12
STEPS = 100  # of the search; a schedule takes about six
STEEPEST = 700.0  # the logarithm of a rate beyond which a float ends
MOST_SHARE = 10.0**9  # a yearly share above it is told as it
PRECISION = 1e-14  # of the yearly rate, where the search ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What comes back for money that was lent on day 0; each row a payment."""

    loan: Longs  # (m,) the row of the loan it is of
    day: Longs  # (m,) days after the money went out; 0 takes from what was lent
    paid_minor: Longs  # (m,) none negative


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What credit costs, if everything is paid on its day; a row a purchase."""

    interest_minor: Longs  # (n,)
    fee_minor: Longs  # (n,) the plan's own
    charge_minor: Longs  # (n, c) one column for each charge of the terms; 0 for those on default
    apr_ppm: dict[CostFormula, Longs]  # formula → (n,), parts per million a year


def irr(lent_minor: Longs, flows: Flows) -> Floats:
    """Return the yearly compound rate at which the payments are worth what was lent.

    The worth of payments falls with the rate, and its logarithm is convex in the rate's, so that
    Newton's steps from below rise to the one solution and never pass it.

    Shape:  lent_minor (n,); flows (m,); result (n,), NaN where nothing is left to be lent after
            day 0, or nothing comes back after it.
    Unit:   a share a year of 365 days; 0.24 is 24 %. To 1e-9 or better.
    Errors: none; NaN is refusal.
    Source: (1 + y) ^ (days / 365), the formula irr_365.
    """
    at_once = flows.day <= 0
    rows, ahead = lent_minor.size, ~at_once & (flows.paid_minor > 0)
    kept = lent_minor - _sums(flows.loan[at_once], flows.paid_minor[at_once], rows)
    loan = flows.loan[ahead]
    years = flows.day[ahead] / YEAR_DAYS
    paid = np.log(flows.paid_minor[ahead].astype(np.float64))
    fine = (kept > 0) & (np.bincount(loan, minlength=rows) > 0)
    worth = np.log(np.where(fine, kept, 1).astype(np.float64))
    low = _lower(loan, years, np.exp(paid), worth, fine)
    for _ in range(STEPS):
        now, mean_years = _log_worth(loan, years, paid, low, rows)
        step = np.where(fine, (now - worth) / np.where(fine, mean_years, 1.0), 0.0)
        low = low + step
        if np.abs(step).max(initial=0.0) < PRECISION:
            break
    return np.where(fine, np.expm1(np.minimum(low, STEEPEST)), np.nan)


def _lower(
    loan: Longs, years: Floats, paid: Floats, worth: Floats, fine: NDArray[np.bool_]
) -> Floats:
    """Return for each loan a rate, as a logarithm, that is not above the solution."""
    total = np.log(np.maximum(np.bincount(loan, weights=paid, minlength=fine.size), 1e-300))
    first, last = np.full(fine.size, np.inf), np.zeros(fine.size)
    np.minimum.at(first, loan, years)
    np.maximum.at(last, loan, years)
    gain = np.where(fine, total - worth, 0.0)
    whole = np.where(fine, np.where(gain > 0, last, first), 1.0)
    return np.asarray(gain / whole, dtype=np.float64)


def _log_worth(
    loan: Longs, years: Floats, paid: Floats, yearly: Floats, rows: int
) -> tuple[Floats, Floats]:
    """Return the logarithm of what payments are worth at a rate, and their mean time by worth."""
    each = paid - yearly[loan] * years
    most = np.full(rows, -np.inf)
    np.maximum.at(most, loan, each)
    most = np.where(np.isfinite(most), most, 0.0)
    share = np.exp(each - most[loan])
    total = np.bincount(loan, weights=share, minlength=rows)
    timed = np.bincount(loan, weights=share * years, minlength=rows)
    some = np.where(total > 0, total, 1.0)
    return most + np.log(some), timed / some


def simple(cost_minor: Longs, principal: Flows, rows: int) -> Floats:
    """Return the yearly rate as all cost over the principal that was outstanding, day by day.

    Shape:  cost_minor (n,); principal (m,) what is paid back of the principal; result (n,), NaN
            where no principal is outstanding for a day.
    Unit:   a share a year of 365 days.
    Errors: none; NaN is refusal.
    Source: PBOC announcement 2021 No. 3: cost over what is actually outstanding; simple_365.
    """
    weights = principal.paid_minor.astype(np.float64) * (principal.day / YEAR_DAYS)
    years = np.bincount(principal.loan, weights=weights, minlength=rows)
    return np.where(years > 0, cost_minor / np.where(years > 0, years, 1.0), np.nan)


def charged(charge: Charge, lent_minor: Longs, terms: Terms) -> Longs:
    """Return what one charge is, each time it is paid.

    Shape:  lent_minor (n,); result (n,).
    Unit:   minor units.
    Errors: none.
    Source: the product.
    """
    share = rounded(lent_minor * charge.share_ppm, PPM, rounding=terms.rounding)
    return share + charge.flat_minor


def cost(purchases: Purchases, found: Dues, terms: Terms) -> Cost:
    """Return what each purchase costs over its principal, charges of partners counted in.

    Shape:  purchases (n,); found (m,), their dues; result (n,) columns.
    Unit:   minor units; parts per million a year, rounded half up.
    Errors: none.
    Source: PBOC announcement 2021 No. 3; the provisions on disclosing all-in cost, 2026.
    """
    lent = purchases.amount_minor
    rows = lent.size
    interest = _sums(found.purchase, found.interest_minor, rows)
    fee = _sums(found.purchase, found.fee_minor, rows)
    flows, charges = _all_flows(purchases, found, terms)
    yearly = irr(lent, flows)
    principal = Flows(
        loan=found.purchase, day=_days(purchases, found), paid_minor=found.principal_minor
    )
    whole = interest + fee + charges.sum(axis=1)
    return Cost(
        interest_minor=interest,
        fee_minor=fee,
        charge_minor=charges,
        apr_ppm={
            CostFormula.irr_365: _ppm(yearly),
            CostFormula.irr_12: _ppm(MONTHS_A_YEAR * np.expm1(np.log1p(yearly) / MONTHS_A_YEAR)),
            CostFormula.simple_365: _ppm(simple(whole, principal, rows)),
        },
    )


def _all_flows(purchases: Purchases, found: Dues, terms: Terms) -> tuple[Flows, Longs]:
    """Return everything that is paid in performing, and the sum of each charge."""
    lent, rows = purchases.amount_minor, np.arange(purchases.amount_minor.size)
    days, counts = _days(purchases, found), np.bincount(found.purchase, minlength=rows.size)
    due = found.principal_minor + found.interest_minor + found.fee_minor
    loans, when, paid = [found.purchase], [days], [due]
    sums = np.zeros((rows.size, len(terms.charges)), dtype=np.int64)
    for column, charge in enumerate(terms.charges):
        once = charged(charge, lent, terms)
        if charge.when is ChargeWhen.at_start:
            loans, when, paid = [*loans, rows], [*when, np.zeros_like(lent)], [*paid, once]
            sums[:, column] = once
        elif charge.when is ChargeWhen.each_due:
            loans, when = [*loans, found.purchase], [*when, days]
            paid = [*paid, once[found.purchase]]
            sums[:, column] = once * counts
    flows = Flows(
        loan=np.concatenate(loans), day=np.concatenate(when), paid_minor=np.concatenate(paid)
    )
    return flows, sums


def _days(purchases: Purchases, found: Dues) -> Longs:
    """Return how many days after its purchase each due is to be paid."""
    return day_count(purchases.bought_on[found.purchase].astype(DAY), found.due_on)


def _sums(rows: Longs, values_minor: Longs, count: int) -> Longs:
    """Return the sum of whole values by row, without a float on the way."""
    found = np.zeros(count, dtype=np.int64)
    np.add.at(found, rows, values_minor)
    return found


def _ppm(share: Floats) -> Longs:
    """Return shares in parts per million, half up; -1 where there is no rate."""
    known = np.isfinite(share)
    whole: Longs = np.floor(np.where(known, np.minimum(share, MOST_SHARE), 0.0) * PPM + 0.5).astype(
        np.int64
    )
    return np.where(known, whole, -1)
