"""Open a loan tape, whatever it is, and give its rows in batches of text. Decides nothing of them.

A file is what its bytes say, not what its name says. What cannot be a table is refused in one
sentence; what is wrong with one row is that row's reject.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from forbear.kernel.errors import ForbearError
from forbear.store.tape_text import Batch, NotATable, TextTape
from forbear.tape.map import Reads, TapeMap, parse_map
from forbear.tape.node import BadMap
from forbear.tape.rows import REJECT

ROWS_AT_ONCE = 20_000
LARGEST_SHEET = 1 << 30  # bytes, unpacked: a spreadsheet cannot be read in pieces
NO_TABLE = {  # first bytes → what such a file is
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls); save it as .xlsx or CSV",
    b"\x1f\x8b": "compressed by gzip; unpack it first",
    b"BZh": "compressed by bzip2; unpack it first",
    b"\xfd7zXZ": "compressed by xz; unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"%PDF": "a PDF; ask for CSV, Parquet or XLSX",
    b"\x89PNG": "a picture; ask for CSV, Parquet or XLSX",
    b"{": "JSON; ask for CSV, Parquet or XLSX",
    b"<": "HTML or XML; ask for CSV, Parquet or XLSX",
}


class NoSuchTape(ForbearError):
    """There is no such file."""

    code = "tape.no_file"
    http_status = 404


class HeaderMismatch(ForbearError):
    """The file's columns are not those that the map reads."""

    code = "tape.header"
    http_status = 422


class UnknownMap(ForbearError):
    """There is no map of that name."""

    code = "tape.unknown_map"
    http_status = 422


class Reading(Protocol):
    """A map, as far as opening a file needs it."""

    @property
    def name(self) -> str:
        """The map's name."""

    @property
    def reads(self) -> Reads:
        """How the file is to be read."""

    def columns(self) -> dict[str, bool]:
        """Return the columns that are read, each with whether the file must have it."""


class Tape(Protocol):
    """A file that can be read as a table of text."""

    columns: tuple[str, ...]
    rows: int | None  # how many to expect, for the progress bar
    notes: tuple[str, ...]  # what its reader should be told

    def batches(self, wanted: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the rows, with the wanted columns only."""


def fetch_map(name: str) -> TapeMap:
    """Return a map that comes with Forbear, or one of a file.

    Errors: UnknownMap, BadMap.
    """
    return parse_map(*read_map("forbear.tape", name))


def read_map(room: str, name: str) -> tuple[str, str]:
    """Return the file name and the text of a map that comes with a room, or of one's own file.

    Errors: UnknownMap, BadMap.
    """
    shipped = {
        path.name.removesuffix(".yaml"): path for path in files(room).joinpath("maps").iterdir()
    }
    if name in shipped:
        return f"{name}.yaml", shipped[name].read_text("utf-8")
    path = Path(name)
    if not path.is_file():
        raise UnknownMap(
            f"no map {name!r}: name one of {', '.join(sorted(shipped))}, or a YAML file of your own"
        )
    try:
        return path.name, path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadMap(f"{name} cannot be read as UTF-8 text: {error}") from None


def shipped_maps() -> list[TapeMap]:
    """Return every map that comes with Forbear."""
    names = sorted(path.name for path in files("forbear.tape").joinpath("maps").iterdir())
    return [fetch_map(name.removesuffix(".yaml")) for name in names]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hex digits.

    Errors: NoSuchTape, NotATable.
    """
    if not path.exists():
        raise NoSuchTape(f"{path} is not there; check the folder and the spelling")
    if path.is_dir():
        raise NotATable(f"{path} is a folder; name one file in it")
    if not path.is_file():
        raise NotATable(f"{path} is no regular file; save it to disk first")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NoSuchTape(f"{path} cannot be read: {error.strerror}") from None


def open_tape(path: Path, tape: Reading) -> Tape:
    """Return a file opened as the table that a map reads.

    Errors: NoSuchTape, NotATable, HeaderMismatch.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise NotATable(f"{path} is empty; ask for it again")
    if start.startswith(b"PAR1"):
        found: Tape = ParquetTape(path)
    elif start.startswith(b"PK\x03\x04"):
        found = SheetTape(path, tape.reads.sheet)
    else:
        what = next((says for magic, says in NO_TABLE.items() if start.startswith(magic)), "")
        marked = start[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16, whose ASCII has NULs
        if not what and not marked and b"\0" in start.splitlines()[0]:
            what = "no text; ask for CSV, Parquet or XLSX"
        if what:
            raise NotATable(f"{path} is {what}")
        found = TextTape(path, tape.reads, tape.columns())
    check_columns(path, found.columns, tape)
    if isinstance(found, TextTape):
        found.survey()
    return found


def check_columns(path: Path, columns: tuple[str, ...], tape: Reading) -> None:
    """Refuse a table that lacks a column the map must have, or has one of them twice.

    Errors: HeaderMismatch.
    """
    if not columns:
        raise NotATable(f"{path} is empty; ask for it again")
    must = [column for column, needed in tape.columns().items() if needed]
    lacking = [column for column in must if column not in columns]
    if lacking:
        near = get_close_matches(lacking[0], columns, 1, cutoff=0.7)
        hint = f" (it has {near[0]!r})" if near else ""
        first = ", ".join(columns[:6]) + (", …" if len(columns) > 6 else "")
        raise HeaderMismatch(
            f"{path} has no column {', '.join(map(repr, lacking[:5]))}{hint},"
            f" which map {tape.name} reads; its first line is: {first}"
        )
    twice = [column for column in tape.columns() if columns.count(column) > 1]
    if twice:
        raise HeaderMismatch(f"{path} has the column {twice[0]!r} twice; which one is meant?")


class ParquetTape:
    """A Parquet file, read row group by row group."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            says = str(error).splitlines()[0]
            raise NotATable(f"{path} is a damaged or cut-off Parquet file: {says}") from None
        self.columns = tuple(self._file.schema_arrow.names)
        self.rows: int | None = self._file.metadata.num_rows
        self.notes: tuple[str, ...] = ()
        if path.suffix.lower() != ".parquet":
            self.notes = (f"{path.name} is Parquet, and was read as such.",)

    def batches(self, wanted: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the rows, with the wanted columns only."""
        done = 0
        try:
            for batch in self._file.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(wanted)):
                frame = pl.DataFrame(pl.from_arrow(batch)).select(wanted)
                cells = frame.select(_as_text(frame[name]) for name in wanted)
                yield _filled(cells, done + 1)
                done += len(cells)
        except (pa.ArrowException, OSError) as error:
            says = str(error).splitlines()[0]
            raise NotATable(f"{self._path} is damaged after row {done}: {says}") from None


def _filled(cells: pl.DataFrame, first: int) -> Batch:
    """Return a batch without its blank rows, the rows numbered from `first`."""
    numbers = pl.int_range(first, first + len(cells), eager=True)
    kept = cells.select(pl.any_horizontal(pl.all().str.strip_chars() != "")).to_series()
    return Batch(cells.filter(kept), numbers.filter(kept), pl.DataFrame(schema=REJECT))


def _as_text(column: pl.Series) -> pl.Series:
    """Return a typed column as the text that a CSV of it would hold."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%z")
    if kind.is_float():  # whole numbers beside gaps come as floats: an id is 7, not 7.0
        whole = column.cast(pl.Int64, strict=False)
        texts = whole.cast(pl.String).zip_with(
            (whole == column).fill_null(False), column.cast(pl.String)
        )
        return texts.set(column.is_nan().fill_null(False), None)
    return column.cast(pl.String)


class SheetTape:
    """One sheet of an XLSX workbook, which can only be read whole."""

    def __init__(self, path: Path, sheet: str) -> None:
        import fastexcel

        _check_workbook(path)
        try:
            book = fastexcel.read_excel(path)
            name = sheet or book.sheet_names[0]
            if name not in book.sheet_names:
                raise NotATable(
                    f"{path} has no sheet {name!r}; it has: {', '.join(book.sheet_names)}"
                )
            self._frame = book.load_sheet(name, dtypes="string", header_row=0).to_polars()
        except fastexcel.FastExcelError as error:
            says = str(error).splitlines()[0]
            raise NotATable(f"{path} is a damaged or empty workbook: {says}") from None
        self._frame.columns = [column.strip() for column in self._frame.columns]
        self.columns = tuple(self._frame.columns)
        self.rows: int | None = len(self._frame)
        self.notes: tuple[str, ...] = ()
        if others := len(book.sheet_names) - 1:
            self.notes = (f"Only the sheet {name!r} was read; there are {others} more.",)

    def batches(self, wanted: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the rows, with the wanted columns only."""
        done = 0
        for cells in self._frame.select(wanted).iter_slices(ROWS_AT_ONCE):
            yield _filled(cells, done + 2)
            done += len(cells)


def _check_workbook(path: Path) -> None:
    """Refuse what is a ZIP archive, but no workbook that can be read in this memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise NotATable(f"{path} is a damaged or cut-off workbook; ask for it again") from None
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise NotATable(f"{path} is a ZIP archive; unpack it first")
    if sum(entry.file_size for entry in entries) > LARGEST_SHEET:
        raise NotATable(f"{path} is too large for a workbook; save the sheet as CSV")
