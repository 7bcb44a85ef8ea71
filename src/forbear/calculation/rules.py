"""Find the one rule that a calculation rests on, or refuse the day by name. Pure.

A calculator never takes the nearest rule: a day before the first that is claimed is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from forbear.kernel.errors import ForbearError
from forbear.law.packs import Law, Version, in_force

PLACE = "CN"
PPM = 1_000_000
LAST_YEAR = 9900  # deadlines are counted on from a day; beyond it there is no calendar


class NotClaimed(ForbearError):
    """No rule of the packs answers for that day."""

    code = "calculation.not_claimed"
    http_status = 422
    what_to_do = "Ask for a day that the packs answer for, or add a version that holds on it."

    def __init__(self, topic: str, *, on: date, claimed_from: date | None) -> None:
        since = f"is claimed from {claimed_from} on" if claimed_from else "is in no pack"
        if claimed_from and on >= claimed_from:
            since = f"is in the packs from {claimed_from} on, but no version answers so far ahead"
        super().__init__(f"{topic} {since}; nothing is known of {on}")
        self.topic, self.on, self.claimed_from = topic, on, claimed_from


class RateUnknown(ForbearError):
    """The loan prime rate of that day is in no pack."""

    code = "calculation.rate_unknown"
    http_status = 422
    what_to_do = "Add the rates published since then to a pack of topic loan_prime_rate."

    def __init__(self, *, on: date, known_through: date) -> None:
        super().__init__(
            f"the loan prime rate is known through {known_through}; that of {on} is not, and is"
            " never guessed"
        )
        self.on, self.known_through = on, known_through


class FactMissing(ForbearError):
    """The answer depends on a fact that was not given."""

    code = "calculation.fact_missing"
    http_status = 422
    what_to_do = "Give the fact that is named."

    def __init__(self, fact: str, why: str) -> None:
        super().__init__(f"{fact} is missing: {why}")
        self.fact = fact


class NotCountable(ForbearError):
    """What was given contradicts itself, or is no amount or day that can be counted."""

    code = "calculation.not_countable"
    http_status = 422
    what_to_do = "Correct the value that is named."

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where, self.problem = where, problem


def rule_on(law: Law, *, topic: str, on: date) -> Version:
    """Return the one rule of law on a topic that is in force on a day.

    Errors: NotClaimed where there is none; two are a fault of the packs that the time sweep finds.
    Source: none.
    """
    found = rules_on(law, topic=topic, on=on)
    if not found:
        raise _unclaimed(law, topic, on)
    if len(found) > 1:
        both = " and ".join(version.rule for version in found)
        raise NotCountable(topic, f"{both} are both in force on {on}; end one of them")
    return found[0]


def rules_on(law: Law, *, topic: str, on: date) -> tuple[Version, ...]:
    """Return every rule of law on a topic that is in force on a day; () where there is none.

    Errors: none.
    Source: none; house policy is no law and is left out.
    """
    return tuple(v for v in in_force(law, topic=topic, on=on) if v.jurisdiction == PLACE)


def first_day(versions: Iterable[Version]) -> date | None:
    """Return the first day that any of some versions holds on; None where there are none.

    Errors: none.
    Source: none.
    """
    return min((version.start for version in versions), default=None)


def rounded(exact_minor: Fraction) -> int:
    """Return an exact sum as whole minor units, half a unit upward.

    Unit:   minor units (fen).
    Errors: none.
    Source: house convention: no text says how courts round; once, at the end, half up.
    """
    return int((exact_minor + Fraction(1, 2)) // 1)


def check_amount(where: str, amount_minor: int) -> None:
    """Raise NotCountable unless an amount is at least one minor unit and no absurdity.

    Unit:   minor units.
    Errors: NotCountable.
    Source: none.
    """
    if not 0 < amount_minor < 10**17:
        raise NotCountable(where, "must be more than nothing and less than a quadrillion")


def check_day(where: str, day: date) -> None:
    """Raise NotCountable where a day is too near the end of the calendar to count on from.

    Errors: NotCountable.
    Source: none.
    """
    if day.year > LAST_YEAR:
        raise NotCountable(where, f"{day} is too far ahead to count on from")


def _unclaimed(law: Law, topic: str, on: date) -> NotClaimed:
    known = [v for v in law.versions if v.topic == topic and v.jurisdiction == PLACE]
    return NotClaimed(topic, on=on, claimed_from=first_day(known))
