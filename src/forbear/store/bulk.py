"""The bulk lanes into the fact tables: rows in by COPY, each fact stored once. Decides nothing.

A lane takes a Polars frame whose columns are named as the table's fields are, with three changes:
- a link is given by its key: `person_ref`, `account_ref`, `contact_point_key`, `attempt_key`,
  `duty_key`, `moratorium_key`, `debit_request_key`;
- what is stored encrypted is given plain: `name` fills `name_cipher` and `name_index`;
- what has a default may be left out; an account's `source_key` is its `ref`.
Where some of the rows are there already they go through a temporary table, because COPY itself
cannot pass over them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from django.db import models, transaction
from django.db.models.fields import NOT_PROVIDED
from psycopg.errors import UniqueViolation

from forbear.kernel.errors import ForbearError
from forbear.store.cipher import cipher
from forbear.store.models import (
    APPEND_ONLY,
    Account,
    Attempt,
    ContactPoint,
    DebitRequest,
    Duty,
    Moratorium,
    Person,
)
from forbear.store.models.fact import Fact

ROWS_AT_ONCE = 200_000  # one COPY: bounds the memory of a lane whatever the frame's size
LOTS = 1_000_000
KEYS: Mapping[type[models.Model], str] = {  # how a row of another table is named in a frame
    Person: "ref",
    Account: "ref",
    ContactPoint: "contact_point_key",
    Attempt: "attempt_key",
    Duty: "duty_key",
    Moratorium: "moratorium_key",
    DebitRequest: "debit_request_key",
}


Ids = dict[str, pl.DataFrame]  # by table: the ids of the keys that were asked for last


CONTRADICTS = pl.Schema([("n", pl.Int64()), ("differs", pl.List(pl.String()))])


class UnknownRef(ForbearError):
    """A fact names a person, account or contact point that is not there."""

    code = "store.unknown_ref"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Link:
    """A column that names a row of another table by its key."""

    given: str  # the frame's column: person_ref
    column: str  # the table's column: person_id
    table: str  # where it points
    key: str  # that table's column that `given` holds


@dataclass(frozen=True, slots=True)
class Lane:
    """One fact table, and what a frame of its rows looks like."""

    table: str
    columns: tuple[str, ...]  # the table's own, as COPY fills them
    plain: tuple[str, ...]  # given and stored under the same name
    defaults: Mapping[str, Any]  # for plain columns that may be left out or empty
    links: tuple[Link, ...]
    sealed: tuple[str, ...]  # given plain, stored as <name>_cipher
    indexed: tuple[str, ...]  # those of them that also have <name>_index
    identity: tuple[str, ...]  # the columns that make two rows the same fact


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a frame of facts."""

    new: int  # how many were not there yet
    # The rows that say otherwise than what is stored under the same identity: `n`, their place in
    # the frame, and `differs`, the names of the columns that do. Text stored encrypted is compared
    # by its blind index, or not at all where it has none.
    contradicts: pl.DataFrame


def insert_persons(refs: Iterable[str]) -> int:
    """Insert the persons that are not there yet, each with its lot; return how many were new."""
    frame = pl.DataFrame({"ref": pl.Series("ref", refs, pl.String).unique().sort()})
    frame = frame.with_columns(
        pl.Series("lot", [lot(ref) for ref in frame["ref"].to_list()], pl.Int32)
    )
    columns, new = ("ref", "lot"), 0
    with transaction.atomic(), _cursor() as cursor:
        for part in frame.iter_slices(ROWS_AT_ONCE):
            if _copied("person", columns, part):
                new += len(part)
            else:
                _stage_rows(cursor, "person", columns, part)
                new += _insert_staged(cursor, "person", columns)
    return new


def insert_facts(
    table: str, rows: pl.DataFrame, *, source: str = "", ids: Ids | None = None
) -> int:
    """Insert the facts that are not there yet into one table; return how many were new.

    The persons, accounts and contact points that they name must be there. `source` fills that
    column where the frame has none; `ids` remembers ids from one call to the next, for as long as
    one transaction lasts. Raises UnknownRef where a fact names what is not there.
    """
    return load_facts(table, rows, source=source, ids=ids).new


def load_facts(
    table: str, rows: pl.DataFrame, *, source: str = "", ids: Ids | None = None
) -> Loaded:
    """Insert facts as `insert_facts` does, and say which of them contradict what is there."""
    found, new, place = lane(table), 0, 0
    contradicts = [pl.DataFrame(schema=CONTRADICTS)]
    with transaction.atomic():
        for part in _parts(found, rows, source, {} if ids is None else ids):
            added, other = _loaded(found, part, place)
            new, place = new + added, place + len(part)
            contradicts.append(other)
    return Loaded(new, pl.concat(contradicts))


def unknown_refs(table: str, refs: pl.Series) -> pl.Series:
    """Return the refs that no person or account of the book has."""
    wanted = refs.drop_nulls().unique()
    return wanted.filter(~wanted.is_in(_fetch_ids(table, "ref", refs)["ref"].implode()))


def analyze(tables: Iterable[str]) -> None:
    """Tell the planner what the tables hold now; after a bulk load it knows nothing of them.

    A tenth of the usual sample will do: what it chooses between differs by far more than that.
    """
    with _cursor() as cursor:
        cursor.execute("set default_statistics_target = 10")
        for table in tables:
            cursor.execute(f"analyze {table}")
        cursor.execute("reset default_statistics_target")


def lot(ref: str) -> int:
    """Return the lot drawn from a person's ref, once and for ever: 0..999,999."""
    return int.from_bytes(hashlib.blake2b(ref.encode(), digest_size=8).digest(), "big") % LOTS


@cache
def lane(table: str) -> Lane:
    """Return the lane of a fact table, read from its model."""
    model = {m._meta.db_table: m for m in APPEND_ONLY if issubclass(m, Fact)}[table]
    fields = [f for f in model._meta.concrete_fields if f.attname not in ("id", "recorded_at")]
    names = [f.attname for f in fields]
    sealed = tuple(n.removesuffix("_cipher") for n in names if n.endswith("_cipher"))
    links = tuple(_link(f) for f in fields if isinstance(f, models.ForeignKey))
    derived = {link.column for link in links}
    derived |= {f"{name}_{part}" for name in sealed for part in ("cipher", "index")}
    plain = tuple(f.attname for f in fields if f.attname not in derived)
    unique = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    return Lane(
        table=table,
        columns=tuple(f.attname for f in fields),
        plain=plain,
        defaults={
            f.attname: None
            if f.default is NOT_PROVIDED
            else (json.dumps(f.default()) if callable(f.default) else f.default)
            for f in fields
            if f.attname in plain and (f.null or f.default is not NOT_PROVIDED)
        },
        links=links,
        sealed=sealed,
        indexed=tuple(name for name in sealed if f"{name}_index" in names),
        identity=tuple(unique[0].fields) if unique else ("source_key",),
    )


def _link(field: models.ForeignKey[Any, Any]) -> Link:
    other = field.related_model
    key = KEYS[other]
    given = f"{field.name}_ref" if key == "ref" else key
    column = "ref" if key == "ref" else "source_key"
    return Link(given, field.attname, other._meta.db_table, column)


def _parts(found: Lane, rows: pl.DataFrame, source: str, ids: Ids) -> Iterator[pl.DataFrame]:
    """Yield a frame in pieces, each with the table's own columns."""
    if found.table == "account" and "source_key" not in rows.columns:
        rows = rows.with_columns(source_key=pl.col("ref"))
    if "source" not in rows.columns:
        rows = rows.with_columns(source=pl.lit(source))
    given = {*found.plain, *found.sealed, *(link.given for link in found.links)}
    assert not (odd := set(rows.columns) - given), f"{found.table} has no column {sorted(odd)}"
    must = {c for c in found.plain if c not in found.defaults}
    assert not (lack := must - set(rows.columns)), f"{found.table} needs {sorted(lack)}"
    for part in rows.iter_slices(ROWS_AT_ONCE):
        yield _filled(found, part, ids)


def _filled(found: Lane, rows: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """Return rows with the table's own columns: ids for keys, ciphers for text, defaults."""
    columns: list[pl.Series | pl.Expr] = []
    for name in found.plain:
        default = found.defaults.get(name)
        if name not in rows.columns:
            columns.append(pl.lit(default).alias(name))
        else:
            columns.append(pl.col(name) if default is None else pl.col(name).fill_null(default))
    for link in found.links:
        given = link.given in rows.columns
        columns.append(_ids(link, rows, ids) if given else _nulls(link.column))
    for name in found.sealed:
        columns += _sealed(name, rows, index=name in found.indexed)
    return rows.select(columns).select(found.columns)


def _nulls(name: str) -> pl.Expr:
    return pl.lit(None, pl.Int64).alias(name)


def _given_name(column: str) -> str:
    return column.removesuffix("_index").removesuffix("_id")


def _ids(link: Link, rows: pl.DataFrame, ids: Ids) -> pl.Series:
    """Return the ids of the rows that a column names. Raises UnknownRef."""
    wanted = rows.select(pl.col(link.given).alias(link.key))
    if (known := ids.get(link.table)) is None:
        known = _fetch_ids(link.table, link.key, wanted[link.key])
    joined = wanted.join(known, on=link.key, how="left", maintain_order="left")
    lost = joined.filter(pl.col("id").is_null() & pl.col(link.key).is_not_null())
    if len(lost) and link.table in ids:
        del ids[link.table]
        return _ids(link, rows, ids)
    if len(lost):
        raise UnknownRef(
            f"{link.table} {lost[link.key].min()!r} is not there"
            f" ({lost[link.key].n_unique()} such); load it before its facts"
        )
    ids[link.table] = known
    return joined["id"].alias(link.column)


def _fetch_ids(table: str, key: str, refs: pl.Series) -> pl.DataFrame:
    wanted = refs.drop_nulls().unique()
    with transaction.atomic(), _cursor() as cursor, _by_index(cursor):
        cursor.execute(f"select {key}, id from {table} where {key} = any(%s)", (wanted.to_list(),))
        schema = pl.Schema([(key, pl.String()), ("id", pl.Int64())])
        return pl.DataFrame(cursor.fetchall(), schema=schema, orient="row")


@contextmanager
def _by_index(cursor: Any) -> Iterator[None]:
    """Find rows by their unique index: the cost of a batch must not grow with the book.

    Left alone the planner reads a large table from end to end for some thousand keys of it.
    """
    for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
        cursor.execute(f"set local {setting} = off")
    yield
    for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
        cursor.execute(f"set local {setting} to default")


def _sealed(name: str, rows: pl.DataFrame, *, index: bool) -> list[pl.Series | pl.Expr]:
    """Return the cipher column of a plain one, and its blind index; empty text is no text."""
    texts = rows[name].to_list() if name in rows.columns else [None] * len(rows)
    keys = cipher()
    hidden = [rf"\x{keys.sealed(text).hex()}" if text else None for text in texts]
    columns: list[pl.Series | pl.Expr] = [pl.Series(f"{name}_cipher", hidden, pl.String)]
    if index:
        found = [rf"\x{keys.index(text).hex()}" if text else None for text in texts]
        columns.append(pl.Series(f"{name}_index", found, pl.String))
    return columns


def _copied(table: str, columns: tuple[str, ...], rows: pl.DataFrame) -> bool:
    """COPY rows straight into a table: the fastest way in, unless one of them is there already."""
    try:
        with transaction.atomic(), _cursor() as cursor, _links_taken_as_read(cursor):
            _copy(cursor, table, columns, rows)
    except UniqueViolation:
        return False
    return True


def _loaded(found: Lane, rows: pl.DataFrame, first: int) -> tuple[int, pl.DataFrame]:
    """Insert rows of the table's own columns; return how many were new, and what contradicts."""
    if _copied(found.table, found.columns, rows):
        return len(rows), pl.DataFrame(schema=CONTRADICTS)
    with _cursor() as cursor:
        _stage_rows(cursor, found.table, found.columns, rows, first=first)
        known, contradicts = _compared(cursor, found)
        if known == len(rows):
            return 0, contradicts
        new = _insert_staged(cursor, found.table, found.columns)
        if new < len(rows) - known:  # some rows contradict, or repeat, each other
            _, contradicts = _compared(cursor, found)
        return new, contradicts


def _insert_staged(cursor: Any, table: str, columns: tuple[str, ...]) -> int:
    names = ", ".join(columns)
    with _links_taken_as_read(cursor):
        cursor.execute(
            f"insert into {table} ({names}) select {names} from {_stage(table)} order by n"
            " on conflict do nothing"
        )
        return int(cursor.rowcount)


def _compared(cursor: Any, found: Lane) -> tuple[int, pl.DataFrame]:
    """Return how many staged rows are stored already, and which say otherwise than the stored."""
    apart = {*found.identity, "source", "source_key"}
    compared = [c for c in found.columns if c not in apart and not c.endswith("_cipher")]
    differs = ", ".join(
        f"case when f.{c} is distinct from s.{c} then '{_given_name(c)}' end" for c in compared
    )
    same = " and ".join(f"f.{c} = s.{c}" for c in found.identity)
    with _by_index(cursor):
        cursor.execute(
            "select differs, count(*), array_agg(n) filter (where differs <> '{}') from (select"
            f" s.n, array_remove(array[{differs}], null) as differs from {_stage(found.table)} s"
            f" join {found.table} f on {same}) known group by differs"
        )
        groups = cursor.fetchall()
    contradicts = pl.DataFrame(
        [(n, names) for names, _, places in groups for n in places or ()],
        schema=CONTRADICTS,
        orient="row",
    )
    return sum(count for _, count, _ in groups), contradicts.sort("n")


@contextmanager
def _links_taken_as_read(cursor: Any) -> Iterator[None]:
    """Do not look up again, row by row, the ids that this transaction has just looked up.

    A lane reads every id that it links to, and rows of persons, accounts, contact points and
    attempts can never be deleted; the row triggers of the foreign keys would cost as much as the
    insert itself. Only a superuser, as the embedded server's owner is, may leave them out.
    """
    cursor.execute("select current_setting('is_superuser') = 'on'")
    (may,) = cursor.fetchone()
    if may:
        cursor.execute("set local session_replication_role = replica")
    yield
    if may:
        cursor.execute("set local session_replication_role = origin")


def _stage_rows(
    cursor: Any, table: str, columns: tuple[str, ...], rows: pl.DataFrame, *, first: int = 0
) -> None:
    """Fill the stage of a table with rows, numbered n, and nothing else."""
    cursor.execute(
        f"create temp table if not exists {_stage(table)} as"
        f" select 0::bigint as n, {', '.join(columns)} from {table} with no data"
    )
    cursor.execute(f"truncate {_stage(table)}")
    numbered = rows.with_columns(pl.int_range(first, first + len(rows)).alias("n"))
    _copy(cursor, _stage(table), ("n", *columns), numbered.select("n", *columns))


def _copy(cursor: Any, table: str, columns: tuple[str, ...], rows: pl.DataFrame) -> None:
    text = io.BytesIO()
    rows.write_csv(text, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z")
    with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin (format csv)") as copy:
        copy.write(text.getbuffer())


def _stage(table: str) -> str:
    return f"stage_{table}"


def _cursor() -> Any:
    from django.db import connection

    return connection.cursor()
