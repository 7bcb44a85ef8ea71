"""Seals: rows that a file or the demo book brought in together are proven together.

A row of a tape has no entry of its own; the transaction that lands it leaves one entry for each
table instead, with the number of rows and a digest over them in the order of their ids. Nothing
here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from forbear.evidence.entry import Kind, parse_entry, plain
from forbear.store.bulk import lane
from forbear.store.evidence_proven import OWN, PROVEN
from forbear.store.evidence_rows import append

# Tables whose rows come in a file or with the demo book alone: every row of them has its seal.
FILED = ("person", "profile", "account", "contact_point", "due", "reported_delinquency")
OF_FILE = f"not ({OWN})"
PEOPLE = ("id", "ref", "lot")
# Rows as PostgreSQL writes them, which says where each value ends, in the order of their ids.
DIGEST = (
    "encode(sha256(convert_to(string_agg(row({columns})::text, '' order by t.id), 'UTF8')), 'hex')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What one statement brought into one table."""

    table: str
    source: str
    recorded_at: str  # of every row of it
    columns: tuple[str, ...]
    rows: int
    digest: str

    def as_body(self) -> dict[str, Any]:
        """Return what the entry says."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Held:
    """A seal beside what stands in its table now."""

    seal: Seal
    rows: int
    digest: str | None


@cache
def sealed_tables() -> Mapping[str, str]:
    """Return the tables whose rows may have come in a file, and which of their rows did."""
    own = {p.table for p in PROVEN.values() if p.where == OWN}
    return dict.fromkeys(FILED, "true") | dict.fromkeys(sorted(own), f"not ({OWN})")


def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns that a table's seals are made from, save those that name a seal."""
    if table == "person":
        return PEOPLE
    return ("id", *(name for name in lane(table).columns if name != "source"))


def fetch_marks(conn: Any) -> dict[str, int]:
    """Return the last id of each of those tables, before anything comes in."""
    parts = [f"select '{table}', coalesce(max(id), 0) from {table}" for table in sealed_tables()]
    return dict(conn.execute(" union all ".join(parts)).fetchall())


def append_seals(
    conn: Any,
    *,
    source: str,
    people: Iterable[str],
    tables: Iterable[str],
    since: Mapping[str, int],
) -> None:
    """Append the seals of what this transaction brought into tables, after their marks.

    No other transaction that runs meanwhile may have the same source, or one of the same people.
    """
    _settle(conn)
    for table in sorted({*tables} & {*since}):
        columns = columns_of(table)
        whose, key = ("ref = any(%s)", [*people]) if table == "person" else ("source = %s", source)
        found = conn.execute(
            f"select recorded_at, count(*), {_digest(columns)} from {table} t"
            f" where id > %s and recorded_at >= now() and {whose} group by recorded_at",
            (since[table], key),
        ).fetchall()
        for at, rows, digest in found:
            append_seal(
                conn,
                Seal(
                    table=table,
                    source=source,
                    recorded_at=plain(at),
                    columns=columns,
                    rows=rows,
                    digest=digest,
                ),
            )


def append_seal(conn: Any, seal: Seal) -> None:
    """Append one seal."""
    subject = f"{seal.table}:{seal.source}:{seal.recorded_at}"
    append(conn, kind=Kind.seal, subject=subject, body=seal.as_body())


def fetch_seals(conn: Any) -> list[Seal]:
    """Return every seal of the log, oldest first."""
    rows = conn.execute("select entry from evidence where kind = 'seal' order by id")
    found = []
    for (text,) in rows:
        body = dict(parse_entry(text).body)
        found.append(Seal(**body | {"columns": tuple(body["columns"])}))
    return found


def fetch_held(conn: Any, table: str, seals: Sequence[Seal]) -> list[Held]:
    """Return the seals of a table beside what stands there now."""
    _settle(conn)
    found = []
    for columns in {seal.columns for seal in seals}:  # as many as a version added columns
        some = [seal for seal in seals if seal.columns == columns]
        same = "true" if table == "person" else "t.source = s.source"
        rows = conn.execute(
            f"select s.n, count(*), {_digest(columns)}"
            " from unnest(%s::int[], %s::text[], %s::timestamptz[]) as s (n, source, recorded_at)"
            f" join {table} t on t.recorded_at = s.recorded_at and {same} group by s.n",
            (
                [*range(len(some))],
                [seal.source for seal in some],
                [seal.recorded_at for seal in some],
            ),
        )
        now = {n: (count, digest) for n, count, digest in rows}
        found += [Held(seal, *now.get(n, (0, None))) for n, seal in enumerate(some)]
    return found


def count_filed(conn: Any, table: str) -> int:
    """Return how many rows of a table came in a file, or say so."""
    row = conn.execute(f"select count(*) from {table} where {sealed_tables()[table]}").fetchone()
    return int(row[0])


def _digest(columns: Iterable[str]) -> str:
    return DIGEST.format(columns=", ".join(f't."{name}"' for name in columns))


def _settle(conn: Any) -> None:
    """Let a row have one written form in this transaction, whatever the connection's own is."""
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "bytea_output = 'hex'"):
        conn.execute(f"set local {setting}")
