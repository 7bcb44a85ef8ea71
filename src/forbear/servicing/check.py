"""What two values of a product's terms must not be together. Pure."""

from __future__ import annotations

from forbear.kernel.court import Lender
from forbear.servicing.allocation import Component
from forbear.servicing.terms import (
    Billing,
    InterestBy,
    InterestFrom,
    Method,
    RestDay,
    Step,
    Terms,
)

SHORTEST_MONTH = 28
LONGEST_MONTHS = 12
# Whose unpaid interest may bear interest: the central bank's rules on loans in renminbi.
MAY_COMPOUND = frozenset({Lender.bank, Lender.consumer_finance})
Fault = tuple[str, str]  # the key, and what is wrong with it


def fault_of(terms: Terms) -> Fault | None:
    """Return the first thing that is at odds in terms, with its key; None where nothing is.

    Errors: none.
    Source: PBOC 2003 No. 251 for interest on interest; the bank card rules of 2016 for none on
            fees; Civil Code 561 for the order of a payment's parts, unless agreed otherwise.
    """
    for check in (_amount_fault, _day_fault, _price_fault, _late_fault):
        if fault := check(terms):
            return fault
    return None


def _amount_fault(terms: Terms) -> Fault | None:
    if terms.least_minor > terms.most_minor:
        return "least_minor", "must not exceed most_minor"
    if terms.least_minor < terms.plans[-1].installments:
        return "least_minor", "must give every installment at least one minor unit"
    return None


def _day_fault(terms: Terms) -> Fault | None:
    by_statement = terms.billing is Billing.statement
    for key, wanted in (
        ("statement_day", by_statement),
        ("due_day", by_statement),
        ("step", not by_statement),
        ("step_length", not by_statement),
    ):
        if (getattr(terms, key) is not None) != wanted:
            needs = "needs a value" if wanted else "must be null"
            return key, f"{needs} where billing is {terms.billing}"
    if by_statement and not _apart(terms.statement_day or 0, terms.due_day or 0):
        return "due_day", "falls on the statement day in February; move one of the two"
    if by_statement and terms.bill_days:
        return "bill_days", "must be 0 where a statement day says when it is billed"
    if terms.step is Step.months and (terms.step_length or 0) > LONGEST_MONTHS:
        return "step_length", f"must be at most {LONGEST_MONTHS} months"
    if terms.rest_day is RestDay.next_working and terms.jurisdiction != "CN":
        return "rest_day", "days of rest are known of China alone; write stands"
    return None


def _apart(statement_day: int, due_day: int) -> bool:
    """Return whether the due day comes after the statement in the shortest month too."""
    return due_day <= statement_day or statement_day < min(due_day, SHORTEST_MONTH)


def _price_fault(terms: Terms) -> Fault | None:
    for plan in terms.plans:
        by_fee = plan.method is Method.fee_per_installment
        if plan.rate_ppm if by_fee else plan.fee_ppm:
            key = "rate_ppm" if by_fee else "fee_ppm"
            return "plans", f"{plan.installments}: {key} must be 0 with method {plan.method}"
    if bool(terms.interest_free_days) != (terms.interest_from is InterestFrom.free_days):
        return "interest_free_days", "is more than 0 where interest_from is free_days, and only so"
    by_month = terms.interest_by is InterestBy.month
    if by_month and (terms.interest_from is InterestFrom.free_days or terms.step is Step.days):
        return "interest_by", "must be day where days are what is counted"
    return None


def _late_fault(terms: Terms) -> Fault | None:
    if (terms.penalty_multiple_ppm is None) == (terms.penalty_daily_ppm is None):
        return "penalty_daily_ppm", "give either it or penalty_multiple_ppm, the other is null"
    if terms.compounds and terms.lender not in MAY_COMPOUND:
        return "compounds", f"must be false: interest on interest is not granted to {terms.lender}"
    allowed = {Component.principal} | ({Component.interest} if terms.compounds else set())
    if not terms.penalty_base or not allowed.issuperset(terms.penalty_base):
        return (
            "penalty_base",
            f"must be of {', '.join(sorted(allowed))}: never of fees or penalties",
        )
    if terms.late_fee_least_minor > terms.late_fee_most_minor:
        return "late_fee_least_minor", "must not exceed late_fee_most_minor"
    if set(terms.allocation) != set(Component):
        return "allocation", f"must name each of {', '.join(Component)} once"
    return None
