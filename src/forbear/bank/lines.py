"""The rows of a bank file as lines, or why a row cannot be one; and what names a line. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from forbear.bank.map import BankMap
from forbear.tape.cells import Cells, Fault, read_cells
from forbear.tape.fields import Field, Kind
from forbear.tape.map import Value
from forbear.tape.rows import REJECT

Index = Callable[[str], bytes]  # the blind index of a text, under this installation's key
LINE = {
    "row": pl.Int64(),
    "bank_account": pl.String(),
    "currency": pl.String(),
    "effective_on": pl.Date(),
    "amount_minor": pl.Int64(),  # above zero: came in; below: went out
    "party_name": pl.String(),
    "party_account": pl.String(),
    "text": pl.String(),
    "bank_ref": pl.String(),
}
CONTENT = ("effective_on", "amount_minor", "currency", "party_name", "party_account", "text")
EXPONENT = r"\d[eE][+-]?\d"
MUST = ("bank_account", "currency", "effective_on")


@dataclass(frozen=True, slots=True)
class Lines:
    """What some rows of a file give."""

    lines: pl.DataFrame  # LINE
    rejects: pl.DataFrame  # REJECT: one line for each cell at fault


def read_lines(cells: pl.DataFrame, numbers: pl.Series, tape: BankMap) -> Lines:
    """Return the lines of some rows, and the cells that cannot be read.

    Shape:  cells (n,) columns of text, named as in the file; numbers (n,) each row's number there.
    Unit:   minor units, exact; a third decimal is refused, never rounded.
    Errors: none; what cannot be read is in rejects, one line a cell.
    """
    return _Rows(cells, numbers, tape).lines()


class _Rows:
    """Some rows while they are read."""

    def __init__(self, cells: pl.DataFrame, numbers: pl.Series, tape: BankMap) -> None:
        self.cells, self.numbers, self.tape = cells, numbers, tape
        self.rejects: list[pl.DataFrame] = []

    def lines(self) -> Lines:
        """Return what the rows give."""
        tape = self.tape
        currency = self.read(tape.currency, Kind.currency)
        found = {
            "row": self.numbers,
            "bank_account": self.read(tape.bank_account, Kind.ref),
            "currency": currency,
            "effective_on": self.read(tape.on, Kind.day),
            "amount_minor": self.amount(currency),
            "party_name": self.read(tape.party_name, Kind.text).fill_null(""),
            "party_account": self.read(tape.party_account, Kind.ref).fill_null(""),
            "text": self.text(),
            "bank_ref": self.read(tape.bank_ref, Kind.ref).fill_null(""),
        }
        for name, value in zip(MUST, (tape.bank_account, tape.currency, tape.on), strict=True):
            empty = self.said(value).is_null()
            self.reject(value, Fault(empty, "bank.empty", "is empty; every line needs one"))
            del name
        rejects = pl.concat([pl.DataFrame(schema=REJECT), *self.rejects])
        bad = self.numbers.is_in(rejects["row"].implode())
        return Lines(pl.DataFrame(found, schema=LINE).filter(~bad), rejects)

    def said(self, value: Value | None) -> pl.Series:
        """Return what the cells of a value say, null where they say nothing."""
        n = len(self.cells)
        if value is None or (value.column and value.column not in self.cells.columns):
            return pl.Series("", [None] * n, pl.String)
        if not value.column:
            return pl.Series("", [value.literal or None] * n, pl.String)
        plain = self.cells[value.column].str.strip_chars()
        nothing = plain.is_in(["", *self.tape.reads.empty_words]).fill_null(True)
        plain = plain.set(nothing, None)
        return plain.replace(dict(value.words)) if value.words else plain

    def read(self, value: Value | None, kind: Kind) -> pl.Series:
        """Return a column of values, its faults kept."""
        said = self.said(value)
        coin = said if kind == Kind.currency else pl.Series("", ["CNY"] * len(said), pl.String)
        return self.kept(value, self._read(said, kind, coin, value))

    def amount(self, currency: pl.Series) -> pl.Series:
        """Return the signed amounts of the rows."""
        tape = self.tape
        coin = currency.fill_null("CNY")
        if tape.amount:
            amount = self.money(tape.amount, coin)
            if tape.direction:
                way = self.said(tape.direction)
                odd = ~way.is_in(["came", "went"]).fill_null(False)
                says = f"is not one of {', '.join(tape.direction.words)}"
                self.reject(tape.direction, Fault(odd, "bank.direction", says))
                amount = amount.zip_with((way == "came").fill_null(True), -amount)
            self.reject(tape.amount, _none(amount, self.said(tape.amount)))
            return amount
        came, went = self.money(tape.came, coin), self.money(tape.went, coin)
        both = ((came != 0) & (went != 0)).fill_null(False)
        says = "is filled, and so is the column of what went out; a line goes one way"
        self.reject(tape.came or tape.went, Fault(both, "bank.both_ways", says))
        amount = came.fill_null(0) - went.fill_null(0)
        said = self.said(tape.came).fill_null(self.said(tape.went))
        readable = (self.said(tape.came).is_null() | came.is_not_null()) & (
            self.said(tape.went).is_null() | went.is_not_null()
        )
        lacks = _none(amount, said)
        self.reject(
            tape.came or tape.went,
            Fault(lacks.rows & readable & ~both, lacks.code, lacks.says),
        )
        return amount

    def money(self, value: Value | None, coin: pl.Series) -> pl.Series:
        """Return the amounts of a column, in minor units; a bank writes none as 1e3."""
        said = self.said(value)
        read = self._read(said, Kind.money, coin, value)
        short = said.str.contains(EXPONENT).fill_null(False)
        fault = Fault(
            short, "tape.bad_money", "is a spreadsheet's short form; write the amount as 1234.56"
        )
        values = read.values.set(short, None)
        return self.kept(value, Cells(values, (fault, *read.faults)) if short.any() else read)

    def text(self) -> pl.Series:
        """Return what the sender wrote, the parts of it in order."""
        parts = [self.read(each, Kind.text).fill_null("") for each in self.tape.texts]
        if not parts:
            return pl.Series("", [""] * len(self.cells), pl.String)
        frame = pl.DataFrame({str(n): part for n, part in enumerate(parts)})
        joined = frame.select(pl.concat_str(pl.all(), separator=" ").str.strip_chars())
        return joined.to_series()

    def _read(self, said: pl.Series, kind: Kind, coin: pl.Series, value: Value | None) -> Cells:
        formats = value.formats if value else ()
        rule = Field(kind, required=False)
        return read_cells(said, rule, formats=formats, reads=self.tape.reads, currency=coin)

    def kept(self, value: Value | None, read: Cells) -> pl.Series:
        """Return what was read, its faults kept."""
        for fault in read.faults:
            self.reject(value, fault)
        return read.values

    def reject(self, value: Value | None, fault: Fault) -> None:
        """Set rows aside for a fault."""
        rows = fault.rows.fill_null(False)
        if value is None or not rows.any():
            return
        named = value.column or value.literal
        original = self.cells[value.column] if value.column in self.cells.columns else None
        shown = original if original is not None else pl.Series("", [named] * len(rows))
        lines = pl.DataFrame({"row": self.numbers, "original": shown.fill_null("")}).filter(rows)
        said = lines.with_columns(
            column=pl.lit(named), code=pl.lit(fault.code), reason=pl.lit(fault.says)
        )
        self.rejects.append(said.select(*REJECT).cast(REJECT))  # type: ignore[arg-type]


def _none(moved: pl.Series, said: pl.Series) -> Fault:
    """Return the fault of rows that move nothing."""
    empty = (moved.is_null() & said.is_null()) | (moved == 0)
    return Fault(empty.fill_null(False), "bank.no_amount", "moves nothing; a line has an amount")


def keyed(lines: pl.DataFrame, index: Index) -> Lines:
    """Return the lines of a whole file with their `key` and the digest of their `content`.

    A line is named by the bank's reference; without one by its content and which of its equals in
    the file it is, so that the same file, or one that overlaps it, adds no line twice.
    Errors: none; a reference that stands in two rows is in rejects.
    """
    rows = lines.select(CONTENT).cast(pl.String).rows()
    digests = [index("\x1f".join(each)).hex() for each in rows]
    known = lines.with_columns(content=pl.Series(digests, dtype=pl.String))
    nth = pl.col("row").cum_count().over("bank_account", "content")
    plain = pl.format("content:{}:{}", "content", nth)
    named = pl.format("ref:{}", "bank_ref")
    known = known.with_columns(key=pl.when(pl.col("bank_ref") != "").then(named).otherwise(plain))
    first = pl.col("row").min().over("bank_account", "key")
    twice = known.filter(pl.col("row") != first).select(
        "row",
        column=pl.lit("bank_ref"),
        code=pl.lit("bank.ref_twice"),
        reason=pl.lit("is another line's reference in this file already"),
        original="bank_ref",
    )
    rejects = twice.cast(REJECT) if len(twice) else pl.DataFrame(schema=REJECT)  # type: ignore[arg-type]
    return Lines(known, rejects)
