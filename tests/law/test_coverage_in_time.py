"""No day is without a rule on any topic, from the first day we claim to years ahead."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.asking import every_act

from forbear.contact.acts import SILENT, TOPICS
from forbear.contact.permission import forbidden
from forbear.law.packs import (
    claimed_from,
    in_force,
    jurisdictions,
    policy,
    turning_days,
)
from forbear.store.packs import fetch_law

LAW = fetch_law()
CLAIMED = date(2000, 1, 1)
AHEAD = date(2030, 12, 31)
ONE = timedelta(days=1)


def test_the_pack_that_is_claimed_is_china():
    assert jurisdictions(LAW) == ("CN",)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_claimed_from_the_same_first_day(topic):
    assert claimed_from(LAW)[topic] == CLAIMED


@pytest.mark.parametrize("topic", [*TOPICS, "bucket", "reported_month_days"])
def test_no_day_is_without_a_rule(topic):
    day = CLAIMED
    while day <= AHEAD:
        assert in_force(LAW, topic=topic, on=day), f"{topic} is silent on {day}"
        day += ONE


def test_no_act_meets_silence_on_any_day_around_a_change_of_law():
    facts = every_act()  # every creditor, channel, purpose and relation
    days = {turn + ONE * step for turn in turning_days(LAW)[:-1] for step in (-1, 0, 1)}
    for day in sorted({AHEAD} | {d for d in days if d >= CLAIMED}):
        silent = [k for k in forbidden(facts, LAW, on=day) if k.startswith(SILENT)]
        assert not silent, f"{day}: {silent}"


def test_the_day_before_the_first_is_silent_on_every_topic_by_name():
    blocks = forbidden(every_act(), LAW, on=CLAIMED - ONE)
    assert {k for k in blocks if k.startswith(SILENT)} == {SILENT + topic for topic in TOPICS}


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
