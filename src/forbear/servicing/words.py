"""How each value of a product is read from its file: one reader for each key of the terms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from forbear.kernel.court import Lender
from forbear.law.reading import Place
from forbear.servicing.allocation import Component
from forbear.servicing.terms import (
    MOST_MINOR,
    MOST_RATE_PPM,
    PPM,
    Billing,
    Charge,
    ChargeWhen,
    CostFormula,
    InterestBy,
    InterestFrom,
    Method,
    MonthEnd,
    Plan,
    Prepaid,
    Remainder,
    RestDay,
    Rounding,
    Step,
    Unannounced,
    UnbilledFee,
)

Reader = Callable[[Place, Mapping[str, Any], str], Any]
MOST_INSTALLMENTS = 60
LONGEST_DAYS = 366
TEXT_CHARS = 80


def _text(at: Place, found: Mapping[str, Any], key: str) -> str:
    text = at.text(found, key)
    if len(text) > TEXT_CHARS or not text.isprintable():
        raise at.fault(key, f"must be one line of at most {TEXT_CHARS} characters")
    return text


def _flag(at: Place, found: Mapping[str, Any], key: str) -> bool:
    value = found[key]
    if type(value) is not bool:
        raise at.fault(key, f"{value!r} must be true or false")
    return value


def _whole(least: int, most: int) -> Callable[[Place, Mapping[str, Any], str], int]:
    """Return a reader of whole numbers between two, both included."""

    def read(at: Place, found: Mapping[str, Any], key: str) -> int:
        value = found[key]
        if type(value) is not int or not least <= value <= most:
            raise at.fault(key, f"{value!r} must be a whole number from {least} to {most}")
        return value

    return read


def _or_none(reader: Reader) -> Reader:
    """Return a reader of null, or of what another reader reads."""
    return lambda at, found, key: None if found[key] is None else reader(at, found, key)


def _word(words: type[StrEnum]) -> Reader:
    """Return a reader of one word of a closed list."""
    return lambda at, found, key: at.word(words, found[key], key)


def _letters(count: int) -> Reader:
    """Return a reader of so many capital letters."""

    def read(at: Place, found: Mapping[str, Any], key: str) -> str:
        value = found[key]
        fine = isinstance(value, str) and len(value) == count
        if not (fine and value.isascii() and value.isalpha() and value.isupper()):
            raise at.fault(key, f"{value!r} must be {count} capital letters, such as CN or CNY")
        return str(value)

    return read


def _list(at: Place, found: Mapping[str, Any], key: str) -> list[Any]:
    value = found[key]
    if not isinstance(value, list):
        raise at.fault(key, "must be a list; write [] where there is none")
    return value


def _components(at: Place, found: Mapping[str, Any], key: str) -> tuple[Component, ...]:
    words = tuple(at.word(Component, value, key) for value in _list(at, found, key))
    if len(set(words)) != len(words):
        raise at.fault(key, "names one component twice; leave one out")
    return words


def _plans(at: Place, found: Mapping[str, Any], key: str) -> tuple[Plan, ...]:
    plans = []
    for number, entry in enumerate(_list(at, found, key)):
        place = at.inside(f"{key}[{number}]")
        plans.append(Plan(**_all(place, entry, PLAN)))
    counts = [plan.installments for plan in plans]
    if not plans or counts != sorted(set(counts)):
        raise at.fault(key, "must be a list of plans, each number of installments once and rising")
    return tuple(plans)


def _charges(at: Place, found: Mapping[str, Any], key: str) -> tuple[Charge, ...]:
    return tuple(
        Charge(**_all(at.inside(f"{key}[{number}]"), entry, CHARGE))
        for number, entry in enumerate(_list(at, found, key))
    )


def _all(at: Place, entry: Any, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Return every value of a mapping that has just these keys."""
    values = at.keys(entry, tuple(readers))
    return {name: reader(at, values, name) for name, reader in readers.items()}


_share, _rate, _minor = _whole(0, PPM), _whole(0, MOST_RATE_PPM), _whole(0, MOST_MINOR)
_days = _whole(0, LONGEST_DAYS)
PLAN: Mapping[str, Reader] = {
    "installments": _whole(1, MOST_INSTALLMENTS),
    "method": _word(Method),
    "rate_ppm": _rate,
    "fee_ppm": _whole(0, PPM // 10),
}
CHARGE: Mapping[str, Reader] = {
    "name_zh": _text,
    "name_en": _text,
    "payee_zh": _text,
    "payee_en": _text,
    "when": _word(ChargeWhen),
    "share_ppm": _share,
    "flat_minor": _minor,
}


def _year(at: Place, found: Mapping[str, Any], key: str) -> int:
    if found[key] not in (360, 365):
        raise at.fault(key, f"{found[key]!r} must be 360 or 365")
    return int(found[key])


READERS: Mapping[str, Reader] = {
    "lender": _word(Lender),
    "assisted": _flag,
    "jurisdiction": _letters(2),
    "currency": _letters(3),
    "least_minor": _whole(1, MOST_MINOR),
    "most_minor": _whole(1, MOST_MINOR),
    "billing": _word(Billing),
    "statement_day": _or_none(_whole(1, 28)),
    "due_day": _or_none(_whole(1, 31)),
    "step": _or_none(_word(Step)),
    "step_length": _or_none(_whole(1, LONGEST_DAYS)),
    "bill_days": _whole(0, 60),
    "month_end": _word(MonthEnd),
    "rest_day": _word(RestDay),
    "unannounced": _word(Unannounced),
    "plans": _plans,
    "interest_from": _word(InterestFrom),
    "interest_free_days": _days,
    "interest_free_kept": _flag,
    "interest_by": _word(InterestBy),
    "year_days": _year,
    "rounding": _word(Rounding),
    "remainder": _word(Remainder),
    "compounds": _flag,
    "charges": _charges,
    "cap_formula": _word(CostFormula),
    "reading_s": _whole(0, 600),
    "grace_days": _whole(0, 60),
    "penalty_multiple_ppm": _or_none(_whole(0, 5 * PPM)),
    "penalty_daily_ppm": _or_none(_whole(0, PPM // LONGEST_DAYS)),
    "penalty_base": _components,
    "late_fee_ppm": _share,
    "late_fee_least_minor": _minor,
    "late_fee_most_minor": _minor,
    "minimum_ppm": _whole(1, PPM),
    "minimum_least_minor": _minor,
    "tolerance_minor": _minor,
    "allocation": _components,
    "nonaccrual_days": _whole(1, 10 * LONGEST_DAYS),
    "prepaid": _word(Prepaid),
    "prepayment_fee_ppm": _whole(0, PPM // 10),
    "unbilled_fee": _word(UnbilledFee),
}
