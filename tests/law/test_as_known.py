"""A past day is asked as we know it now, and as we knew it then."""

from __future__ import annotations

from datetime import date

import pytest
from tests.law.test_reading import PATH, RULE, SECOND

from forbear.law.packs import VersionsOverlap, as_known, in_force, parse_law

LATER = SECOND.replace("known_on: 2026-11-21", "known_on: 2026-12-05").replace("22:00", "21:00")
CORRECTED = parse_law({PATH: RULE + LATER.replace("from: 2026-01-01", "from: 2026-03-01")})


def closes(on: date, known_on: date | None = None) -> list[str]:
    found = in_force(CORRECTED, topic="contact_hours", on=on, known_on=known_on)
    return [version.value["closes"] for version in found]


def test_what_was_learned_last_holds_from_the_day_it_is_about():
    assert closes(date(2026, 2, 28)) == ["22:00"]
    assert closes(date(2026, 3, 1)) == ["21:00"]


def test_on_the_day_of_the_decision_nobody_knew_it_yet():
    assert closes(date(2026, 4, 1), known_on=date(2026, 12, 4)) == ["22:00"]
    assert closes(date(2026, 4, 1), known_on=date(2026, 12, 5)) == ["21:00"]
    assert closes(date(2026, 4, 1), known_on=date(2026, 11, 20)) == []


def test_a_correction_of_some_months_leaves_those_before_and_after_as_they_were():
    text = LATER.replace("from: 2026-01-01, to: null", "from: 2026-03-01, to: 2026-06-01")
    law = parse_law({PATH: RULE + text})
    spoken = [(v.start.month, v.value["closes"]) for v in law.versions]
    assert spoken == [(1, "22:00"), (3, "21:00"), (6, "22:00")]


def test_two_that_were_learned_on_one_day_may_not_both_hold():
    with pytest.raises(VersionsOverlap):
        parse_law({PATH: RULE + LATER + LATER.replace("21:00", "20:00")})


def test_the_law_as_known_then_is_another_law_with_another_digest():
    then = as_known(CORRECTED, known_on=date(2026, 12, 4))
    assert then != CORRECTED
    assert as_known(CORRECTED, known_on=date(2027, 1, 1)) is CORRECTED
    assert as_known(then, known_on=date(2027, 1, 1)) is then
