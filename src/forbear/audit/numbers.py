"""The numbers of the packs, read a second time and in another way than the gate reads them. Pure.

Nothing here is shared with `law/`: a mistake there must not be able to hide itself here. What this
reading does not understand it lists; it never passes it over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

FOR_EVER = date(9999, 12, 31)
FILTERS = ("jurisdiction", "channel", "creditor_type", "product_type", "relation", "purpose")
JUDGED = ("forbids", "permits")  # the others block nothing: they open duties or set numbers
KINDS = (  # what `breach.py` can judge
    "hours_window",
    "daily_maximum",
    "flag",
    "under_age",
    "in_flight",
    "relation_among",
    "purpose_among",
    "named_contact_person",
    "obligor_unreachable",
    "rolling_maximum",
    "weekly_maximum",
    "wait_after_talk",
    "lawful_days",
)
APART = (  # of no contact: how people act, what is kept and said, what credit may cost
    "conduct", "keep_records", "every_months", "limit", "duty", "content",
    "penalty_rate", "revolving_rate", "bears_no_interest", "priced_by", "yearly_rate",
    "cost_table", "day_basis", "longest_term", "grace",
)  # fmt: skip
FACTS = (  # what `known.py` says of an act, true or false
    "deceased", "incapacitated", "represented", "insolvent", "moratorium", "no_contact_order",
    "student", "night_consent", "ceased", "opted_out", "point_invalid", "point_refused",
    "point_named", "nothing_due", "disputed", "arranged", "mediated", "refund_pending", "in_court",
    "time_barred", "breathing_space",
)  # fmt: skip
COUNTERS = (  # what `count.py` counts before an act
    "effective_today", "connected_notices_today", "unanswered_point_today", "outbound_today",
    "effective_24h", "connected_notices_24h", "unanswered_point_24h", "outbound_24h",
    "outbound_7d", "debt_calls_7d",
)  # fmt: skip
OF_A_DEBT = ("debt_calls_7d", "debt_talked_days")  # counted for each debt that an act is about
MEMORY = "failed_call_days"  # the topic of how long a call in vain is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """One wording of one rule, as far as a breach of it can be judged."""

    rule: str
    topic: str
    kind: str
    effect: str
    place: str  # whose law: "CN"; "" for the lender's own
    only: Mapping[str, tuple[str, ...]]  # by filter: the words it speaks of; every one if absent
    start: date
    end: date  # the first day on which it does not hold
    value: Mapping[str, Any]  # as written: text, or lists of text
    exceptions: tuple[str, ...]
    article: str

    def count(self, key: str) -> int:
        """Return a whole number of the rule's value."""
        return int(self.value[key])

    def minute(self, key: str) -> int:
        """Return a clock time of the rule's value as a minute of the day."""
        hours, minutes = str(self.value[key]).split(":")
        return int(hours) * 60 + int(minutes)


def read_numbers(texts: Mapping[str, str]) -> tuple[tuple[Numbers, ...], tuple[str, ...]]:
    """Return what can be judged in a set of pack files, and the rules that cannot.

    Shape:  texts by path below the packs folder.
    Errors: none; a rule that this reading does not understand is named in the second part.
    """
    found, unread = [], []
    for path in sorted(texts):
        if not path.endswith((".yaml", ".yml")):
            continue
        top = _plain(texts[path])
        if not isinstance(top, dict) or "versions" not in top or "effect" not in top:
            continue  # a strategy, a message: no rule
        memory = top.get("topic") == MEMORY
        if (top["effect"] not in JUDGED and not memory) or top.get("kind") in APART:
            continue
        name = str(top.get("rule", path))
        try:
            versions = list(_versions(name, path, top))
        except (KeyError, TypeError, ValueError, AttributeError):
            unread.append(name)
            continue
        filters = [top.get("applies"), *(each.get("applies") for each in top["versions"])]
        strange = set().union(*(each or () for each in filters)) - {*FILTERS, "clock"}
        if strange or not (memory or all(_known(v) for v in versions)):
            unread.append(name)
        else:
            found += versions
    return tuple(found), tuple(unread)


def _known(version: Numbers) -> bool:
    """Return whether the wording is of a kind, and asks a fact, that is worked out here."""
    fact, counter = version.value.get("fact"), version.value.get("counts")
    return (
        version.kind in KINDS
        and (fact is None or fact in FACTS)
        and (counter is None or counter in COUNTERS)
    )


@lru_cache(maxsize=1024)
def _plain(text: str) -> Any:
    """Return what a YAML text holds, every scalar as the text that is written there."""
    try:
        return yaml.load(text, yaml.CBaseLoader)  # makes nothing but text
    except yaml.YAMLError:
        return None


def _versions(name: str, path: str, top: Mapping[str, Any]) -> Iterator[Numbers]:
    place = path.split("/")[0]
    for start, end, entry in _corrected(top["versions"]):
        applies = entry.get("applies") or top.get("applies") or {}  # its own goes before
        yield Numbers(
            rule=name,
            topic=top["topic"],
            kind=top["kind"],
            effect=top["effect"],
            place="" if place == "house" else place.upper(),
            only={key: tuple(applies[key]) for key in FILTERS if applies.get(key)},
            start=start,
            end=end,
            value=entry.get("value") or {},
            exceptions=tuple(top.get("yields_to") or ()),
            article=f"{entry['source']['instrument']} {entry['source']['article']}",
        )


def _corrected(entries: list[Mapping[str, Any]]) -> list[tuple[date, date, Mapping[str, Any]]]:
    """Return each wording with the days on which none that was learned later stands over it."""
    left: list[tuple[date, date, Mapping[str, Any]]] = []
    for entry in sorted(entries, key=lambda e: str(e.get("known_on", ""))):
        until = entry["in_force"].get("to", "null")
        start = date.fromisoformat(entry["in_force"]["from"])
        end = FOR_EVER if until in ("null", "~", "") else date.fromisoformat(until)
        left = [
            (first, last, old)
            for begins, ends, old in left
            for first, last in ((begins, min(ends, start)), (max(begins, end), ends))
            if first < last
        ]
        left.append((start, end, entry))
    return left
