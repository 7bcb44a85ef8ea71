"""What is asked to be booked, and whether it says all that its kind needs and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forbear.actions.booking_refused import NotComplete
from forbear.servicing.fact import BookingKind

MAX_MINOR, MAX_DAYS, MAX_INSTALLMENTS = 10**13, 366, 60
PLAN_YEARS = 5  # as long as article 70 of the card measures of 2011 allows; here for every product
K = BookingKind
NO_AMOUNT = {K.extension, K.reage, K.arrangement, K.charge_off, K.designation, K.due_day}
WITH_AMOUNT = frozenset(K) - NO_AMOUNT
WITH_DAYS = frozenset({K.extension, K.reage, K.due_day})
WITH_REASON = frozenset(
    {K.waiver, K.compensation, K.charge_off, K.sale, K.reage, K.arrangement, K.judgment}
)
WITH_PLAN = frozenset({K.arrangement, K.judgment})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be booked."""

    account_ref: str
    booking_ref: str
    kind: BookingKind
    effective_on: date
    amount_minor: int = 0
    about: str = ""  # a purchase's booking_ref; of a designation the payment_ref
    meant: str = ""  # of a designation: the purchase's booking_ref
    ahead: bool = False  # of a designation: it also meets what is not billed yet
    days: int = 0  # of a due_day: the day of the month
    installments: int = 0  # of a purchase
    plan: Sequence[tuple[date, int]] = ()  # of an arrangement or judgment: due days and amounts
    principal_minor: int = 0  # of a judgment: how much of its sum is principal
    rule: str = ""
    reason: str = ""


def key_of(asked: Asked) -> str:
    """Return the key of a fact; a payment has one designation, whoever sends it.

    Errors: none.
    """
    if asked.kind == K.designation:
        return f"designation:{asked.about}"
    return f"booking:{asked.booking_ref}"


def complete(asked: Asked) -> None:
    """Raise where a kind lacks what it needs, or has what it does not know.

    Errors: NotComplete.
    """
    kind = asked.kind
    for name, has, needs in (
        ("amount_minor", 0 < asked.amount_minor <= MAX_MINOR, kind in WITH_AMOUNT),
        ("days", 0 < asked.days <= MAX_DAYS, kind in WITH_DAYS),
        ("installments", 0 < asked.installments <= MAX_INSTALLMENTS, kind == K.purchase),
        ("plan", 0 < len(asked.plan) <= MAX_INSTALLMENTS, kind in WITH_PLAN),
        ("principal_minor", True, kind == K.judgment),
        ("meant", True, kind == K.designation),
        ("ahead", True, kind == K.designation),
    ):
        if needs and not has:
            raise NotComplete(f"a {kind} needs {name}")
        if not needs and getattr(asked, name):
            raise NotComplete(f"a {kind} has no {name}")
    if kind in WITH_REASON and not asked.reason.strip():
        raise NotComplete(f"a {kind} needs a reason")
    if kind == K.reage and not asked.rule.strip():
        raise NotComplete("a reage needs the rule that allows it")
    for due_on, minor in asked.plan:
        if due_on < asked.effective_on or not 0 < minor <= MAX_MINOR:
            raise NotComplete(f"an installment of {minor} due on {due_on} is none of a plan")
    _within_years(asked)
    if kind == K.judgment:
        _whole(asked)


def _within_years(asked: Asked) -> None:
    """Raise NotComplete where a plan takes longer than any plan may."""
    on = asked.effective_on
    for due_on, _ in asked.plan:
        if (due_on.year - PLAN_YEARS, due_on.month, due_on.day) > (on.year, on.month, on.day):
            raise NotComplete(f"{due_on} is more than {PLAN_YEARS} years after {on}")


def _whole(asked: Asked) -> None:
    """Raise NotComplete where the parts of an instrument's sum are not the sum, each of a day."""
    days = [due_on for due_on, _ in asked.plan]
    if len({*days}) < len(days):
        raise NotComplete("a judgment has one sum for each day by which something is to be paid")
    planned = sum(minor for _, minor in asked.plan)
    if planned != asked.amount_minor:
        raise NotComplete(f"a judgment of {asked.amount_minor} has a plan of {planned}")
    if not 0 <= asked.principal_minor <= asked.amount_minor:
        raise NotComplete(
            f"a judgment of {asked.amount_minor} has {asked.principal_minor} of principal"
        )
