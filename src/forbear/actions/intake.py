"""Bring a loan tape into the book: every good row lands once, every bad row is explained."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import connection, transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.landing import Facts, Landed, land, shown
from forbear.actions.reader import Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.store.bulk import analyze
from forbear.store.cipher import cipher
from forbear.store.intake import Rejects, begin_intake, end_intake
from forbear.store.models import Intake
from forbear.store.tape import (
    HeaderMismatch,
    UnknownMap,
    fetch_map,
    file_digest,
    open_tape,
    shipped_maps,
)
from forbear.store.tape_text import Batch
from forbear.tape.check import ready_map
from forbear.tape.map import TapeMap
from forbear.tape.rows import Landing, landing

Progress = Callable[[int, int | None], None]
WRITERS = 2  # connections that write at once; a third gains nothing on two cores


class NotAnonymous(ForbearError):
    """The tape has contact points of its own, so it gets no fictional ones."""

    code = "tape.not_anonymous"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What a file held, and what became of its rows."""

    file: str
    map: str
    dry_run: bool
    rows_read: int
    rows_rejected: int
    added: Mapping[str, int]  # new facts by table, people under `person`
    reasons: Mapping[str, int]  # reject lines by code
    rejects: str  # the file they are in, "" where there are none
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "file": self.file,
            "map": self.map,
            "dry_run": self.dry_run,
            "rows_read": self.rows_read,
            "rows_rejected": self.rows_rejected,
            "added": dict(self.added),
            "reasons": dict(self.reasons),
            "rejects": self.rejects or None,
            "notes": list(self.notes),
        }

    def in_words(self) -> str:
        """Return the report as people read it, one line a matter."""
        people, facts = self.added.get("person", 0), self._facts()
        verb = "would be added" if self.dry_run else "added"
        lines = [
            f"{self.file}: {self.rows_read:,} rows read by map {self.map};"
            f" {people:,} people and {facts:,} facts {verb}."
        ]
        if self.rows_rejected:
            why = ", ".join(f"{code} {n:,}" for code, n in self.reasons.items())
            rows = "1 row" if self.rows_rejected == 1 else f"{self.rows_rejected:,} rows"
            lines.append(f"{rows} set aside in {self.rejects} ({why}).")
        return "\n".join((*lines, *self.notes))

    def _facts(self) -> int:
        return sum(n for table, n in self.added.items() if table != "person")


def do_import(
    reader: Reader,
    *,
    path: Path,
    map_name: str,
    overrides: Mapping[str, str],
    fictional_contacts: bool,
    dry_run: bool,
    progress: Progress,
) -> ImportReport:
    """Bring a file in as facts, batch by batch, each batch whole or not at all.

    The same file again adds nothing. After a kill the next run adds what is missing. Without a map
    name the file's own columns choose among the maps that come with Forbear.
    Errors: NotAllowed, NoSuchTape, NotATable, UnknownEncoding, HeaderMismatch, UnknownMap, BadMap,
    BadConstant, NotAnonymous.
    """
    reader.must(Ability.run_night)
    digest = file_digest(path)
    tape = ready_map(fetch_map(map_name) if map_name else _fitting_map(path), overrides)
    if fictional_contacts:
        _check_anonymous(tape)
    table = open_tape(path, tape)
    said = " ".join([tape.name, *(f"{name}={value}" for name, value in overrides.items())])
    run = _Run(tape, f"import:{digest[:16]}", fictional=fictional_contacts)
    wanted = tuple(column for column in tape.columns() if column in table.columns)
    with Rejects(path) as rejects, transaction.atomic() if dry_run else nullcontext():
        intake = begin_intake(path.name, digest, said)
        for lines in run.rejects(table.batches(wanted)):
            rejects.add(lines)
            progress(run.rows_read, table.rows)
        if dry_run:
            transaction.set_rollback(True)
        else:
            _finish(intake, run)
    return ImportReport(
        file=path.name,
        map=said,
        dry_run=dry_run,
        rows_read=run.rows_read,
        rows_rejected=run.rows_rejected,
        added=dict(run.added),
        reasons=dict(sorted(run.reasons.items(), key=lambda each: (-each[1], each[0]))),
        rejects=rejects.where,
        notes=(*table.notes, *run.notes()),
    )


def _finish(intake: Intake, run: _Run) -> None:
    facts = run.added.total() - run.added["person"]
    with transaction.atomic():
        counts = {"rows_read": run.rows_read, "rows_rejected": run.rows_rejected}
        end_intake(intake, **counts, facts_added=facts)
        intake.refresh_from_db()
        record_row(connected(), Kind.intake, intake)
    analyze([table for table, added in run.added.items() if added])


def _fitting_map(path: Path) -> TapeMap:
    """Return the map that comes with Forbear and reads the columns of a file."""
    names = []
    for tape in shipped_maps():
        names.append(tape.name)
        try:
            open_tape(path, tape)
        except HeaderMismatch:
            continue
        return tape
    raise UnknownMap(
        f"{path} fits none of the maps that come with Forbear ({', '.join(names)});"
        " write its map (docs/loan-tape.md) and name it by --map"
    )


def _check_anonymous(tape: TapeMap) -> None:
    tables = {entry.table for entry in tape.entries}
    if "contact_point" in tables:
        raise NotAnonymous(
            f"map {tape.name} reads real contact points; fictional ones beside them would be"
            " mistaken for real"
        )
    if "profile" not in tables:
        raise NotAnonymous(f"map {tape.name} has no profile: whose contact points would they be?")


class _Run:
    """One import while it runs: reads ahead, lands batches beside each other, and counts."""

    def __init__(self, tape: TapeMap, source: str, *, fictional: bool) -> None:
        self._tape, self._source, self._fictional = tape, source, fictional
        self.rows_read = self.rows_rejected = self._limits_kept = 0
        self.added: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def rejects(self, batches: Iterator[Batch]) -> Iterator[pl.DataFrame]:
        """Land every batch, and yield the rejects of each in the order of the file.

        Two batches are written at once where they share no person and no account; so it makes no
        difference which of them is first. Inside a transaction there is one connection, and one
        batch at a time.
        """
        if connection.in_atomic_block:
            for batch in batches:
                read = self._read(batch)
                yield self._count(batch, read, self._land(read.facts, batch))
            return
        under_way: deque[tuple[Batch, Landing, Future[Landed]]] = deque()
        with ThreadPoolExecutor(WRITERS) as writers:
            for batch in batches:
                read = self._read(batch)
                while under_way and (
                    len(under_way) > WRITERS
                    or any(_shared(read, other) for _, other, _ in under_way)
                ):
                    yield self._count(*_ended(under_way.popleft()))
                under_way.append((batch, read, writers.submit(self._land_apart, read.facts, batch)))
            while under_way:
                yield self._count(*_ended(under_way.popleft()))

    def notes(self) -> tuple[str, ...]:
        """Return what the reader should be told of the whole run."""
        notes = []
        if self._fictional:
            notes.append("Fictional contact points: can belong to nobody, and are never sent to.")
        if self._limits_kept:
            kept = f"{self._limits_kept:,}"
            notes.append(f"Accounts whose limit is not the one stored, which was kept: {kept}.")
        if not self.rows_read:
            notes.append("The file has a header and no rows.")
        elif not self.added.total() and not self.rows_rejected:
            notes.append("Nothing is new: everything in this file is in the book already.")
        return tuple(notes)

    def _read(self, batch: Batch) -> Landing:
        return landing(batch.cells, batch.numbers, self._tape, index=cipher().index)

    def _land(self, facts: Facts, batch: Batch) -> Landed:
        """Land a batch under a source of its own: the file, and the batch's first row."""
        source = f"{self._source}:{batch.numbers[0]}" if len(batch.numbers) else self._source
        return land(facts, self._tape, source=source, fictional=self._fictional)

    def _land_apart(self, facts: Facts, batch: Batch) -> Landed:
        """Land a batch in a thread of its own, on a connection of its own."""
        try:
            return self._land(facts, batch)
        finally:
            connection.close()

    def _count(self, batch: Batch, read: Landing, landed: Landed) -> pl.DataFrame:
        """Add one batch to the count, and return its rejects in the order of the rows."""
        late = shown(landed.late, batch.cells.with_columns(row=batch.numbers))
        rejects = pl.concat([batch.rejects, read.rejects, late]).sort("row", maintain_order=True)
        self.rows_read += len(batch.cells) + len(batch.rejects)
        self.rows_rejected += rejects["row"].n_unique()
        self.added.update(landed.added)
        self.reasons.update(dict(rejects["code"].value_counts().iter_rows()))
        self._limits_kept += landed.limits_kept
        return rejects


def _shared(one: Landing, other: Landing) -> bool:
    """Return whether two batches are about some same person or account."""
    refs = {"person": "ref", **dict.fromkeys(one.facts.keys() - {"person"}, "account_ref")}
    return any(
        table in one.facts
        and table in other.facts
        and key in one.facts[table].columns
        and one.facts[table][key].is_in(other.facts[table][key].implode()).any()
        for table, key in refs.items()
    )


def _ended(under_way: tuple[Batch, Landing, Future[Landed]]) -> tuple[Batch, Landing, Landed]:
    batch, read, landed = under_way
    return batch, read, landed.result()
