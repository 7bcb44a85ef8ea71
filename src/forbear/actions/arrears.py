"""Say what one person owes on each account, by the same functions that the night asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals as nw
import polars as pl

from forbear.batch.frames import day_number
from forbear.delinquency.bucket import buckets
from forbear.delinquency.state import account_states
from forbear.kernel.vocabulary import (
    CreditorType,
    DueKind,
    PaymentStage,
    ProductType,
    StatusKind,
    StatusStage,
)
from forbear.law.packs import policy
from forbear.store import models
from forbear.store.packs import fetch_law

WHOLE = pl.Int64
SCHEMAS: dict[str, dict[str, Any]] = {
    "account": {
        "account": WHOLE,
        "person": WHOLE,
        "currency": pl.String,
        "creditor": WHOLE,
        "product": WHOLE,
        "jurisdiction": pl.String,
        "opened_on": WHOLE,
    },
    "due": {
        "account": WHOLE,
        "due_on": WHOLE,
        "effective_on": WHOLE,
        "statement": pl.Boolean,
        "amount_minor": WHOLE,
    },
    "payment": {
        "account": WHOLE,
        "effective_on": WHOLE,
        "amount_minor": WHOLE,
        "stage": WHOLE,
    },
    "refund": {"account": WHOLE, "effective_on": WHOLE, "amount_minor": WHOLE},
    "owed": {
        "account": WHOLE,
        "due_minor": WHOLE,
        "outstanding_minor": WHOLE,
        "oldest_due_on": WHOLE,
    },
    "report": {"account": WHOLE, "effective_on": WHOLE, "months_late": WHOLE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrears:
    """What one account owes."""

    due_minor: int  # due and unpaid
    later_minor: int  # billed, not due yet
    days_past_due: int
    bucket: str


def arrears(accounts: Iterable[models.Account], *, as_of: date, at: datetime) -> dict[int, Arrears]:
    """Return what each account of one person owes at an instant of a day.

    An account opened later, or in a home that has no such facts, is not in it.
    """
    held = list(accounts)
    frames = _frames(held)
    law = fetch_law()
    known = buckets(law, on=as_of)
    settled = pl.LazyFrame({"account": _settled(held, at)}, schema={"account": WHOLE})
    month_days = policy(law, "house.reported_month_days", on=as_of).value["days"]
    states = account_states(
        frames, nw.from_native(settled), as_of=day_number(as_of), month_days=month_days
    )
    found: dict[int, Arrears] = {}
    for row in states.collect().rows(named=True):
        late, due_minor = int(row["days_past_due"]), int(row["due_minor"])
        place = sum(late >= start for start in known.starts) - 1
        found[int(row["account"])] = Arrears(
            due_minor=due_minor,
            later_minor=int(row["outstanding_minor"]) - due_minor,
            days_past_due=late,
            bucket=known.ids[place],
        )
    return found


def _frames(held: list[models.Account]) -> dict[str, nw.LazyFrame[Any]]:
    """Return the facts of some accounts as the frames that the pure functions read."""
    ids = [account.pk for account in held]
    creditors = [word.value for word in CreditorType]
    products = [word.value for word in ProductType]
    stages = [word.value for word in PaymentStage]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account": [
            (
                a.pk,
                a.person_id,
                a.currency,
                creditors.index(a.creditor_type),
                products.index(a.product_type) if a.product_type else None,
                a.jurisdiction,
                _day(a.opened_on),
            )
            for a in held
        ],
        "due": [
            (
                d.account_id,
                _day(d.due_on),
                _day(d.effective_on),
                d.kind == DueKind.statement,
                d.amount_minor,
            )
            for d in models.Due.objects.filter(account_id__in=ids)
        ],
        "payment": [
            (p.account_id, _day(p.effective_on), p.amount_minor, stages.index(p.stage))
            for p in models.Payment.objects.filter(account_id__in=ids)
        ],
        "refund": [
            (r.account_id, _day(r.effective_on), r.amount_minor)
            for r in models.Refund.objects.filter(account_id__in=ids)
        ],
        "owed": [
            (o.account_id, o.due_minor, o.outstanding_minor, _day(o.oldest_due_on))
            for o in models.Owed.objects.filter(account_id__in=ids)
        ],
        "report": [
            (r.account_id, _day(r.effective_on), r.months_late)
            for r in models.ReportedDelinquency.objects.filter(account_id__in=ids)
        ],
    }
    frames = {}
    for table, schema in SCHEMAS.items():
        frame = pl.DataFrame(rows[table], schema=schema, orient="row").sort(list(schema))
        frames[table] = nw.from_native(frame.with_row_index("nth").lazy())
    return frames


def _settled(held: list[models.Account], at: datetime) -> list[int]:
    """Return the accounts that a status calls settled; of two words at once, settled stands."""
    words = models.Status.objects.filter(
        account_id__in=[a.pk for a in held], kind=StatusKind.settled, effective_at__lte=at
    ).order_by("effective_at", "-stage")  # "ended" before "began" at one instant
    last = {word.account_id: word.stage for word in words}
    return [account for account, stage in last.items() if account and stage == StatusStage.began]


def _day(on: date | None) -> int | None:
    return day_number(on) if on else None
