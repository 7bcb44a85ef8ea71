"""Say which leaf of the strategy tree each person belongs to. Business users write the tree.

Pure: no clock, no database, no files. `treatment/tree.py` reads the file; here is what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forbear.kernel.columns import Bools, Ints, Longs
from forbear.kernel.vocabulary import Channel, Purpose


class Split(StrEnum):
    """What the tree may ask about a person. Its position is its bit in a path."""

    days_past_due = "days_past_due"  # of the account that is latest
    amount = "amount"  # what is due, in the words of the strategy's own scale
    history = "history"  # whether they were late before
    score = "score"
    promise = "promise"  # whether a day they named is still to come
    failed_streak = "failed_streak"  # calls since they last answered


# What a plan says of each split that led to its leaf; docs/reasons/treatment.md explains them.
REASONS: Mapping[Split, str] = {
    Split.days_past_due: "treatment.by_days_past_due",
    Split.amount: "treatment.by_amount",
    Split.history: "treatment.by_history",
    Split.score: "treatment.by_score",
    Split.promise: "treatment.by_promise",
    Split.failed_streak: "treatment.by_failed_streak",
}

# Splits on words, and the words; the others are on whole numbers.
WORDS: Mapping[Split, tuple[str, ...]] = {
    Split.amount: ("small", "medium", "large"),
    Split.history: ("first_time", "repeated"),
    Split.promise: ("none", "open"),
}
OTHER = "other"  # the scale of every currency that is not named


class Step(StrEnum):
    """What a leaf may want besides a contact on a channel."""

    wait = "wait"
    refer = "refer"  # to people who decide what comes next: an agency, a court


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One thing that a leaf wants to do."""

    action: Channel | Step
    local_minute: int = -1  # of the person's own day; -1 where it is no contact
    purpose: Purpose = Purpose.remind
    message: str = ""  # of a one-way channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A segment of people, and what it wants, most wanted first."""

    id: str
    says: str
    says_zh: str
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A split. Branch i takes the values below `below[i]` that branch i - 1 leaves, or word i."""

    split: Split
    below: tuple[int, ...]  # rising; empty for a split on words
    branches: tuple[Node | int, ...]  # another split, or the position of a leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """Who is left alone by lot, so that we know what would have happened anyway."""

    share_ppm: int  # of people, by Person.lot
    from_days: int  # days past due: from <= days < below
    below_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One strategy: a tree, its leaves, and its scale of amounts."""

    name: str
    holdout: Holdout
    amounts: Mapping[str, tuple[int, int]]  # currency → small below, large from, in minor units
    root: Node | int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the tree asks of n people. Columns (n,)."""

    days_past_due: Ints
    amount: Ints  # position in WORDS
    history: Ints
    score: Ints
    promise: Ints
    failed_streak: Ints


def segments(people: Standing, strategy: Strategy) -> tuple[Ints, Ints]:
    """Return each person's leaf, and the splits that led there.

    Shape:  columns (n,); results (n,): the position in strategy.leaves, and a bit mask over Split.
    Errors: none; loading has seen to it that every person reaches a leaf.
    Source: packs/house/strategy.
    """
    n = len(people.score)
    leaf, path = np.full(n, -1, np.int32), np.zeros(n, np.int32)
    splits = list(Split)

    def walk(node: Node | int, rows: Longs) -> None:
        if isinstance(node, int):
            leaf[rows] = node
            return
        path[rows] |= 1 << splits.index(node.split)
        value = getattr(people, node.split.value)[rows]
        branch = np.searchsorted(np.array(node.below), value, "right") if node.below else value
        for i, below in enumerate(node.branches):
            walk(below, rows[branch == i])

    walk(strategy.root, np.arange(n, dtype=np.int64))
    return leaf, path


def amount_words(
    due_minor: Longs, currency: Ints, names: tuple[str, ...], strategy: Strategy
) -> Ints:
    """Return whether each amount is small, medium or large, by its currency's own scale.

    Shape:  due_minor (n,), currency (n,) positions in names; result (n,) positions in WORDS.
    Unit:   minor units.
    Errors: none; a currency that the strategy does not name has the scale `other`.
    Source: packs/house/strategy.
    """
    scale = np.array([strategy.amounts.get(c, strategy.amounts[OTHER]) for c in names], np.int64)
    if not len(names):
        return np.zeros(0, np.int32)
    small, large = scale[currency, 0], scale[currency, 1]
    return np.where(due_minor < small, 0, np.where(due_minor < large, 1, 2)).astype(np.int32)


def held_out(lot: Ints, days_past_due: Ints, strategy: Strategy) -> Bools:
    """Return who is left alone by lot.

    Shape:  columns (n,).
    Errors: none.
    Source: house rule 11: a random holdout is always on.
    """
    held = strategy.holdout
    within = (days_past_due >= held.from_days) & (days_past_due < held.below_days)
    drawn: Bools = (lot < held.share_ppm) & within
    return drawn
