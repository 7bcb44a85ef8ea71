"""SQL about decided contacts and their way out. Nothing here decides anything.

Whatever ends a way out here writes its entry of evidence with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from forbear.kernel.vocabulary import OutboxState, PlanState
from forbear.store.evidence_rows import OUTCOMES, append_outcomes


def insert_contact(conn: Any, row: Mapping[str, Any]) -> None:
    """Write the audit row of one decision."""
    conn.execute(INSERT_CONTACT, {**row, "facts": Jsonb(row["facts"])})


def insert_outbox(
    conn: Any, contact_id: uuid.UUID, *, person_id: int, channel: str, fictional: bool, state: str
) -> None:
    """Put one allowed contact on its way out."""
    conn.execute(
        "insert into outbox (contact_id, person_id, channel, fictional, state, tries,"
        " provider_ref, error) values (%s, %s, %s, %s, %s, 0, '', '')",
        (contact_id, person_id, channel, fictional, state),
    )
    if state in OUTCOMES:
        append_outcomes(conn, [contact_id])


def update_plan(conn: Any, plan_id: int, state: PlanState) -> None:
    """Say what became of a planned contact."""
    conn.execute(
        "update plan set state = %s, changed_at = now() where id = %s", (state.value, plan_id)
    )


def fetch_listed(conn: Any, contact_id: uuid.UUID) -> tuple[Any, ...] | None:
    """Lock and return a listed call: person, channel, contact point, purpose, allowed-at, day."""
    row = conn.execute(
        "select c.person_id, c.channel, c.contact_point_id, c.purpose, c.at, c.local_on"
        " from contact c join outbox o on o.contact_id = c.id"
        " where c.id = %s and o.state = %s for update of o",
        (contact_id, OutboxState.listed.value),
    ).fetchone()
    return tuple(row) if row else None


def fetch_planned(conn: Any, plan_id: int) -> bool:
    """Lock a plan and return whether its contact is still to be made."""
    row = conn.execute("select state from plan where id = %s for update", (plan_id,)).fetchone()
    return row is not None and row[0] == PlanState.planned.value


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


INSERT_CONTACT = """
insert into contact (id, person_id, contact_point_id, plan_id, channel, purpose, at, local_on,
    allowed, asked, blocked_by, facts, pack_digest, due_minor, currency, accounts, acting)
values (%(id)s, %(person_id)s, %(contact_point_id)s, %(plan_id)s, %(channel)s, %(purpose)s, %(at)s,
    %(local_on)s, %(allowed)s, %(asked)s, %(blocked_by)s, %(facts)s, %(pack_digest)s, %(due_minor)s,
    %(currency)s, %(accounts)s, %(acting)s)
"""
