"""Measure what a late fact costs: 24 months of n accounts with a backdated payment, lived again.

Living again and the comparison with what was posted are measured; both are in memory.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import polars as pl

from forbear.batch.books import FACT, begun
from forbear.batch.living import as_day, difference, lived_again
from forbear.bench.close import TERMS
from forbear.kernel.digest import value_digest
from forbear.servicing.agreement import due_kept
from forbear.servicing.fact import FACT_CODE, FactKind

START, MONTHS, MISSED, AMOUNT_MINOR = date(2024, 1, 1), 24, 22, 10_000
END = date(2026, 1, 1)


def run(n: int = 10_000) -> dict[str, Any]:
    """Return the seconds of living again and of comparing, and how many transfers that touched."""
    accounts, facts = drawn(n)
    _, posted = lived_again(begun(accounts, facts), until=as_day(END))
    late = pl.concat([facts, _late(accounts)])
    began, used = time.perf_counter(), time.process_time()
    _, wanted = lived_again(begun(accounts, late), until=as_day(END))
    lived = time.perf_counter()
    rows = difference(wanted, posted)
    done, used = time.perf_counter(), time.process_time() - used
    return {
        "seconds": done - began,
        "cpu_seconds": round(used, 3),
        "lived_again_s": round(lived - began, 3),
        "compared_s": round(done - lived, 3),
        "transfers": len(wanted),
        "written": len(rows),
    }


def drawn(n: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return n contracts and two years of purchases and payments, some of them late."""
    refs = [f"a{k:07d}" for k in range(n)]
    kept = {**TERMS, "seen": value_digest(TERMS)}
    rows = []
    for month in range(MONTHS):
        on = START + timedelta(days=30 * month)
        due_on = on + timedelta(days=20)
        dues = [due_kept(on=on, due_on=due_on, principal_minor=AMOUNT_MINOR, penalty_ppm=180_000)]
        schedule = str(dues).replace("'", '"')
        for k, ref in enumerate(refs):
            rows.append(_fact(ref, f"{ref}/{month}", FactKind.purchase, on, schedule))
            if month != MISSED:  # paid in time, and told after two years
                paid_on = due_on + timedelta(days=(k + month) % 7)
                rows.append(_fact(ref, f"{ref}/p{month}", FactKind.payment, paid_on, "[]"))
    accounts = pl.DataFrame({"account": refs}).with_columns(
        conditions=pl.lit(str(kept).replace("'", '"').replace("False", "false"))
    )
    return accounts, pl.DataFrame(rows, schema=FACT, orient="row")


def _late(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return the payment of the month that was missed, on its due day."""
    on = START + timedelta(days=30 * MISSED + 20)
    rows = [_fact(ref, f"{ref}/late", FactKind.payment, on, "[]") for ref in accounts["account"]]
    return pl.DataFrame(rows, schema=FACT, orient="row")


def _fact(ref: str, key: str, kind: FactKind, on: date, schedule: str) -> tuple[Any, ...]:
    return ref, key, FACT_CODE[kind], on, AMOUNT_MINOR, "", 0, schedule
