"""How much a year a contract may cost or a court will grant, by lender and day. Pure.

Every limit that applies is listed; the strictest is the cap. Interest that was agreed may be less:
a cap is a ceiling and never a claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from forbear.calculation.rate import PrimeRate, prime_rate
from forbear.calculation.rules import (
    PLACE,
    PPM,
    FactMissing,
    NotClaimed,
    NotCountable,
    check_amount,
    first_day,
    rules_on,
)
from forbear.kernel.court import Lender
from forbear.law.packs import Law, Version

TOPIC, TRANSITION = "claim_cap", "claim_cap_transition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A loan, as the caps ask for it."""

    lender: Lender  # who made it, whoever holds it now
    formed_on: date
    filed_on: date  # the day it is brought to court, or would be
    assisted: bool = False  # a platform brought the borrower


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One rule that limits the yearly cost."""

    cap_ppm: int
    binds: str  # claim: what a court grants; price: what may be charged at all
    voluntary_ppm: int | None  # paid freely up to here, it is not given back
    prime: PrimeRate | None  # where the limit is a multiple of it
    multiple: int | None
    rule: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which one cap holds: from <= day < to."""

    start: date
    end: date | None  # None: until the loan is repaid
    cap_ppm: int  # the strictest of the limits, parts per million a year
    limits: tuple[Limit, ...]  # strictest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The caps of one contract through its time."""

    contract: Contract
    spans: tuple[Span, ...]
    transition: Version | None  # the rule that splits the time, where one does


def cap(law: Law, contract: Contract) -> Cap:
    """Return how much a year a contract may cost, all interest, penalties and fees together.

    Unit:   parts per million a year; 240000 is 24 %.
    Errors: NotClaimed, RateUnknown, NotCountable.
    Source: private lending rules, articles 25, 28, 29, 31; SPC opinion 2017 No. 22, article 2;
            SPC reply 2020 No. 27; the supervisors' rules of 2025.
    """
    if contract.filed_on < contract.formed_on:
        raise NotCountable("filed_on", "must not be before the contract was made")
    turn = _transition(law, contract)
    if turn is None:
        span = _span(law, contract, start=contract.formed_on, end=None, law_of=contract.formed_on)
        return Cap(contract=contract, spans=(span,), transition=None)
    day = turn.value["turns_on"]
    return Cap(
        contract=contract,
        spans=(
            _span(law, contract, start=contract.formed_on, end=day, law_of=contract.formed_on),
            _span(law, contract, start=day, end=None, law_of=contract.filed_on),
        ),
        transition=turn,
    )


def granted_interest(
    found: Cap, *, principal_minor: int, start: date, end: date, basis_days: int = 365
) -> int:
    """Return the most that a cap allows on a principal that stands unchanged, in a time.

    Unit:   minor units, rounded down: a ceiling is never exceeded by half a fen; basis_days is the
            length of the year that the daily share is taken of, 365 or 360.
    Errors: NotCountable; FactMissing where the time begins before the contract.
    Source: simple interest; no text fixes the year's length, so the asker names it.
    """
    check_amount("principal", principal_minor)
    if basis_days not in (360, 365):
        raise NotCountable("basis_days", "must be 360 or 365")
    if not found.contract.formed_on <= start <= end:
        raise NotCountable("until", "the time must begin with the contract or later, and then end")
    total = Fraction(0)
    for span in found.spans:
        days = (min(end, span.end or end) - max(start, span.start)).days
        total += Fraction(principal_minor * span.cap_ppm * max(days, 0), PPM * basis_days)
    return int(total // 1)


def _transition(law: Law, contract: Contract) -> Version | None:
    """Return the rule that splits a private loan's time at the change of law, or None."""
    if contract.lender is not Lender.private:
        return None
    for rule in rules_on(law, topic=TRANSITION, on=contract.filed_on):
        if contract.formed_on < rule.value["turns_on"] <= contract.filed_on:
            return rule
    return None


def _span(law: Law, contract: Contract, *, start: date, end: date | None, law_of: date) -> Span:
    """Return the limits in one time; law_of is the day whose law a contract's rule is asked on."""
    limits = [
        _limit(law, rule, on=asked)
        for how, asked in (("contract", law_of), ("filing", contract.filed_on))
        for rule in rules_on(law, topic=TOPIC, on=asked)
        if rule.value["asked_on"] == how and _speaks_of(rule, contract)
    ]
    if not any(limit.binds == "claim" for limit in limits):
        raise _unclaimed(law, contract, law_of)
    limits.sort(key=lambda limit: (limit.cap_ppm, limit.rule.rule))
    return Span(start=start, end=end, cap_ppm=limits[0].cap_ppm, limits=tuple(limits))


def _speaks_of(rule: Version, contract: Contract) -> bool:
    lender = contract.lender in rule.value["lenders"]
    return lender and (contract.assisted or not rule.value["assisted_only"])


def _limit(law: Law, rule: Version, *, on: date) -> Limit:
    """Return what one rule allows, the prime rate being that of the day the rule is asked on."""
    multiple = rule.value["cap"].get("lpr_multiple")
    prime = prime_rate(law, on=on) if multiple else None
    return Limit(
        cap_ppm=multiple * prime.rate_ppm if prime else rule.value["cap"]["ppm"],
        binds=rule.value["binds"],
        voluntary_ppm=rule.value["voluntary_ppm"],
        prime=prime,
        multiple=multiple,
        rule=rule,
    )


def _unclaimed(law: Law, contract: Contract, law_of: date) -> NotClaimed:
    """Return the error that names the first day claimed for this lender, and the day asked."""
    known = [
        v
        for v in law.versions
        if v.topic == TOPIC
        and v.jurisdiction == PLACE
        and v.value["binds"] == "claim"
        and contract.lender in v.value["lenders"]
    ]
    by_filing = any(v.value["asked_on"] == "filing" for v in known)
    asked = "filing" if by_filing else "contract"
    return NotClaimed(
        f"{TOPIC} of lender {contract.lender}, by the day of {asked},",
        on=contract.filed_on if by_filing else law_of,
        claimed_from=first_day(known),
    )


def original_lender(word: str) -> Lender:
    """Return the lender that a word names; a buyer of the debt is not one.

    Errors: FactMissing for a transferee, NotCountable for a word that is none.
    Source: Civil Code 548: the buyer's claim is the seller's, the debtor's defenses with it.
    """
    if word == "transferee":
        raise FactMissing("lender", "a bought claim is capped as its first lender's was: name it")
    try:
        return Lender(word)
    except ValueError:
        raise NotCountable("lender", f"{word!r} is not one of {', '.join(Lender)}") from None
