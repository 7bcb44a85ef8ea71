"""Copy the facts of one day out of PostgreSQL into Parquet. Decides nothing.

All tables are read from one snapshot of the database, over two connections at once, without a lock
that anybody waits for. Ids become numbers in the order of the refs (`batch/frames.py` says why).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from forbear.batch.canon import Canon
from forbear.batch.frames import zone_rows
from forbear.batch.seal import table_digest
from forbear.kernel.days import months_after
from forbear.kernel.digest import value_digest
from forbear.kernel.vocabulary import (
    Channel,
    ConsentKind,
    CreditorType,
    PaymentStage,
    PointKind,
    PointStage,
    ProductType,
    Relation,
    StatusKind,
)

MANIFEST, IDS = "manifest.json", "_ids.parquet"
READERS = 2  # connections at once
BATCH_OPTION, BATCH_BYTES = "adbc.postgresql.batch_size_hint_bytes", 64 << 20
FACT_TABLES = (
    "person profile account contact_point contact_point_stage due payment refund"
    " reported_delinquency status consent dispute promise attempt moratorium moratorium_end"
    " owed_log"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One folder of Parquet files, and what the numbers in them mean."""

    folder: Path
    as_of: date
    facts_digest: str
    zones: tuple[str, ...]  # by number
    currencies: tuple[str, ...]  # by number
    point_zones: tuple[str, ...]  # by number
    areas: tuple[str, ...]  # of contact points, by number
    rows: Mapping[str, int]  # per table
    marks: Mapping[str, str]  # how far each table was written when it was read


def code(column: str, words: type[StrEnum]) -> str:
    """Return SQL for the position of a word in its list."""
    cases = " ".join(f"when '{word.value}' then {i}" for i, word in reversed([*enumerate(words)]))
    return f"(case {column} {cases} end)::int2"


# Contacts that are allowed and not surely undone, and of which no attempt tells how they ended.
RESERVED = (
    "from contact c join outbox o on o.contact_id = c.id"
    " where c.allowed and c.local_on <= {on} and c.local_on > {on} - 7"
    " and o.state not in ('dead', 'cancelled')"
    " and not exists (select from attempt t where t.contact_id = c.id)"
)
# What is read of each table. {on} is the planned day, {until} an instant after it everywhere,
# {earlier} the day a month before the night's.
QUERIES: Mapping[str, str] = {
    "person": "select id, ref, lot from person",
    "account": f"select id, person_id, ref, currency::text, {code('creditor_type', CreditorType)}"
    f" as creditor, {code('product_type', ProductType)} as product, jurisdiction::text, opened_on"
    " from account",
    "point": f"select id, person_id, {code('kind', PointKind)} as kind,"
    f" {code('relation', Relation)} as relation, value_index, source_key, effective_on, ends_on,"
    " zone, area"
    " from contact_point where effective_on <= {on}",
    "profile": "select person_id, effective_on, jurisdiction::text, zone, born_on,"
    " recorded_at, source_key from profile where effective_on <= {on}",
    # Small things go in one number where a table is large: each column read costs.
    "due": "select account_id, amount_minor, (due_on - date '0001-01-01')::int8 * 16777216"
    " + (effective_on - date '0001-01-01') * 2 + (kind = 'statement')::int as packed,"
    " case kind when 'statement' then source_key end as key from due where effective_on <= {on}",
    "payment": "select account_id, amount_minor, (effective_on - date '0001-01-01')::int8 * 16"
    f" + {code('stage', PaymentStage)} as packed, hashtextextended(payment_ref, 0) as payment"
    " from payment where effective_on <= {on}",
    "refund": "select account_id, effective_on, amount_minor from refund"
    " where effective_on <= {on}",
    "owed": "select account_id, due_minor, outstanding_minor, oldest_due_on from owed",
    "owed_then": "select account_id, l.due_minor, l.outstanding_minor, l.oldest_due_on from owed o"
    " join lateral (select due_minor, outstanding_minor, oldest_due_on from owed_log l"
    " where l.account_id = o.account_id and l.as_of <= {earlier} order by l.id desc limit 1) l"
    " on true",
    "report": "select account_id, effective_on, months_late from reported_delinquency"
    " where effective_on <= {on}",
    "status": f"select person_id, account_id, {code('kind', StatusKind)} as kind,"
    " effective_at as at, stage = 'began' as began from status where effective_at < {until}",
    "consent": f"select person_id, {code('kind', ConsentKind)} as kind,"
    # Consent to some hours of the night only is no consent to what the night may plan.
    f" {code('channel', Channel)} as channel, effective_at as at,"
    " state = 'given' and opens_minute is null as given"
    " from consent where effective_at < {until}"
    # Consent to the night names its channel; one that names none says nothing.
    " and not (kind = 'night_contact' and state = 'given' and channel = '')",
    "dispute": "select person_id, account_id, hashtextextended(dispute_ref, 0) as dispute,"
    " effective_at as at, stage = 'opened' as opened from dispute where effective_at < {until}",
    "point_stage": f"select contact_point_id, {code('stage', PointStage)} as stage,"
    " effective_at as at from contact_point_stage where effective_at < {until}",
    "moratorium": "select jurisdiction::text, area, holds_unknown from moratorium m"
    " where starts_on <= {on} and coalesce((select e.ends_on from moratorium_end e"
    " where e.moratorium_id = m.id order by e.id desc limit 1), m.ends_on, 'infinity') > {on}",
    "promise": "select person_id, due_on, effective_at as at, amount_minor from promise"
    " where effective_at < {until}",
    # What is neither a call, nor from the person, nor of the last week says nothing to the night.
    "attempt": "select person_id, at, contact_point_id, (local_on - date '0001-01-01')::int8 * 512"
    f" + {code('channel', Channel)} * 16 + inbound::int + 2 * interactive::int"
    " + 4 * connected::int + 8 * effective::int + 256 * (accounts is not null)::int as packed"
    " from attempt where local_on <= {on}"
    " and (channel = 'voice' or inbound or local_on > {on} - 7)",
    "reserved": f"select c.person_id, c.contact_point_id, {code('c.channel', Channel)} as channel,"
    f" c.at, c.local_on, c.accounts is not null as debts_known {RESERVED}",
    "debt_call": "select person_id, unnest(accounts) as account_id, local_on,"
    " inbound, connected, effective from attempt where accounts is not null and channel = 'voice'"
    " and local_on <= {on} and local_on > {on} - 7 union all"
    " select c.person_id, unnest(c.accounts), c.local_on, false, false, false"
    f" {RESERVED} and c.accounts is not null and c.channel = 'voice'",
}
FIRST = ("person", "account", "point")  # the others point at them


def write_snapshot(
    url: str, folder: Path, *, as_of: date, progress: Callable[[str], None]
) -> Snapshot:
    """Write the facts known for one as-of day to a folder, and return what it holds.

    The folder is complete when its manifest is there; without one it is written again.
    """
    import psycopg

    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    canon, digests, rows = Canon(), {}, {}

    def written(table: str, read: pl.DataFrame) -> None:
        progress(table)
        ordered = canon.ordered(table, read)
        ordered.write_parquet(folder / f"{table}.parquet", compression="lz4", statistics=False)
        digests[table], rows[table] = table_digest(ordered.to_arrow()), len(ordered)

    with psycopg.connect(url) as keeper, ThreadPoolExecutor(READERS) as pool:
        keeper.execute("set transaction isolation level repeatable read, read only")
        exported = keeper.execute("select pg_export_snapshot()").fetchone()
        assert exported
        marks = fetch_marks(keeper)
        reading = {t: pool.submit(fetch_table, url, exported[0], t, as_of) for t in FIRST}
        for table in FIRST:
            written(table, reading[table].result())
        rest = [
            pool.submit(lambda t: written(t, fetch_table(url, exported[0], t, as_of)), table)
            for table in QUERIES
            if table not in FIRST
        ]
        for each in rest:
            each.result()
    for table in FIRST:  # which row each number is; no fact, so in no digest
        ids = pl.DataFrame({"id": canon.numberings[table].ids})
        ids.write_parquet(folder / f"{table}{IDS}")
    zone_rows(canon.zones, on=as_of + timedelta(days=1)).write_parquet(folder / "zone.parquet")
    names = {
        "zones": canon.zones,
        "currencies": canon.currencies,
        "point_zones": canon.point_zones,
        "areas": canon.areas,
    }
    snapshot = Snapshot(
        folder=folder,
        as_of=as_of,
        facts_digest=value_digest({"tables": digests, **names}),
        rows=rows,
        marks=marks,
        **names,
    )
    _write_manifest(snapshot)
    return snapshot


def fetch_table(url: str, exported: str, table: str, as_of: date) -> pl.DataFrame:
    """Return the rows of one table's query, read through Arrow in an exported snapshot."""
    import adbc_driver_postgresql.dbapi as adbc

    on = as_of + timedelta(days=1)
    until = on + timedelta(days=1)  # midnight there is later than it is anywhere else
    query = QUERIES[table].format(
        on=f"date '{on}'",
        until=f"timestamptz '{until} 14:00+00'",
        earlier=f"date '{months_after(as_of, -1)}'",
    )
    with adbc.connect(url, autocommit=True) as conn, conn.cursor() as cursor:
        cursor.execute("begin isolation level repeatable read read only")
        cursor.execute(f"set transaction snapshot '{exported}'")
        cursor.adbc_statement.set_options(**{BATCH_OPTION: str(BATCH_BYTES)})
        cursor.execute(query)
        read = pl.from_arrow(cursor.fetch_arrow_table())
        cursor.execute("commit")
    assert isinstance(read, pl.DataFrame)
    return read


def _write_manifest(snapshot: Snapshot) -> None:
    kept = {**asdict(snapshot), "as_of": snapshot.as_of.isoformat()}
    del kept["folder"]
    part = snapshot.folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    part.replace(snapshot.folder / MANIFEST)


def read_manifest(folder: Path) -> Snapshot | None:
    """Return what a folder holds, or None where it is not a complete snapshot of this version."""
    try:
        kept = json.loads((folder / MANIFEST).read_text())
        if kept["rows"].keys() != QUERIES.keys():
            return None
        return Snapshot(
            **{
                **kept,
                "folder": folder,
                "as_of": date.fromisoformat(kept["as_of"]),
                "zones": tuple(kept["zones"]),
                "currencies": tuple(kept["currencies"]),
                "point_zones": tuple(kept["point_zones"]),
                "areas": tuple(kept["areas"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_table(snapshot: Snapshot, table: str) -> pl.DataFrame:
    """Return one table of a snapshot."""
    return pl.read_parquet(snapshot.folder / f"{table}.parquet")


def read_ids(snapshot: Snapshot, table: str) -> pl.Series:
    """Return the database's id of each person, account or point, by number."""
    return pl.read_parquet(snapshot.folder / f"{table}{IDS}")["id"]


def fetch_marks(conn: Any) -> dict[str, str]:
    """Return how far every fact table is written, and how many writers are still at work."""
    marks = {
        table: str(conn.execute(f"select max(id) from {table}").fetchone()[0])
        for table in FACT_TABLES
    }
    marks["contact"] = str(conn.execute("select max(recorded_at) from contact").fetchone()[0])
    marks["writing"] = str(conn.execute(WRITING).fetchone()[0])
    return marks


# Whoever writes in another database of the same server writes nothing here.
WRITING = """
select count(*) from pg_snapshot_xip(pg_current_snapshot()) x where not exists (
    select from pg_stat_activity a where a.backend_xid = x::xid and a.datname <> current_database())
"""
