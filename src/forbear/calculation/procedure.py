"""Which procedures a court has for a claim, which are closed, and why. Pure.

It says what is open by the facts given, and what it would have to know; it files nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forbear.calculation.fee import fee
from forbear.calculation.rules import check_amount, rule_on
from forbear.kernel.court import CaseFact, FeeKind, Halving, Procedure
from forbear.law.packs import Law, Version, in_force

TOPICS = {name: f"procedure_{name}" for name in Procedure}
LIMIT, WAGE = "small_claims_limit", "average_wage"
# What a claim usually is; said otherwise, it closes procedures.
USUAL = frozenset({CaseFact.due_and_fixed, CaseFact.deliverable, CaseFact.simple})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A claim for money that is to be brought."""

    amount_minor: int
    filed_on: date
    facts: frozenset[CaseFact] = USUAL
    province: str = ""  # as the wage table names it, such as CN-GD
    wage_minor: int | None = None  # its last published yearly wage; given, no table is asked
    agreed: bool = False  # the two sides agree on the lighter procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One condition of a procedure."""

    name: str  # a fact of the case, or small_claims_limit
    met: bool | None  # None: not known
    article: str
    rule: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One procedure for this claim."""

    procedure: Procedure
    open: bool | None  # None: it depends on what is missing
    mandatory: bool  # the court applies it whatever the sides prefer
    reasons: tuple[Reason, ...]
    fee_minor: int
    months: int | None  # to judgment
    more_months: int | None
    rule: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Wage:
    """The yearly wage that small claims are measured by."""

    wage_minor: int
    year: int | None  # None: given by the asker
    rule: Version | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Every procedure with its reasons, and the first that is open."""

    options: tuple[Option, ...]
    first: Procedure  # the lightest that is surely open
    lawsuit: Procedure | None  # the lightest suit; None where it depends on what is missing
    missing: tuple[str, ...]  # what would have to be known
    wage: Wage | None


def choice(law: Law, case: Case) -> Choice:
    """Return the procedures for a claim, lightest first, each with the conditions that decide it.

    Unit:   minor units.
    Errors: NotClaimed, NotCountable.
    Source: Civil Procedure Law 152, 160, 164 to 168, 225 to 228; interpretation 257, 272, 427.
    """
    check_amount("amount", case.amount_minor)
    if case.wage_minor is not None:
        check_amount("wage", case.wage_minor)
    wage = _wage(law, case)
    options = tuple(_option(law, case, procedure, wage) for procedure in Procedure)
    suits = [
        o for o in options if o.procedure is not Procedure.payment_order and o.open is not False
    ]
    unknown = any(option.open is None for option in options)
    missing = ("province",) if not case.province else (f"average_wage:{case.province}",)
    return Choice(
        options=options,
        first=next(option.procedure for option in options if option.open),
        lawsuit=suits[0].procedure if suits[0].open else None,
        missing=missing if unknown else (),
        wage=wage,
    )


def _option(law: Law, case: Case, procedure: Procedure, wage: Wage | None) -> Option:
    rule = rule_on(law, topic=TOPICS[procedure], on=case.filed_on)
    reasons = [
        Reason(name=fact, met=fact in case.facts or _agreed(rule, case), article=article, rule=rule)
        for fact, article in rule.value["needs"].items()
    ] + [
        Reason(name=fact, met=fact not in case.facts, article=article, rule=rule)
        for fact, article in rule.value["excluded_by"].items()
    ]
    mandatory = False
    if procedure is Procedure.small_claims:
        limit, mandatory = _within_limit(law, case, wage)
        reasons.append(limit)
    met = [reason.met for reason in reasons]
    return Option(
        procedure=procedure,
        open=False if False in met else None if None in met else True,
        mandatory=mandatory and False not in met,
        reasons=tuple(reasons),
        fee_minor=_fee(law, case, procedure),
        months=rule.value["months"],
        more_months=rule.value["more_months"],
        rule=rule,
    )


def _agreed(rule: Version, case: Case) -> bool:
    return bool(rule.value["may_agree"]) and case.agreed


def _within_limit(law: Law, case: Case, wage: Wage | None) -> tuple[Reason, bool]:
    """Return whether a claim is small enough, and whether that binds without agreement."""
    rule = rule_on(law, topic=LIMIT, on=case.filed_on)
    if wage is None:
        return Reason(name=LIMIT, met=None, article=rule.source.article, rule=rule), False
    hundredfold = case.amount_minor * 100
    mandatory = hundredfold <= wage.wage_minor * rule.value["mandatory_percent"]
    agreed = case.agreed and hundredfold <= wage.wage_minor * rule.value["agreed_percent"]
    return Reason(
        name=LIMIT, met=mandatory or agreed, article=rule.source.article, rule=rule
    ), mandatory


def _wage(law: Law, case: Case) -> Wage | None:
    """Return the wage given, or the last that a table has for a year before the filing."""
    if case.wage_minor is not None:
        return Wage(wage_minor=case.wage_minor, year=None, rule=None)
    found = [
        (year, wage, rule)
        for rule in in_force(law, topic=WAGE, on=case.filed_on)
        for year, wage in rule.value["wages"].get(case.province, {}).items()
        if year < case.filed_on.year
    ]
    if not found:
        return None
    year, wage_minor, rule = max(found, key=lambda row: row[0])
    return Wage(wage_minor=wage_minor, year=year, rule=rule)


def _fee(law: Law, case: Case, procedure: Procedure) -> int:
    """Return what filing costs on each way."""
    ways: dict[Procedure, tuple[FeeKind, tuple[Halving, ...]]] = {
        Procedure.payment_order: (FeeKind.payment_order, ()),
        Procedure.small_claims: (FeeKind.accept, (Halving.small_claims,)),
        Procedure.summary: (FeeKind.accept, (Halving.summary,)),
        Procedure.ordinary: (FeeKind.accept, ()),
    }
    kind, halvings = ways[procedure]
    found = fee(law, kind=kind, amount_minor=case.amount_minor, on=case.filed_on, halvings=halvings)
    return found.fee_minor
