"""No day is without a rule on any topic, from the first day we claim to years ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.asking import every_act

from forbear.contact.acts import SILENT, TOPICS
from forbear.contact.facts import jurisdiction_code
from forbear.contact.permission import allowed, forbidden
from forbear.law.packs import (
    claimed_from,
    in_force,
    jurisdictions,
    policy,
    turning_days,
)
from forbear.store.packs import fetch_law, fetch_pack_texts

LAW = fetch_law()
CLAIMED = claimed_from(fetch_pack_texts())
AHEAD = date(2030, 12, 31)
ONE = timedelta(days=1)
NUMBERS = ["bucket", "reported_month_days", "failed_call_days"]


def acts_in(place: str):
    """One contact of every creditor, channel, purpose and relation in one jurisdiction."""
    facts = every_act()
    return replace(facts, jurisdiction=np.full(len(facts), jurisdiction_code(place), np.int16))


def silences(place: str, on: date) -> set[str]:
    """The topics on which the law is silent of some act in a jurisdiction on a day."""
    blocks = forbidden(acts_in(place), LAW, on=on)
    return {k.removeprefix(SILENT) for k, rows in blocks.items() if k.startswith(SILENT)}


def first_day(place: str, topic: str) -> date:
    """The first day that a topic is claimed for."""
    return CLAIMED[place].get(topic, CLAIMED[place][""])


def test_every_jurisdiction_that_has_a_pack_says_from_when_it_answers():
    assert set(CLAIMED) == set(jurisdictions(LAW)) == {"CN", "US", "GB", "IN", "KR", "ID"}
    assert all(set(topics) <= {"", *TOPICS} for topics in CLAIMED.values())


@pytest.mark.parametrize("topic", NUMBERS)
def test_no_day_is_without_a_number_of_the_house(topic):
    day = first_day("CN", topic)
    while day <= AHEAD:
        assert in_force(LAW, topic=topic, on=day), f"{topic} is silent on {day}"
        day += ONE


@pytest.mark.parametrize("place", CLAIMED)
def test_no_act_meets_silence_on_any_day_from_the_first_that_is_claimed(place):
    """Between two turning days the law stands still, so each run of days is asked once."""
    days = {turn + ONE * step for turn in turning_days(LAW)[:-1] for step in (-1, 0, 1)}
    for day in sorted({AHEAD, *CLAIMED[place].values()} | days):
        early = {t for t in TOPICS if day < first_day(place, t)}
        assert day > AHEAD or silences(place, day) <= early, day


@pytest.mark.parametrize("place", CLAIMED)
def test_the_day_before_the_first_that_is_claimed_is_refused_by_name(place):
    for day in set(CLAIMED[place].values()):
        facts = acts_in(place)
        assert silences(place, day - ONE)
        assert not allowed(forbidden(facts, LAW, on=day - ONE)).any()


def test_before_every_pack_the_law_is_silent_on_every_topic():
    assert silences("CN", CLAIMED["CN"][""] - ONE) == set(TOPICS)


def test_between_two_turning_days_the_law_stands_still():
    for day in (date(2005, 9, 30), date(2024, 12, 31), date(2026, 11, 21)):
        now = {v.rule for t in TOPICS for v in in_force(LAW, topic=t, on=day)}
        turn = max(t for t in turning_days(LAW) if t <= day)
        assert now == {v.rule for t in TOPICS for v in in_force(LAW, topic=t, on=turn)}


def test_the_buckets_are_thirty_days_each_up_to_eight_months():
    starts = policy(LAW, "house.bucket", on=date(2005, 9, 30)).value["starts"]
    assert starts == {"M0": 0, **{f"M{m}": 30 * m - 29 for m in range(1, 9)}, "M9+": 241}


def test_house_policy_is_never_passed_off_as_law():
    for version in LAW.versions:
        house = version.rule.startswith("house.")
        assert (version.force == "house") == house == (version.review.status == "house_policy")
        assert (version.jurisdiction == "") == house
