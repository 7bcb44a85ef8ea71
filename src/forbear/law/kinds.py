"""The closed set of kinds of rules, and what the value of each must hold. Pure; decides nothing.

A kind's evaluator is in the room that asks it: `contact/permission.py` for contact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from forbear.kernel.days import minute_of_day
from forbear.kernel.vocabulary import ANNOUNCES, Occasion, Purpose, Relation
from forbear.law.calculation_kinds import CALCULATION_KINDS, calculation_fault
from forbear.law.price_kinds import PRICE_KINDS, price_fault

# Facts of a contact that are simply true or false, and those that count. `contact/facts.py` has
# a column of each name; a test compares.
FLAGS = frozenset(
    {
        "night_consent",
        "point_invalid",
        "point_refused",
        "ceased",
        "opted_out",
        "deceased",
        "incapacitated",
        "represented",
        "insolvent",
        "moratorium",
        "no_contact_order",
        "nothing_due",
        "disputed",
        "arranged",
        "mediated",
        "refund_pending",
        "in_court",
        "time_barred",
        "breathing_space",
        "student",
    }
)
COUNTERS = frozenset(
    {
        "effective_today",
        "connected_notices_today",
        "unanswered_point_today",
        "outbound_today",
    }
)
ROLLING = frozenset(  # of the twenty-four hours before
    {"effective_24h", "connected_notices_24h", "unanswered_point_24h", "outbound_24h"}
)
WEEKLY = frozenset({"outbound_7d", "debt_calls_7d"})  # of this day and the six before it
WEEK = 7  # how many days the weekly columns look back, this one included


class Weekday(StrEnum):
    """The days of the week, in the order of their bits."""

    monday = "monday"
    tuesday = "tuesday"
    wednesday = "wednesday"
    thursday = "thursday"
    friday = "friday"
    saturday = "saturday"
    sunday = "sunday"


class Checked(StrEnum):
    """Where a rule of conduct, which no column can decide, is seen to."""

    screening = "screening"  # the words of a message or a transcript
    template = "template"  # what an approved message says
    record = "record"  # what is written down, and how long it is kept
    duty = "duty"  # a step with a day by which it is done
    procedure = "procedure"  # how people are chosen, taught, paid and supervised; outside software


Check = Callable[[Any], bool]


def _clock(value: Any) -> bool:
    """Return whether a value is a clock time HH:MM."""
    try:
        return isinstance(value, str) and minute_of_day(value) >= 0
    except ValueError:
        return False


def _count(value: Any) -> bool:
    """Return whether a value is a positive whole number."""
    return type(value) is int and value > 0


def _one_of(words: frozenset[str]) -> Check:
    """Return a check that a value is one of some words."""
    return lambda value: isinstance(value, str) and value in words


def _some_of(words: frozenset[str]) -> Check:
    """Return a check that a value is a list, without repetition, of some words."""
    return lambda value: (
        isinstance(value, tuple)
        and bool(value)
        and len(set(value)) == len(value)
        and set(value) <= words
    )


def _at_most(most: int) -> Check:
    """Return a check that a value is a positive whole number up to another."""
    return lambda value: _count(value) and value <= most


def _truth(value: Any) -> bool:
    """Return whether a value is true or false."""
    return type(value) is bool


def _starts(value: Any) -> bool:
    """Return whether a value maps bucket ids to rising days, the first of them 0."""
    if not isinstance(value, Mapping) or not all(type(d) is int for d in value.values()):
        return False
    days = list(value.values())
    return days[:1] == [0] and sorted(set(days)) == days and all(isinstance(k, str) for k in value)


KINDS: Mapping[str, Mapping[str, Check]] = {
    "hours_window": {"opens": _clock, "closes": _clock},  # first lawful, first unlawful minute
    "daily_maximum": {"counts": _one_of(COUNTERS), "maximum": _count},
    "flag": {"fact": _one_of(FLAGS)},
    "under_age": {"years": _count},
    "in_flight": {"days": _count},  # lets go after so many days without a settlement
    "relation_among": {"relations": _some_of(frozenset(Relation))},
    "purpose_among": {"purposes": _some_of(frozenset(Purpose))},
    "named_contact_person": {},
    "obligor_unreachable": {"failures": _count, "distinct_days": _count},
    "bucket_starts": {"starts": _starts},
    "days": {"days": _count},
    # windows longer or other than the calendar day
    "rolling_maximum": {"counts": _one_of(ROLLING), "maximum": _count},
    "weekly_maximum": {"counts": _one_of(WEEKLY), "maximum": _count},
    "wait_after_talk": {"days": _at_most(WEEK)},  # the day of the conversation is the first of them
    "lawful_days": {"weekdays": _some_of(frozenset(Weekday)), "holidays": _truth},
    # rules that no fact of a contact can decide: said, shown, and seen to elsewhere
    "conduct": {"checked_by": _one_of(frozenset(Checked))},
    "keep_records": {"years": _count},
    "every_months": {"months": _count},
    "limit": {"amount_minor": _count, "currency": lambda value: isinstance(value, str)},
    **CALCULATION_KINDS,
    **PRICE_KINDS,
}

# Duties: what opens one, until when it must be met, what closes it; and what a text must say.
# `duty/` reads them; they block no contact.
CLOCKS = frozenset({"within", "before", "throughout"})
DAY_COUNTS = frozenset({"calendar", "working"})
REST_DAYS = frozenset({"stands", "moves"})  # a last day that is a day of rest
CASES = frozenset({"message", "live", "voicemail"})
ELEMENTS = frozenset(
    "creditor name due pay_at relief_at dispute_at stop_at phone address accounts today ground"
    " rights duties evidence recorded reply debt identity".split()
)


def _days_or_none(value: Any) -> bool:
    """Return whether a value is a number of days, or null where the clock has none."""
    return value is None or (type(value) is int and value >= 0)


def _list_of(words: frozenset[str]) -> Check:
    """Return a check that a value is a list, perhaps empty, of some words."""
    return lambda value: value == () or _some_of(words)(value)


def _rising(value: Any) -> bool:
    """Return whether a value is a list of rising numbers of days."""
    return (
        isinstance(value, tuple)
        and all(type(d) is int and d > 0 for d in value)
        and (sorted(set(value)) == list(value))
    )


DUTIES: Mapping[str, Mapping[str, Check]] = {
    "duty": {
        "opens_on": _one_of(frozenset(Occasion)),
        "clock": _one_of(CLOCKS),
        "days": _days_or_none,  # from the opening day, which is not counted
        "counts": _one_of(DAY_COUNTS),
        "rest_day": _one_of(REST_DAYS),
        "extends": _rising,  # days from the opening day, one after the other
        "approved": _rising,  # those of them that a second person must approve
        "closed_by": _list_of(frozenset(Occasion)),
    },
    "content": {
        "case": _one_of(CASES),
        "first": _list_of(ELEMENTS),  # before any word of the debt
        "states": _list_of(ELEMENTS),
        "omits": _list_of(ELEMENTS),
    },
}
KINDS = {**KINDS, **DUTIES}


def _duty_fault(value: Mapping[str, Any]) -> str:
    """Return what the parts of a duty say against each other, or ""."""
    if value["clock"] == "before":
        if value["opens_on"] not in ANNOUNCES:
            return f"clock: nothing is before {value['opens_on']}, which announces no act"
        if value["days"] is not None or value["extends"]:
            return "days: what is due before an act has no days of its own; write null"
    if value["clock"] == "within" and value["days"] is None:
        return "days: what is due within a time needs its days"
    if any(days <= (value["days"] or 0) for days in value["extends"]):
        return "extends: more time is more days than the first"
    if set(value["approved"]) - set(value["extends"]):
        return "approved: only more time that extends names is approved"
    return ""


# Kinds that are a number and no question: a rule of theirs sets, all others ask.
NUMBERS = frozenset({"bucket_starts", "days"}) | frozenset(CALCULATION_KINDS)
# Kinds that are never asked of a contact, whatever their effect.
NOT_ASKED = frozenset({"conduct", "keep_records", "every_months", "limit", *DUTIES, *PRICE_KINDS})


def value_fault(kind: str, value: Mapping[str, Any]) -> str:
    """Return what is wrong with the value of a rule of a kind, or "" where nothing is.

    Errors: none.
    Source: none.
    """
    wanted = KINDS[kind]
    for key in value:
        if key not in wanted:
            return f"{key} is no key of kind {kind}; it holds {', '.join(wanted) or 'nothing'}"
    for key, check in wanted.items():
        if key not in value:
            return f"{key} is missing; kind {kind} needs it"
        if not check(value[key]):
            return f"{key}: {value[key]!r} is not what kind {kind} needs there"
    if kind == "hours_window" and minute_of_day(value["opens"]) >= minute_of_day(value["closes"]):
        return "opens must be before closes on the same day; the quiet hours run through midnight"
    if kind == "duty":
        return _duty_fault(value)
    if kind in PRICE_KINDS:
        return price_fault(kind, value)
    return calculation_fault(kind, value) if kind in CALCULATION_KINDS else ""
