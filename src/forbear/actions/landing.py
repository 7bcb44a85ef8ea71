"""Land one batch of a tape: its facts go in together, save of rows that contradict the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from django.db import transaction

from forbear.actions.contact import connected
from forbear.store import refund as store
from forbear.store.bulk import Ids, Loaded, insert_persons, load_facts, unknown_refs
from forbear.store.seal import append_seals, fetch_marks
from forbear.tape.fiction import fictional_points
from forbear.tape.map import Entry, TapeMap
from forbear.tape.rows import REJECT

Facts = Mapping[str, pl.DataFrame]
SOFT = ["limit_minor"]  # may differ from what is stored: the first is kept, and the report says so
NAMED = {"source_key": pl.String, "account_ref": pl.String}
LATE = {name: kind for name, kind in REJECT.items() if name != "original"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What became of one batch."""

    added: Counter[str]  # new facts by table, people under `person`
    late: pl.DataFrame  # LATE: rows that only the book could refuse
    limits_kept: int  # accounts whose limit differs from the one stored


def land(facts: Facts, tape: TapeMap, *, source: str, fictional: bool) -> Landed:
    """Insert the facts of a batch, save of rows that contradict what is stored.

    The first try assumes that none does. Where one does, everything is taken back and done again
    without that row, because a row lands whole or not at all. What came in is sealed. No other
    batch that lands meanwhile has the same source, or one of the same people. A refund that was
    asked for under the reference of one that lands has ended with it.
    """
    facts, late = _known(facts, tape)
    while True:
        with transaction.atomic():
            marks = fetch_marks(connected())
            back = _named_refunds(facts)
            if len(back):  # whoever tells of one meanwhile waits, or was first
                store.lock_people_of(connected(), back["account_ref"])
            people = insert_persons(facts["person"]["ref"]) if "person" in facts else 0
            loaded = _load(facts, source, fictional=fictional)
            clashes, limits = _clashes(facts, loaded, tape)
            clashes = pl.concat([clashes, _ended_otherwise(back, tape)])
            if clashes.is_empty():
                thawed = len(back) and store.thaw_settled(connected(), back["source_key"], source)
                _seal(facts, people, loaded, source, marks, thawed=bool(thawed))
                new = {table: each.new for table, each in loaded.items()}
                added = Counter({"person": people, **new} if "person" in facts else new)
                return Landed(added=added, late=late, limits_kept=limits)
            transaction.set_rollback(True)
        late = pl.concat([late, clashes])
        facts = _without(facts, clashes)


def _seal(
    facts: Facts,
    people: int,
    loaded: Mapping[str, Loaded],
    source: str,
    marks: Mapping[str, int],
    *,
    thawed: bool,
) -> None:
    """Leave the entries that prove what a batch brought in, and what it ended."""
    tables = [table for table, each in loaded.items() if each.new]
    if thawed and "status" not in tables:
        tables.append("status")
    append_seals(
        connected(),
        source=source,
        people=facts["person"]["ref"] if people else (),
        tables=[*tables, "person"] if people else tables,
        since=marks,
    )


def shown(lines: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return reject lines with the text of their cell; `cells` has the column row."""
    parts = [pl.DataFrame(schema=REJECT)]
    for (column,), some in lines.group_by("column", maintain_order=True):
        text = pl.col(str(column)) if column in cells.columns else pl.lit("")
        texts = cells.select("row", original=text.fill_null(""))
        parts.append(some.join(texts, on="row", how="left").select(*REJECT))
    return pl.concat(parts)


def _known(facts: Facts, tape: TapeMap) -> tuple[Facts, pl.DataFrame]:
    """Set aside the rows whose account the book does not have, where the tape brings none."""
    lines = [pl.DataFrame(schema=LATE)]
    for table, frame in facts.items():
        if "account" in facts or "account_ref" not in frame.columns:
            continue
        lost = unknown_refs("account", frame["account_ref"])
        found = frame.filter(frame["account_ref"].is_in(lost.implode()))
        says = "is in no account of the book: import the accounts first"
        lines.append(_late(found, tape, "tape.unknown_account", says, table))
    late = pl.concat(lines)
    return _without(facts, late), late


def _load(facts: Facts, source: str, *, fictional: bool) -> dict[str, Loaded]:
    ids: Ids = {}
    loaded = {
        table: load_facts(table, frame.drop("row", "entry"), source=source, ids=ids)
        for table, frame in facts.items()
        if table != "person"
    }
    if fictional:
        people = facts["profile"].unique("person_ref", keep="first", maintain_order=True)
        points = fictional_points(people.select("person_ref", "effective_on"))
        loaded["contact_point"] = load_facts("contact_point", points, source=source, ids=ids)
    return loaded


def _named_refunds(facts: Facts) -> pl.DataFrame:
    """Return the refunds that have a reference under which they may have been asked for."""
    refunds = facts.get("refund", pl.DataFrame(schema=NAMED))
    return refunds.filter(pl.col("source_key").str.starts_with("refund:"))


def _ended_otherwise(refunds: pl.DataFrame, tape: TapeMap) -> pl.DataFrame:
    """Return the rows of refunds of which the book knows another end, or another account."""
    lines = [pl.DataFrame(schema=LATE)]
    known = (
        store.fetch_told_otherwise(connected(), refunds["source_key"], refunds["account_ref"])
        if len(refunds)
        else {}
    )
    for key, says in sorted(known.items()):
        rows = refunds.filter(pl.col("source_key") == key)
        lines.append(_late(rows, tape, "tape.conflict", says, "refund"))
    return pl.concat(lines)


def _clashes(facts: Facts, loaded: Mapping[str, Loaded], tape: TapeMap) -> tuple[pl.DataFrame, int]:
    """Return the rows that say otherwise than the book, and how many limits differ."""
    lines, limits = [pl.DataFrame(schema=LATE)], 0
    for table, frame in facts.items():
        if table not in loaded:
            continue
        found = loaded[table].contradicts
        hard = found.filter(pl.col("differs") != pl.lit(SOFT))
        limits += len(found) - len(hard)
        rows = frame[hard["n"].to_list()].with_columns(differs=hard["differs"])
        for (names,), some in rows.group_by("differs", maintain_order=True):
            says = f"is stored already with another {', '.join(names)}"
            lines.append(_late(some, tape, "tape.conflict", says, table))
    return pl.concat(lines), limits


def _late(facts: pl.DataFrame, tape: TapeMap, code: str, says: str, table: str) -> pl.DataFrame:
    """Return one reject line for each fact that reading alone could not refuse."""
    columns = {place: _telling(entry) for place, entry in enumerate(tape.entries)}
    return facts.select(
        row=pl.col("row"),
        column=pl.col("entry").replace_strict(columns, return_dtype=pl.String),
        code=pl.lit(code),
        reason=pl.lit(f"{table} ") + pl.col("source_key") + pl.lit(f" {says}"),
    )


def _telling(entry: Entry) -> str:
    """Return the column that a fact is best known by: its amount, or the first it reads."""
    values = [entry.fields.get("amount_minor"), *entry.fields.values()]
    return next((value.column for value in values if value and value.column), "")


def _without(facts: Facts, late: pl.DataFrame) -> Facts:
    """Return facts without those of some rows."""
    if late.is_empty():
        return facts
    rows = late["row"].unique().implode()
    return {table: frame.filter(~frame["row"].is_in(rows)) for table, frame in facts.items()}
