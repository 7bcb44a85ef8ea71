"""SQL about decided contacts and their way out. Nothing here decides anything.

Whatever ends a way out here writes its entry of evidence with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from forbear.evidence.entry import Kind, written
from forbear.kernel.vocabulary import OutboxState, PlanState
from forbear.store.evidence_proven import OUTCOMES
from forbear.store.evidence_rows import append_outcomes, entry_of
from forbear.store.prepared import prepared


def insert_decision(
    conn: Any, row: Mapping[str, Any], *, place: OutboxState | None, fictional: bool
) -> None:
    """Write one decision and its entry of evidence; where it has a place on the way out, that too.

    One statement for them all. A place that is an end as well has its own entry.
    """
    entries = [entry_of(Kind.decision, row)]
    if place in OUTCOMES:
        ended = {"contact_id": row["id"], "state": place.value, "provider_ref": ""}
        entries.append(entry_of(Kind.outcome, ended))
    # What may be null goes as text, so that it is of one type whether it is there or not.
    sent = {
        **row,
        **{name: _told(row[name]) for name in ("contact_point_id", "plan_id", "due_minor")},
        **{name: _words(tuple(row[name])) for name in ("asked", "blocked_by")},
        "facts": written(row["facts"]),
        "accounts": row["accounts"] and _words(tuple(map(str, row["accounts"]))),
    }
    values = [sent[name] for name in COLUMNS]
    told: list[str | None] = [
        part for kind, subject, _, text in entries for part in (kind, subject, text)
    ]
    told += [None] * (6 - len(told))
    prepared(conn, INSERT_DECISION, [*values, place.value if place else None, fictional, *told])


def _told(number: int | None) -> str | None:
    return None if number is None else str(number)


@lru_cache(maxsize=1024)
def _words(words: tuple[str, ...]) -> str:
    """Return words as an array is written in PostgreSQL."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def update_plan(conn: Any, plan_id: int, state: PlanState) -> None:
    """Say what became of a planned contact."""
    prepared(conn, UPDATE_PLAN, (plan_id, state.value))


def fetch_listed(conn: Any, contact_id: uuid.UUID) -> tuple[Any, ...] | None:
    """Lock and return a listed call: person, channel, contact point, purpose, allowed-at, day."""
    row = conn.execute(
        "select c.person_id, c.channel, c.contact_point_id, c.purpose, c.at, c.local_on"
        " from contact c join outbox o on o.contact_id = c.id"
        " where c.id = %s and o.state = %s for update of o",
        (contact_id, OutboxState.listed.value),
    ).fetchone()
    return tuple(row) if row else None


def fetch_planned(conn: Any, plan_id: int, person_id: int) -> bool:
    """Lock a plan and return whether it is a person's and its contact is still to be made."""
    row = prepared(conn, LOCK_PLAN, (plan_id,)).fetchone()
    return row is not None and row[0] == PlanState.planned.value and row[1] == person_id


def update_outbox(conn: Any, contact_id: uuid.UUID, state: OutboxState) -> None:
    """Move one contact to another state on its way out."""
    conn.execute(
        "update outbox set state = %s, changed_at = now() where contact_id = %s",
        (state.value, contact_id),
    )
    if state in OUTCOMES:
        append_outcomes(conn, [contact_id])


def cancel_person(conn: Any, person_id: int, *, channel: str = "") -> tuple[int, int]:
    """Cancel all that is planned and queued for a person, on one channel or ("") on all.

    What a channel already has in hand cannot be called back; it is left as it is. Returns how many
    planned and how many queued contacts were cancelled.
    """
    plans = conn.execute(
        "update plan set state = 'cancelled', changed_at = now() where person_id = %(person)s"
        " and state = 'planned' and planned_at is not null"
        " and (%(channel)s = '' or action = %(channel)s)",
        {"person": person_id, "channel": channel},
    )
    queued = conn.execute(
        "update outbox set state = 'cancelled', changed_at = now() where person_id = %(person)s"
        " and state in ('queued', 'failed', 'listed', 'rehearsed')"
        " and (%(channel)s = '' or channel = %(channel)s) returning contact_id",
        {"person": person_id, "channel": channel},
    )
    stopped = [row[0] for row in queued]
    if stopped:
        append_outcomes(conn, stopped)
    return plans.rowcount, len(stopped)


def cancel_about(conn: Any, person_id: int, account_id: int) -> int:
    """Cancel what is queued for a person about one account; return how many contacts that were."""
    queued = conn.execute(
        "update outbox o set state = 'cancelled', changed_at = now() from contact c"
        " where o.person_id = %(person)s and o.state in ('queued', 'failed', 'listed', 'rehearsed')"
        " and c.id = o.contact_id and c.person_id = %(person)s"
        " and c.accounts @> %(accounts)s::bigint[] returning o.contact_id",
        {"person": person_id, "accounts": [account_id]},
    )
    stopped = [row[0] for row in queued]
    if stopped:
        append_outcomes(conn, stopped)
    return len(stopped)


def cancel_plans_about(conn: Any, person_id: int, account_id: int) -> int:
    """Cancel what is planned for a person about one account; return how many plans that were."""
    plans = conn.execute(
        "update plan set state = 'cancelled', changed_at = now() where person_id = %s"
        " and state = 'planned' and planned_at is not null and accounts @> %s::bigint[]",
        (person_id, [account_id]),
    )
    return int(plans.rowcount)


COLUMNS = (
    "id person_id contact_point_id plan_id channel purpose at local_on allowed asked blocked_by"
    " facts pack_digest due_minor currency accounts acting"
).split()
INSERT_DECISION = """
with kept as (
    insert into contact (id, person_id, contact_point_id, plan_id, channel, purpose, at, local_on,
        allowed, asked, blocked_by, facts, pack_digest, due_minor, currency, accounts, acting)
    values ($1::uuid, $2, $3::bigint, $4::bigint, $5, $6, $7, $8, $9, $10::text[], $11::text[],
        $12::jsonb, $13, $14::bigint, $15, $16::bigint[], $17)
), proven as (
    insert into evidence (kind, subject, contact_id, entry)
    select kind, subject, $1::uuid, entry
    from (values ($20::text, $21::text, $22::text), ($23, $24, $25)) told (kind, subject, entry)
    where kind is not null returning id
), waiting as (
    insert into evidence_waiting (evidence_id) select id from proven
)
insert into outbox (contact_id, person_id, channel, fictional, state, tries, provider_ref, error)
select $1::uuid, $2, $5, $19, $18::text, 0, '', '' where $18::text is not null
"""

UPDATE_PLAN = "update plan set state = $2::text, changed_at = now() where id = $1::bigint"
LOCK_PLAN = "select state, person_id from plan where id = $1::bigint for update"
