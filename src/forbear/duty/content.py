"""What a message or a call must say, must say first, and may not say. Pure: words in, faults out.

A text is read twice: for the words that it leaves open (`{due}`), and for phrases in either
language. What it cannot do is understand: a phrase that is there may still be said badly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Relation
from forbear.law.packs import Effect, Law, Version


@dataclass(frozen=True, slots=True)
class Element:
    """How one thing that a text can say is recognized."""

    words: tuple[str, ...] = ()  # open words of a template
    phrases: tuple[str, ...] = ()  # lower case, either language


ELEMENTS: Mapping[str, Element] = {
    "creditor": Element(("creditor", "creditor_short"), ("〔机构〕", "[lender]")),
    "name": Element(("name",)),
    "due": Element(("due",)),
    "pay_at": Element(("pay_at",)),
    "relief_at": Element(("relief_at",)),
    "dispute_at": Element(("dispute_at",)),
    "stop_at": Element(("stop_at",)),
    "phone": Element(("phone",)),
    "address": Element(("address",)),
    "accounts": Element(("accounts",)),
    "today": Element(("today",)),
    "ground": Element((), ("依据", "ground", "legal basis")),
    "rights": Element((), ("权利", "rights")),
    "duties": Element((), ("义务", "duties")),
    "evidence": Element((), ("凭据", "证据", "enclose what you have", "evidence")),
    "recorded": Element((), ("录音", "recorded")),
    "reply": Element((), ("回电", "call back", "call us back", "return this call")),
    "identity": Element((), ("是本人吗", "am i speaking to", "am i speaking with")),
    "debt": Element(
        ("due", "accounts", "pay_at"),
        (
            *("欠款", "逾期", "催收", "还款", "账单", "借款", "到期"),
            *("debt", "past due", "collection", "owe", "loan", "unpaid", "repay"),
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of which text a rule is asked."""

    jurisdiction: str
    creditor_type: CreditorType
    channel: Channel
    relation: Relation
    case: str  # message, live, voicemail
    products: frozenset[ProductType] = frozenset()  # what the debts are of; none: it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that a text lacks, says too late or may not say."""

    rule: str
    element: str
    wrong: str  # missing, not_first, not_allowed


def content_rules(law: Law, asked: Asked, *, on: date) -> tuple[Version, ...]:
    """Return the rules in force on a day that speak of a text, in the order of their names.

    Errors: none.
    Source: rules of kind content.
    """
    return tuple(v for v in _rules(law) if v.holds_on(on) and _speaks(v, asked))


def faults(law: Law, asked: Asked, template: str, *, on: date) -> tuple[Fault, ...]:
    """Return what is wrong with a text, () where nothing is.

    Shape:  template has its open words in braces: `{due}`.
    Errors: none.
    Source: rules of kind content that are in force on the day.
    """
    found: list[Fault] = []
    text = template.casefold()
    debt = place("debt", text)
    for version in content_rules(law, asked, on=on):
        for name in version.value["states"]:
            if place(name, text) is None:
                found.append(Fault(rule=version.rule, element=name, wrong="missing"))
        for name in version.value["first"]:
            at = place(name, text)
            if debt is not None and (at is None or at > debt):
                found.append(Fault(rule=version.rule, element=name, wrong="not_first"))
        for name in version.value["omits"]:
            if place(name, text) is not None:
                found.append(Fault(rule=version.rule, element=name, wrong="not_allowed"))
    return tuple(found)


def place(name: str, text: str) -> int | None:
    """Return where a text, in lower case, first says one thing; None where it never does.

    Errors: KeyError where it is no element: a bug.
    Source: none.
    """
    element = ELEMENTS[name]
    marks = [*("{" + word + "}" for word in element.words), *element.phrases]
    places = [at for mark in marks if (at := text.find(mark)) >= 0]
    return min(places, default=None)


@lru_cache(maxsize=16)
def _rules(law: Law) -> tuple[Version, ...]:
    """Return every wording that speaks of what a text says."""
    return tuple(v for v in law.versions if v.kind == "content" and v.effect is Effect.requires)


def _speaks(version: Version, asked: Asked) -> bool:
    """Return whether a wording speaks of a text."""
    applies = version.applies
    known, named = asked.products, applies.product_type
    if known and named and not known & frozenset(named):
        return False
    return version.value["case"] == asked.case and all(
        not words or word in words
        for words, word in (
            (applies.jurisdiction, asked.jurisdiction),
            (applies.channel, asked.channel),
            (applies.creditor_type, asked.creditor_type),
            (applies.relation, asked.relation),
        )
    )
