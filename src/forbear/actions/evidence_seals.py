"""Hold what files brought in against the seals that were left when it came."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from forbear.actions.evidence_walk import Fault
from forbear.evidence.entry import BadEntry, Kind, parse_entry
from forbear.kernel.words import counted
from forbear.store import seal as store
from forbear.store.evidence import fetch_texts


def check_seals(conn: Any, fault: Fault) -> int:
    """Say what was changed, taken out or put in since it was sealed; return how many rows are."""
    by_table = defaultdict(list)
    for seal in store.fetch_seals(conn):
        by_table[seal.table].append(seal)
    unsealed = _unsealed(conn)
    rows = 0
    for table in store.sealed_tables():
        sealed = 0
        for held in store.fetch_held(conn, table, by_table[table]):
            sealed += held.rows
            if (held.rows, held.digest) != (held.seal.rows, held.seal.digest):
                fault(_broken(held))
        outside = store.count_filed(conn, table) - sealed
        before = unsealed.get(table)
        if before is not None and outside != before:
            fault(
                f"{table}: {counted(outside, 'row')} under no seal, and there were {before:,}"
                " before seals began: rows were put in from outside, or taken out"
            )
        rows += sealed + outside
    return rows


def _broken(held: store.Held) -> str:
    """Return what is wrong with rows that were sealed together."""
    seal = held.seal
    where = f"{seal.table} of {seal.source}, written at {seal.recorded_at}"
    if held.rows == seal.rows:
        return f"{where}: one of {counted(seal.rows, 'row')} was changed since they were sealed"
    return f"{where}: {counted(seal.rows, 'row')} sealed, {held.rows:,} there now"


def _unsealed(conn: Any) -> dict[str, int]:
    """Return how many rows each table had before there were seals."""
    for text in fetch_texts(conn, Kind.log_began.value):
        try:
            said = parse_entry(text)
        except BadEntry:  # a fault of its own
            continue
        if "unsealed" in said.body:
            return dict(said.body["unsealed"])
    return {}
