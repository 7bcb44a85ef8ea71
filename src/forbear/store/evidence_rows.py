"""What an entry says of the row that it proves, and the writing of entries. Decides nothing.

The body is made from the row's columns by one function, when the row is written and again when the
log is checked. What could name anybody, or is somebody's words, stands in it as a digest.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from forbear.evidence.entry import Kind, digested, entry_text, plain
from forbear.store.evidence import Row, insert_entries, insert_entry, read_rows
from forbear.store.evidence_proven import PROVEN, Proven

SALT_BYTES = 16


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
    insert_entries(conn, [entry_of(kind, row) for row in rows])


def entry_of(kind: Kind, row: Any) -> Row:
    """Return the entry of a row that is just being written, for whoever writes both at once."""
    proven = PROVEN[kind]
    known = _columns(proven, row)
    contact = known[proven.contact] if proven.contact else None
    subject = subject_of(proven, known)
    text = _text(kind, subject, body_of(proven, known), contact, datetime.now(UTC))
    return kind.value, subject, contact, text


def append_outcomes(conn: Any, contact_ids: Iterable[uuid.UUID]) -> None:
    """Append where the ways out of contacts ended, for those that did."""
    append_found(conn, Kind.outcome, contact_ids)


def append_found(conn: Any, kind: Kind, keys: Iterable[Any]) -> None:
    """Append the entries of rows as they stand now, by their keys."""
    proven = PROVEN[kind]
    names = columns_of(proven)
    query = (
        f"select {', '.join(names)} from {proven.rows} where {proven.key} = any(%s)"
        f" and {proven.where}"
    )
    rows = read_rows(conn, query, (list(keys),))  # JSON comes as values, as it does to the check
    append_rows(conn, kind, [dict(zip(names, row, strict=True)) for row in rows])


def _columns(proven: Proven, row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return {name: row[name] for name in columns_of(proven)}
    return {name: getattr(row, name) for name in columns_of(proven)}


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
