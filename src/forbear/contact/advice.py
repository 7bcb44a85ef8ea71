"""Say why a contact is refused, from when it will be allowed, and what may be done instead. Pure.

It explains what `permission.py` decided and decides nothing itself: the next lawful minute is the
first that the same rules allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np

from forbear.contact.acts import SILENT
from forbear.contact.calendar import national_holiday
from forbear.contact.facts import ContactFacts, jurisdiction_letters
from forbear.contact.permission import NO_PACK, NO_POINT, NO_ZONE, allowed, forbidden
from forbear.kernel.columns import Ints
from forbear.kernel.days import MINUTES_PER_DAY
from forbear.kernel.vocabulary import Channel
from forbear.law.kinds import COUNTERS, ROLLING, WEEK, WEEKLY
from forbear.law.packs import Law, LawSilent, Source, Version, policy

DAYS_AHEAD = 7

# What the refusals say that come from no rule: English, Chinese.
_SAYS: Mapping[str, tuple[str, str]] = {
    NO_POINT: (
        "There is no contact point, valid that day, of the kind that the channel needs.",
        "没有当日有效的、该渠道可用的联系方式。",
    ),
    NO_PACK: (
        "The person's jurisdiction is not known or has no rule pack; silence is never permission.",
        "不知道该人所在的法域，或该法域没有规则包；没有规则不等于允许。",
    ),
    NO_ZONE: (
        "The person's time zone is not known, so neither the hour nor the day's count is.",
        "不知道该人所在的时区，无法判断当地时间和当日次数。",
    ),
    SILENT: (
        "No rule in force on that day answers on “{}”; silence is never permission.",
        "当日没有任何有效规则对“{}”作出规定；没有规则不等于允许。",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule, or one silence, that forbids a contact."""

    rule: str  # rule id or reason code
    says: str
    says_zh: str
    version: Version | None  # the wording in force; None where no rule forbids but a silence

    @property
    def source(self) -> Source | None:
        """Return the instrument and article, None for a silence."""
        return self.version.source if self.version else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to tell the one who asked about one contact."""

    reasons: tuple[Reason, ...]  # () where the contact is allowed
    next_lawful: (
        tuple[date, int] | None
    )  # the person's own day and minute; None: waiting is no help
    other_channels: tuple[Channel, ...]  # allowed at the minute that was asked about


def advice(
    facts: ContactFacts,
    law: Law,
    *,
    on: date,
    others: Mapping[Channel, ContactFacts] | None = None,
) -> Advice:
    """Return why one contact is refused, when it will be allowed, and which channels are now.

    Shape:  facts of one contact; others: facts of the same minute on other channels, one each.
    Unit:   days and minutes of the person's own calendar and clock.
    Errors: none.
    Source: the rules that `forbidden` asks.
    """
    blocks = forbidden(facts, law, on=on)
    found = tuple(reason(law, rule, on=on) for rule, rows in blocks.items() if rows[0])
    return Advice(
        reasons=found,
        next_lawful=next_lawful(facts, law, on=on),
        other_channels=tuple(
            channel
            for channel, other in (others or {}).items()
            if allowed(forbidden(other, law, on=on))[0]
        ),
    )


def reason(law: Law, rule: str, *, on: date) -> Reason:
    """Return what a rule id or reason code of a refusal says, with its wording in force.

    Errors: none; a rule that is not in force that day is given by its id alone.
    Source: none.
    """
    topic = rule.removeprefix(SILENT)
    if rule in _SAYS or topic != rule:
        says, says_zh = _SAYS[SILENT if topic != rule else rule]
        return Reason(
            rule=rule, says=says.format(topic), says_zh=says_zh.format(topic), version=None
        )
    try:
        version = policy(law, rule, on=on)
    except LawSilent:
        return Reason(rule=rule, says=rule, says_zh=rule, version=None)
    return Reason(rule=rule, says=version.says, says_zh=version.says_zh, version=version)


def next_lawful(facts: ContactFacts, law: Law, *, on: date) -> tuple[date, int] | None:
    """Return the first minute, from the one asked about, at which the same contact is allowed.

    The facts stand still but for what the calendar alone changes: the minute, the day of the week,
    the counters, and the days since a payment or a conversation. What was counted in a window
    leaves it when the whole window has passed, which is late and never early.

    Shape:  facts of one contact.
    Unit:   a day of the person's own calendar and a minute of it, up to DAYS_AHEAD days later.
    Errors: none; None where waiting does not help, or not within those days.
    Source: the rules that `forbidden` asks, on each of those days.
    """
    if int(facts.local_minute[0]) < 0:
        return None
    for ahead in range(DAYS_AHEAD + 1):
        day = on + timedelta(days=ahead)
        first = int(facts.local_minute[0]) if ahead == 0 else 0
        minutes = np.arange(first, MINUTES_PER_DAY, dtype=np.int32)
        can = allowed(forbidden(_later(facts, minutes, ahead, day), law, on=day))
        if can.any():
            return day, int(minutes[int(can.argmax())])
    return None


def _later(facts: ContactFacts, minutes: Ints, ahead: int, day: date) -> ContactFacts:
    """Return the facts of one contact at several minutes of a day some days later."""
    n = len(minutes)
    columns = {f.name: np.repeat(getattr(facts, f.name), n) for f in fields(facts)}
    columns["local_minute"] = minutes
    # Where else they may be: as far from their own clock as now; past midnight, the strictest.
    least, most = (int(getattr(facts, name)[0]) for name in ("least_minute", "most_minute"))
    shift = minutes - facts.local_minute[0]
    columns["least_minute"] = np.clip(least + shift, 0, MINUTES_PER_DAY - 1).astype(np.int32)
    columns["most_minute"] = np.clip(most + shift, 0, MINUTES_PER_DAY - 1).astype(np.int32)
    if not ahead:
        return ContactFacts(**columns)
    columns |= {name: np.zeros(n, np.int32) for name in COUNTERS}
    passed = (ahead > 1) | (minutes >= facts.local_minute[0])
    columns |= {name: np.where(passed, 0, columns[name]).astype(np.int32) for name in ROLLING}
    if ahead >= WEEK:
        columns |= {name: np.zeros(n, np.int32) for name in WEEKLY}
    talked = columns["debt_talked_days"]
    columns["debt_talked_days"] = np.where(talked < 0, talked, talked + np.int32(ahead))
    columns["in_flight_days"] = columns["in_flight_days"] + np.int32(ahead)
    mask = int(facts.weekdays[0])
    turned = sum(1 << (bit + ahead) % 7 for bit in range(7) if mask >> bit & 1)
    columns["weekdays"] = np.full(n, turned, np.int8)
    letters = jurisdiction_letters(int(facts.jurisdiction[0]))
    columns["holiday"] = np.full(n, national_holiday(letters, day), np.bool_)
    return ContactFacts(**columns)
