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

from forbear.contact.calendar import clocks_at, national_holiday
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


def lock_shared_number(conn: Any, point_id: int) -> bool:
    """Lock a number until the transaction ends where other people have it too; False where none do.

    Its attempts are counted over all of them. Take it after the person, never before.
    """
    return bool(
        conn.execute(
            "select pg_advisory_xact_lock(hashtextextended(encode(p.value_index, 'hex'), 7))"
            " from contact_point p where p.id = %s and exists (select from contact_point o"
            " where o.value_index = p.value_index and o.person_id <> p.person_id)",
            (point_id,),
        ).fetchone()
    )


def fetch_gate_facts(conn: Any, wanted: Wanted, *, streak_days: int) -> GateFacts:
    """Return the facts of one wanted contact. Call it with the person locked, or only to show.

    A call in vain is forgotten after so many days (rule house.failed_call_days).
    """
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
        "minute": local_at.hour * 60 + local_at.minute,
        "streak_days": streak_days,
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
    letters = jurisdiction or read["account_jurisdiction"] or ""
    known = {
        "jurisdiction": jurisdiction_code(letters),
        "creditor_types": creditor_mask(read["creditor_types"] or []),
        "channel": list(Channel).index(wanted.channel),
        "relation": list(Relation).index(relation),
        "purpose": list(Purpose).index(wanted.purpose),
        "has_point": read["point"] is not None,
        **_clock_facts(wanted, letters, zone, read["zones"] or []),
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


def _clock_facts(
    wanted: Wanted, letters: str, zone: ZoneInfo | None, names: list[str]
) -> dict[str, Any]:
    """Return what the clocks show wherever the person may be; nothing where one is not known."""
    zones = [zone, *(zone_named(name) for name in names)]
    known = [each for each in zones if each is not None]
    if len(known) < len(zones):
        return {"has_zone": False}
    clocks, local_at = clocks_at(wanted.at, known), wanted.at.astimezone(zone)
    return {
        "has_zone": True,
        "local_minute": local_at.hour * 60 + local_at.minute,
        "least_minute": clocks.least_minute,
        "most_minute": clocks.most_minute,
        "weekdays": clocks.weekdays,
        "holiday": any(national_holiday(letters, day) for day in clocks.days),
    }


READ_AS_IS = (
    "night_consent effective_today connected_notices_today unanswered_point_today outbound_today "
    "effective_24h connected_notices_24h unanswered_point_24h outbound_24h outbound_7d "
    "debt_calls_7d debt_talked_days "
    "failed_streak failed_streak_days own_phone_invalid point_invalid point_refused point_named "
    "ceased opted_out deceased incapacitated represented insolvent moratorium no_contact_order "
    "student nothing_due disputed arranged mediated refund_pending in_court time_barred "
    "breathing_space payment_in_flight in_flight_days"
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
debt_status as (
    select distinct on (account_id, kind) account_id, kind, stage from status
    where person_id = %(person)s and account_id is not null and effective_at <= %(at)s
        and kind <> 'settled'
    order by account_id, kind, effective_at desc, (stage = 'began') desc
),
latest_status as (
    select distinct on (kind) kind, stage from status
    where person_id = %(person)s and account_id is null and effective_at <= %(at)s
    order by kind, effective_at desc, (stage = 'began') desc
),
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
-- Why what is owed may not be collected, each reason with the account it holds.
withheld as (
    select id, 'disputed' as why from owing where disputed or (select open from whole_dispute)
    union all
    select o.id, s.kind from owing o join debt_status s on s.account_id = o.id
    where s.stage = 'began' and s.kind in ('arrangement', 'mediation', 'refund_pending')
    union all
    select o.id, s.kind from owing o, latest_status s
    where s.stage = 'began' and s.kind in ('arrangement', 'mediation', 'refund_pending')
),
undisputed as (select * from owing where id not in (select id from withheld)),
stopped as (  -- the reasons, where nothing is left to be collected
    select distinct why from withheld where not exists (select from undisputed)
),
debt_word as (  -- what holds of some of what the contact would be about
    select distinct s.kind from debt_status s join undisputed u on u.id = s.account_id
    where s.stage = 'began'
    union
    select kind from latest_status where stage = 'began' and exists (select from undisputed)
),
about as (
    select currency, sum(due_minor)::bigint as due_minor from undisputed
    group by currency order by 2 desc, 1 limit 1
),
latest_consent as (
    select distinct on (kind) kind, case when opens_minute is null
        or %(minute)s between opens_minute and closes_minute - 1 then state else 'withdrawn' end
        as state
    from consent
    where person_id = %(person)s and effective_at <= %(at)s
        -- A request to stop is of every channel; consent to the night names its own.
        and (kind = 'cease_request' or channel = %(channel)s
            or channel = '' and not (kind = 'night_contact' and state = 'given'))
    order by kind, effective_at desc,
        (case kind when 'night_contact' then state = 'withdrawn' else state = 'given' end) desc
),
own_point as (
    select p.id, p.kind, p.relation, p.fictional, p.value_index, p.effective_on, p.source_key,
        p.zone, coalesce(state.stage, '') as state,
        exists (select from contact_point same join contact_point_stage s
            on s.contact_point_id = same.id
            where same.value_index = p.value_index and same.kind = p.kind
                and s.stage = 'refused' and s.effective_at <= %(at)s)
        -- A third party's refusal is of the third party: it holds for every number they have here.
        -- Two whose names are not known may be one.
        or p.relation not in ('obligor', 'co_obligor', 'guarantor') and exists (
            select from contact_point theirs join contact_point same
                on same.value_index = theirs.value_index and same.kind = theirs.kind
            join contact_point_stage s on s.contact_point_id = same.id
            where theirs.person_id = p.person_id and theirs.relation = p.relation
                and theirs.owner_index is not distinct from p.owner_index
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
-- A week of what was tried, and of what is allowed and not surely undone: in every way that it may
-- turn out. Today's and the last day's are parts of it.
used as (
    select channel, inbound, connected, effective, at, local_on, accounts,
        channel = 'voice' and effective as talk,
        channel = 'voice' and connected and not interactive as notice
    from attempt
    where person_id = %(person)s and local_on between %(on)s::date - 6 and %(on)s
    union all
    select c.channel, false, false, false, c.at, c.local_on, c.accounts,
        c.channel = 'voice', c.channel = 'voice'
    from contact c join outbox o on o.contact_id = c.id
    where c.person_id = %(person)s and c.local_on between %(on)s::date - 6 and %(on)s and c.allowed
        and o.state not in ('dead', 'cancelled')
        and not exists (select from attempt t where t.contact_id = c.id)
),
counted as (
    select count(*) filter (where local_on = %(on)s) as outbound_today,
        count(*) filter (where local_on = %(on)s and talk) as effective_today,
        count(*) filter (where local_on = %(on)s and notice) as connected_notices_today,
        count(*) filter (where at > %(at)s - interval '24 hours') as outbound_24h,
        count(*) filter (where at > %(at)s - interval '24 hours' and talk) as effective_24h,
        count(*) filter (where at > %(at)s - interval '24 hours' and notice)
            as connected_notices_24h,
        count(*) as outbound_7d
    from used where not inbound
),
debt_calls as (
    select count(*) filter (where not c.inbound) as placed,
        min(%(on)s::date - c.local_on) filter (where c.inbound or c.effective) as talked_days
    from undisputed u join used c on c.channel = 'voice'
        and (c.accounts is null or u.id = any(c.accounts))
    group by u.id
),
-- Calls in vain to the number, whoever it was called about.
in_vain as (
    select t.at, t.local_on from contact_point same
    join attempt t on t.person_id = same.person_id and t.contact_point_id = same.id
    where same.value_index = (select value_index from point) and same.kind = 'phone'
        and t.channel = 'voice' and not t.connected and not t.inbound
        and t.at > %(at)s - interval '3 days' and t.local_on <= %(on)s
    union all
    select c.at, c.local_on from contact_point same
    join contact c on c.person_id = same.person_id and c.contact_point_id = same.id
    join outbox o on o.contact_id = c.id
    where same.value_index = (select value_index from point) and same.kind = 'phone'
        and c.channel = 'voice' and c.allowed and o.state not in ('dead', 'cancelled')
        and c.local_on between %(on)s::date - 1 and %(on)s
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
        and t.local_on > %(on)s::date - %(streak_days)s
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
    coalesce((select stage = 'began' from latest_status where kind = 'student'), false)
        as student,
    counted.*,
    (select count(*) from in_vain where local_on = %(on)s) as unanswered_point_today,
    (select count(*) from in_vain where at > %(at)s - interval '24 hours') as unanswered_point_24h,
    coalesce((select max(placed) from debt_calls), 0) as debt_calls_7d,
    coalesce((select min(talked_days) from debt_calls), -1) as debt_talked_days,
    (select streak from failed) as failed_streak,
    (select days from failed) as failed_streak_days,
    (select known > 0 and known = invalid from own_phone) as own_phone_invalid,
    not exists (select from owing) as nothing_due,
    exists (select from stopped where why = 'disputed') as disputed,
    exists (select from stopped where why = 'arrangement') as arranged,
    exists (select from stopped where why = 'mediation') as mediated,
    exists (select from stopped where why = 'refund_pending') as refund_pending,
    exists (select from debt_word where kind = 'lawsuit') as in_court,
    exists (select from debt_word where kind = 'time_barred') as time_barred,
    exists (select from debt_word where kind = 'breathing_space') as breathing_space,
    (select array_agg(distinct zone) from own_point where relation = 'obligor' and zone <> '')
        as zones,
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
    from counted
) answer
"""
