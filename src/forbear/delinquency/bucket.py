"""Name how late an account is. The boundaries are data; this room never types one in.

Pure: no clock, no database, no files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import narwhals as nw

from forbear.law.packs import Law, policy


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets in force on a day, from the earliest to the latest."""

    ids: tuple[str, ...]  # M0, M1, …
    starts: tuple[int, ...]  # first day past due of each; the first is 0


def buckets(law: Law, *, on: date) -> Buckets:
    """Return the buckets in force on a day.

    Unit:   calendar days past due.
    Errors: LawSilent where the house has no policy on that day.
    Source: rule house.bucket.
    """
    starts = policy(law, "house.bucket", on=on).value["starts"]
    return Buckets(tuple(starts), tuple(starts.values()))


def bucket(days_past_due: nw.Expr, known: Buckets) -> nw.Expr:
    """Return the position in `known.ids` of each account's bucket.

    Shape:  days_past_due (n,), never below 0; result (n,).
    Errors: none.
    Source: rule house.bucket.
    """
    passed = nw.lit(0)
    for start in known.starts[1:]:
        passed = passed + nw.when(days_past_due >= start).then(nw.lit(1)).otherwise(nw.lit(0))
    return passed
