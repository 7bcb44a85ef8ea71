"""Run the night's frames on an engine: Polars in this process, or Spark on a cluster.

Input and output only: it opens a snapshot's files and carries rows; what is computed is `batch/`'s.
On Spark the facts are assembled natively and decided where they are, a partition at a time; the
snapshot's folder must then be one that every worker can read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any, Protocol

import narwhals as nw
import polars as pl
import pyarrow as pa

from forbear.batch.decide import decided
from forbear.batch.frames import TABLES
from forbear.batch.plan import PLAN
from forbear.batch.rules import Rules
from forbear.delinquency.due import Frame, Frames
from forbear.kernel.errors import ForbearError
from forbear.store.snapshot import Snapshot

PEOPLE_AT_ONCE = 200_000


class NoSpark(ForbearError):
    """Spark cannot be used here."""

    code = "night.no_spark"
    http_status = 503


class Engine(Protocol):
    """What carries the frames."""

    def opened(self, snapshot: Snapshot) -> Frames:
        """Return the tables of a snapshot."""

    def keep(self, frame: Frame) -> Frame:
        """Compute a frame now and return it, because more than one step reads it."""

    def table(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame that is small enough for one machine."""

    def plan(self, people: Frame, rules: Rules) -> pa.Table:
        """Return the plan of everyone in a frame, in the order of their numbers."""


class PolarsEngine:
    """Everything in this process."""

    def opened(self, snapshot: Snapshot) -> Frames:
        """Return the tables of a snapshot."""
        return {
            t: nw.from_native(pl.scan_parquet(snapshot.folder / f"{t}.parquet")) for t in TABLES
        }

    def keep(self, frame: Frame) -> Frame:
        """Compute a frame now and return it."""
        computed: Frame = nw.from_native(nw.to_native(frame).collect().lazy())
        return computed

    def table(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame."""
        return nw.to_native(frame).collect().to_arrow()

    def plan(self, people: Frame, rules: Rules) -> pa.Table:
        """Return the plan of everyone in a frame, a slice at a time."""
        rows = nw.to_native(people).collect().sort("person")
        slices = [decided(part.to_arrow(), rules) for part in rows.iter_slices(PEOPLE_AT_ONCE)]
        return pa.concat_tables([PLAN.empty_table(), *slices])


class SparkEngine:
    """A cluster: what SPARK_REMOTE or FORBEAR_SPARK_MASTER names, or this machine's cores."""

    def __init__(self) -> None:
        self._spark = _session()

    def opened(self, snapshot: Snapshot) -> Frames:
        """Return the tables of a snapshot."""
        read = self._spark.read
        return {t: nw.from_native(read.parquet(f"{snapshot.folder}/{t}.parquet")) for t in TABLES}

    def keep(self, frame: Frame) -> Frame:
        """Compute a frame now, on the workers, and return it."""
        computed: Frame = nw.from_native(nw.to_native(frame).localCheckpoint())
        return computed

    def table(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame."""
        return nw.to_native(frame).toArrow()

    def plan(self, people: Frame, rules: Rules) -> pa.Table:
        """Return the plan of everyone in a frame, decided partition by partition."""

        def decide(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield from decided(pa.Table.from_batches([batch]), rules).to_batches()

        rows = nw.to_native(people).mapInArrow(decide, _spark_schema()).toArrow()
        return rows.cast(PLAN).sort_by("person").combine_chunks()


def engine_named(name: str) -> Engine:
    """Return an engine.

    Errors: NoSpark.
    """
    return SparkEngine() if name == "spark" else PolarsEngine()


def _session() -> Any:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoSpark(
            "pyspark is not installed; run `make spark`, or use --engine polars"
        ) from None
    builder = SparkSession.builder.appName("forbear")
    master = os.environ.get("FORBEAR_SPARK_MASTER", "local[*]")
    if master.startswith("local"):  # a cluster has its own idea of where Python is
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "SPARK_REMOTE" not in os.environ:
        builder = builder.master(master)
    builder = builder.config("spark.ui.enabled", "false").config("spark.sql.ansi.enabled", "true")
    try:
        return builder.getOrCreate()
    except (PySparkRuntimeError, OSError) as error:
        raise NoSpark(
            f"Spark does not start at {master} ({str(error).splitlines()[0]}); it wants a Java"
            " runtime, 17 or later"
        ) from None


def _spark_schema() -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(PLAN)
