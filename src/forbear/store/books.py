"""SQL about the books. Decides nothing. Large reads go through Arrow, large writes through COPY."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.servicing.fact import FACT_CODE, BookingKind, FactKind
from forbear.store.refund import ENDED
from forbear.store.snapshot import BATCH_BYTES, BATCH_OPTION

LOCK = 0x434C4F53  # one close at a time; it is nobody else's lock
ROWS_AT_ONCE = 500_000  # one COPY: bounds the memory whatever the day's size


def _coded(column: str, codes: Mapping[str, int]) -> str:
    cases = " ".join(f"when '{word}' then {code}" for word, code in codes.items())
    return f"(case {column} {cases} end)::int2"


KINDS = {k.value: FACT_CODE[FactKind(k.value)] if k != "designation" else -1 for k in BookingKind}
CAME, WENT = FACT_CODE[FactKind.payment], FACT_CODE[FactKind.payment_reversal]
RETURNED = FACT_CODE[FactKind.merchant_refund]
HOLDS, ENDS = FACT_CODE[FactKind.refund_hold], FACT_CODE[FactKind.refund_end]
ACCOUNTS = {each.value: code for code, each in enumerate(LedgerAccount)}
MOVES = {each.value: code for code, each in enumerate(TransferKind)}

# Every fact of the accounts that are serviced here; {which} narrows it.
FACTS = f"""
select a.ref as account, f.source_key as key, {_coded("f.kind", KINDS)} as kind, f.effective_on,
    f.amount_minor, f.about, f.days, f.schedule::text as schedule
from booking f join account a on a.id = f.account_id where {{which}}
union all
select a.ref, 'payment:' || f.payment_ref || ':' || f.stage,
    (case f.stage when 'settled' then {CAME} else {WENT} end)::int2, f.effective_on, f.amount_minor,
    case f.stage when 'settled' then '' else 'payment:' || f.payment_ref || ':settled' end, 0, '[]'
from payment f join account a on a.id = f.account_id join contract c on c.account_id = a.id
where f.stage in ('settled', 'reversed') and {{which}}
union all
select a.ref, f.source_key, {RETURNED}::int2, f.effective_on, f.amount_minor, '', 0, '[]'
from refund f join account a on a.id = f.account_id join contract c on c.account_id = a.id
where {{which}}
union all
select a.ref, f.source_key, {HOLDS}::int2, f.effective_on, 0, f.about, f.days, '[]'
from refund_hold f join account a on a.id = f.account_id join contract c on c.account_id = a.id
where {{which}}
"""
for _stage, _table, _same in ENDED:
    FACTS += f"""union all
select a.ref, h.source_key || ':{_stage}', {ENDS}::int2, f.effective_on, 0, h.source_key, 0, '[]'
from refund_hold h join {_table} f on {_same}
join account a on a.id = h.account_id join contract c on c.account_id = a.id where {{which}}
"""
CONTRACTS = """
select a.ref as account, a.id as account_id, a.currency::text, c.conditions::text as conditions,
    c.formed_on, left(c.terms_digest, 12) as rules
from contract c join account a on a.id = c.account_id
"""
POSTED = f"""
select a.ref as account, t.lent_by, t.number, {_coded("t.kind", MOVES)} as kind,
    {_coded("case when t.reverses then t.credit else t.debit end", ACCOUNTS)} as debit,
    {_coded("case when t.reverses then t.debit else t.credit end", ACCOUNTS)} as credit,
    t.cause, t.effective_on,
    case when t.reverses then -t.amount_minor else t.amount_minor end as amount_minor
from transfer t join account a on a.id = t.account_id where {{which}}
"""
TRANSFER = (
    "account_id kind debit credit amount_minor effective_on booked_on lent_by number cause reverses"
    " rules"
).split()


@dataclass(frozen=True, slots=True)
class Seen:
    """One snapshot of the database, in which everything of a close is read."""

    conn: Any  # of ADBC, which asks the server for every type there is before its first read
    since: str  # the oldest transaction that it may not see: what comes later is newer than it


@contextmanager
def seen(url: str) -> Iterator[Seen]:
    """Hold one snapshot of the database open."""
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url, autocommit=True) as conn:
        with conn.cursor() as cursor:
            cursor.execute("begin isolation level repeatable read read only")
            cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text")
            row = cursor.fetchone()
            assert row
        yield Seen(conn, row[0])
        with conn.cursor() as cursor:
            cursor.execute("commit")


@contextmanager
def only_close(url: str) -> Iterator[bool]:
    """Hold the one lock of the close, which ends with the process; yield whether it was free."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        taken = conn.execute("select pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        try:
            yield bool(taken and taken[0])
        finally:  # a session's end is noticed by the server only a moment later
            conn.execute("select pg_advisory_unlock_all()")


def fetch_contracts(at: Seen) -> pl.DataFrame:
    """Return every contract: account, account_id, currency, conditions, formed_on, rules."""
    return _read(at, CONTRACTS)


def fetch_facts(
    at: Seen, *, accounts: Iterable[str] | None = None, since: str = ""
) -> pl.DataFrame:
    """Return facts: those of some accounts, or those that a snapshot of `since` may not have seen.

    Which facts came after a snapshot is asked of their rows' own transactions: an id that was
    given before may be committed after.
    """
    which = "true"
    if accounts is not None:
        which = f"a.ref = any({_texts(accounts)})"
    elif since:
        which = f"age(f.xmin) <= age('{int(since)}'::xid8::xid)"
    read = _read(at, FACTS.format(which=which))
    return read.with_columns(pl.col("kind").cast(pl.Int8))


def fetch_posted(
    at: Seen, *, accounts: Iterable[str] | None = None, on: date | None = None
) -> pl.DataFrame:
    """Return what is posted: of some accounts, or of one day and booked on it or later."""
    which = f"a.ref = any({_texts(accounts)})" if accounts is not None else "true"
    if on is not None:
        which = f"t.booked_on >= date '{on}' and t.effective_on = date '{on}'"
    read = _read(at, POSTED.format(which=which))
    return read.with_columns(pl.col("kind", "debit", "credit").cast(pl.Int8))


def _texts(words: Iterable[str]) -> str:
    """Return words as an array of SQL."""
    inner = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"array[{inner}]::text[]"


def _read(at: Seen, query: str) -> pl.DataFrame:
    """Return the rows of a query, read through Arrow in the snapshot."""
    with at.conn.cursor() as cursor:
        cursor.adbc_statement.set_options(**{BATCH_OPTION: str(BATCH_BYTES)})
        cursor.execute(query)
        read = pl.from_arrow(cursor.fetch_arrow_table())
    assert isinstance(read, pl.DataFrame)
    return read


def insert_transfers(conn: Any, rows: pl.DataFrame) -> None:
    """Write transfers: the columns TRANSFER, with codes in place of words."""
    words = {"kind": list(MOVES), "debit": list(ACCOUNTS), "credit": list(ACCOUNTS)}
    named = rows.select(TRANSFER).with_columns(
        pl.col(name).replace_strict(dict(enumerate(known)), return_dtype=pl.String)
        for name, known in words.items()
    )
    copy = f"copy transfer ({', '.join(TRANSFER)}) from stdin (format csv)"
    with conn.cursor() as cursor:
        for part in named.iter_slices(ROWS_AT_ONCE):
            text = io.BytesIO()
            part.write_csv(text, include_header=False)
            with cursor.copy(copy) as lane:
                lane.write(text.getbuffer())


def upsert_owed(conn: Any, rows: pl.DataFrame, *, on: date) -> list[int]:
    """Write what is owed where it changed; return the accounts that were posted to meanwhile.

    Shape:  account_id, due_minor, outstanding_minor, oldest_due_on, as_of, seen (null, or the row
            that stood for a later day when it was read, which alone it may replace).
    """
    names = "account_id due_minor outstanding_minor oldest_due_on as_of seen".split()
    with conn.cursor() as cursor:
        cursor.execute("create temp table owed_now (like owed, seen text) on commit drop")
        text = io.BytesIO()
        rows.select(names).write_csv(text, include_header=False)
        with cursor.copy(f"copy owed_now ({', '.join(names)}) from stdin (format csv)") as lane:
            lane.write(text.getbuffer())
        cursor.execute(UPDATE_OWED, (on,))
        cursor.execute(INSERT_OWED)
        return [row[0] for row in cursor.execute(MISSED, (on,))]


SAYS = "({0}.due_minor, {0}.outstanding_minor, {0}.oldest_due_on)"
# A row that stands for a later day was posted as money came in; it is replaced where it was seen.
UPDATE_OWED = f"""
update owed o set due_minor = n.due_minor, outstanding_minor = n.outstanding_minor,
    oldest_due_on = n.oldest_due_on, as_of = n.as_of
from owed_now n where n.account_id = o.account_id
    and {SAYS.format("o")} is distinct from {SAYS.format("n")}
    and (o.as_of <= %s or o.xmin::text = n.seen)
"""
INSERT_OWED = """
insert into owed (account_id, due_minor, outstanding_minor, oldest_due_on, as_of)
select account_id, due_minor, outstanding_minor, oldest_due_on, as_of from owed_now n
where not exists (select from owed o where o.account_id = n.account_id)
on conflict do nothing
"""
MISSED = f"""
select o.account_id from owed o join owed_now n using (account_id)
where o.as_of > %s and {SAYS.format("o")} is distinct from {SAYS.format("n")}
"""


def fetch_ahead(at: Seen, on: date) -> pl.DataFrame:
    """Return the accounts whose row of `owed` stands for a later day, and which row: account, seen.

    What came in for later days is posted there already.
    """
    query = "select a.ref as account, o.xmin::text as seen from owed o join account a"
    return _read(at, f"{query} on a.id = o.account_id where o.as_of > date '{on}'")


def fetch_moved(at: Seen, on: date, *, since: date | None) -> pl.DataFrame:
    """Return what was posted in a day of the books as it came in: currency, legs, amount.

    Money that is nobody's yet is posted without a close: it counts from the day after the last one,
    and in the first close from the beginning.
    """
    legs = f"{_coded('t.debit', ACCOUNTS)} as debit, {_coded('t.credit', ACCOUNTS)} as credit"
    rows = _read(
        at,
        f"select t.currency::text, {legs}, t.amount_minor from ("
        " select a.currency, debit, credit, amount_minor, booked_on"
        " from transfer join account a on a.id = transfer.account_id"
        " union all select currency, debit, credit, amount_minor, booked_on from suspense_move"
        f") t where t.booked_on > date '{since or date.min}' and t.booked_on <= date '{on}'",
    )
    return rows.with_columns(pl.col("debit", "credit").cast(pl.Int8))


def fetch_backdated(at: Seen, on: date) -> pl.Series:
    """Return the accounts to which something of an earlier day was posted in a day of the books."""
    query = "select distinct a.ref as account from transfer t join account a on a.id = t.account_id"
    return _read(at, f"{query} where t.booked_on = date '{on}' and t.effective_on < date '{on}'")[
        "account"
    ]


def fetch_balances(conn: Any, *, until: date | None = None) -> dict[str, dict[str, int]]:
    """Return what was debited less what was credited, by currency and account of the book.

    Where a day is given, of what is booked on it or before. Money that is nobody's yet counts.
    """
    found: dict[str, dict[str, int]] = {}
    rows = conn.execute(BALANCES, {"until": until or date.max})
    for currency, account, minor in rows:
        found.setdefault(currency, {})[account] = int(minor)
    return found


BALANCES = """
select a.currency, leg.account, sum(leg.minor)
from (
    select account.currency, debit, credit, amount_minor, booked_on
    from transfer join account on account.id = transfer.account_id
    union all select currency, debit, credit, amount_minor, booked_on from suspense_move
) a
cross join lateral (values (a.debit, a.amount_minor), (a.credit, -a.amount_minor))
    as leg (account, minor)
where a.booked_on <= %(until)s
group by 1, 2 having sum(leg.minor) <> 0 order by 1, 2
"""


def fetch_posted_until(at: Seen, *, until: date) -> pl.DataFrame:
    """Return every transfer that is booked by a day, as `fetch_posted` does."""
    posted = _read(at, POSTED.format(which=f"t.booked_on <= date '{until}'"))
    return posted.with_columns(pl.col("kind", "debit", "credit").cast(pl.Int8))


def fetch_owed(at: Seen) -> pl.DataFrame:
    """Return what is written as owed: account, due_minor, outstanding_minor, oldest_due_on."""
    return _read(at, OWED)


OWED = """
select a.ref as account, o.due_minor, o.outstanding_minor, o.oldest_due_on
from owed o join account a on a.id = o.account_id
"""
