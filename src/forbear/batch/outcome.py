"""Say what a night came to: its report, its roll rates, its digest, its plain sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from forbear.batch.plan import ACTIONS, REFUSED, WAIT
from forbear.batch.seal import table_digest
from forbear.delinquency.bucket import Buckets
from forbear.delinquency.movement import roll_shares
from forbear.kernel.columns import Longs

CONTACTS = ACTIONS[:WAIT]


def plan_frame(
    plan: pa.Table,
    *,
    refs: pl.Series,
    points: pl.Series,
    accounts: pl.DataFrame,
    buckets: Buckets,
    currencies: Sequence[str],
) -> pl.DataFrame:
    """Return a plan in words: people and accounts by ref, currencies and buckets by name.

    Shape:  refs by person number; points the person of each point, by point number; accounts has
            person, account, ref, currency, live; result a row per person, sorted by number, with
            place (which of the person's own points) and the account numbers and refs.
    Errors: none.
    Source: digests are over refs, never over numbers that a database gave out.
    """
    frame = pl.from_arrow(plan)
    assert isinstance(frame, pl.DataFrame)
    first = np.searchsorted(points.to_numpy(), frame["person"].to_numpy())
    about = accounts.join(frame.select("person", "currency"), on=["person", "currency"])
    about = about.with_columns(any_live=pl.col("live").any().over("person"))
    about = about.filter(pl.col("live") | ~pl.col("any_live")).sort("person", "account")
    listed = about.group_by("person", maintain_order=True).agg("account", pl.col("ref"))
    return (
        frame.with_columns(
            refs.gather(frame["person"]).alias("person_ref"),
            (pl.col("point") - pl.Series(first.astype(np.int32))).alias("place"),
            pl.Series(currencies, dtype=pl.String).gather(frame["currency"]).alias("currency"),
            pl.Series(buckets.ids).gather(frame["bucket"]).alias("bucket"),
        )
        .join(listed, on="person", how="left")
        .rename({"account": "accounts", "ref": "account_refs"})
        .sort("person")
    )


def plan_digest(plan: pl.DataFrame) -> str:
    """Return the digest of a plan in words.

    Errors: none.
    Source: house rule 13: the same facts, packs and day give the same bytes.
    """
    return table_digest(plan.drop("person", "point", "accounts", "jurisdiction").to_arrow())


def report(
    plan: pl.DataFrame,
    movement: pl.DataFrame,
    *,
    as_of: date,
    people: int,
    buckets: Buckets,
    currencies: Sequence[str],
) -> dict[str, Any]:
    """Return the counts and the money of a night's report.

    Unit:   people in planned, refused and waiting; accounts in buckets; minor units in due_minor.
    Errors: none.
    Source: none.
    """
    by_bucket = dict(movement.group_by("now").agg(pl.col("accounts").sum()).iter_rows())
    due = dict(movement.group_by("currency").agg(pl.col("due_minor").sum()).iter_rows())
    actions = dict(plan.group_by("action").len().iter_rows())
    refused = plan.filter(pl.col("action") == ACTIONS[REFUSED]).explode("blocked_by")
    rules = refused.group_by("blocked_by").len().sort("len", "blocked_by", descending=[True, False])
    return {
        "as_of": as_of.isoformat(),
        "people": people,
        "accounts": int(movement["accounts"].sum()),
        "buckets": {name: int(by_bucket.get(i, 0)) for i, name in enumerate(buckets.ids)},
        "due_minor": {name: int(due.get(i, 0)) for i, name in enumerate(currencies)},
        "planned": {name: int(actions[name]) for name in (*CONTACTS, "refer") if name in actions},
        "refused": {rule: int(n) for rule, n in rules.iter_rows()},
        "waiting": int(actions.get("wait", 0)),
    }


def roll(movement: pl.DataFrame, *, from_on: date, buckets: Buckets) -> dict[str, Any]:
    """Return the roll-rate matrix of a month, over all currencies' accounts.

    Unit:   shares in ppm of the balance outstanding a month before; every row adds up to 1,000,000.
    Errors: none.
    Source: delinquency/movement.py.
    """
    n = len(buckets.ids)
    accounts, balance_minor = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
    known = movement.filter(pl.col("then") >= 0)
    at = (known["then"].to_numpy(), known["now"].to_numpy())
    np.add.at(accounts, at, known["accounts"].to_numpy())
    np.add.at(balance_minor, at, known["outstanding_then_minor"].to_numpy())
    return {
        "from_on": from_on.isoformat(),
        "buckets": list(buckets.ids),
        "accounts": accounts.tolist(),
        "balance_minor": balance_minor.tolist(),
        "shares_ppm": _shares(balance_minor, accounts).tolist(),
        "account_shares_ppm": roll_shares(accounts).tolist(),
    }


def _shares(balance_minor: Longs, accounts: Longs) -> Longs:
    """Return shares by balance; by accounts where nothing was outstanding."""
    by_accounts = roll_shares(accounts)
    return np.where(
        balance_minor.sum(axis=1, keepdims=True) > 0, roll_shares(balance_minor), by_accounts
    )


def notes(plan: pl.DataFrame) -> list[str]:
    """Return the plain sentences that a night wants read.

    Errors: none.
    Source: house rule 3: who is refused by silence is refused by name.
    """
    refused = plan.filter(pl.col("action") == ACTIONS[REFUSED])
    asked = plan.filter(pl.col("action").is_in([*CONTACTS, ACTIONS[REFUSED]]))
    said = []
    no_pack = refused.filter(pl.col("blocked_by").list.contains("law.no_pack"))
    for code, n in no_pack.group_by("jurisdiction").len().sort("jurisdiction").iter_rows():
        all_ = asked.filter(pl.col("jurisdiction") == code).height == n
        name = bytes(divmod(code, 256)).decode() if code else ""
        where = f"jurisdiction {name} has no pack" if name else "the jurisdiction is not known"
        whom = f"all {n:,} who would be contacted are refused" if all_ and n > 1 else _refused(n)
        said.append(f"{where}: {whom}")
    for rule, why in PLAIN.items():
        n = refused.filter(pl.col("blocked_by").list.contains(rule)).height
        if n:
            said.append(f"{why}: {_refused(n)}")
    silent = refused.explode("blocked_by").filter(
        pl.col("blocked_by").str.starts_with("law.silent.")
    )
    for rule, n in silent.group_by("blocked_by").len().sort("blocked_by").iter_rows():
        topic = rule.removeprefix("law.silent.").replace("_", " ")
        said.append(f"no rule on {topic} is in force on the planned day: {_refused(n)}")
    return said


def _refused(n: int) -> str:
    return "one person is refused" if n == 1 else f"{n:,} people are refused"


PLAIN: Mapping[str, str] = {
    "law.no_zone": "the time zone is not known",
    "contact.no_point": "there is no number or address for anything their segment wants",
    "house.nothing_due": "reported late, and nothing is due and unpaid",
}
