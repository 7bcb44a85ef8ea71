"""Say, clause by clause, which rule keeps it, where, what proves it, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forbear.actions.articles import from_memory, in_chinese, in_english, unread
from forbear.actions.conformance_words import KEPT, NOTES, PATHS, PLACES, REVIEW, WORDS
from forbear.actions.lawbook import SWEPT_TO, checked, claimed, unsigned
from forbear.actions.proofs import count, proofs
from forbear.contact.permission import CHECKS
from forbear.law.admitted import admitted, english_names
from forbear.law.calculation_kinds import CALCULATION_KINDS
from forbear.law.packs import Effect, Force, ReviewStatus, Version
from forbear.servicing.price import CHECKS as PRICE_CHECKS
from forbear.store.packs import fetch_law, fetch_pack_texts

LANGUAGES = ("zh", "en")
PROVEN = frozenset({"duty", "template", "screening", "record"})  # claimed only with a test


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clause and the rule that states it."""

    clause: str
    marks: str  # † its number was not read, ‡ it is named from memory
    says: str
    rule: str
    since: str
    kept: str
    proof: tuple[str, ...]
    review: str


def conformance(language: str, *, on: date, today: date) -> dict[str, Any]:
    """Return the report of a day in one language, as plain values.

    What is counted are the rules of that day, as they are reviewed now.
    Errors: ValueError for another language; DayNotClaimed where the packs answer for nothing then.
    """
    side = LANGUAGES.index(language)
    claimed(on=on)
    law, found = fetch_law(), checked(today=today)
    texts = fetch_pack_texts()
    current = [v for v in law.versions if v.holds_on(on)]
    silent = [f"{g.jurisdiction} {g.topic}: {g.start} – {g.end}" for g in found.gaps]
    beyond = [WORDS["beyond"][side].format(day=SWEPT_TO)] if on > SWEPT_TO else []
    return {
        "language": language,
        "words": {key: pair[side] for key, pair in WORDS.items()},
        "on": on.isoformat(),
        "digest": law.digest,
        "rules": len(current),
        "awaiting": len(unsigned(current, ReviewStatus.secondary_source)),
        "unsigned": len(unsigned(current, ReviewStatus.primary_text)),
        "answered": _answered(found.claims, side),
        "legend": _legend(side),
        "parts": [
            {"name": name[side], "groups": _groups(mine, side, english_names(texts))}
            for place, name in PLACES.items()
            if (mine := [v for v in current if v.jurisdiction == place])
        ],
        "gaps": [(gap.zh, gap.en)[side] for gap in admitted(texts).values()] + silent + beyond,
    }


def _answered(claims: Mapping[str, Mapping[str, Any]], side: int) -> list[dict[str, str]]:
    """Return, place by place, how many topics are answered for and since when."""
    told = []
    for place, topics in claims.items():
        starts = sorted(claim.start.isoformat() for claim in topics.values())
        words = WORDS["answered_row" if starts[0] < starts[-1] else "answered_once"][side]
        says = words.format(count=len(topics), first=starts[0], last=starts[-1])
        told.append({"name": PLACES[place][side], "says": says})
    return told


def _legend(side: int) -> list[dict[str, str]]:
    """Return what the short words and marks of the tables mean, each said once."""
    words = [*KEPT.values(), *REVIEW.values()]
    lines = [{"word": word[side], "says": says[side]} for word, says in words]
    lines += [{"word": mark, "says": says[side]} for mark, says in NOTES]
    return [*lines, {"word": "", "says": PATHS[side]}]


def _groups(
    versions: Iterable[Version], side: int, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rules of a place under the instruments that they come from, statutes first.

    The packs may name one instrument in two ways; what is called the same in English is one.
    """
    found: dict[str, list[Version]] = {}
    for version in versions:
        own = version.source.instrument if version.jurisdiction else ""
        found.setdefault(names.get(own, own), []).append(version)
    groups = sorted(found.items(), key=lambda group: min(_rank(v) for v in group[1]))
    return [
        {**_titles(english, mine, side), "rows": [_row(version, side) for version in mine]}
        for english, mine in groups
    ]


def _rank(version: Version) -> int:
    """Return how strongly a rule binds, 0 the strongest."""
    return list(Force).index(version.force)


def _titles(english: str, versions: list[Version], side: int) -> dict[str, str]:
    """Return what an instrument is called in the reader's language, and its own name beside it."""
    if not versions[0].jurisdiction:
        return {"name": "", "beside": ""}
    own = min((version.source.instrument for version in versions), key=len)
    if side == 0 or own == english:
        return {"name": own, "beside": ""}
    return {"name": english, "beside": own.removeprefix("GB/T 45251-2025 ")}


def _row(version: Version, side: int) -> Row:
    source = version.source
    return Row(
        clause=(in_chinese, in_english)[side](source.article) if version.jurisdiction else "",
        marks="†" * unread(source.article) + "‡" * from_memory(source.article),
        says=version.says if side else version.says_zh,
        rule=version.rule,
        since=version.start.isoformat(),
        kept=KEPT[keeper(version)][0][side],
        proof=tuple(_proof(each, side) for each in proofs(version)),
        review=version.review.reviewer or REVIEW[version.review.status.value][0][side],
    )


def keeper(version: Version) -> str:
    """Return what keeps a rule, as a key of KEPT; what no test proves is kept by people.

    Errors: none.
    Source: what the program does, whatever a pack says of it.
    """
    kept = _kept_by(version)
    return "procedure" if kept in PROVEN and not proofs(version) else kept


def _kept_by(version: Version) -> str:
    """Return what is to keep a rule, by its topic, its kind and what its pack says."""
    if version.topic in PRICE_CHECKS or version.kind == "cost_cap":
        return "offer"
    if "checked_by" in version.value:
        return str(version.value["checked_by"])
    if version.effect is Effect.presumes_breach:
        return "shown"
    if version.kind in CHECKS:
        return "exception" if version.effect is Effect.permits else "gate"
    if version.effect is Effect.sets:
        return "calculator" if version.kind in CALCULATION_KINDS else "number"
    kinds = {"duty": "duty", "content": "template", "keep_records": "record", "limit": "limit"}
    return kinds.get(version.kind, "procedure")


def _proof(proof: str, side: int) -> str:
    """Return a test as the report names it, with the number of cases of a file of vectors."""
    cases = count(proof)
    if not cases:
        return proof
    return f"{proof} · {cases}{'' if side == 0 else ' '}{WORDS['vectors'][side]}"
