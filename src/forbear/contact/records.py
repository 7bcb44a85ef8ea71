"""The rows of one person that the gate reads, as they stand in the book. Pure: records only.

Instants and days that are over the moment decided about are left out by whoever reads them, but
for what was tried: a reservation of tomorrow may stand already.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from forbear.kernel.vocabulary import Channel

VOICE = Channel.voice.value


class Account(NamedTuple):
    """An account, and what of it is due and unpaid on the day."""

    id: int
    creditor_type: str
    currency: str
    jurisdiction: str
    due_minor: int  # below nothing where more was paid
    in_flight_on: date | None  # the youngest payment that neither settled nor failed
    product_type: str = ""  # "": nobody knows


class Status(NamedTuple):
    """A status of the person, or of one account, began or ended."""

    account_id: int | None
    kind: str
    stage: str
    at: datetime


class Dispute(NamedTuple):
    """A dispute of one account, or of everything, was opened or resolved."""

    account_id: int | None
    ref: str
    stage: str
    at: datetime


class Consent(NamedTuple):
    """Consent, an opt-out or a request to stop was given or withdrawn."""

    kind: str
    state: str
    channel: str  # "": of every one
    opens_minute: int | None  # by the person's own clock
    closes_minute: int | None
    at: datetime


class Point(NamedTuple):
    """A contact point, valid on the day or not."""

    id: int
    kind: str
    relation: str
    zone: str
    source_key: str
    effective_on: date
    ends_on: date | None
    fictional: bool
    owner: bytes | None  # the index of its owner's name


class Same(NamedTuple):
    """A point with the same value as one of the person's, and, row by row, what is known of it."""

    point_id: int  # the person's
    id: int  # that point's; its own too
    person_id: int  # whose list it is on
    kind: str
    stage: str | None
    at: datetime | None


class Try(NamedTuple):
    """A contact that was attempted, or is allowed and not surely undone."""

    point_id: int | None
    channel: str
    on: date  # the person's own day
    at: datetime
    accounts: list[int] | None  # None: about all of them
    inbound: bool
    interactive: bool
    connected: bool
    effective: bool
    reserved: bool  # nobody knows yet how it ended

    @property
    def talk(self) -> bool:
        """Whether it was, or may turn out, a conversation by telephone."""
        return self.channel == VOICE and (self.effective or self.reserved)

    @property
    def talked(self) -> bool:
        """Whether it was surely a conversation: who reaches us talks, by a missed call nobody."""
        return self.effective or (self.inbound and self.connected)

    @property
    def notice(self) -> bool:
        """Whether it was, or may turn out, a connected notification call."""
        return self.channel == VOICE and (
            self.reserved or (self.connected and not self.interactive)
        )

    @property
    def in_vain(self) -> bool:
        """Whether it was, or may turn out, a call that nobody answered."""
        return self.channel == VOICE and not self.connected and not self.inbound


class Area(NamedTuple):
    """Where one of the person's contact points is."""

    point_id: int
    area: str


class Moratorium(NamedTuple):
    """An area in which nobody is contacted on the day."""

    jurisdiction: str
    area: str
    holds_unknown: bool  # for whoever may be there as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the book says of one person."""

    accounts: list[Account]
    statuses: list[Status]
    disputes: list[Dispute]
    consents: list[Consent]
    points: list[Point]
    same: list[Same]
    tries: list[Try]
    areas: list[Area] = field(default_factory=list)  # of those points of which it is known
    moratoria: list[Moratorium] = field(default_factory=list)
