"""Measure the close of one day in columns: n accounts with six open installments each.

Purchases are spread over ten days and bill days over the month; of every seven accounts one pays
nothing and is late. Reading from and writing to the database are not part of it; `post` measures
the writing.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from forbear.servicing.agreement import conditions
from forbear.servicing.allocation import Component
from forbear.servicing.book import PPM, Agreed, Book, Conditions, new_book
from forbear.servicing.day import closed
from forbear.servicing.fact import FACT_CODE, FactKind, Facts

START = np.datetime64("2026-01-01", "D")
DUES_EACH, AMOUNT_MINOR, LENT_OVER, DAYS = 6, 12_000, 10, 50
TERMS = {
    "basis_days": 360,
    "grace_days": 0,
    "late_fee_ppm": 0,
    "late_fee_least_minor": 0,
    "late_fee_most_minor": 0,
    "tolerance_minor": 0,
    "nonaccrual_days": 91,
    "cap_ppm": 240_000,
    "in_cash": False,
    "keeps_fee": False,
    "lowers": False,
    "by_component": False,
    "penalized": ["principal"],
    "order": [component.value for component in Component],
}


def run(n: int = 1_000_000) -> dict[str, Any]:
    """Return the seconds of the last of some days, and of all of them."""
    book, facts, terms = drawn(n)
    seconds, used, moved, on = [], [], [], START
    order = np.argsort(facts.effective_on, kind="stable")
    days = facts.effective_on[order]
    for _ in range(DAYS):
        low, high = np.searchsorted(days, [on, on + 1])
        began, busy = time.perf_counter(), time.process_time()
        transfers = closed(book, facts, order[low:high], terms, on=on)
        seconds.append(time.perf_counter() - began)
        used.append(time.process_time() - busy)
        moved.append(len(transfers))
        on += 1
    usual = sorted(seconds[41:])  # everything is lent and billing by then
    return {
        "seconds": usual[len(usual) // 2],
        "cpu_seconds": round(sorted(used[41:])[len(usual) // 2], 3),
        "slowest_seconds": round(max(seconds), 3),
        "installments": len(book.installments.account),
        "transfers_a_day": moved[-1],
    }


def drawn(n: int) -> tuple[Book, Facts, Conditions]:
    """Return a book of n accounts before its first day, and what happens to them."""
    each = np.arange(n)
    bought = START + (each % LENT_OVER).astype("timedelta64[D]")
    pays = each % 7 != 0
    paid_on = START + 10 + (each % 30).astype("timedelta64[D]")
    account = np.concatenate([each, each[pays]])
    kind = np.repeat([FACT_CODE[FactKind.purchase], FACT_CODE[FactKind.payment]], [n, pays.sum()])
    on = np.concatenate([bought, paid_on[pays]])
    order = np.lexsort((kind, account))
    facts = Facts(
        account=account[order].astype(np.int32),
        kind=kind[order].astype(np.int8),
        effective_on=on[order],
        amount_minor=np.where(kind[order] == 0, AMOUNT_MINOR, AMOUNT_MINOR // DUES_EACH + 12),
        about=np.full(len(order), -1, np.int32),
        days=np.zeros(len(order), np.int32),
        ahead=np.zeros(len(order), np.bool_),
    )
    lent_by = np.repeat(np.flatnonzero(facts.kind == 0).astype(np.int32), DUES_EACH)
    number = np.tile(np.arange(1, DUES_EACH + 1, dtype=np.int16), n)
    bill_on = np.repeat(START + (each % 30).astype("timedelta64[D]"), DUES_EACH)
    bill_on += 30 * (number - 1).astype("timedelta64[D]")
    due_on = bill_on + 10
    m = len(number)
    agreed = Agreed(
        account=np.repeat(each.astype(np.int32), DUES_EACH),
        fact=lent_by,
        number=number,
        starts_on=np.repeat(bought, DUES_EACH),
        bill_on=bill_on,
        due_on=due_on,
        principal_minor=np.full(m, AMOUNT_MINOR // DUES_EACH),
        interest_minor=np.zeros(m, np.int64),
        fee_minor=np.full(m, 12),
        least_ppm=np.full(m, PPM),
        penalty_ppm=np.full(m, 180_000),
        revolving_ppm=np.zeros(m, np.int64),
        revolves_on=due_on.copy(),
    )
    book = new_book(agreed, accounts=n, facts=len(facts))
    return book, facts, conditions([TERMS], np.zeros(n, np.int64))
