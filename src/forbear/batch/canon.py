"""Bring rows as the database gave them into the one order that the facts themselves give.

The database numbers rows in the order of their arrival; here they are numbered in the order of the
lender's refs, sorted, and stripped of everything that depends on when they came. Pure: no clock,
no database, no files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from forbear.batch.frames import TABLES
from forbear.contact.facts import jurisdiction_code
from forbear.kernel.area import lies_within
from forbear.kernel.columns import Ints, Longs

YEAR_ONE = (date(1970, 1, 1) - date(1, 1, 1)).days  # packed days are counted from there
# Of an attempt as read: its flags, then the channel, then one flag more, then the day.
BITS = {"inbound": 1, "interactive": 2, "connected": 4, "effective": 8, "debts_known": 256}
LINKS = {"person_id": "person", "account_id": "account", "contact_point_id": "point"}


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which number each id of one table has. Ids are the database's, numbers are the snapshot's."""

    ids: Longs  # by number

    def numbers(self, ids: Longs) -> Ints:
        """Return the number of each id.

        Shape:  ids (m,), each of them known; result (m,).
        Errors: AssertionError where an id is not known: the database's own links forbid it.
        Source: none.
        """
        if not len(self.ids) or not len(ids):
            assert not len(ids), "a fact names a row that is not there"
            return np.empty(0, np.int32)
        least, most = int(self.ids.min()), int(self.ids.max())
        if most - least < 8 * len(self.ids) + 1_000_000:
            place = np.full(most - least + 1, -1, np.int32)
            place[self.ids - least] = np.arange(len(self.ids), dtype=np.int32)
            found = place[ids - least]
        else:
            order = np.argsort(self.ids)
            found = order[np.searchsorted(self.ids, ids, sorter=order)].astype(np.int32)
        return found


@dataclass(slots=True)
class Canon:
    """The numbers given so far. Persons come first, then accounts and points, then the rest."""

    numberings: dict[str, Numbering] = field(default_factory=dict)
    zones: tuple[str, ...] = ()  # by number
    currencies: tuple[str, ...] = ()  # by number
    point_zones: tuple[str, ...] = ()  # of contact points, by number; "" is the first
    areas: tuple[str, ...] = ("",)  # of contact points, by number; "" is the first

    def ordered(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Return one table's rows under numbers, sorted by all that they say.

        Shape:  rows as `store/snapshot.py` reads them; result has the columns of TABLES[table].
        Errors: AssertionError where a row names another that is not there.
        Source: house rule 9: facts in any order give the same bytes.
        """
        rows = rows.with_columns(pl.col(pl.Date).cast(pl.Int32), pl.col(pl.Datetime).cast(pl.Int64))
        rows = rows.with_columns(
            self._linked(number, rows[column])
            for column, number in LINKS.items()
            if column in rows.columns
        )
        match table:
            case "person" | "account" | "point":
                return self._numbered(table, rows)
            case "profile":
                return in_order(table, self._profiles(rows))
            case "due":
                return in_order(table, _dues(rows))
            case "payment":
                return in_order(table, _payments(rows))
            case "attempt":
                return _attempts(rows)
            case "moratorium":
                return in_order(table, self._moratoria(rows))
            case _:
                return in_order(table, rows)

    def _linked(self, number: str, ids: pl.Series) -> pl.Series:
        """Return the numbers of a column of ids; null stays null."""
        found = self.numberings[number].numbers(ids.drop_nulls().to_numpy())
        if not ids.null_count():
            return pl.Series(number, found)
        whole = np.zeros(len(ids), np.int32)
        there = ids.is_not_null()
        whole[there.to_numpy()] = found
        return pl.select(pl.when(there).then(pl.Series(whole))).to_series().alias(number)

    def _numbered(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a table that others point at, in their order, and keep their ids."""
        rows = rows.sort("person", "source_key") if table == "point" else rows.sort("ref")
        self.numberings[table] = Numbering(rows["id"].to_numpy())
        rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias(table))
        if table == "account":
            self.currencies = tuple(sorted(rows["currency"].unique()))
            rows = rows.with_columns(
                _position("currency", self.currencies), _packed("jurisdiction", rows)
            )
        if table == "point":  # the same number or address, whoever it is listed under
            rows = rows.with_columns(
                pl.col("point").min().over("kind", "value_index").alias("value")
            )
            self.point_zones = tuple(sorted({"", *rows["zone"].unique()}))
            self.areas = tuple(sorted({"", *rows["area"].unique()}))
            rows = rows.with_columns(
                _position("zone", self.point_zones), _position("area", self.areas)
            )
        return rows.select(TABLES[table])

    def _moratoria(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return every area of a contact point that some moratorium holds for, by place.

        It holds for the areas within its own; and, unless it says otherwise, for whoever may be in
        it: where only a wider area is known, or (area 0) none.
        """
        held = {
            (jurisdiction_code(row["jurisdiction"]), number)
            for row in rows.iter_rows(named=True)
            for number, area in enumerate(self.areas)
            if lies_within(area, row["area"])
            or (row["holds_unknown"] and (not area or lies_within(row["area"], area)))
        }
        schema = {"jurisdiction": pl.Int16, "area": pl.Int32}
        return pl.DataFrame(sorted(held), schema=schema, orient="row")

    def _profiles(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return one profile per person and day: of two, the one that was recorded later."""
        by = ["person", "effective_on", "recorded_at", "source_key"]
        rows = rows.sort(by, descending=[False, False, False, True])
        rows = rows.unique(["person", "effective_on"], keep="last")
        self.zones = tuple(sorted({"", *rows["zone"].unique()}))
        return rows.with_columns(_position("zone", self.zones), _packed("jurisdiction", rows))


def in_order(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of one table with its columns only, sorted by them, `nth` counted.

    Shape:  a column `key`, where there is one, settles ties before the amounts do.
    Errors: none.
    Source: house rule 9: facts in any order give the same bytes.
    """
    columns = TABLES[table]
    by = [c for c in columns if c in rows.columns]
    if "key" in rows.columns and rows["key"].null_count() < len(rows):
        by.insert(3, "key")
    ordered = rows.select(by).sort(by)
    if "nth" in columns:
        ordered = ordered.with_row_index("nth").with_columns(pl.col("nth").cast(pl.Int64))
    return ordered.select(columns)


def _attempts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return attempts in order, with what was read packed in one number as columns of their own.

    They are sorted while they are still packed, and so by fewer columns: this table is the largest.
    """
    packed = pl.col("packed")
    ordered = rows.select("person", "at", "point", "packed").sort("person", "at", "point", "packed")
    return ordered.with_columns(
        ((packed & 0xF0) // 16).cast(pl.Int16).alias("channel"),
        _day(packed // 512).alias("local_on"),
        *((packed & bit != 0).alias(name) for name, bit in BITS.items()),
    ).select(TABLES["attempt"])


def _dues(rows: pl.DataFrame) -> pl.DataFrame:
    packed = pl.col("packed")
    return rows.with_columns(
        _day(packed // (1 << 24)).alias("due_on"),
        _day((packed & ((1 << 24) - 1)) // 2).alias("effective_on"),
        (packed & 1 != 0).alias("statement"),
    )


def _payments(rows: pl.DataFrame) -> pl.DataFrame:
    packed = pl.col("packed")
    return rows.with_columns(
        _day(packed // 16).alias("effective_on"), (packed & 15).cast(pl.Int16).alias("stage")
    )


def _day(since_year_one: pl.Expr) -> pl.Expr:
    """Return days since the year 1 as days since 1970."""
    return (since_year_one - YEAR_ONE).cast(pl.Int32)


def _position(column: str, names: tuple[str, ...]) -> pl.Expr:
    """Return each text's position in a sorted list of names."""
    if not names:
        return pl.col(column).cast(pl.Int32)  # no rows
    numbers = list(range(len(names)))
    return pl.col(column).replace_strict(names, numbers, return_dtype=pl.Int32)


def _packed(column: str, rows: pl.DataFrame) -> pl.Expr:
    """Return two-letter codes packed into int16."""
    letters = rows[column].unique().to_list() or [""]
    codes = [jurisdiction_code(text) for text in letters]
    return pl.col(column).replace_strict(letters, codes, return_dtype=pl.Int16)
