"""The strategy tree: what it means, and what loading refuses."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_pack_texts
from forbear.treatment.message import parse_messages
from forbear.treatment.strategy import (
    WORDS,
    Split,
    Standing,
    Step,
    amount_words,
    held_out,
    segments,
)
from forbear.treatment.tree import StrategyInvalid, parse_strategy

TEXTS = fetch_pack_texts()
TEXT = TEXTS["house/strategy/paylater.yaml"]
WRITTEN = parse_messages(TEXTS).has
SMALL = """
strategy: small
says: Small.
says_zh: 小。
holdout: {share_ppm: 10000, from_days: 1, below_days: 31}
amounts:
  CNY: {small_below: 100, large_from: 1000}
  other: {small_below: 10, large_from: 100}
tree:
  split: days_past_due
  branches:
    - {below: 5, leaf: rest}
    - below: 30
      split: history
      branches:
        - {word: first_time, leaf: rest}
        - {word: repeated, leaf: talk}
    - {leaf: talk}
leaves:
  rest:
    says: Rest.
    says_zh: 等。
    wants: [{do: wait}]
  talk:
    says: Talk.
    says_zh: 谈。
    wants:
      - {do: voice, at: "10:00", purpose: arrange}
      - {do: sms, at: "10:00", purpose: remind, message: first_reminder}
"""


def people(**known: list[int]) -> Standing:
    n = len(next(iter(known.values())))
    columns = {s.value: np.array(known.get(s.value, [0] * n), np.int32) for s in Split}
    return Standing(**columns)


def test_everybody_reaches_the_leaf_of_their_branch_and_the_path_is_kept():
    strategy = parse_strategy(SMALL, written=WRITTEN)
    who = people(days_past_due=[0, 4, 5, 29, 30, 5], history=[1, 1, 0, 1, 0, 1])
    leaf, path = segments(who, strategy)
    ids = [strategy.leaves[i].id for i in leaf]
    assert ids == ["rest", "rest", "rest", "talk", "talk", "talk"]
    days, history = (1 << list(Split).index(s) for s in (Split.days_past_due, Split.history))
    assert path.tolist() == [days, days, days | history, days | history, days, days | history]


def test_the_shipped_strategy_loads_and_every_combination_of_facts_reaches_a_leaf():
    strategy = parse_strategy(TEXT, written=WRITTEN)
    grid = {
        Split.days_past_due: [0, 1, 3, 4, 30, 31, 90, 91, 180, 181, 5000],
        Split.score: [300, 499, 500, 519, 520, 599, 600, 900],
        Split.failed_streak: [0, 50],
        **{split: list(range(len(words))) for split, words in WORDS.items()},
    }
    cases = np.array(list(product(*grid.values())), np.int32).T
    who = Standing(**{split.value: column for split, column in zip(grid, cases, strict=True)})
    leaf, _ = segments(who, strategy)
    assert set(leaf.tolist()) == set(range(len(strategy.leaves)))


def test_the_shipped_strategy_names_every_channel_wait_and_refer():
    strategy = parse_strategy(TEXT, written=WRITTEN)
    named = {want.action for leaf in strategy.leaves for want in leaf.wants}
    assert named == {*Channel, *Step}


def test_what_is_small_depends_on_the_currency():
    strategy = parse_strategy(SMALL, written=WRITTEN)
    due, currency = np.array([99, 100, 1000, 99, 100]), np.array([0, 0, 0, 1, 1], np.int32)
    words = amount_words(due, currency, ("CNY", "THB"), strategy)
    assert [WORDS[Split.amount][w] for w in words] == "small medium large medium large".split()


def test_the_lot_and_the_days_say_who_is_held_out():
    strategy = parse_strategy(SMALL, written=WRITTEN)
    lot, days = np.array([9_999, 10_000, 0, 0]), np.array([1, 1, 0, 31])
    assert held_out(lot, days, strategy).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("says: Small.", "say: Small.", "say is no key"),
        ("below: 5,", "below: 30,", "nobody can reach the branch between 30 and 30"),
        ("{word: repeated, leaf: talk}", "{word: first_time, leaf: talk}", "second branch"),
        ("        - {word: first_time, leaf: rest}\n", "", "needs two branches"),
        ("- {leaf: talk}", "- {below: 90, leaf: talk}", "takes everybody else"),
        ("- {leaf: talk}", "- {leaf: shout}", "'shout' is not among the leaves"),
        ("split: history", "split: age", "split: choose from"),
        ("leaf: rest}", "leaf: talk}", "leaves.rest: no branch leads here"),
        ("do: voice", "do: visit", "'visit' is no channel"),
        ('at: "10:00", purpose: arrange', 'at: "25:00", purpose: arrange', "no clock time"),
        ("purpose: arrange", "purpose: locate", "purpose: choose from"),
        ("message: first_reminder", "message: shame", "nobody wrote shame for sms"),
        ("[{do: wait}]", "[{do: wait}, {do: refer}]", "stand alone"),
        ("share_ppm: 10000", "share_ppm: 0", "always on"),
        ("  other: {small_below: 10, large_from: 100}\n", "", "other is missing"),
        ("small_below: 100,", "small_below: 5000,", "under large_from"),
        ("strategy: small", "strategy: small\nstrategy: twice", "stands twice"),
    ],
)
def test_loading_refuses_by_place(old, new, fault):
    assert old in SMALL
    every = old == "leaf: rest}"
    with pytest.raises(StrategyInvalid, match=fault):
        parse_strategy(SMALL.replace(old, new, -1 if every else 1), written=WRITTEN)


def test_a_split_below_the_same_split_may_only_divide_what_comes_to_it():
    inner = """below: 30
      split: days_past_due
      branches:
        - {below: 40, leaf: rest}
        - {leaf: talk}
"""
    at = SMALL.index("below: 30")
    text = SMALL[:at] + inner + SMALL[SMALL.index("    - {leaf: talk}") :]
    with pytest.raises(StrategyInvalid, match="nobody can reach the branch between 40 and 30"):
        parse_strategy(text, written=WRITTEN)
    parse_strategy(text.replace("below: 40", "below: 20"), written=WRITTEN)
