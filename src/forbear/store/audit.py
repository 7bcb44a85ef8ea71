"""SQL that hands the audit what was decided, what was done and what was known. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

# Everything of the people who were contacted between two instants. Bytes and ids go as text.
PEOPLE = (
    "with people as materialized (select distinct person_id from contact"
    " where recorded_at >= '{start}' and recorded_at < '{end}' union select person_id from attempt"
    " where recorded_at >= '{start}' and recorded_at < '{end}' and not inbound"
    " and source not like 'import:%' and source not like 'demo:%') "
)
MINE = " join people using (person_id)"
QUERIES: Mapping[str, str] = {
    "contact": "select c.id::text as contact, c.person_id, c.contact_point_id as point,"
    " c.channel, c.purpose, c.at, c.allowed, c.blocked_by, c.recorded_at as known_at,"
    " coalesce(o.state, '') as state, o.changed_at from contact c"
    " left join outbox o on o.contact_id = c.id where c.recorded_at >= '{start}'"
    " and c.recorded_at < '{end}'",
    # Of what was decided here the place in the day was taken with the decision, not the outcome.
    "attempt": "select contact_id::text as contact, person_id, contact_point_id as point, channel,"
    " inbound, interactive, connected, effective, at, local_on, accounts, source, recorded_at,"
    " (select d.recorded_at from contact d where d.id = attempt.contact_id) as decided_at"
    " from attempt" + MINE,
    # What left or may have, of which nobody wrote down how it ended; before the time as well.
    "unsure": "select c.id::text as contact, c.person_id, c.contact_point_id as point, c.channel,"
    " c.at, c.accounts, c.recorded_at as known_at from contact c join people using (person_id)"
    " join outbox o on o.contact_id = c.id where c.allowed"
    " and o.state in ('sent', 'sending', 'unknown') and c.recorded_at < '{end}'"
    " and not exists (select from attempt t where t.contact_id = c.id)",
    "person": "select id as person_id, ref from person join people on person_id = id",
    "profile": "select person_id, jurisdiction::text, zone, born_on, effective_on, recorded_at,"
    " source_key from profile" + MINE,
    "point": "select id as point, person_id, kind, relation, encode(value_index, 'hex') as number,"
    " zone, area, coalesce(encode(owner_index, 'hex'), '') as owner, fictional, effective_on,"
    " ends_on, recorded_at from contact_point" + MINE,
    "vain": "select encode(p.value_index, 'hex') as number, t.contact_id::text as contact, t.at,"
    " t.local_on, least(t.recorded_at, d.recorded_at) as recorded_at from attempt t"
    " join contact_point p on p.id = t.contact_point_id and p.person_id = t.person_id"
    " left join contact d on d.id = t.contact_id"
    " where t.channel = 'voice' and not t.connected and not t.inbound and p.kind = 'phone'"
    " and p.value_index in (select value_index from contact_point join people using (person_id))",
    "point_stage": "select p.kind, encode(p.value_index, 'hex') as number, s.contact_point_id as"
    " point, s.stage, s.effective_at as at, s.recorded_at from contact_point_stage s"
    " join contact_point p on p.id = s.contact_point_id where p.value_index in"
    " (select value_index from contact_point join people using (person_id))",
    "consent": "select person_id, kind, state, channel, opens_minute, closes_minute,"
    " effective_at as at, recorded_at"
    " from consent" + MINE,
    "status": "select person_id, account_id, kind, stage, effective_at as at, recorded_at"
    " from status" + MINE,
    "dispute": "select person_id, account_id, dispute_ref, stage, effective_at as at, recorded_at"
    " from dispute" + MINE,
    "account": "select id as account_id, person_id, creditor_type, product_type, currency::text,"
    " jurisdiction::text from account" + MINE,
    "moratorium": "select id as moratorium, jurisdiction::text, area, starts_on, ends_on,"
    " holds_unknown, recorded_at from moratorium",
    "moratorium_end": "select id as end, moratorium_id as moratorium, ends_on, recorded_at"
    " from moratorium_end",
    "due": "select d.account_id, d.kind, d.effective_on, d.due_on, d.amount_minor, d.source_key,"
    " d.recorded_at from due d join account a on a.id = d.account_id" + MINE,
    "payment": "select p.account_id, p.payment_ref, p.stage, p.effective_on, p.amount_minor,"
    " p.recorded_at from payment p join account a on a.id = p.account_id" + MINE,
    "owed": "select o.account_id, o.due_minor, o.recorded_at, o.id as nth from owed_log o"
    " join account a on a.id = o.account_id" + MINE,
    "refund": "select r.account_id, r.effective_on, r.amount_minor, r.recorded_at from refund r"
    " join account a on a.id = r.account_id" + MINE,
}

# Duties do not belong to contacts: all of them whose last day falls in the time.
DUTIES = (
    "select * from (select p.ref as person, d.rule, d.topic, d.opened_on,"
    " coalesce((select max(s.due_on)"
    " from duty_step s where s.duty_id = d.id and s.stage = 'extended'), d.due_on) as due_on,"
    " (select min(s.effective_on) from duty_step s where s.duty_id = d.id"
    " and s.stage in ('met', 'released')) as ended_on"
    " from duty d join person p on p.id = d.person_id) d"
    " where due_on >= '{start:%Y-%m-%d}' and due_on < '{end:%Y-%m-%d}'"
)


def fetch_log(url: str, *, start: datetime, end: datetime) -> dict[str, pl.DataFrame]:
    """Return the log of a time and what was known of the people in it, one frame a table.

    Shape:  columns as QUERIES and DUTIES name them; one snapshot, so that the tables agree.
    Errors: none; a time without contacts gives empty frames.
    """
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(url, autocommit=True) as conn, conn.cursor() as cursor:
        cursor.execute("begin isolation level repeatable read read only")
        found = {}
        for table, query in QUERIES.items():
            asked = (PEOPLE + query).format(start=start.isoformat(), end=end.isoformat())
            cursor.execute(asked)
            read = pl.from_arrow(cursor.fetch_arrow_table())
            assert isinstance(read, pl.DataFrame)
            found[table] = read
        cursor.execute(DUTIES.format(start=start, end=end))
        duties = pl.from_arrow(cursor.fetch_arrow_table())
        assert isinstance(duties, pl.DataFrame)
        found["duty"] = duties
        cursor.execute("commit")
    return found
