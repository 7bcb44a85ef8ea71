"""Write down what was agreed, as it is kept with a contract and with a purchase, and read it. Pure.

What is kept is plain values: the books read them and never the product, so that a product that is
changed later changes nothing for whoever agreed before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from forbear.calculation.cap import Contract, cap
from forbear.kernel.columns import Rows
from forbear.law.packs import Law
from forbear.servicing.allocation import Component
from forbear.servicing.book import PPM, Conditions
from forbear.servicing.schedule import Purchases, dues
from forbear.servicing.terms import (
    Billing,
    InterestFrom,
    Prepaid,
    RestDay,
    Terms,
    UnbilledFee,
    penalty_rate_ppm,
    plan_of,
)

NUMBERS = tuple(
    "basis_days grace_days late_fee_ppm late_fee_least_minor late_fee_most_minor tolerance_minor"
    " nonaccrual_days cap_ppm later_cap_ppm prepayment_fee_ppm statement_day due_day".split()
)
FLAGS = ("in_cash", "keeps_fee", "lowers", "by_component", "moves_rest")
DAYS = ("starts_on", "bill_on", "due_on", "revolves_on")
AMOUNTS = tuple(
    "principal_minor interest_minor fee_minor least_ppm penalty_ppm revolving_ppm".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What an account may cost a year, parts per million: at first, and from a later day on."""

    cap_ppm: int
    later_cap_ppm: int = 0  # 0 where the law has one cap alone
    later_cap_on: date | None = None


def caps_of(law: Law, terms: Terms, *, formed_on: date, recorded_on: date) -> Caps:
    """Return the caps of a contract, as if it were brought to court on the day it is recorded.

    Some caps are asked for on the day of filing: that of a private loan made before the law changed
    is, from 2020-08-20 on, four times the prime rate of that day. Nobody knows it before there is a
    case, so the day of recording stands for it; a court asked later counts the rate of then.
    Unit:   parts per million a year.
    Errors: NotClaimed, RateUnknown where no rule says what it may cost.
    Source: rules of the topics claim_cap and claim_cap_transition.
    """
    claim = Contract(
        lender=terms.lender,
        formed_on=formed_on,
        filed_on=max(formed_on, recorded_on),
        assisted=terms.assisted,
    )
    first, *more = cap(law, claim).spans
    assert len(more) < 2, "the books know of one later cap"
    if not more:
        return Caps(cap_ppm=first.cap_ppm)
    return Caps(cap_ppm=first.cap_ppm, later_cap_ppm=more[0].cap_ppm, later_cap_on=more[0].start)


def conditions_kept(terms: Terms, caps: Caps) -> dict[str, Any]:
    """Return what a product and the law say of an account for all its time, as it is kept.

    Unit:   parts per million a year; days; minor units.
    Errors: none.
    Source: the product; `caps` as `caps_of`.
    """
    base = {*terms.penalty_base, *([Component.interest] if terms.compounds else [])}
    return {
        "basis_days": terms.year_days,
        "grace_days": terms.grace_days,
        "late_fee_ppm": terms.late_fee_ppm,
        "late_fee_least_minor": terms.late_fee_least_minor,
        "late_fee_most_minor": terms.late_fee_most_minor,
        "tolerance_minor": terms.tolerance_minor,
        "nonaccrual_days": terms.nonaccrual_days,
        "cap_ppm": caps.cap_ppm,
        "later_cap_ppm": caps.later_cap_ppm,
        "later_cap_on": caps.later_cap_on.isoformat() if caps.later_cap_on else None,
        "in_cash": terms.billing is Billing.anniversary,
        "keeps_fee": terms.unbilled_fee is UnbilledFee.kept,
        "lowers": terms.prepaid is Prepaid.lowers,
        "by_component": False,
        "prepayment_fee_ppm": terms.prepayment_fee_ppm,
        "statement_day": terms.statement_day or 0,
        "due_day": terms.due_day or 0,
        "moves_rest": terms.rest_day is RestDay.next_working,
        "penalized": sorted(component.value for component in base),
        "order": [component.value for component in terms.allocation],
    }


def conditions(kept: Sequence[Mapping[str, Any]], which: Rows) -> Conditions:
    """Return the conditions of accounts as columns; what a contract does not say is none.

    Shape:  which (n,) the place of each account's conditions in `kept`; result (n,).
    Errors: none; something else than `conditions_kept` wrote is a bug.
    Source: none.
    """

    def column(values: Sequence[Any], kind: Any, *more: int) -> Any:
        found: Any = np.array(values, kind).reshape(len(kept), *more)
        if len(kept) == 1:  # the same of all accounts: one value, seen n times
            return np.broadcast_to(found[0], (len(which), *more))
        return found[which]

    ranks = [[each["order"].index(c.value) for c in Component] for each in kept]
    bases = [[c.value in each["penalized"] for c in Component] for each in kept]
    days = [each.get("later_cap_on") for each in kept]
    return Conditions(
        later_cap_on=column(days, "datetime64[D]"),
        **{name: column([each.get(name, 0) for each in kept], np.int64) for name in NUMBERS},
        **{name: column([each.get(name, 0) for each in kept], np.bool_) for name in FLAGS},
        rank=column(ranks, np.int8, len(Component)),
        penalized=column(bases, np.bool_, len(Component)),
    )


def dues_kept(
    terms: Terms, *, amount_minor: int, on: date, installments: int, due_day: int = 0
) -> list[Any]:
    """Return the installments of one purchase, as they are agreed with it and kept.

    A due day that the account has agreed on since counts instead of the product's.

    Unit:   minor units; days as ISO 8601.
    Errors: as `schedule.dues`.
    Source: the product.
    """
    bought = Purchases(
        amount_minor=np.array([amount_minor], np.int64),
        bought_on=np.array([on], "datetime64[D]"),
        installments=np.array([installments], np.int16),
        due_day=np.array([due_day], np.int16) if due_day else None,
    )
    columns = dues_agreed(terms, bought)
    days, amounts = ({name: columns[name].tolist() for name in names} for names in (DAYS, AMOUNTS))
    return [
        {name: str(days[name][k]) for name in DAYS} | {name: amounts[name][k] for name in AMOUNTS}
        for k in range(len(columns["purchase"]))
    ]


def dues_agreed(terms: Terms, purchases: Purchases) -> dict[str, Any]:
    """Return the installments of purchases as columns: purchase, number, and what is kept of each.

    Shape:  purchases (n,); results (m,), by purchase and number.
    Unit:   minor units; parts per million; days as datetime64[D].
    Errors: as `schedule.dues`.
    Source: the product.
    """
    found = dues(purchases, terms)
    bought_on = purchases.bought_on[found.purchase]
    first = found.number == 1
    starts = np.r_[found.due_on[:1], found.due_on[:-1]]
    starts[first] = _first_start(terms, bought_on[first], found.due_on[first])
    counts = purchases.installments[found.purchase]
    rate = np.zeros(len(counts), np.int64)
    penalty = np.zeros(len(counts), np.int64)
    for count in np.unique(counts).tolist():
        plan = plan_of(terms, installments=count)
        rate[counts == count] = plan.rate_ppm
        penalty[counts == count] = penalty_rate_ppm(terms, rate_ppm=plan.rate_ppm)
    revolves = (counts == 1) & (terms.minimum_ppm < PPM)
    return {
        "purchase": found.purchase,
        "number": found.number,
        "starts_on": np.minimum(starts, found.due_on),
        "bill_on": found.bill_on,
        "due_on": found.due_on,
        "revolves_on": found.due_on if terms.interest_free_kept else bought_on,
        "principal_minor": found.principal_minor,
        "interest_minor": found.interest_minor,
        "fee_minor": found.fee_minor,
        "least_ppm": np.where(revolves, terms.minimum_ppm, PPM),
        "penalty_ppm": penalty,
        "revolving_ppm": np.where(revolves, rate, 0),
    }


def _first_start(terms: Terms, bought_on: Any, first_due: Any) -> Any:
    """Return the day from which the first installment's interest is counted."""
    if terms.interest_from is InterestFrom.first_due:
        return first_due
    if terms.interest_from is InterestFrom.free_days:
        return bought_on + np.timedelta64(terms.interest_free_days, "D")
    return bought_on


def due_kept(*, on: date, due_on: date, principal_minor: int, penalty_ppm: int = 0) -> Any:
    """Return one installment without interest or fee: of a cost, or of a plan.

    Errors: none.
    Source: the agreement.
    """
    return {
        "starts_on": on.isoformat(),
        "bill_on": on.isoformat(),
        "due_on": due_on.isoformat(),
        "revolves_on": due_on.isoformat(),
        "principal_minor": principal_minor,
        "interest_minor": 0,
        "fee_minor": 0,
        "least_ppm": PPM,
        "penalty_ppm": penalty_ppm,
        "revolving_ppm": 0,
    }


def judged_kept(
    *, on: date, plan: Sequence[tuple[date, int]], principal_minor: int, penalty_ppm: int
) -> list[Any]:
    """Return the installments of an instrument: its debt, by the days to perform, and what doubles.

    What is no principal is of the first of them; the last holds the doubled interest alone.
    Shape:  plan: days and amounts; the result has one more.
    Unit:   minor units; penalty_ppm parts per million a year of the product's days.
    Errors: none.
    Source: Civil Code of China, article 561; SPC interpretation 2014 No. 8, article 2.
    """
    kept, rest = [], sum(minor for _, minor in plan) - principal_minor
    for due_on, minor in sorted(plan):
        interest = min(rest, minor)
        rest -= interest
        due = due_kept(on=on, due_on=due_on, principal_minor=minor - interest)
        kept.append(due | {"interest_minor": interest})
    first = min(day for day, _ in plan)
    return [*kept, due_kept(on=on, due_on=first, principal_minor=0, penalty_ppm=penalty_ppm)]


def anew_kept(purchase: str, dues: Sequence[Any]) -> Any:
    """Return the installments of a purchase as they are kept with a due day that came before it.

    Shape:  dues as `dues_kept`.
    Errors: none.
    Source: house convention L-12.
    """
    return {"about": purchase, "dues": [*dues]}


def agreed_of(told: Mapping[str, Mapping[str, Any]], key: str) -> Sequence[Any]:
    """Return the installments of a fact of one account: with the due day that governs it.

    That is the last one of an earlier day; it has them where it was told after the purchase.

    Shape:  told by key: kind, effective_on, schedule, of all bookings of the account.
    Errors: none.
    Source: house conventions L-5 and L-12.
    """
    if key not in told:
        return []
    on, own = told[key]["effective_on"], told[key]["schedule"]
    moves = [
        (each["effective_on"], by)
        for by, each in told.items()
        if each["kind"] == "due_day" and each["effective_on"] < on
    ]
    held = told[max(moves)[1]]["schedule"] if moves else []
    return next((each["dues"] for each in held if each["about"] == key), own)
