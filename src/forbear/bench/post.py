"""Measure how fast transfers are applied in columns, and how fast they become durable.

Applied: written to a journal that refuses what a kind may not move, then summed for each account
and each account of the book, and balanced. Durable: through COPY until they are committed, with
every check and index. A transfer is two postings: one leg debited, one credited.
"""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import psycopg

from forbear.ledger.account import CODE, LedgerAccount
from forbear.ledger.balance import balances_by, out_of_balance
from forbear.ledger.transfer import KIND_CODE, Journal, TransferKind
from forbear.store import books as store
from forbear.store.server import database_url

ACCOUNTS = 50_000
ON = date(2026, 1, 31)


def run(n: int = 1_000_000) -> dict[str, Any]:
    """Return the seconds until n transfers are committed, and how many a second are applied."""
    rows = drawn(n)
    with psycopg.connect(database_url()) as conn:
        began, used = time.perf_counter(), time.process_time()
        store.insert_transfers(conn, rows)
        conn.commit()
        seconds, used = time.perf_counter() - began, time.process_time() - used
    began, busy = time.perf_counter(), time.process_time()
    _applied(rows)
    applied, busy = time.perf_counter() - began, time.process_time() - busy
    return {
        "seconds": seconds,
        "durable_transfers_per_s": round(n / seconds),
        "durable_postings_per_s": round(2 * n / seconds),
        "durable_client_cpu_s": round(used, 3),
        "applied_transfers_per_s": round(n / applied),
        "applied_transfers_per_cpu_s": round(n / busy),
    }


def _applied(rows: pl.DataFrame) -> None:
    """Write transfers to a journal, sum them for each account, and balance them."""
    journal, kind = Journal(), TransferKind.allocation
    account, minor = rows["account_id"].to_numpy() - 1, rows["amount_minor"].to_numpy()
    credits = rows["credit"].to_numpy()
    for credit in (LedgerAccount.fee, LedgerAccount.principal):
        part = np.where(credits == CODE[credit], minor, 0)
        debit, on = LedgerAccount.unapplied, np.datetime64(ON, "D")
        journal.write(kind, debit, credit, on=on, account=account, amount_minor=part)
    moved = journal.transfers()
    assert len(moved) == len(rows), "a transfer was lost"
    assert out_of_balance(moved) == 0, "the books do not balance"
    balances_by(moved.account, ACCOUNTS, moved)


def drawn(n: int) -> pl.DataFrame:
    """Return n transfers as they are kept."""
    each = np.arange(n)
    return pl.DataFrame(
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
