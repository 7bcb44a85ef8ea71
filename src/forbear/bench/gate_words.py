"""Say China's rules in the words of other engines, so that all are asked the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from forbear.contact.acts import TOPICS
from forbear.contact.permission import NO_PACK, NO_POINT, NO_ZONE
from forbear.kernel.days import minute_of_day
from forbear.kernel.vocabulary import Channel, CreditorType, Purpose, Relation
from forbear.law.packs import Applies, Effect, Law, Version

Term = tuple[Any, ...]  # ("and", terms…), ("not", term), ("is", fact), ("in", fact, values), …
CREDITORS = 1 << len(CreditorType)


def terms(law: Law, *, on: date, jurisdiction: str) -> dict[str, Term]:
    """Return, for every rule that may forbid a contact in a jurisdiction, when it does.

    Errors: KeyError where a rule is of a kind that has no words here.
    """
    today = {v.rule: v for v in law.versions if v.holds_on(on) and _here(v, jurisdiction)}
    found: dict[str, Term] = {
        NO_POINT: ("not", ("is", "has_point")),
        NO_ZONE: ("or", ("not", ("is", "has_zone")), ("less", "local_minute", 0)),
    }
    for name, version in sorted(today.items()):
        if version.effect is Effect.forbids and version.kind in QUESTIONS:
            yields = [("not", _whole(today[e])) for e in version.yields_to if e in today]
            found[name] = ("and", *_whole(version)[1:], *yields)
    missing = set(TOPICS) - {today[name].topic for name in found if name in today}
    assert not missing, f"no rule answers {missing}, and silence has no words here"
    assert NO_PACK not in found  # everyone here lives where there is a pack
    return found


def _here(version: Version, jurisdiction: str) -> bool:
    return not version.applies.jurisdiction or jurisdiction in version.applies.jurisdiction


def _whole(version: Version) -> Term:
    return ("and", *_acts(version.applies), QUESTIONS[version.kind](version.value))


def _acts(applies: Applies) -> list[Term]:
    """Return which acts a rule speaks of; an unknown creditor is every creditor."""
    found: list[Term] = []
    for fact, words, chosen in (
        ("channel", Channel, applies.channel),
        ("purpose", Purpose, applies.purpose),
        ("relation", Relation, applies.relation),
    ):
        if chosen:
            found.append(_among(fact, words, chosen))
    if applies.creditor_type:
        kinds = list(CreditorType)
        named = sum(1 << kinds.index(kind) for kind in applies.creditor_type)
        touched = [mask for mask in range(CREDITORS) if not mask or mask & named]
        found.append(("in", "creditor_types", touched))
    return found


def _among(fact: str, words: Any, chosen: Any) -> Term:
    return ("in", fact, [i for i, word in enumerate(words) if word in chosen])


def _closed(value: Mapping[str, Any]) -> Term:
    opens, closes = minute_of_day(value["opens"]), minute_of_day(value["closes"])
    clocks = ("least_minute", "most_minute")
    return (
        "or",
        *(("less", clock, opens) for clock in clocks),
        *(("least", clock, closes) for clock in clocks),
    )


def _counted(value: Mapping[str, Any]) -> Term:
    return ("least", value["counts"], value["maximum"])


def _reachable(value: Mapping[str, Any]) -> Term:
    calls = ("least", "failed_streak", value["failures"])
    days = ("least", "failed_streak_days", value["distinct_days"])
    lost = [("is", fact) for fact in ("own_phone_invalid", "deceased", "incapacitated")]
    return ("not", ("or", ("and", calls, days), *lost))


QUESTIONS: Mapping[str, Callable[[Mapping[str, Any]], Term]] = {
    "flag": lambda value: ("is", value["fact"]),
    "under_age": lambda _: ("is", "minor"),
    "in_flight": lambda value: (
        "and",
        ("is", "payment_in_flight"),
        ("less", "in_flight_days", value["days"] + 1),
    ),
    "daily_maximum": _counted,
    "rolling_maximum": _counted,
    "weekly_maximum": _counted,
    "hours_window": _closed,
    "relation_among": lambda value: ("not", _among("relation", Relation, value["relations"])),
    "purpose_among": lambda value: ("not", _among("purpose", Purpose, value["purposes"])),
    "named_contact_person": lambda _: (
        "not",
        ("and", _among("relation", Relation, (Relation.contact_person,)), ("is", "point_named")),
    ),
    "obligor_unreachable": _reachable,
}


def facts_of(term: Term) -> set[str]:
    """Return the facts that a term reads."""
    if term[0] in ("is", "in", "less", "least"):
        return {term[1]}
    return set().union(*(facts_of(each) for each in term[1:]))


def text_of(term: Term, *, both: str, either: str, no: str) -> str:
    """Return a term as an expression of CEL or ZEN, which differ in three words."""
    kind, *rest = term
    if kind in ("and", "or"):
        joined = f" {both if kind == 'and' else either} "
        return f"({joined.join(text_of(t, both=both, either=either, no=no) for t in rest)})"
    if kind == "not":
        return f"{no}({text_of(rest[0], both=both, either=either, no=no)})"
    if kind == "in":
        return f"({rest[0]} in [{', '.join(map(str, rest[1]))}])"
    if kind == "is":
        return f"{rest[0]}"
    return f"{rest[0]} {'<' if kind == 'less' else '>='} {rest[1]}"


def column_of(term: Term, read: Callable[[str], np.ndarray]) -> np.ndarray:
    """Return a term's column, where `read` returns the column of a fact."""
    kind, *rest = term
    if kind in ("and", "or"):
        columns = [column_of(each, read) for each in rest]
        found = columns[0]
        for column in columns[1:]:
            found = found & column if kind == "and" else found | column
        return found
    if kind == "not":
        return ~column_of(rest[0], read)
    if kind == "is":
        return read(rest[0])
    if kind == "in":
        return np.isin(read(rest[0]), rest[1])
    under: np.ndarray = read(rest[0]) < rest[1]
    return under if kind == "less" else ~under
