"""Check the packs, show them on a day, and say what changed. Needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from forbear.actions.rulebook import RuleText, rule_text
from forbear.contact.sweep import gaps as silent_acts
from forbear.law.claims import (
    Claims,
    DayNotClaimed,
    Gap,
    claims_of,
    first_days,
    gaps,
    must_claim,
    must_know,
    unclaimed,
    unknown_topic,
)
from forbear.law.packs import ReviewStatus, Version, parse_law
from forbear.store.packs import fetch_law, fetch_pack_texts

SWEPT_TO = date(2030, 12, 31)
STALE = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a reading of the packs found."""

    rules: int
    versions: int
    digest: str
    claims: Claims
    unclaimed: tuple[tuple[str, str], ...]  # places and topics of law that no line claims
    awaiting: tuple[str, ...]  # rules in force from a secondary source that no lawyer has signed
    unsigned: tuple[str, ...]  # rules in force read in the text itself, and signed by nobody
    stale: tuple[str, ...]  # rules in force that nobody looked at for a year
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What one rule says on one of two days and not on the other."""

    rule: str
    before: RuleText | None  # None: not in force on the first day
    after: RuleText | None


def checked(*, today: date, folder: Path | None = None) -> Checked:
    """Return what is to be known of the packs, ours or those with another folder's beside them.

    Errors: what is wrong with a pack.
    """
    texts = fetch_pack_texts(folder)
    law = parse_law(texts)
    current = [v for v in law.versions if v.holds_on(today)]
    claims = claims_of(texts)
    return Checked(
        rules=len({v.rule for v in law.versions}),
        versions=len(law.versions),
        digest=law.digest,
        claims=claims,
        unclaimed=unclaimed(law, claims),
        awaiting=unsigned(current, ReviewStatus.secondary_source),
        unsigned=unsigned(current, ReviewStatus.primary_text),
        stale=tuple(v.rule for v in current if today - v.review.still_valid_on > STALE),
        gaps=tuple(
            dict.fromkeys(
                (*silent_acts(law, claims, until=SWEPT_TO), *gaps(law, claims, until=SWEPT_TO))
            )
        ),
    )


def shown(
    *, on: date, places: frozenset[str] = frozenset(), topic: str = ""
) -> tuple[RuleText, ...]:
    """Return the wordings in force on a day, of some jurisdictions or of all, on a topic or all."""
    return tuple(
        rule_text(v)
        for v in fetch_law().versions
        if v.holds_on(on)
        and topic in ("", v.topic)
        and (not places or not (spoken := _places(v)) or spoken & places)
    )


def differences(*, first: date, second: date) -> tuple[Changed, ...]:
    """Return the rules that say on one day what they do not say on another."""
    then = {text.rule: text for text in shown(on=first)}
    now = {text.rule: text for text in shown(on=second)}
    return tuple(
        Changed(rule=rule, before=then.get(rule), after=now.get(rule))
        for rule in sorted(then.keys() | now.keys())
        if then.get(rule) != now.get(rule)
    )


def claimed(*, on: date, topic: str = "", place: str = "") -> dict[str, date]:
    """Return the jurisdictions that the packs do not answer for yet on a day, and since when.

    A topic is asked for in one jurisdiction, or in every one that has it.

    Errors: DayNotClaimed where they answer for none, NoSuchPlace, NoSuchTopic.
    """
    claims = claims_of(fetch_pack_texts())
    if place:
        must_know(claims, place=place)
    if topic:
        return _claimed_topic(claims, on=on, topic=topic, place=place)
    since = first_days(claims)
    later = {place: start for place, start in sorted(since.items()) if on < start}
    if len(later) == len(since):
        known = ", ".join(f"{place} from {start} on" for place, start in later.items())
        raise DayNotClaimed(f"the packs answer for nothing on {on}; they answer for {known}")
    return later


def _claimed_topic(claims: Claims, *, on: date, topic: str, place: str) -> dict[str, date]:
    if place:
        must_claim(claims, place=place, topic=topic, on=on)
        return {}
    known = {each: topics[topic] for each, topics in sorted(claims.items()) if topic in topics}
    if not known:
        raise unknown_topic(claims, topic)
    if not any(claim.holds_on(on) for claim in known.values()):
        days = ", ".join(f"{each} from {claim.start} on" for each, claim in known.items())
        raise DayNotClaimed(f"{topic} is answered for in {days}; nothing is said of {on}")
    return {each: claim.start for each, claim in known.items() if on < claim.start}


def unsigned(current: list[Version], status: ReviewStatus) -> tuple[str, ...]:
    """Return the rules among some wordings that rest on such a reading and that nobody signed."""
    found = [v for v in current if v.review.status is status and v.review.reviewer is None]
    return tuple(v.rule for v in found)


def _places(version: Version) -> frozenset[str]:
    return frozenset(version.applies.jurisdiction)
