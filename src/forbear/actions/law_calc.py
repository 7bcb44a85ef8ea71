"""Ask the calculators, as the command line, the API and the console do: one answer for all three.

Each answer holds the number, the rule and article it rests on, how it was counted, and whether a
lawyer has signed the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from forbear.actions.reader import Ability, Reader
from forbear.calculation.cap import Cap, Contract, Limit, granted_interest
from forbear.calculation.cap import cap as cap_of
from forbear.calculation.deadline import ClaimTime, Counted, counted
from forbear.calculation.delay import DelayInterest, LateDebt
from forbear.calculation.delay import delay_interest as delay_interest_of
from forbear.calculation.fee import Fee
from forbear.calculation.fee import fee as fee_of
from forbear.calculation.procedure import Case, Choice, choice
from forbear.calculation.rate import PrimeRate, prime_rate
from forbear.kernel.court import Deadline, FeeKind, Halving, Term
from forbear.kernel.workdays import rest_day
from forbear.law.packs import ReviewStatus, Version
from forbear.store.packs import fetch_law

Told = dict[str, Any]


def access_fee(
    reader: Reader, *, kind: FeeKind, amount_minor: int, on: date, halvings: Collection[Halving]
) -> Told:
    """Return what a court is paid. Errors: NotAllowed, NotClaimed, NotCountable."""
    _must(reader)
    found = fee_of(fetch_law(), kind=kind, amount_minor=amount_minor, on=on, halvings=halvings)
    return _fee_told(found, sorted(halvings))


def access_lpr(reader: Reader, *, on: date, term: Term) -> Told:
    """Return the loan prime rate of a day. Errors: NotAllowed, NotClaimed, RateUnknown."""
    _must(reader)
    return _rate_told(prime_rate(fetch_law(), on=on, term=term))


def access_cap(
    reader: Reader,
    *,
    contract: Contract,
    principal_minor: int | None = None,
    start: date | None = None,
    until: date | None = None,
    basis_days: int = 365,
) -> Told:
    """Return how much a contract may cost; with a principal, also how much in a time.

    Errors: NotAllowed, NotClaimed, RateUnknown, NotCountable.
    """
    _must(reader)
    found = cap_of(fetch_law(), contract)
    told = _cap_told(found)
    if principal_minor is not None:
        begin, end = start or contract.formed_on, until or contract.filed_on
        told["interest_minor"] = granted_interest(
            found, principal_minor=principal_minor, start=begin, end=end, basis_days=basis_days
        )
        told |= {
            "principal_minor": principal_minor,
            "start": begin,
            "until": end,
            "basis_days": basis_days,
        }
    return told


def access_delay_interest(reader: Reader, *, debt: LateDebt) -> Told:
    """Return the doubled interest for delay. Errors: NotAllowed, NotClaimed, NotCountable."""
    _must(reader)
    return _delay_told(delay_interest_of(fetch_law(), debt), debt)


def access_deadline(reader: Reader, *, which: Deadline, facts: ClaimTime, as_of: date) -> Told:
    """Return until when a claim can be brought or a judgment enforced.

    Errors: NotAllowed, NotClaimed, NotCountable, FactMissing.
    """
    _must(reader)
    found = counted(fetch_law(), facts, which=which, as_of=as_of, rest=rest_day)
    return _deadline_told(found)


def access_procedure(reader: Reader, *, case: Case) -> Told:
    """Return the procedures that are open. Errors: NotAllowed, NotClaimed, NotCountable."""
    _must(reader)
    return _choice_told(choice(fetch_law(), replace(case, province=case.province.strip())), case)


def percent(ppm: int) -> str:
    """Return parts per million as a percentage with at least two decimals: 42500 is 4.25."""
    value = Decimal(ppm) / 10_000
    exponent = value.normalize().as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:.{places}f}"


def _must(reader: Reader) -> None:
    """Ask whether the reader may: whoever may see the law, or a program with the scope for it."""
    if Ability.see_law not in reader.abilities:
        reader.must(Ability.read_law)


def cited(version: Version) -> Told:
    """Return a rule as an answer cites it."""
    awaits = version.review.status is ReviewStatus.secondary_source and not version.review.reviewer
    return {
        "rule": version.rule,
        "instrument": version.source.instrument,
        "article": version.source.article,
        "force": version.force.value,
        "says": version.says,
        "says_zh": version.says_zh,
        "in_force_from": version.start,
        "review": version.review.reviewer or version.review.status.value,
        "awaits_review": awaits,
    }


def _cites(main: Version, *others: Version | None) -> Told:
    """Return the rule an answer rests on, and every other that it used, each once."""
    used = {(v.rule, v.start): v for v in (main, *(o for o in others if o))}
    return {
        "rule": main.rule,
        "article": main.source.article,
        "instrument": main.source.instrument,
        "cites": [cited(version) for version in used.values()],
    }


def _fee_told(found: Fee, halvings: list[Halving]) -> Told:
    return {
        "fee_minor": found.fee_minor,
        **_cites(found.rule, found.base, found.halved_by),
        "currency": "CNY",
        "kind": found.kind.value,
        "amount_minor": found.amount_minor,
        "on": found.on,
        "full_minor": found.full_minor,
        "halved": found.halved_by is not None,
        "halved_for": [str(ground) for ground in halvings],
        "capped": found.capped,
        "bands": [
            {
                "from_minor": band.from_minor,
                "to_minor": band.to_minor,
                "rate_ppm": band.rate_ppm,
                "percent": percent(band.rate_ppm) if band.rate_ppm else None,
                "adds_minor": str(_decimal(band.adds_minor)),
            }
            for band in found.bands
        ],
        "rounding": "half up to the fen, once, at the end",
    }


def _rate_told(found: PrimeRate) -> Told:
    return {
        "rate_ppm": found.rate_ppm,
        "percent": percent(found.rate_ppm),
        **_cites(found.rule),
        "term": found.term.value,
        "on": found.on,
        "fixed_on": found.fixed_on,
        "known_through": found.known_through,
    }


def _limit_told(limit: Limit) -> Told:
    return {
        "cap_ppm": limit.cap_ppm,
        "percent": percent(limit.cap_ppm),
        "binds": limit.binds,
        "voluntary_ppm": limit.voluntary_ppm,
        "voluntary_percent": percent(limit.voluntary_ppm) if limit.voluntary_ppm else None,
        "multiple": limit.multiple,
        "prime": _rate_told(limit.prime) if limit.prime else None,
        **cited(limit.rule),
    }


def _cap_told(found: Cap) -> Told:
    last = found.spans[-1]
    rules = [limit.rule for span in found.spans for limit in span.limits]
    return {
        "cap_ppm": last.cap_ppm,
        "percent": percent(last.cap_ppm),
        **_cites(last.limits[0].rule, found.transition, *rules),
        "lender": found.contract.lender.value,
        "formed_on": found.contract.formed_on,
        "filed_on": found.contract.filed_on,
        "assisted": found.contract.assisted,
        "spans": [
            {
                "from": span.start,
                "to": span.end,
                "cap_ppm": span.cap_ppm,
                "percent": percent(span.cap_ppm),
                "limits": [_limit_told(limit) for limit in span.limits],
            }
            for span in found.spans
        ],
        "covers": "interest, compound and penalty interest, damages and fees together, a year",
    }


def _delay_told(found: DelayInterest, debt: LateDebt) -> Told:
    rules = [run.rule for run in found.runs]
    told = {
        "interest_minor": found.interest_minor,
        "currency": "CNY",
        "debt_minor": debt.debt_minor,
        "due_on": debt.due_on,
        "until": debt.until,
        "left_minor": found.left_minor,
        "days": found.days,
        "runs": [
            {
                "first_on": run.first_on,
                "last_on": run.last_on,
                "days": run.days,
                "debt_minor": run.debt_minor,
                "rate_ppm": run.rate_ppm,
                "percent": percent(run.rate_ppm),
                "adds_minor": str(_decimal(run.adds_minor)),
            }
            for run in found.runs
        ],
        "rounding": "half up to the fen, once, at the end",
    }
    return told | (_cites(*rules) if rules else {"rule": None, "article": None, "cites": []})


def _deadline_told(found: Counted) -> Told:
    return {
        "ends_on": found.ends_on,
        "passed": found.passed,
        **_cites(found.rule, found.causes, found.counting),
        "which": found.which.value,
        "as_of": found.as_of,
        "runs_from": found.runs_from,
        "long_stop_on": found.long_stop_on,
        "calendar_known": found.calendar_known,
        "steps": [
            {
                "on": step.on,
                "turn": step.turn.value,
                "cause": step.cause,
                "article": step.article,
                "ends_on": step.ends_on,
            }
            for step in found.steps
        ],
    }


def _choice_told(found: Choice, case: Case) -> Told:
    first = next(option for option in found.options if option.procedure is found.first)
    return {
        "procedure": found.first.value,
        "lawsuit": found.lawsuit.value if found.lawsuit else None,
        "missing": list(found.missing),
        **_cites(first.rule),
        "amount_minor": case.amount_minor,
        "filed_on": case.filed_on,
        "facts": sorted(fact.value for fact in case.facts),
        "agreed": case.agreed,
        "wage": _wage_told(found),
        "options": [
            {
                "procedure": option.procedure.value,
                "open": option.open,
                "mandatory": option.mandatory,
                "fee_minor": option.fee_minor,
                "months": option.months,
                "more_months": option.more_months,
                "reasons": [
                    {"condition": reason.name, "met": reason.met, "article": reason.article}
                    for reason in option.reasons
                ],
                **cited(option.rule),
            }
            for option in found.options
        ],
    }


def _wage_told(found: Choice) -> Mapping[str, Any] | None:
    if found.wage is None:
        return None
    rule = found.wage.rule
    return {
        "wage_minor": found.wage.wage_minor,
        "year": found.wage.year,
        "rule": rule.rule if rule else None,
    }


def _decimal(exact: Any) -> Decimal:
    """Return an exact sum of minor units as a decimal; a millionth of a fen is its finest part."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)
