"""The few accounts of the plain demo that are serviced here: three months that show what happens.

Pure: a generator and people in, facts out. Many lives are drawn and some are kept, so that whatever
befalls an account is there to be looked at, however the days fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import polars as pl

from forbear.demo.life import Life, drawn_life, first_night
from forbear.law.packs import Law
from forbear.servicing.product import Products

MONTHS, ACCOUNTS, DRAWN = 3, 48, 2_000
BEHIND, BACKDATED_DAYS, WORTH_ASKING = 14, 7, 20_00
DUE = pl.List(
    pl.Struct(
        {
            "due_on": pl.String,
            "principal_minor": pl.Int64,
            "interest_minor": pl.Int64,
            "fee_minor": pl.Int64,
        }
    )
)
# What is wanted at least so often, the rarest first.
WANTED = (
    ("designation", 1),
    ("extension", 1),
    ("compensation", 1),
    ("chargeback", 1),
    ("due_day", 2),
    ("refund", 2),
    ("reversed", 3),
    ("payout", 2),
    ("waiver", 2),
    ("merchant_refund", 3),
    ("backdated", 4),
    ("behind", BEHIND),
)


def serviced_life(
    rng: np.random.Generator, people: pl.Series, *, law: Law, products: Products, as_of: date
) -> Life:
    """Return three months of one serviced account each of some of these people.

    Unit:   minor units.
    Errors: ProductUnknown, NotInForce where a product is not offered in that time.
    Source: none; shares are invented.
    """
    asked = people.gather(np.sort(rng.permutation(len(people))[:DRAWN]))
    start = first_night(as_of, MONTHS)
    life = drawn_life(rng, asked, law=law, products=products, start=start, as_of=as_of)
    kept = chosen(life)
    named = {name: "ref" if name == "account" else "account_ref" for name in life.tables}
    tables = {
        name: frame.filter(pl.col(named[name]).is_in(kept.implode())).unique(
            "source_key", keep="first", maintain_order=True
        )
        for name, frame in life.tables.items()
    }
    return Life(start=life.start, as_of=as_of, tables=tables)


def chosen(life: Life) -> pl.Series:
    """Return the references of the accounts that are kept: what is rare first, then whoever."""
    kept: dict[str, None] = {}
    shows = {name: set(refs) for name, refs in _shown(life)}
    for name, least in WANTED:
        of_it = [ref for ref in life.tables["account"]["ref"] if ref in shows[name]]
        missing = least - sum(ref in kept for ref in of_it)
        kept |= dict.fromkeys([ref for ref in of_it if ref not in kept][: max(missing, 0)])
    others = (ref for ref in life.tables["account"]["ref"] if ref not in kept)
    kept |= dict.fromkeys(ref for _, ref in zip(range(ACCOUNTS - len(kept)), others, strict=False))
    return pl.Series(sorted(kept), dtype=pl.String)


def _shown(life: Life) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield what befalls accounts, and which ones."""
    booking, payment = life.tables["booking"], life.tables["payment"]
    for kind in booking["kind"].unique().sort():
        yield kind, booking.filter(pl.col("kind") == kind)["account_ref"]
    yield "refund", life.tables["refund"]["account_ref"]
    yield "reversed", payment.filter(pl.col("stage") == "reversed")["account_ref"]
    late = pl.col("told_on") - pl.col("effective_on") >= pl.duration(days=BACKDATED_DAYS)
    yield "backdated", payment.filter(late)["account_ref"]
    yield "behind", behind(life)["account_ref"]
    seen = {"refund", "reversed", "backdated", "behind", *booking["kind"]}
    for name, _ in WANTED:
        if name not in seen:
            yield name, ()


def behind(life: Life) -> pl.DataFrame:
    """Return the accounts that paid less than was agreed to fall due: account_ref, minor, in order.

    What the books make of it comes to more: charges are theirs.
    """
    total = pl.col("principal_minor") + pl.col("interest_minor") + pl.col("fee_minor")
    due = (
        life.tables["booking"]
        .filter(pl.col("kind") == "purchase")
        .select("account_ref", due=pl.col("schedule").str.json_decode(DUE))
        .explode("due")
        .unnest("due")
        .filter(pl.col("due_on") < pl.lit(life.as_of.isoformat()))
        .group_by("account_ref")
        .agg(due=total.sum())
    )
    sign = pl.when(pl.col("stage") == "settled").then(1).otherwise(-1)
    paid = (
        life.tables["payment"]
        .unique("source_key")
        .group_by("account_ref")
        .agg(paid=(pl.col("amount_minor") * sign).sum())
    )
    minor = pl.col("due") - pl.col("paid").fill_null(0)
    found = due.join(paid, on="account_ref", how="left").select("account_ref", minor=minor)
    return found.filter(pl.col("minor") >= WORTH_ASKING).sort("account_ref")
