"""An offer of credit: its schedule, its cost, and the rule that it must not be made by. Pure.

A refusal is a value. Where the law says nothing of a lender or a day, the offer is refused as it is
where the law says no: silence is never permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forbear.calculation.cap import Cap, Contract, Limit, cap
from forbear.calculation.rules import PLACE, FactMissing, NotClaimed, NotCountable, RateUnknown
from forbear.kernel.digest import value_digest
from forbear.law.packs import Law, Version
from forbear.servicing.cost import Cost, cost
from forbear.servicing.month import DAY
from forbear.servicing.price import Asked, broken
from forbear.servicing.schedule import Dues, Purchases, dues
from forbear.servicing.terms import CostFormula, NotOffered, Plan, Terms, plan_of

ABOVE_CAP, SILENT, NO_RATE = "offer.above_cap", "offer.law_silent", "offer.no_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an offer must not be made."""

    code: str
    says: str  # what, by which rule, and what would help
    apr_ppm: int  # the offer's rate, by the product's formula
    formula: CostFormula
    limit: Limit | None = None  # the cap it breaks; None where it breaks none
    rule: Version | None = None  # the rule it breaks; None where there is none to ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One amount lent under one plan on one day."""

    terms: Terms
    plan: Plan
    amount_minor: int
    on: date
    dues: Dues  # of one purchase
    cost: Cost  # of one row
    cap: Cap | None  # None where the law is silent
    refusals: tuple[Refusal, ...]  # () where it may be made
    digest: str  # of all that was offered: terms, amount, installments, day, dues

    @property
    def apr_ppm(self) -> int:
        """Return the yearly cost by the product's formula."""
        return int(self.cost.apr_ppm[self.terms.cap_formula][0])


def offer(law: Law, terms: Terms, *, amount_minor: int, installments: int, on: date) -> Offer:
    """Return an offer with its schedule and cost, and every reason that it must not be made for.

    Unit:   minor units.
    Errors: NotOffered for an amount or number of installments that the product does not have;
            CalendarUnknown.
    Source: the caps of `calculation/cap.py`, asked as of a contract made and sued on that day;
            the rules of `price.py`.
    """
    plan = plan_of(terms, installments=installments)
    if not terms.least_minor <= amount_minor <= terms.most_minor:
        raise NotOffered(
            f"{terms.product} lends from {terms.least_minor} to {terms.most_minor} minor units,"
            f" not {amount_minor}"
        )
    bought = Purchases(
        amount_minor=np.array([amount_minor], dtype=np.int64),
        bought_on=np.array([on], dtype=DAY),
        installments=np.array([installments], dtype=np.int16),
    )
    falls_due = dues(bought, terms)
    costs = cost(bought, falls_due, terms)
    apr_ppm = int(costs.apr_ppm[terms.cap_formula][0])
    found, refusals = _judged(law, terms, apr_ppm, on=on)
    asked = Asked(
        terms=terms,
        plan=plan,
        amount_minor=amount_minor,
        on=on,
        last_due=max(falls_due.due_on.tolist()),
        apr_ppm=max(apr_ppm, 0),
    )
    return Offer(
        terms=terms,
        plan=plan,
        amount_minor=amount_minor,
        on=on,
        dues=falls_due,
        cost=costs,
        cap=found,
        refusals=refusals + _unkept(law, asked),
        digest=_digest(terms, falls_due, amount_minor, on),
    )


def _judged(
    law: Law, terms: Terms, apr_ppm: int, *, on: date
) -> tuple[Cap | None, tuple[Refusal, ...]]:
    """Return the cap of a contract made on a day, and why the offer must not be made."""
    formula = terms.cap_formula
    if apr_ppm < 0:
        says = "what is paid at the start takes all that is lent, so it has no yearly rate"
        return None, (Refusal(code=NO_RATE, says=says, apr_ppm=apr_ppm, formula=formula),)
    try:
        if terms.jurisdiction != PLACE:
            raise NotClaimed(f"claim_cap in {terms.jurisdiction}", on=on, claimed_from=None)
        contract = Contract(lender=terms.lender, formed_on=on, filed_on=on, assisted=terms.assisted)
        found = cap(law, contract)
    except (NotClaimed, RateUnknown, NotCountable, FactMissing) as silent:
        refusal = Refusal(code=SILENT, says=str(silent), apr_ppm=apr_ppm, formula=formula)
        return None, (refusal,)
    broken = [limit for limit in found.spans[-1].limits if apr_ppm > limit.cap_ppm]
    return found, tuple(_above(limit, apr_ppm, formula) for limit in broken)


def _above(limit: Limit, apr_ppm: int, formula: CostFormula) -> Refusal:
    """Return the refusal by one limit."""
    source = limit.rule.source
    return Refusal(
        code=ABOVE_CAP,
        says=(
            f"{apr_ppm / 10_000:.4f} % a year by {formula} is above the"
            f" {limit.cap_ppm / 10_000:.2f} % of {limit.rule.rule}:"
            f" {source.instrument}, {source.article}"
        ),
        apr_ppm=apr_ppm,
        formula=formula,
        limit=limit,
        rule=limit.rule,
    )


def _unkept(law: Law, asked: Asked) -> tuple[Refusal, ...]:
    """Return the refusals by the other rules on price."""
    return tuple(
        Refusal(
            code=found.code,
            says=found.says,
            apr_ppm=asked.apr_ppm,
            formula=asked.terms.cap_formula,
            rule=found.rule,
        )
        for found in broken(law, asked)
    )


def _digest(terms: Terms, found: Dues, amount_minor: int, on: date) -> str:
    """Return what names an offer: two with the same are the same to the fen and day."""
    return value_digest(
        {
            "terms": terms.digest,
            "amount_minor": amount_minor,
            "on": on.isoformat(),
            "dues": [
                [str(day), int(principal), int(interest), int(fee)]
                for day, principal, interest, fee in zip(
                    found.due_on,
                    found.principal_minor,
                    found.interest_minor,
                    found.fee_minor,
                    strict=True,
                )
            ],
        }
    )
