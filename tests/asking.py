"""Make the facts of contacts in words, and ask which rules forbid them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from forbear.contact.facts import ContactFacts, empty_facts, jurisdiction_code
from forbear.contact.permission import forbidden
from forbear.kernel.days import minute_of_day
from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Purpose, Relation
from forbear.law.kinds import Weekday
from forbear.law.packs import Law
from forbear.store.packs import fetch_law

WORDS: dict[str, type[StrEnum]] = {"channel": Channel, "purpose": Purpose, "relation": Relation}
DAY = date(2026, 11, 20)
# A call by a bank to a borrower in China at ten in the morning: nothing stands against it.
LAWFUL: dict[str, Any] = {
    "jurisdiction": "CN",
    "creditor_types": ["bank"],
    "channel": "voice",
    "relation": "obligor",
    "purpose": "remind",
    "has_point": True,
    "has_zone": True,
    "local_minute": "10:00",
    "weekdays": ["friday"],
}


def coded(name: str, value: Any) -> Any:
    """Return a fact's value as its column holds it: words become their position."""
    if name == "jurisdiction" and isinstance(value, str):
        return jurisdiction_code(value)
    if name == "creditor_types" and isinstance(value, list):
        return sum(1 << list(CreditorType).index(CreditorType(t)) for t in value)
    if name == "product_types" and isinstance(value, list):
        return sum(1 << list(ProductType).index(ProductType(t)) for t in value)
    if name == "weekdays":
        return sum(1 << list(Weekday).index(Weekday(day)) for day in value)
    if name in ("local_minute", "least_minute", "most_minute") and isinstance(value, str):
        return minute_of_day(value)
    if name in WORDS and isinstance(value, str):
        return list(WORDS[name]).index(WORDS[name](value))
    return value


def contacts(*each: dict[str, Any]) -> ContactFacts:
    """Return the facts of one lawful contact for each mapping of what is different about it."""
    columns = empty_facts(len(each))
    for i, differences in enumerate(each):
        for name, value in (LAWFUL | differences).items():
            columns[name][i] = coded(name, value)
        for name in ("least_minute", "most_minute"):  # one zone, unless a test says otherwise
            if name not in differences:
                columns[name][i] = columns["local_minute"][i]
    return ContactFacts(**columns)


def blocked(law: Law | None = None, *, on: date = DAY, **differences: Any) -> list[str]:
    """Return what forbids one contact, in the order asked."""
    blocks = forbidden(contacts(differences), law or fetch_law(), on=on)
    return [rule for rule, rows in blocks.items() if rows[0]]


def asked(law: Law | None = None, *, on: date = DAY, **differences: Any) -> list[str]:
    """Return every rule asked about one contact."""
    return list(forbidden(contacts(differences), law or fetch_law(), on=on))


def every_act() -> ContactFacts:
    """Return one lawful contact in China of each creditor mask, channel, purpose and relation."""
    grid = np.array(
        np.meshgrid(
            np.arange(2 ** len(CreditorType)),
            np.arange(len(Channel)),
            np.arange(len(Purpose)),
            np.arange(len(Relation)),
        )
    ).reshape(4, -1)
    columns = empty_facts(grid.shape[1])
    for name, value in LAWFUL.items():
        columns[name][:] = coded(name, value)
    for name, axis in zip(("creditor_types", "channel", "purpose", "relation"), grid, strict=True):
        columns[name] = axis.astype(np.int8)
    columns["least_minute"] = columns["most_minute"] = columns["local_minute"]
    return ContactFacts(**columns)
