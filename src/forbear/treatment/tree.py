"""Read a strategy file strictly. Pure: given text.

It refuses an unknown key, a branch that nobody can reach, a case that no branch covers, a leaf that
nothing leads to, and a message that nobody wrote, each by its place in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

from forbear.kernel.days import minute_of_day
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, Purpose
from forbear.law.reading import StrictLoader
from forbear.treatment.strategy import (
    OTHER,
    WORDS,
    Holdout,
    Leaf,
    Node,
    Split,
    Step,
    Strategy,
    Want,
)

STRATEGY_KEYS = {"strategy", "says", "says_zh", "holdout", "amounts", "tree", "leaves"}
Written = Callable[[str, Channel], bool]
PURPOSES = (Purpose.remind, Purpose.arrange)  # nobody but the obligor is ever planned for


class StrategyInvalid(ForbearError):
    """The strategy cannot be read."""

    code = "treatment.strategy_invalid"


@dataclass(slots=True)
class _Reading:
    """What has been read of one file so far."""

    leaves: dict[str, int]  # id → position
    used: set[str] = field(default_factory=set)


def parse_strategy(text: str, *, written: Written) -> Strategy:
    """Return the strategy that a file states. `written` says whether a channel has a message.

    Errors: StrategyInvalid, by its place in the file; nothing is half read.
    Source: none.
    """
    try:
        read = yaml.load(text, StrictLoader)
    except yaml.YAMLError as error:
        raise StrategyInvalid(f"the file is not YAML: {error}") from None
    _keys(read, STRATEGY_KEYS, "the strategy")
    _must(isinstance(read["leaves"], dict) and bool(read["leaves"]), "leaves", "is empty")
    leaves = tuple(_leaf(str(name), each, written) for name, each in read["leaves"].items())
    reading = _Reading({leaf.id: i for i, leaf in enumerate(leaves)})
    root = _node(read["tree"], "tree", {}, reading)
    for name in reading.leaves:
        _must(name in reading.used, f"leaves.{name}", "no branch leads here")
    return Strategy(
        name=str(read["strategy"]),
        holdout=_holdout(read["holdout"]),
        amounts=_amounts(read["amounts"]),
        root=root,
        leaves=leaves,
    )


def _node(
    read: Any, at: str, seen: Mapping[Split, tuple[float, float]], reading: _Reading
) -> Node | int:
    """Return a split or a leaf. `seen` says which values of each split can come here at all."""
    _must(isinstance(read, dict), at, "must be a leaf or a split")
    if "leaf" in read:
        _keys(read, {"leaf"}, at)
        _must(read["leaf"] in reading.leaves, at, f"{read['leaf']!r} is not among the leaves")
        reading.used.add(read["leaf"])
        return reading.leaves[read["leaf"]]
    _keys(read, {"split", "branches"}, at)
    _must(read["split"] in list(Split), at, f"split: choose from {', '.join(Split)}")
    split, branches = Split(read["split"]), read["branches"]
    _must(isinstance(branches, list) and len(branches) > 1, at, "a split needs two branches")
    _must(all(isinstance(b, dict) for b in branches), at, "each branch must be a mapping")
    if split in WORDS:
        return _word_node(split, branches, at, seen, reading)
    return _number_node(split, branches, at, seen, reading)


def _number_node(
    split: Split,
    branches: list[dict[str, Any]],
    at: str,
    seen: Mapping[Split, tuple[float, float]],
    reading: _Reading,
) -> Node:
    least, most = seen.get(split, (float("-inf"), float("inf")))
    bounds = [branch.get("below") for branch in branches[:-1]]
    _must("below" not in branches[-1], f"{at}, last branch", "takes everybody else: no `below`")
    for bound in bounds:
        _must(type(bound) is int, at, f"below: {bound!r} is not a whole number")
    below = [int(bound) for bound in bounds if bound is not None]
    for lower, upper in pairwise([least, *below, most]):
        _must(lower < upper, at, f"nobody can reach the branch between {lower} and {upper}")
    edges = [least, *below, most]
    return Node(
        split=split,
        below=tuple(below),
        branches=tuple(
            _node(
                {k: v for k, v in branch.items() if k != "below"},
                f"{at} > {split} {f'below {below[i]}' if i < len(below) else 'above'}",
                {**seen, split: (edges[i], edges[i + 1])},
                reading,
            )
            for i, branch in enumerate(branches)
        ),
    )


def _word_node(
    split: Split,
    branches: list[dict[str, Any]],
    at: str,
    seen: Mapping[Split, tuple[float, float]],
    reading: _Reading,
) -> Node:
    _must(split not in seen, at, f"{split} is split twice: nobody can reach its other branches")
    given = [branch.get("word") for branch in branches]
    for word in given:
        _must(word in WORDS[split], at, f"word: {word!r}; choose from {', '.join(WORDS[split])}")
        _must(given.count(word) == 1, at, f"nobody can reach the second branch {word}")
    for word in WORDS[split]:
        _must(word in given, at, f"no branch covers {word}")
    by_word = {branch["word"]: branch for branch in branches}
    return Node(
        split=split,
        below=(),
        branches=tuple(
            _node(
                {k: v for k, v in by_word[word].items() if k != "word"},
                f"{at} > {split} {word}",
                {**seen, split: (0, 0)},
                reading,
            )
            for word in WORDS[split]
        ),
    )


def _leaf(name: str, read: Any, written: Written) -> Leaf:
    at = f"leaves.{name}"
    _keys(read, {"says", "says_zh", "wants"}, at)
    for key in ("says", "says_zh"):
        _must(isinstance(read[key], str) and bool(read[key].strip()), at, f"{key} is empty")
    _must(isinstance(read["wants"], list) and bool(read["wants"]), at, "wants nothing")
    wants = tuple(_want(each, at, written) for each in read["wants"])
    alone = any(isinstance(want.action, Step) for want in wants)
    _must(not alone or len(wants) == 1, at, "wait and refer stand alone")
    _must(len(set(wants)) == len(wants), at, "wants the same thing twice")
    return Leaf(id=name, says=read["says"], says_zh=read["says_zh"], wants=wants)


def _want(read: Any, at: str, written: Written) -> Want:
    _must(isinstance(read, dict) and "do" in read, at, "a want needs `do`")
    if read["do"] in list(Step):
        _keys(read, {"do"}, at)
        return Want(action=Step(read["do"]))
    _must(read["do"] in list(Channel), at, f"do: {read['do']!r} is no channel, wait or refer")
    channel = Channel(read["do"])
    one_way = channel is not Channel.voice
    _keys(read, {"do", "at", "purpose", *(["message"] if one_way else [])}, f"{at}, {channel}")
    try:
        minute = minute_of_day(read["at"])
    except (ValueError, TypeError, AttributeError):
        minute = -1
    _must(0 <= minute < 24 * 60, at, f'at: {read["at"]!r} is no clock time like "10:00"')
    _must(read["purpose"] in PURPOSES, at, f"purpose: choose from {', '.join(PURPOSES)}")
    if one_way:
        message = str(read["message"])
        _must(written(message, channel), at, f"message: nobody wrote {message} for {channel}")
    return Want(
        action=channel,
        local_minute=minute,
        purpose=Purpose(read["purpose"]),
        message=read["message"] if one_way else "",
    )


def _holdout(read: Any) -> Holdout:
    _keys(read, {"share_ppm", "from_days", "below_days"}, "holdout")
    for key, value in read.items():
        _must(type(value) is int and value >= 0, "holdout", f"{key}: {value!r} is no count")
    _must(0 < read["share_ppm"] <= 1_000_000, "holdout", "share_ppm: from 1 to 1000000, always on")
    _must(read["from_days"] < read["below_days"], "holdout", "from_days must be before below_days")
    return Holdout(**read)


def _amounts(read: Any) -> dict[str, tuple[int, int]]:
    _must(isinstance(read, dict) and OTHER in read, "amounts", f"{OTHER} is missing")
    scale = {}
    for currency, each in read.items():
        at = f"amounts.{currency}"
        iso = isinstance(currency, str) and len(currency) == 3 and currency.isupper()
        _must(currency == OTHER or iso, at, "is no currency like CNY")
        _keys(each, {"small_below", "large_from"}, at)
        small, large = each["small_below"], each["large_from"]
        _must(type(small) is int and type(large) is int, at, "must be whole minor units")
        _must(0 < small < large, at, "small_below must be above 0 and under large_from")
        scale[currency] = (small, large)
    return scale


def _keys(read: Any, wanted: set[str], at: str) -> None:
    """Raise StrategyInvalid unless a mapping has exactly these keys."""
    _must(isinstance(read, dict), at, "must be a mapping")
    for key in read:
        _must(key in wanted, at, f"{key} is no key of it; it has {', '.join(sorted(wanted))}")
    for key in sorted(wanted):
        _must(key in read, at, f"{key} is missing")


def _must(holds: bool, at: str, fault: str) -> None:
    if not holds:
        raise StrategyInvalid(f"{at}: {fault}")
