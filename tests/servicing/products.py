"""The shipped products, and a few shorthands to ask for schedules, for the tests beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from forbear.servicing.product import Products, revised, terms_on
from forbear.servicing.schedule import Dues, Purchases, dues
from forbear.servicing.terms import Terms
from forbear.store.packs import fetch_products

ON = date(2026, 6, 1)


def shipped() -> Products:
    """Return the products of the packs."""
    return fetch_products()


def terms(name: str = "card", **changes: Any) -> Terms:
    """Return a shipped product, some of its values changed."""
    found = terms_on(shipped(), name, on=ON)
    return revised(found, changes) if changes else found


def loan(
    method: str, *, installments: int, rate_ppm: int = 0, fee_ppm: int = 0, **more: Any
) -> Terms:
    """Return a loan paid monthly, a twelfth of the year's interest each time."""
    plan = {
        "installments": installments,
        "method": method,
        "rate_ppm": rate_ppm,
        "fee_ppm": fee_ppm,
    }
    usual = {
        "step": "months",
        "step_length": 1,
        "interest_by": "month",
        "rest_day": "stands",
        "charges": [],
        "least_minor": 100,
        "plans": [plan],
    }
    return terms("micro_loan", **(usual | more))


def bought(*rows: tuple[int, str, int]) -> Purchases:
    """Return purchases, each an amount, a day and a number of installments."""
    return Purchases(
        amount_minor=np.array([row[0] for row in rows], dtype=np.int64),
        bought_on=np.array([row[1] for row in rows], dtype="datetime64[D]"),
        installments=np.array([row[2] for row in rows], dtype=np.int16),
    )


def schedule(found: Terms, amount_minor: int, on: str, installments: int) -> Dues:
    """Return what falls due of one purchase."""
    return dues(bought((amount_minor, on, installments)), found)


def days(column: Any) -> list[str]:
    """Return a column of days as texts."""
    return [str(day) for day in column]
