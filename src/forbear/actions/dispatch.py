"""Send what is due: ask the gate for each planned contact, then hand over what it allowed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.contact import Answer, connected, do_contact
from forbear.actions.delivery import DATABASE_GONE, Delivery, Lease
from forbear.actions.reader import Ability, Reader
from forbear.actions.template import messages_in_force
from forbear.actions.ways import usable, ways_set_up
from forbear.kernel.vocabulary import Channel, Purpose
from forbear.store import outbox as store

PLAN_LIVES = timedelta(hours=24)  # a plan older than this was decided on facts of another day
MAX_FAULTS = 20
COUNTED = (
    "stale expired planned allowed refused sent failed dead unknown cancelled requeued"
    " waiting_for_setup"
).split()


def never() -> bool:
    """Return that nobody asks to stop."""
    return False


def do_dispatch(
    reader: Reader, *, at: datetime, limit: int = 1000, stop: Callable[[], bool] = never
) -> dict[str, int]:
    """Ask the gate for what is due, hand over what is allowed, and count what became of each.

    `at` is the present instant; it moves on while the round lasts, so that no message leaves after
    its hour. A fault in one contact does not keep the others: it is raised when all are through.
    Errors: BadChannelConfig, BadMessagePack, MessageDoesHarm, TemplateChanged, NotAllowed; any
    fault, after the round.
    """
    reader.must(Ability.contact)
    started = time.monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    messages, everything = messages_in_force(), ways_set_up()
    ways = usable(everything, messages)
    delivery = Delivery(ways=ways, messages=messages, acting=reader.actor, now=now)
    try:
        with Lease() as lease:
            round_ = _Round(reader, delivery, lease, limit, stop)
            round_.counts += delivery.recover()
            round_.contacts()
            round_.plans()
    finally:
        for way in everything.values():
            way.close()
    if round_.faults:
        raise round_.faults[0]
    return {name: round_.counts[name] for name in COUNTED}


class _Round:
    """One round: what was counted and what went wrong."""

    def __init__(
        self,
        reader: Reader,
        delivery: Delivery,
        lease: Lease,
        limit: int,
        stop: Callable[[], bool],
    ) -> None:
        self.reader = reader
        self.delivery = delivery
        self.lease = lease
        self.limit = limit
        self.stop = stop
        self.now = delivery.now
        self.channels = [channel.value for channel in delivery.ways]
        self.counts: Counter[str] = Counter()
        self.faults: list[Exception] = []

    def contacts(self) -> None:
        """Hand over what was allowed before and still waits: retries, and what a crash left."""
        conn = connected()
        with transaction.atomic():
            self.counts["expired"] = store.expire_contacts(conn, at=self.now())
        waiting = store.fetch_waiting(conn, at=self.now(), channels=self.channels, limit=self.limit)
        for contact_id, person_id, channel in waiting:
            if not self._goes_on():
                return
            self._guarded(
                self.delivery.deliver, contact_id, person_id, Channel(channel), self.lease
            )

    def plans(self) -> None:
        """Take every due plan to the gate, and hand over at once what it allows."""
        since, conn = self.now() - PLAN_LIVES, connected()
        self.counts["stale"] = store.cancel_stale_plans(conn, since=since)
        due = store.fetch_due_plans(
            conn, at=self.now(), since=since, channels=self.channels, limit=self.limit
        )
        for plan in due:
            if not self._goes_on():
                return
            self._guarded(self._plan, plan)
        self.counts["waiting_for_setup"] = store.count_due_plans(
            connected(), at=self.now(), since=since, channels=self.channels
        )

    def _plan(self, plan: store.DuePlan) -> str:
        """Take one plan to the gate and out; return what the gate said, "" where it is not ours."""
        answer = self._ask(plan)
        if answer is None:
            return ""
        self.counts["planned"] += 1
        if answer.allowed and not answer.fictional and answer.contact_id:
            about = (answer.contact_id, plan.person_id, answer.channel, self.lease)
            self._guarded(self.delivery.deliver, *about)
        return "allowed" if answer.allowed else "refused"

    def _ask(self, plan: store.DuePlan) -> Answer | None:
        """Ask the gate for one plan; None where somebody else has it or it is planned no more."""
        with transaction.atomic():
            conn = connected()
            # The person _must_ be locked before the plan: a stop request does so too.
            if not store.lock_person_or_skip(conn, plan.person_id):
                return None
            if not store.lock_plan(conn, plan.id):
                return None
            return do_contact(
                self.reader,
                person_id=plan.person_id,
                channel=Channel(plan.channel),
                at=self.now(),
                contact_point_id=plan.contact_point_id,
                purpose=Purpose(plan.purpose) if plan.purpose else None,
                plan_id=plan.id,
            )

    def _guarded(self, step: Callable[..., str], *about: object) -> None:
        """Take one step; keep its fault for later, but stop where the database is gone."""
        try:
            self.counts[step(*about)] += 1
        except DATABASE_GONE:
            raise
        except Exception as fault:  # noqa: BLE001  # raised when the others are through
            self.faults.append(fault)

    def _goes_on(self) -> bool:
        return not self.stop() and len(self.faults) < MAX_FAULTS
