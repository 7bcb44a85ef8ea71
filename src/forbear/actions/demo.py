"""Fill a book with invented people. One transaction: all of the demo, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from forbear.actions.agency import do_name_agency, do_place
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record
from forbear.actions.reader import Ability, Reader, machine
from forbear.demo.agencies import placed_with
from forbear.demo.book import demo_book
from forbear.kernel.errors import ForbearError
from forbear.store.bulk import analyze, insert_facts, insert_persons
from forbear.store.demo import fetch_demo_source
from forbear.store.models import Agency
from forbear.store.seal import append_seals, fetch_marks

CLOSE = time(18)  # of the demo's day, by the clock of its country
Progress = Callable[[int, int | None], None]


class OtherDemoBook(ForbearError):
    """The book holds a demo of another day, size or seed already."""

    code = "demo.other_book"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What was asked for, and how many facts of it were new."""

    people: int
    as_of: date
    seed: int
    added: dict[str, int]  # by table
    placed: int = 0  # people placed with an agency

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "people": self.people,
            "as_of": self.as_of.isoformat(),
            "seed": self.seed,
            "added": self.added,
            "placed": self.placed,
        }

    def in_words(self) -> str:
        """Return the report as one line."""
        if not any(self.added.values()):
            return f"The demo book of {self.as_of} (seed {self.seed}) was there already."
        facts = sum(self.added.values()) - self.added["person"]
        return (
            f"{self.added['person']:,} invented people and {facts:,} facts as of {self.as_of}"
            f" (seed {self.seed}), {self.placed:,} of them placed with two agencies;"
            " every contact point is fictional and is never sent to."
        )


def do_make_demo(
    reader: Reader, *, people: int, as_of: date, seed: int, progress: Progress
) -> DemoReport:
    """Add the demo book of so many people at the close of a day; what is there stays as it is.

    The same people, day and seed again add nothing.
    Errors: OtherDemoBook, NotAllowed.
    """
    reader.must(Ability.run_night)
    source = f"demo:{as_of}:{seed}:{people}"
    with transaction.atomic():
        there = fetch_demo_source(connected())
        if there not in ("", source):
            _, day, its_seed, size = there.split(":")
            raise OtherDemoBook(
                f"this book holds a demo of {size} people as of {day}, seed {its_seed};"
                " for another one use an empty FORBEAR_HOME"
            )
        book = demo_book(np.random.default_rng(seed), people=people, as_of=as_of)
        total = sum(len(rows) for rows in book.tables.values())
        progress(0, total)
        marks = fetch_marks(connected())
        added, done, placed = {}, 0, 0
        for table, rows in book.tables.items():
            if table == "person":
                added[table] = insert_persons(rows["ref"])
            else:
                added[table] = insert_facts(table, rows, source=source)
            done += len(rows)
            progress(done, total)
        body = {"people": people, "as_of": as_of, "seed": seed, "added": added}
        if any(added.values()):
            refs = book.tables["person"]["ref"]
            append_seals(connected(), source=source, people=refs, tables=added, since=marks)
            record(connected(), kind=Kind.demo, subject=source, body=body)
            placed = _place(reader, placed_with(book.tables), as_of)
        analyze(added)
    return DemoReport(
        people=len(book.tables["person"]), as_of=as_of, seed=seed, added=added, placed=placed
    )


def _place(reader: Reader, wanted: dict[str, list[str]], as_of: date) -> int:
    """Place people with the demo's agencies at the close of its day; return how many people.

    Whoever may fill the book may do this part of it too.
    """
    by = machine(reader.actor)
    at = datetime.combine(as_of, CLOSE, tzinfo=ZoneInfo("Asia/Shanghai"))
    people = 0
    for name, refs in wanted.items():
        if not Agency.objects.filter(name=name).exists():
            do_name_agency(by, name=name)
        if refs:
            people += do_place(by, agency=name, refs=refs, at=at).people
    return people
