"""The audit: what the log says was done, judged a second time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from forbear.audit.act import NOT_MADE, Log, acts
from forbear.audit.breach import breaches, near_misses
from forbear.audit.count import counted
from forbear.audit.day import dated
from forbear.audit.known import known
from forbear.audit.numbers import Numbers, read_numbers

LINE = ("contact", "person", "channel", "at", "local_on", "minute", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an independent reading of a time found. Frames have the columns of LINE."""

    decided: int  # decisions of the gate, whatever the answer
    refused: int
    made: int  # contacts that left, may have left, or were never decided on
    reached: int  # people to whom they were made
    began_at: datetime | None  # the first of them; None where there was none
    refusals: Mapping[str, int]  # by rule: decisions that it forbade
    breaches: pl.DataFrame
    near_misses: pl.DataFrame
    learned_later: pl.DataFrame  # lawful on what was known then, not on what is known now
    missed: (
        pl.DataFrame
    )  # duties: person, rule, topic, opened_on, due_on, ended_on (null: still open)
    unread: tuple[str, ...]  # rules that this reading does not understand
    rules: Mapping[str, Numbers]  # by id, the last wording

    @property
    def clean(self) -> bool:
        """Whether nothing was broken and no duty missed."""
        return self.breaches.is_empty() and self.missed.is_empty()


def audited(log: Log, texts: Mapping[str, str], *, until: date) -> Audit:
    """Return what an independent reading of the log finds.

    Shape:  log as `store/audit.py` hands it over; texts of the packs by path; `until` is
            the first day that is not over: a duty whose last day it is can still be met.
    Errors: none; what cannot be judged is named in `unread`.
    """
    rules, unread = read_numbers(texts)
    then = judged(log, rules, known_now=False)
    now = judged(log, rules, known_now=True)
    broke = _lines(then, breaches(then, rules), log)
    later = _lines(now, breaches(now, rules), log)
    contacts = log["contact"]
    return Audit(
        decided=len(contacts),
        refused=len(contacts.filter(~pl.col("allowed"))),
        made=len(then),
        reached=then["person_id"].n_unique(),
        began_at=_first(then["at"]),
        refusals=_refusals(contacts),
        breaches=broke,
        near_misses=_lines(then, near_misses(then, rules), log),
        learned_later=later.join(broke, on=["contact", "at", "rule"], how="anti", nulls_equal=True),
        missed=missed(log["duty"], until=until),
        unread=unread,
        rules={rule.rule: rule for rule in rules},
    )


def _first(at: pl.Series) -> datetime | None:
    found = at.min()
    assert found is None or isinstance(found, datetime)
    return found


def missed(duties: pl.DataFrame, *, until: date) -> pl.DataFrame:
    """Return the duties that were not met on their last day.

    Shape:  duties have person, rule, topic, opened_on, due_on, ended_on; the same here,
            first due first.
    Errors: none.
    """
    late = pl.col("ended_on").is_null() & (pl.col("due_on") < until)
    late |= pl.col("ended_on") > pl.col("due_on")
    return duties.filter(late.fill_null(False)).sort("due_on", "person", "rule")


def judged(log: Log, rules: tuple[Numbers, ...], *, known_now: bool) -> pl.DataFrame:
    """Return every act with all that its judgement needs.

    Shape:  the acts with the columns of `dated`, `known` and `counted`.
    Errors: none.
    """
    found = dated(acts(log, known_now=known_now))
    return counted(known(found, log), log, rules)


def _refusals(contacts: pl.DataFrame) -> dict[str, int]:
    """Return how many decisions each rule forbade, the most first."""
    rules = contacts.filter(~pl.col("allowed"))["blocked_by"].explode().drop_nulls()
    counted = rules.value_counts().sort("count", "blocked_by", descending=[True, False])
    return dict(counted.iter_rows())


def _lines(found: pl.DataFrame, pairs: pl.DataFrame, log: Log) -> pl.DataFrame:
    people = log["person"].select("person_id", person="ref")
    lines = pairs.join(found, on="act").join(people, on="person_id", how="left")
    return lines.sort("at", "contact", "rule").select(LINE)


__all__ = ["LINE", "NOT_MADE", "Audit", "audited", "judged"]
