"""The books at the end of a day as frames, under the lender's own keys, and as columns. Pure.

Rows of columns are numbered in the order of refs, days, kinds and keys. Nothing here depends on the
order in which facts came in: the same facts have the same frames and the same digest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl

from forbear.batch.seal import table_digest
from forbear.kernel.digest import value_digest
from forbear.servicing.agreement import AMOUNTS, DAYS, conditions
from forbear.servicing.allocation import Component
from forbear.servicing.book import Agreed, Book, Conditions, Installments, Met, Standing, new_book
from forbear.servicing.fact import FACT_CODE, FactKind, Facts

STANDING = tuple(f.name for f in fields(Standing))
WIDE = ("open_minor",)  # a column for each component
FLAT = tuple(
    f.name for f in fields(Installments) if f.name not in ("account", "fact", "number", *WIDE)
)
OPEN = tuple(f"open_{component.value}" for component in Component)
REVERSAL, PAYMENT = FACT_CODE[FactKind.payment_reversal], FACT_CODE[FactKind.payment]
DUE_DAY = FACT_CODE[FactKind.due_day]
FACT = pl.Schema(
    {
        "account": pl.String,
        "key": pl.String,
        "kind": pl.Int8,  # position in FactKind; -1 a designation
        "effective_on": pl.Date,
        "amount_minor": pl.Int64,
        "about": pl.String,  # "" none or all
        "days": pl.Int32,
        "schedule": pl.String,  # JSON
    }
)
DUE = pl.Struct(dict.fromkeys(DAYS, pl.String) | dict.fromkeys(AMOUNTS, pl.Int64))
ANEW = pl.Struct({"about": pl.String, "dues": pl.List(DUE)})  # a purchase, as a due day has it


@dataclass(frozen=True, slots=True)
class Kept:
    """What the books are at the end of a day."""

    accounts: pl.DataFrame  # account, conditions, and the columns of Standing
    facts: pl.DataFrame  # account, key, kind, effective_on, amount, about, days, ahead, left_minor
    dues: pl.DataFrame  # account, key, number, and the columns of Installments
    met: pl.DataFrame  # account, cause, key, number, component, amount_minor, recovered

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Return the frames by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Columns:
    """The same in columns, in canonical order."""

    kept: Kept  # sorted
    book: Book
    facts: Facts
    terms: Conditions


def begun(accounts: pl.DataFrame, facts: pl.DataFrame) -> Kept:
    """Return the books of accounts before their first day, with every fact that is known of them.

    Shape:  accounts: account, conditions; facts as FACT, all that are known of these accounts.
    Errors: none.
    Source: none.
    """
    told = _told(facts)
    agreed = _agreed(facts.filter(pl.col("key").is_in(told["key"].implode())))
    book = new_book(_columns_of(agreed), accounts=0, facts=0)
    names = [name for name in FLAT if name not in agreed.columns]
    rows = {name: getattr(book.installments, name) for name in names}
    open_minor = {name: book.installments.open_minor[:, n] for n, name in enumerate(OPEN)}
    zero = [pl.lit(0, kind).alias(name) for name, kind in ZERO.items()]
    return Kept(
        accounts=accounts.select("account", "conditions").with_columns(zero),
        facts=told,
        dues=agreed.with_columns(**{n: pl.Series(v) for n, v in {**rows, **open_minor}.items()}),
        met=pl.DataFrame(schema=MET),
    )


ZERO = {
    name: {"days_past_due": pl.Int32, "nonaccrual": pl.Boolean}.get(name, pl.Int64)
    for name in STANDING
}
MET = pl.Schema(
    {
        "account": pl.String,
        "cause": pl.String,
        "key": pl.String,
        "number": pl.Int16,
        "component": pl.Int8,
        "amount_minor": pl.Int64,
        "recovered": pl.Boolean,
    }
)


def _told(facts: pl.DataFrame) -> pl.DataFrame:
    """Return facts as they count: designations are part of their payments.

    Money cannot be taken back before it came: such a reversal is of the payment's day.
    """
    meant = _wishes(facts).drop("by")
    payments = facts.filter(pl.col("kind") == PAYMENT)
    came = payments.select(pl.col("key").alias("about"), pl.col("effective_on").alias("came_on"))
    late = (pl.col("kind") == REVERSAL) & (pl.col("came_on") > pl.col("effective_on"))
    return (
        facts.filter(pl.col("kind") >= 0)
        .join(meant, on="key", how="left")
        .join(came, on="about", how="left")
        .with_columns(
            pl.col("meant").fill_null(pl.col("about")).alias("about"),
            pl.col("ahead").fill_null(False),
            pl.when(late).then("came_on").otherwise("effective_on").alias("effective_on"),
            pl.lit(0, pl.Int64).alias("left_minor"),
        )
        .select(*(name for name in FACT if name != "schedule"), "ahead", "left_minor")
    )


def _wishes(facts: pl.DataFrame) -> pl.DataFrame:
    """Return what payments were designated for: key (the payment's), meant, ahead, by."""
    wish = pl.col("schedule").str.json_decode(
        pl.List(pl.Struct({"about": pl.String, "ahead": pl.Boolean}))
    )
    return (
        facts.filter(pl.col("kind") == -1)
        .with_columns(wish.list.first().alias("wish"))
        .select(
            pl.col("about").alias("key"),
            pl.col("wish").struct.field("about").alias("meant"),
            pl.col("wish").struct.field("ahead").alias("ahead"),
            pl.col("key").alias("by"),
        )
    )


def unknown_to(kept: Kept, facts: pl.DataFrame) -> pl.DataFrame:
    """Return those of some facts that books were not made of; a designation is in its payment.

    Shape:  facts as FACT.
    Errors: none.
    Source: none.
    """
    other = facts.join(kept.facts, on="key", how="anti")
    stands = kept.facts.select("key", stood_for="about", stood_ahead="ahead")
    wished = _wishes(other).join(stands, on="key")
    as_wished = (pl.col("meant") == pl.col("stood_for")) & (
        pl.col("ahead") == pl.col("stood_ahead")
    )
    return other.filter(~pl.col("key").is_in(wished.filter(as_wished)["by"].implode()))


def _agreed(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the installments that were agreed with facts: account, key, number and Agreed's."""
    kept, moves = pl.col("schedule") != "[]", pl.col("kind") == DUE_DAY
    lent = facts.filter(kept, pl.col("kind") >= 0, ~moves)
    dues = pl.col("schedule").str.json_decode(pl.List(DUE))
    lent = lent.select("account", "key", "effective_on", dues=dues)
    if not facts.filter(kept, moves).is_empty():
        lent = _governed(lent, facts.filter(moves))
    rows = (
        lent.drop("effective_on")
        .with_columns(number=pl.int_ranges(1, pl.col("dues").list.len() + 1, dtype=pl.Int16))
        .explode("dues", "number")
        .unnest("dues")
        .with_columns(pl.col(*DAYS).str.to_date())
    )
    return rows.sort("account", "key", "number")


def _governed(lent: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Return what was agreed, with the last due day of an earlier day than the purchase's own.

    Where that was told after the purchase it holds the purchase's installments.
    """
    places = moves.select("account", moved_on="effective_on", by="key")
    governs = lent.join(places, on="account").filter(pl.col("moved_on") < pl.col("effective_on"))
    governs = governs.sort("moved_on", "by").group_by("key").agg(pl.col("by").last())
    held = (
        moves.select(by="key", held=pl.col("schedule").str.json_decode(pl.List(ANEW)))
        .explode("held")
        .drop_nulls()
        .unnest("held")
        .select("by", pl.col("about").alias("key"), pl.col("dues").alias("anew"))
    )
    anew = governs.join(held, on=["key", "by"]).select("key", "anew")
    lent = lent.join(anew, on="key", how="left")
    return lent.with_columns(dues=pl.coalesce("anew", "dues")).drop("anew")


def _columns_of(agreed: pl.DataFrame) -> Agreed:
    """Return agreed installments as columns, not yet numbered by account and fact."""
    none = np.zeros(len(agreed), np.int32)
    names = [f.name for f in fields(Agreed) if f.name not in ("account", "fact")]
    return Agreed(account=none, fact=none, **{n: _column(agreed[n]) for n in names})


def _column(series: pl.Series) -> Any:
    """Return a column that may be written to."""
    found = series.to_numpy(writable=True)
    return found.astype("datetime64[D]") if series.dtype == pl.Date else found


def both(one: Kept, other: Kept) -> Kept:
    """Return the books of the accounts of both; facts and installments may be of the same ones.

    Errors: none.
    Source: none.
    """
    return Kept(**{n: pl.concat([f, other.frames[n]]) for n, f in one.frames.items()})


def without(kept: Kept, accounts: pl.Series) -> Kept:
    """Return the books of all other accounts.

    Errors: none.
    Source: none.
    """
    gone = pl.col("account").is_in(accounts.implode())
    return Kept(**{name: frame.filter(~gone) for name, frame in kept.frames.items()})


def only(kept: Kept, accounts: pl.Series) -> Kept:
    """Return the books of some accounts.

    Errors: none.
    Source: none.
    """
    theirs = pl.col("account").is_in(accounts.implode())
    return Kept(**{name: frame.filter(theirs) for name, frame in kept.frames.items()})


def columns(kept: Kept) -> Columns:
    """Return the books as columns.

    Errors: none; an installment or a meeting of no fact is a bug.
    Source: house convention L-5.
    """
    accounts = kept.accounts.sort("account").with_row_index("account_row")
    place = accounts.select("account", pl.col("account_row").cast(pl.Int32))
    known = kept.facts.join(place, on="account", how="left")
    known = known.sort("account_row", "effective_on", "kind", "key").with_row_index("fact_row")
    rows = known.select("key", pl.col("fact_row").cast(pl.Int32))
    about = known.select(pl.col("about").alias("key")).join(
        rows, on="key", how="left", maintain_order="left"
    )["fact_row"]
    dues = kept.dues.join(rows, on="key").join(place, on="account")
    dues = dues.sort("fact_row", "number").with_row_index("due_row")
    met = kept.met.join(
        rows.rename({"key": "cause", "fact_row": "cause_row"}), on="cause", maintain_order="left"
    ).join(dues.select("key", "number", "due_row"), on=["key", "number"], maintain_order="left")
    facts = Facts(
        account=_column(known["account_row"]),
        kind=_column(known["kind"]),
        effective_on=_column(known["effective_on"]),
        amount_minor=_column(known["amount_minor"]),
        about=about.fill_null(-1).to_numpy(writable=True).astype(np.int32),
        days=_column(known["days"]),
        ahead=_column(known["ahead"]),
    )
    book = Book(
        standing=Standing(**{n: _column(accounts[n]) for n in STANDING}),
        installments=Installments(
            account=_column(dues["account_row"]),
            fact=_column(dues["fact_row"]),
            number=_column(dues["number"]),
            open_minor=np.stack([_column(dues[n]) for n in OPEN], axis=1).astype(np.int64),
            **{n: _column(dues[n]) for n in FLAT},
        ),
        first=np.searchsorted(_column(dues["account_row"]), np.arange(len(accounts) + 1)),
        left_minor=_column(known["left_minor"]),
        met=[_met(met)],
    )
    ordered = Kept(accounts=accounts, facts=known, dues=dues, met=met)
    return Columns(ordered, book, facts, _conditions(accounts["conditions"]))


def _met(met: pl.DataFrame) -> Met:
    long = {n: met[n].to_numpy().astype(np.int64) for n in ("cause_row", "due_row", "component")}
    return Met(
        cause=long["cause_row"],
        due=long["due_row"],
        component=long["component"],
        amount_minor=_column(met["amount_minor"]),
        recovered=_column(met["recovered"]),
    )


def _conditions(texts: pl.Series) -> Conditions:
    """Return the conditions of accounts; as a rule there are few that differ."""
    different = texts.unique().sort()
    which = pl.DataFrame({"t": texts}).join(
        pl.DataFrame({"t": different}).with_row_index("n"), on="t", maintain_order="left"
    )
    return conditions([json.loads(t) for t in different], which["n"].to_numpy().astype(np.int64))


def frames(found: Columns) -> Kept:
    """Return columns as the frames that are kept.

    Errors: none.
    Source: none.
    """
    book, old = found.book, found.kept
    standing = {n: pl.Series(getattr(book.standing, n)) for n in STANDING}
    inst = {n: pl.Series(getattr(book.installments, n)) for n in FLAT}
    opened = {n: pl.Series(book.installments.open_minor[:, k]) for k, n in enumerate(OPEN)}
    met = Met(
        *(
            np.concatenate([getattr(m, n) for m in book.met])
            for n in ("cause", "due", "component", "amount_minor", "recovered")
        )
    )
    order = np.argsort(book.installments.account[met.due], kind="stable")
    due = old.dues.select("account", "key", "number")[met.due[order]]
    return Kept(
        accounts=old.accounts.with_columns(**standing).drop("account_row"),
        facts=old.facts.with_columns(left_minor=pl.Series(book.left_minor)).drop(
            "fact_row", "account_row"
        ),
        dues=old.dues.with_columns(**inst, **opened).drop("due_row", "fact_row", "account_row"),
        met=due.with_columns(
            cause=old.facts["key"].gather(met.cause[order]),
            component=pl.Series(met.component[order], dtype=pl.Int8),
            amount_minor=pl.Series(met.amount_minor[order]),
            recovered=pl.Series(met.recovered[order]),
        ).select(MET.names()),
    )


def kept_digest(kept: Kept) -> str:
    """Return the SHA-256 of the books of a day, which is the same for the same facts.

    Shape:  as `frames` gives them.
    Errors: none.
    Source: FIPS 180-4.
    """
    days = pl.selectors.date()
    return value_digest(
        {
            name: table_digest(frame.with_columns(days.cast(pl.Int32)).to_arrow())
            for name, frame in kept.frames.items()
        }
    )
