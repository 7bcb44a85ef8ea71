"""Answer "what may I do now, and why not" for one person: every channel, asked of the gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forbear.actions.ahead import next_lawful_at
from forbear.actions.contact import Answer, may_contact
from forbear.actions.explain import presumed_by
from forbear.actions.masking import masked_point
from forbear.actions.moratorium import is_known_there
from forbear.actions.reader import Ability, Reader
from forbear.actions.rulebook import RuleText, rules_by_id
from forbear.kernel.vocabulary import Channel, Relation
from forbear.law.packs import Version
from forbear.store.models import ContactPoint, Status
from forbear.store.packs import fetch_law
from forbear.store.people import Known, fetch_known, opened

ORDER = (Channel.voice, Channel.app, Channel.sms, Channel.email, Channel.letter)
COUNTERS = (
    "effective_today",
    "unanswered_point_today",
    "connected_notices_today",
    "outbound_today",
)
STANDING = (
    "ceased deceased incapacitated minor represented insolvent moratorium no_contact_order"
    " disputed payment_in_flight nothing_due"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One reason why not: a rule with its article, or the absence of one."""

    code: str
    rule: RuleText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How much of a day's budget is used, by the strictest rule in force."""

    counter: str
    used: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One channel: whether it may be used now, and if not, why, until when, what instead."""

    channel: str
    relation: str
    allowed: bool
    blocks: tuple[Block, ...]
    presumed: tuple[Block, ...]  # what would presume a breach, whatever the verdict
    next_at: datetime | None  # by the person's clock; None where waiting does not help
    instead: tuple[str, ...]  # channels that are allowed now
    used: tuple[Used, ...]
    closes: str  # "22:00" where an hour limits it; "" where none
    asked: int  # how many rules were asked
    point_id: int | None
    point: str  # masked
    fictional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsPage:
    """Every channel for one person at one moment."""

    at: datetime
    local_at: datetime | None  # None where the person's clock is not known
    due_minor: int
    currency: str
    standing: tuple[str, ...]  # what is so of the person whatever the channel
    shared: tuple[Block, ...]  # what forbids every channel; said once, not in each option
    shared_until: (
        datetime | None
    )  # the first channel is allowed then; None where waiting helps none
    options: tuple[Option, ...]


def access_options(reader: Reader, *, person_id: int, at: datetime) -> OptionsPage:
    """Return what may be done with a person at an instant, channel by channel. Reserves nothing.

    Errors: NotAllowed, NoSuchPerson.
    """
    reader.must(Ability.see_person)
    answers = [may_contact(reader, person_id=person_id, channel=c, at=at) for c in ORDER]
    named = ContactPoint.objects.filter(
        person_id=person_id, relation=Relation.contact_person, kind="phone"
    )
    if named.exists():
        answers.append(
            may_contact(
                reader,
                person_id=person_id,
                channel=Channel.voice,
                at=at,
                relation=Relation.contact_person,
            )
        )
    open_now = tuple(
        a.channel.value for a in answers if a.allowed and a.relation == Relation.obligor
    )
    first = answers[0]
    common = tuple(c for c in first.blocked_by if all(c in a.blocked_by for a in answers))
    rules = rules_by_id(on=first.local_at.date())
    options = tuple(_option(answer, open_now, said=common) for answer in answers)
    soonest = min((o.next_at for o in options if o.next_at), default=None)
    return OptionsPage(
        at=at,
        local_at=first.local_at if first.zoned else None,
        due_minor=first.due_minor,
        currency=first.currency,
        standing=_standing(first, person_id, at),
        shared=tuple(Block(code=code, rule=rules.get(code)) for code in common),
        shared_until=soonest if common else None,
        options=options,
    )


def _standing(answer: Answer, person_id: int, at: datetime) -> tuple[str, ...]:
    """Return what is so of the person; where nobody knows where they are, that it is not known."""
    found = [name for name in STANDING if getattr(answer.facts, name)[0]]
    if "moratorium" not in found or _in_moratorium(answer, person_id, at):
        return tuple(found)
    return tuple("moratorium_perhaps" if name == "moratorium" else name for name in found)


def _in_moratorium(answer: Answer, person_id: int, at: datetime) -> bool:
    """Return whether it was said of the person, or a recorded area of theirs lies in one."""
    said = Status.objects.filter(person_id=person_id, kind="moratorium", effective_at__lte=at)
    last = said.order_by("-effective_at", "-pk").first()
    if last is not None and last.stage == "began":
        return True
    place = fetch_known([person_id]).get(person_id, Known()).jurisdiction
    return is_known_there(person_id=person_id, jurisdiction=place, on=answer.local_at.date())


def access_option(
    reader: Reader,
    *,
    person_id: int,
    channel: Channel,
    at: datetime,
    relation: Relation = Relation.obligor,
) -> Option:
    """Return what the gate says of one channel now, without looking at the others.

    Errors: NotAllowed, NoSuchPerson.
    """
    asked = may_contact(reader, person_id=person_id, channel=channel, at=at, relation=relation)
    return _option(asked, ())


def _option(answer: Answer, open_now: tuple[str, ...], said: tuple[str, ...] = ()) -> Option:
    rules = rules_by_id(on=answer.local_at.date())
    point = (
        ContactPoint.objects.filter(pk=answer.contact_point_id).first()
        if answer.contact_point_id
        else None
    )
    return Option(
        channel=answer.channel.value,
        relation=answer.relation.value,
        allowed=answer.allowed,
        blocks=tuple(
            Block(code=code, rule=rules.get(code)) for code in answer.blocked_by if code not in said
        ),
        presumed=tuple(
            Block(code=code, rule=rules.get(code))
            for code in presumed_by(answer.facts, fetch_law(), on=answer.local_at.date())
        ),
        next_at=None if answer.allowed else next_lawful_at(answer),
        instead=() if answer.allowed else tuple(c for c in open_now if c != answer.channel),
        used=_used(answer),
        closes=_closes(answer),
        asked=len(answer.asked),
        point_id=answer.contact_point_id,
        point=masked_point(point.kind, opened(point.value_cipher)) if point else "",
        fictional=answer.fictional,
    )


def _used(answer: Answer) -> tuple[Used, ...]:
    """Return each counter that a rule asked here limits, with its strictest limit."""
    limits: dict[str, int] = {}
    for version in _asked(answer):
        if version.kind == "daily_maximum":
            counter, most = version.value["counts"], version.value["maximum"]
            limits[counter] = min(most, limits.get(counter, most))
    return tuple(
        Used(counter=counter, used=int(getattr(answer.facts, counter)[0]), most=most)
        for counter, most in sorted(limits.items(), key=lambda item: COUNTERS.index(item[0]))
    )


def _closes(answer: Answer) -> str:
    hours = [v.value["closes"] for v in _asked(answer) if v.kind == "hours_window"]
    return min(hours, default="")


def _asked(answer: Answer) -> list[Version]:
    asked, on = set(answer.asked), answer.local_at.date()
    return [v for v in fetch_law().versions if v.rule in asked and v.holds_on(on)]
