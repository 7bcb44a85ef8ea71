"""The kinds of rules that calculators read, and what the value of each must hold. Pure.

All of them set numbers. Rates are parts per million, money is minor units, so nothing is rounded
before the calculator rounds and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from forbear.kernel.court import CaseFact, Halving, Interruption, Lender, Procedure

Check = Callable[[Any], bool]


def _count(value: Any) -> bool:
    """Return whether a value is a positive whole number."""
    return type(value) is int and value > 0


def _or_none(check: Check) -> Check:
    """Return a check that a value is nothing, or passes another check."""
    return lambda value: value is None or check(value)


def _flag(value: Any) -> bool:
    return type(value) is bool


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _day(value: Any) -> bool:
    return type(value) is date


def _one_of(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _any_of(words: type[StrEnum]) -> Check:
    """Return a check that a value is a list, without repetition, of words of a closed list."""
    known = frozenset(words)
    return lambda value: (
        isinstance(value, tuple) and len(set(value)) == len(value) and known.issuperset(value)
    )


def _some_of(words: type[StrEnum]) -> Check:
    """Return a check that a value is such a list and not empty."""
    return lambda value: bool(value) and _any_of(words)(value)


def _articles_of(words: type[StrEnum]) -> Check:
    """Return a check that a value maps words of a closed list to the articles that name them."""
    known = frozenset(words)
    return lambda value: (
        isinstance(value, Mapping)
        and known.issuperset(value)
        and all(_text(article) for article in value.values())
    )


def _first_band(value: Any) -> bool:
    """Return whether a value is a flat fee up to an amount."""
    keys = {"to_minor", "fee_minor"}
    return (
        isinstance(value, Mapping)
        and set(value) == keys
        and all(_count(value[key]) for key in keys)
    )


def _bands(value: Any) -> bool:
    """Return whether a value is a list of rising bands, the last of them without an end."""
    if not isinstance(value, tuple) or not value:
        return False
    if not all(
        isinstance(band, Mapping)
        and set(band) == {"to_minor", "rate_ppm"}
        and _count(band["rate_ppm"])
        for band in value
    ):
        return False
    ends = [band["to_minor"] for band in value]
    rising = all(_count(end) for end in ends[:-1]) and all(a < b for a, b in pairwise(ends[:-1]))
    return rising and ends[-1] is None


def _fixings(value: Any) -> bool:
    """Return whether a value maps rising days to the rates of one and of five years."""
    if not isinstance(value, Mapping) or not value or not all(_day(day) for day in value):
        return False
    rates = all(
        isinstance(pair, tuple) and len(pair) == 2 and all(_count(rate) for rate in pair)
        for pair in value.values()
    )
    return rates and list(value) == sorted(value)


def _cap(value: Any) -> bool:
    """Return whether a value is a yearly rate, or a multiple of the one-year loan prime rate."""
    return (
        isinstance(value, Mapping)
        and len(value) == 1
        and set(value) <= {"ppm", "lpr_multiple"}
        and all(_count(number) for number in value.values())
    )


def _wages(value: Any) -> bool:
    """Return whether a value maps provinces to the yearly wage of each year."""
    return isinstance(value, Mapping) and all(
        _text(province)
        and isinstance(years, Mapping)
        and all(_count(year) and _count(wage) for year, wage in years.items())
        for province, years in value.items()
    )


CALCULATION_KINDS: Mapping[str, Mapping[str, Check]] = {
    "fee_bands": {"first": _first_band, "bands": _bands, "maximum_minor": _or_none(_count)},
    "fee_share": {"of": _text, "divisor": _count},  # of the fee that another rule sets
    "fee_halving": {"divisor": _count, "grounds": _some_of(Halving)},  # once, however many grounds
    "rate_series": {"fixings": _fixings, "known_through": _day},
    "cost_cap": {
        "lenders": _some_of(Lender),
        "binds": _one_of("claim", "price"),  # what a court grants, or what may be charged at all
        "asked_on": _one_of("contract", "filing"),  # the day whose law and prime rate count
        "cap": _cap,
        "voluntary_ppm": _or_none(_count),  # paid freely up to here, it is not given back
        "assisted_only": _flag,  # only loans that a platform brought
    },
    "cap_transition": {"turns_on": _day},
    "daily_rate": {"rate_ppm": _count},
    "claim_period": {
        "years": _count,
        "long_stop_years": _or_none(_count),
        "last_months": _count,  # an obstacle counts within so many months of the end
        "after_obstacle": _one_of("last_months", "remainder"),  # what still runs once it is gone
    },
    "interruptions": {
        "causes": _articles_of(Interruption),
        "proceedings": _any_of(Interruption),  # the time starts again when they end
        "waiver": _or_none(_text),  # the article by which a late agreement gives up the defense
    },
    "period_count": {"first_day_counts": _flag, "rest_day_moves_end": _flag},
    "procedure": {
        "procedure": _one_of(*Procedure),
        "needs": _articles_of(CaseFact),
        "excluded_by": _articles_of(CaseFact),
        "months": _or_none(_count),  # to judgment
        "more_months": _or_none(_count),  # with the court president's leave
        "may_agree": _flag,  # the parties may choose it for a case that is not simple
    },
    "small_claims_limit": {"mandatory_percent": _count, "agreed_percent": _count},
    "yearly_wages": {"wages": _wages},
}


def calculation_fault(kind: str, value: Mapping[str, Any]) -> str:
    """Return what is wrong between two keys of a value, or "" where nothing is.

    Errors: none.
    Source: none.
    """
    if kind == "fee_bands":
        end = value["bands"][0]["to_minor"]
        if end is not None and end <= value["first"]["to_minor"]:
            return "bands must begin where first ends"
    if kind == "rate_series" and max(value["fixings"]) > value["known_through"]:
        return "known_through must not be before the last fixing"
    if kind == "interruptions" and not set(value["proceedings"]) <= set(value["causes"]):
        return "proceedings must be among the causes"
    if kind == "small_claims_limit" and value["mandatory_percent"] > value["agreed_percent"]:
        return "mandatory_percent must not exceed agreed_percent"
    return ""
