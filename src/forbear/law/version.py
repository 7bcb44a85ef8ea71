"""What one wording of one rule is. Pure: records only; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Purpose, Relation


class Effect(StrEnum):
    """What a rule does to an act that falls under it."""

    forbids = "forbids"
    presumes_breach = "presumes_breach"  # shifts the burden of proof; blocks nothing by itself
    requires = "requires"  # opens a duty; blocks nothing
    permits = "permits"  # an exception that other rules yield to
    sets = "sets"  # a number that decisions and calculators read; blocks nothing


class Force(StrEnum):
    """How a rule binds."""

    statute = "statute"
    regulation = "regulation"
    judicial = "judicial"
    recommended_standard = "recommended_standard"
    guideline = "guideline"
    house = "house"  # the lender's own policy, openly not law


class ReviewStatus(StrEnum):
    """What the wording was checked against."""

    primary_text = "primary_text"
    secondary_source = "secondary_source"  # a report of the text; strictest reading, awaits review
    house_policy = "house_policy"  # there is no text of law behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """Which acts a rule speaks of. An empty tuple is every one."""

    jurisdiction: tuple[str, ...] = ()  # ISO 3166 letters
    channel: tuple[Channel, ...] = ()
    creditor_type: tuple[CreditorType, ...] = ()
    product_type: tuple[ProductType, ...] = ()  # of what kind of credit
    relation: tuple[Relation, ...] = ()
    purpose: tuple[Purpose, ...] = ()
    clock: str = ""  # debtor_local where the rule reads the debtor's own clock or day


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a wording comes from."""

    instrument: str
    article: str  # article, section or clause; says so where its number was not read
    published: date
    quote: str  # in the instrument's own language
    quoted: bool  # True: the instrument's own words; False: a paraphrase
    seen_at: str  # the public address where it was read, "" for house policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Who has checked a wording, and on what day it was still known to hold."""

    status: ReviewStatus
    reviewer: str | None  # None: awaits legal review
    still_valid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One wording of one rule, in force on every day with start <= day < end."""

    rule: str  # dotted path of its file
    topic: str
    kind: str  # names the evaluator
    effect: Effect
    force: Force
    jurisdiction: str  # whose law it is: "CN"; "" for house policy
    applies: Applies
    says: str  # English
    says_zh: str
    start: date
    end: date  # date.max where no end is known
    known_on: date  # the day it was entered here
    value: Mapping[str, Any] = field(hash=False)
    source: Source
    review: Review
    yields_to: tuple[str, ...]  # rules that permit what this one forbids

    def holds_on(self, on: date) -> bool:
        """Return whether this wording is in force on a day."""
        return self.start <= on and (on < self.end or self.end == date.max)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Law:
    """Every version of every rule, sorted by rule and start. Equal where the digest is equal."""

    versions: tuple[Version, ...]  # as they are known now; of one rule no two on one day
    digest: str  # of every text of the packs, those that are no rules included
    # Every wording that was ever entered, one that a later one corrected included; () where none
    # was corrected and `versions` is all there is.
    entered: tuple[Version, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Law) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
