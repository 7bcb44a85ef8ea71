"""The closed lists of words of claims and courts: fees, lenders, causes, procedures. No decisions.

A list is only ever appended to.
"""

from __future__ import annotations

from enum import StrEnum


class FeeKind(StrEnum):
    """What a court is paid for."""

    accept = "accept"  # taking on a suit about money, first instance
    payment_order = "payment_order"
    enforce = "enforce"  # not prepaid; the enforced party bears it
    preserve = "preserve"  # freezing property


class Halving(StrEnum):
    """Why a fee for taking on a suit is halved."""

    mediated = "mediated"  # the suit ended in a mediated settlement
    withdrawn = "withdrawn"
    summary = "summary"
    small_claims = "small_claims"  # a form of the summary procedure
    joined = "joined"  # a counter-claim that is heard together with the suit


class Lender(StrEnum):
    """Who made a loan, as the caps on its cost divide lenders. A buyer of the debt is none."""

    bank = "bank"
    consumer_finance = "consumer_finance"
    micro_loan = "micro_loan"
    local_finance = "local_finance"  # guarantee, leasing, factoring, pawn, local asset managers
    private = "private"  # anybody without a license to lend


class Term(StrEnum):
    """Which of the two loan prime rates."""

    one_year = "one_year"
    five_years = "five_years"


class Interruption(StrEnum):
    """What makes the time to claim or to enforce start again."""

    demand = "demand"  # a demand that reached the debtor or should have
    auto_debit = "auto_debit"  # the lender took money from the debtor's account as agreed
    announced = "announced"  # public notice where the debtor is missing
    debtor_agreed = "debtor_agreed"  # promise, plan, request for more time, signed notice
    part_paid = "part_paid"
    settled = "settled"  # the two sides settled while the instrument is being enforced
    assigned = "assigned"  # the notice that the debt was sold reached the debtor
    lawsuit = "lawsuit"
    arbitration = "arbitration"
    payment_order = "payment_order"
    bankruptcy = "bankruptcy"  # filed for, or the debt registered there
    preservation = "preservation"  # applied for before suit
    enforcement = "enforcement"
    mediation = "mediation"  # asked of a body that may decide or mediate
    police_report = "police_report"


class Deadline(StrEnum):
    """Which time is counted."""

    limitation = "limitation"  # to claim in court
    enforcement = "enforcement"  # to have a judgment enforced


class Procedure(StrEnum):
    """How a court takes on a claim for money."""

    payment_order = "payment_order"
    small_claims = "small_claims"
    summary = "summary"
    ordinary = "ordinary"


class CaseFact(StrEnum):
    """What a procedure depends on."""

    due_and_fixed = "due_and_fixed"  # the sum is due and certain
    deliverable = "deliverable"  # an order can be served on the debtor
    simple = "simple"  # facts clear, rights and duties plain, little in dispute
    debtor_missing = "debtor_missing"
    debtor_abroad = "debtor_abroad"  # not on the mainland
    mutual_debts = "mutual_debts"  # the creditor owes the debtor too
    preserved = "preserved"  # the creditor asked for preservation before suit
    foreign = "foreign"  # the case has a foreign element
    appraisal = "appraisal"  # something must be valued or examined by experts
    counterclaim = "counterclaim"
