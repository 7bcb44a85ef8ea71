"""Read, for one locked person, the one row of facts that the gate decides on. Decides nothing.

The night assembles the same columns for everyone from frames (`batch/assemble.py`); a test holds
the two readings against each other on random facts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from psycopg import Cursor

from forbear.contact.facts import ContactFacts, empty_facts, jurisdiction_code
from forbear.kernel.days import zone_named
from forbear.kernel.vocabulary import Channel, CreditorType, PointKind, Purpose, Relation

POINT_KIND = {
    Channel.voice: PointKind.phone,
    Channel.sms: PointKind.phone,
    Channel.email: PointKind.email,
    Channel.letter: PointKind.address,
    Channel.app: PointKind.app,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A contact that somebody wants to make."""

    person_id: int
    channel: Channel
    at: datetime  # aware
    purpose: Purpose
    contact_point_id: int | None = None  # None: the best point of the relation
    relation: Relation = Relation.obligor


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """What the store knows of one wanted contact."""

    facts: ContactFacts  # n = 1
    zone: ZoneInfo | None
    local_at: datetime  # the person's wall clock; UTC's where no zone
    due_minor: int  # due, unpaid, undisputed, in `currency`
    currency: str
    account_ids: tuple[int, ...]  # the accounts it is about
    contact_point_id: int | None
    fictional: bool
    relation: Relation
    born_on: date | None


def lock_person(conn: Any, person_id: int) -> bool:
    """Lock one person's row until the transaction ends; False where there is no such person.

    The lock waits for other gates and stop requests of the same person, never for a payment:
    it leaves foreign keys to the row free.
    """
    return bool(
        conn.execute(
            "select 1 from person where id = %s for no key update", (person_id,)
        ).fetchone()
    )


def plan_once(conn: Any) -> None:
    """Let this transaction's statements keep one plan: planning FACTS takes longer than running it.

    Every filter in it is by one person, so a plan made for nobody in particular is the right one.
    """
    conn.execute("set local plan_cache_mode = force_generic_plan")


def fetch_gate_facts(conn: Any, wanted: Wanted) -> GateFacts:
    """Return the facts of one wanted contact. Call it with the person locked, or only to show."""
    plan_once(conn)
    jurisdiction, zone, born_on = fetch_profile(conn, wanted.person_id, at=wanted.at)
    local_at = wanted.at.astimezone(zone or ZoneInfo("UTC"))
    # Django's own cursors write values into the text; this one lets the server keep the plan.
    asked = {
        "person": wanted.person_id,
        "at": wanted.at,
        "on": local_at.date(),
        "channel": wanted.channel.value,
        "kind": POINT_KIND[wanted.channel].value,
        "point": wanted.contact_point_id,
        "relation": wanted.relation.value,
    }
    row = Cursor(conn).execute(FACTS, asked, prepare=True).fetchone()
    assert row is not None  # it selects one row, whatever it finds
    return _gate_facts(wanted, json.loads(row[0]), jurisdiction, zone, local_at, born_on)


def fetch_profile(
    conn: Any, person_id: int, *, at: datetime
) -> tuple[str, ZoneInfo | None, date | None]:
    """Return jurisdiction, zone and birthday as they stand at an instant, by each one's own day.

    A later profile that does not say the birthday takes nothing back: a minor stays one.
    """
    effective = [
        (jurisdiction, zone, born_on)
        for jurisdiction, zone, born_on, effective_on in (
            (row[0], zone_named(row[1]), row[2], row[3])
            for row in conn.execute(PROFILE, (person_id,))
        )
        if effective_on <= at.astimezone(zone or ZoneInfo("UTC")).date()
    ]
    if not effective:
        return "", None, None
    return *effective[0][:2], next((born for _, _, born in effective if born), None)


def _gate_facts(
    wanted: Wanted,
    read: dict[str, Any],
    jurisdiction: str,
    zone: ZoneInfo | None,
    local_at: datetime,
    born_on: date | None,
) -> GateFacts:
    relation = Relation(read["relation"] or wanted.relation)
    about = read["about"] or []
    known = {
        "jurisdiction": jurisdiction_code(jurisdiction or read["account_jurisdiction"] or ""),
        "creditor_types": creditor_mask(read["creditor_types"] or []),
        "channel": list(Channel).index(wanted.channel),
        "relation": list(Relation).index(relation),
        "purpose": list(Purpose).index(wanted.purpose),
        "has_point": read["point"] is not None,
        "has_zone": zone is not None,
        "local_minute": local_at.hour * 60 + local_at.minute if zone else -1,
        "minor": read["minor"],  # by status; by age is the law's to say
        **{name: read[name] for name in READ_AS_IS},
    }
    columns = empty_facts(1)
    for name, value in known.items():
        columns[name][0] = value
    return GateFacts(
        facts=ContactFacts(**columns),
        zone=zone,
        local_at=local_at,
        due_minor=int(read["due_minor"] or 0),
        currency=read["currency"] or "",
        account_ids=tuple(about),
        contact_point_id=read["point"],
        fictional=bool(read["fictional"]),
        relation=relation,
        born_on=born_on,
    )


READ_AS_IS = (
    "night_consent effective_today connected_notices_today unanswered_point_today outbound_today "
    "failed_streak failed_streak_days own_phone_invalid point_invalid point_refused point_named "
    "ceased opted_out deceased incapacitated represented insolvent moratorium no_contact_order "
    "nothing_due disputed payment_in_flight in_flight_days"
).split()


def creditor_mask(types: list[str]) -> int:
    """Return creditor types as a bit mask."""
    order = list(CreditorType)
    return int(np.bitwise_or.reduce([1 << order.index(CreditorType(t)) for t in types] or [0]))


PROFILE = """
select jurisdiction, zone, born_on, effective_on from profile
where person_id = %s order by effective_on desc, recorded_at desc, source_key
"""

# One statement, one snapshot. On a tie of instants the stricter state wins, so that the order in
# which two facts arrived never decides.
FACTS = """
with
account_due as (
    select a.id, a.creditor_type, a.currency, a.jurisdiction,
        exists (select from status s where s.account_id = a.id and s.kind = 'settled'
            and s.effective_at <= %(at)s and s.stage = 'began'
            and not exists (select from status e where e.account_id = a.id and e.kind = 'settled'
                and e.stage = 'ended' and e.effective_at <= %(at)s
                and e.effective_at > s.effective_at)) as settled,
        exists (select from dispute o where o.account_id = a.id and o.stage = 'opened'
            and o.effective_at <= %(at)s
            and not exists (select from dispute r where r.dispute_ref = o.dispute_ref
                and r.stage = 'resolved' and r.effective_at <= %(at)s)) as disputed,
        statement.id is not null as by_statement,
        greatest(0, coalesce(statement.amount_minor, 0) + coalesce(installments.total, 0)
            - coalesce((
            select sum(m.amount_minor) from (
                select effective_on,
                    case stage when 'settled' then amount_minor else -amount_minor end
                    as amount_minor
                from payment where account_id = a.id and stage in ('settled', 'reversed')
                union all
                select effective_on, amount_minor from refund where account_id = a.id) m
            where m.effective_on <= %(on)s
                and (statement.id is null or m.effective_on > statement.effective_on)), 0))
            as due_minor
    from account a
    left join lateral (
        select d.id, d.amount_minor, d.effective_on, d.due_on from due d
        where d.account_id = a.id and d.kind = 'statement'
            and d.due_on <= %(on)s and d.effective_on <= %(on)s
        order by d.due_on desc, d.effective_on desc, d.source_key desc limit 1) statement on true
    left join lateral (
        select sum(d.amount_minor)::bigint as total from due d
        where d.account_id = a.id and d.kind = 'installment'
            and d.due_on <= %(on)s and d.effective_on <= %(on)s
            and (statement.id is null or d.due_on > statement.due_on)) installments on true
    where a.person_id = %(person)s
),
owing as (select * from account_due where due_minor > 0 and not settled),
whole_dispute as (
    select exists (select from dispute o where o.person_id = %(person)s and o.account_id is null
        and o.stage = 'opened' and o.effective_at <= %(at)s
        and not exists (select from dispute r where r.dispute_ref = o.dispute_ref
            and r.stage = 'resolved' and r.effective_at <= %(at)s)) as open
),
undisputed as (select * from owing where not disputed and not (select open from whole_dispute)),
about as (
    select currency, sum(due_minor)::bigint as due_minor from undisputed
    group by currency order by 2 desc, 1 limit 1
),
latest_status as (
    select distinct on (kind) kind, stage from status
    where person_id = %(person)s and account_id is null and effective_at <= %(at)s
    order by kind, effective_at desc, (stage = 'began') desc
),
latest_consent as (
    select distinct on (kind) kind, state from consent
    where person_id = %(person)s and effective_at <= %(at)s
        -- A request to stop is of every channel; consent to the night names its own.
        and (kind = 'cease_request' or channel = %(channel)s
            or channel = '' and not (kind = 'night_contact' and state = 'given'))
    order by kind, effective_at desc,
        (case kind when 'night_contact' then state = 'withdrawn' else state = 'given' end) desc
),
own_point as (
    select p.id, p.kind, p.relation, p.fictional, p.value_index, p.effective_on, p.source_key,
        coalesce(state.stage, '') as state,
        exists (select from contact_point same join contact_point_stage s
            on s.contact_point_id = same.id
            where same.value_index = p.value_index and same.kind = p.kind
                and s.stage = 'refused' and s.effective_at <= %(at)s) as refused,
        exists (select from contact_point_stage s where s.contact_point_id = p.id
            and s.stage = 'named' and s.effective_at <= %(at)s)
            and p.relation = 'contact_person' as named
    from contact_point p
    left join lateral (
        select s.stage from contact_point_stage s
        where s.contact_point_id = p.id and s.stage in ('verified', 'invalid')
            and s.effective_at <= %(at)s
        order by s.effective_at desc, (s.stage = 'invalid') desc limit 1) state on true
    where p.person_id = %(person)s and p.effective_on <= %(on)s
        and (p.ends_on is null or p.ends_on > %(on)s)
),
point as (
    select * from own_point
    where kind = %(kind)s and case when %(point)s::bigint is null
        then relation = %(relation)s else id = %(point)s::bigint end
    order by (state = 'invalid' or refused), (state = 'verified') desc, effective_on desc,
        source_key limit 1
),
attempt_today as (
    select * from attempt where person_id = %(person)s and local_on = %(on)s and not inbound
),
reserved as (
    select c.id, c.channel, c.contact_point_id from contact c join outbox o on o.contact_id = c.id
    where c.person_id = %(person)s and c.local_on = %(on)s and c.allowed
        and o.state not in ('dead', 'cancelled')
        and not exists (select from attempt t where t.contact_id = c.id)
),
answered as (
    select max(t.at) as at from attempt t left join own_point p on p.id = t.contact_point_id
    where t.person_id = %(person)s and t.at <= %(at)s and (t.inbound or (t.connected
        and t.channel = 'voice' and (t.contact_point_id is null or p.relation = 'obligor')))
),
failed as (
    select count(*)::int as streak, count(distinct t.local_on)::int as days
    from attempt t join contact_point p on p.id = t.contact_point_id
    where t.person_id = %(person)s and t.at <= %(at)s and not t.inbound and not t.connected
        and t.channel = 'voice' and p.relation = 'obligor'
        and t.at > coalesce((select at from answered), '-infinity')
),
in_flight as (
    select max(p.effective_on) as youngest from payment p join account a on a.id = p.account_id
    where a.person_id = %(person)s and p.stage = 'initiated' and p.effective_on <= %(on)s
        and not exists (select from payment e where e.payment_ref = p.payment_ref
            and e.stage <> 'initiated' and e.effective_on <= %(on)s)
),
own_phone as (
    select count(*) as known, count(*) filter (where state = 'invalid') as invalid
    from own_point where kind = 'phone' and relation = 'obligor'
)
select to_jsonb(answer)::text from (select
    (select id from point) as point,
    (select relation from point) as relation,
    (select fictional from point) as fictional,
    coalesce((select state = 'invalid' from point), false) as point_invalid,
    coalesce((select refused from point), false) as point_refused,
    coalesce((select named from point), false) as point_named,
    coalesce((select state = 'given' from latest_consent where kind = 'night_contact'), false)
        as night_consent,
    coalesce((select state = 'given' from latest_consent where kind = 'cease_request'), false)
        as ceased,
    coalesce((select state = 'given' from latest_consent where kind = 'opt_out'), false)
        as opted_out,
    coalesce((select stage = 'began' from latest_status where kind = 'deceased'), false)
        as deceased,
    coalesce((select stage = 'began' from latest_status where kind = 'incapacitated'), false)
        as incapacitated,
    coalesce((select stage = 'began' from latest_status where kind = 'minor'), false) as minor,
    coalesce((select stage = 'began' from latest_status where kind = 'represented'), false)
        as represented,
    coalesce((select stage = 'began' from latest_status where kind = 'insolvent'), false)
        as insolvent,
    coalesce((select stage = 'began' from latest_status where kind = 'moratorium'), false)
        as moratorium,
    coalesce((select stage = 'began' from latest_status where kind = 'no_contact_order'), false)
        as no_contact_order,
    (select count(*) from attempt_today where effective and channel = 'voice')
        + (select count(*) from reserved where channel = 'voice') as effective_today,
    (select count(*) from attempt_today where connected and not interactive and channel = 'voice')
        + (select count(*) from reserved where channel = 'voice') as connected_notices_today,
    (select count(*) from attempt_today t join contact_point tp on tp.id = t.contact_point_id
        where t.channel = 'voice' and not t.connected
            and tp.value_index = (select value_index from point))
        + (select count(*) from reserved r where r.channel = 'voice'
            and r.contact_point_id = (select id from point)) as unanswered_point_today,
    (select count(*) from attempt_today) + (select count(*) from reserved) as outbound_today,
    (select streak from failed) as failed_streak,
    (select days from failed) as failed_streak_days,
    (select known > 0 and known = invalid from own_phone) as own_phone_invalid,
    not exists (select from owing) as nothing_due,
    exists (select from owing) and not exists (select from undisputed) as disputed,
    (select youngest is not null from in_flight) as payment_in_flight,
    coalesce((select %(on)s::date - youngest from in_flight), 0) as in_flight_days,
    (select array_agg(distinct creditor_type) from account_due a
        where not exists (select from undisputed) or a.id in (select id from undisputed))
        as creditor_types,
    (select case when count(distinct jurisdiction) = 1 then min(jurisdiction) end
        from account_due) as account_jurisdiction,
    (select array_agg(id order by id) from undisputed where currency = (select currency from about))
        as about,
    (select due_minor from about) as due_minor,
    (select currency from about) as currency
) answer
"""
