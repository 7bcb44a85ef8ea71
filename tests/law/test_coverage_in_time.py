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
from forbear.law.claims import (
    SINGLE,
    DayNotClaimed,
    NoSuchPlace,
    NoSuchTopic,
    asked,
    claims_of,
    gaps,
    must_claim,
    speaks_in,
    unclaimed,
)
from forbear.law.packs import in_force, jurisdictions, parse_law, policy, turning_days
from forbear.law.reading import PackInvalid
from forbear.store.packs import fetch_law, fetch_pack_texts

LAW = fetch_law()
CLAIMED = claims_of(fetch_pack_texts())
AHEAD = date(2030, 12, 31)
ONE = timedelta(days=1)
EVERY = [(place, topic) for place, topics in CLAIMED.items() for topic in topics]


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
    return CLAIMED[place][topic].start


def test_every_jurisdiction_that_has_a_pack_says_from_when_it_answers_for_each_topic():
    assert set(CLAIMED) == set(jurisdictions(LAW)) == {"CN", "US", "GB", "IN", "KR", "ID"}
    assert unclaimed(LAW, CLAIMED) == ()
    spoken = {v.topic for v in LAW.versions}
    for topics in CLAIMED.values():
        assert set(TOPICS) <= set(topics) <= spoken


@pytest.mark.parametrize(("place", "topic"), EVERY)
def test_from_its_first_day_no_topic_has_a_day_without_an_answer_or_with_two(place, topic):
    """Every single day, not only the turning ones: the sweep itself is what is proven here."""
    versions = [v for v in LAW.versions if v.topic == topic and speaks_in(v, place)]
    claim, day = CLAIMED[place][topic], CLAIMED[place][topic].start
    while day <= AHEAD and day < claim.end:
        now = [v for v in versions if v.start <= day < v.end]
        assert now, f"{topic} in {place} is silent on {day}"
        assert sum(v.kind in SINGLE for v in now) <= 1, f"{topic} in {place}: two on {day}"
        assert len({v.rule for v in now}) == len(now)
        day += ONE


@pytest.mark.parametrize(("place", "topic"), EVERY)
def test_a_topic_asked_about_an_earlier_day_is_refused_by_its_name(place, topic):
    claim = CLAIMED[place][topic]
    assert asked(LAW, CLAIMED, place=place, topic=topic, on=claim.start)
    early = f"{topic} in {place} is answered for from {claim.start} on.*{claim.start - ONE}"
    with pytest.raises(DayNotClaimed, match=early) as refused:
        asked(LAW, CLAIMED, place=place, topic=topic, on=claim.start - ONE)
    assert refused.value.code == "law.day_not_claimed"
    if claim.end != date.max:
        with pytest.raises(DayNotClaimed, match=f"up to the day before {claim.end}"):
            asked(LAW, CLAIMED, place=place, topic=topic, on=claim.end)


@pytest.mark.parametrize(("place", "topic"), EVERY)
def test_no_law_of_a_place_is_older_than_what_is_claimed_for_its_topic(place, topic):
    """What the packs know is answered for: a claim does not begin late to hide a gap."""
    starts = [v.start for v in LAW.versions if v.topic == topic and v.jurisdiction == place]
    assert not starts or CLAIMED[place][topic].start <= max(min(starts), first_day(place, "party"))


def test_a_topic_that_no_pack_speaks_of_is_refused_as_such():
    with pytest.raises(NoSuchTopic, match="'lending_days' in CN"):
        must_claim(CLAIMED, place="CN", topic="lending_days", on=AHEAD)
    with pytest.raises(NoSuchPlace, match="answers for 'FR'; the packs answer for CN, GB, ID"):
        must_claim(CLAIMED, place="FR", topic="contact_hours", on=AHEAD)


def changed(path: str, old: str, new: str):
    """The shipped law and claims, one file of them changed."""
    texts = fetch_pack_texts()
    assert old in texts[path]
    texts = {**texts, path: texts[path].replace(old, new)}
    return parse_law(texts), claims_of(texts)


def test_the_sweep_finds_a_topic_that_ends_with_nothing_after_it():
    law, claims = changed("cn/cost_disclosure_2026/cost_table.yaml", "to: null", "to: 2028-01-01")
    (gap,) = gaps(law, claims, until=AHEAD)
    assert (gap.topic, gap.start, gap.rules) == ("cost_table", date(2028, 1, 1), ())


def test_the_sweep_finds_two_numbers_on_one_day():
    texts = fetch_pack_texts()
    twin = texts["house/promise_days.yaml"].replace("house.promise_days", "house.twin")
    law = parse_law({**texts, "house/twin.yaml": twin})
    found = gaps(law, CLAIMED, until=AHEAD)
    assert {gap.jurisdiction for gap in found} == set(CLAIMED)
    assert {gap.rules for gap in found} == {("house.promise_days", "house.twin")}


def test_the_shipped_packs_have_neither():
    assert gaps(LAW, CLAIMED, until=AHEAD) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CN: 2000-01-01", "CN: must be a list"),
        ("CN: [{from: 2000-01-01, topics: [x]}]", "CN[0].to: is missing"),
        ("CN: [{from: 2000-01-01, to: 2000-01-01, topics: [x]}]", "is not after"),
        ("CN: [{from: 2000-01-01, to: null, topics: [x, x]}]", "x is claimed twice"),
        ("CN: [{from: 2000-01-01, to: null, topics: x}]", "must be a list of topics"),
        ("[CN]", "must hold jurisdictions"),
    ],
)
def test_claims_that_cannot_be_read_are_refused_by_place(text, says):
    with pytest.raises(PackInvalid) as refused:
        claims_of({"claims.yaml": text})
    assert says in str(refused.value)


@pytest.mark.parametrize("place", CLAIMED)
def test_no_act_meets_silence_on_any_day_from_the_first_that_is_claimed(place):
    """Between two turning days the law stands still, so each run of days is asked once."""
    days = {turn + ONE * step for turn in turning_days(LAW)[:-1] for step in (-1, 0, 1)}
    for day in sorted({AHEAD, *(first_day(place, t) for t in TOPICS)} | days):
        early = {t for t in TOPICS if day < first_day(place, t)}
        assert day > AHEAD or silences(place, day) <= early, day


@pytest.mark.parametrize("place", CLAIMED)
def test_the_day_before_the_first_that_is_claimed_is_refused_by_name(place):
    for day in {first_day(place, t) for t in TOPICS}:
        facts = acts_in(place)
        assert silences(place, day - ONE)
        assert not allowed(forbidden(facts, LAW, on=day - ONE)).any()


def test_before_every_pack_the_law_is_silent_on_every_topic():
    assert silences("CN", first_day("CN", "party") - ONE) == set(TOPICS)


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
