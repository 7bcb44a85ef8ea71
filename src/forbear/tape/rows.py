"""A batch of a tape's rows → facts, and the rows set aside with their reasons. Pure.

A row lands whole or not at all: one cell that cannot be read sets every fact of its row aside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from forbear.tape.cells import (
    SHORTENED,
    Cells,
    Fault,
    contact_value,
    counted,
    half_up,
    identity,
    read_cells,
    split,
)
from forbear.tape.fields import TABLES, Field, Kind
from forbear.tape.map import Condition, Entry, Reads, TapeMap, Value

REJECT = {
    "row": pl.Int64(),
    "column": pl.String(),
    "code": pl.String(),
    "reason": pl.String(),
    "original": pl.String(),
}
ZERO = r"^[+-]?0+(?:[.,]0*)?(?:[eE][+-]?\d{1,2})?$"  # no money at all, however it is written
Index = Callable[[str], bytes]  # the blind index of a text, under this installation's key


@dataclass(frozen=True, slots=True)
class Landing:
    """What one batch of rows gives."""

    # By table. `row` is the row that a fact came from, `entry` the place of its entry in the map.
    facts: Mapping[str, pl.DataFrame]
    rejects: pl.DataFrame  # REJECT: one line for each cell that is at fault


def landing(cells: pl.DataFrame, numbers: pl.Series, tape: TapeMap, *, index: Index) -> Landing:
    """Return the facts of a batch of rows, and the rows set aside.

    Shape:  cells (n,) columns of text, named as in the file; numbers (n,) int64, each row's number
            there. In facts, links are by ref: `person_ref`, `account_ref`.
    Errors: none; what cannot be read is in rejects, one line a cell.
    """
    batch = _Batch(cells, numbers, tape)
    for check in tape.checks:
        batch.reject(check.column, _unlike(check, ~batch.holds(check)))
    facts: dict[str, list[pl.DataFrame]] = {}
    for place, entry in enumerate(tape.entries):
        found = batch.facts(entry, index).with_columns(entry=pl.lit(place, pl.Int16))
        facts.setdefault(entry.table, []).append(found)
    kept = {  # in the order of TABLES, in which every link finds its row
        table: _once(pl.concat(facts[table], how="diagonal"), batch.bad())
        for table in TABLES
        if table in facts
    }
    if batch.person is not None:
        people = pl.DataFrame({"row": numbers, "ref": batch.person})
        kept = {"person": _once(people, batch.bad(), key="ref"), **kept}
    return Landing(kept, batch.rejects())


def _once(facts: pl.DataFrame, bad: pl.Series, *, key: str = "source_key") -> pl.DataFrame:
    """Return the facts of the rows that are good, each said once, in the order of their keys.

    That order is the same in every import: two at once never wait for each other in a circle.
    """
    good = facts.filter(~facts["row"].is_in(bad.implode())) if len(bad) else facts
    good = good.sort(key, maintain_order=True)
    if good[key].n_unique() == len(good):
        return good
    return good.unique(
        [c for c in good.columns if c not in ("row", "entry")], keep="first", maintain_order=True
    )


def _unlike(check: Condition, rows: pl.Series) -> Fault:
    """Return the fault of the rows that fail a check."""
    if check.is_in:
        says = f"is none of {', '.join(check.is_in)}, which are all that the map knows"
        return Fault(rows, "tape.unknown_word", says)
    if check.filled is not None:
        return Fault(rows, "tape.empty", "is empty" if check.filled else "should be empty")
    words = {"not_before": "is before", "same_day_as": "is not the day of"}
    says = f"{words.get(check.comparison, 'is the day of')} {check.other}"
    return Fault(rows, "tape.out_of_order", says)


class _Batch:
    """One batch of rows while it is read."""

    def __init__(self, cells: pl.DataFrame, numbers: pl.Series, tape: TapeMap) -> None:
        blank = ["", *tape.reads.empty_words]
        trimmed = pl.all().str.strip_chars()
        self.original, self.numbers, self.tape = cells, numbers, tape
        self.cells = cells.select(pl.when(~trimmed.is_in(blank)).then(trimmed).name.keep())
        self.faults: list[tuple[str, Fault]] = []
        self.known: dict[object, Cells] = {}  # a column is read once, however often it is used
        self.all = pl.repeat(True, len(numbers), eager=True)
        self.person = self._ref(tape.person)
        self.account = self._ref(tape.account)
        self.currency = self._texts(Value())
        if tape.currency:
            self.currency = self.read(tape.currency, Field(Kind.currency), self.all)

    def reject(self, column: str, fault: Fault) -> None:
        """Set the rows of a fault aside."""
        if fault.rows.any():
            self.faults.append((column, fault))

    def bad(self) -> pl.Series:
        """Return the numbers of the rows set aside."""
        bad = [self.numbers.filter(fault.rows) for _, fault in self.faults]
        return pl.concat(bad).unique() if bad else pl.Series("row", [], pl.Int64)

    def rejects(self) -> pl.DataFrame:
        """Return one line for each cell at fault, in the order of the rows."""
        lines = [pl.DataFrame(schema=REJECT)]
        for column, fault in self.faults:
            shown = column in self.original.columns
            texts = self.original[column] if shown else self._texts(Value())
            lines.append(
                pl.DataFrame({"row": self.numbers, "original": texts.fill_null("")})
                .filter(fault.rows)
                .with_columns(
                    column=pl.lit(column),
                    code=pl.lit(fault.code),
                    reason=pl.lit(f"{column} {fault.says}"),
                )
                .select(*REJECT)
            )
        return pl.concat(lines).unique(maintain_order=True).sort("row", maintain_order=True)

    def holds(self, condition: Condition) -> pl.Series:
        """Return the rows where a condition holds; what it cannot read sets the row aside."""
        cells = self._texts(Value(column=condition.column))
        if condition.is_in:
            return cells.is_in(list(condition.is_in)).fill_null(False)
        if condition.filled is not None:
            return cells.is_not_null() if condition.filled else cells.is_null()
        day = Field(Kind.day)
        here = self.read(Value(column=condition.column), day, self.all)
        there = self.read(Value(column=condition.other), day, self.all)
        if condition.comparison == "same_day_as":
            return (here == there).fill_null(False)
        if condition.comparison == "other_day_than":
            return (here != there).fill_null(False)
        return (here >= there).fill_null(True)  # an empty day is before nothing

    def facts(self, entry: Entry, index: Index) -> pl.DataFrame:
        """Return the facts that one entry of the map gives, one for each row where it applies."""
        table, present = TABLES[entry.table], self.all
        for condition in entry.when:
            present &= self.holds(condition)
        for value in entry.fields.values():
            present &= self._said(value)
        given = dict(entry.fields)
        if entry.table == "account" and "currency" not in given and self.tape.currency:
            given["currency"] = self.tape.currency
        columns = {
            name: self.read(value, table.fields[name], present) for name, value in given.items()
        }
        for name, value in given.items():
            if table.fields[name].required:
                empty = self._texts(value).is_null() & present
                self.reject(_named(value, name), Fault(empty, "tape.empty", "is empty"))
        self._second_look(entry, columns, present)
        for value in entry.key or ():
            self._check_key(value, present)
        frame = pl.DataFrame({"row": self.numbers, **columns}).with_columns(
            self._links(entry), source_key=self._key(entry, columns, index)
        )
        if entry.table == "account":
            frame = frame.with_columns(source_key=self.account, ref=self.account)
        if entry.table in ("payment", "dispute"):
            frame = self._named_by_ref(frame, f"{entry.table}_ref")
        if "refund_ref" in frame.columns:
            frame = self._known_elsewhere(frame)
        return frame.filter(present)

    def read(self, value: Value, rule: Field, present: pl.Series) -> pl.Series:
        """Return the column of one value; its faults count where the fact is present."""
        if not value.column and rule.kind != Kind.money:
            return self._repeated(value, rule)
        source = (value.column, value.constant, value.literal)
        how = (value.formats, value.days_from, value.rounds)
        key = (source, how, tuple(value.words.items()), rule)
        if key not in self.known:
            self.known[key] = self._read(value, rule)
        for fault in self.known[key].faults:
            self._reject_present(_named(value, ""), fault, present)
        return _shifted(self.known[key].values, value)

    def _read(self, value: Value, rule: Field) -> Cells:
        texts = self._texts(value)
        faults: tuple[Fault, ...] = ()
        if value.words:
            known = texts.replace_strict(value.words, default=None, return_dtype=pl.String)
            says = f"is none of {', '.join(value.words)}, which are all that the map knows"
            odd = Fault(texts.is_not_null() & known.is_null(), "tape.unknown_word", says)
            texts, faults = known.set((known == "").fill_null(False), None), (odd,)
        if value.days_from:
            zero = _one(self.tape.constants[value.days_from], Field(Kind.day), self.tape.reads)
            texts = counted(texts, zero[0])
        if value.rounds:
            texts = half_up(texts, self.currency)
        read = read_cells(
            texts, rule, formats=value.formats, reads=self.tape.reads, currency=self.currency
        )
        return Cells(read.values, (*faults, *read.faults))

    def _repeated(self, value: Value, rule: Field) -> pl.Series:
        """Return the column of a literal or constant, read once. It was checked with the map."""
        return _one(self._literal(value), rule, self.tape.reads).new_from_index(
            0, len(self.numbers)
        )

    def _literal(self, value: Value) -> str | None:
        return (self.tape.constants[value.constant] if value.constant else value.literal) or None

    def _reject_present(self, column: str, fault: Fault, present: pl.Series) -> None:
        self.reject(column, Fault(fault.rows & present, fault.code, fault.says))

    def _check_key(self, value: Value, present: pl.Series) -> None:
        """Refuse a key that is empty, for then two facts could pass for one."""
        texts = self.read(value, Field(Kind.ref), present)
        empty = texts.is_null() & self._texts(value).is_null()
        self._reject_present(_named(value, "key"), Fault(empty, "tape.empty", "is empty"), present)

    def _second_look(self, entry: Entry, columns: dict[str, pl.Series], present: pl.Series) -> None:
        """Refuse what each cell alone could not show."""

        def refuse(field: str, rows: pl.Series, code: str, says: str) -> None:
            fault = Fault(rows.fill_null(False), code, says)
            self._reject_present(_named(entry.fields[field], field), fault, present)

        if entry.table == "due":
            installment, owed = columns["kind"] == "installment", columns["amount_minor"]
            below, none = installment & (owed < 0), installment & (owed == 0)
            refuse(
                "amount_minor",
                below,
                "tape.negative_money",
                "is negative, which it may not be here",
            )
            refuse("amount_minor", none, "tape.zero_money", "is zero, which says nothing here")
        if entry.table == "profile" and "identifier" in columns:
            short = columns["identifier"].str.contains(SHORTENED)
            refuse("identifier", short, "tape.shortened_id", "was shortened by a spreadsheet")
        if entry.table == "status" and entry.about == "person":
            says = "is of an account: the map must say about: account"
            refuse("kind", columns["kind"] == "settled", "tape.contradiction", says)
        if entry.table == "attempt":
            odd = columns["effective"] & ~columns["connected"]
            refuse("effective", odd, "tape.contradiction", "is true where connected is not")
        if entry.table == "consent" and {"opens_minute", "closes_minute"} & set(columns):
            nothing = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(self.numbers))
            opens = columns.get("opens_minute", nothing)
            closes = columns.get("closes_minute", nothing)
            field = "closes_minute" if "closes_minute" in columns else "opens_minute"
            lone = opens.is_null() != closes.is_null()
            refuse(field, lone, "tape.contradiction", "is an hour without the other")
            says = "is not after the hour it opens; hours run through midnight as two consents"
            refuse(field, closes <= opens, "tape.contradiction", says)
            other = opens.is_not_null() & (columns["kind"] != "night_contact")
            refuse(field, other, "tape.contradiction", "is an hour: only night_contact has hours")
            nameless = (columns["kind"] == "night_contact") & (columns["state"] == "given")
            if "channel" in columns:
                nameless &= columns["channel"].is_null()
            says = "allows nothing without a channel: consent to the night names its own"
            refuse("kind", nameless, "tape.contradiction", says)
        if entry.table == "contact_point":
            read = contact_value(columns["value"], columns["kind"])
            columns["value"] = read.values
            for fault in read.faults:
                refuse("value", fault.rows, fault.code, fault.says)

    def _said(self, value: Value) -> pl.Series:
        """Return the rows in which a value that may be left out is not."""
        said = self.all
        if "empty" in value.skip:
            said = said & self._texts(value).is_not_null()
        if "zero" in value.skip:
            said = said & ~self._texts(value).str.contains(ZERO).fill_null(False)
        return said

    def _texts(self, value: Value) -> pl.Series:
        """Return the text of a value in every row, null where it is empty or not in the file."""
        if value.column in self.cells.columns:
            return self.cells[value.column]
        return pl.repeat(self._literal(value), len(self.numbers), dtype=pl.String, eager=True)

    def _ref(self, value: Value | None) -> pl.Series | None:
        if value is None:
            return None
        read: Cells = identity(self._texts(value))
        for fault in read.faults:
            self.reject(_named(value, "id"), fault)
        return pl.select(self.tape.constants.get("prefix", "") + pl.lit(read.values)).to_series()

    def _links(self, entry: Entry) -> list[pl.Series]:
        """Return the refs of whom and what a fact is about."""
        links = []
        if self.person is not None and ("person" in TABLES[entry.table].about):
            links.append(self.person.alias("person_ref"))
        if self.account is not None and entry.about == "account":
            links.append(self.account.alias("account_ref"))
        return links

    def _key(self, entry: Entry, columns: dict[str, pl.Series], index: Index) -> pl.Series:
        """Return the key of each fact: whose it is, then what tells it from the next."""
        subject = self.person if entry.about == "person" else self.account
        assert subject is not None  # the map was checked
        table = TABLES[entry.table]
        parts = [pl.lit(subject)]
        if entry.key is not None:
            parts += [pl.lit(self._texts(value)).fill_null("") for value in entry.key]
        else:
            parts += [_key_text(columns[name]) for name in table.key or () if name in columns]
        if entry.table == "payment":
            parts.append(_key_text(columns["stage"]))
        if table.hashed:
            parts.append(pl.lit(_hashed(columns, table.hashed, index)))
        return pl.select(pl.concat_str(parts, separator="/")).to_series()

    def _named_by_ref(self, frame: pl.DataFrame, name: str) -> pl.DataFrame:
        """Give payments and disputes their own ref: the tape's with the prefix, or the key."""
        if name not in frame.columns:
            key = pl.col("source_key").str.replace(r"/[a-z]+$", "")  # without the stage
            return frame.with_columns(key.alias(name))
        prefix = self.tape.constants.get("prefix", "")
        return frame.with_columns(prefix + pl.col(name))

    def _known_elsewhere(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Key refunds that have a reference by it, as the refunds webhook does; else by the key."""
        prefix = "refund:" + self.tape.constants.get("prefix", "")
        key = pl.coalesce(prefix + pl.col("refund_ref"), "source_key")
        return frame.with_columns(source_key=key).drop("refund_ref")


@lru_cache(maxsize=1000)
def _one(text: str | None, rule: Field, reads: Reads) -> pl.Series:
    """Return one cell, read: what a map says itself is the same in every batch."""
    cell = pl.Series([text], dtype=pl.String)
    return read_cells(cell, rule, formats=(), reads=reads, currency=cell).values


def _named(value: Value, field: str) -> str:
    """Return how a reject names a cell: its column, or the constant or field that filled it."""
    return value.column or value.constant or field


def _key_text(values: pl.Series) -> pl.Expr:
    if values.dtype == pl.Datetime:
        return pl.lit(values.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return pl.lit(values.cast(pl.String)).fill_null("")


def _hashed(columns: dict[str, pl.Series], names: tuple[str, ...], index: Index) -> pl.Series:
    """Return 16 hex digits of each row's blind index of some columns; each text is sealed once."""
    parts = [pl.lit(columns[n].cast(pl.String)).fill_null("") for n in names if n in columns]
    texts = pl.select(pl.concat_str(parts, separator="\x1f")).to_series()
    known = {text: index(text).hex()[:16] for text in texts.unique().to_list()}
    return texts.replace_strict(known, return_dtype=pl.String)


def _shifted(values: pl.Series, value: Value) -> pl.Series:
    """Return a column after the map's own step on it: a part of an amount, days added."""
    if value.parts:
        values = split(values, value.parts, value.of)
    if value.plus_days:
        values = values.dt.offset_by(f"{value.plus_days}d")
    return values
