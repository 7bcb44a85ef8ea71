"""Say which contacts the law and the house forbid, each by rule. Pure: no clock, database, files.

Every rule in force that speaks of an act must allow it; none outranks another. Where a topic must
be asked of an act and no rule in force answers, the act is forbidden by that silence, by name.
What this module never does: soften a rule, or fill a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

import numpy as np

from forbear.contact.acts import (
    HERE,
    SILENT,
    TOPICS,
    Step,
    act_numbers,
    others,
    plan,
    presuming,
    product_bits,
)
from forbear.contact.facts import ContactFacts
from forbear.kernel.columns import Bools, Ints
from forbear.kernel.days import MINUTES_PER_DAY, minute_of_day
from forbear.kernel.vocabulary import Purpose, Relation
from forbear.law.kinds import Weekday
from forbear.law.packs import Effect, Law, Version, segment

__all__ = [
    "CHECKS",
    "NO_PACK",
    "NO_POINT",
    "NO_ZONE",
    "SILENT",
    "TOPICS",
    "allowed",
    "forbidden",
    "presumed",
]

NO_POINT = "contact.no_point"
NO_PACK = "law.no_pack"
NO_ZONE = "law.no_zone"


def forbidden(facts: ContactFacts, law: Law, *, on: date) -> dict[str, Bools]:
    """Return, for each rule asked, the rows that it forbids.

    Shape:  every column (n,), in the row order of `facts`. A key stands for each rule that speaks
            of any row, for exceptions (which forbid nothing), for `contact.no_point`,
            `law.no_pack`, `law.no_zone`, and for `law.silent.<topic>` where a row meets it.
    Unit:   `on` is the day on the person's own calendar; minutes and counts are of that day.
    Errors: IndexError where a column holds a number that is no word of its list: a bug.
            Refusals are values.
    Source: every rule of the topics in TOPICS that is in force on the day.
    """
    acts = act_numbers(facts, law)
    asked = plan(law, acts, on=on)
    blocks: dict[str, Bools] = {
        NO_POINT: ~facts.has_point,
        NO_PACK: acts < HERE,
        NO_ZONE: ~facts.has_zone | (facts.local_minute < _number(0)),
    }
    for rule in asked.permits:
        blocks[rule.rule] = np.zeros(len(acts), np.bool_)
    answers = _Answers(facts, acts, asked.masks)
    for step in asked.forbids:
        rows = answers.to(step)
        for exception in step.exceptions:
            rows = rows & ~answers.to(exception)
        blocks[step.version.rule] = rows
    for name, silent in asked.silent:
        blocks[name] = silent.take(acts)
    return blocks


def presumed(facts: ContactFacts, law: Law, *, on: date) -> dict[str, Bools]:
    """Return, for each rule that presumes a breach, the rows on which it would presume one.

    It forbids nothing: whoever makes the contact would have to rebut the presumption. House policy
    may forbid the same, under a rule of its own.

    Shape:  every column (n,); a key for each rule that speaks of any row.
    Unit:   as `forbidden`.
    Errors: none.
    Source: rules whose effect is presumes_breach; 12 CFR 1006.14(b)(2).
    """
    acts = act_numbers(facts, law)
    found: dict[str, Bools] = {}
    for version, spoken in presuming(law, segment(law, on)):
        rows = spoken.take(acts)
        if rows.any():
            named, known = product_bits(version.applies), facts.product_types.view(np.uint8)
            if named:  # as of a ban: one of the products may be meant
                rows = rows & ((known == np.uint8(0)) | ((known & np.uint8(named)) != np.uint8(0)))
            found[version.rule] = rows & CHECKS[version.kind](facts, version)
    return found


def allowed(blocks: Mapping[str, Bools]) -> Bools:
    """Return the rows that nothing forbids, shape (n,).

    Errors: ValueError where nothing was asked: no question is not a permission.
    Source: design rule 8: all rules in force must allow.
    """
    columns = iter(blocks.values())
    first = next(columns, None)
    if first is None:
        raise ValueError("nothing was asked")
    if len(first) == 1:  # a column of one has a truth of its own, ten times as quick
        return np.array([not any(blocks.values())])
    blocked = first.copy()
    for rows in columns:
        blocked |= rows
    return ~blocked


# The evaluators: one a kind. Each returns the rows that a rule of that kind forbids, or on which a
# rule that permits holds, shape (n,), in a new array.


def outside_hours(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows before the first lawful minute or from the first unlawful one.

    Unit:   minutes of the day; the first lawful minute is in, the first unlawful one out. A window
            is one stretch of one day, so every zone between the least and the most is inside it.
    Errors: none.
    Source: rules of kind hours_window; 12 CFR 1006.6(b)(1), comment on conflicting locations.
    """
    closed = _closed(rule.value["opens"], rule.value["closes"])
    rows: Bools = closed.take(facts.least_minute)
    if facts.most_minute is not facts.least_minute:
        rows |= closed.take(facts.most_minute)
    return rows


def used_up(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows whose counter has reached its maximum.

    Unit:   counts of the person's own day, of 24 hours, or of seven days, as the column says.
    Errors: none.
    Source: rules of kind daily_maximum, rolling_maximum and weekly_maximum.
    """
    counter: Ints = getattr(facts, rule.value["counts"])
    over: Bools = counter >= _number(rule.value["maximum"])
    return over


def talked_lately(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows within so many days of a conversation about one of the debts.

    Unit:   days since the conversation; its own day is the first.
    Errors: none.
    Source: rules of kind wait_after_talk; 12 CFR 1006.14(b)(2)(i)(B).
    """
    lately: Bools = facts.debt_talked_days < _number(rule.value["days"])
    return lately & (facts.debt_talked_days >= _number(0))


def wrong_day(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows on a day of the week, or a national holiday, that the rule does not allow.

    Errors: none.
    Source: rules of kind lawful_days.
    """
    days = list(Weekday)
    lawful = sum(1 << days.index(Weekday(word)) for word in rule.value["weekdays"])
    rows: Bools = (facts.weekdays & np.int8(~lawful & 0x7F)) != 0
    return rows if rule.value["holidays"] else rows | facts.holiday


def flagged(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows of which a fact is true.

    Errors: none.
    Source: rules of kind flag.
    """
    flag: Bools = getattr(facts, rule.value["fact"])
    return flag.copy()


def under_age(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows of people under the rule's age; whoever assembles the facts reads it.

    Errors: none.
    Source: rules of kind under_age.
    """
    del rule
    return facts.minor.copy()


def still_in_flight(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows with a payment on its way for no more than the rule's days.

    Unit:   calendar days since the payment was made; the last of them is in.
    Errors: none.
    Source: rules of kind in_flight.
    """
    recent: Bools = facts.in_flight_days <= _number(rule.value["days"])
    return recent & facts.payment_in_flight


def wrong_relation(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows whose contact point is of somebody that the rule does not name.

    Errors: none.
    Source: rules of kind relation_among.
    """
    return others(Relation, rule.value["relations"]).take(facts.relation.view(np.uint8))


def wrong_purpose(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows with a purpose that the rule does not name.

    Errors: none.
    Source: rules of kind purpose_among.
    """
    return others(Purpose, rule.value["purposes"]).take(facts.purpose.view(np.uint8))


def not_a_named_contact_person(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows that would reach anyone but a contact person named beforehand.

    Errors: none.
    Source: rules of kind named_contact_person.
    """
    del rule
    theirs: Bools = facts.relation == _CONTACT_PERSON
    return ~(theirs & facts.point_named)


def obligor_reachable(facts: ContactFacts, rule: Version) -> Bools:
    """Return the rows whose obligor is neither out of reach, nor dead, nor without capacity.

    Unit:   attempts since anyone answered, and the distinct days among them.
    Errors: none.
    Source: rules of kind obligor_unreachable.
    """
    failures, days = _number(rule.value["failures"]), _number(rule.value["distinct_days"])
    lost: Bools = (facts.failed_streak >= failures) & (facts.failed_streak_days >= days)
    lost |= facts.own_phone_invalid
    lost |= facts.deceased
    lost |= facts.incapacitated
    return ~lost


CHECKS: Mapping[str, Callable[[ContactFacts, Version], Bools]] = {
    "hours_window": outside_hours,
    "daily_maximum": used_up,
    "rolling_maximum": used_up,
    "weekly_maximum": used_up,
    "wait_after_talk": talked_lately,
    "lawful_days": wrong_day,
    "flag": flagged,
    "under_age": under_age,
    "in_flight": still_in_flight,
    "relation_among": wrong_relation,
    "purpose_among": wrong_purpose,
    "named_contact_person": not_a_named_contact_person,
    "obligor_unreachable": obligor_reachable,
}
_CONTACT_PERSON = list(Relation).index(Relation.contact_person)


class _Answers:
    """What each rule says of some rows; what several rules ask alike is worked out once."""

    def __init__(self, facts: ContactFacts, acts: Ints, masks: tuple[Bools, ...]) -> None:
        self._facts, self._acts, self._masks = facts, acts, masks
        self._asked: dict[int, Bools] = {}
        self._spoken: dict[int, Bools] = {}
        self._products: dict[tuple[int, bool], Bools] = {}

    def to(self, step: Step) -> Bools:
        """Return the rows that a rule speaks of and forbids, or on which an exception holds."""
        rows = self._asked.get(step.question)
        if rows is None:
            rows = self._asked[step.question] = CHECKS[step.version.kind](self._facts, step.version)
        if step.mask >= 0:
            spoken = self._spoken.get(step.mask)
            if spoken is None:
                spoken = self._spoken[step.mask] = self._masks[step.mask].take(self._acts)
            rows = rows & spoken
        return rows & self._of(step) if step.products else rows

    def _of(self, step: Step) -> Bools:
        """Return the rows about a product that a rule names.

        A ban holds where one of the products may be named; an exception only where all of them are
        known to be.
        """
        key = step.products, step.version.effect is Effect.permits
        rows = self._products.get(key)
        if rows is None:
            known = self._facts.product_types.view(np.uint8)
            unknown = known == np.uint8(0)
            if key[1]:
                rows = ~unknown & ((known & np.uint8(~step.products & 0xFF)) == np.uint8(0))
            else:
                rows = unknown | ((known & np.uint8(step.products)) != np.uint8(0))
            self._products[key] = rows
        return rows


@lru_cache(maxsize=64)
def _closed(opens: str, closes: str) -> Bools:
    """Return, for each minute of a day, whether it is outside a window.

    It is twice a day long: a minute past the day's end is closed as well, and -1, which is no
    minute but an unknown zone, finds the last place; that refusal has its own reason.
    """
    minute = np.arange(2 * MINUTES_PER_DAY)
    closed: Bools = (minute < minute_of_day(opens)) | (minute >= minute_of_day(closes))
    closed[-1] = False
    return closed


@lru_cache(maxsize=64)
def _number(value: int) -> np.int32:
    """Return a number in the type of the columns it is compared with."""
    return np.int32(value)
