"""What an entry says of the row that it proves, and the writing of entries. Decides nothing.

The body is made from the row's columns by one function, when the row is written and again when the
log is checked. What could name anybody, or is somebody's words, stands in it as a digest.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from forbear.evidence.entry import Kind, digested, entry_text, plain
from forbear.kernel.vocabulary import OutboxState
from forbear.store.evidence import Row, insert_entries, insert_entry

SALT_BYTES = 16
# Where a contact's way out ends: each such state has its entry, and the latest one stands.
OUTCOMES = frozenset(
    {
        OutboxState.sent,
        OutboxState.unknown,
        OutboxState.dead,
        OutboxState.cancelled,
        OutboxState.rehearsed,
        OutboxState.done,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A table whose rows each have an entry."""

    table: str
    clear: tuple[str, ...]  # columns that stand in the entry as they are
    hidden: tuple[str, ...] = ()  # columns that stand in it as digests
    key: str = "id"  # the column that names a row
    contact: str = ""  # the column that names its contact
    once: bool = True  # one entry a row; else the latest one stands
    where: str = "true"  # rows that have an entry
    since: str = "recorded_at"  # the instant before which a row had none


FACT = ("source", "source_key")
OWN = "source !~ '^(import|demo):'"  # files and demo books are proven as a whole
ENDED = ", ".join(f"'{state.value}'" for state in sorted(OUTCOMES))

PROVEN: Mapping[Kind, Proven] = {
    Kind.decision: Proven(
        table="contact",
        clear=tuple(
            "id person_id contact_point_id plan_id channel purpose at local_on allowed asked"
            " blocked_by pack_digest due_minor currency".split()
        ),
        hidden=("facts", "acting"),
        contact="id",
    ),
    Kind.outcome: Proven(
        table="outbox",
        clear=("contact_id", "state"),
        hidden=("provider_ref",),
        key="contact_id",
        contact="contact_id",
        once=False,
        where=f"state in ({ENDED})",
        since="changed_at",
    ),
    Kind.receipt: Proven(
        table="receipt",
        clear=("contact_id", "outcome", "effective_at"),
        hidden=("provider_ref", "detail", *FACT),
        contact="contact_id",
    ),
    Kind.resolution: Proven(
        table="resolution",
        clear=("contact_id", "resolved", "was"),
        hidden=("reason", "actor"),
        contact="contact_id",
    ),
    Kind.disposition: Proven(
        table="disposition",
        clear=("attempt_id", "code", "effective_at"),
        hidden=("note_cipher", "actor", *FACT),
        where=OWN,
    ),
    Kind.promise: Proven(
        table="promise",
        clear=("person_id", "amount_minor", "currency", "due_on", "effective_at"),
        hidden=("actor", *FACT),
        where=OWN,
    ),
    Kind.reveal: Proven(
        table="reveal",
        clear=("person_id", "contact_point_id", "field"),
        hidden=("reason", "actor"),
    ),
    Kind.consent: Proven(
        table="consent",
        clear=("person_id", "kind", "state", "channel", "effective_at"),
        hidden=FACT,
        where=OWN,
    ),
    Kind.status: Proven(
        table="status",
        clear=("person_id", "account_id", "kind", "stage", "area", "effective_at"),
        hidden=FACT,
        where=OWN,
    ),
    Kind.dispute: Proven(
        table="dispute",
        clear=("person_id", "account_id", "stage", "effective_at"),
        hidden=("dispute_ref", *FACT),
        where=OWN,
    ),
    Kind.payment: Proven(
        table="payment",
        clear=("account_id", "stage", "amount_minor", "effective_on"),
        hidden=("payment_ref", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.refund: Proven(
        table="refund",
        clear=("account_id", "amount_minor", "effective_on"),
        hidden=FACT,
        key="source_key",
        where=OWN,
    ),
    Kind.contract: Proven(
        table="contract",
        clear=("account_id", "product", "formed_on", "terms_digest"),
        hidden=("actor", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.booking: Proven(
        table="booking",
        clear=("account_id", "kind", "amount_minor", "effective_on", "days", "rule"),
        hidden=("about", "reason", "actor", *FACT),
        key="source_key",
        where=OWN,
    ),
    Kind.close: Proven(
        table="close",
        clear=("as_of", "accounts", "late", "transfers", "corrected", "state_digest"),
        hidden=("actor",),
        since="closed_at",
    ),
    Kind.api_key: Proven(
        table="api_key",
        clear=("scopes", "revokes_id"),
        hidden=("name", "key_hash", "actor"),
    ),
    Kind.night: Proven(
        table="night",
        clear=("as_of", "facts_digest", "packs_digest", "plan_digest"),
        once=False,
        where="finished_at is not null",
        since="finished_at",
    ),
    Kind.intake: Proven(
        table="intake",
        clear=("file_digest", "rows_read", "rows_rejected", "facts_added"),
        hidden=("file_name", "map_name"),
        where="finished_at is not null",
        since="finished_at",
    ),
}


def columns_of(proven: Proven) -> tuple[str, ...]:
    """Return the columns that an entry of a table is made from."""
    return tuple(dict.fromkeys((proven.key, *proven.clear, *proven.hidden)))


def body_of(proven: Proven, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a row's entry."""
    clear = {name: plain(row[name]) for name in proven.clear}
    return clear | {f"{name}_digest": digested(row[name]) for name in proven.hidden}


def subject_of(proven: Proven, row: Mapping[str, Any]) -> str:
    """Return the name of a row in the log; a key that came from outside stands as a digest."""
    key = row[proven.key]
    return f"{proven.table}:{digested(key) if proven.key in proven.hidden else key}"


def append(
    conn: Any,
    *,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    contact: uuid.UUID | None = None,
) -> None:
    """Append one entry to the log, in the transaction of the act that it proves."""
    text = _text(kind, subject, body, contact, datetime.now(UTC))
    insert_entry(conn, kind=str(kind), subject=subject, contact=contact, entry=text)


def append_row(conn: Any, kind: Kind, row: Any) -> None:
    """Append the entry of a row that was just written: a mapping or a model's record."""
    append_rows(conn, kind, [row])


def append_rows(conn: Any, kind: Kind, rows: Iterable[Any]) -> None:
    """Append the entries of rows that were just written."""
    proven, at = PROVEN[kind], datetime.now(UTC)
    known = [_columns(proven, row) for row in rows]
    insert_entries(conn, [_entry(kind, proven, row, at) for row in known])


def append_outcomes(conn: Any, contact_ids: Iterable[uuid.UUID]) -> None:
    """Append where the ways out of contacts ended, for those that did."""
    proven = PROVEN[Kind.outcome]
    names = columns_of(proven)
    found = conn.execute(
        f"select {', '.join(names)} from outbox where contact_id = any(%s) and {proven.where}",
        (list(contact_ids),),
    )
    append_rows(conn, Kind.outcome, [dict(zip(names, row, strict=True)) for row in found])


def _columns(proven: Proven, row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return {name: row[name] for name in columns_of(proven)}
    return {name: getattr(row, name) for name in columns_of(proven)}


def _entry(kind: Kind, proven: Proven, row: Mapping[str, Any], at: datetime) -> Row:
    contact = row[proven.contact] if proven.contact else None
    subject = subject_of(proven, row)
    return kind.value, subject, contact, _text(kind, subject, body_of(proven, row), contact, at)


def _text(
    kind: str, subject: str, body: Mapping[str, Any], contact: uuid.UUID | None, at: datetime
) -> str:
    return entry_text(
        kind=kind,
        subject=subject,
        contact=str(contact) if contact else None,
        body=body,
        at=at,
        salt=secrets.token_bytes(SALT_BYTES),
    )
