"""The people of the demo book who are written, not drawn: each makes one rule bite."""

from __future__ import annotations

from datetime import date

import polars as pl

from forbear.demo.cast.awkward import Ask, Awkward
from forbear.demo.cast.bound import BOUND
from forbear.demo.cast.clocks import CLOCKS
from forbear.demo.cast.debts import DEBTS
from forbear.demo.cast.others import OTHERS
from forbear.demo.cast.story import Story
from forbear.demo.schema import SCHEMAS

__all__ = ["AWKWARD", "Ask", "Awkward", "Story", "awkward_facts", "told"]

# New people come last, so that the others keep their numbers.
AWKWARD: tuple[Awkward, ...] = (*CLOCKS, *OTHERS, *DEBTS, *BOUND)


def told(awkward: Awkward, *, as_of: date) -> Story:
    """Return one awkward person's story.

    Errors: none.
    Source: none.
    """
    number = AWKWARD.index(awkward) + 1
    return awkward.tell(Story(awkward.slug, number=number, as_of=as_of))


def awkward_facts(*, as_of: date) -> dict[str, pl.DataFrame]:
    """Return the facts of every awkward person, a frame for each table.

    Errors: none.
    Source: none.
    """
    stories = [told(awkward, as_of=as_of).tables() for awkward in AWKWARD]
    return {table: pl.concat([story[table] for story in stories]) for table in SCHEMAS}
