"""SQL about the demo book. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def fetch_demo_source(conn: Any) -> str:
    """Return the source that the demo book's facts name, "" where there is none."""
    row = conn.execute(
        "select source from profile where source_key like 'demo:%' and source like 'demo:%' limit 1"
    ).fetchone()
    return str(row[0]) if row else ""


def analyze(conn: Any, tables: Iterable[str]) -> None:
    """Tell the planner what the tables hold now; after a bulk load it knows nothing of them."""
    for table in tables:
        conn.execute(f"analyze {table}")
