"""The points score: openly simple, and strictly read."""

from __future__ import annotations

import numpy as np
import pytest

from forbear.store.packs import fetch_pack_texts
from forbear.treatment.score import FACTS, PointsInvalid, parse_points, scores

TEXT = fetch_pack_texts()["house/points.yaml"]


def facts(n: int = 1, **known: list[int]):
    return {name: np.array(known.get(name, [0] * n), np.int32) for name in FACTS}


def test_a_clean_record_scores_high_and_each_missed_day_never_raises_it():
    points = parse_points(TEXT)
    missed = list(range(12))
    score, _ = scores(facts(12, late_times=missed, known_days=[400] * 12), points)
    assert score[0] > 700
    assert (np.diff(score) <= 0).all()


def test_the_part_that_takes_most_away_is_named():
    points = parse_points(TEXT)
    _, worst = scores(facts(2, late_times=[9, 0], known_days=[400, 400]), points)
    assert points.parts[worst[0]].fact == "late_times"
    assert worst[1] == -1


def test_the_score_stays_within_its_bounds():
    points = parse_points(TEXT)
    bad = {name: [10_000] for name in FACTS}
    score, _ = scores(facts(**bad), points)
    assert points.least <= score[0] <= points.most


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("base: 600", "base: 200", "between least and most"),
        ("base: 600", "bass: 600", "bass is no key"),
        ("base: 600", "base: 600.5", "not a whole number"),
        ("- fact: known_days", "- fact: age", "'age' is no fact"),
        ("- fact: known_days", "- fact: late_times", "each fact once"),
        ("{below: 180, points: 0}", "{below: 90, points: 0}", "must exceed"),
        ("{points: 40}", "{below: 9, points: 40}", "below is no key"),
        ("points: house", "points: [house", "house/points.yaml"),
    ],
)
def test_a_faulty_file_is_refused_by_its_fault(old, new, fault):
    assert old in TEXT
    with pytest.raises(PointsInvalid, match=fault):
        parse_points(TEXT.replace(old, new, 1))
