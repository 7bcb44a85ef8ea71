"""Read delimited text as a table: find its encoding and delimiter, and what is no row of it.

The file is read twice: once to know every byte's encoding and every quotation mark that is opened
and never closed, then to give its rows. Memory stays flat in the file's size.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from forbear.kernel.errors import ForbearError
from forbear.store.tape_quote import Opened
from forbear.tape.map import DELIMITERS, Reads
from forbear.tape.rows import REJECT

BLOCK = 1 << 19  # bytes of text at once: about five thousand rows
LONGEST_HEADER = 1 << 17  # bytes: some thousand columns
HANZI_SHARE = 0.5  # of what is not ASCII, in text that really is GB18030
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}
NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16", "big5": "Big5"}


class NotATable(ForbearError):
    """The file is no table that a loan tape could be."""

    code = "tape.not_a_table"
    http_status = 422


class UnknownEncoding(ForbearError):
    """The file's text is in no encoding that is known here."""

    code = "tape.encoding"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a tape, in their order."""

    cells: pl.DataFrame  # text, null where the file has none; only the columns wanted
    numbers: pl.Series  # int64: each row's number as a spreadsheet shows it, the header being 1
    rejects: pl.DataFrame  # REJECT: rows that are no rows


class TextTape:
    """A file of delimited text: CSV, or the same with semicolons, tabs or bars."""

    def __init__(self, path: Path, reads: Reads, wanted: Mapping[str, bool]) -> None:
        self._path = path
        self._encoding = reads.encoding or _encoding(path)
        first = _first_line(path, self._encoding).decode()
        self._delimiter = reads.delimiter or _delimiter(first, wanted)
        self._header = [name.strip() for name in _fields(first, self._delimiter)]
        self._strays: set[int] = set()
        self._cut_short = b""  # the last line, where nothing says that it is whole
        self.columns = tuple(self._header)
        self.rows: int | None = None  # known once the file has been surveyed
        self.notes = tuple(self._remarks())

    def _remarks(self) -> Iterator[str]:
        if self._encoding != "utf-8":
            name = NAMES.get(self._encoding, self._encoding)
            yield f"{self._path.name} was read as {name}."
        if self._delimiter != ",":
            yield f"{self._path.name} separates its columns by {MARKS[self._delimiter]}."

    def survey(self) -> None:
        """Find the lines with a quotation mark that is never closed, and count the rows."""
        opened = Opened(len(self._header), self._delimiter)
        carry, last = b"", b""
        for block in _blocks(self._path, self._encoding):
            text = carry + block
            cut = text.rfind(b"\n") + 1
            text, carry = text[:cut], text[cut:]
            last = text[text.rfind(b"\n", 0, -1) + 1 :] or last
            if b'"' in text or opened.lines:
                for line in _whole(text):
                    opened.see(line)
            else:
                opened.at += text.count(b"\n")
        if carry:
            opened.see(carry)
        opened.end()
        self._strays = opened.strays
        if carry or opened.at - 1 in opened.strays:
            self._cut_short = carry or last
        self.rows = max(0, opened.at - opened.joined - 1)

    def batches(self, wanted: tuple[str, ...]) -> Iterator[Batch]:
        """Yield the rows, with the wanted columns only."""
        import pyarrow as pa
        import pyarrow.csv as arrow_csv

        feed = _Feed(self._path, self._encoding, self._header, self._delimiter, self._strays)
        broken = _Broken(feed, self._cut_short.decode(errors="replace").rstrip("\r\n"))
        names = {f"c{self._header.index(name)}": name for name in wanted}
        options = {
            "read_options": arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK),
            "parse_options": arrow_csv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=broken.skip,
            ),
            "convert_options": arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=list(names),
                check_utf8=False,
            ),
        }
        try:
            for found in arrow_csv.open_csv(io.BufferedReader(feed, BLOCK), **options):
                cells = pl.DataFrame(pl.from_arrow(found)).rename(names).select(wanted)
                filled = cells.select(pl.any_horizontal(pl.all().str.strip_chars() != ""))
                numbers, kept = broken.numbers(len(cells)), filled.to_series()
                yield Batch(cells.filter(kept), numbers.filter(kept), broken.rejects())
        except pa.ArrowInvalid:
            raise NotATable(
                f"{self._path}: near row {broken.at} one row is longer than {BLOCK:,} characters;"
                " a line break or a quotation mark is missing there"
            ) from None
        nothing = pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        yield Batch(nothing, pl.Series([], dtype=pl.Int64), broken.rejects())


def _encoding(path: Path) -> str:
    """Return the encoding that a whole file is in.

    Errors: UnknownEncoding.
    """
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    lost = ""
    for encoding in ("utf-8", "gb18030"):
        try:
            if encoding == "utf-8":
                for _ in _blocks(path, encoding):
                    pass
                return encoding
            if _hanzi_share(path) >= HANZI_SHARE:
                return encoding
        except UnicodeDecodeError as error:
            lost = lost or f" (first at {error.reason})"
    raise UnknownEncoding(
        f"{path} is neither UTF-8 nor GB18030{lost}; save it as UTF-8, or name its encoding under"
        " reads in the map"
    )


def _hanzi_share(path: Path) -> float:
    """Return how much of what is not ASCII are the Chinese characters of daily use, as GB18030.

    Nearly any bytes decode as GB18030; accented Latin letters then become rare characters.
    """
    others = common = 0
    for block in _blocks(path, "gb18030"):
        text = block.decode()
        ascii_only = len(text.encode("ascii", "ignore"))
        others += len(text) - ascii_only
        common += (len(text.encode("gb2312", "ignore")) - ascii_only) // 2
    return common / others if others else 1.0


def _blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield a file as blocks of UTF-8, without a byte-order mark, lines ended by a line feed.

    Raises UnicodeDecodeError, its reason naming the line.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    lines, old_mac = 1, None
    with path.open("rb") as file:
        while True:
            raw = file.read(BLOCK)
            try:
                text = decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                error.reason = f"line {line}, byte 0x{error.object[error.start]:02x}"
                raise
            if old_mac is None:
                old_mac = "\n" not in text and "\r" in text
            block = text.replace("\r", "\n").encode() if old_mac else text.encode()
            lines += block.count(b"\n")
            yield block
            if not raw:
                return


def _first_line(path: Path, encoding: str) -> bytes:
    """Return a file's header.

    Errors: NotATable where it is longer than any header is.
    """
    start = b""
    for block in _blocks(path, encoding):
        start += block
        if b"\n" in start or len(start) > LONGEST_HEADER:
            break
    line = start.split(b"\n", 1)[0]
    if len(line) > LONGEST_HEADER:
        raise NotATable(
            f"{path}: the first line is longer than {LONGEST_HEADER:,} bytes, and no header of a"
            " loan tape is; a line break is missing there, or the file is another one"
        )
    return line


def _whole(text: bytes) -> list[bytes]:
    """Return the lines of a text that ends a line, each with its line feed."""
    return [line + b"\n" for line in text[:-1].split(b"\n")] if text else []


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])


def _delimiter(header: str, wanted: Mapping[str, bool]) -> str:
    """Return the delimiter under which the header has the most of the wanted columns."""

    def score(delimiter: str) -> tuple[int, int]:
        names = {name.strip() for name in _fields(header, delimiter)}
        return len(names & set(wanted)), len(names)

    return max(DELIMITERS, key=score)


class _Feed(io.RawIOBase):
    """A file as clean UTF-8 with columns c0, c1, …; a line with a stray mark is one marked line."""

    def __init__(
        self, path: Path, encoding: str, header: list[str], delimiter: str, strays: set[int]
    ) -> None:
        self.strays: deque[str] = deque()  # the text of those lines, in their order
        self._delimiter, self._columns = delimiter, len(header)
        self._stray_lines = strays
        self._blocks = self._clean(_blocks(path, encoding))
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill a buffer."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = memoryview(block)
        size = min(len(into), len(self._left))
        into[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _clean(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        yield self._delimiter.join(f"c{n}" for n in range(self._columns)).encode() + b"\n"
        header, at = True, 0
        carry = b""
        for block in blocks:
            text = carry + block
            cut = text.rfind(b"\n") + 1
            text, carry = text[:cut], text[cut:]
            lines = text.count(b"\n")
            if self._stray_lines and not self._stray_lines.isdisjoint(range(at, at + lines)):
                text = b"".join(self._marked(_whole(text), at))
            at += lines
            if header and text:
                text, header = text[text.index(b"\n") + 1 :], False
            yield text
        if carry and not header:
            yield b"".join(self._marked([carry], at))

    def _marked(self, lines: list[bytes], at: int) -> Iterator[bytes]:
        for number, line in enumerate(lines, at):
            if number in self._stray_lines:
                self.strays.append(line.decode(errors="replace").rstrip("\r\n"))
                yield (self._delimiter * self._columns).encode() + b"\n"  # one cell too many
            else:
                yield line


class _Broken:
    """The rows that are no rows, and the numbers of those that are."""

    def __init__(self, feed: _Feed, last: str) -> None:
        self._feed, self._last = feed, last
        self._skipped: deque[int] = deque()
        self._rejects: list[tuple[int, str, str, str, str]] = []
        self.at = 2  # the header is row 1

    def skip(self, row: Any) -> str:
        """Set one row aside that has not as many cells as the header."""
        self._skipped.append(row.number)
        text = row.text
        if (
            text.strip(self._feed._delimiter) == ""
            and self._feed.strays
            and row.actual_columns > row.expected_columns
        ):
            text = self._feed.strays.popleft()
            code, says = "tape.open_quote", "a quotation mark is opened and not closed"
        else:
            code = "tape.ragged"
            says = f"has {row.actual_columns} cells where the header has {row.expected_columns}"
        if self._last and text.rstrip("\r\n") == self._last:
            code, says = "tape.cut_short", "the file ends inside this row; it may be cut off"
        self._rejects.append((row.number, "", code, says, text))
        return "skip"

    def numbers(self, count: int) -> pl.Series:
        """Return the numbers of the next good rows."""
        runs: list[pl.Series] = []
        while count:
            run = min(count, self._skipped[0] - self.at) if self._skipped else count
            runs.append(pl.int_range(self.at, self.at + run, eager=True))
            self.at, count = self.at + run, count - run
            if self._skipped and self._skipped[0] == self.at:
                self._skipped.popleft()
                self.at += 1
        return pl.concat(runs) if runs else pl.Series([], dtype=pl.Int64)

    def rejects(self) -> pl.DataFrame:
        """Return what was set aside since the last call."""
        found, self._rejects = self._rejects, []
        return pl.DataFrame(found, schema=REJECT, orient="row")
