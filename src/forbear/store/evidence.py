"""SQL of the evidence log: append entries, place them, keep the tree's nodes. Decides nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import psycopg

from forbear.evidence.tree import CHAIN_BEGINS, Node, grown, leaf_hash, peaks, under
from forbear.kernel.errors import ForbearError
from forbear.store.prepared import prepared

LOCK = 0x45564944  # one sequencer at a time; whoever appends never takes it
KEPT_LEVEL = 4  # nodes over 16 leaves and more are stored; a lower one is read from its leaves
COPY_HEAD, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
ORIGIN, ELSEWHERE = "evidence_origin", "evidence_witness_elsewhere:"
AT_ONCE = 20_000  # entries placed in one transaction
NOTHING = "\\N"  # in copied text
COPIED_FROM = 50  # rows from which on copying pays
Row = tuple[str, str, uuid.UUID | None, str]  # kind, subject, contact, entry


@dataclass(frozen=True, slots=True)
class Waiting:
    """Entries that wait for their places."""

    runs: list[int]  # the first id of each run
    ids: list[int]  # of the entries that are there
    leaves: list[bytes]
    entries: int = 0  # how many there should be


class Damaged(ForbearError):
    """A part of the evidence log is not there."""

    code = "evidence.damaged"
    http_status = 500


def insert_entry(
    conn: Any, *, kind: str, subject: str, contact: uuid.UUID | None, entry: str
) -> None:
    """Append one entry. It has no place yet, so nobody waits for anybody."""
    prepared(conn, INSERT, (kind, subject, contact, entry))


def insert_entries(conn: Any, rows: Sequence[Row]) -> None:
    """Append many entries at once."""
    if len(rows) < COPIED_FROM:
        for kind, subject, contact, entry in rows:
            insert_entry(conn, kind=kind, subject=subject, contact=contact, entry=entry)
        return
    ids: list[int] = read_rows(conn, RESERVED, (len(rows),)).fetchone()[0]
    into = "copy evidence (id, kind, subject, contact_id, entry) from stdin"
    lines = [
        f"{number}\t{kind}\t{subject}\t{contact or NOTHING}\t{entry}"
        for number, (kind, subject, contact, entry) in zip(ids, rows, strict=True)
    ]
    whole = "\n".join(lines)
    nothings = sum(row[2] is None for row in rows)
    with conn.cursor() as cursor, cursor.copy(into) as copy:
        # Where nothing in it would be read as anything but itself.
        if _marks(whole) == (nothings, 4 * len(rows), len(rows) - 1, 0):
            copy.write(whole.encode())
        else:
            for number, (kind, subject, contact, entry) in zip(ids, rows, strict=True):
                copy.write_row((number, kind, subject, str(contact) if contact else None, entry))
    runs = runs_of(ids)
    columns = [(">i8", np.asarray([first for first, _ in runs]))]
    columns.append((">i8", np.asarray([last for _, last in runs])))
    _copy(conn, "evidence_waiting (evidence_id, last_id)", len(runs), columns)


def runs_of(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return ascending ids as runs without gaps, first and last.

    Others may have drawn ids between ours. No run is longer than what is placed at once.
    """
    known = np.asarray(ids)
    starts = np.flatnonzero(np.diff(known, prepend=known[0] - 2) != 1)
    ends = np.append(starts[1:], len(known)) - 1
    return [
        (first, min(first + AT_ONCE - 1, int(known[end])))
        for start, end in zip(starts, ends, strict=True)
        for first in range(int(known[start]), int(known[end]) + 1, AT_ONCE)
    ]


def lock_log(conn: Any) -> None:
    """Wait until nobody else places entries; held to the end of the transaction."""
    conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def fetch_waiting(conn: Any, *, limit: int) -> Waiting:
    """Return committed entries that have no place, in the order they were begun.

    Whole runs, until there are `limit` entries; they come as one text and are cut here.
    """
    runs = read_rows(conn, WAITING, {"limit": limit}).fetchall()
    if not runs:
        return Waiting([], [], [])
    firsts, lasts = [run[0] for run in runs], [run[1] for run in runs]
    ids, lengths, whole = read_rows(conn, ENTRIES, (firsts, lasts)).fetchone()
    ends = list(accumulate(lengths or [], initial=0))
    entries = [whole[a:b] for a, b in pairwise(ends)]
    leaves = [leaf_hash(entry) for entry in entries]
    return Waiting(firsts, ids or [], leaves, sum(lasts) - sum(firsts) + len(runs))


def delete_waiting(conn: Any, waiting: Waiting) -> None:
    """Take entries that have their place now off the queue.

    What waits and is not there, because somebody took it out, goes on waiting and is found there.
    """
    known = {"runs": waiting.runs, "placed": waiting.ids}
    if len(waiting.ids) == waiting.entries:
        conn.execute(PLACED, known)
    else:
        conn.execute(PLACED_IN_PART, known)


def fetch_head(conn: Any) -> tuple[int, bytes]:
    """Return how many entries have a place, and the chain up to the last of them."""
    row = conn.execute(
        "select position, chain from evidence_place order by position desc limit 1"
    ).fetchone()
    return (row[0] + 1, bytes(row[1])) if row else (0, CHAIN_BEGINS)


def insert_places(
    conn: Any, first: int, ids: Sequence[int], leaves: Sequence[bytes], chains: Sequence[bytes]
) -> None:
    """Give entries the places from `first` on."""
    n = len(ids)
    columns = [
        (">i8", np.arange(first, first + n)),
        (">i8", np.asarray(ids)),
        ("V32", np.frombuffer(b"".join(leaves), "V32")),
        ("V32", np.frombuffer(b"".join(chains), "V32")),
    ]
    _copy(conn, "evidence_place (position, evidence_id, leaf, chain)", n, columns)


def insert_nodes(conn: Any, size: int, leaves: Sequence[bytes]) -> None:
    """Store the complete nodes that leaves add to a log of `size` entries."""
    known = fetch_nodes(conn, peaks(size))
    for level, first, fresh in grown(size, known, leaves):
        if level >= KEPT_LEVEL:
            n = len(fresh)
            columns = [
                (">i2", np.full(n, level)),
                (">i8", np.arange(first, first + n)),
                ("V32", np.frombuffer(b"".join(fresh), "V32")),
            ]
            _copy(conn, "evidence_node (level, place, hash)", n, columns)


def fetch_nodes(conn: Any, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """Return complete nodes by level and place.

    Errors: Damaged where one is not there.
    """
    wanted = list(nodes)
    high = [node for node in wanted if node[0] >= KEPT_LEVEL]
    low = [node for node in wanted if node[0] < KEPT_LEVEL]
    leaves = [n for level, p in low for n in range(p << level, (p + 1) << level)]
    asked = ([level for level, _ in high], [place for _, place in high], leaves)
    rows = read_rows(conn, NODES, asked)
    found = {(level, place): bytes(value) for level, place, value in rows}
    try:
        return {
            node: found[node] if node[0] >= KEPT_LEVEL else under(node, lambda n: found[-1, n])
            for node in wanted
        }
    except KeyError as error:
        raise Damaged(
            f"the log's tree lacks a part ({error}); run `forbear evidence check`"
        ) from None


def fetch_of_contact(conn: Any, contact_id: uuid.UUID) -> list[tuple[int, str]]:
    """Return position and text of every placed entry of one contact, in the log's order."""
    rows = conn.execute(
        "select p.position, e.entry from evidence e join evidence_place p on p.evidence_id = e.id"
        " where e.contact_id = %s order by p.position",
        (contact_id,),
    )
    return [(row[0], row[1]) for row in rows]


def fetch_texts(conn: Any, kind: str, *, last: int | None = None) -> list[str]:
    """Return the entries of a rare kind, oldest first, or only the last few."""
    rows = conn.execute(
        "select entry from evidence where kind = %s and kind in ('law', 'log_began', 'log_key')"
        " order by id desc limit %s",
        (kind, last),
    )
    return [row[0] for row in rows][::-1]


def insert_checkpoint(conn: Any, *, size: int, note: str) -> None:
    """Keep a signed checkpoint."""
    conn.execute("insert into checkpoint (size, note) values (%s, %s)", (size, note))


def fetch_last_checkpoint(conn: Any) -> tuple[int, str] | None:
    """Return the size and note of the latest checkpoint."""
    row = conn.execute("select size, note from checkpoint order by id desc limit 1").fetchone()
    return (row[0], row[1]) if row else None


def fetch_witnessed_checkpoint(conn: Any) -> tuple[int, str] | None:
    """Return the size and note of the latest checkpoint that a witness signed, however late."""
    row = conn.execute(WITNESSED).fetchone()
    return (row[0], row[1]) if row else None


def fetch_cosigned_size(conn: Any) -> int:
    """Return how long the log was that a witness elsewhere signed last, 0 where none did."""
    row = conn.execute(
        "select c.size from cosignature s join checkpoint c on c.id = s.checkpoint_id"
        " order by c.id desc limit 1"
    ).fetchone()
    return int(row[0]) if row else 0


def fetch_checkpoint_of(conn: Any, text: str) -> tuple[int, str] | None:
    """Return the id and note of the checkpoint that says a text."""
    row = conn.execute(
        "select id, note from checkpoint where left(note, length(%(text)s)) = %(text)s"
        " order by id desc limit 1",
        {"text": text},
    ).fetchone()
    return (row[0], row[1]) if row else None


def fetch_checkpoint_sized(conn: Any, size: int) -> bool:
    """Return whether a checkpoint was signed over that many entries."""
    row = conn.execute("select 1 from checkpoint where size = %s limit 1", (size,)).fetchone()
    return row is not None


def insert_cosignature(conn: Any, checkpoint_id: int, line: str) -> bool:
    """Keep a witness's signature that came later; False where the checkpoint has one."""
    done = conn.execute(
        "insert into cosignature (checkpoint_id, line) values (%s, %s) on conflict do nothing",
        (checkpoint_id, line),
    )
    return bool(done.rowcount)


def fetch_witnesses_elsewhere(conn: Any) -> list[str]:
    """Return the keys of all witnesses that were ever appointed on another machine."""
    rows = conn.execute("select value from installation where starts_with(name, %s)", (ELSEWHERE,))
    return [str(row[0]) for row in rows]


def insert_witness_elsewhere(conn: Any, key: str, *, key_id: str) -> None:
    """Keep that a witness was appointed on another machine."""
    conn.execute(
        "insert into installation (name, value) values (%s, %s) on conflict do nothing",
        (ELSEWHERE + key_id, key),
    )


def fetch_origin(conn: Any) -> str:
    """Return the log's name, "" where it has none yet."""
    row = conn.execute("select value from installation where name = %s", (ORIGIN,)).fetchone()
    return str(row[0]) if row else ""


def insert_origin(conn: Any, origin: str) -> None:
    """Give the log its name, for as long as it lives."""
    conn.execute("insert into installation (name, value) values (%s, %s)", (ORIGIN, origin))


def stream(conn: Any, query: str, *, at_once: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
    """Yield a query's rows in batches, without holding them all. Wants a transaction."""
    with conn.cursor(name=f"evidence_{uuid.uuid4().hex[:8]}", binary=True) as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(at_once):
            yield rows


def read_rows(conn: Any, query: str, params: Any) -> Any:
    """Run a query with its values beside it and rows in binary form, unlike Django's cursors."""
    cursor = psycopg.Cursor(conn)
    cursor.format = psycopg.pq.Format.BINARY
    return cursor.execute(query.encode(), params)


def _marks(text: str) -> tuple[int, int, int, int]:
    """Return how many of each character a text has that copying reads as something else."""
    return text.count("\\"), text.count("\t"), text.count("\n"), text.count("\r")


def _copy(conn: Any, into: str, n: int, columns: Sequence[tuple[str, Any]]) -> None:
    """Copy columns of a fixed width in, in PostgreSQL's binary form."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for k, (kind, _) in enumerate(columns):
        fields += [(f"length{k}", ">i4"), (f"value{k}", kind)]
    rows = np.zeros(n, np.dtype(fields))
    rows["fields"] = len(columns)
    for k, (kind, values) in enumerate(columns):
        rows[f"length{k}"], rows[f"value{k}"] = np.dtype(kind).itemsize, values
    with conn.cursor() as cursor, cursor.copy(f"copy {into} from stdin (format binary)") as copy:
        copy.write(COPY_HEAD + rows.tobytes() + COPY_END)


INSERT = """
with e as (
    insert into evidence (kind, subject, contact_id, entry)
    values ($1::text, $2::text, $3::uuid, $4::text) returning id)
insert into evidence_waiting (evidence_id) select id from e
"""

RESERVED = """
with numbers as materialized (select pg_get_serial_sequence('evidence', 'id')::regclass as own)
select array_agg(nextval(own)) from numbers, generate_series(1, %s)
"""

WAITING = """
select evidence_id, last_id from (
    select evidence_id, coalesce(last_id, evidence_id) as last_id,
        sum(coalesce(last_id, evidence_id) - evidence_id + 1) over (order by evidence_id) as so_far
    from (select * from evidence_waiting order by evidence_id limit %(limit)s) first) run
where so_far - (last_id - evidence_id + 1) < %(limit)s order by evidence_id
"""

ENTRIES = """
select array_agg(id), array_agg(octet_length(entry)),
    string_agg(convert_to(entry, 'UTF8'), ''::bytea)
from (
    select e.id, e.entry from unnest(%s::bigint[], %s::bigint[]) as run (first, last),
        lateral (select id, entry from evidence where id between run.first and run.last
            order by id offset 0) e  -- the offset keeps it one look-up in the index for each run
) placed
"""

PLACED = """
delete from evidence_waiting using unnest(%(runs)s::bigint[]) as placed (id)
where evidence_id = placed.id
"""

PLACED_IN_PART = """
with run as (
    delete from evidence_waiting using unnest(%(runs)s::bigint[]) as placed (id)
    where evidence_id = placed.id returning evidence_id, coalesce(last_id, evidence_id) as last_id
), gone as (
    select id from run, generate_series(run.evidence_id, run.last_id) as id
    where id <> all(%(placed)s::bigint[])
)
insert into evidence_waiting (evidence_id) select id from gone
"""

WITNESSED = f"""
select c.size, c.note || coalesce(s.line, '') from checkpoint c
left join cosignature s on s.checkpoint_id = c.id
where s.id is not null or position(chr(8212) || ' ' || (
    select value from installation where name = '{ORIGIN}') || '/witness ' in c.note) > 0
order by c.id desc limit 1
"""

NODES = """
select n.level::int, n.place, n.hash from evidence_node n
join unnest(%s::smallint[], %s::bigint[]) as asked (level, place)
    on n.level = asked.level and n.place = asked.place
union all
select -1, position, leaf from evidence_place where position = any(%s::bigint[])
"""
