"""What an awkward person is: facts that make a rule bite, and what must come of them.

Each is one line of the list of edge cases in docs/demo-book.md, told as a story. The console and
the documents list them; the tests ask the gate and the night about every one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forbear.demo.cast.story import Story
from forbear.kernel.vocabulary import Channel, Purpose, Relation

HOURS = "cn.gbt_45251_2025.contact_hours"
HOURS_BANK = "cn.cba_2026.contact_hours"
CALLS = "cn.gbt_45251_2025.effective_calls_per_day"
CALLS_24H = "house.cn.effective_calls_per_24h"
DAY_24H = "house.contacts_per_24h"
MESSAGES = "house.cn.message_hours"
DEBTOR_ONLY = "cn.gbt_45251_2025.debtor_only"
NAMED = "cn.nifa_2018.named_contact_person"
LOST = "cn.gbt_45251_2025.lost_contact"
LOST_HOUSE = "house.cn.lost_contact"
REFUSED = "cn.gbt_45251_2025.contact_person_refused"
REFUSED_HOUSE = "house.point_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to the gate, and the rules that must forbid it; () where it is allowed."""

    clock: str  # wall clock, by `zone` or, where that is "", the person's own
    blocked_by: tuple[str, ...]
    channel: Channel = Channel.voice
    day: int = 0  # days after as_of; 1 is the day that the night plans for
    zone: str = ""
    relation: Relation = Relation.obligor
    point: str = ""  # the name of the contact point; "" lets the gate choose
    purpose: Purpose | None = None  # None: the usual one
    due_minor: int | None = None  # what the gate must find due, where that is the point


@dataclass(frozen=True, slots=True, kw_only=True)
class Awkward:
    """One awkward person."""

    slug: str  # the ref is demo:awkward-<slug>
    edge: int  # the line of the list in docs/demo-book.md; 0 for what is not about the law alone
    zh: str  # why they are awkward
    en: str
    tell: Callable[[Story], Story]
    asks: tuple[Ask, ...]
    night: str  # what the night of as_of does: contact, wait, refused or nothing
    night_blocked_by: tuple[str, ...] = ()  # rules that stood in the way of what the night wanted

    @property
    def ref(self) -> str:
        """Return the person's ref."""
        return f"demo:awkward-{self.slug}"


def yes(
    clock: str = "10:00",
    channel: Channel = Channel.voice,
    *,
    day: int = 0,
    zone: str = "",
    relation: Relation = Relation.obligor,
    point: str = "",
    purpose: Purpose | None = None,
    due_minor: int | None = None,
) -> Ask:
    """Return a question that the gate must allow."""
    return Ask(
        clock=clock,
        blocked_by=(),
        channel=channel,
        day=day,
        zone=zone,
        relation=relation,
        point=point,
        purpose=purpose,
        due_minor=due_minor,
    )


def no(
    *blocked_by: str,
    clock: str = "10:00",
    channel: Channel = Channel.voice,
    day: int = 0,
    zone: str = "",
    relation: Relation = Relation.obligor,
    point: str = "",
    purpose: Purpose | None = None,
) -> Ask:
    """Return a question that exactly these rules must forbid."""
    return Ask(
        clock=clock,
        blocked_by=blocked_by,
        channel=channel,
        day=day,
        zone=zone,
        relation=relation,
        point=point,
        purpose=purpose,
    )
