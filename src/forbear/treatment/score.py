"""Score each person in points from their own payment history, openly and simply.

The points are data (`packs/house/points.yaml`); this file adds them up. It never reads who a person
is: no age, place, sex or name. Pure: no clock, no database, no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from forbear.kernel.columns import Ints
from forbear.kernel.errors import ForbearError
from forbear.law.reading import StrictLoader

# What a part may read, each a count of whole things, and what a plan says where it weighs most.
REASONS: Mapping[str, str] = {
    "late_times": "score.late_times",
    "worst_months": "score.worst_months",
    "known_days": "score.known_days",
    "lapsed_promises": "score.lapsed_promises",
    "failed_streak": "score.failed_streak",
}
FACTS = tuple(REASONS)
PART_KEYS = {"fact", "says", "says_zh", "bands"}
POINTS_KEYS = {"points", "base", "least", "most", "says", "says_zh", "parts"}


class PointsInvalid(ForbearError):
    """The points file cannot be read."""

    code = "treatment.points_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One fact and the points it gives."""

    fact: str
    says: str
    says_zh: str
    below: tuple[int, ...]  # rising; a value takes the first band whose `below` is above it
    points: tuple[int, ...]  # one more than `below`


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A points score."""

    name: str
    base: int
    least: int
    most: int
    parts: tuple[Part, ...]


def scores(facts: Mapping[str, Ints], points: Points) -> tuple[Ints, Ints]:
    """Return each person's score, and which part took the most away.

    Shape:  facts name → (n,); results (n,): the score, and the position in points.parts of the part
            with the fewest points, -1 where none is below zero.
    Unit:   points, least..most.
    Errors: none.
    Source: packs/house/points.yaml.
    """
    n = len(next(iter(facts.values())))
    given = np.zeros((len(points.parts), n), np.int32)
    for i, part in enumerate(points.parts):
        band = np.searchsorted(np.array(part.below), facts[part.fact], side="right")
        given[i] = np.array(part.points, np.int32)[band]
    score = np.clip(points.base + given.sum(axis=0), points.least, points.most).astype(np.int32)
    worst = np.where(given.min(axis=0) < 0, given.argmin(axis=0), -1).astype(np.int32)
    return score, worst


def parse_points(text: str) -> Points:
    """Return the points score that a file states.

    Errors: PointsInvalid, by key; nothing is half read.
    Source: none.
    """
    try:
        read = yaml.load(text, StrictLoader)
    except yaml.YAMLError as error:
        raise PointsInvalid(f"house/points.yaml: {error}") from None
    _keys(read, POINTS_KEYS, "points")
    parts = tuple(_part(each) for each in read["parts"])
    facts = [part.fact for part in parts]
    if not parts or len(set(facts)) < len(facts):
        raise PointsInvalid(f"house/points.yaml: parts: each fact once, not {facts}")
    least, base, most = (_whole(read[key], key) for key in ("least", "base", "most"))
    if not least <= base <= most:
        raise PointsInvalid("house/points.yaml: base must lie between least and most")
    return Points(name=str(read["points"]), base=base, least=least, most=most, parts=parts)


def _part(read: Any) -> Part:
    _keys(read, PART_KEYS, "a part")
    if read["fact"] not in FACTS:
        raise PointsInvalid(
            f"house/points.yaml: {read['fact']!r} is no fact; choose from {', '.join(FACTS)}"
        )
    where = f"part {read['fact']}"
    bands = read["bands"]
    if not isinstance(bands, list) or not bands or not all(isinstance(b, dict) for b in bands):
        raise PointsInvalid(f"house/points.yaml: {where}: bands must be a list of bands")
    for band in bands[:-1]:
        _keys(band, {"below", "points"}, f"{where}, every band but the last")
    _keys(bands[-1], {"points"}, f"{where}, the last band")
    below = [_whole(band["below"], where) for band in bands[:-1]]
    if sorted(set(below)) != below:
        raise PointsInvalid(f"house/points.yaml: {where}: each `below` must exceed the one before")
    return Part(
        fact=read["fact"],
        says=str(read["says"]),
        says_zh=str(read["says_zh"]),
        below=tuple(below),
        points=tuple(_whole(band["points"], where) for band in bands),
    )


def _whole(value: Any, where: str) -> int:
    if type(value) is not int:
        raise PointsInvalid(f"house/points.yaml: {where}: {value!r} is not a whole number")
    return value


def _keys(read: Any, wanted: set[str], where: str) -> None:
    """Raise PointsInvalid unless a mapping has exactly these keys."""
    if not isinstance(read, dict):
        raise PointsInvalid(f"house/points.yaml: {where} must be a mapping")
    if odd := sorted(str(k) for k in set(read) - wanted):
        raise PointsInvalid(f"house/points.yaml: {where}: {odd[0]} is no key of it")
    if lack := sorted(wanted - set(read)):
        raise PointsInvalid(f"house/points.yaml: {where}: {lack[0]} is missing")
