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


def fetch_quiet_refs(conn: Any) -> list[str]:
    """Return the references of the drawn people to whom nothing happened but that they pay."""
    return [ref for (ref,) in conn.execute(QUIET)]


def fetch_size(conn: Any) -> int:
    """Return how many people the book holds."""
    return int(conn.execute("select count(*) from person").fetchone()[0])


QUIET = """
select p.ref from person p where p.ref ~ '^demo:[0-9]+$'
    and not exists (select from attempt x where x.person_id = p.id)
    and not exists (select from status x where x.person_id = p.id)
    and not exists (select from dispute x where x.person_id = p.id)
    and not exists (select from consent x where x.person_id = p.id)
    and not exists (select from account a join placement x on x.account_id = a.id
        where a.person_id = p.id)
order by p.ref
"""
