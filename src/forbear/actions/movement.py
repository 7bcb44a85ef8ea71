"""Show the accounts behind a night's buckets and roll rates, from the facts that the night kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from forbear.actions.listing import Listing, Page, UnknownColumn, cut
from forbear.actions.masking import masked_name
from forbear.actions.reader import Ability, Reader
from forbear.batch.assemble import House, account_moves
from forbear.delinquency.bucket import Buckets, buckets
from forbear.kernel.errors import ForbearError
from forbear.law.packs import policy
from forbear.store.engine import PolarsEngine
from forbear.store.models import Night, Person
from forbear.store.packs import fetch_law
from forbear.store.people import Known, fetch_known
from forbear.store.server import home
from forbear.store.snapshot import Snapshot, read_ids, read_manifest, read_table

ROWS = "_moves.parquet"  # beside the snapshot, and removed with it
ORDERS = {
    "account": "account_ref",
    "dpd": "days_past_due",
    "due": "due_minor",
    "outstanding": "outstanding_minor",
    "then": "then",
    "now": "now",
}


class RowsNotKept(ForbearError):
    """The rows of that night are no longer kept; only its figures are."""

    code = "movement.rows_not_kept"
    http_status = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One account at the close of a night's day, and a month before."""

    account_ref: str
    person_id: int
    person_ref: str
    name: str  # masked
    currency: str
    then: str  # bucket; "" where it was not on the books
    now: str
    days_past_due: int
    due_minor: int
    outstanding_minor: int


def access_moves(reader: Reader, *, night_id: int, listing: Listing) -> Page[MoveRow]:
    """Return one page of the accounts of a night, by bucket now and then.

    Errors: NotAllowed, RowsNotKept, UnknownColumn.
    """
    reader.must(Ability.see_night)
    night = Night.objects.get(pk=night_id)
    snapshot = read_manifest(home() / "snapshot" / str(night.pk))
    if snapshot is None or snapshot.facts_digest != night.facts_digest:
        raise RowsNotKept(
            f"the accounts behind the night of {night.as_of} are no longer kept;"
            " run that night again to see them"
        )
    known = buckets(fetch_law(), on=snapshot.as_of)
    found = _chosen(_rows(snapshot, known), listing, known)
    if listing.sort and listing.sort not in ORDERS:
        raise UnknownColumn(f"{listing.sort!r}: choose one of {', '.join(sorted(ORDERS))}")
    column = ORDERS.get(listing.sort, "days_past_due")
    down = listing.descending if listing.sort else True
    ordered = found.sort([column, "account_ref"], descending=[down, False]).collect()
    return cut(ordered, listing, total=len(ordered), rows=lambda part: _move_rows(part, known))


def _rows(snapshot: Snapshot, known: Buckets) -> pl.LazyFrame:
    """Return every account of a snapshot with its moves, worked out once and kept beside it."""
    path = snapshot.folder / ROWS
    if not path.exists():
        month_days = policy(fetch_law(), "house.reported_month_days", on=snapshot.as_of)
        house = House(buckets=known, month_days=month_days.value["days"])
        moves = account_moves(PolarsEngine().opened(snapshot), house, as_of=snapshot.as_of)
        _keep(moves.to_native(), snapshot, path)
    return pl.scan_parquet(path)


def _keep(moves: Any, snapshot: Snapshot, path: Path) -> None:
    refs = read_table(snapshot, "account").select("account", pl.col("ref").alias("account_ref"))
    currencies = pl.Series(snapshot.currencies, dtype=pl.String)
    frame = moves.collect().join(refs, on="account")
    people = read_ids(snapshot, "person").gather(frame["person"])
    frame = frame.with_columns(
        people.alias("person_id"), currencies.gather(frame["currency"]).alias("currency")
    )
    part = path.with_suffix(".part")
    frame.select(
        "account_ref",
        "person_id",
        "currency",
        "then",
        "now",
        "days_past_due",
        "due_minor",
        "outstanding_minor",
    ).write_parquet(part)
    part.replace(path)


def _chosen(rows: pl.LazyFrame, listing: Listing, known: Buckets) -> pl.LazyFrame:
    place: Mapping[str, int] = {name: i for i, name in enumerate(known.ids)}
    for name, column in (("bucket", "now"), ("then", "then")):
        if listing.asked(name):
            rows = rows.filter(pl.col(column) == place.get(listing.asked(name), -2))
    if listing.asked("late") == "yes":
        rows = rows.filter(pl.col("now") > 0)
    if listing.asked("currency"):
        rows = rows.filter(pl.col("currency") == listing.asked("currency"))
    return rows


def _move_rows(part: pl.DataFrame, known: Buckets) -> list[MoveRow]:
    ids = part["person_id"].unique().to_list()
    names, refs = fetch_known(ids), dict(Person.objects.filter(pk__in=ids).values_list("id", "ref"))
    return [
        MoveRow(
            account_ref=row["account_ref"],
            person_id=row["person_id"],
            person_ref=refs.get(row["person_id"], ""),
            name=masked_name(names.get(row["person_id"], Known()).name),
            currency=row["currency"],
            then=known.ids[row["then"]] if row["then"] >= 0 else "",
            now=known.ids[row["now"]],
            days_past_due=row["days_past_due"],
            due_minor=row["due_minor"],
            outstanding_minor=row["outstanding_minor"],
        )
        for row in part.rows(named=True)
    ]
