"""Contact points that can belong to nobody, for people of a tape without personal data. Pure."""

from __future__ import annotations

import hashlib

import polars as pl

from forbear.kernel.vocabulary import PointKind, Relation

# Country code 999 is held back by the ITU and assigned to no network (list to E.164), so no such
# number rings; `.invalid` is no domain and never will be (RFC 2606).
NO_COUNTRY, NO_DOMAIN = "+999", "example.invalid"
OBTAINED = "fictional"
DIGITS = 11  # with the country code 14, one below the longest number there is


def fictional_points(people: pl.DataFrame) -> pl.DataFrame:
    """Return four contact points for each person: a phone, an e-mail, an address, an app id.

    Shape:  people (n,) person_ref text, effective_on date; result (4n,), marked fictional, with
            keys that are the same in every import.
    Errors: none.
    """
    refs = people["person_ref"].to_list()
    points = [
        people.with_columns(
            kind=pl.lit(kind.value),
            value=pl.Series([fictional_value(kind, ref) for ref in refs], dtype=pl.String),
            source_key=pl.col("person_ref") + f"/fictional/{kind.value}",
        )
        for kind in PointKind
    ]
    return pl.concat(points).with_columns(
        relation=pl.lit(Relation.obligor.value),
        obtained=pl.lit(OBTAINED),
        fictional=pl.lit(True),
    )


def fictional_value(kind: PointKind, ref: str) -> str:
    """Return the number or address of one person, the same whenever it is asked for.

    Errors: none.
    """
    if kind == PointKind.phone:
        drawn = int.from_bytes(hashlib.blake2b(ref.encode(), digest_size=8).digest(), "big")
        return f"{NO_COUNTRY}{drawn % 10**DIGITS:0{DIGITS}d}"
    if kind == PointKind.email:
        name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "." for c in ref)
        return f"{name}@{NO_DOMAIN}"
    if kind == PointKind.address:
        return f"虚构地址，不存在 · no such address · {ref}"
    return f"fictional:{ref}"
