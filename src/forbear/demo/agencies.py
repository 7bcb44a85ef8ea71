"""Which people of the demo book are placed with the two agencies that called them before. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

AGENCIES: Mapping[str, str] = {"anhe": "安和", "mingde": "明德"}  # user and name; see attempts.py
MOST = 200  # people with each, so that a book of any size is filled as fast as before


def placed_with(tables: Mapping[str, pl.DataFrame]) -> dict[str, list[str]]:
    """Return one account of each person to place, by the agency's name.

    Shape:  whoever an agency called goes to the one that called last; the latest come first.
    Errors: none.
    Source: none.
    """
    actor = pl.col("actor")
    called = (
        tables["attempt"]
        .filter(actor.is_in([f"agency:{user}" for user in AGENCIES]))
        .sort("at", "source_key", descending=[True, False])
        .unique("person_ref", keep="first", maintain_order=True)
    )
    owned = tables["account"].sort("ref").unique("person_ref", keep="first", maintain_order=True)
    found = called.join(owned, on="person_ref", how="inner", maintain_order="left")
    return {
        name: found.filter(actor == f"agency:{user}")["ref"].head(MOST).to_list()
        for user, name in AGENCIES.items()
    }
