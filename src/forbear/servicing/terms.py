"""What one version of a product says. Data only: it decides nothing and reads nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forbear.kernel.court import Lender
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import CreditorType
from forbear.servicing.allocation import Component

PPM = 1_000_000
MOST_MINOR = 10**10  # the largest principal: a yearly interest on it still fits 64 bits
MOST_RATE_PPM = PPM  # 100 % a year


class Billing(StrEnum):
    """Where the days of a schedule come from."""

    statement = "statement"  # one statement day and one due day of the month for all purchases
    anniversary = "anniversary"  # counted from the day of each loan


class Step(StrEnum):
    """What an anniversary counts in."""

    months = "months"
    days = "days"


class Method(StrEnum):
    """How a principal is spread over installments."""

    equal_installment = "equal_installment"  # principal and interest together stay level
    equal_principal = "equal_principal"  # principal stays level, interest falls with the balance
    fee_per_installment = "fee_per_installment"  # principal level, a share of the purchase as fee
    bullet = "bullet"  # interest each time, the principal with the last


class InterestFrom(StrEnum):
    """The day from which interest is counted."""

    purchase = "purchase"
    free_days = "free_days"  # so many days after the purchase
    first_due = "first_due"  # nothing up to the first due day


class InterestBy(StrEnum):
    """What a period of interest is counted in."""

    day = "day"  # days of a year of 360 or 365
    month = "month"  # a twelfth of the year, however long the month


class Rounding(StrEnum):
    """How an exact sum becomes whole minor units."""

    half_up = "half_up"
    half_even = "half_even"
    down = "down"


class Remainder(StrEnum):
    """Which installment takes what a split leaves over."""

    first = "first"
    last = "last"


class MonthEnd(StrEnum):
    """What a day of the month means in a month that does not have it."""

    last_day = "last_day"
    next_month = "next_month"  # the first day of the month after


class RestDay(StrEnum):
    """What becomes of a due day on a day of rest."""

    stands = "stands"
    next_working = "next_working"


class Unannounced(StrEnum):
    """What becomes of a due day in a year whose days of rest nobody has announced yet."""

    refused = "refused"
    stands = "stands"


class Prepaid(StrEnum):
    """What a part paid early does to the rest."""

    shortens = "shortens"  # the last installments fall away
    lowers = "lowers"  # every installment left is lowered


class UnbilledFee(StrEnum):
    """What becomes of fees that are not billed yet when all is paid early."""

    waived = "waived"
    kept = "kept"


class CostFormula(StrEnum):
    """How a yearly cost is counted; the id that every answer carries."""

    irr_365 = "irr_365"  # compound: (1 + y) ^ (days / 365) makes the flows worth nothing
    irr_12 = "irr_12"  # twelve times the monthly rate that irr_365 is made of
    simple_365 = "simple_365"  # all cost over the principal outstanding, by days of 365


class ChargeWhen(StrEnum):
    """When a charge is paid."""

    at_start = "at_start"
    each_due = "each_due"
    on_default = "on_default"  # only of somebody who does not perform


class NotOffered(ForbearError):
    """A product does not offer what was asked of it."""

    code = "product.not_offered"
    http_status = 422
    what_to_do = "Ask for an amount and a number of installments that the product has."


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One number of installments that a product offers."""

    installments: int
    method: Method
    rate_ppm: int  # interest, parts per million a year
    fee_ppm: int  # of the purchase, with each installment


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A fee beside the plan's own, the lender's or a partner's."""

    name_zh: str
    name_en: str
    payee_zh: str
    payee_en: str
    when: ChargeWhen
    share_ppm: int  # of the principal, each time it is paid
    flat_minor: int  # added to the share, each time it is paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a product says on a day."""

    product: str  # its id: the name of its file
    title_zh: str
    title_en: str
    start: date  # first day on which a contract can be made under it
    end: date  # first day on which none can
    digest: str  # of everything below

    # who lends, and where
    lender: Lender  # who makes the loan, as the caps on its cost divide lenders
    assisted: bool  # a platform brings the borrower
    jurisdiction: str  # ISO 3166, whose caps bind
    currency: str  # ISO 4217
    least_minor: int  # the smallest amount it lends
    most_minor: int  # the largest

    # days
    billing: Billing
    statement_day: int | None  # day of the month, 1..28; None with anniversary
    due_day: int | None  # day of the month, 1..31; None with anniversary
    step: Step | None  # None with statement
    step_length: int | None  # months or days between dues; None with statement
    bill_days: int  # how long before its due day an anniversary's installment is billed
    month_end: MonthEnd
    rest_day: RestDay
    unannounced: Unannounced

    # price
    plans: tuple[Plan, ...]  # by number of installments, rising
    interest_from: InterestFrom
    interest_free_days: int  # 0 unless interest_from is free_days
    interest_free_kept: bool  # False: what is not paid whole by its due day bears it from the start
    interest_by: InterestBy
    year_days: int  # 360 or 365
    rounding: Rounding
    remainder: Remainder
    compounds: bool  # unpaid interest bears interest, at the penalty's rate
    charges: tuple[Charge, ...]
    cap_formula: CostFormula  # what is compared with the cap
    reading_s: int  # how long the table of costs is shown before it can be confirmed

    # late
    grace_days: int  # nothing is charged for being late by so many days; due_on does not move
    penalty_multiple_ppm: int | None  # of the plan's rate: 1500000 is 1.5 times
    penalty_daily_ppm: int | None  # or so much a day; one of the two is None
    penalty_base: tuple[Component, ...]  # what it is counted on
    late_fee_ppm: int  # of what is missing of the minimum payment, once a statement
    late_fee_least_minor: int  # at least, where a fee is charged at all
    late_fee_most_minor: int  # at most
    minimum_ppm: int  # of a statement's balance; 1000000 is all of it
    minimum_least_minor: int  # at least
    tolerance_minor: int  # what may be missing of a payment that still counts as whole
    allocation: tuple[Component, ...]  # the order in which a payment meets what is due
    nonaccrual_days: int  # days past due from which interest is no longer booked as income

    # early
    prepaid: Prepaid
    prepayment_fee_ppm: int  # of the principal paid early
    unbilled_fee: UnbilledFee

    @property
    def creditor_type(self) -> CreditorType:
        """Return the creditor as the rules on contacts divide creditors."""
        known = {word.value for word in CreditorType}
        return CreditorType(self.lender.value) if self.lender in known else CreditorType.other


def plan_of(terms: Terms, *, installments: int) -> Plan:
    """Return the plan for a number of installments.

    Errors: NotOffered, naming the numbers that there are.
    Source: none.
    """
    for plan in terms.plans:
        if plan.installments == installments:
            return plan
    known = ", ".join(str(plan.installments) for plan in terms.plans)
    raise NotOffered(f"{terms.product} has no plan of {installments} installments, but of {known}")


def penalty_rate_ppm(terms: Terms, *, rate_ppm: int) -> int:
    """Return the yearly rate of the penalty on a debt of a rate.

    Unit:   parts per million a year, rounded down: never more than was agreed.
    Errors: none.
    Source: the product; for banks PBOC 2003 No. 251 (1.3 to 1.5 times the contract's rate).
    """
    if terms.penalty_daily_ppm is not None:
        return terms.penalty_daily_ppm * terms.year_days
    return rate_ppm * (terms.penalty_multiple_ppm or 0) // PPM
