"""The extra interest that a judgment's debtor owes for paying late. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from forbear.calculation.rules import PPM, NotCountable, check_amount, check_day, rounded, rule_on
from forbear.law.packs import Law, Version

TOPIC = "doubled_interest"
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDebt:
    """A sum that a judgment fixes and that was not paid in its time."""

    debt_minor: int  # unpaid when the time ran out, general interest left out
    due_on: date  # the last day to perform; where the judgment names none, the day it took effect
    until: date  # counted up to and including this day
    repayments: tuple[tuple[date, int], ...] = ()  # day, minor units taken off the sum above
    stays: tuple[tuple[date, date], ...] = ()  # from <= day < to, not sought by the debtor


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Days on which one sum was owed at one rate."""

    first_on: date
    last_on: date  # inclusive
    days: int
    debt_minor: int
    rate_ppm: int  # parts per million a day; 0 while stayed
    adds_minor: Fraction
    rule: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayInterest:
    """The extra interest and the runs of days it adds up from."""

    interest_minor: int
    left_minor: int  # of the sum, after the repayments
    days: int  # that count
    runs: tuple[Run, ...]


def delay_interest(law: Law, debt: LateDebt) -> DelayInterest:
    """Return the extra interest: the unpaid sum times the daily rate times the days of delay.

    The last day to perform is not counted, the day of each payment is. Rounded once, half up.

    Unit:   minor units; calendar days.
    Errors: NotCountable, NotClaimed.
    Source: SPC interpretation 2014 No. 8, articles 1 to 4; Civil Procedure Law 264.
    """
    _check(debt)
    turns = sorted(_turns(debt))
    runs = [_run(law, debt, after=after, last_on=last) for after, last in pairwise(turns)]
    return DelayInterest(
        interest_minor=rounded(sum((run.adds_minor for run in runs), Fraction(0))),
        left_minor=debt.debt_minor - sum(paid for _, paid in debt.repayments),
        days=sum(run.days for run in runs if run.rate_ppm),
        runs=tuple(runs),
    )


def daily_rate(law: Law, *, on: date) -> Version:
    """Return the rule whose value is the extra interest of one day of delay.

    Unit:   its value's rate_ppm: parts per million a day.
    Errors: NotClaimed.
    Source: SPC interpretation 2014 No. 8, article 1.
    """
    return rule_on(law, topic=TOPIC, on=on)


def _check(debt: LateDebt) -> None:
    check_amount("debt", debt.debt_minor)
    check_day("until", debt.until)
    if debt.until < debt.due_on:
        raise NotCountable("until", f"must not be before {debt.due_on}, the last day to perform")
    for day, paid in debt.repayments:
        check_amount("repayment", paid)
        if not debt.due_on < day <= debt.until:
            raise NotCountable("repayment", f"{day} is not in the time that is counted")
    if sum(paid for _, paid in debt.repayments) > debt.debt_minor:
        raise NotCountable("repayment", "the repayments come to more than the debt")
    for start, end in debt.stays:
        if end <= start:
            raise NotCountable("stay", f"{end} is not after {start}")
        check_day("stay", end)


def _turns(debt: LateDebt) -> set[date]:
    """Return the last days of the runs, and the day before the first."""
    ends = {debt.due_on, debt.until} | {day for day, _ in debt.repayments}
    for start, end in debt.stays:
        ends |= {day - ONE for day in (start, end) if debt.due_on < day - ONE < debt.until}
    return ends


def _run(law: Law, debt: LateDebt, *, after: date, last_on: date) -> Run:
    """Return one run of days; what was paid on its last day was still owed on it."""
    first_on = after + ONE
    rule = daily_rate(law, on=first_on)
    if rule.end <= last_on:
        raise NotCountable("until", f"{rule.rule} changed on {rule.end}; count up to it, then on")
    owed = debt.debt_minor - sum(paid for day, paid in debt.repayments if day <= after)
    stayed = any(start <= first_on < end for start, end in debt.stays)
    rate_ppm = 0 if stayed else rule.value["rate_ppm"]
    days = (last_on - after).days
    return Run(
        first_on=first_on,
        last_on=last_on,
        days=days,
        debt_minor=owed,
        rate_ppm=rate_ppm,
        adds_minor=Fraction(owed * rate_ppm * days, PPM),
        rule=rule,
    )
