"""Say whose waiting money went back to the borrower: the oldest first. Pure.

The books know a payout of an account, not of a payment. Which money it was follows from the order
in which money is taken (L-3) and from what each sum met before and after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Money that came to wait, above zero, or that stopped waiting, below zero."""

    source: str  # the key of the payment or credit; "" a payout, of nobody's in particular
    on: date
    place: int  # of the source's kind within a day
    minor: int


def paid_out(flows: Iterable[Flow]) -> dict[str, int]:
    """Return how much of each source's money was paid out.

    Shape:  the flows of one account, in any order; sources that gave nothing are left out.
    Unit:   minor units.
    Errors: none.
    Source: house convention L-3.
    """
    known = sorted(flows, key=lambda flow: (flow.on, flow.place, flow.source))
    sources = list(dict.fromkeys(f.source for f in known if f.source))
    taken = dict.fromkeys(sources, 0)
    for payout in (f for f in known if not f.source):
        wanted = -payout.minor
        for source in sources:
            take = min(wanted, _spare(known, source, on=payout.on) - taken[source])
            if take > 0:
                taken[source] += take
                wanted -= take
    return {source: minor for source, minor in taken.items() if minor}


def _spare(flows: Iterable[Flow], source: str, *, on: date) -> int:
    """Return the least that waits of a source at the end of a day and of every later one."""
    left, least = 0, None
    days: dict[date, int] = {}
    for flow in flows:
        if flow.source == source:
            days[flow.on] = days.get(flow.on, 0) + flow.minor
    for day in sorted({*days, on}):
        left += days.get(day, 0)
        if day >= on:
            least = left if least is None else min(least, left)
    return max(least or 0, 0)
