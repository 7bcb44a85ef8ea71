"""The record of each import, and the file of rejects beside the tape. Decides nothing."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import IO

import polars as pl

from forbear.store.models import Intake
from forbear.store.server import home

HEADER = b"\xef\xbb\xbfrow,column,code,reason,original\n"  # the mark lets spreadsheets see UTF-8
# What a spreadsheet would run as a formula; a plain number with a sign is none.
FORMULA, PLAIN = r"^[=+\-@\t\r]", r"^[+-]?[0-9.,]+$"
LONGEST_ORIGINAL = 32_000  # characters: what a spreadsheet's cell holds


class Rejects:
    """The file of rejects, made when the first one comes. It holds personal data: mode 600."""

    def __init__(self, tape: Path) -> None:
        self._beside = tape.with_name(f"{tape.name}.rejects.csv")
        self._file: IO[bytes] | None = None
        self.where = ""  # the path, "" while there are none

    def __enter__(self) -> Rejects:
        """Take away what an earlier import of the same file left."""
        try:
            with self._beside.open("rb") as file:
                ours = file.read(len(HEADER)) == HEADER
            if ours:
                self._beside.unlink()
        except OSError:
            pass  # none there, or not ours to remove
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def add(self, lines: pl.DataFrame) -> None:
        """Write some rejects, one line for each cell at fault; an apostrophe before a formula."""
        if lines.is_empty():
            return
        if self._file is None:
            self._file = self._opened()
            self._file.write(HEADER)
        cell = pl.col("original").str.slice(0, LONGEST_ORIGINAL)
        runs = cell.str.contains(FORMULA) & ~cell.str.contains(PLAIN)
        shown = pl.when(runs).then(pl.format("'{}", cell)).otherwise(cell).alias("original")
        lines.with_columns(shown).write_csv(self._file, include_header=False)

    def _opened(self) -> IO[bytes]:
        """Open the file beside the tape, or in our own folder where that one is read-only."""
        aside = home() / "rejects" / self._beside.name
        for path in (self._beside, aside):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            except OSError:
                if path == aside:
                    raise
                continue
            self.where = str(path)
            return os.fdopen(handle, "wb")
        raise AssertionError("one of the two was opened")


def begin_intake(file_name: str, digest: str, map_name: str) -> Intake:
    """Insert the record of an import that begins."""
    return Intake.objects.create(file_name=file_name, file_digest=digest, map_name=map_name)


def end_intake(intake: Intake, *, rows_read: int, rows_rejected: int, facts_added: int) -> None:
    """Write into the record of an import how it ended."""
    from django.db.models.functions import Now

    Intake.objects.filter(pk=intake.pk).update(
        finished_at=Now(),
        rows_read=rows_read,
        rows_rejected=rows_rejected,
        facts_added=facts_added,
    )
