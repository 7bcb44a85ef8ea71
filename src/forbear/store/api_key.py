"""SQL about the keys that programs sign in with. One function is one statement; nothing decides.

Every request to the API begins here, so the server keeps these statements planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forbear.store.prepared import prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInUse:
    """A key that nobody revoked."""

    name: str
    key_hash: bytes
    scopes: list[str]
    agency_id: int | None


def fetch_key_named(conn: Any, name: str) -> KeyInUse | None:
    """Return the key in use of that name, or None."""
    return _key(prepared(conn, NAMED, (name,)).fetchone())


def fetch_key_hashed(conn: Any, key_hash: bytes) -> KeyInUse | None:
    """Return the key in use of that hash, or None."""
    return _key(prepared(conn, HASHED, (key_hash,)).fetchone())


def _key(row: Any) -> KeyInUse | None:
    if row is None:
        return None
    return KeyInUse(name=row[0], key_hash=row[1], scopes=row[2], agency_id=row[3])


_IN_USE = """
select name, key_hash, scopes, agency_id from api_key k
where revokes_id is null and not exists (select from api_key r where r.revokes_id = k.id) and
"""
NAMED = _IN_USE + "name = $1::text"
HASHED = _IN_USE + "key_hash = $1::bytea"
