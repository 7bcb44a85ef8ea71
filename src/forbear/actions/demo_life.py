"""Let the demo book live: every night what was told that day comes in, and the books are closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from django.db import transaction

from forbear.actions.close import do_close
from forbear.actions.contact import connected
from forbear.actions.demo import DemoReport, do_make_demo
from forbear.actions.evidence import Kind, record
from forbear.actions.reader import Ability, Reader
from forbear.demo.crowd import are_drawn
from forbear.demo.life import TABLES, Life, drawn_life, first_night
from forbear.kernel.errors import ForbearError
from forbear.store.bulk import analyze, insert_facts
from forbear.store.demo import fetch_demo_source, fetch_life_source, fetch_refs, fetch_size
from forbear.store.models import Close
from forbear.store.packs import fetch_law, fetch_products
from forbear.store.seal import append_seals, fetch_marks

ONE = timedelta(days=1)
WITH_ACTOR = ("contract", "booking")
ANALYZED = (1, 30, 200)  # nights after which the planner is told what the tables hold by then
Progress = Callable[[str, int, int], None]


class BookNotEmpty(ForbearError):
    """The book holds something else than this demo."""

    code = "demo.book_not_empty"
    http_status = 409
    what_to_do = "Use an empty FORBEAR_HOME; what the book holds was not touched."


class BooksOutOfBalance(ForbearError):
    """The trial balance of a night is not zero, which is a bug."""

    code = "demo.out_of_balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeReport:
    """What a demo book lived through."""

    book: DemoReport
    start: date
    as_of: date
    accounts: int
    facts: dict[str, int]
    told_twice: int
    nights: int  # that were closed now
    closed_before: int
    transfers: int  # written by all closes
    corrected: int  # of them, those that undo what no longer follows
    lived_again: int  # accounts, over all nights
    state_digest: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        days = {"start": self.start.isoformat(), "as_of": self.as_of.isoformat()}
        return {**asdict(self), **days, "book": self.book.as_json()}

    def in_words(self) -> str:
        """Return the report in some lines."""
        facts = sum(self.facts.values())
        before = f" ({self.closed_before:,} more were closed before)" if self.closed_before else ""
        return "\n".join(
            (
                self.book.in_words(),
                f"{self.accounts:,} of the people have an account that is serviced here:"
                f" {facts:,} facts from {self.start} to {self.as_of},"
                f" {self.told_twice:,} of them told twice.",
                f"{self.nights:,} nights were closed in {self.seconds:,.0f} s{before}:"
                f" {self.transfers:,} transfers, {self.corrected:,} of them undo others,"
                f" {self.lived_again:,} times an account was lived again."
                " The trial balance was zero each night.",
                f"State of the books: {self.state_digest[:12]}. Look at them with"
                " forbear books trial-balance, check and export.",
            )
        )


def do_live_demo(
    reader: Reader, *, people: int, as_of: date, seed: int, months: int, progress: Progress
) -> LifeReport:
    """Make the demo book and let it live: a night for each day of some months.

    Each night takes in what was told that day, late, twice or in time, and closes the books. Killed
    at any point, the same command again goes on where it was and ends with the same digest.
    Errors: BookNotEmpty, OtherDemoBook, NotAllowed, NotInForce, ProductUnknown.
    """
    reader.must(Ability.run_night)
    began = time.perf_counter()
    source = f"demo:{as_of}:{seed}:{people}"
    lives_as = f"{source}:{months}"
    _must_be_ours(source, lives_as)
    progress("demo book", 0, 0)
    book = do_make_demo(reader, people=people, as_of=as_of, seed=seed, progress=lambda *_: None)
    progress("draw the life", 0, 0)
    refs = pl.Series(fetch_refs(connected()), dtype=pl.String)
    start = first_night(as_of, months)
    life = drawn_life(
        np.random.default_rng([seed, months]),
        refs.filter(are_drawn(refs)),
        law=fetch_law(),
        products=fetch_products(),
        start=start,
        as_of=as_of,
    )
    body = {"months": months, "facts": life.facts, "facts_digest": life.digest}
    with transaction.atomic():
        if not fetch_life_source(connected()) and len(life.tables["contract"]):
            take_in(reader, life.told(life.first), lives_as)
            record(connected(), kind=Kind.demo, subject=lives_as, body=body)
    before = Close.objects.count()
    _nights(reader, life, lives_as, progress)
    closes = Close.objects.order_by("as_of")
    sums = [(c.transfers, c.corrected, c.late) for c in closes.iterator()]
    last = closes.last()
    return LifeReport(
        book=book,
        start=start,
        as_of=as_of,
        accounts=len(life.tables["contract"]),
        facts=life.facts,
        told_twice=life.told_twice,
        nights=len(sums) - before,
        closed_before=before,
        transfers=sum(row[0] for row in sums),
        corrected=sum(row[1] for row in sums),
        lived_again=sum(row[2] for row in sums),
        state_digest=last.state_digest if last else "",
        seconds=round(time.perf_counter() - began, 1),
    )


def _must_be_ours(source: str, lives_as: str) -> None:
    """Raise BookNotEmpty where the book holds anything but the demo that is asked for."""
    there = fetch_demo_source(connected())
    if not there and (people := fetch_size(connected())):
        raise BookNotEmpty(
            f"this book holds {people:,} people who are no demo;"
            " a demo book lives in an empty FORBEAR_HOME alone"
        )
    lived = fetch_life_source(connected())
    others = there == source and not lived and Close.objects.exists()
    if others or (lived and lived != lives_as):
        raise BookNotEmpty(
            "the books of this demo are closed or live another life already, as those of a plain"
            " demo with its few serviced accounts do; use an empty FORBEAR_HOME for this one"
        )


def _nights(reader: Reader, life: Life, source: str, progress: Progress) -> None:
    """Live night by night, from the one after the last that was closed."""
    last = Close.objects.order_by("-as_of").first()
    total = (life.as_of - life.first).days + 1
    on = last.as_of + ONE if last else life.first
    while on <= life.as_of:
        night = (on - life.first).days
        progress(f"night of {on}", night, total)
        with transaction.atomic():
            take_in(reader, life.told(on), source)
        for report in do_close(reader, as_of=on, progress=lambda _: None):
            for currency, one in report["balances"].items():
                if sum(one.values()):
                    raise BooksOutOfBalance(f"{on}: {currency} sums to {sum(one.values())}")
        if night in ANALYZED:
            analyze((*TABLES, "transfer", "owed"))
        on += ONE
    progress("done", total, total)


def take_in(reader: Reader, tables: Mapping[str, pl.DataFrame], source: str) -> None:
    """Take in what is told of a life, under seal; what is there already stays as it is.

    Errors: UnknownRef where a table names somebody who is not there.
    """
    marks = fetch_marks(connected())
    for table, rows in tables.items():
        if len(rows):
            if table in WITH_ACTOR:
                rows = rows.with_columns(actor=pl.lit(reader.actor))
            insert_facts(table, rows, source=source)
    append_seals(connected(), source=source, people=(), tables=TABLES, since=marks)
