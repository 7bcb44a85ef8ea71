"""Write into the log of evidence what was done, in the transaction that does it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from forbear.evidence.entry import Kind, parse_entry
from forbear.store import evidence as store
from forbear.store.evidence_rows import (
    append,
    append_found,
    append_outcomes,
    append_row,
    append_rows,
)

__all__ = [
    "Kind",
    "note_law",
    "record",
    "record_found",
    "record_outcomes",
    "record_row",
    "record_rows",
]
_noted: set[tuple[str, str]] = set()  # database and pack digest that this process knows is noted


def record(
    conn: Any,
    *,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    contact: uuid.UUID | None = None,
) -> None:
    """Append one entry. The body holds ids and digests, never a name, a number or a text in clear.

    It takes no lock: entries get their places later, in the order in which they were begun.
    Errors: TypeError where the body has no one written form.
    """
    append(conn, kind=kind, subject=subject, body=body, contact=contact)


def record_row(conn: Any, kind: Kind, row: Any) -> None:
    """Append the entry of a row that was just written: a mapping or a model's record."""
    append_row(conn, kind, row)


def record_rows(conn: Any, kind: Kind, rows: Iterable[Any]) -> None:
    """Append the entries of rows that were just written."""
    append_rows(conn, kind, rows)


def record_found(conn: Any, kind: Kind, keys: Iterable[Any]) -> None:
    """Append the entries of rows as they stand now, by their keys."""
    append_found(conn, kind, keys)


def record_outcomes(conn: Any, contact_ids: Iterable[uuid.UUID]) -> None:
    """Append where the ways out of contacts ended, for those that did."""
    append_outcomes(conn, contact_ids)


def note_law(conn: Any, digest: str) -> None:
    """Append that decisions are made under other packs from here on, where they are."""
    key = (conn.info.dbname, digest)
    if key in _noted:
        return
    last = store.fetch_texts(conn, Kind.law.value, last=1)
    if not last or parse_entry(last[0]).body["pack_digest"] != digest:
        record(conn, kind=Kind.law, subject="law", body={"pack_digest": digest})
    transaction.on_commit(lambda: _now_noted(key))


def _now_noted(key: tuple[str, str]) -> None:
    _noted.difference_update([each for each in _noted if each[0] == key[0]])
    _noted.add(key)
