"""What opens duties in the book: complaints, planned placements and reports, plans that are kept.

Drawn from nobody's dice: every so-many-th late account in the order of the book, on days that show
each clock fresh, soon due and past due. Adding them moved no other fact.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

# kind, the day it happened and the day of the act, counted from as_of (None: it announces none)
OCCASIONS: tuple[tuple[str, int, int | None], ...] = (
    ("complaint_received", -2, None),  # thirteen days left of fifteen
    ("complaint_received", -12, None),
    ("complaint_received", -18, None),  # past due
    ("complaint_referred", -4, None),
    ("complaint_referred", -13, None),
    ("placement_planned", -1, 9),
    ("placement_planned", -6, 3),
    ("placement_planned", -9, 1),  # its notice is due today
    ("adverse_report_planned", -2, 12),
    ("adverse_report_planned", -8, 2),
    ("adverse_report_planned", -15, -1),  # announced too late
)
BOUND = ("bank", "consumer_finance")  # creditors that every one of these rules binds
ONE_IN = 12  # late accounts for each that something is told of
PLANS = 6  # at the most: installment plans, whose duties have no day


def occasion_facts(
    accounts: pl.DataFrame, late: pl.Series, statuses: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """Return the occasions of a book.

    Shape:  accounts as facts, `late` their days past due row by row, statuses as facts.
    Errors: none.
    Source: none.
    """
    owed = accounts.filter((late > 0) & pl.col("creditor_type").is_in(BOUND)).gather_every(ONE_IN)
    told = [
        _row(ref, person, *OCCASIONS[n % len(OCCASIONS)], as_of)
        for n, (ref, person) in enumerate(owed.select("ref", "person_ref").iter_rows())
    ]
    plans = statuses.filter(pl.col("kind") == "arrangement")
    over = plans.filter(pl.col("stage") == "ended")
    kept = plans.join(over, on="person_ref", how="anti").select("person_ref").unique()
    banks = accounts.filter(pl.col("creditor_type") == "bank")
    of_plans = banks.join(kept, on="person_ref", how="semi").head(PLANS)
    told += [
        _row(ref, person, "plan_agreed", -7, None, as_of)
        for ref, person in of_plans.select("ref", "person_ref").iter_rows()
    ]
    return pl.DataFrame(told, schema=COLUMNS, orient="row")


COLUMNS = {
    "person_ref": pl.String,
    "source_key": pl.String,
    "account_ref": pl.String,
    "kind": pl.String,
    "thread": pl.String,
    "effective_on": pl.Date,
    "act_on": pl.Date,
}


def _row(
    ref: str, person: str, kind: str, day: int, act: int | None, as_of: date
) -> tuple[str, str, str, str, str, date, date | None]:
    act_on = None if act is None else as_of + timedelta(days=act)
    key = f"{ref}:{kind}"
    return person, key, ref, kind, key, as_of + timedelta(days=day), act_on
