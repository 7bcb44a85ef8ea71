"""The loan prime rate of a day, from the fixings in the packs; a later day is refused. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from forbear.calculation.rules import NotCountable, RateUnknown, rule_on, rules_on
from forbear.kernel.court import Term
from forbear.law.packs import Law, Version

TOPIC = "loan_prime_rate"
PLACE_OF = {Term.one_year: 0, Term.five_years: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimeRate:
    """The loan prime rate that holds on a day."""

    on: date
    term: Term
    rate_ppm: int
    fixed_on: date  # the day it was published
    known_through: date  # the last day that the packs answer for
    rule: Version


def prime_rate(law: Law, *, on: date, term: Term = Term.one_year) -> PrimeRate:
    """Return the loan prime rate of a day: the last that was published up to that day.

    Several packs may each carry a part of the series; two that name another rate for one day are
    refused.

    Unit:   parts per million a year; 42500 is 4.25 %.
    Errors: NotClaimed before the first, RateUnknown after the last known day, NotCountable.
    Source: PBOC announcement 2019 No. 15; a fixing holds until the next one.
    """
    rules = rules_on(law, topic=TOPIC, on=on) or (rule_on(law, topic=TOPIC, on=on),)
    known_through = max(rule.value["known_through"] for rule in rules)
    if on > known_through:
        raise RateUnknown(on=on, known_through=known_through)
    fixings = dict(_fixings(rules))
    days = sorted(fixings)
    place = bisect_right(days, on)
    if not place:
        raise RateUnknown(on=on, known_through=known_through)
    rates, rule = fixings[days[place - 1]]
    return PrimeRate(
        on=on,
        term=term,
        rate_ppm=rates[PLACE_OF[term]],
        fixed_on=days[place - 1],
        known_through=known_through,
        rule=rule,
    )


def _fixings(rules: tuple[Version, ...]) -> Iterator[tuple[date, tuple[tuple[int, int], Version]]]:
    """Yield each fixing with its rule; refuse two that differ."""
    seen: dict[date, tuple[int, int]] = {}
    for rule in rules:
        for day, rates in rule.value["fixings"].items():
            if seen.setdefault(day, rates) != rates:
                raise NotCountable(TOPIC, f"two packs give two rates for {day}; correct one")
            yield day, (rates, rule)
