"""Read the rows of one person that the gate decides on, in one statement. Decides nothing.

Rows are read as they stand and counted afterwards, in `contact/one_person.py`: to count them in
the same statement took PostgreSQL a hundred and eighty plan nodes and three times as long. Only
what an account owes is summed here, so that a long history of dues and payments stays there; of an
account that is serviced here the books say it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from forbear.contact.records import (
    Account,
    Area,
    Consent,
    Dispute,
    Moratorium,
    Point,
    Records,
    Same,
    Status,
    Try,
)
from forbear.store.prepared import prepared

SLACK_DAYS = 10  # a week is counted whatever the house remembers, and clocks differ by a day


class Profile(NamedTuple):
    """Who somebody is and where, from a day on."""

    jurisdiction: str
    zone: str
    source_key: str
    born_on: date | None
    effective_on: date
    recorded_at: datetime


def fetch_profiles(conn: Any, person_id: int) -> list[Profile]:
    """Return a person's profiles, in no order."""
    return [Profile(*row) for row in prepared(conn, PROFILES, (person_id,))]


def fetch_records(
    conn: Any, person_id: int, *, at: datetime, on: date, streak_days: int
) -> tuple[list[Profile], Records]:
    """Return a person's profiles, and what the book says of them at an instant and on a day.

    One statement, one snapshot: no fact changes half-way through.
    """
    found: list[list[Any]] = [[] for _ in range(11)]
    for row in prepared(conn, ROWS, (person_id, at, on, streak_days + SLACK_DAYS)).fetchall():
        found[row[0]].append(row)
    profiles, accounts, statuses, disputes, consents, points, same, tries, reserved = found[:9]
    areas, moratoria = found[9:]
    return [Profile(*row[4:7], *row[8:11]) for row in profiles], Records(
        accounts=[Account(r[1], r[4], r[5], r[6], r[3], r[8], r[7]) for r in accounts],
        statuses=[Status(r[1], r[4], r[5], r[10]) for r in statuses],
        disputes=[Dispute(r[1], r[4], r[5], r[10]) for r in disputes],
        consents=[Consent(r[4], r[5], r[6], r[1], r[2], r[10]) for r in consents],
        points=[Point(r[1], r[4], r[5], r[6], r[7], r[8], r[9], r[3] == 1, r[12]) for r in points],
        same=[Same(r[1], r[2], r[3], r[4], r[5], r[10]) for r in same],
        tries=[*map(_try, tries), *map(_try, reserved)],
        areas=[Area(r[1], r[4]) for r in areas],
        moratoria=[Moratorium(r[4], r[5], r[3] == 1) for r in moratoria],
    )


def fetch_tries_elsewhere(
    conn: Any, ids: list[int], people: list[int], *, at: datetime, on: date
) -> list[Try]:
    """Return what was tried in the last days at contact points that are on other people's lists."""
    return [_try(row) for row in prepared(conn, ELSEWHERE, (ids, people, at, on))]


def _try(row: Any) -> Try:
    said = row[3]
    return Try(
        row[1],
        row[4],
        row[8],
        row[10],
        row[11],
        bool(said & 1),
        bool(said & 2),
        bool(said & 4),
        bool(said & 8),
        bool(said & 16),
    )


PROFILES = """
select jurisdiction, zone, source_key, born_on, effective_on, recorded_at
from profile where person_id = $1::bigint
"""

# What each account owes on a day, as its books or its dues and payments say, and which payment is
# on its way.
DUE = """
select 1, a.id, null::bigint, coalesce((select due_minor from owed where account_id = a.id),
        coalesce(statement.amount_minor, 0) + coalesce(installment.total, 0)
        - coalesce(paid.total, 0) - coalesce(refunded.total, 0)),
    a.creditor_type, a.currency::text, a.jurisdiction::text, a.product_type, paid.in_flight_on,
    null::date, null::timestamptz, null::bigint[], null::bytea
from account a
left join lateral (
    select amount_minor, effective_on, due_on from due
    where account_id = a.id and kind = 'statement' and due_on <= $3::date
        and effective_on <= $3::date
    order by due_on desc, effective_on desc, source_key desc limit 1) statement on true
left join lateral (
    select sum(amount_minor)::bigint as total from due
    where account_id = a.id and kind = 'installment' and due_on <= $3::date
        and effective_on <= $3::date
        and (statement.due_on is null or due_on > statement.due_on)) installment on true
left join lateral (
    select sum(case stage when 'settled' then amount_minor else -amount_minor end) filter (
            where stage in ('settled', 'reversed')
            and (statement.due_on is null or p.effective_on > statement.effective_on))::bigint
            as total,
        max(p.effective_on) filter (where stage = 'initiated' and not exists (
            select from payment e where e.payment_ref = p.payment_ref
                and e.stage <> 'initiated' and e.effective_on <= $3::date)) as in_flight_on
    from payment p where p.account_id = a.id and p.effective_on <= $3::date) paid on true
left join lateral (
    select sum(amount_minor)::bigint as total from refund
    where account_id = a.id and effective_on <= $3::date
        and (statement.due_on is null or effective_on > statement.effective_on)) refunded on true
where a.person_id = $1::bigint"""

# Every branch has the same columns: which part it is; two ids; a number or flags; four words; two
# days; an instant; accounts; an index. They are of the same types in every branch, to the letter:
# a `varchar` in one puts a node of its own over every branch that has a `text` there.
ROWS = f"""
select 0, null::bigint, null::bigint, null::bigint, jurisdiction::text, zone, source_key,
    null::text, born_on, effective_on, recorded_at, null::bigint[], null::bytea
from profile where person_id = $1::bigint
union all
{DUE}
union all
select 2, account_id, null, null, kind, stage, null, null, null, null, effective_at, null, null
from status where person_id = $1::bigint and effective_at <= $2::timestamptz
union all
select 3, account_id, null, null, dispute_ref, stage, null, null, null, null, effective_at, null,
    null
from dispute where person_id = $1::bigint and effective_at <= $2::timestamptz
union all
select 4, opens_minute::bigint, closes_minute::bigint, null, kind, state, channel, null, null, null,
    effective_at, null, null
from consent where person_id = $1::bigint and effective_at <= $2::timestamptz
union all
select 5, id, null, fictional::int::bigint, kind, relation, zone, source_key, effective_on, ends_on,
    null, null, owner_index
from contact_point where person_id = $1::bigint
union all
select 6, p.id, same.id, same.person_id, same.kind, s.stage, null, null, null, null,
    s.effective_at, null, null
from contact_point p join contact_point same on same.value_index = p.value_index
left join contact_point_stage s
    on s.contact_point_id = same.id and s.effective_at <= $2::timestamptz
where p.person_id = $1::bigint and (same.id <> p.id or s.id is not null)
union all
select 7, contact_point_id, null,
    (inbound::int + 2 * interactive::int + 4 * connected::int + 8 * effective::int)::bigint,
    channel, null, null, null, local_on, null, at, accounts, null
from attempt
where person_id = $1::bigint and at > $2::timestamptz - $4::int * interval '1 day'
union all
select 8, c.contact_point_id, null, 16::bigint, c.channel, null, null, null, c.local_on, null, c.at,
    c.accounts, null
from contact c join outbox o on o.contact_id = c.id
where c.person_id = $1::bigint and c.local_on between $3::date - 6 and $3::date and c.allowed
    and o.state not in ('dead', 'cancelled')
    and not exists (select from attempt t where t.contact_id = c.id)
union all
select 9, id, null, null, area, null, null, null, null, null, null, null, null
from contact_point where person_id = $1::bigint and area <> ''
union all
select 10, null, null, holds_unknown::int::bigint, jurisdiction::text, area, null, null, null,
    null, null, null, null
from moratorium m where starts_on <= $3::date and coalesce((select e.ends_on from moratorium_end e
    where e.moratorium_id = m.id order by e.id desc limit 1), m.ends_on, 'infinity') > $3::date
"""

ELSEWHERE = """
select 7, t.contact_point_id, null::bigint,
    t.inbound::int + 2 * t.interactive::int + 4 * t.connected::int + 8 * t.effective::int,
    t.channel, null::text, null::text, null::text, t.local_on, null::date, t.at, t.accounts
from unnest($1::bigint[], $2::bigint[]) as same (id, person_id)
join attempt t on t.person_id = same.person_id and t.contact_point_id = same.id
where t.at > $3::timestamptz - interval '3 days' and t.local_on <= $4::date
union all
select 8, c.contact_point_id, null, 16, c.channel, null, null, null, c.local_on, null, c.at,
    c.accounts
from unnest($1::bigint[], $2::bigint[]) as same (id, person_id)
join contact c on c.person_id = same.person_id and c.contact_point_id = same.id
join outbox o on o.contact_id = c.id
where c.allowed and o.state not in ('dead', 'cancelled')
    and c.local_on between $4::date - 1 and $4::date
    and not exists (select from attempt t where t.contact_id = c.id)
"""
