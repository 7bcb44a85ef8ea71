"""Read rule packs and answer: what is the rule on this topic on this day? Pure: given texts.

No clock, no files: `store/packs.py` reads the files. What it never does is guess: an unknown key,
an overlap of two versions, a duty that meets a ban, each is refused by file and key.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise, product

from forbear.kernel.digest import text_digest
from forbear.kernel.errors import ForbearError
from forbear.law.reading import rule_versions
from forbear.law.version import (
    Applies,
    Effect,
    Force,
    Law,
    Review,
    ReviewStatus,
    Source,
    Version,
)

__all__ = [
    "Applies",
    "Effect",
    "Force",
    "Law",
    "Review",
    "ReviewStatus",
    "Source",
    "Version",
    "as_known",
    "fewest_days",
    "in_force",
    "jurisdictions",
    "parse_law",
    "policy",
    "turning_days",
]

CLAIMS, GAPS, INSTRUMENTS = "claims.yaml", "gaps.yaml", "instruments.yaml"
# Files of a pack that hold no rule: other rooms read them. Their bytes are in the digest.
NO_RULES = (
    "house/strategy/",
    "house/message/",
    "house/phrase/",
    "house/points.yaml",
    CLAIMS,
    GAPS,
    INSTRUMENTS,
)


class VersionsOverlap(ForbearError):
    """Two versions of one rule are in force on the same day."""

    code = "law.versions_overlap"


class UnknownException(ForbearError):
    """A rule yields to something that is no rule that permits."""

    code = "law.unknown_exception"


class DutyMeetsBan(ForbearError):
    """One rule requires an act that another forbids, and neither yields."""

    code = "law.duty_meets_ban"


class LawSilent(ForbearError):
    """No rule answers on that day."""

    code = "law.silent"


def parse_law(texts: Mapping[str, str]) -> Law:
    """Return the law that a set of pack files states, by path relative to the packs folder.

    Errors: PackInvalid, VersionsOverlap, UnknownException, DutyMeetsBan; nothing is half read.
    Source: none.
    """
    versions: list[Version] = []
    for path in sorted(texts):
        if path.endswith((".yaml", ".yml")) and not path.startswith(NO_RULES):
            versions += rule_versions(path, texts[path])
    versions.sort(key=lambda v: (v.rule, v.start, v.known_on))
    _refuse_overlap(versions)
    _refuse_unknown_exceptions(versions)
    known = _as_corrected(versions)
    _refuse_duty_meeting_ban(known)
    return Law(versions=tuple(known), digest=text_digest(texts), entered=tuple(versions))


def as_known(law: Law, *, known_on: date) -> Law:
    """Return the law as it stood in the packs on a day: nothing that was entered later.

    A decision that was made that day is made again under it as it was made then; under the law
    itself it is made as it would be now.

    Errors: none.
    Source: house rule 9: when a thing was true, and when it was learned.
    """
    entered = [v for v in law.entered or law.versions if v.known_on <= known_on]
    if len(entered) == len(law.entered or law.versions):
        return law
    return Law(
        versions=tuple(_as_corrected(entered)),
        digest=f"{law.digest}@{known_on}",
        entered=tuple(entered),
    )


def in_force(
    law: Law, *, topic: str, on: date, known_on: date | None = None
) -> tuple[Version, ...]:
    """Return every version on a topic that is in force on one day; () where the law is silent.

    Unit:   known_on: as the packs stood on that day; None is as they stand now.
    Errors: none.
    Source: periods are half-open: from <= day < to.
    """
    if known_on is not None:
        law = as_known(law, known_on=known_on)
    return _on(law, segment(law, on)).get(topic, ())


def fewest_days(law: Law, *, topic: str, on: date) -> int:
    """Return the fewest days that a rule of a topic says; none where the law is silent.

    Errors: none.
    Source: whatever rule is in force; each must allow it.
    """
    return min((version.value["days"] for version in in_force(law, topic=topic, on=on)), default=0)


def jurisdictions(law: Law) -> tuple[str, ...]:
    """Return the jurisdictions that have a pack: a rule, not the house's, that is no mere duty.

    Errors: none.
    Source: house rule 3: a person elsewhere is refused, by name.
    """
    speaking = {v.jurisdiction for v in law.versions if v.effect is not Effect.requires}
    return tuple(sorted(speaking - {""}))


def policy(law: Law, rule_id: str, *, on: date) -> Version:
    """Return the version of one rule that is in force on a day.

    Errors: LawSilent where there is none.
    Source: none.
    """
    for version in _by_rule(law).get(rule_id, ()):
        if version.holds_on(on):
            return version
    raise LawSilent(f"{rule_id} says nothing on {on}; add a version that is in force that day")


@lru_cache(maxsize=16)
def turning_days(law: Law) -> tuple[date, ...]:
    """Return the days on which any rule begins or ends to be in force, in order.

    Errors: none.
    Source: none; between two of them the law is the same.
    """
    days = {v.start for v in law.versions} | {v.end for v in law.versions}
    return tuple(sorted(days))


def segment(law: Law, on: date) -> int:
    """Return the number of the run of days, between two turning days, that a day is in.

    Errors: none; 0 is before the first turning day.
    Source: none.
    """
    return bisect_right(turning_days(law), on)


@lru_cache(maxsize=256)
def _on(law: Law, number: int) -> dict[str, tuple[Version, ...]]:
    """Return the versions in force in one run of days, by topic."""
    if number == 0:
        return {}
    first = turning_days(law)[number - 1]
    found: dict[str, tuple[Version, ...]] = {}
    for version in law.versions:
        if version.holds_on(first):
            found[version.topic] = (*found.get(version.topic, ()), version)
    return found


@lru_cache(maxsize=16)
def _by_rule(law: Law) -> dict[str, tuple[Version, ...]]:
    """Return the versions of each rule, oldest first."""
    found: dict[str, tuple[Version, ...]] = {}
    for version in law.versions:
        found[version.rule] = (*found.get(version.rule, ()), version)
    return found


def _as_corrected(versions: list[Version]) -> list[Version]:
    """Return the versions of which no two are of one rule and day: what was learned last holds."""
    found: list[Version] = []
    for _, wordings in groupby(versions, key=lambda v: v.rule):
        told: list[Version] = []
        for later in sorted(wordings, key=lambda v: v.known_on):
            told = [part for old in told for part in _without(old, later)] + [later]
        found += sorted(told, key=lambda v: v.start)
    return found


def _without(old: Version, later: Version) -> list[Version]:
    """Return what is left of a wording beside one that was learned later."""
    before = replace(old, end=min(old.end, later.start))
    after = replace(old, start=max(old.start, later.end))
    return [part for part in (before, after) if part.start < part.end]


def _refuse_overlap(versions: list[Version]) -> None:
    """Raise VersionsOverlap where two that were entered on one day hold on one day."""
    by_entry = sorted(versions, key=lambda v: (v.rule, v.known_on, v.start))
    for earlier, later in pairwise(by_entry):
        same = earlier.rule == later.rule and earlier.known_on == later.known_on
        if same and later.start < earlier.end:
            raise VersionsOverlap(
                f"{earlier.rule}: the version from {earlier.start} is still in force on "
                f"{later.start}; end it that day or earlier"
            )


def _refuse_unknown_exceptions(versions: list[Version]) -> None:
    """Raise UnknownException where yields_to names what cannot make a rule give way."""
    effects = {v.rule: v.effect for v in versions}
    strong = {Effect.permits, Effect.requires}
    for version in versions:
        for target in version.yields_to:
            if target not in effects:
                raise UnknownException(f"{version.rule} yields to {target}, which does not exist")
            if version.effect is Effect.forbids and effects[target] not in strong:
                raise UnknownException(
                    f"{version.rule} yields to {target}, which permits and requires nothing"
                )


def _refuse_duty_meeting_ban(versions: list[Version]) -> None:
    """Raise DutyMeetsBan where a duty and a ban on one topic can both hold and neither yields."""
    duties = [v for v in versions if v.effect is Effect.requires]
    bans = [v for v in versions if v.effect is Effect.forbids]
    for duty, ban in product(duties, bans):
        settled = ban.rule in duty.yields_to or duty.rule in ban.yields_to
        if duty.topic == ban.topic and not settled and _can_meet(duty, ban):
            raise DutyMeetsBan(
                f"{duty.rule} requires what {ban.rule} forbids from "
                f"{max(duty.start, ban.start)}; say by yields_to which one gives way"
            )


def _can_meet(one: Version, other: Version) -> bool:
    """Return whether two versions can speak of the same act on the same day."""
    if not (one.start < other.end and other.start < one.end):
        return False
    pairs = (
        (one.applies.jurisdiction, other.applies.jurisdiction),
        (one.applies.channel, other.applies.channel),
        (one.applies.creditor_type, other.applies.creditor_type),
        (one.applies.product_type, other.applies.product_type),
        (one.applies.relation, other.applies.relation),
        (one.applies.purpose, other.applies.purpose),
    )
    return all(not a or not b or set(a) & set(b) for a, b in pairs)
