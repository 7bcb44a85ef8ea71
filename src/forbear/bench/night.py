"""Measure the night from snapshot to plan on a generated book of n accounts.

The book is drawn from a seed and put into PostgreSQL by COPY, without indexes on the large fact
tables: the night reads them from end to end, and the book is dropped afterwards. Loading it is not
part of what is measured.
"""

from __future__ import annotations

import io
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.store.server import home

Numbers = NDArray[Any]
AS_OF = date(2026, 9, 30)
SEED = 20260930
DUES_EACH = 6  # per account
ATTEMPTS_EACH = 10  # per account, on the people who were ever late
LATE_NOW, LATE_ONCE = 0.15, 0.20  # shares of accounts
LARGE = ("person", "profile", "account", "contact_point", "due", "payment", "attempt")


def run(n: int = 1_000_000) -> dict[str, Any]:
    """Return the seconds of every step of one night over n accounts, and what it decided."""
    from forbear.actions.night import do_night
    from forbear.actions.reader import machine

    rows = load_book(n, seed=SEED)
    with own_home():
        _forget_peak()
        report = do_night(machine("bench"), as_of=AS_OF, engine="polars", progress=lambda _: None)
    return {
        "seconds": sum(report["timings_s"].values()),
        "rows": rows,
        "peak_mib": _peak_mib(),
        **{name: report[name] for name in ("people", "planned", "waiting", "timings_s", "digests")},
    }


@contextmanager
def own_home() -> Iterator[None]:
    """Keep the snapshots of a benchmark apart from those of this installation."""
    was = os.environ.get("FORBEAR_HOME")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=home()) as folder:
        os.environ["FORBEAR_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("FORBEAR_HOME")
            if was is not None:
                os.environ["FORBEAR_HOME"] = was


def _forget_peak() -> None:
    """Forget how much memory loading the book took, where the system lets us."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> int:
    """Return the most memory this process has held since then."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def load_book(n: int, *, seed: int) -> dict[str, int]:
    """Fill the database with a book of n accounts; return how many rows each table has."""
    from django.db import connection

    rng = np.random.default_rng(seed)
    people = max(1, n * 4 // 5)
    owner = np.concatenate([np.arange(people), rng.integers(0, people, n - people)])
    late = rng.random(n)
    rows = {}
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # the book keeps its own links
        for table in LARGE:
            _drop_indexes(cursor, table)
        for table, frame in (
            ("person", _people(people, rng)),
            ("profile", _profiles(people, rng)),
            ("contact_point", _points(people, rng)),
            ("account", _accounts(owner)),
        ):
            rows[table] = _copy(cursor, table, frame)
        dues = _dues(n, rng)
        rows["due"] = _copy(cursor, "due", dues)
        rows["payment"] = _copy(cursor, "payment", _payments(dues, late, rng))
        rows["attempt"] = 0
        troubled = np.unique(owner[late < LATE_NOW + LATE_ONCE])
        for part in np.array_split(np.arange(n * ATTEMPTS_EACH), max(1, n // 100_000)):
            rows["attempt"] += _copy(cursor, "attempt", _attempts(part, troubled, rng))
        cursor.execute("set session_replication_role = default")
        cursor.execute("vacuum analyze" if not connection.in_atomic_block else "select 1")
    return rows


def _people(people: int, rng: np.random.Generator) -> pl.DataFrame:
    ids = pl.Series(np.arange(1, people + 1))
    return pl.DataFrame({"id": ids, "lot": rng.integers(0, 1_000_000, people)}).with_columns(
        ref="bench:" + pl.col("id").cast(pl.String)
    )


def _profiles(people: int, rng: np.random.Generator) -> pl.DataFrame:
    zones = pl.Series(["Asia/Shanghai", "Asia/Urumqi", ""])
    return pl.DataFrame(
        {
            "person_id": np.arange(1, people + 1),
            "zone": zones.gather(rng.choice(3, people, p=[0.94, 0.05, 0.01])),
            "born_on": pl.Series(_days(rng.integers(-22_000, -7_000, people))),
        }
    ).with_columns(
        effective_on=pl.lit(date(2025, 1, 1)), jurisdiction=pl.lit("CN"), language=pl.lit("")
    )


def _points(people: int, rng: np.random.Generator) -> pl.DataFrame:
    owners = np.arange(1, people + 1)
    kinds = {"phone": 1.0, "email": 0.5, "app": 0.7, "address": 0.4}
    frames = [
        pl.DataFrame({"person_id": owners[rng.random(people) < share]}).with_columns(
            kind=pl.lit(kind)
        )
        for kind, share in kinds.items()
    ]
    return (
        pl.concat(frames)
        .with_row_index("id", 1)
        .with_columns(
            relation=pl.lit("obligor"),
            value_cipher=pl.lit(r"\x00"),
            value_index=pl.format(r"\x{}", pl.col("id").cast(pl.String).str.zfill(32)),
            obtained=pl.lit("contract"),
            fictional=pl.lit(True),
            zone=pl.lit(""),
            effective_on=pl.lit(date(2025, 1, 1)),
        )
    )


def _accounts(owner: Numbers) -> pl.DataFrame:
    ids = np.arange(1, len(owner) + 1)
    kinds = pl.Series(["consumer_finance", "bank", "micro_loan"])
    return pl.DataFrame(
        {"id": ids, "person_id": owner + 1, "creditor_type": kinds.gather(ids % 3)}
    ).with_columns(
        ref="bench:a" + pl.col("id").cast(pl.String),
        product=pl.lit("paylater"),
        currency=pl.lit("CNY"),
        jurisdiction=pl.lit("CN"),
    )


def _dues(n: int, rng: np.random.Generator) -> pl.DataFrame:
    first = rng.integers(-330, 30, n)  # days from the as-of day to the first due
    month = np.tile(np.arange(DUES_EACH), n)
    day = np.repeat(first, DUES_EACH) + month * 30
    amount = np.repeat(rng.integers(3_000, 300_000, n), DUES_EACH)
    return pl.DataFrame(
        {
            "account_id": np.repeat(np.arange(1, n + 1), DUES_EACH),
            "effective_on": _days(np.repeat(first - 30, DUES_EACH)),
            "due_on": _days(day),
            "amount_minor": amount,
        }
    ).with_columns(kind=pl.lit("installment"))


def _payments(dues: pl.DataFrame, late: Numbers, rng: np.random.Generator) -> pl.DataFrame:
    """Return a payment for every past due that was paid: late ones are late or missing."""
    due_on = dues["due_on"].to_numpy()
    mood = late[dues["account_id"].to_numpy() - 1]
    missing = (mood < LATE_NOW) & (due_on > np.datetime64(AS_OF) - rng.integers(1, 200, len(dues)))
    delay = np.where(mood < LATE_NOW + LATE_ONCE, rng.integers(-5, 25, len(dues)), -1)
    paid_on = due_on + delay
    there = ~missing & (paid_on <= np.datetime64(AS_OF))
    paid = dues.filter(pl.Series(there))
    return pl.DataFrame(
        {
            "account_id": paid["account_id"],
            "amount_minor": paid["amount_minor"],
            "effective_on": paid_on[there],
        }
    ).with_columns(
        stage=pl.lit("settled"),
        payment_ref="bench:p" + pl.int_range(pl.len()).cast(pl.String),
    )


def _attempts(part: Numbers, troubled: Numbers, rng: np.random.Generator) -> pl.DataFrame:
    person = troubled[rng.integers(0, len(troubled), len(part))] + 1
    ago = rng.integers(1, 180, len(part))
    voice = rng.random(len(part)) < 0.6
    connected = voice & (rng.random(len(part)) < 0.4)
    day = np.datetime64(AS_OF) - ago
    return pl.DataFrame(
        {
            "person_id": person,
            "contact_point_id": person,  # the phones come first
            "channel": pl.Series(np.where(voice, "voice", "sms")),
            "interactive": voice,
            "connected": connected,
            "effective": connected & (rng.random(len(part)) < 0.6),
            "local_on": day,
            "at": day.astype("datetime64[us]") + rng.integers(3_600, 40_000, len(part)) * 1_000_000,
        }
    ).with_columns(inbound=pl.lit(False), actor=pl.lit("bench"))


def _days(from_as_of: Numbers) -> Any:
    return np.datetime64(AS_OF) + from_as_of


def _drop_indexes(cursor: Any, table: str) -> None:
    """Drop what only slows the load: indexes and unique constraints but the primary key."""
    cursor.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype = 'u'",
        [table],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'alter table {table} drop constraint "{name}"')
    cursor.execute(
        "select indexrelid::regclass::text from pg_index"
        " where indrelid = %s::regclass and not indisprimary",
        [table],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"drop index {name}")


def _copy(cursor: Any, table: str, frame: pl.DataFrame) -> int:
    """Append rows to a table by COPY; facts get a source and a key of their own."""
    if table != "person":
        key = pl.col("ref") if table == "account" else _key(cursor, table)
        frame = frame.with_columns(source=pl.lit("bench"), source_key=key)
    text = io.BytesIO()
    frame.write_csv(text, include_header=False)
    with cursor.copy(f"copy {table} ({', '.join(frame.columns)}) from stdin (format csv)") as copy:
        copy.write(text.getbuffer())
    return len(frame)


def _key(cursor: Any, table: str) -> pl.Expr:
    cursor.execute("select coalesce(max(id), 0) from " + table)
    number = pl.int_range(pl.len()) + cursor.fetchone()[0]
    return pl.format(f"bench:{table}:{{}}", number)
