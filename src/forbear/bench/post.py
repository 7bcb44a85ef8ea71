"""Measure how fast transfers become durable: n of them through COPY, with every check and index."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import psycopg

from forbear.ledger.account import CODE, LedgerAccount
from forbear.ledger.transfer import KIND_CODE, TransferKind
from forbear.store import books as store
from forbear.store.server import database_url

ACCOUNTS = 50_000
ON = date(2026, 1, 31)


def run(n: int = 1_000_000) -> dict[str, Any]:
    """Return the seconds until n transfers are committed."""
    each = np.arange(n)
    rows = pl.DataFrame(
        {
            "account_id": each % ACCOUNTS + 1,  # links are taken as read: no account need be there
            "kind": np.full(n, KIND_CODE[TransferKind.allocation], np.int8),
            "debit": np.full(n, CODE[LedgerAccount.unapplied], np.int8),
            "credit": np.where(
                each % 3 == 0, CODE[LedgerAccount.fee], CODE[LedgerAccount.principal]
            ).astype(np.int8),
            "amount_minor": each % 9_000 + 1,
            "number": (each % 6 + 1).astype(np.int16),
        }
    ).with_columns(
        effective_on=pl.lit(ON),
        booked_on=pl.lit(ON),
        lent_by=pl.format("booking:b{}", pl.col("account_id")),
        cause=pl.format("payment:p{}:settled", pl.col("account_id")),
        reverses=pl.lit(False),
        rules=pl.lit("0123456789ab"),
    )
    with psycopg.connect(database_url()) as conn:
        began = time.perf_counter()
        store.insert_transfers(conn, rows)
        conn.commit()
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "durable_per_s": round(n / seconds)}
