"""SQL of the way out: due plans, contacts in hand, leases of the processes that send them.

A lease is the key of an advisory lock that the sending process holds on its own connection. When
the process dies, the server frees the lock, and whoever can take it knows that the sender is gone.
`outbox.lease` is empty wherever the outcome of the last try is surely known.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from forbear.evidence.entry import Kind
from forbear.kernel.vocabulary import OutboxState
from forbear.store.evidence_proven import OUTCOMES
from forbear.store.evidence_rows import append_found, append_outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePlan:
    """A planned contact whose time has come."""

    id: int
    person_id: int
    channel: str
    contact_point_id: int | None
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """An allowed contact, locked, about to be handed to a channel."""

    contact_id: uuid.UUID
    person_id: int
    channel: str
    contact_point_id: int | None
    purpose: str
    local_on: date
    allowed_at: datetime  # the instant the law was asked about
    due_minor: int
    currency: str
    message: str  # as its plan named it, or ""
    tries: int
    in_doubt: bool  # an earlier try may have got through


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A contact that some process had in hand."""

    contact_id: uuid.UUID
    channel: str
    tries: int
    lease: int


def fetch_due_plans(
    conn: Any, *, at: datetime, since: datetime, channels: Iterable[str], limit: int
) -> list[DuePlan]:
    """Return planned contacts that are due on channels that are set up, and all fictional ones."""
    rows = conn.execute(
        DUE_PLANS, {"at": at, "since": since, "channels": list(channels), "limit": limit}
    )
    return [
        DuePlan(id=i, person_id=p, channel=c, contact_point_id=point, purpose=purpose)
        for i, p, c, point, purpose in rows
    ]


def count_due_plans(conn: Any, *, at: datetime, since: datetime, channels: Iterable[str]) -> int:
    """Return how many planned contacts wait for a channel that is not set up."""
    row = conn.execute(
        WAITING_PLANS, {"at": at, "since": since, "channels": list(channels)}
    ).fetchone()
    return int(row[0])


def cancel_stale_plans(conn: Any, *, since: datetime) -> int:
    """Cancel planned contacts whose time passed too long ago; return how many."""
    return int(conn.execute(STALE_PLANS, (since,)).rowcount)


def expire_contacts(conn: Any, *, at: datetime) -> int:
    """Take contacts off their way whose day is over wherever the person is; return how many."""
    over = [row[0] for row in conn.execute(EXPIRED, {"at": at})]
    if over:
        append_outcomes(conn, over)
    return len(over)


def lock_person_or_skip(conn: Any, person_id: int) -> bool:
    """Lock one person's row; False where somebody else holds it just now."""
    found = conn.execute(
        "select 1 from person where id = %s for no key update skip locked", (person_id,)
    )
    return found.fetchone() is not None


def lock_plan(conn: Any, plan_id: int) -> bool:
    """Lock a plan that is still planned; False where it is not any more."""
    found = conn.execute(
        "select 1 from plan where id = %s and state = 'planned' for update", (plan_id,)
    )
    return found.fetchone() is not None


def fetch_waiting(
    conn: Any, *, at: datetime, channels: Iterable[str], limit: int
) -> list[tuple[uuid.UUID, int, str]]:
    """Return contacts to hand over with person and channel, longest waiting first; lock none."""
    rows = conn.execute(WAITING, {"at": at, "channels": list(channels), "limit": limit})
    return [(row[0], row[1], row[2]) for row in rows]


def lock_waiting(conn: Any, contact_id: uuid.UUID, *, at: datetime) -> InHand | None:
    """Lock a contact that is still to be handed over. Its person _must_ be locked before."""
    row = conn.execute(IN_HAND, {"contact": contact_id, "at": at}).fetchone()
    return InHand(**dict(zip(InHand.__slots__, row, strict=True))) if row else None


def update_sending(conn: Any, contact_id: uuid.UUID, *, lease: int, at: datetime) -> None:
    """Record, before anything leaves, that the holder of a lease has a contact in hand."""
    conn.execute(
        "update outbox set state = 'sending', lease = %s, handed_at = %s, tries = tries + 1,"
        " changed_at = now() where contact_id = %s",
        (lease, at, contact_id),
    )


def update_outcome(
    conn: Any,
    contact_id: uuid.UUID,
    *,
    state: OutboxState,
    held: int | None,
    lease: int | None,
    provider_ref: str = "",
    error: str = "",
    next_try_at: datetime | None = None,
) -> bool:
    """Record what became of a contact, if `held` is still its lease; False where it is not."""
    done = conn.execute(
        OUTCOME,
        {
            "contact": contact_id,
            "state": state.value,
            "held": held,
            "lease": lease,
            "provider_ref": provider_ref,
            "error": error,
            "next_try_at": next_try_at,
        },
    )
    if done.rowcount and state in OUTCOMES:
        append_outcomes(conn, [contact_id])
    return bool(done.rowcount)


def update_end(conn: Any, contact_id: uuid.UUID, *, state: OutboxState, error: str) -> None:
    """Take a contact off its way, and say why."""
    conn.execute(
        "update outbox set state = %s, error = %s, changed_at = now() where contact_id = %s",
        (state.value, error, contact_id),
    )
    if state in OUTCOMES:
        append_outcomes(conn, [contact_id])


def insert_attempt(conn: Any, contact_id: uuid.UUID, *, at: datetime, source: str) -> None:
    """Record a sent contact as an attempt, once: a one-way message that nobody answered.

    It is of the instant at which it was handed over, however late we learned that it left; `at` is
    for what no sender of ours had in hand.
    """
    made = conn.execute(ATTEMPT, {"contact": contact_id, "at": at, "source": source})
    append_found(conn, Kind.attempt, [row[0] for row in made])


def fetch_orphans(conn: Any) -> list[Orphan]:
    """Return contacts that are in some process's hand, dead or alive."""
    rows = conn.execute(
        "select contact_id, channel, tries, lease from outbox"
        " where state = 'sending' and lease is not null order by lease, contact_id"
    )
    return [Orphan(contact_id=i, channel=c, tries=t, lease=lease) for i, c, t, lease in rows]


def take_lease(conn: Any, lease: int) -> bool:
    """Take an advisory lock for as long as the connection lives; False where another holds it."""
    return bool(conn.execute("select pg_try_advisory_lock(%s)", (lease,)).fetchone()[0])


def free_lease(conn: Any, lease: int) -> None:
    """Let an advisory lock go."""
    conn.execute("select pg_advisory_unlock(%s)", (lease,))


def backend(conn: Any) -> int:
    """Return which server process a connection talks to: a new one holds none of the old locks."""
    return int(conn.info.backend_pid)


def fetch_addressee(
    conn: Any, *, person_id: int, contact_point_id: int | None, account_ids: Iterable[int]
) -> tuple[bytes | None, list[tuple[str, str]]]:
    """Return a contact point's sealed value and the product and reference of each account."""
    point = conn.execute(
        "select value_cipher from contact_point where id = %s and person_id = %s",
        (contact_point_id, person_id),
    ).fetchone()
    accounts = conn.execute(
        "select product, ref from account where id = any(%s) order by ref", (list(account_ids),)
    )
    return (bytes(point[0]) if point else None), [(row[0], row[1]) for row in accounts]


DUE_PLANS = """
select p.id, p.person_id, p.action, p.contact_point_id, p.purpose
from plan p left join contact_point t on t.id = p.contact_point_id
where p.state = 'planned' and p.planned_at > %(since)s and p.planned_at <= %(at)s
    and p.action in ('app', 'sms', 'email', 'letter')
    and (p.action = any(%(channels)s) or t.fictional)
order by p.planned_at, p.id limit %(limit)s
"""

WAITING_PLANS = """
select count(*) from plan p left join contact_point t on t.id = p.contact_point_id
where p.state = 'planned' and p.planned_at > %(since)s and p.planned_at <= %(at)s
    and p.action in ('app', 'sms', 'email', 'letter')
    and not (p.action = any(%(channels)s) or coalesce(t.fictional, false))
"""

STALE_PLANS = """
update plan set state = 'cancelled', reasons = reasons || '{plan.stale}'::text[], changed_at = now()
where id in (
    select id from plan where state = 'planned' and planned_at <= %s
    order by person_id for update skip locked)
"""

EXPIRED = """
update outbox set state = case when lease is null then 'cancelled' else 'unknown' end,
    error = 'outbox.day_over', changed_at = now()
where contact_id in (
    select o.contact_id from outbox o join contact c on c.id = o.contact_id
    where o.state in ('queued', 'failed')
        and c.local_on < ((%(at)s::timestamptz at time zone 'UTC') - interval '12 hours')::date
    order by o.contact_id for update of o skip locked)
returning contact_id
"""

WAITING = """
select contact_id, person_id, channel from outbox
where (state = 'queued' or state = 'failed' and next_try_at <= %(at)s)
    and not fictional and channel = any(%(channels)s)
order by next_try_at, contact_id limit %(limit)s
"""

IN_HAND = """
select o.contact_id, o.person_id, o.channel, c.contact_point_id, c.purpose, c.local_on, c.at,
    coalesce(c.due_minor, 0), c.currency, coalesce(p.message, ''), o.tries, o.lease is not null
from outbox o join contact c on c.id = o.contact_id left join plan p on p.id = c.plan_id
where o.contact_id = %(contact)s and not o.fictional
    and (o.state = 'queued' or o.state = 'failed' and o.next_try_at <= %(at)s)
for update of o
"""

OUTCOME = """
update outbox set state = %(state)s, lease = %(lease)s, error = %(error)s,
    provider_ref = case when %(provider_ref)s = '' then provider_ref else %(provider_ref)s end,
    next_try_at = coalesce(%(next_try_at)s, next_try_at), changed_at = now()
where contact_id = %(contact)s and lease is not distinct from %(held)s
    and state in ('queued', 'failed', 'sending', 'unknown')
"""

ATTEMPT = """
insert into attempt (source, source_key, person_id, contact_point_id, contact_id, channel, inbound,
    interactive, connected, effective, at, local_on, accounts, actor)
select %(source)s, 'contact:' || c.id, c.person_id, c.contact_point_id, c.id, c.channel, false,
    false, false, false, coalesce(o.handed_at, %(at)s), c.local_on, c.accounts, 'lender'
from contact c left join outbox o on o.contact_id = c.id where c.id = %(contact)s
on conflict do nothing returning id
"""
