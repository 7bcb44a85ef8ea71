"""SQL about refunds and what is known of them. One function is one statement; nothing decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from forbear.store.payment import Booked, by_stage

ENDED = (  # what ends a refund h that was asked for: where it stands, and that it is the same one's
    (
        "ended",
        "refund_stage",
        "f.account_id = h.account_id and f.refund_ref = h.refund_ref and f.stage <> 'requested'",
    ),
    (
        "settled",
        "refund",
        "f.account_id = h.account_id and f.source_key = 'refund:' || h.refund_ref",
    ),
    (
        "booked",
        "booking",
        "f.account_id = h.account_id and f.source_key = 'booking:' || h.refund_ref"
        " and f.kind in ('merchant_refund', 'chargeback')",
    ),
)
_ENDS = " union all ".join(
    f"select f.effective_on from {table} f where {same}" for _, table, same in ENDED
)
_PENDING = f"h.stage = 'requested' and not exists ({_ENDS})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What a refund that was asked for holds in the books."""

    refund_ref: str
    about: str  # the key of a purchase; "" all that the account has
    since: date
    days: int
    ended_on: date | None = None  # where that was asked for too

    @property
    def key(self) -> str:
        """Return the key of it as a fact of the books."""
        return f"hold:{self.refund_ref}"

    @property
    def purchase_ref(self) -> str:
        """Return the purchase's own reference; "" all."""
        return self.about.partition(":")[2]

    @property
    def until(self) -> date:
        """Return the first day that it does not hold any more, whether it has ended or not."""
        return self.since + timedelta(days=self.days)

    @property
    def over_on(self) -> date:
        """Return the first day that it does not hold any more, as far as is known."""
        return min(self.until, self.ended_on or self.until)


def insert_refund(conn: Any, row: Mapping[str, Any]) -> bool:
    """Book one refund; False where it is booked already."""
    return bool(conn.execute(INSERT_REFUND, row).rowcount)


def insert_refund_stage(conn: Any, row: Mapping[str, Any]) -> bool:
    """Write one stage of a refund that is not settled; False where it is there already."""
    return bool(conn.execute(INSERT_STAGE, row).rowcount)


def insert_hold(conn: Any, row: Mapping[str, Any]) -> None:
    """Write what a refund that was asked for holds."""
    conn.execute(INSERT_HOLD, row)


def fetch_hold(conn: Any, refund_ref: str) -> Hold | None:
    """Return what a refund that was asked for holds, or None."""
    row = conn.execute(f"{HOLD} where refund_ref = %s", (refund_ref,)).fetchone()
    return Hold(refund_ref=row[0], about=row[1], since=row[2], days=row[3]) if row else None


def fetch_holds(conn: Any, account_id: int) -> list[Hold]:
    """Return what refunds hold, or held, of an account, by day and reference."""
    return [
        Hold(refund_ref=row[0], about=row[1], since=row[2], days=row[3], ended_on=row[4])
        for row in conn.execute(HOLDS, (account_id,))
    ]


def fetch_refund(conn: Any, refund_ref: str) -> dict[str, Booked]:
    """Return what is known of one refund, by stage."""
    return by_stage(conn.execute(FETCH_REFUND, {"ref": refund_ref}))


def fetch_return_booked(conn: Any, account_id: int, refund_ref: str) -> bool:
    """Return whether an account's return was booked under the reference of a refund."""
    row = conn.execute(
        "select exists (select from booking where source_key = 'booking:' || %s"
        " and account_id = %s and kind in ('merchant_refund', 'chargeback'))",
        (refund_ref, account_id),
    ).fetchone()
    return bool(row[0])


def fetch_pending(conn: Any, account_id: int) -> set[str]:
    """Return the references of an account's refunds that were asked for and have not ended."""
    return {row[0] for row in conn.execute(FETCH_PENDING, (account_id,))}


def fetch_last_freeze(conn: Any, account_id: int) -> datetime | None:
    """Return when an account was last frozen or thawed for a refund told here; None: never."""
    row = conn.execute(
        "select max(effective_at) from status where account_id = %s and kind = 'refund_pending'"
        " and source_key like 'refund:%%'",
        (account_id,),
    ).fetchone()
    return row[0] if row else None


def fetch_held_elsewhere(conn: Any, account_id: int) -> bool:
    """Return whether a file or a person said that a refund is on its way, and did not end it."""
    row = conn.execute(
        "select stage = 'began' from status where account_id = %s and kind = 'refund_pending'"
        " and source_key not like 'refund:%%' order by effective_at desc, stage limit 1",
        (account_id,),
    ).fetchone()
    return bool(row and row[0])


INSERT_REFUND = """
insert into refund (source, source_key, account_id, amount_minor, effective_on)
values (%(source)s, %(source_key)s, %(account_id)s, %(amount_minor)s, %(effective_on)s)
on conflict do nothing
"""

INSERT_STAGE = """
insert into refund_stage (source, source_key, account_id, refund_ref, stage, amount_minor,
    effective_on)
values (%(source)s, %(source_key)s, %(account_id)s, %(refund_ref)s, %(stage)s, %(amount_minor)s,
    %(effective_on)s)
on conflict do nothing
"""


def fetch_told_otherwise(
    conn: Any, keys: Iterable[str], account_refs: Iterable[str]
) -> dict[str, str]:
    """Return what else is known of refunds that a file says settled, by key, where both cannot be.

    Shape:  keys `refund:` and the reference; account_refs the account of each.
    """
    rows = conn.execute(TOLD_OTHERWISE, (list(keys), list(account_refs)))
    return dict(rows.fetchall())


def lock_people_of(conn: Any, account_refs: Iterable[str]) -> None:
    """Lock the people of accounts, in the order of their ids."""
    conn.execute(LOCK_PEOPLE, (list(account_refs),))


def thaw_settled(conn: Any, keys: Iterable[str], source: str) -> int:
    """Say of accounts whose refunds a file brought that none is on its way; return how many.

    Of those that were frozen for one that was asked for here, and where no other one is on its way.
    """
    return int(conn.execute(THAW_SETTLED, {"keys": list(keys), "source": source}).rowcount)


INSERT_HOLD = """
insert into refund_hold (source, source_key, account_id, refund_ref, about, days, effective_on)
values (%(source)s, %(source_key)s, %(account_id)s, %(refund_ref)s, %(about)s, %(days)s,
    %(effective_on)s)
"""
HOLD = "select refund_ref, about, effective_on, days from refund_hold"

HOLDS = f"""
select h.refund_ref, h.about, h.effective_on, h.days, (select min(effective_on) from ({_ENDS}) e)
from refund_hold h where h.account_id = %s order by h.effective_on, h.refund_ref
"""

FETCH_REFUND = """
select a.ref, r.stage, r.amount_minor, r.effective_on, r.recorded_at
from refund_stage r join account a on a.id = r.account_id where r.refund_ref = %(ref)s
union all
select a.ref, 'settled', r.amount_minor, r.effective_on, r.recorded_at
from refund r join account a on a.id = r.account_id where r.source_key = 'refund:' || %(ref)s
"""

FETCH_PENDING = f"""
select h.refund_ref from refund_stage h where h.account_id = %s and {_PENDING}
"""

TOLD_OTHERWISE = """
select s.key, min(case
    when a.ref <> s.account then 'belongs to account ' || a.ref
    when r.stage <> 'requested' then 'ended as ' || r.stage
    else 'is booked as a return of its purchase' end)
from unnest(%s::text[], %s::text[]) as s (key, account)
join refund_stage r on r.refund_ref = substr(s.key, 8) join account a on a.id = r.account_id
left join booking b on b.source_key = 'booking:' || r.refund_ref and b.account_id = r.account_id
    and b.kind in ('merchant_refund', 'chargeback')
where a.ref <> s.account or r.stage <> 'requested' or b.id is not null
group by s.key
"""

LOCK_PEOPLE = """
select p.id from person p where p.id in (select person_id from account where ref = any(%s))
order by p.id for no key update
"""

THAW_SETTLED = f"""
insert into status (source, source_key, person_id, account_id, kind, stage, area, effective_at)
select distinct on (r.account_id) %(source)s, f.source_key || ':settled', a.person_id, r.account_id,
    'refund_pending', 'ended', '', greatest(now(), last.effective_at + interval '1 microsecond')
from refund f join refund_stage r on 'refund:' || r.refund_ref = f.source_key
    and r.account_id = f.account_id and r.stage = 'requested'
join account a on a.id = r.account_id
join lateral (select stage, effective_at from status s where s.account_id = r.account_id
    and s.kind = 'refund_pending' and s.source_key like 'refund:%%'
    order by s.effective_at desc limit 1) last on last.stage = 'began'
left join lateral (select stage from status s where s.account_id = r.account_id
    and s.kind = 'refund_pending' and s.source_key not like 'refund:%%'
    order by s.effective_at desc, s.stage limit 1) other on true
where f.source_key = any(%(keys)s) and other.stage is distinct from 'began'
    and not exists (select from refund_stage h where h.account_id = r.account_id and {_PENDING})
"""
