"""From which day each topic is answered for, place by place; where nobody answers. Pure.

A topic that is claimed has a rule on every day from its first to its last; an earlier day is
refused by the topic's name and never answered by silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from forbear.kernel.errors import ForbearError
from forbear.law.kinds import NUMBERS
from forbear.law.packs import CLAIMS, Law, Version, in_force
from forbear.law.reading import PackInvalid, Place, strict_yaml

FILE = CLAIMS
KEYS = ("from", "to", "topics")
# Kinds that a decision reads one of; of these two on one day would be a riddle. Caps add up.
SINGLE = NUMBERS - {"cost_cap"}


class DayNotClaimed(ForbearError):
    """The packs do not answer for that topic, in that place, on that day."""

    code = "law.day_not_claimed"
    http_status = 422
    what_to_do = "Ask for a day that is claimed, or add packs and move the day in claims.yaml."


class NoSuchTopic(ForbearError):
    """No pack speaks of that topic there."""

    code = "law.no_such_topic"
    http_status = 404
    what_to_do = "Ask for a topic that `forbear law check --json` lists under claims."


class NoSuchPlace(ForbearError):
    """No pack answers for that jurisdiction."""

    code = "law.no_such_place"
    http_status = 404
    what_to_do = "Ask for one of the jurisdictions that `forbear law check` lists."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """For which days a topic is answered: start <= day < end."""

    start: date
    end: date  # date.max where no end is known

    def holds_on(self, on: date) -> bool:
        """Return whether a day is answered for."""
        return self.start <= on < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A run of days on which a topic that is claimed is answered by nobody, or by too many."""

    jurisdiction: str
    topic: str
    start: date
    end: date  # half-open
    rules: tuple[str, ...] = ()  # those that answer at once; () where none does


Claims = Mapping[str, Mapping[str, Claim]]  # jurisdiction → topic → days


def claims_of(texts: Mapping[str, str]) -> Claims:
    """Return, for each jurisdiction and topic, the days that the packs claim to answer for.

    Shape:  texts by path, as the packs folder holds them.
    Errors: PackInvalid.
    Source: none; packs/claims.yaml.
    """
    return _claims(texts[FILE])


def first_days(claims: Claims) -> dict[str, date]:
    """Return the first day that anything is claimed for, place by place.

    Errors: none.
    Source: none.
    """
    return {
        place: min(claim.start for claim in topics.values()) for place, topics in claims.items()
    }


def must_know(claims: Claims, *, place: str) -> None:
    """Refuse a jurisdiction that no pack answers for, and name those that one does.

    Errors: NoSuchPlace.
    Source: house rule 3: silence is never an answer.
    """
    if place not in claims:
        places = ", ".join(sorted(claims))
        raise NoSuchPlace(f"no pack answers for {place!r}; the packs answer for {places}")


def unknown_topic(claims: Claims, topic: str) -> NoSuchTopic:
    """Return the refusal of a topic that no pack speaks of, with those that are named alike.

    Errors: none; the refusal is returned, not raised.
    Source: none.
    """
    known = dict.fromkeys(each for topics in claims.values() for each in topics)
    return NoSuchTopic(f"no pack speaks of {topic!r}{_alike(topic, known)}")


def _alike(topic: str, known: Iterable[str]) -> str:
    """Return the topics that somebody may have meant; all of them where none is named alike."""
    names = sorted(known)
    near = get_close_matches(topic, names, n=5, cutoff=0.5)
    if near:
        return f"; did you mean {', '.join(near)}?"
    return f"; the topics are {', '.join(names)}"


def must_claim(claims: Claims, *, place: str, topic: str, on: date) -> Claim:
    """Return the claim that a day of a topic falls under.

    Errors: NoSuchPlace, NoSuchTopic; DayNotClaimed, which names topic, place and first day.
    Source: house rule 3: silence is never an answer.
    """
    must_know(claims, place=place)
    claim = claims[place].get(topic)
    if claim is None:
        raise NoSuchTopic(f"no pack speaks of {topic!r} in {place}{_alike(topic, claims[place])}")
    if not claim.holds_on(on):
        last = "" if claim.end == date.max else f" and up to the day before {claim.end}"
        raise DayNotClaimed(
            f"{topic} in {place} is answered for from {claim.start} on{last}; nothing is said of"
            f" {on}"
        )
    return claim


def asked(law: Law, claims: Claims, *, place: str, topic: str, on: date) -> tuple[Version, ...]:
    """Return the rules on a topic that speak in a place on a day.

    Errors: NoSuchTopic, DayNotClaimed.
    Source: the law of the place, and house policy where it speaks there.
    """
    must_claim(claims, place=place, topic=topic, on=on)
    return tuple(v for v in in_force(law, topic=topic, on=on) if speaks_in(v, place))


def speaks_in(version: Version, place: str) -> bool:
    """Return whether a rule speaks in a jurisdiction: its own law, or policy that is kept there.

    Errors: none.
    Source: none.
    """
    return not version.applies.jurisdiction or place in version.applies.jurisdiction


def gaps(law: Law, claims: Claims, *, until: date) -> tuple[Gap, ...]:
    """Return where a topic that is claimed has no rule, or two where one is read.

    Shape:  `until` is the last day asked about.
    Errors: none.
    Source: house rule 3: silence is never permission, and never a surprise.
    """
    found: list[Gap] = []
    for place, topics in claims.items():
        for topic, claim in topics.items():
            versions = [v for v in law.versions if v.topic == topic and speaks_in(v, place)]
            found += _gaps(versions, place, topic, claim, until)
    return tuple(found)


def unclaimed(law: Law, claims: Claims) -> tuple[tuple[str, str], ...]:
    """Return every place and topic that a rule of law speaks of and no line claims.

    Errors: none.
    Source: none.
    """
    spoken = {(v.jurisdiction, v.topic) for v in law.versions if v.jurisdiction}
    return tuple(sorted(pair for pair in spoken if pair[1] not in claims.get(pair[0], {})))


def _gaps(
    versions: list[Version], place: str, topic: str, claim: Claim, until: date
) -> Iterator[Gap]:
    """Yield the runs of days of one topic that nobody answers for, or two do."""
    turns = {v.start for v in versions} | {v.end for v in versions}
    within = {day for day in turns if claim.start < day < claim.end and day <= until}
    days = sorted({claim.start, *within})
    for day, after in zip(days, [*days[1:], min(claim.end, until)], strict=True):
        now = [v for v in versions if v.holds_on(day)]
        single = [v for v in now if v.kind in SINGLE]
        if not now or len(single) > 1:
            rules = tuple(v.rule for v in single)
            yield Gap(jurisdiction=place, topic=topic, start=day, end=after, rules=rules)


@lru_cache(maxsize=8)
def _claims(text: str) -> Claims:
    at, found = Place(FILE), strict_yaml(FILE, text)
    if not isinstance(found, dict):
        raise PackInvalid(f"{FILE}: must hold jurisdictions")
    return {str(letters): _topics(at, str(letters), lines) for letters, lines in found.items()}


def _topics(at: Place, letters: str, lines: Any) -> dict[str, Claim]:
    """Return the claims of one jurisdiction; each topic stands once."""
    if not isinstance(lines, list) or not lines:
        raise at.fault(letters, "must be a list of from, to and topics")
    told: dict[str, Claim] = {}
    for number, line in enumerate(lines):
        place = at.inside(f"{letters}[{number}]")
        known = place.keys(line, KEYS)
        start = place.day(known, "from")
        claim = Claim(start=start, end=date.max if known["to"] is None else place.day(known, "to"))
        if claim.end <= start:
            raise place.fault("to", f"{claim.end} is not after {start}")
        topics = known["topics"]
        if not isinstance(topics, list) or not all(isinstance(t, str) and t for t in topics):
            raise place.fault("topics", "must be a list of topics")
        for topic in topics:
            if topic in told:
                raise place.fault("topics", f"{topic} is claimed twice")
            told[topic] = claim
    return told
