"""Say which rules must be asked of which acts, and where no rule answers. Pure: no I/O.

An act is what is to be done to a person: where, about whose credit, on which channel, for what, to
whom. This decides what is asked; `permission.py` asks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

import numpy as np

from forbear.contact.facts import ContactFacts, jurisdiction_code
from forbear.kernel.columns import Bools, Ints
from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Purpose, Relation
from forbear.law.kinds import NOT_ASKED
from forbear.law.packs import (
    Applies,
    Effect,
    Law,
    Version,
    jurisdictions,
    segment,
    turning_days,
)

SILENT = "law.silent."
_VOICE = Applies(channel=(Channel.voice,))
_BUT_LETTERS = Applies(channel=(Channel.app, Channel.sms, Channel.email, Channel.voice))
_COLLECT = Applies(purpose=(Purpose.remind, Purpose.arrange))
_LOCATE = Applies(purpose=(Purpose.locate,))

# What must be asked, and of which acts. A topic that is asked of an act and answered by no rule
# in force forbids it. A human call is a conversation whatever it is for, so it is always held to
# the cap on effective calls; one that only reminds is a notification call as well.
TOPICS: Mapping[str, Applies] = {
    "cease_request": Applies(),
    "no_contact_order": Applies(),
    "opted_out": Applies(),
    "nothing_due": Applies(),
    "payment_in_flight": Applies(),
    "refund_pending": Applies(),
    "dispute": Applies(),
    "arrangement": Applies(),
    "mediation": Applies(),
    "court": _BUT_LETTERS,
    "deceased": _COLLECT,  # a contact person may still be asked who administers the estate
    "incapacitated": _COLLECT,  # or who the guardian is
    "minor": Applies(),
    "represented": Applies(),
    "insolvent": Applies(),
    "moratorium": Applies(),
    "debt_respite": Applies(),
    "student": _VOICE,
    "party": _COLLECT,
    "named_contact_person": _LOCATE,
    "lost_contact": _LOCATE,
    "point_refused": Applies(),
    "point_invalid": Applies(),
    "contact_hours": Applies(),
    "contacts_per_day": Applies(),
    "effective_calls_per_day": _VOICE,
    "connected_notices_per_day": Applies(channel=(Channel.voice,), purpose=(Purpose.remind,)),
    "unanswered_per_point": _VOICE,
}

# An act's number is built from five columns; a table over all acts says once, for one run of days,
# which rules speak of which acts. An unknown creditor is every creditor: the strictest reading.
# Products are asked of each row instead, because few rules name one and each would double the
# table; a rule that names some therefore never answers a topic by itself.
_SHAPE = (2 ** len(CreditorType), len(Channel), len(Purpose), len(Relation))
HERE = int(np.prod(_SHAPE))
_EVERYONE = _SHAPE[0] - 1
_CREDITORS = np.array([_EVERYONE, *range(1, _SHAPE[0])], np.int32)
_CREDITOR_PART = _CREDITORS * np.int32(np.prod(_SHAPE[1:]))
_CHANNEL_PART = np.arange(_SHAPE[1], dtype=np.int32) * np.int32(np.prod(_SHAPE[2:]))
_PURPOSE_PART = np.arange(_SHAPE[2], dtype=np.int32) * np.int32(_SHAPE[3])
_RELATION_PART = np.arange(_SHAPE[3], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Step:
    """One rule to evaluate on a set of acts."""

    version: Version
    question: int  # rules of one kind with one value ask the same, and have the same number
    mask: int  # of which acts it speaks: its place in the plan's masks; -1 where of every one
    products: int = 0  # bits over ProductType of which it speaks; 0 where of every one
    exceptions: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to evaluate for a set of acts in one run of days."""

    forbids: tuple[Step, ...]
    permits: tuple[Version, ...]
    masks: tuple[Bools, ...]  # over all acts; no two are the same on the acts present
    silent: tuple[tuple[str, Bools], ...]  # reason, acts


@dataclass(frozen=True, slots=True)
class Table:
    """Which rules speak of which acts, and on which acts the law is silent, in one run of days."""

    rules: Mapping[str, tuple[Version, Bools]]  # those that forbid or permit, by topic, then id
    silent: tuple[tuple[str, Bools], ...]


def plan(law: Law, acts: Ints, *, on: date) -> Plan:
    """Return what to evaluate for rows of these acts on a day.

    Shape:  acts (n,) int32, as `act_numbers` returns them.
    Errors: none; silence is in the plan.
    Source: every rule of the topics in TOPICS that is in force on the day.
    """
    few = len(acts) <= 16  # then it costs less to look at each than to count
    present = acts if few else np.flatnonzero(np.bincount(acts)).astype(np.int32)
    return _plan(law, segment(law, on), present.tobytes())


@lru_cache(maxsize=4096)
def _plan(law: Law, number: int, present: bytes) -> Plan:
    """Return what to evaluate where only these acts are present."""
    table = _table(law, number)
    acts = np.frombuffer(present, np.int32)
    steps: dict[str, Step] = {}
    masks: dict[bytes, tuple[int, Bools]] = {}
    questions: dict[tuple[str, str], int] = {}
    for name, (version, speaks) in table.rules.items():
        here = speaks[acts]
        if here.any() or not len(acts):
            mask = -1 if here.all() else masks.setdefault(here.tobytes(), (len(masks), speaks))[0]
            asks = version.kind, repr(sorted(version.value.items()))
            question = questions.setdefault(asks, len(questions))
            steps[name] = Step(version, question, mask, product_bits(version.applies))
    forbids = tuple(
        replace(s, exceptions=tuple(steps[e] for e in s.version.yields_to if e in steps))
        for s in steps.values()
        if s.version.effect is Effect.forbids
    )
    permits = {e.version.rule: e.version for s in forbids for e in s.exceptions}
    silent = tuple((name, where) for name, where in table.silent if where[acts].any())
    spoken = tuple(speaks for _, speaks in masks.values())
    return Plan(forbids, tuple(permits.values()), spoken, silent)


@lru_cache(maxsize=64)
def _table(law: Law, number: int) -> Table:
    """Return which rules speak of which acts in one run of days.

    A rule is asked wherever it speaks, on a topic of TOPICS or not; TOPICS adds where somebody
    must have spoken.
    """
    on = turning_days(law)[number - 1] if number else date.min
    places = ("", *jurisdictions(law))
    today = [v for v in law.versions if v.holds_on(on) and v.kind not in NOT_ASKED]
    rules: dict[str, tuple[Version, Bools]] = {}
    silent: list[tuple[str, Bools]] = []
    for topic in dict.fromkeys((*TOPICS, *(v.topic for v in today))):
        gap = np.broadcast_to(_creditor_axis(), (len(places), *_SHAPE)).copy()
        for version in today:
            if version.topic == topic and version.effect is Effect.forbids:
                rules[version.rule] = version, _speaks(version, places).reshape(-1)
                creditors = 0 if version.applies.product_type else _creditor_bits(version.applies)
                gap &= ~np.where(_grid(version.applies, places), creditors, 0)
        gap[0] = 0  # where there is no pack, that is the reason
        if topic in TOPICS and (unanswered := (gap != 0) & _grid(TOPICS[topic], places)).any():
            silent.append((SILENT + topic, unanswered.reshape(-1)))
    named = {e for version, _ in rules.values() for e in version.yields_to}
    for version in today:
        if version.rule in named:
            rules[version.rule] = version, _speaks(version, places).reshape(-1)
    return Table(rules, tuple(silent))


@lru_cache(maxsize=64)
def presuming(law: Law, number: int) -> tuple[tuple[Version, Bools], ...]:
    """Return the rules that presume a breach in one run of days, each with the acts it speaks of.

    Shape:  acts as `act_numbers` counts them; `number` is the run of days, as `segment` says it.
    Errors: none.
    Source: rules whose effect is presumes_breach.
    """
    on = turning_days(law)[number - 1] if number else date.min
    places = ("", *jurisdictions(law))
    return tuple(
        (version, _speaks(version, places).reshape(-1))
        for version in law.versions
        if version.effect is Effect.presumes_breach
        and version.kind not in NOT_ASKED
        and version.holds_on(on)
    )


def act_numbers(facts: ContactFacts, law: Law) -> Ints:
    """Return the number of each row's act; below HERE where its jurisdiction has no pack.

    Shape:  result (n,) int32.
    Errors: IndexError where a column holds a number that is no word of its list: a bug.
    Source: none.
    """
    acts = _CREDITOR_PART.take(facts.creditor_types.view(np.uint8))
    acts += _CHANNEL_PART.take(facts.channel.view(np.uint8))
    acts += _PURPOSE_PART.take(facts.purpose.view(np.uint8))
    acts += _RELATION_PART.take(facts.relation.view(np.uint8))
    acts += _places(law).take(facts.jurisdiction.view(np.uint16))
    return acts


@lru_cache(maxsize=16)
def _places(law: Law) -> Ints:
    """Return each jurisdiction's part of an act's number, by its code; 0 where it has no pack."""
    parts = np.zeros(1 << 16, np.int32)
    for i, letters in enumerate(jurisdictions(law), start=1):
        parts[jurisdiction_code(letters)] = i * HERE
    return parts


def _grid(applies: Applies, places: tuple[str, ...]) -> Bools:
    """Return of which acts a filter speaks, creditors apart, shape (places, *_SHAPE)."""
    grid = np.ones((len(places), *_SHAPE), np.bool_)
    if applies.jurisdiction:
        grid[[place not in applies.jurisdiction for place in places]] = False
    for axis, words, chosen in (
        (2, Channel, applies.channel),
        (3, Purpose, applies.purpose),
        (4, Relation, applies.relation),
    ):
        if chosen:
            shape = [1] * 5
            shape[axis] = len(words)
            grid &= ~others(words, chosen).reshape(shape)
    return grid


def _speaks(version: Version, places: tuple[str, ...]) -> Bools:
    """Return of which acts a rule speaks: those about at least one of its creditors."""
    touches: Bools = (_creditor_axis() & _creditor_bits(version.applies)) != 0
    return _grid(version.applies, places) & touches


def _creditor_bits(applies: Applies) -> int:
    """Return the creditors that a filter speaks of, as bits."""
    types = list(CreditorType)
    return sum(1 << types.index(t) for t in applies.creditor_type) or _EVERYONE


def product_bits(applies: Applies) -> int:
    """Return the products that a filter names, as bits over ProductType; 0 where it names none.

    Errors: none.
    Source: none.
    """
    types = list(ProductType)
    return sum(1 << types.index(t) for t in applies.product_type)


def _creditor_axis() -> Ints:
    """Return the creditors of each act as bits, to be spread over the other axes."""
    return _CREDITORS.reshape(1, -1, 1, 1, 1)


@lru_cache(maxsize=256)
def others(words: type[StrEnum], chosen: tuple[str, ...]) -> Bools:
    """Return, for each word of a list in its order, whether it is not among the chosen.

    Shape:  result (number of words,).
    Errors: none.
    Source: none.
    """
    return np.array([word not in chosen for word in words], np.bool_)
