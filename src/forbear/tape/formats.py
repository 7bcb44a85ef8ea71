"""How days and instants may be written, and which formats a map may name. Pure."""

from __future__ import annotations

import re

import polars as pl

EXCEL = "excel"  # a spreadsheet's serial day: 38625 is 2005-09-30
DIRECTIVES = frozenset("%Y %m %d %H %M %S %b %B %j %z %.f %p %I %e %y".split())
ISO_DAYS = ("%Y-%m-%d",)
ISO_INSTANTS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")
MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[T ]00:00:00(?:\.0*)?$"  # a spreadsheet writes a day like that
TOUCHING = re.compile(r"%[YmdHMSj]%[YmdHMSj]")  # nothing between them says where one ends
WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "j": 3}
EARLIEST, LATEST = 1900, 2199  # years; beyond them somebody mistyped, or means "never"
EXCEL_EPOCH = pl.date(1899, 12, 30)
EXCEL_DAYS = (61, 109_574)  # 1900-03-01 (before it a spreadsheet's calendar is wrong) to 2199


def format_fault(form: str) -> str:
    """Return what is wrong with a format of days or instants, "" where nothing is.

    Errors: none.
    """
    if form == EXCEL:
        return ""
    found = re.findall(r"%\.?[A-Za-z]", form)
    if odd := [each for each in found if each not in DIRECTIVES]:
        return f"{form!r} holds {odd[0]}, which is not one of {' '.join(sorted(DIRECTIVES))}"
    if "%y" in found:
        return f"{form!r}: a year of two digits does not say its century; ask for four"
    if "%Y" not in found:
        return f"{form!r} is no format of a day, such as %d/%m/%Y"
    return ""


def days(cells: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    """Return the days that cells say in the first format that fits, null where none does.

    Shape:  cells (n,) text; result (n,) date.
    Unit:   calendar days; a time of day is dropped only where a format names it.
    Errors: none; an impossible day (2005-02-30) is null.
    """
    plain = cells.str.replace(MIDNIGHT, "$1")
    found = pl.Series("", [None] * len(cells), pl.Date)
    for form in (*ISO_DAYS, *formats):
        if not found.null_count():
            break
        found = found.zip_with(found.is_not_null(), _days_in(plain, form))
    year = found.dt.year()
    return found.set(~year.is_between(EARLIEST, LATEST).fill_null(True), None)


def _days_in(cells: pl.Series, form: str) -> pl.Series:
    if form == EXCEL:
        serial = cells.str.extract(r"^(\d{1,6})(?:\.\d+)?$").cast(pl.Int32)
        serial = serial.set(~serial.is_between(*EXCEL_DAYS).fill_null(False), None)
        frame = pl.select(day=EXCEL_EPOCH + pl.duration(days=pl.lit(serial)))
        return frame["day"].cast(pl.Date)
    if "%H" in form or "%I" in form:
        return _instants_in(cells, form, "UTC").dt.date()
    return _long_enough(cells, form).str.to_date(form, strict=False)


def _long_enough(cells: pl.Series, form: str) -> pl.Series:
    """Return the cells, null where one is shorter than a format without gaps writes: 2026112."""
    if not TOUCHING.search(form):
        return cells
    least = len(re.sub(r"%\.?([A-Za-z])", lambda found: "0" * WIDTHS.get(found[1], 1), form))
    return cells.set((cells.str.len_chars() < least).fill_null(False), None)


def instants(cells: pl.Series, formats: tuple[str, ...], *, clock: str) -> pl.Series:
    """Return the instants that cells say, null where they say none.

    Shape:  cells (n,) text; result (n,) datetime in UTC, to the microsecond.
    Unit:   without an offset the cell is read by the zone `clock`; an hour that happens twice is
            its first, one that never happens is null. A day alone is its first instant.
    Errors: none.
    """
    found = pl.Series("", [None] * len(cells), pl.Datetime("us", "UTC"))
    plain = cells.str.replace(r"^(\d{4}-\d{2}-\d{2})$", "$1 00:00:00")
    forms = [each + zone for each in ISO_INSTANTS for zone in ("", "%z")]
    for form in (*forms, *formats):
        if not found.null_count():
            break
        found = found.zip_with(found.is_not_null(), _instants_in(plain, form, clock))
    year = found.dt.year()
    return found.set(~year.is_between(EARLIEST, LATEST).fill_null(True), None)


def _instants_in(cells: pl.Series, form: str, clock: str) -> pl.Series:
    cells = _long_enough(cells, form)
    if "%z" in form:
        return cells.str.replace("Z$", "+0000").str.to_datetime(
            form, strict=False, time_unit="us", time_zone="UTC"
        )
    naive = cells.str.to_datetime(form, strict=False, time_unit="us")
    local = naive.dt.replace_time_zone(clock, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")
