"""SQL about the books of one account, read and written while its money comes in. Decides nothing.

Which day of the books is still open is agreed with the close by a lock: a close says which day it
closes and waits for whoever posts just then; whoever posts later posts in the day after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from forbear.batch.books import FACT
from forbear.batch.living import MOVE
from forbear.batch.online import Owes, Told
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.store.books import FACTS, POSTED
from forbear.store.prepared import prepared

LOCK = 0x4F50454E  # held by all who post, and by a close for the moment in which it names its day
ACCOUNTS, KINDS = [a.value for a in LedgerAccount], [k.value for k in TransferKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serviced:
    """An account that is serviced here, and where its books stand."""

    account_id: int
    ref: str
    conditions: str  # JSON
    rules: str
    closed_on: date | None  # the last day that is closed; None: none ever was
    open_on: date  # the first day of the books that no close has begun to close


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What of a fact's money met one installment, or (below zero) was taken back from it."""

    fact: str  # the key of what lent it
    number: int
    account: str  # of the book
    minor: int


def begin_close(conn: Any, on: date) -> None:
    """Say that a day is being closed, after everybody who posts in it has ended."""
    conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
    conn.execute("insert into closing (as_of) values (%s) on conflict do nothing", (on,))


def hold_open_day(conn: Any) -> None:
    """Let no close begin before this transaction ends; what is written now is of an open day."""
    conn.execute("select pg_advisory_xact_lock_shared(%s)", (LOCK,))


def fetch_serviced(conn: Any, account_id: int) -> Serviced | None:
    """Return where the books of an account stand, None where it has no contract here.

    No close begins before this transaction ends.
    """
    if not prepared(conn, HOLD, (LOCK, account_id)).fetchone():
        return None
    row = prepared(conn, SERVICED, (account_id,)).fetchone()
    assert row
    return Serviced(
        account_id=account_id,
        ref=row[0],
        conditions=row[1],
        rules=row[2],
        closed_on=row[3],
        open_on=row[4] or date.min,
    )


def fetch_person(conn: Any, account_id: int) -> int:
    """Return whose an account is."""
    row = conn.execute("select person_id from account where id = %s", (account_id,)).fetchone()
    return int(row[0])


def fetch_told(conn: Any, account_id: int, closed_on: date) -> list[Told]:
    """Return the bookings of an account, and the money that came in or went since a day."""
    return [
        Told(key=r[0], kind=r[1], effective_on=r[2], amount_minor=r[3], about=r[4], schedule=r[5])
        for r in prepared(conn, TOLD, (account_id, closed_on))
    ]


def fetch_standing(conn: Any, account_id: int) -> dict[tuple[str, int, str], int]:
    """Return what is debited less what is credited, by fact, number and account of the book."""
    return {
        (r[0], r[1], name): r[2 + n]
        for r in prepared(conn, STANDING, (account_id,))
        for n, name in enumerate(HELD)
    }


def fetch_facts_of(conn: Any, account_id: int) -> pl.DataFrame:
    """Return every fact of an account, as `batch/books.FACT`."""
    rows = conn.execute(FACTS.format(which=f"a.id = {account_id}")).fetchall()
    return pl.DataFrame(rows, schema=FACT, orient="row")


def fetch_posted_of(conn: Any, account_id: int) -> pl.DataFrame:
    """Return every transfer of an account, as `batch/living.MOVE`; what was undone is below 0."""
    rows = conn.execute(POSTED.format(which=f"a.id = {account_id}")).fetchall()
    return pl.DataFrame(rows, schema=MOVE, orient="row")


def insert_posted(conn: Any, account: Serviced, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write transfers in the first open day of the books, or on their own day where it is later."""
    whole = [
        (
            account.account_id,
            KINDS[row["kind"]],
            ACCOUNTS[row["debit"]],
            ACCOUNTS[row["credit"]],
            row["amount_minor"],
            row["effective_on"],
            max(account.open_on, row["effective_on"]),
            row["lent_by"],
            row["number"],
            row["cause"],
            row["reverses"],
            account.rules,
        )
        for row in rows
    ]
    if whole:
        prepared(conn, INSERT_POSTED, [list(column) for column in zip(*whole, strict=True)])


def update_owed(conn: Any, account: Serviced, owes: Owes, *, on: date) -> None:
    """Write what is owed now; it stands until the close of a day."""
    values = (account.account_id, owes.due_minor, owes.outstanding_minor, owes.oldest_due_on, on)
    prepared(conn, UPDATE_OWED, values)


def fetch_lines(conn: Any, account_id: int, key: str) -> list[Line]:
    """Return what a fact's money met, as it stands: in the order of the installments."""
    return [
        Line(fact=r[0], number=r[1], account=r[2], minor=r[3])
        for r in prepared(conn, LINES, (account_id, key))
    ]


HELD = ("cost", "interest", "fee", "penalty", "principal", "unbilled")
HOLD = "select pg_advisory_xact_lock_shared($1) from contract where account_id = $2::bigint"
# A statement of its own: what it sees is of after the lock.
SERVICED = """
select a.ref, c.conditions::text, left(c.terms_digest, 12),
    (select as_of from close order by as_of desc limit 1),
    (select as_of + 1 from closing order by as_of desc limit 1)
from contract c join account a on a.id = c.account_id where c.account_id = $1::bigint
"""
_FACTS = FACTS.format(which="a.id = $1::bigint")
TOLD = f"""
select key, kind::int8, effective_on, amount_minor, about, schedule from ({_FACTS}) told
where key not like 'payment:%' and key not like 'refund:%' or effective_on > $2::date
"""
STANDING = f"""
select lent_by, number::int8,
    {
    ", ".join(
        f"sum(case '{name}' when debit then amount_minor when credit then -amount_minor"
        " else 0 end)::int8"
        for name in HELD
    )
}
from transfer where account_id = $1::bigint and lent_by is not null group by 1, 2
"""
INSERT_POSTED = """
insert into transfer (account_id, kind, debit, credit, amount_minor, effective_on, booked_on,
    lent_by, number, cause, reverses, rules)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::date[],
    $7::date[], $8::text[], $9::smallint[], $10::text[], $11::bool[], $12::text[])
"""
UPDATE_OWED = """
insert into owed (account_id, due_minor, outstanding_minor, oldest_due_on, as_of)
values ($1::bigint, $2, $3, $4::date, $5::date)
on conflict (account_id) do update set due_minor = excluded.due_minor,
    outstanding_minor = excluded.outstanding_minor, oldest_due_on = excluded.oldest_due_on,
    as_of = excluded.as_of
"""
LINES = f"""
select lent_by, number::int8, held, sum(minor)::int8
from transfer cross join lateral (values (credit, amount_minor), (debit, -amount_minor))
    as leg (held, minor)
where account_id = $1::bigint and cause = $2::text and lent_by is not null
    and kind <> 'billing' and held = any(array{[*HELD, "recovery", "charge_off"]})
group by 1, 2, 3 having sum(minor) <> 0 order by 1, 2, 3
"""
