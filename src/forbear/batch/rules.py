"""What decides a night, besides the facts. Pure: records only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from forbear.batch.assemble import House, Windows
from forbear.delinquency.bucket import Buckets
from forbear.law.packs import Law
from forbear.treatment.score import Points
from forbear.treatment.strategy import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that decides, besides the facts."""

    as_of: date
    law: Law
    strategy: Strategy
    points: Points
    buckets: Buckets
    month_days: int  # rule house.reported_month_days
    age_years: int  # rule house.minor
    streak_days: int  # rule house.failed_call_days
    zones: tuple[str, ...]  # by number
    point_zones: tuple[str, ...]  # of contact points, by number
    currencies: tuple[str, ...]  # by number

    @property
    def house(self) -> House:
        """The house's numbers that ageing reads."""
        return House(buckets=self.buckets, month_days=self.month_days)

    @property
    def windows(self) -> Windows:
        """How far back what was tried is counted, for every minute that the strategy wants."""
        return Windows(
            minutes=self.minutes, streak_days=self.streak_days, point_zones=len(self.point_zones)
        )

    @property
    def minutes(self) -> tuple[int, ...]:
        """The minutes of the day at which the strategy may want a contact, in order."""
        wants = [want for leaf in self.strategy.leaves for want in leaf.wants]
        return tuple(sorted({w.local_minute for w in wants if w.local_minute >= 0}))

    @property
    def planned_on(self) -> date:
        """The day that contacts are planned for, on each person's own calendar."""
        return self.as_of + timedelta(days=1)
