"""What a rule may count or test is a column of the facts, and every kind has its evaluator."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

from forbear.contact.facts import ContactFacts
from forbear.contact.permission import CHECKS
from forbear.law.kinds import (
    COUNTERS,
    DUTIES,
    FLAGS,
    KINDS,
    NOT_ASKED,
    NUMBERS,
    ROLLING,
    WEEKLY,
    value_fault,
)

TYPES = {f.name: str(f.type) for f in fields(ContactFacts)}


def test_a_flag_is_a_column_of_true_and_false_and_a_counter_one_of_numbers():
    assert {TYPES[name] for name in FLAGS} == {"Bools"}
    assert {TYPES[name] for name in COUNTERS | ROLLING | WEEKLY} == {"Ints"}


def test_every_kind_that_is_a_question_has_its_evaluator():
    assert set(CHECKS) == set(KINDS) - NUMBERS - NOT_ASKED
    assert set(DUTIES) <= NOT_ASKED


FAULTS = [
    ("daily_maximum", {"counts": "calls", "maximum": 3}, "counts: 'calls'"),
    ("daily_maximum", {"counts": "effective_today", "maximum": 0}, "maximum: 0"),
    ("daily_maximum", {"counts": "effective_today", "maximum": True}, "maximum: True"),
    ("daily_maximum", {"counts": "effective_today", "maximum": 2.5}, "maximum: 2.5"),
    ("flag", {"fact": "local_minute"}, "fact: 'local_minute'"),
    ("relation_among", {"relations": ()}, "relations: ()"),
    ("relation_among", {"relations": ("obligor", "obligor")}, "relations:"),
    ("relation_among", {"relations": ("neighbor",)}, "relations:"),
    ("relation_among", {"relations": "obligor"}, "relations:"),
    ("purpose_among", {"purposes": ("shame",)}, "purposes:"),
    ("named_contact_person", {"days": 3}, "it holds nothing"),
    ("rolling_maximum", {"counts": "effective_today", "maximum": 3}, "counts:"),
    ("weekly_maximum", {"counts": "effective_24h", "maximum": 3}, "counts:"),
    ("wait_after_talk", {"days": 8}, "days: 8"),
    ("lawful_days", {"weekdays": ("friday", "friday"), "holidays": False}, "weekdays:"),
    ("lawful_days", {"weekdays": ("friday",), "holidays": 1}, "holidays: 1"),
    ("conduct", {"checked_by": "hope"}, "checked_by: 'hope'"),
    ("obligor_unreachable", {"failures": 3}, "distinct_days is missing"),
    ("bucket_starts", {"starts": {"M0": 1}}, "starts:"),
    ("bucket_starts", {"starts": {"M0": 0, "M1": 31, "M2": 31}}, "starts:"),
    ("bucket_starts", {"starts": {"M0": 0, "M1": "1"}}, "starts:"),
    ("bucket_starts", {"starts": {}}, "starts:"),
    ("bucket_starts", {"starts": {0: 0}}, "starts:"),
    ("hours_window", {"opens": 800, "closes": "22:00"}, "opens: 800"),
    ("hours_window", {"opens": "08:00", "closes": "08:00"}, "opens must be before"),
]


@pytest.mark.parametrize(("kind", "value", "says"), FAULTS)
def test_a_value_that_its_kind_cannot_read_is_refused(kind, value, says):
    assert says in value_fault(kind, value)


def test_a_value_that_its_kind_can_read_has_no_fault():
    assert value_fault("hours_window", {"opens": "00:00", "closes": "24:00"}) == ""
    assert value_fault("bucket_starts", {"starts": {"M0": 0, "M1+": 1}}) == ""


CALCULATION_FAULTS = [
    ("fee_bands", {"first": {"to_minor": 5, "fee_minor": 1}, "bands": (), "maximum_minor": None}),
    (
        "fee_bands",
        {
            "first": {"to_minor": 5, "fee_minor": 1},
            "bands": ({"to_minor": 5, "rate_ppm": 1}, {"to_minor": None, "rate_ppm": 1}),
            "maximum_minor": None,
        },
    ),
    (
        "fee_bands",
        {
            "first": {"to_minor": 5, "fee_minor": 1},
            "bands": ({"to_minor": 9, "rate_ppm": 1},),  # without an end none may be larger
            "maximum_minor": None,
        },
    ),
    ("rate_series", {"fixings": {}, "known_through": date(2026, 1, 1)}),
    (
        "rate_series",
        {
            "fixings": {date(2026, 1, 2): (1, 1), date(2026, 1, 1): (1, 1)},
            "known_through": date(2026, 1, 3),
        },
    ),
    (
        "rate_series",
        {"fixings": {date(2026, 1, 2): (1, 1)}, "known_through": date(2026, 1, 1)},
    ),
    ("rate_series", {"fixings": {date(2026, 1, 2): (1.5, 1)}, "known_through": date.max}),
    ("fee_halving", {"divisor": 2, "grounds": ("tired",)}),
    ("small_claims_limit", {"mandatory_percent": 200, "agreed_percent": 50}),
    ("interruptions", {"causes": {"demand": ""}, "proceedings": (), "waiver": None}),
    ("interruptions", {"causes": {"demand": "1"}, "proceedings": ("lawsuit",), "waiver": None}),
    ("yearly_wages", {"wages": {"CN-GD": {"2024": 1}}}),
]


@pytest.mark.parametrize(("kind", "value"), CALCULATION_FAULTS)
def test_a_value_that_a_calculator_cannot_count_from_is_refused(kind, value):
    assert value_fault(kind, value)
