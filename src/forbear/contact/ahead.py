"""Say at which instants a gate's answer may turn, and what the book says at each. Pure.

Between two of them nothing that a rule reads changes: whoever asks the gate at each of them in
order has asked it at every minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from forbear.contact.one_person import DAY
from forbear.contact.records import Records, Same, Try
from forbear.kernel.days import MINUTES_PER_DAY, minute_of_day
from forbear.kernel.vocabulary import ConsentKind
from forbear.law.packs import Law

MINUTE = timedelta(minutes=1)
TURNING = frozenset({"hours_window", "rolling_maximum", "lawful_days"})  # kinds, within a day


def turning_instants(
    records: Records,
    elsewhere: Iterable[Try],
    *,
    clock_minutes: Collection[int],
    zones: Collection[ZoneInfo],
    start: datetime,
    stop: datetime,
) -> list[datetime]:
    """Return the whole minutes from `start`, before `stop`, at which the answer may turn, in order.

    Those are: the first itself; in every zone each midnight, the given minutes of the day, both
    ends of consented hours, and each change of the clocks; when a try happens and when it is
    twenty-four hours old; when a known fact takes effect. What falls between two minutes is seen
    at the next one.

    Shape:  `elsewhere` are tries at the person's numbers for other people.
    Unit:   UTC instants; `clock_minutes` are minutes of the day.
    Errors: none.
    Source: none; a test asks the gate at every minute and compares.
    """
    minutes = {0, *clock_minutes}
    for row in records.consents:
        minutes |= {m for m in (row.opens_minute, row.closes_minute) if m is not None}
    found = {start}
    for zone in zones:
        found |= _clock_instants(zone, minutes, start, stop)
    tries = [each.at for each in (*records.tries, *elsewhere)]
    found |= {*tries, *(at + DAY for at in tries), *_told_at(records)}
    whole = {whole_minute(at) for at in found}
    return sorted(at for at in whole if start <= at < stop)


def is_quiet(
    records: Records, elsewhere: Iterable[Try], *, start: datetime, stop: datetime
) -> bool:
    """Return whether from one instant to another nothing happens but that the clocks go on.

    Errors: none.
    Source: none.
    """
    happen = (*(each.at for each in (*records.tries, *elsewhere)), *_told_at(records))
    return not any(start < at < stop for at in happen) and not any(
        row.opens_minute is not None and row.kind != ConsentKind.night_contact
        for row in records.consents
    )


def holds_all_day(law: Law, blocked_by: Iterable[str], *, on: date) -> bool:
    """Return whether one of some refusals stands all day, on a day on which nothing happens.

    Errors: none.
    Source: none; hours, windows of twenty-four hours and whatever has exceptions may turn.
    """
    steady = {
        version.rule
        for version in law.versions
        if version.holds_on(on)
        and version.kind not in TURNING
        and not version.yields_to
        and version.value.get("fact") != "night_consent"
    }
    return any(rule in steady for rule in blocked_by)


def whole_minute(at: datetime) -> datetime:
    """Return the first whole minute that is not before an instant, in UTC.

    Errors: none.
    Source: none.
    """
    floor = at.astimezone(UTC).replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE


def known_at(records: Records, at: datetime) -> Records:
    """Return what the book says at an instant, of rows that were read for a later one.

    Errors: none.
    Source: none; tries are counted by their own instants and stay.
    """
    return replace(
        records,
        statuses=[row for row in records.statuses if row.at <= at],
        disputes=[row for row in records.disputes if row.at <= at],
        consents=[row for row in records.consents if row.at <= at],
        same=[_same_at(row, at) for row in records.same],
    )


def hours_said(law: Law, *, on: date) -> frozenset[int]:
    """Return every minute of the day at which a rule in force on a day opens or closes.

    Errors: none.
    Source: rules of kind hours_window.
    """
    return frozenset(
        minute_of_day(version.value[end])
        for version in law.versions
        if version.kind == "hours_window" and version.holds_on(on)
        for end in ("opens", "closes")
    )


def _told_at(records: Records) -> Iterable[datetime]:
    """Return when each fact that the book was told takes effect."""
    for rows in (records.statuses, records.disputes, records.consents, records.same):
        yield from (row.at for row in rows if row.at is not None)


def _same_at(row: Same, at: datetime) -> Same:
    later = row.at is not None and row.at > at
    return row._replace(stage=None, at=None) if later else row


def _clock_instants(
    zone: ZoneInfo, minutes: Iterable[int], start: datetime, stop: datetime
) -> set[datetime]:
    """Return when a zone's clock shows some minutes, both times where it shows one twice."""
    first, last = start.astimezone(zone).date(), stop.astimezone(zone).date()
    found = set(_clock_changes(zone, start, stop))
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        for minute in minutes:
            if minute == MINUTES_PER_DAY:
                continue  # the midnight of the next
            clock = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
            found |= {clock.astimezone(UTC), clock.replace(fold=1).astimezone(UTC)}
    return found


def _clock_changes(zone: ZoneInfo, start: datetime, stop: datetime) -> Iterable[datetime]:
    """Return the minute at which a zone's clock is put forward or back; no two are within a day."""

    def shift(at: datetime) -> timedelta | None:
        return at.astimezone(zone).utcoffset()

    before, after = whole_minute(start), whole_minute(stop)
    if shift(before) == shift(after):
        return
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        before, after = (middle, after) if shift(middle) == shift(before) else (before, middle)
    yield after
