"""The life of a book: contracts, purchases and what befalls them, as they are told day by day.

Pure: a generator and a time in, facts out, a frame for each table. Each fact has the day on which
it is told, its own day or a later one; a book that closes every night lives through them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forbear.demo.accounts import month_day
from forbear.demo.life_events import drawn_events
from forbear.demo.life_purchases import (
    PRODUCTS,
    Lives,
    drawn_lives,
    drawn_purchases,
    due_day_facts,
    purchase_facts,
)
from forbear.kernel.digest import text_digest
from forbear.law.packs import Law
from forbear.servicing.agreement import caps_of, conditions_kept
from forbear.servicing.product import Products

PRODUCT_TYPES = {"paylater": "installment_purchase", "card": "card", "micro_loan": "micro_loan"}
TABLES = ("account", "contract", "booking", "payment", "refund")  # links are found in this order


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The facts of a lived book, a frame for each table, by the day told (`told_on`)."""

    start: date
    as_of: date
    tables: Mapping[str, pl.DataFrame]

    @property
    def first(self) -> date:
        """Return the day of the first contract, which is the first to be closed."""
        found = self.tables["contract"]["told_on"].min()
        return found if isinstance(found, date) else self.as_of

    def told(self, on: date) -> dict[str, pl.DataFrame]:
        """Return what is told on a day, by table."""
        found = {}
        for name, frame in self.tables.items():
            days = frame["told_on"]
            since, until = (days.search_sorted(on, side=side) for side in ("left", "right"))
            found[name] = frame[since:until].drop("told_on")
        return found

    @property
    def facts(self) -> dict[str, int]:
        """Return how many facts each table gets; what is told twice is one fact."""
        return {name: frame["source_key"].n_unique() for name, frame in self.tables.items()}

    @property
    def told_twice(self) -> int:
        """Return how many facts are told again."""
        return sum(len(frame) for frame in self.tables.values()) - sum(self.facts.values())

    @property
    def digest(self) -> str:
        """Return what tells this life from another: of every fact and the day it is told."""
        return text_digest({name: frame.write_csv() for name, frame in self.tables.items()})


def first_night(as_of: date, months: int) -> date:
    """Return the day after the same day so many months before.

    Errors: none; a month that lacks the day has its last.
    Source: house convention H-1.
    """
    month = np.array([as_of], "datetime64[M]") - months
    same: date = (month_day(month, np.array([as_of.day], np.int32)) + 1)[0].item()
    return same


def drawn_life(
    rng: np.random.Generator,
    people: pl.Series,
    *,
    law: Law,
    products: Products,
    start: date,
    as_of: date,
) -> Life:
    """Return the life of one serviced account of each of some people, from one day to another.

    Unit:   minor units.
    Errors: ProductUnknown, NotInForce where a product is not offered in that time.
    Source: none; shares are invented.
    """
    lives = drawn_lives(rng, people, products, start=start, as_of=as_of)
    bought = drawn_purchases(rng, lives)
    parts = [
        ("account", _accounts(lives)),
        ("contract", _contracts(lives, law)),
        ("booking", purchase_facts(rng, lives, bought)),
        ("booking", due_day_facts(lives)),
        *drawn_events(rng, lives, bought, law),
    ]
    tables = {name: pl.concat([f for table, f in parts if table == name]) for name in TABLES}
    return Life(start=start, as_of=as_of, tables={n: _in_life(f, lives) for n, f in tables.items()})


def _in_life(frame: pl.DataFrame, lives: Lives) -> pl.DataFrame:
    """Return what is told by the last day, by the day told."""
    told = frame.filter(pl.col("told_on") <= pl.lit(lives.as_of))
    return told.sort("told_on", "source_key", maintain_order=True)


def _accounts(lives: Lives) -> pl.DataFrame:
    terms = [lives.terms[n] for n in lives.version.tolist()]
    names = [PRODUCTS[n] for n in lives.product.tolist()]
    return pl.DataFrame(
        {
            "person_ref": lives.person,
            "ref": lives.ref,
            "source_key": lives.ref,
            "product": names,
            "product_type": [PRODUCT_TYPES[name] for name in names],
            "currency": [each.currency for each in terms],
            "limit_minor": [each.most_minor for each in terms],
            "creditor_type": [each.lender.value for each in terms],
            "jurisdiction": [each.jurisdiction for each in terms],
            "opened_on": pl.Series(lives.formed_on).cast(pl.Date),
            "told_on": pl.Series(lives.formed_on).cast(pl.Date),
        }
    )


def _contracts(lives: Lives, law: Law) -> pl.DataFrame:
    """Return the contracts, each with what its terms mean and the cap of its own day."""
    kept: dict[tuple[int, np.datetime64], str] = {}
    for n, on in zip(lives.version.tolist(), lives.formed_on, strict=True):
        if (n, on) not in kept:
            terms, day = lives.terms[n], on.item()
            caps = caps_of(law, terms, formed_on=day, recorded_on=day)
            kept[n, on] = json.dumps(conditions_kept(terms, caps))
    pairs = list(zip(lives.version.tolist(), lives.formed_on, strict=True))
    return pl.DataFrame(
        {
            "account_ref": lives.ref,
            "source_key": "contract:" + lives.ref,
            "product": [PRODUCTS[n] for n in lives.product.tolist()],
            "formed_on": pl.Series(lives.formed_on).cast(pl.Date),
            "terms_digest": [lives.terms[n].digest for n, _ in pairs],
            "conditions": [kept[pair] for pair in pairs],
            "told_on": pl.Series(lives.formed_on).cast(pl.Date),
        }
    )
