"""SQL about money that came in. One function is one statement; nothing decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from forbear.store.prepared import prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFound:
    """The account that a reference names."""

    id: int
    person_id: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One stage of a payment, or a refund, as it stands in the book."""

    account_ref: str
    stage: str
    amount_minor: int
    effective_on: date
    recorded_at: datetime


def fetch_account(conn: Any, ref: str) -> AccountFound | None:
    """Return the account with a reference, or None."""
    row = prepared(conn, FETCH_ACCOUNT, (ref,)).fetchone()
    return AccountFound(id=row[0], person_id=row[1], currency=row[2]) if row else None


def fetch_formed_on(conn: Any, account_id: int) -> date | None:
    """Return the day of an account's contract, or None where it is not serviced here."""
    row = prepared(conn, FETCH_FORMED_ON, (account_id,)).fetchone()
    return row[0] if row else None


def fetch_lent(conn: Any, account_id: int) -> tuple[int, int]:
    """Return what was lent on an account by its purchases, and what came back of it."""
    row = conn.execute(FETCH_LENT, {"account": account_id}).fetchone()
    return int(row[0]), int(row[1])


def insert_payment(conn: Any, row: Mapping[str, Any]) -> bool:
    """Book one stage of a payment; False where that stage of it is booked already."""
    return bool(prepared(conn, INSERT_PAYMENT, [row[name] for name in PAYMENT]).rowcount)


def fetch_payment(conn: Any, payment_ref: str) -> dict[str, Booked]:
    """Return every booked stage of one payment, by stage."""
    return by_stage(prepared(conn, FETCH_PAYMENT, (payment_ref,)))


def by_stage(rows: Iterable[Any]) -> dict[str, Booked]:
    """Return stages by name, of rows of account, stage, amount, day and instant."""
    names = ("account_ref", "stage", "amount_minor", "effective_on", "recorded_at")
    return {row[1]: Booked(**dict(zip(names, row, strict=True))) for row in rows}


FETCH_FORMED_ON = "select formed_on from contract where account_id = $1::bigint"

FETCH_ACCOUNT = "select id, person_id, currency from account where ref = $1::text"

PAYMENT = "source source_key account_id payment_ref stage amount_minor effective_on".split()
INSERT_PAYMENT = """
insert into payment (source, source_key, account_id, payment_ref, stage, amount_minor, effective_on)
values ($1::text, $2::text, $3::bigint, $4::text, $5::text, $6::bigint, $7::date)
on conflict do nothing
"""

FETCH_PAYMENT = """
select a.ref, p.stage, p.amount_minor, p.effective_on, p.recorded_at
from payment p join account a on a.id = p.account_id where p.payment_ref = $1::text
"""

FETCH_LENT = """
select coalesce(sum(b.amount_minor) filter (where b.kind = 'purchase'), 0),
    coalesce(sum(b.amount_minor) filter (where b.kind <> 'purchase'), 0)
        + (select coalesce(sum(r.amount_minor), 0) from refund r where r.account_id = %(account)s)
from booking b
where b.account_id = %(account)s and b.kind in ('purchase', 'merchant_refund', 'chargeback')
"""
