"""Check what a map says by itself, before a row is read: its literals and constants. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from forbear.tape.cells import read_cells
from forbear.tape.fields import TABLES, Field, Kind
from forbear.tape.map import BadConstant, TapeMap, Value, with_constants
from forbear.tape.node import BadMap


def ready_map(tape: TapeMap, overrides: Mapping[str, str]) -> TapeMap:
    """Return a map with some constants overridden, every literal of it readable.

    Errors: BadConstant, BadMap.
    """
    tape = with_constants(tape, overrides)
    currency = tape.currency or Value()
    _check(tape, currency, Field(Kind.currency), "currency")
    for entry in tape.entries:
        for name, value in entry.fields.items():
            _check(tape, value, TABLES[entry.table].fields[name], f"{entry.table}.{name}")
    return tape


def _check(tape: TapeMap, value: Value, rule: Field, where: str) -> None:
    """Refuse a literal or constant that its field cannot hold."""
    if value.column:
        return
    said = tape.constants[value.constant] if value.constant else value.literal
    cell = pl.Series([said or None], dtype=pl.String)
    coin = pl.Series(["CNY"])
    faults = read_cells(cell, rule, formats=(), reads=tape.reads, currency=coin).faults
    says = faults[0].says if faults else "is empty" if rule.required and not said else ""
    if says and value.constant:
        raise BadConstant(f"{value.constant}={said} of map {tape.name} {says}")
    if says and where != "currency":
        raise BadMap(f"map {tape.name}, {where}: {said!r} {says}")
