"""SQL about contracts and bookings. One function is one statement; nothing decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from forbear.batch.books import FACT
from forbear.kernel.vocabulary import CreditorType
from forbear.store.books import FACTS
from forbear.store.payment import AccountFound, fetch_account

__all__ = ["AccountFound", "fetch_account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A contract as it stands in the book."""

    product: str
    formed_on: date
    terms_digest: str
    conditions: dict[str, Any]
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A purchase that a due day governs."""

    key: str
    effective_on: date
    amount_minor: int
    installments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A booking as it stands in the book."""

    account_ref: str
    kind: str
    effective_on: date
    amount_minor: int
    about: str  # the key of what it is about
    days: int
    schedule: list[dict[str, Any]]
    rule: str
    reason: str
    recorded_at: datetime


def fetch_contract(conn: Any, account_id: int) -> Held | None:
    """Return the contract of an account, or None."""
    row = conn.execute(
        "select product, formed_on, terms_digest, conditions::text, recorded_at from contract"
        " where account_id = %s",
        (account_id,),
    ).fetchone()
    if row is None:
        return None
    return Held(
        product=row[0],
        formed_on=row[1],
        terms_digest=row[2],
        conditions=json.loads(row[3]),
        recorded_at=row[4],
    )


def fetch_creditor(conn: Any, account_id: int) -> CreditorType:
    """Return who lent, of an account that there is."""
    row = conn.execute("select creditor_type from account where id = %s", (account_id,)).fetchone()
    return CreditorType(row[0])


def insert_contract(conn: Any, row: Mapping[str, Any]) -> datetime:
    """Write a contract; return when."""
    at = _inserted(conn, "contract", {**row, "conditions": json.dumps(row["conditions"])})
    assert at  # or the database refused it
    return at


def fetch_booking(conn: Any, key: str) -> Found | None:
    """Return a booking by its key, or None."""
    row = conn.execute(
        "select a.ref, b.kind, b.effective_on, b.amount_minor, b.about, b.days,"
        " b.schedule::text, b.rule, b.reason, b.recorded_at"
        " from booking b join account a on a.id = b.account_id where b.source_key = %s",
        (key,),
    ).fetchone()
    if row is None:
        return None
    return Found(
        account_ref=row[0],
        kind=row[1],
        effective_on=row[2],
        amount_minor=row[3],
        about=row[4],
        days=row[5],
        schedule=json.loads(row[6]),
        rule=row[7],
        reason=row[8],
        recorded_at=row[9],
    )


def insert_booking(conn: Any, row: Mapping[str, Any]) -> datetime | None:
    """Write a booking; return when, or None where another has its key meanwhile."""
    kept = {**row, "schedule": json.dumps(row["schedule"])}
    return _inserted(conn, "booking", kept, or_else="on conflict do nothing")


def fetch_returned(conn: Any, purchase: str) -> int:
    """Return how much of a purchase came back already."""
    row = conn.execute(
        "select coalesce(sum(amount_minor), 0) from booking"
        " where about = %s and kind in ('merchant_refund', 'chargeback')",
        (purchase,),
    ).fetchone()
    return int(row[0])


def fetch_payment_day(conn: Any, account_id: int, payment_ref: str) -> date | None:
    """Return the value date of an account's settled payment, or None."""
    row = conn.execute(
        "select effective_on from payment"
        " where account_id = %s and payment_ref = %s and stage = 'settled'",
        (account_id, payment_ref),
    ).fetchone()
    return row[0] if row else None


def fetch_due_day(conn: Any, account_id: int, on: date) -> int:
    """Return the due day that an account agreed on before a day; 0 where it is the product's."""
    row = conn.execute(
        "select days from booking where account_id = %s and kind = 'due_day' and effective_on < %s"
        ' order by effective_on desc, source_key collate "C" desc limit 1',
        (account_id, on),
    ).fetchone()
    return int(row[0]) if row else 0


def fetch_governed(conn: Any, account_id: int, on: date, key: str) -> list[Purchase]:
    """Return the purchases of later days than a due day's, before which no other due day comes."""
    rows = conn.execute(GOVERNED, {"account_id": account_id, "on": on, "key": key})
    return [
        Purchase(key=row[0], effective_on=row[1], amount_minor=row[2], installments=row[3])
        for row in rows
    ]


GOVERNED = """
select p.source_key, p.effective_on, p.amount_minor, jsonb_array_length(p.schedule)
from booking p
where p.account_id = %(account_id)s and p.kind = 'purchase' and p.effective_on > %(on)s
    and not exists (
        select from booking m
        where m.account_id = p.account_id and m.kind = 'due_day'
            and m.effective_on < p.effective_on
            and (m.effective_on, m.source_key collate "C") > (%(on)s, %(key)s collate "C")
    )
order by p.effective_on, p.source_key collate "C"
"""


def fetch_facts(conn: Any, account_id: int) -> pl.DataFrame:
    """Return every fact of one account that this transaction sees, as the books read facts."""
    rows = conn.execute(FACTS.format(which=f"a.id = {int(account_id)}")).fetchall()
    return pl.DataFrame(rows, schema=FACT, orient="row")


def _inserted(
    conn: Any, table: str, row: Mapping[str, Any], *, or_else: str = ""
) -> datetime | None:
    names = ", ".join(row)
    places = ", ".join(f"%({name})s" for name in row)
    found = conn.execute(
        f"insert into {table} ({names}) values ({places}) {or_else} returning recorded_at", row
    ).fetchone()
    return found[0] if found else None
