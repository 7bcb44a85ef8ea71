"""Which duties a set of facts opens, and which it closes, over columns. Pure.

Law-time follows fact-time: the wording in force on the day of the fact is the one that binds.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from forbear.duty.clock import due_day
from forbear.law.packs import Effect, Law, Version

FACTS: dict[str, Any] = {
    "because": pl.String,  # the key of the fact
    "occasion": pl.String,
    "thread": pl.String,  # what a later fact must share to close it; "" for nothing
    "person_id": pl.Int64,
    "account_id": pl.Int64,  # null: it is about the person
    "on": pl.Date,
    "act_on": pl.Date,  # the day of the act that it announces
    "places": pl.List(pl.String),  # jurisdictions that may hold; every one of them binds
    "creditors": pl.List(pl.String),  # empty: unknown, which is every one
    "products": pl.List(pl.String),  # kinds of credit; empty or null: unknown, which is every one
}
OPENED: dict[str, Any] = {
    "rule": pl.String,
    "topic": pl.String,
    "clock": pl.String,
    "because": pl.String,
    "occasion": pl.String,
    "thread": pl.String,
    "person_id": pl.Int64,
    "account_id": pl.Int64,
    "opened_on": pl.Date,
    "due_on": pl.Date,  # null: until a fact ends it
    "act_on": pl.Date,
    "strict": pl.Boolean,
}


def duty_rules(law: Law) -> tuple[Version, ...]:
    """Return every wording of every rule that opens a duty.

    Errors: none.
    Source: rules of kind duty.
    """
    return tuple(v for v in law.versions if v.kind == "duty" and v.effect is Effect.requires)


def opened(law: Law, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the duties that facts open: one for each fact and rule that speaks of it.

    Shape:  facts as in FACTS, a row a fact; the result as in OPENED, sorted by rule and fact.
    Errors: none.
    Source: rules of kind duty, in force on the day of the fact.
    """
    parts = [_opened_by(version, facts) for version in duty_rules(law)]
    found = pl.concat([pl.DataFrame(schema=OPENED), *parts])
    return found.sort("rule", "because")


def closed(law: Law, duties: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the duties that later facts close, and on which day; the earliest fact counts.

    Shape:  duties with `duty_id` and rule, thread, person_id, account_id, opened_on; facts as in
            FACTS; the result has `duty_id` and `on`.
    Errors: none.
    Source: rules of kind duty, `closed_by`.
    """
    closers = pl.DataFrame(
        [{"rule": v.rule, "by": word} for v in duty_rules(law) for word in v.value["closed_by"]],
        schema={"rule": pl.String, "by": pl.String},
    ).unique()
    later = facts.select("person_id", "on", "thread", "account_id", by="occasion")
    same_account = pl.any_horizontal(
        pl.col("account_id").is_null(),
        pl.col("account_id_right").is_null(),
        pl.col("account_id") == pl.col("account_id_right"),
    )
    same_thread = (pl.col("thread_right") == "") | (pl.col("thread") == pl.col("thread_right"))
    return (
        duties.join(closers, on="rule")
        .join(later, on=["person_id", "by"])
        .filter(same_account & same_thread & (pl.col("on") >= pl.col("opened_on")))
        .group_by("duty_id")
        .agg(pl.col("on").min())
        .sort("duty_id")
    )


def _opened_by(version: Version, facts: pl.DataFrame) -> pl.DataFrame:
    """Return the duties that one wording of one rule opens."""
    value = version.value
    speaks = facts.filter(
        (pl.col("occasion") == value["opens_on"])
        & (pl.col("on") >= version.start)
        & (pl.col("on") < version.end)
        & _among("places", version.applies.jurisdiction)
        & (
            _among("creditors", tuple(c.value for c in version.applies.creditor_type))
            | (pl.col("creditors").list.len() == 0)
        )
        & (
            _among("products", tuple(p.value for p in version.applies.product_type))
            | (pl.col("products").list.len().fill_null(0) == 0)
        )
    )
    if value["clock"] == "before":
        speaks = speaks.filter(pl.col("act_on").is_not_null())
    days = [_due_row(version, *row) for row in speaks.select("on", "act_on").unique().rows()]
    due = pl.DataFrame(
        days,
        schema={"on": pl.Date, "act_on": pl.Date, "due_on": pl.Date, "strict": pl.Boolean},
        orient="row",
    )
    return (
        speaks.join(due, on=["on", "act_on"], nulls_equal=True)
        .with_columns(
            rule=pl.lit(version.rule),
            topic=pl.lit(version.topic),
            clock=pl.lit(value["clock"]),
            opened_on=pl.col("on"),
        )
        .select(*OPENED)
    )


def _due_row(
    version: Version, on: date, act_on: date | None
) -> tuple[date, date | None, date | None, bool]:
    due = due_day(version, opened_on=on, act_on=act_on)
    return on, act_on, due.on, due.strict


def _among(column: str, words: tuple[str, ...]) -> pl.Expr:
    """Return whether a list holds one of some words; no words ask nothing."""
    if not words:
        return pl.lit(True)
    return pl.col(column).list.eval(pl.element().is_in(list(words))).list.any()
