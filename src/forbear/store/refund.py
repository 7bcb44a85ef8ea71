"""SQL about refunds and what is known of them. One function is one statement; nothing decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forbear.store.payment import Booked, by_stage


def insert_refund(conn: Any, row: Mapping[str, Any]) -> bool:
    """Book one refund; False where it is booked already."""
    return bool(conn.execute(INSERT_REFUND, row).rowcount)


def insert_refund_stage(conn: Any, row: Mapping[str, Any]) -> bool:
    """Write one stage of a refund that is not settled; False where it is there already."""
    return bool(conn.execute(INSERT_STAGE, row).rowcount)


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

FETCH_REFUND = """
select a.ref, r.stage, r.amount_minor, r.effective_on, r.recorded_at
from refund_stage r join account a on a.id = r.account_id where r.refund_ref = %(ref)s
union all
select a.ref, 'settled', r.amount_minor, r.effective_on, r.recorded_at
from refund r join account a on a.id = r.account_id where r.source_key = 'refund:' || %(ref)s
"""

FETCH_PENDING = """
select r.refund_ref from refund_stage r
where r.account_id = %s and r.stage = 'requested'
    and not exists (select from refund_stage e
        where e.refund_ref = r.refund_ref and e.stage <> 'requested')
    and not exists (select from refund f where f.source_key = 'refund:' || r.refund_ref)
    and not exists (select from booking b where b.source_key = 'booking:' || r.refund_ref
        and b.account_id = r.account_id and b.kind in ('merchant_refund', 'chargeback'))
"""
