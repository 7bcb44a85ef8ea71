"""Read columns of text as what a fact needs, or say of each cell why not. Pure.

Every function here takes cells already trimmed, null where empty, and returns a column of the same
length together with its faults. A cell that has a fault has no value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from forbear.kernel.area import area_form
from forbear.kernel.days import zone_named
from forbear.kernel.money import NO_MINOR_UNITS, NotMoney, minor
from forbear.tape.fields import Field, Kind
from forbear.tape.formats import EXCEL_DAYS, days, instants
from forbear.tape.map import Reads

LONGEST_TEXT, LONGEST_ID = 1000, 200  # characters
LARGEST_MINOR = 10**16  # far above any account, far below what the database holds
MOST_WHOLE = 32_767
PLAIN_MONEY = r"^([+-]?)(\d{1,15}|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$"
SHORTENED = r"^\d(?:\.\d+)?[eE]\+\d+$"  # what a spreadsheet makes of a long number
FLAGS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """The rows whose cell cannot be read, and why."""

    rows: pl.Series  # (n,) bool
    code: str
    says: str  # completes "this cell …"


@dataclass(frozen=True, slots=True)
class Cells:
    """One column, read."""

    values: pl.Series  # (n,), null where the cell is empty or has a fault
    faults: tuple[Fault, ...] = field(default=())


def read_cells(
    cells: pl.Series, rule: Field, *, formats: tuple[str, ...], reads: Reads, currency: pl.Series
) -> Cells:
    """Return a column of text read by the rule of its field.

    Shape:  cells, currency (n,) text.
    Errors: none; what cannot be read is a fault.
    """
    match rule.kind:
        case Kind.money:
            return money(cells, currency, sign=rule.sign, decimal=reads.decimal)
        case Kind.day:
            return _day(cells, (*formats, *reads.days))
        case Kind.instant:
            return _instant(cells, (*formats, *reads.instants), reads.clock)
        case Kind.whole:
            return _whole(cells)
        case Kind.word:
            words = [word.value for word in rule.words or ()]
            fault = _fault(
                cells, ~cells.is_in(words), "tape.unknown_word", f"is not one of {', '.join(words)}"
            )
            return _without(cells, fault)
        case Kind.flag:
            odd = ~cells.is_in(list(FLAGS))
            read = _without(
                cells, _fault(cells, odd, "tape.unknown_word", "is neither true nor false")
            )
            return Cells(
                read.values.replace_strict(FLAGS, default=None, return_dtype=pl.Boolean),
                read.faults,
            )
        case Kind.country:
            return _shaped(cells, r"^[A-Z]{2}$", "is no country of two capitals, such as CN")
        case Kind.currency:
            return _shaped(cells, r"^[A-Z]{3}$", "is no currency of three capitals, such as CNY")
        case Kind.zone:
            return _zone(cells)
        case Kind.area:
            return _area(cells)
        case Kind.minute:
            return _minute(cells)
        case Kind.ref:
            return text(cells, longest=LONGEST_ID)
        case Kind.text:
            return text(cells)


def money(cells: pl.Series, currency: pl.Series, *, sign: str = "any", decimal: str = ".") -> Cells:
    """Return amounts written in major units as minor units.

    Shape:  cells, currency (n,) text; values (n,) int64.
    Unit:   minor units of each row's currency.
    Errors: none; no amount, a third decimal, a sign that may not be or a sum beyond reason is a
            fault.
    Source: ISO 4217.
    """
    whole = cells.str.replace(r"\.0+$", "") if decimal == "." else cells
    values = whole.cast(pl.Int64, strict=False)  # most amounts: no fen, no separators
    values = values.set((values.abs() > LARGEST_MINOR).fill_null(False), None)
    values *= pl.Series([1, 10, 100]).gather(_digits(currency))
    fine = pl.repeat(False, len(cells), eager=True)
    if (rest := cells.is_not_null() & values.is_null()).any():
        at = rest.arg_true()
        pointed = cells.gather(at) if decimal == "." else _swapped(cells.gather(at))
        found, too_fine = _written_money(pointed, currency.gather(at))
        values, fine = values.scatter(at, found), fine.scatter(at, too_fine)
    faults = [
        _fault(
            cells,
            values.is_null() & ~fine,
            "tape.bad_money",
            "is no amount of money; write it as 1234.56",
        ),
        _fault(cells, fine, "tape.too_fine", "is finer than the smallest coin of its currency"),
        _fault(cells, values.abs() > LARGEST_MINOR, "tape.bad_money", "is larger than any account"),
    ]
    if sign != "any":
        faults.append(
            _fault(
                cells, values < 0, "tape.negative_money", "is negative, which it may not be here"
            )
        )
    if sign == "positive":
        faults.append(
            _fault(cells, values == 0, "tape.zero_money", "is zero, which says nothing here")
        )
    return _without(values, *faults)


def _written_money(cells: pl.Series, currency: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return amounts with points and separators as minor units, and which are too fine."""
    frame = pl.DataFrame({"cell": cells, "digits": _digits(currency)})
    part = pl.col("cell").str.extract_groups(PLAIN_MONEY).struct
    frame = frame.with_columns(
        sign=part.field("1"), whole=part.field("2").str.replace_all(",", ""), rest=part.field("3")
    ).with_columns(pl.col("rest").fill_null(""))
    exact = pl.col("rest").str.strip_chars_end("0").str.len_chars() <= pl.col("digits")
    coins = pl.col("rest").str.pad_end(2, "0").str.slice(0, pl.col("digits"))
    value = (pl.col("whole") + coins).cast(pl.Int64, strict=False)
    frame = frame.select(
        value=pl.when(exact).then(pl.when(pl.col("sign") == "-").then(-value).otherwise(value)),
        fine=pl.col("whole").is_not_null() & ~exact,
    )
    return _oddly_written(cells, currency, frame["value"], frame["fine"])


def half_up(cells: pl.Series, currency: pl.Series) -> pl.Series:
    """Return amounts that are finer than their coin rounded to it, half up; others as they are.

    Shape:  cells, currency (n,) text; result the same.
    Unit:   major units, as they are written; nothing passes through a float.
    Errors: none; what is no number stays as it is.
    Source: ISO 4217.
    """
    frame = pl.DataFrame({"cell": cells, "digits": _digits(currency)})
    part = pl.col("cell").str.extract_groups(r"^([+-]?)(\d{1,14})\.(\d+)$").struct
    frame = frame.with_columns(
        sign=part.field("1"), whole=part.field("2"), rest=part.field("3")
    ).with_columns(
        shown=(
            pl.col("whole") + pl.col("rest").str.pad_end(3, "0").str.slice(0, pl.col("digits"))
        ).cast(pl.Int64, strict=False),
        next=pl.col("rest").str.pad_end(3, "0").str.slice(pl.col("digits"), 1).cast(pl.Int64),
        unit=pl.lit(10).pow(pl.col("digits")).cast(pl.Int64),
    )
    coins = pl.col("shown") + (pl.col("next") >= 5).cast(pl.Int64)
    text = (
        pl.col("sign")
        + (coins // pl.col("unit")).cast(pl.String)
        + "."
        + (coins % pl.col("unit")).cast(pl.String).str.pad_start(2, "0")
    )
    plain = (
        pl.when(pl.col("digits") > 0).then(text).otherwise(pl.col("sign") + coins.cast(pl.String))
    )
    return frame.select(pl.coalesce(plain, pl.col("cell"))).to_series()


def counted(cells: pl.Series, zero: date) -> pl.Series:
    """Return numbers of days, counted from a day, as that day in ISO 8601; others as they are.

    Shape:  cells (n,) text; result the same.
    Unit:   calendar days, below zero before the day.
    Errors: none; what is no whole number stays as it is, and is no day.
    Source: none.
    """
    number = cells.str.extract(r"^([+-]?\d{1,6})(?:\.0*)?$").cast(pl.Int64, strict=False)
    day = pl.select(pl.lit(zero) + pl.duration(days=pl.lit(number))).to_series()
    return pl.select(pl.coalesce(pl.lit(day.cast(pl.Date).cast(pl.String)), cells)).to_series()


def _digits(currency: pl.Series) -> pl.Series:
    return 2 - 2 * currency.is_in(list(NO_MINOR_UNITS)).fill_null(False).cast(pl.Int64)


def _swapped(cells: pl.Series) -> pl.Series:
    """Return numbers written 1.234,56 as 1,234.56."""
    return pl.select(pl.lit(cells).str.replace_many([".", ","], [",", "."])).to_series()


def _oddly_written(
    cells: pl.Series, currency: pl.Series, values: pl.Series, fine: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Fill in what is a number of another shape, as a spreadsheet's 1e+05 is."""
    odd = cells.str.contains(r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,2}$").fill_null(False)
    found: dict[int, int] = {}
    too_fine: list[int] = []
    for at in odd.arg_true().to_list():
        try:
            found[at] = minor(f"{Decimal(cells[at]):f}", currency[at] or "")
        except NotMoney:
            too_fine.append(at)
    values = values.scatter(list(found), list(found.values()))
    return values, fine.scatter(too_fine, True)


def text(cells: pl.Series, *, longest: int = LONGEST_TEXT) -> Cells:
    """Return texts that the store can keep.

    Errors: none; a NUL, or a text longer than any such text is, is a fault.
    """
    return _without(
        cells,
        _fault(
            cells, cells.str.contains("\0", literal=True), "tape.bad_text", "holds a NUL character"
        ),
        _fault(
            cells,
            cells.str.len_chars() > longest,
            "tape.too_long",
            f"is longer than {longest} characters",
        ),
    )


def identity(cells: pl.Series) -> Cells:
    """Return the ids of persons or accounts.

    Errors: none; no id, or one that a spreadsheet shortened, is a fault.
    """
    empty = Fault(cells.is_null(), "tape.no_id", "is empty, so the row belongs to nobody")
    short = _fault(
        cells,
        cells.str.contains(SHORTENED),
        "tape.shortened_id",
        "was shortened by a spreadsheet; export the column as text",
    )
    read = text(cells, longest=LONGEST_ID)
    return _without(read.values, *read.faults, empty, short)


def _day(cells: pl.Series, formats: tuple[str, ...]) -> Cells:
    values = days(cells, formats)
    lost = cells.is_not_null() & values.is_null()
    serial = cells.str.contains(r"^\d{5,6}(?:\.\d+)?$") & lost
    serial &= cells.str.extract(r"^(\d+)").cast(pl.Int64, strict=False).is_between(*EXCEL_DAYS)
    return _without(
        values,
        Fault(
            serial.fill_null(False),
            "tape.excel_day",
            "looks like a spreadsheet's serial day; export it as 2005-09-30, or let the map's days"
            " name the format excel",
        ),
        Fault(
            lost & ~serial.fill_null(False),
            "tape.bad_day",
            f"is no day; {_written('2005-09-30', formats)}",
        ),
    )


def _instant(cells: pl.Series, formats: tuple[str, ...], clock: str) -> Cells:
    values = instants(cells, formats, clock=clock)
    lost = cells.is_not_null() & values.is_null()
    says = f"is no instant; {_written('2005-09-30 16:05:00', formats)}"
    return _without(values, Fault(lost, "tape.bad_instant", says))


def _written(example: str, formats: tuple[str, ...]) -> str:
    return f"write it as {' or '.join((example, *formats))}"


def _whole(cells: pl.Series) -> Cells:
    values = cells.str.extract(r"^(\d{1,9})(?:\.0*)?$").cast(pl.Int64)
    odd = values.is_null() | (values > MOST_WHOLE)
    return _without(values, _fault(cells, odd, "tape.bad_number", "is no whole number from 0 up"))


def _shaped(cells: pl.Series, pattern: str, says: str) -> Cells:
    return _without(cells, _fault(cells, ~cells.str.contains(pattern), "tape.bad_code", says))


def _zone(cells: pl.Series) -> Cells:
    unknown = [name for name in cells.drop_nulls().unique().to_list() if zone_named(name) is None]
    says = "is no IANA zone, such as Asia/Shanghai"
    return _without(cells, _fault(cells, cells.is_in(unknown), "tape.bad_zone", says))


def _area(cells: pl.Series) -> Cells:
    """Return areas in the one form that they are stored in."""
    read = text(cells, longest=LONGEST_ID)
    forms = {each: area_form(each) for each in read.values.drop_nulls().unique().to_list()}
    values = read.values.replace_strict(forms, default=None, return_dtype=pl.String)
    nowhere = _fault(cells, values == "", "tape.bad_area", "names no area")
    return _without(values, *read.faults, nowhere)


def _minute(cells: pl.Series) -> Cells:
    """Return clock times as minutes of the day; 24:00 is the end of it."""
    part = cells.str.extract_groups(r"^(\d{1,2}):([0-5]\d)(?::00)?$").struct
    hours, minutes = part.field("1").cast(pl.Int64), part.field("2").cast(pl.Int64)
    values = hours * 60 + minutes
    odd = values.is_null() | (values > 24 * 60)
    return _without(
        values, _fault(cells, odd, "tape.bad_clock", "is no clock time; write it as 22:30")
    )


def contact_value(cells: pl.Series, kinds: pl.Series) -> Cells:
    """Return the values of contact points, phones without spaces and hyphens.

    Shape:  cells, kinds (n,) text, kinds words of PointKind.
    Errors: none; what cannot be such a number or address is a fault.
    """
    phone, email = (kinds == "phone").fill_null(False), (kinds == "email").fill_null(False)
    values = cells.zip_with(~phone, cells.str.replace_all(r"[\s().-]", ""))
    return _without(
        values,
        _fault(
            cells,
            phone & ~values.str.contains(r"^\+?\d{3,15}$"),
            "tape.bad_contact",
            "is no phone number",
        ),
        _fault(
            cells,
            email & ~cells.str.contains(r"^\S+@\S+$"),
            "tape.bad_contact",
            "is no e-mail address",
        ),
    )


def split(values: pl.Series, parts: tuple[int, ...], of: int) -> pl.Series:
    """Return some of the even parts of amounts; the last part takes what does not divide.

    Shape:  values (n,) int64 minor units; result the same.
    Unit:   minor units; all parts together are the amount, to the coin.
    Errors: none.
    """
    each = values // of
    rest = values - each * of
    return each * len(parts) + (rest if of in parts else 0)


def _fault(cells: pl.Series, rows: pl.Series, code: str, says: str) -> Fault:
    """Return a fault of the cells that are filled."""
    return Fault(rows.fill_null(False) & cells.is_not_null(), code, says)


def _without(values: pl.Series, *faults: Fault) -> Cells:
    """Return values with nothing where a fault is, and the faults that some row has."""
    kept = tuple(fault for fault in faults if fault.rows.any())
    for fault in kept:
        values = values.set(fault.rows, None)
    return Cells(values, kept)
