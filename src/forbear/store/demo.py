"""SQL about the demo book. Decides nothing."""

from __future__ import annotations

from typing import Any


def fetch_demo_source(conn: Any) -> str:
    """Return the source that the demo book's facts name, "" where there is none."""
    row = conn.execute(
        "select source from profile where source_key like 'demo:%' and source like 'demo:%' limit 1"
    ).fetchone()
    return str(row[0]) if row else ""


def fetch_life_source(conn: Any) -> str:
    """Return the source that the first contract of the book names, "" where there is none."""
    row = conn.execute("select source from contract order by id limit 1").fetchone()
    return str(row[0]) if row else ""


def fetch_refs(conn: Any) -> list[str]:
    """Return the references of all people of the book, in order."""
    return [ref for (ref,) in conn.execute("select ref from person order by ref")]


def fetch_size(conn: Any) -> int:
    """Return how many people the book holds."""
    return int(conn.execute("select count(*) from person").fetchone()[0])
