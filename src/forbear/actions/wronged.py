"""List what was made on wrong facts: contacts about a debt that was less late than was known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.batch.books import FACT, begun
from forbear.batch.living import as_day
from forbear.batch.online import days_late_on
from forbear.store import wronged as store


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A contact about an account that was not late, or less late, than was known then."""

    person_ref: str
    account_ref: str
    contact_id: str  # "" of one that an agency made by itself
    channel: str
    at: datetime
    known_days: int  # past due at the end of the day before, as the books knew
    true_days: int  # the same, as is known now
    facts: tuple[str, ...]  # that were told later, by key
    told_at: datetime  # the first of them


def wronged(reader: Reader, *, since: datetime) -> list[Wrong]:
    """Return the contacts that were made between a late fact's day and its telling, by instant.

    Of the facts told since an instant; and only where, with what is known now, the account was not
    past due on the day before the contact, or less than was known. What happened on the day of the
    contact itself wrongs nobody: it may have come after.
    Errors: NotAllowed.
    """
    reader.must(Ability.see_audit)
    with transaction.atomic():
        conn = connected()
        made = store.fetch_made(conn, since=since)
        if made.is_empty():
            return []
        ids = made["account_id"].unique().to_list()
        contracts = pl.DataFrame(
            store.fetch_conditions_of(conn, ids),
            schema={"account": pl.String, "conditions": pl.String},
            orient="row",
        )
        facts = pl.DataFrame(store.fetch_facts_of(conn, ids), schema=FACT, orient="row")
    true = _true_days(contracts, facts, made["local_on"])
    before = (pl.col("local_on") - pl.duration(days=1)).alias("on")
    days = (before - pl.col("known_since")).dt.total_days().fill_null(0).alias("known_days")
    by = ["at", "contact", "account", "person", "channel"]
    rows = (
        made.with_columns(before, days)
        .join(true, on=["account", "on"])
        .filter(pl.col("true_days") < pl.col("known_days"))
        .group_by(*by, "known_days", "true_days")
        .agg(pl.col("fact").unique().sort(), pl.col("told_at").min())
        .sort(by)
    )
    return [
        Wrong(
            person_ref=row["person"],
            account_ref=row["account"],
            contact_id=row["contact"],
            channel=row["channel"],
            at=row["at"],
            known_days=row["known_days"],
            true_days=row["true_days"],
            facts=tuple(row["fact"]),
            told_at=row["told_at"],
        )
        for row in rows.iter_rows(named=True)
    ]


def _true_days(
    contracts: pl.DataFrame, facts: pl.DataFrame, made_on: Iterable[date]
) -> pl.DataFrame:
    """Return how late each account was at the end of the day before each contact."""
    days = sorted({on - timedelta(days=1) for on in made_on})
    return days_late_on(begun(contracts, facts), [as_day(on) for on in days])
