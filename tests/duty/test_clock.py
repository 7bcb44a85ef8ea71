"""Each duty falls due as its vectors say, worked out by hand from the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.duty.clock import Left, NoMoreTime, due_day, left, longer
from forbear.duty.opening import FACTS, duty_rules, opened
from forbear.kernel.workdays import CalendarUnknown, working
from forbear.law.kinds import value_fault
from forbear.law.reading import strict_yaml
from forbear.store.packs import fetch_law

FOLDER = Path(__file__).parent / "vectors"
LAW = fetch_law()
RULES = {v.rule: v for v in duty_rules(LAW)}
FILES = {
    path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(FOLDER.rglob("*.yaml"))
}
ONE = timedelta(days=1)


def vectors(rule: str) -> list[dict[str, Any]]:
    found = strict_yaml(rule, FILES[rule].read_text())
    assert found["rule"] == rule
    return list(found["vectors"])


CASES = [(rule, vector) for rule in FILES for vector in vectors(rule)]


def facts(rule: str, on: date, act_on: date | None = None) -> pl.DataFrame:
    """One fact that opens a rule's duty, wherever the rule speaks."""
    version = RULES[rule]
    row = {
        "because": "test:1",
        "occasion": version.value["opens_on"],
        "thread": "",
        "person_id": 1,
        "account_id": 2,
        "on": on,
        "act_on": act_on,
        "places": list(version.applies.jurisdiction),
        "creditors": [],
    }
    return pl.DataFrame([row], schema=FACTS)


@pytest.mark.parametrize(
    ("rule", "vector"), CASES, ids=[f"{rule}: {v['name']}" for rule, v in CASES]
)
def test_a_duty_is_due_as_its_vector_says(rule, vector):
    found = opened(LAW, facts(rule, vector["opened_on"], vector.get("act_on")))
    mine = found.filter(pl.col("rule") == rule)["due_on"].to_list()
    assert mine == ([] if vector["due_on"] == "never" else [vector["due_on"]])


def test_every_duty_has_vectors_and_every_vector_a_duty():
    assert set(RULES) == set(FILES)


@pytest.mark.parametrize("rule", RULES)
def test_every_legal_date_has_the_day_before_the_day_and_the_day_after(rule):
    start = RULES[rule].start
    assert {start - ONE, start, start + ONE} <= {v["opened_on"] for v in vectors(rule)}


@given(st.dates(date(2024, 1, 1), date(2026, 9, 30)), st.sampled_from(sorted(RULES)))
def test_a_later_fact_is_never_due_earlier(on, rule):
    version, act = RULES[rule], on + timedelta(days=30)
    if version.value["clock"] != "before" and version.value["days"] is not None:
        one = due_day(version, opened_on=on, act_on=act).on
        other = due_day(version, opened_on=on + ONE, act_on=act).on
        assert one is not None
        assert other is not None
        assert on <= one <= other


@given(st.dates(date(2024, 1, 1), date(2026, 9, 30)))
def test_a_last_day_that_moves_is_never_a_day_of_rest(on):
    found = due_day(RULES["cn.civil_procedure_2023.mediation_confirmed"], opened_on=on)
    assert found.on is not None
    assert working(found.on)
    assert not found.strict


def test_where_the_calendar_is_not_announced_the_earliest_day_stands_and_says_so():
    day = date(2040, 1, 2)
    with pytest.raises(CalendarUnknown):
        working(day)
    found = due_day(RULES["house.cn.objection_mark"], opened_on=day)
    assert (found.on, found.strict) == (date(2040, 1, 3), True)


def test_a_complaint_is_given_thirty_days_then_sixty_then_no_more():
    rule, opened_on = RULES["cn.complaints_2020.complaint_answer"], date(2026, 3, 2)
    first = longer(rule, opened_on=opened_on, due_on=date(2026, 3, 17)).on
    assert first == date(2026, 4, 1)
    last = longer(rule, opened_on=opened_on, due_on=first).on
    assert last == date(2026, 5, 1)
    with pytest.raises(NoMoreTime, match="no more time after 2026-05-01"):
        longer(rule, opened_on=opened_on, due_on=last)


def test_a_complaint_passed_on_by_the_central_bank_is_answered_in_sixty_days_at_most():
    rule = RULES["cn.pboc_2020.referred_complaint"]
    given_to = longer(rule, opened_on=date(2026, 3, 2), due_on=date(2026, 3, 17)).on
    assert given_to == date(2026, 5, 1)


def test_what_is_due_in_the_festival_is_done_before_it():
    found = left(date(2026, 2, 20), on=date(2026, 2, 9), in_china=True)
    assert found == Left(days=11, working_days=5, act_by=date(2026, 2, 14))
    assert left(date(2026, 2, 20), on=date(2026, 2, 9), in_china=False).working_days is None
    assert left(date(2040, 2, 20), on=date(2040, 2, 9), in_china=True).working_days is None


WITHIN = {
    "opens_on": "dispute_opened",
    "clock": "within",
    "days": 3,
    "counts": "calendar",
    "rest_day": "stands",
    "extends": (),
    "approved": (),
    "closed_by": (),
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"days": None}, "needs its days"),
        ({"clock": "before"}, "announces no act"),
        ({"clock": "before", "opens_on": "placement_planned"}, "write null"),
        ({"extends": (3,)}, "more time"),
        ({"extends": (9, 5)}, "extends"),
        ({"approved": (9,)}, "approved"),
        ({"days": -1}, "days"),
        ({"opens_on": "payment"}, "opens_on"),
        ({"closed_by": ("payment",)}, "closed_by"),
        ({"counts": "banking"}, "counts"),
    ],
)
def test_a_duty_that_contradicts_itself_is_refused(change, says):
    assert value_fault("duty", WITHIN) == ""
    assert says in value_fault("duty", WITHIN | change)
