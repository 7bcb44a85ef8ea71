"""Hold the terms of an offer to the rules on price that are in force on its day. Pure.

What a rule says is read from the packs: no number of law stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from forbear.kernel.vocabulary import CreditorType, ProductType
from forbear.law.packs import Law, Version, in_force
from forbear.servicing.month import DAY, months_after
from forbear.servicing.terms import PPM, MonthEnd, Plan, Terms, penalty_rate_ppm

# What a topic's rule is broken by. An offer is asked of each on its day.
LIMITS = ("line_per_person", "balance_per_person", "loan_per_person")
TERMS = ("term", "installment_term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An offer, as the rules on price ask for it."""

    terms: Terms
    plan: Plan
    amount_minor: int
    on: date
    last_due: date
    apr_ppm: int  # by the formula that is held to the cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule on price that an offer does not keep."""

    code: str
    says: str
    rule: Version


Check = Callable[[Version, Asked], str]  # what is wrong, "" where nothing is


def product_types(terms: Terms) -> frozenset[ProductType]:
    """Return which kinds of credit a product may be, as the rules divide them.

    Errors: none.
    Source: house convention: a bank's product with a minimum payment revolves and is a card; any
            other may be every kind but a card.
    """
    if terms.creditor_type is CreditorType.bank and terms.minimum_ppm < PPM:
        return frozenset({ProductType.card})
    return frozenset(ProductType) - {ProductType.card}


def speaks_of(version: Version, terms: Terms) -> bool:
    """Return whether a rule speaks of a product: its place, its lender and its kind.

    Errors: none.
    Source: none.
    """
    applies = version.applies
    return (
        terms.jurisdiction == version.jurisdiction
        and (not applies.creditor_type or terms.creditor_type in applies.creditor_type)
        and (not applies.product_type or not product_types(terms).isdisjoint(applies.product_type))
    )


def rules_of(law: Law, terms: Terms, *, on: date) -> tuple[Version, ...]:
    """Return the rules on price that a product is held to on a day.

    Errors: none; () where no rule speaks of it.
    Source: the topics of CHECKS.
    """
    found = (version for topic in CHECKS for version in in_force(law, topic=topic, on=on))
    return tuple(version for version in found if speaks_of(version, terms))


def broken(law: Law, asked: Asked) -> tuple[Broken, ...]:
    """Return every rule on price that an offer does not keep.

    Errors: none.
    Source: the rules of `rules_of`; the cap on the yearly cost is asked in `offer.py`.
    """
    found = []
    for version in rules_of(law, asked.terms, on=asked.on):
        code, check = CHECKS[version.topic]
        if problem := check(version, asked):
            source = version.source
            says = f"{problem} ({version.rule}: {source.instrument}, {source.article})"
            found.append(Broken(code=code, says=says, rule=version))
    return tuple(found)


def _amount(version: Version, asked: Asked) -> str:
    most, currency = version.value["amount_minor"], version.value["currency"]
    if asked.terms.currency == currency and asked.amount_minor > most:
        return f"{asked.amount_minor} minor units are above the {most} that one person may owe"
    return ""


def _term(version: Version, asked: Asked) -> str:
    months = version.value["months"]
    start = np.array([asked.on], dtype=DAY)
    end = months_after(start, np.array([months]), month_end=MonthEnd.last_day)[0].item()
    if asked.last_due > end:
        return f"the last payment, on {asked.last_due}, is more than {months} months away"
    return ""


def _penalty(version: Version, asked: Asked) -> str:
    """Return what is wrong with penalty interest: too dear, or on interest that may not bear it."""
    rate = asked.plan.rate_ppm or asked.apr_ppm  # a plan of fees has its yearly cost for a rate
    told, most = penalty_rate_ppm(asked.terms, rate_ppm=rate), version.value["most_ppm"]
    if told * PPM > rate * most:
        return (
            f"penalty interest of {told / 10_000:.4f} % a year is above {most / PPM:g} times the"
            f" contract's {rate / 10_000:.4f} %"
        )
    if asked.terms.compounds and not version.value["interest_bears_it"]:
        return "unpaid interest bears interest"
    return ""


def _revolving(version: Version, asked: Asked) -> str:
    least, most = (version.value[f"{side}_daily_ppm"] * 365 for side in ("least", "most"))
    rate = asked.plan.rate_ppm
    if rate and not least <= rate <= most:
        return f"{rate / 10_000:.4f} % a year is outside {least / 10_000:g} to {most / 10_000:g} %"
    return ""


def _card_rate(version: Version, asked: Asked) -> str:
    """Return what is wrong with a card's rate: the band of its time, later how it is shown."""
    check = _revolving if version.kind == "revolving_rate" else _formula
    return check(version, asked)


def _no_interest(version: Version, asked: Asked) -> str:
    bearing = set(version.value["components"]) & {part.value for part in asked.terms.penalty_base}
    return f"interest is counted on {', '.join(sorted(bearing))}" if bearing else ""


def _method(version: Version, asked: Asked) -> str:
    if asked.plan.method.value not in version.value["methods"]:
        return f"{asked.plan.method} charges as a fee what must be told as interest"
    return ""


def _formula(version: Version, asked: Asked) -> str:
    if asked.terms.cap_formula.value not in version.value["formulas"]:
        return (
            f"the yearly rate is counted by {asked.terms.cap_formula}, which the rule does not know"
        )
    return ""


def _table(version: Version, asked: Asked) -> str:
    if version.value["forced_reading"] and not asked.terms.reading_s:
        return "reading_s is 0: the table of costs must stay on the screen before it is confirmed"
    return ""


def _year(version: Version, asked: Asked) -> str:
    if asked.terms.year_days < version.value["year_days"]:
        return f"a year of {asked.terms.year_days} days makes a day dearer than the rule's"
    return ""


def _grace(version: Version, asked: Asked) -> str:
    value, terms = version.value, asked.terms
    if terms.grace_days < value["days"]:
        return f"{terms.grace_days} days of grace are fewer than {value['days']}"
    if terms.currency == value["currency"] and terms.tolerance_minor < value["tolerance_minor"]:
        return (
            f"{terms.tolerance_minor} minor units may be missing, fewer than the"
            f" {value['tolerance_minor']} that count as nothing"
        )
    return ""


CHECKS: Mapping[str, tuple[str, Check]] = {
    **dict.fromkeys(LIMITS, ("offer.above_limit", _amount)),
    **dict.fromkeys(TERMS, ("offer.too_long", _term)),
    "penalty_rate": ("offer.penalty_too_dear", _penalty),
    "card_rate": ("offer.card_rate", _card_rate),
    "card_fees": ("offer.interest_on_fees", _no_interest),
    "cost_as_interest": ("offer.fee_for_interest", _method),
    "yearly_rate": ("offer.rate_not_shown", _formula),
    "cost_table": ("offer.no_reading_time", _table),
    "day_basis": ("offer.short_year", _year),
    "card_grace": ("offer.no_grace", _grace),
}
