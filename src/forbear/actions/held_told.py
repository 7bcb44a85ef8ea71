"""Say in words what refunds hold: on the page of an account, and on its statement. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from forbear.actions.account_words import HELD, said
from forbear.store.refund import Hold

ONE = timedelta(days=1)


def on_their_way(holds: Iterable[Hold], *, on: date) -> tuple[Hold, ...]:
    """Return the refunds that were asked for by a day and have not ended by it.

    Errors: none.
    """
    return tuple(
        hold for hold in holds if hold.since <= on and (hold.ended_on is None or hold.ended_on > on)
    )


def holding_told(hold: Hold, *, on: date, language: str) -> str:
    """Return what a refund that has not ended by a day holds, or that it holds no more.

    Errors: NotALanguage.
    """
    key = "lapsed" if hold.until <= on else "purchase" if hold.about else "all"
    return said(HELD, key, language).format(
        ref=hold.refund_ref,
        of=hold.purchase_ref,
        since=hold.since,
        last=hold.until - ONE,
        until=hold.until,
        days=hold.days,
    )


def held_between(holds: Iterable[Hold], *, start: date, end: date) -> tuple[Hold, ...]:
    """Return the refunds that held something for a day at least of those from one to another.

    Errors: none.
    """
    return tuple(hold for hold in holds if max(hold.since, start) <= min(hold.over_on - ONE, end))


def held_told(hold: Hold, *, end: date, language: str) -> str:
    """Return on which days a refund held what, as a statement up to a day says it.

    Errors: NotALanguage.
    """
    if hold.over_on > end:
        return holding_told(hold, on=end, language=language)
    key = "purchase_held" if hold.about else "all_held"
    return said(HELD, key, language).format(
        ref=hold.refund_ref, of=hold.purchase_ref, since=hold.since, last=hold.over_on - ONE
    )
