"""Say what the clocks show wherever each person of a slice may be. Pure.

Most people may be in one zone only, and then there is nothing to work out but the day of the week.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from forbear.contact.calendar import Clocks, clocks_at, national_holiday, weekday_mask
from forbear.contact.facts import jurisdiction_letters
from forbear.kernel.columns import Ints, Longs
from forbear.kernel.days import instant, zone_named


class Planned(Protocol):
    """What is read of the night's rules."""

    @property
    def planned_on(self) -> date:
        """The day that contacts are planned for."""

    @property
    def zones(self) -> tuple[str, ...]:
        """Zones of people, by number."""

    @property
    def point_zones(self) -> tuple[str, ...]:
        """Zones of contact points, by number."""


def clock_columns(
    columns: Mapping[str, np.ndarray], rules: Planned, zone: Ints, others: Longs
) -> dict[str, np.ndarray]:
    """Return the columns of the clock, for contacts at a minute of the person's own planned day.

    Shape:  columns has jurisdiction, has_zone and local_minute; zone and others (n,): the person's
            zone, and a bit mask over the zones of their contact points; result (n,).
    Unit:   minutes of the day.
    Errors: none; who may be in a zone that nobody knows has none.
    Source: `contact.calendar.clocks_at`, as the gate asks it.
    """
    n, minute = len(zone), columns["local_minute"]
    here = weekday_mask([rules.planned_on])
    told = {
        "least_minute": minute,
        "most_minute": minute,
        "weekdays": np.where(columns["has_zone"], here, 0).astype(np.int8),
        "holiday": _holidays(columns["jurisdiction"], rules.planned_on) & columns["has_zone"],
    }
    spread = np.flatnonzero((others != 0) & columns["has_zone"])
    if not len(spread):
        return told
    told |= {"least_minute": minute.copy(), "most_minute": minute.copy()}
    told |= {"local_minute": minute, "has_zone": columns["has_zone"]}
    keys = np.stack([zone[spread], minute[spread], others[spread]], axis=1)
    kinds, which = np.unique(keys, axis=0, return_inverse=True)
    for i, (own, at, mask) in enumerate(kinds.tolist()):
        rows = spread[which.reshape(-1) == i]
        clocks = _clocks(rules.zones[own], at, mask, rules.point_zones, rules.planned_on)
        if clocks is None:
            told["has_zone"][rows] = False
            for name in ("local_minute", "least_minute", "most_minute"):
                told[name][rows] = -1
            told["weekdays"][rows], told["holiday"][rows] = 0, False
            continue
        told["least_minute"][rows] = clocks.least_minute
        told["most_minute"][rows] = clocks.most_minute
        told["weekdays"][rows] = clocks.weekdays
        for day in clocks.days:
            told["holiday"][rows] |= _holidays(columns["jurisdiction"][rows], day)
    assert all(len(column) == n for column in told.values())
    return told


@lru_cache(maxsize=4096)
def _clocks(own: str, minute: int, mask: int, names: tuple[str, ...], on: date) -> Clocks | None:
    """Return what the clocks show at a minute of one zone's day, None where one is not known."""
    zones: list[ZoneInfo | None] = [zone_named(own)]
    zones += [zone_named(names[i]) if i < len(names) else None for i in range(63) if mask >> i & 1]
    known = [zone for zone in zones if zone is not None]
    if len(known) < len(zones):
        return None
    return clocks_at(instant(on, minute, known[0]), known)


def _holidays(jurisdiction: np.ndarray, on: date) -> np.ndarray:
    """Return whether a day is a national holiday, by packed jurisdictions."""
    holiday = np.zeros(len(jurisdiction), np.bool_)
    for code in np.unique(jurisdiction).tolist():
        if national_holiday(jurisdiction_letters(code), on):
            holiday |= jurisdiction == code
    return holiday
