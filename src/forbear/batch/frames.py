"""What the snapshot's tables hold: whole numbers under keys that no database gave out.

Persons, accounts and contact points are numbered in the order of the lender's own refs, and every
table is sorted by all that it says. So the same facts give the same tables, whatever the order in
which they arrived and whatever ids the database gave them. Pure: no clock, no database, no files.

Days are whole numbers from 1970-01-01, instants microseconds from then, words their position in
`kernel/vocabulary.py`. What is not known is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from forbear.kernel.days import instant, zone_named

EPOCH = date(1970, 1, 1)
MICROSECONDS = 1_000_000

# Table → its columns, and so the order that its rows are sorted in. `nth` is that order itself.
TABLES: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "ref", "lot"),
    "account": (
        *("account", "ref", "person", "currency", "creditor", "product", "jurisdiction"),
        "opened_on",
    ),
    "point": (
        *("point", "person", "kind", "relation", "effective_on", "ends_on", "value", "zone"),
        "area",
    ),
    "profile": ("person", "effective_on", "jurisdiction", "zone", "born_on"),
    "zone": ("zone", "starts_at", "ends_at"),
    "due": ("account", "due_on", "effective_on", "statement", "amount_minor", "nth"),
    "payment": ("account", "effective_on", "amount_minor", "stage", "payment"),
    "refund": ("account", "effective_on", "amount_minor"),
    # What the books say of accounts that are serviced here, in place of dues and payments.
    "owed": ("account", "due_minor", "outstanding_minor", "oldest_due_on"),
    "owed_then": ("account", "due_minor", "outstanding_minor", "oldest_due_on"),  # a month before
    "report": ("account", "effective_on", "months_late", "nth"),
    "status": ("person", "account", "kind", "at", "began"),
    "consent": ("person", "kind", "channel", "at", "given"),
    "dispute": ("person", "account", "dispute", "at", "opened"),
    "point_stage": ("point", "stage", "at"),
    # In which places, by number, nobody is contacted on the planned day; 0: it is not known where.
    "moratorium": ("jurisdiction", "area"),
    "promise": ("person", "due_on", "at", "amount_minor"),
    "attempt": (
        "person",
        "at",
        "point",
        "channel",
        "local_on",
        "inbound",
        "interactive",
        "connected",
        "effective",
        "debts_known",
    ),
    "reserved": ("person", "point", "channel", "at", "local_on", "debts_known"),
    # Calls of which it is known which accounts they were about, a row for each of them.
    "debt_call": ("person", "account", "local_on", "inbound", "connected", "effective"),
}


def day_number(on: date) -> int:
    """Return a day as the whole number of days from 1970-01-01.

    Errors: none.
    Source: none.
    """
    return (on - EPOCH).days


def zone_rows(names: Sequence[str], *, on: date) -> pl.DataFrame:
    """Return when a day starts and ends in each zone; unknown zones get UTC's day.

    Shape:  zone (position in names), starts_at, ends_at; a row per name.
    Unit:   microseconds from 1970-01-01 UTC.
    Errors: none; the law refuses who has no zone, the day is only needed to read their facts.
    Source: none.
    """
    return pl.DataFrame(
        {
            "zone": range(len(names)),
            "starts_at": [_midnight(on, name) for name in names],
            "ends_at": [_midnight(on + timedelta(days=1), name) for name in names],
        },
        schema={"zone": pl.Int32, "starts_at": pl.Int64, "ends_at": pl.Int64},
    )


def _midnight(on: date, name: str) -> int:
    return int(instant(on, 0, zone_named(name) or ZoneInfo("UTC")).timestamp()) * MICROSECONDS
