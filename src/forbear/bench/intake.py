"""Measure the import of a credit-card book of n clients, from CSV to facts in PostgreSQL.

The file has the shape of the UCI tape (six statements, six payments and six reported months a row,
about 19 facts) and is drawn from a seed; FORBEAR_UCI_FILE names the real one where it is at hand.
Writing the file is not part of what is measured.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SEED = 20050930
ROWS_AT_ONCE = 50_000
MONTHS = 6
STATUS = np.array([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8])
STATUS_WEIGHTS = np.array([2759, 5686, 14737, 3688, 2667, 322, 76, 26, 11, 9, 19])


def run(n: int = 30_000) -> dict[str, Any]:
    """Return the seconds of one import of n rows, and of the same file again."""
    from forbear.actions.intake import do_import
    from forbear.actions.reader import machine

    with tempfile.TemporaryDirectory() as folder:
        path = Path(os.environ.get("FORBEAR_UCI_FILE") or Path(folder) / "tape.csv")
        if path.parent == Path(folder):
            write_tape(path, n, seed=SEED)
        figures: dict[str, Any] = {"file_mib": round(path.stat().st_size / 2**20, 1)}
        for name in ("seconds", "again_s"):
            began = time.perf_counter()
            report = do_import(
                machine("bench"),
                path=path,
                map_name="uci",
                overrides={},
                fictional_contacts=False,
                dry_run=False,
                progress=lambda _done, _total: None,
            )
            figures[name] = round(time.perf_counter() - began, 3)
            figures.setdefault("facts", sum(report.added.values()))
    return figures


def write_tape(path: Path, n: int, *, seed: int) -> None:
    """Write a CSV of n clients in the shape of the UCI tape."""
    rng = np.random.default_rng(seed)
    with path.open("wb") as file:
        for first in range(0, n, ROWS_AT_ONCE):
            rows = _rows(first + 1, min(ROWS_AT_ONCE, n - first), rng)
            rows.write_csv(file, include_header=first == 0)


def _rows(first: int, n: int, rng: np.random.Generator) -> pl.DataFrame:
    months = range(1, MONTHS + 1)
    shares = STATUS_WEIGHTS / STATUS_WEIGHTS.sum()
    limit = rng.integers(1, 100, n) * 10_000
    columns: dict[str, Any] = {"ID": np.arange(first, first + n), "LIMIT_BAL": limit}
    columns |= {name: rng.integers(1, 4, n) for name in ("SEX", "EDUCATION", "MARRIAGE")}
    columns["AGE"] = rng.integers(21, 80, n)
    for name in ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"):
        columns[name] = rng.choice(STATUS, n, p=shares)
    for month in months:
        columns[f"BILL_AMT{month}"] = (limit * rng.beta(0.6, 1.8, n)).astype(np.int64)
    for month in months:
        paid = (columns[f"BILL_AMT{month}"] * rng.beta(0.5, 4, n)).astype(np.int64)
        columns[f"PAY_AMT{month}"] = np.where(rng.random(n) < 0.2, 0, paid)
    columns["default.payment.next.month"] = rng.integers(0, 2, n)
    return pl.DataFrame(columns)
