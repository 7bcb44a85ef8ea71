"""Hand allowed contacts to their channels: never twice, and never silent about what is not known.

For each contact: lock the person, ask the gate once more, record that it is in hand, commit; send;
record the outcome. Whoever dies between the two commits leaves a contact in hand under a lease that
the database frees, and the next dispatch asks the channel what can be found of it.
"""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

import numpy as np
import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from forbear.actions.contact import answer_of, connected, keep_decision, read_facts
from forbear.actions.outgoing import outgoing
from forbear.channel.base import Found, Outcome, Outgoing, Result, Way
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, OutboxState, Purpose
from forbear.law.kinds import WEEK
from forbear.store import outbox as store
from forbear.store.gate import GateFacts, Wanted
from forbear.treatment.message import Messages

MAX_TRIES = 5
BACKOFF = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1800))
OUTCOME_WAIT_S = 30.0  # how long an outcome waits for a database that went away
DATABASE_GONE = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
log = logging.getLogger(__name__)


class Lease:
    """The key under which this process has contacts in hand; a new one on a new connection."""

    def __init__(self) -> None:
        self._key = 0
        self._backend = 0

    def key(self) -> int:
        """Return a key whose lock this very connection holds."""
        conn = connected()
        if not self._key or store.backend(conn) != self._backend:
            key = secrets.randbits(62) + 1
            if not store.take_lease(conn, key):  # somebody drew the same of 2**62
                return self.key()
            self._key, self._backend = key, store.backend(conn)
        return self._key

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        live = connection.connection
        if self._key and live and not live.closed and store.backend(live) == self._backend:
            store.free_lease(live, self._key)


@dataclass(frozen=True, slots=True)
class Taken:
    """A contact in hand, recorded as such, and its message."""

    hand: store.InHand
    message: Outgoing
    lease: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One round of deliveries."""

    ways: Mapping[Channel, Way]
    messages: Messages
    acting: str
    now: Callable[[], datetime]

    def deliver(self, contact_id: uuid.UUID, person_id: int, channel: Channel, lease: Lease) -> str:
        """Hand over one waiting contact; return the name of what became of it, "" for nothing."""
        self.ways[channel].ready()  # outside of every lock: it may wait for the network
        taken = self._take(contact_id, person_id, lease)
        if not isinstance(taken, Taken):
            return taken
        outcome = self._sent(taken)
        return self._settle(taken, outcome)

    def _take(self, contact_id: uuid.UUID, person_id: int, lease: Lease) -> Taken | str:
        """Record that a contact is in hand, if the gate still allows it; else say why not."""
        at = self.now()
        with transaction.atomic():
            conn = connected()
            if not store.lock_person_or_skip(conn, person_id):
                return ""
            hand = store.lock_waiting(conn, contact_id, at=at)
            if hand is None:
                return ""
            known = gate_again(hand, at)
            why = self._refused_at_the_door(conn, hand, known, at)
            if why:
                return self._give_up(conn, hand, OutboxState.cancelled, why)
            try:
                message = outgoing(conn, hand, known, self.messages, acting=self.acting)
                self.ways[Channel(hand.channel)].prepare(message)
            except ForbearError as error:
                return self._give_up(conn, hand, OutboxState.dead, f"{error.code}: {error}")
            key = lease.key()
            store.update_sending(conn, contact_id, lease=key, at=at)
        return Taken(hand, message, key)

    def _refused_at_the_door(
        self, conn: Any, hand: store.InHand, known: GateFacts, at: datetime
    ) -> str:
        """Return why a contact may not leave any more, "" where it may; a refusal is audited."""
        if known.local_at.date() != hand.local_on:
            return "outbox.day_over"
        answer = answer_of(wanted(hand, at), known, contact_id=uuid.uuid4())
        if not answer.allowed:
            keep_decision(conn, answer, person_id=hand.person_id, plan_id=None, acting=self.acting)
            return f"outbox.refused_at_the_door: {', '.join(answer.blocked_by)}"
        if (known.due_minor, known.currency) != (hand.due_minor, hand.currency):
            return "outbox.amount_changed"
        return ""

    def _give_up(self, conn: Any, hand: store.InHand, state: OutboxState, why: str) -> str:
        """Take a contact off its way; what may have got through before stays unknown."""
        end = OutboxState.unknown if hand.in_doubt else state
        store.update_end(conn, hand.contact_id, state=end, error=why[:500])
        return end.value

    def _sent(self, taken: Taken) -> Outcome:
        way = self.ways[Channel(taken.hand.channel)]
        try:
            return way.send(taken.message)
        except Exception as error:
            # A bug in a way out: nobody knows how far it came.
            log.exception("sending contact %s failed", taken.message.contact_id)
            return Outcome(result=Result.unknown, error=f"{type(error).__name__} in the channel")

    def _settle(self, taken: Taken, outcome: Outcome) -> str:
        """Record an outcome, waiting a while for a database that went away."""
        until = time.monotonic() + OUTCOME_WAIT_S
        while True:
            try:
                return self._recorded(taken, outcome)
            except DATABASE_GONE:
                if time.monotonic() > until:
                    raise  # the contact stays in hand; the next dispatch will find it
                connection.close()
                time.sleep(0.5)

    def _recorded(self, taken: Taken, outcome: Outcome) -> str:
        at, hand = self.now(), taken.hand
        doubtful = outcome.result in (Result.doubtful, Result.unknown) or (
            hand.in_doubt and outcome.result != Result.sent
        )
        state, next_try_at = after(outcome.result, hand.tries + 1, at, in_doubt=doubtful)
        with transaction.atomic():
            conn = connected()
            held = store.update_outcome(
                conn,
                hand.contact_id,
                state=state,
                held=taken.lease,
                lease=taken.lease if doubtful else None,
                provider_ref=outcome.provider_ref,
                error=outcome.error,
                next_try_at=next_try_at,
            )
            if state == OutboxState.sent:
                store.insert_attempt(conn, hand.contact_id, at=at, source=self.acting)
        return state.value if held else "overtaken"

    def recover(self) -> Counter[str]:
        """Find what became of contacts whose sender died, and record what is found."""
        counts: Counter[str] = Counter()
        for orphan in store.fetch_orphans(connected()):
            if not store.take_lease(connected(), orphan.lease):
                continue  # its sender lives
            try:
                counts[self._recovered(orphan)] += 1
            finally:
                store.free_lease(connected(), orphan.lease)
        return counts

    def _recovered(self, orphan: store.Orphan) -> str:
        way = self.ways.get(Channel(orphan.channel))
        found = way.found(str(orphan.contact_id)) if way else Found.unknown
        state = {
            Found.sent: OutboxState.sent,
            Found.absent: OutboxState.queued,
            Found.unknown: OutboxState.unknown,
        }[found]
        if found == Found.absent and orphan.tries >= MAX_TRIES:
            state = OutboxState.unknown
        with transaction.atomic():
            conn = connected()
            store.update_outcome(
                conn,
                orphan.contact_id,
                state=state,
                held=orphan.lease,
                lease=None if found == Found.sent else orphan.lease,
                error="" if found == Found.sent else "outbox.sender_died",
            )
            if state == OutboxState.sent:
                store.insert_attempt(conn, orphan.contact_id, at=self.now(), source=self.acting)
        return "requeued" if state == OutboxState.queued else state.value


def after(
    result: Result, tries: int, at: datetime, *, in_doubt: bool
) -> tuple[OutboxState, datetime | None]:
    """Return the state that a try leaves behind, and when to try again."""
    if result == Result.sent:
        return OutboxState.sent, None
    if result == Result.unknown:
        return OutboxState.unknown, None
    if result == Result.refused or tries >= MAX_TRIES:
        return (OutboxState.unknown if in_doubt else OutboxState.dead), None
    return OutboxState.failed, at + BACKOFF[min(tries, len(BACKOFF)) - 1]


def wanted(hand: store.InHand, at: datetime) -> Wanted:
    """Return a contact in hand as the gate is asked about it."""
    return Wanted(
        person_id=hand.person_id,
        channel=Channel(hand.channel),
        at=at,
        purpose=Purpose(hand.purpose),
        contact_point_id=hand.contact_point_id,
    )


def gate_again(hand: store.InHand, at: datetime) -> GateFacts:
    """Return the gate's facts as they stand now, without the place that this contact holds."""
    known = read_facts(wanted(hand, at))
    own = {"outbound_today": hand.local_on == known.local_at.date()}
    own["outbound_24h"] = at - hand.allowed_at < timedelta(hours=24)
    own["outbound_7d"] = (known.local_at.date() - hand.local_on).days < WEEK
    without = {
        name: np.maximum(getattr(known.facts, name) - np.int32(counted), 0)
        for name, counted in own.items()
    }
    return replace(known, facts=replace(known.facts, **without))
