"""Put the book together: the facts of a lender's people in China, as known at the close of a day.

Pure: a generator and a day in, facts out. The same seed and day give the same facts byte for byte.
A few people are not drawn but written, so that what is hard is always there: see `cast/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forbear.demo.accounts import account_facts, drawn_accounts, drawn_dues, due_facts, report_facts
from forbear.demo.cast import awkward_facts
from forbear.demo.crowd import drawn_crowd, profiles
from forbear.demo.history import drawn_history, oldest_owed
from forbear.demo.payments import (
    drawn_cure,
    drawn_paid,
    payment_facts,
    refund_facts,
    settled_facts,
)
from forbear.demo.points import drawn_points, point_facts, stage_facts
from forbear.demo.requests import drawn_requests
from forbear.demo.schema import SCHEMAS, fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The facts of the demo, a frame for each table, columns as in SCHEMAS."""

    as_of: date
    tables: dict[str, pl.DataFrame]


def demo_book(rng: np.random.Generator, *, people: int, as_of: date) -> Book:
    """Return the facts of so many people at the close of a day; the awkward ones are among them.

    Errors: none; with fewer people than awkward ones, the awkward ones alone.
    Source: none.
    """
    written = awkward_facts(as_of=as_of)
    drawn = crowd_facts(rng, people - len(written["person"]), as_of=as_of)
    tables = {name: pl.concat([written[name], drawn[name]]) for name in SCHEMAS}
    return Book(as_of=as_of, tables=tables)


def crowd_facts(rng: np.random.Generator, n: int, *, as_of: date) -> dict[str, pl.DataFrame]:
    """Return the facts of n drawn people.

    Errors: none.
    Source: none.
    """
    crowd = drawn_crowd(rng, max(n, 0), as_of=as_of)
    accounts = drawn_accounts(rng, crowd)
    dues = drawn_dues(rng, crowd, accounts)
    paid = drawn_paid(rng, crowd, accounts, dues)
    points = drawn_points(rng, crowd)
    contact_points = point_facts(rng, crowd, points)
    requests = drawn_requests(rng, crowd, accounts)
    history = drawn_history(
        rng,
        crowd,
        points=points,
        requests=requests,
        cure=drawn_cure(rng, crowd, accounts, dues, paid),
        owed=oldest_owed(accounts, dues),
    )
    payments = payment_facts(rng, crowd, accounts, dues, paid)
    statuses = settled_facts(rng, crowd, accounts, dues)
    stages = stage_facts(rng, crowd, points, contact_points)
    return {
        "person": fitted("person", pl.DataFrame({"ref": crowd.ref})),
        "account": fitted("account", account_facts(crowd, accounts)),
        "profile": fitted("profile", profiles(crowd)),
        "contact_point": fitted("contact_point", contact_points),
        "contact_point_stage": fitted("contact_point_stage", stages, history.stages),
        "moratorium": fitted("moratorium"),  # those of the written people are the book's
        "due": fitted("due", due_facts(accounts, dues)),
        "payment": fitted("payment", payments, history.kept),
        "refund": fitted("refund", refund_facts(rng, crowd, accounts, dues)),
        "reported_delinquency": fitted("reported_delinquency", report_facts(crowd, accounts)),
        "consent": fitted("consent", requests.consents, history.consents),
        "dispute": fitted("dispute", requests.disputes, history.disputes),
        "status": fitted("status", requests.statuses, statuses),
        "attempt": fitted("attempt", history.attempts),
        "disposition": fitted("disposition", history.dispositions),
        "promise": fitted("promise", history.promises),
    }
