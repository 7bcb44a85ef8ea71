"""Draw the people of the book: who they are, where they live, how late the worst of them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forbear.demo.names import full_names, identity_numbers
from forbear.kernel.columns import Bools, Bytes, Days, Ints

# IANA name and hours from UTC. The book's own zones keep no daylight saving, so that one number is
# enough to turn a wall clock into an instant. "" is a person whose zone nobody knows.
ZONES = (
    ("Asia/Shanghai", 8),
    ("Asia/Urumqi", 6),
    ("", 8),
    ("Asia/Tokyo", 9),
    ("Asia/Bangkok", 7),
    ("Asia/Dubai", 4),
)
SHANGHAI, URUMQI, UNKNOWN, ABROAD = 0, 1, 2, 3  # ABROAD is the first of those
ZONE_SHARES = (0.958, 0.028, 0.014)
MOVED_SHARE = 0.012  # travellers: the zone of their profile changed in the last weeks

# How many people are in each month of arrears by their worst account, and that month's days.
LATE_SHARES = (0.800, 0.120, 0.032, 0.016, 0.010, 0.007, 0.005, 0.004, 0.003, 0.003)
LATE_FROM = (0, 1, 31, 61, 91, 121, 151, 181, 211, 241)
LATE_UNTIL = (1, 31, 61, 91, 121, 151, 181, 211, 241, 391)

PUNCTUAL, SLOPPY, CHRONIC = 0, 1, 2  # how they pay what they pay
HABITS_OF_CURRENT = (0.72, 0.21, 0.07)
HABITS_OF_LATE = (0.38, 0.36, 0.26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The people, every column shape (n,); row i is one person."""

    as_of: np.datetime64
    ref: pl.Series  # demo:000001 …
    name: pl.Series
    born_on: Days
    known_since: Days  # from this day on we know them
    zone_before: Bytes  # position in ZONES until `moved_on`
    zone: Bytes  # position in ZONES from then on
    moved_on: Days  # NaT for those who did not
    habit: Bytes  # PUNCTUAL, SLOPPY or CHRONIC
    late_days: Ints  # days past due of the worst account at the close of as_of; 0 is current

    def __len__(self) -> int:
        """Return n."""
        return len(self.ref)

    def zone_at(self, person: Ints, on: Days) -> Bytes:
        """Return the position in ZONES of some people's zones on given days, shape (m,)."""
        moved = on >= self.moved_on[person]  # False where NaT
        return np.where(moved, self.zone[person], self.zone_before[person])


def drawn_crowd(rng: np.random.Generator, n: int, *, as_of: date) -> Crowd:
    """Return n invented people.

    Errors: none.
    Source: house convention: about four in five not past due, each later month rarer.
    """
    today = np.datetime64(as_of, "D")
    late = _late_days(rng, n)
    before = rng.choice(3, n, p=ZONE_SHARES).astype(np.int8)
    moved = (rng.random(n) < MOVED_SHARE) & (before == SHANGHAI)
    away = rng.integers(ABROAD, len(ZONES), n).astype(np.int8)
    habit = np.where(
        late > 0, rng.choice(3, n, p=HABITS_OF_LATE), rng.choice(3, n, p=HABITS_OF_CURRENT)
    )
    age_days = (18.2 * 365 + np.minimum(rng.gamma(2.2, 6.5, n), 50) * 365).astype(np.int64)
    return Crowd(
        as_of=today,
        ref=pl.select(
            pl.lit("demo:") + pl.int_range(1, n + 1, eager=True).cast(pl.String).str.zfill(6)
        ).to_series(),
        name=full_names(rng, _uyghur(rng, before)),
        born_on=today - age_days,
        known_since=today - rng.integers(800, 1500, n),
        zone_before=before,
        zone=np.where(moved, away, before).astype(np.int8),
        moved_on=np.where(moved, today - rng.integers(0, 21, n), np.datetime64("NaT", "D")),
        habit=habit.astype(np.int8),
        late_days=late,
    )


def are_drawn(refs: pl.Series) -> pl.Series:
    """Return which references are of people who were drawn; the written ones have words in theirs.

    Shape:  (n,) text; result (n,) boolean.
    Errors: none.
    Source: none.
    """
    return refs.str.contains(r"^demo:[0-9]+$")


def _late_days(rng: np.random.Generator, n: int) -> Ints:
    """Return days past due, falling off from month to month and within the first one."""
    month = rng.choice(len(LATE_SHARES), n, p=LATE_SHARES)
    low, high = np.array(LATE_FROM)[month], np.array(LATE_UNTIL)[month]
    skew = np.where(month == 1, 1.6, 1.15)
    late: Ints = (low + (high - low) * rng.random(n) ** skew).astype(np.int32)
    return late


def _uyghur(rng: np.random.Generator, zone: Bytes) -> Bools:
    dotted: Bools = (zone == URUMQI) & (rng.random(len(zone)) < 0.7)
    return dotted


def profiles(crowd: Crowd) -> pl.DataFrame:
    """Return the profile facts: one for each person, and a second for those whose zone changed.

    Errors: none.
    Source: none.
    """
    serials = np.arange(len(crowd), dtype=np.int64)
    names = np.array([name for name, _ in ZONES])
    first = pl.DataFrame(
        {
            "person_ref": crowd.ref,
            "source_key": crowd.ref + ":profile",
            "effective_on": crowd.known_since,
            "name": crowd.name,
            "identifier": identity_numbers(pl.Series(crowd.born_on), serials),
            "jurisdiction": pl.select(pl.repeat("CN", len(crowd))).to_series(),
            "zone": names[crowd.zone_before],
            "born_on": crowd.born_on,
            "language": np.where(serials % 211 == 17, "en", ""),
        }
    )
    moved = ~np.isnat(crowd.moved_on)
    second = first.filter(pl.Series(moved)).with_columns(
        source_key=pl.col("person_ref") + ":profile:moved",
        effective_on=pl.Series(crowd.moved_on[moved]),
        zone=pl.Series(names[crowd.zone[moved]]),
    )
    return pl.concat([first, second])
