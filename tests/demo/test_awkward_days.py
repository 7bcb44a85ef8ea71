"""The awkward people are as awkward on any day: months of other lengths, leap days, summer time."""

from __future__ import annotations

from datetime import date

import pytest
from tests.demo.asking import READER, answer_to

from forbear.actions.demo import do_make_demo
from forbear.demo.cast import AWKWARD


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2026-03-31", "2027-03-01", "2028-02-29"])
def test_the_answers_are_the_same_whatever_the_day_of_the_book(day):
    as_of = date.fromisoformat(day)
    do_make_demo(READER, people=0, as_of=as_of, seed=1, progress=lambda *_: None)
    wrong = [
        (awkward.slug, n, got.blocked_by)
        for awkward in AWKWARD
        for n, ask in enumerate(awkward.asks)
        if set((got := answer_to(awkward, ask, as_of)).blocked_by) != set(ask.blocked_by)
    ]
    assert not wrong
