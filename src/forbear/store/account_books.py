"""SQL about the books of one account. One function is one statement; nothing decides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from forbear.batch.books import FACT
from forbear.store.books import FACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Serviced:
    """The contract of one account, and the last day that was closed."""

    product: str
    formed_on: date
    conditions: str  # JSON, as the books read it
    rules: str  # the first digits of its terms' digest
    closed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One transfer as it was written."""

    kind: str
    debit: str
    credit: str
    amount_minor: int
    effective_on: date
    booked_on: date
    lent_by: str  # "" none
    number: int  # 0 none
    cause: str  # "" the day itself
    reverses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStaged:
    """One stage of a payment, and whose it is."""

    account_id: int
    stage: str
    amount_minor: int
    effective_on: date
    recorded_at: datetime


def fetch_serviced(conn: Any, account_id: int) -> Serviced | None:
    """Return the contract of an account that is serviced here, or None."""
    row = conn.execute(
        "select product, formed_on, conditions::text, left(terms_digest, 12),"
        " (select max(as_of) from close) from contract where account_id = %s",
        (account_id,),
    ).fetchone()
    if row is None:
        return None
    return Serviced(
        product=row[0], formed_on=row[1], conditions=row[2], rules=row[3], closed_on=row[4]
    )


def fetch_facts_of(conn: Any, account_id: int) -> pl.DataFrame:
    """Return every fact of one account, as the close reads them."""
    rows = conn.execute(FACTS.format(which="f.account_id = %(id)s"), {"id": account_id}).fetchall()
    return pl.DataFrame(rows, schema=FACT, orient="row")


def fetch_moved(conn: Any, account_id: int) -> list[Moved]:
    """Return the transfers of one account, in the order in which they stand in the books."""
    rows = conn.execute(
        "select kind, debit, credit, amount_minor, effective_on, booked_on, coalesce(lent_by, ''),"
        " coalesce(number, 0), coalesce(cause, ''), reverses"
        " from transfer where account_id = %s order by booked_on, effective_on, id",
        (account_id,),
    )
    names = Moved.__slots__
    return [Moved(**dict(zip(names, row, strict=True))) for row in rows]


def fetch_stages(conn: Any, payment_ref: str) -> list[PaymentStaged]:
    """Return every stage of a payment that is in the book."""
    rows = conn.execute(
        "select account_id, stage, amount_minor, effective_on, recorded_at from payment"
        " where payment_ref = %s order by recorded_at, id",
        (payment_ref,),
    )
    names = PaymentStaged.__slots__
    return [PaymentStaged(**dict(zip(names, row, strict=True))) for row in rows]


def fetch_told(conn: Any, account_id: int) -> dict[str, dict[str, Any]]:
    """Return the bookings of an account by key: kind, day, amount, what it is about, reason."""
    rows = conn.execute(
        "select source_key, kind, effective_on, amount_minor, about, days, schedule::text, rule,"
        " reason from booking where account_id = %s order by effective_on, id",
        (account_id,),
    )
    names = "kind effective_on amount_minor about days schedule rule reason".split()
    told = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
    return {k: {**each, "schedule": json.loads(each["schedule"])} for k, each in told.items()}
