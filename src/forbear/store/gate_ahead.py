"""Read what the gate will read at each instant of the days to come at which its answer may turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from forbear.contact.ahead import is_quiet, known_at, turning_instants, whole_minute
from forbear.contact.one_person import Asked
from forbear.contact.records import VOICE, Records, Try
from forbear.kernel.days import instant, zone_named
from forbear.store.gate import UTC, GateFacts, Wanted, gate_facts, profile_at
from forbear.store.gate_rows import (
    Profile,
    fetch_profiles,
    fetch_records,
    fetch_tries_elsewhere,
)

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAhead:
    """One of the person's own days, or the rest or a part of it."""

    on: date
    instants: list[datetime]  # at which the gate's answer may turn, the first minute first
    quiet: bool  # nothing happens in it but that the clocks go on
    facts_at: Callable[[datetime], GateFacts]


def fetch_days_ahead(
    conn: Any,
    wanted: Wanted,
    *,
    days: int,
    streak_days: Callable[[date], int],
    clock_minutes: Callable[[date], frozenset[int]],
) -> Iterator[DayAhead]:
    """Yield the day asked about, from the first whole minute on, and so many days after it.

    What will be known only later is not known. Call it in a transaction.
    """
    profiles = fetch_profiles(conn, wanted.person_id)
    start = whole_minute(wanted.at)
    last = _on(profiles, start) + timedelta(days=days)
    while (on := _on(profiles, start)) <= last:
        stop = _next_day(profiles, start, on)
        streak = streak_days(on)
        _, records = fetch_records(
            conn, wanted.person_id, at=stop - TICK, on=on, streak_days=streak
        )
        tries = _tries_elsewhere(conn, wanted, records, start, on)
        yield DayAhead(
            on=on,
            instants=turning_instants(
                records,
                tries,
                clock_minutes=clock_minutes(on),
                zones=_zones(profiles, records, start),
                start=start,
                stop=stop,
            ),
            quiet=is_quiet(records, tries, start=start, stop=stop),
            facts_at=partial(_facts_at, wanted, profiles, records, tries, streak),
        )
        start = stop


def _facts_at(
    wanted: Wanted,
    profiles: list[Profile],
    records: Records,
    tries: list[Try],
    streak_days: int,
    at: datetime,
) -> GateFacts:
    """Return what the gate will read at an instant of the day that the rows are of."""

    def elsewhere(others: dict[int, int], asked: Asked) -> list[Try]:
        del asked
        return [t for t in tries if t.point_id in others]

    return gate_facts(
        replace(wanted, at=at), profiles, known_at(records, at), elsewhere, streak_days=streak_days
    )


def _on(profiles: list[Profile], at: datetime) -> date:
    """Return the person's own day at an instant."""
    _, zone, _ = profile_at(profiles, at)
    return at.astimezone(zone or UTC).date()


def _next_day(profiles: list[Profile], start: datetime, on: date) -> datetime:
    """Return when the person's next day begins, or an earlier instant at which a profile does."""
    _, zone, _ = profile_at(profiles, start)
    begins = [instant(on + timedelta(days=1), 0, zone or UTC)]
    begins += [instant(p.effective_on, 0, zone_named(p.zone) or UTC) for p in profiles]
    return min((at for at in begins if at > start), default=start + timedelta(days=1))


def _zones(profiles: list[Profile], records: Records, at: datetime) -> set[ZoneInfo]:
    """Return every zone whose clock the gate may read."""
    _, zone, _ = profile_at(profiles, at)
    return {zone or UTC, *filter(None, (zone_named(point.zone) for point in records.points))}


def _tries_elsewhere(
    conn: Any, wanted: Wanted, records: Records, start: datetime, on: date
) -> list[Try]:
    """Return what was tried, for others, at any number that the person has."""
    others = {r.id: r.person_id for r in records.same if r.person_id != wanted.person_id}
    if not others or wanted.channel != VOICE:
        return []
    return fetch_tries_elsewhere(conn, [*others], [*others.values()], at=start, on=on)
