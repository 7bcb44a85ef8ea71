"""SQL about contacts that were made before a fact of an earlier day was told. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from forbear.store.books import FACTS

MADE: dict[str, Any] = {
    "account_id": pl.Int64,
    "account": pl.String,
    "person": pl.String,
    "contact": pl.String,
    "channel": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "local_on": pl.Date,
    "fact": pl.String,
    "effective_on": pl.Date,
    "told_at": pl.Datetime("us", "UTC"),
    "known_since": pl.Date,  # since when it was late, as the books knew; null: it was not
}


def fetch_made(conn: Any, *, since: datetime) -> pl.DataFrame:
    """Return what was made between a late fact's own day and its telling, of what was told since.

    Shape:  as MADE; a row per contact, account and fact.
    """
    rows = conn.execute(MADE_SINCE, {"since": since}).fetchall()
    return pl.DataFrame(rows, schema=MADE, orient="row")


def fetch_facts_of(conn: Any, account_ids: list[int]) -> list[tuple[Any, ...]]:
    """Return every fact of accounts, as `batch/books.FACT`."""
    which = f"a.id = any(array[{', '.join(map(str, account_ids))}]::bigint[])"
    rows: list[tuple[Any, ...]] = conn.execute(FACTS.format(which=which)).fetchall()
    return rows


def fetch_conditions_of(conn: Any, account_ids: list[int]) -> list[tuple[str, str]]:
    """Return the conditions of accounts: account, conditions."""
    rows: list[tuple[str, str]] = conn.execute(
        "select a.ref, c.conditions::text from contract c join account a on a.id = c.account_id"
        " where c.account_id = any(%s)",
        (account_ids,),
    ).fetchall()
    return rows


TOLD = """
    select account_id, source_key as fact, effective_on, recorded_at from booking
    union all
    select account_id, 'payment:' || payment_ref || ':' || stage, effective_on, recorded_at
    from payment where stage = 'settled'
    union all
    select account_id, source_key, effective_on, recorded_at from refund
    union all
    select account_id, source_key, effective_on, recorded_at from refund_hold
"""
MADE_SINCE = f"""
with late as materialized (
    select f.*, a.person_id, a.ref from ({TOLD}) f join account a on a.id = f.account_id
    join contract k on k.account_id = f.account_id
    where f.recorded_at >= %(since)s and f.effective_on < f.recorded_at::date
), made as (
    select c.id::text as contact, c.person_id, c.channel, c.at, c.local_on, c.accounts,
        c.recorded_at
    from contact c join outbox o on o.contact_id = c.id
    where c.allowed and o.state in ('sending', 'sent', 'unknown', 'done')
        and c.person_id in (select person_id from late)
    union all
    select '', t.person_id, t.channel, t.at, t.local_on, t.accounts, t.at
    from attempt t
    where t.contact_id is null and not t.inbound and t.person_id in (select person_id from late)
)
select l.account_id, l.ref, p.ref, m.contact, m.channel, m.at, m.local_on, l.fact, l.effective_on,
    l.recorded_at, known.oldest_due_on
from late l join made m on m.person_id = l.person_id and l.account_id = any(m.accounts)
    and m.local_on > l.effective_on and m.recorded_at < l.recorded_at
join person p on p.id = l.person_id
join lateral (select oldest_due_on from owed_log o
    where o.account_id = l.account_id and o.recorded_at <= m.recorded_at
    order by o.id desc limit 1) known on true
order by m.at, m.contact, l.ref, l.fact
"""
