"""SQL that reads the whole log, and every row that it proves, to be held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forbear.evidence.entry import Kind
from forbear.store.evidence import KEPT_LEVEL, stream
from forbear.store.evidence_proven import Proven
from forbear.store.evidence_rows import columns_of

AT_ONCE = 20_000
SHOWN = 50  # of each sort of fault


@dataclass(frozen=True, slots=True)
class Placed:
    """One place of the log, with the entry that stands there."""

    position: int
    evidence_id: int
    leaf: bytes
    chain: bytes
    kind: str | None  # None where the entry is gone
    subject: str
    contact: str | None
    entry: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One checkpoint as it is kept."""

    size: int
    note: str
    line: str  # a witness's signature that came later, "" for none

    @property
    def whole(self) -> str:
        """Return the note with the signature that came later."""
        return self.note + self.line


@dataclass(frozen=True, slots=True)
class Pair:
    """A row and the entry that proves it; one of them may be missing."""

    row: Mapping[str, Any] | None
    owed: bool  # the row is of those that have an entry
    since: datetime | None  # when the row was written
    subject: str
    entry: str | None


def fetch_places(conn: Any) -> Iterator[list[Placed]]:
    """Yield every place of the log in order, in batches."""
    for rows in stream(conn, PLACES, at_once=AT_ONCE):
        yield [Placed(*row) for row in rows]


def fetch_pairs(conn: Any, kind: Kind, proven: Proven) -> Iterator[list[Pair]]:
    """Yield every row of a table beside its entry, in batches."""
    names = columns_of(proven)
    key = (
        f"encode(sha256(convert_to(to_json({proven.key}::text)::text, 'UTF8')), 'hex')"
        if proven.key in proven.hidden
        else f"{proven.key}::text"
    )
    latest = "" if proven.once else "distinct on (subject)"
    query = f"""
    select t."the subject", t."is owed", t."is since", e.subject, e.entry,
        {", ".join(f't."{n}"' for n in names)}
    from (
        select '{proven.table}:' || {key} as "the subject", {proven.where} as "is owed",
            {proven.since} as "is since", {", ".join(f'"{n}"' for n in names)}
        from {proven.rows}) t
    full join (
        select {latest} subject, entry from evidence where kind = '{kind.value}'
        order by subject, id desc) e on e.subject = t."the subject"
    """
    for rows in stream(conn, query, at_once=AT_ONCE):
        yield [
            Pair(
                row=dict(zip(names, columns, strict=True)) if subject else None,
                owed=bool(owed),
                since=since,
                subject=subject or proves,
                entry=entry,
            )
            for subject, owed, since, proves, entry, *columns in rows
        ]


def fetch_loose(conn: Any) -> list[str]:
    """Return what stands in the log without a place, and what waits without an entry."""
    return [str(row[0]) for row in conn.execute(LOOSE, {"shown": SHOWN})]


def fetch_node_range(conn: Any, level: int, first: int, end: int) -> dict[int, bytes]:
    """Return the stored nodes of a level, from a place up to another, by place."""
    rows = conn.execute(
        "select place, hash from evidence_node where level = %s and place >= %s and place < %s",
        (level, first, end),
    )
    return {place: bytes(value) for place, value in rows}


def count_nodes(conn: Any) -> int:
    """Return how many nodes are stored."""
    return int(conn.execute("select count(*) from evidence_node").fetchone()[0])


def nodes_expected(size: int) -> int:
    """Return how many nodes a log of a size stores."""
    return sum(size >> level for level in range(KEPT_LEVEL, size.bit_length()))


def fetch_checkpoints(conn: Any) -> list[Kept]:
    """Return every checkpoint, oldest first."""
    rows = conn.execute(
        "select c.size, c.note, coalesce(s.line, '') from checkpoint c"
        " left join cosignature s on s.checkpoint_id = c.id order by c.id"
    )
    return [Kept(*row) for row in rows]


PLACES = """
select p.position, p.evidence_id, p.leaf, p.chain, e.kind, coalesce(e.subject, ''),
    e.contact_id::text, coalesce(e.entry, '')
from evidence_place p left join evidence e on e.id = p.evidence_id order by p.position
"""

WAITS = "e.id between w.evidence_id and coalesce(w.last_id, w.evidence_id)"
LOOSE = f"""
(select format('entry %%s (%%s of %%s) has no place and waits for none: it was put in from outside,'
        ' or its place was taken out', e.id, e.kind, e.subject)
    from evidence e left join evidence_place p on p.evidence_id = e.id
    where p.evidence_id is null and not exists (select from evidence_waiting w where {WAITS})
    order by e.id limit %(shown)s)
union all
(select format('entry %%s waits for its place and is gone: it was taken out', gone.id)
    from evidence_waiting w,
        generate_series(w.evidence_id, coalesce(w.last_id, w.evidence_id)) as gone (id)
    where not exists (select from evidence e where e.id = gone.id)
    order by gone.id limit %(shown)s)
union all
(select format('entry %%s has a place and waits for another', p.evidence_id)
    from evidence_waiting w join evidence_place p on p.evidence_id
        between w.evidence_id and coalesce(w.last_id, w.evidence_id)
    order by p.evidence_id limit %(shown)s)
"""
