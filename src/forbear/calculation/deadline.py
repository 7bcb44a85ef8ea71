"""Until when a claim can be brought or a judgment enforced, with what restarts and stops it. Pure.

It counts; whether the time has run out is for the debtor to object and for a court to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from forbear.calculation.period import End, Rest, months_end, moved
from forbear.calculation.rules import FactMissing, NotCountable, check_day, rule_on
from forbear.kernel import court
from forbear.kernel.court import Interruption
from forbear.kernel.days import months_after
from forbear.law.packs import Law, Version

PERIOD = {
    court.Deadline.limitation: "limitation",
    court.Deadline.enforcement: "enforcement_period",
}
CAUSES = {
    court.Deadline.limitation: "limitation_interruption",
    court.Deadline.enforcement: "enforcement_interruption",
}
COUNTING = "period_count"


class Turn(StrEnum):
    """What one fact did to the time."""

    began = "began"
    restarted = "restarted"
    waived = "waived"  # agreed to after the time had run out: the defense is given up
    waits = "waits"  # until the proceedings end
    too_early = "too_early"  # before the time began to run
    too_late = "too_late"  # the time had run out
    within = "within"  # proceedings were under way already
    prolonged = "prolonged"  # an obstacle in the last months
    obstructed = "obstructed"  # an obstacle that has not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Something that makes the time start again."""

    on: date
    cause: Interruption
    ended_on: date | None = None  # of proceedings: the day they ended; None while they go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What kept the creditor from acting, such as an estate without an administrator."""

    began_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTime:
    """What is known of the time of one claim or one judgment."""

    due_on: tuple[date, ...]  # the last day to pay, of each installment or part
    called_on: date | None = None  # the day on which all of it was called due early
    interruptions: tuple[Interrupted, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fact, what it did and by which article."""

    on: date
    turn: Turn
    cause: str = ""  # of an interruption
    article: str = ""
    ends_on: date | None = None  # the last day as it stood after this fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The last day, and how it came about."""

    which: court.Deadline
    as_of: date
    runs_from: date | None  # the day after which the time runs now; None while it waits
    ends_on: date | None  # the last day to act; None while it waits and no long stop is set
    long_stop_on: date | None  # the last day whatever happened
    calendar_known: bool  # False: a day of rest not published yet may move the last day
    passed: bool  # the last day lies before as_of
    steps: tuple[Step, ...]
    rule: Version
    causes: Version
    counting: Version


def counted(
    law: Law, facts: ClaimTime, *, which: court.Deadline, as_of: date, rest: Rest
) -> Counted:
    """Return the last day on which a claim can be brought or a judgment enforced.

    Shape:  facts in any order; rest says of a day whether it is one of rest, None where unknown.
    Errors: NotClaimed, NotCountable, FactMissing.
    Source: Civil Code 188, 189, 192, 194, 195, 201 to 203; SPC limitation rules 8 to 17;
            Civil Procedure Law 250; SPC interpretation on enforcement, 19 and 20.
    """
    start = _start(facts)
    rule = rule_on(law, topic=PERIOD[which], on=start)
    causes = rule_on(law, topic=CAUSES[which], on=as_of)
    counting = rule_on(law, topic=COUNTING, on=as_of)
    _check(facts, causes, as_of)
    clock = _Clock(rule, facts.obstacles, rest, as_of)
    clock.begin(start)
    for event in sorted(facts.interruptions, key=lambda e: (e.on, e.ended_on or date.max)):
        clock.interrupt(event, causes)
    clock.close()
    years = rule.value["long_stop_years"]
    stop = months_end(start, 12 * years, rest=rest) if years else None
    ends_on = min((d for d in (clock.ends_on, stop and stop.ends_on) if d), default=None)
    return Counted(
        which=which,
        as_of=as_of,
        runs_from=clock.runs_from,
        ends_on=ends_on if clock.ends_on or (stop and stop.ends_on < as_of) else None,
        long_stop_on=stop.ends_on if stop else None,
        calendar_known=clock.calendar_known,
        passed=bool(ends_on and ends_on < as_of),
        steps=tuple(clock.steps),
        rule=rule,
        causes=causes,
        counting=counting,
    )


def _start(facts: ClaimTime) -> date:
    """Return the day the time is counted from: the last due, unless all was called due before."""
    if not facts.due_on:
        raise FactMissing("due_on", "the time is counted from the last day to pay")
    last = max(facts.due_on)
    for day in facts.due_on:
        check_day("due_on", day)
    if facts.called_on and facts.called_on > last:
        raise NotCountable("called_on", f"everything was due on {last}, before it was called")
    return facts.called_on or last


def _check(facts: ClaimTime, causes: Version, as_of: date) -> None:
    check_day("as_of", as_of)
    for event in facts.interruptions:
        if event.cause not in causes.value["causes"]:
            known = ", ".join(causes.value["causes"])
            raise NotCountable("interruption", f"{event.cause} is none here; there are {known}")
        if event.ended_on and event.ended_on < event.on:
            raise NotCountable("interruption", f"{event.ended_on} is before {event.on}")
        if max(event.on, event.ended_on or event.on) > as_of:
            raise NotCountable("interruption", f"{event.on} or its end is after {as_of}")
    for obstacle in facts.obstacles:
        if obstacle.ended_on and obstacle.ended_on < obstacle.began_on:
            raise NotCountable("obstacle", f"{obstacle.ended_on} is before {obstacle.began_on}")
        if max(obstacle.began_on, obstacle.ended_on or obstacle.began_on) > as_of:
            raise NotCountable("obstacle", f"{obstacle.began_on} or its end is after {as_of}")


class _Clock:
    """The time as it runs, restarts and waits, fact by fact."""

    def __init__(
        self, rule: Version, obstacles: Iterable[Obstacle], rest: Rest, as_of: date
    ) -> None:
        self._rule, self._rest, self._as_of = rule, rest, as_of
        self._obstacles = sorted(obstacles, key=lambda o: (o.began_on, o.ended_on or date.max))
        self.steps: list[Step] = []
        self.runs_from: date | None = None
        self.ends_on: date | None = None
        self.calendar_known = True
        self._first = date.min
        self._prolonged: list[Step] = []

    def begin(self, start: date) -> None:
        """Let the time run for the first time, from the day after `start`."""
        self._first = start
        self._run(start)
        self._note(start, Turn.began, article=self._rule.source.article)

    def interrupt(self, event: Interrupted, causes: Version) -> None:
        """Let one fact restart the time, or say why it does not."""
        article = causes.value["causes"][event.cause]
        if event.on <= self._first:
            return self._note(event.on, Turn.too_early, event, article)
        if self.runs_from is None or event.on < self.runs_from:
            return self._within(event, causes, article)
        turn = Turn.restarted
        if self.ends_on and event.on > self.ends_on:
            if event.cause is not Interruption.debtor_agreed or not causes.value["waiver"]:
                return self._note(event.on, Turn.too_late, event, article)
            turn, article = Turn.waived, causes.value["waiver"]
        self._keep_prolonged(before=event.on)
        self._restart(event, causes, turn, article)
        return None

    def close(self) -> None:
        """Write down the obstacles that prolonged the time as it now runs."""
        self._keep_prolonged(before=date.max)

    def _within(self, event: Interrupted, causes: Version, article: str) -> None:
        """Take in a fact that falls into proceedings: only their end restarts the time."""
        later = self.runs_from and event.ended_on and event.ended_on > self.runs_from
        if later and event.cause in causes.value["proceedings"]:
            self._restart(event, causes, Turn.restarted, article)
        elif self.runs_from and event.cause in causes.value["proceedings"] and not event.ended_on:
            self._restart(event, causes, Turn.waits, article)
        else:
            self._note(event.on, Turn.within, event, article)

    def _restart(self, event: Interrupted, causes: Version, turn: Turn, article: str) -> None:
        proceedings = event.cause in causes.value["proceedings"]
        if proceedings and event.ended_on is None:
            self.runs_from = self.ends_on = None
            self._prolonged = []
            return self._note(event.on, Turn.waits, event, article)
        self._run(event.ended_on if proceedings and event.ended_on else event.on)
        return self._note(event.on, turn, event, article)

    def _run(self, start: date) -> None:
        """Count the time from a day, obstacles in its last months included."""
        self.runs_from = start
        end = months_end(start, 12 * self._rule.value["years"], rest=self._rest)
        self._prolonged = []
        for obstacle in self._obstacles:
            if end_after := self._after(obstacle, end):
                if obstacle.ended_on is None:
                    self.ends_on, self.calendar_known = None, True
                    self._prolonged.append(Step(on=obstacle.began_on, turn=Turn.obstructed))
                    return
                end = end_after
                self._prolonged.append(
                    Step(on=obstacle.began_on, turn=Turn.prolonged, ends_on=end.ends_on)
                )
        self.ends_on, self.calendar_known = end.ends_on, end.calendar_known

    def _after(self, obstacle: Obstacle, end: End) -> End | None:
        """Return the end after an obstacle, or None where it lies outside the last months."""
        months = self._rule.value["last_months"]
        window = months_after(end.counted_on, -months)
        gone_on = obstacle.ended_on or self._as_of
        if obstacle.began_on > end.ends_on or gone_on <= window:
            return None
        if self._rule.value["after_obstacle"] == "last_months":
            return months_end(gone_on, months, rest=self._rest)
        left = end.counted_on - max(obstacle.began_on, window)
        return moved(gone_on + max(left, timedelta(0)), rest=self._rest)

    def _keep_prolonged(self, *, before: date) -> None:
        """Move obstacles that came before a day into the steps; a restart undoes the later ones."""
        self.steps += [
            replace(step, article=self._rule.source.article)
            for step in self._prolonged
            if step.on < before
        ]
        self._prolonged = []

    def _note(
        self, on: date, turn: Turn, event: Interrupted | None = None, article: str = ""
    ) -> None:
        cause = event.cause.value if event else ""
        self.steps.append(
            Step(on=on, turn=turn, cause=cause, article=article, ends_on=self.ends_on)
        )
