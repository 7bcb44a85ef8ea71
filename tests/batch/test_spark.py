"""Spark and Polars make the same night of the same facts, byte for byte."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from tests.batch.book import AS_OF, Book, day, frames_of, instant, rules_of

from forbear.batch.assemble import assembled
from forbear.batch.seal import table_digest
from forbear.kernel.vocabulary import PointKind
from forbear.store.engine import Engine, NoSpark, PolarsEngine, SparkEngine
from forbear.store.snapshot import Snapshot

pytestmark = [pytest.mark.spark, pytest.mark.slow]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    pytest.importorskip("pyspark", reason="pyspark is not installed; run `make spark`")
    if shutil.which("java") is None:
        pytest.skip("there is no Java runtime; Spark wants 17 or later")
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")  # few rows: compiling costs more
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    yield SparkEngine()
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.kill()  # else its JVM stays, and takes its share, until the last test of the run
    gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture
def book() -> Book:
    """A little of everything that the night reads."""
    book = Book()
    for n in range(24):
        who = f"p{n:02d}"
        book.person(who, zone=("Asia/Shanghai", "Asia/Urumqi", "")[n % 8 // 3], lot=n * 40_000)
        for a in range(1 + n % 2):
            account = f"{who}-{a}"
            book.account(account, who, currency="CNY" if n % 5 else "USD")
            for month in range(4):
                book.due(account, -20 * month - n, 9_000 + 100 * n)
                if (n + month) % 3:
                    book.paid(account, -20 * month - n + month, 9_000)
            if n % 6 == 0:
                book.due(account, -40, 70_000 + n, statement=True, billed=-60)
            if n % 7 == 0:
                book.reported(account, -10, n % 3)
            if n % 11 == 0:
                book.refunded(account, -2, 500)
        for call in range(n % 5):
            book.called(who, -call, bits=2 + 4 * (call % 3 == 2))
    book.called("p01", 1, bits=14)
    book.reserved("p02", 1)
    book.consent("p03", "opt_out", instant(-3), channel="sms")
    book.consent("p04", "cease_request", instant(-3))
    book.consent("p05", "night_contact", instant(-3))
    book.status("p06", "deceased", instant(-3))
    book.status("p07", "settled", instant(-3), account="p07-0")
    book.add("dispute", person_id="p08", account_id="p08-0", dispute=1, at=instant(-3), opened=True)
    book.add("dispute", person_id="p09", account_id=None, dispute=2, at=instant(-3), opened=True)
    book.stage("p10:phone", "invalid", instant(-3))
    book.point("p11", PointKind.phone, key="p11:second", since=-4)
    book.stage("p11:phone", "refused", instant(-3))
    book.add("promise", person_id="p13", due_on=day(2), at=instant(-3), amount_minor=1)
    book.paid("p14-0", -1, 400, stage="initiated", ref=999)
    return book


def test_spark_and_polars_plan_the_same_night(spark, book, tmp_path):
    tables, canon = frames_of(book)
    for name, rows in tables.items():
        rows.write_parquet(tmp_path / f"{name}.parquet")
    snapshot = Snapshot(
        folder=tmp_path,
        as_of=AS_OF,
        facts_digest="",
        zones=canon.zones,
        currencies=canon.currencies,
        point_zones=canon.point_zones,
        areas=canon.areas,
        rows={},
        marks={},
    )

    def night(engine: Engine) -> dict[str, str]:
        rules = rules_of(canon)
        facts = assembled(
            engine.opened(snapshot), rules.house, rules.windows, as_of=AS_OF, keep=engine.keep
        )
        plan = engine.plan(facts.people, rules)
        assert len(plan) > 15
        movement = engine.table(facts.movement)
        rows = sorted(zip(*(movement.column(c).to_pylist() for c in MOVED), strict=True))
        return {"plan": table_digest(plan), "movement": str(rows)}

    assert night(spark) == night(PolarsEngine())


MOVED = ("currency", "then", "now", "accounts", "due_minor", "outstanding_minor")


def test_without_spark_the_night_says_what_to_do(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(NoSpark, match="make spark"):
        SparkEngine()
