"""What is posted and does not follow is undone; what follows and is not posted is written."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from forbear.batch.living import MOVE, MOVED, difference

ON, LATER = date(2026, 1, 1), date(2026, 1, 2)
KEYS = st.sampled_from(
    [
        ("a1", "booking:b1", 1, 0, 3, 4, "payment:p1:settled", ON),
        ("a1", "booking:b1", 1, 0, 3, 4, None, ON),
        ("a1", None, None, 0, 3, 4, None, ON),
        ("a1", None, None, 0, 3, 4, None, LATER),
    ]
)
WANTED = st.lists(st.tuples(KEYS, st.integers(1, 3)), max_size=12)
POSTED = st.lists(st.tuples(KEYS, st.sampled_from([-2, -1, 1, 2, 3])), max_size=12)


def frame(rows):
    return pl.DataFrame([(*key, minor) for key, minor in rows], schema=MOVE, orient="row")


@given(WANTED, POSTED)
def test_what_is_posted_and_what_is_written_are_together_what_follows(wanted, posted):
    net = Counter()
    for key, minor in wanted:
        net[key] += minor
    for key, minor in posted:
        net[key] -= minor
    found = Counter()
    for row in difference(frame(wanted), frame(posted)).iter_rows(named=True):
        assert row["amount_minor"] > 0
        if row["reverses"]:
            row |= {"debit": row["credit"], "credit": row["debit"]}
        found[tuple(row[n] for n in MOVED)] += row["amount_minor"] * (-1) ** row["reverses"]
    assert dict(found) == {key: minor for key, minor in net.items() if minor}


@given(WANTED)
def test_what_is_posted_as_it_follows_needs_nothing(rows):
    assert difference(frame(rows), frame(rows[::-1])).is_empty()
