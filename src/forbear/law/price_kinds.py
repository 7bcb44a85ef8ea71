"""The kinds of rules on what credit may cost and how that is told, and what each must hold. Pure.

They forbid or require; none is asked of a contact. `servicing/price.py` reads them of an offer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
# Words of rooms above this one; tests there compare.
FORMULAS = frozenset({"irr_365", "irr_12", "simple_365"})
METHODS = frozenset({"equal_installment", "equal_principal", "fee_per_installment", "bullet"})
COMPONENTS = frozenset({"cost", "penalty", "fee", "interest", "principal"})
# What a table of all costs may be asked to hold.
TABLE_PARTS = frozenset({"principal", "annual", "costs", "default", "nothing_else"})


def _count(value: Any) -> bool:
    """Return whether a value is a positive whole number."""
    return type(value) is int and value > 0


def _flag(value: Any) -> bool:
    return type(value) is bool


def _one_of(*words: Any) -> Check:
    return lambda value: type(value) in (int, str) and value in words


def _some_of(words: frozenset[str]) -> Check:
    """Return a check that a value is a list, not empty and without repetition, of some words."""
    return lambda value: (
        isinstance(value, tuple)
        and bool(value)
        and len(set(value)) == len(value)
        and words.issuperset(value)
    )


def _currency(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isupper()


PRICE_KINDS: Mapping[str, Mapping[str, Check]] = {
    # of the contract's own rate, parts per million: 1300000 is 1.3 times
    "penalty_rate": {
        "loan": _one_of("past_due", "misused"),
        "least_ppm": _count,
        "most_ppm": _count,
        "interest_bears_it": _flag,  # unpaid interest bears it as well
    },
    "revolving_rate": {"least_daily_ppm": _count, "most_daily_ppm": _count},
    "bears_no_interest": {"components": _some_of(COMPONENTS)},
    "priced_by": {"methods": _some_of(METHODS)},
    "yearly_rate": {"formulas": _some_of(FORMULAS), "names_formula": _flag},
    "cost_table": {"states": _some_of(TABLE_PARTS), "forced_reading": _flag},
    "day_basis": {"year_days": _one_of(360, 365)},
    "longest_term": {"months": _count},
    "grace": {"days": _count, "tolerance_minor": _count, "currency": _currency},
}


def price_fault(kind: str, value: Mapping[str, Any]) -> str:
    """Return what is wrong between two keys of a value, or "" where nothing is.

    Errors: none.
    Source: none.
    """
    pairs = {
        "penalty_rate": ("least_ppm", "most_ppm"),
        "revolving_rate": ("least_daily_ppm", "most_daily_ppm"),
    }
    if kind in pairs:
        least, most = pairs[kind]
        if value[least] > value[most]:
            return f"{least} must not exceed {most}"
    return ""
