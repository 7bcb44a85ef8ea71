"""Live one day, or many, with a book: what happened, then what the day itself brings. Pure.

The books of a day follow from the book of the day before and the facts of the day alone. A year is
three hundred and sixty-five such steps, for one account as for a million.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forbear.kernel.columns import Days, Rows
from forbear.ledger.transfer import Transfers, joined
from forbear.servicing.book import Book, Conditions
from forbear.servicing.booking import BOOKINGS
from forbear.servicing.charge import age, bill_due, fill_room, penalize
from forbear.servicing.desk import Desk
from forbear.servicing.earning import accrue_reported
from forbear.servicing.fact import FACT_CODE, Facts
from forbear.servicing.meeting import meet_waiting

ONE = np.timedelta64(1, "D")


def happened(
    book: Book, facts: Facts, today: Rows, terms: Conditions, *, on: np.datetime64
) -> Desk:
    """Return the desk after the facts of a day were booked; the book is changed.

    Shape:  today (k,) the facts that count, all of one day, in order.
    Errors: none.
    Source: house convention L-5: within a day facts count by kind and key, never by arrival.
    """
    desk = Desk(book=book, facts=facts, conditions=terms, on=on)
    for kind, booking in BOOKINGS.items() if len(today) else ():
        alike = today[facts.kind[today] == FACT_CODE[kind]]
        while len(alike):  # one fact of each account at a time
            accounts = facts.account[alike]
            first = np.r_[True, accounts[1:] != accounts[:-1]]
            booking(desk, alike[first])
            alike = alike[~first]
    return desk


def closed(
    book: Book, facts: Facts, today: Rows, terms: Conditions, *, on: np.datetime64
) -> Transfers:
    """Return the transfers of one day, its facts and its close; the book is changed to its end.

    Shape:  today (k,) the facts of the day, in order.
    Errors: none.
    Source: the agreements; house conventions L-1 to L-6.
    """
    desk = happened(book, facts, today, terms, on=on)
    bill_due(desk)
    meet_waiting(desk)
    accrue_reported(desk)
    fill_room(desk)
    penalize(desk)
    age(desk)
    return desk.journal.transfers()


def lived(
    book: Book,
    facts: Facts,
    terms: Callable[[np.datetime64], Conditions],
    *,
    since: np.datetime64,
    until: np.datetime64,
    each: Callable[[np.datetime64, Book, Transfers], None] | None = None,
) -> Transfers:
    """Return the transfers of many days, from <= day < until; the book is changed to their end.

    `terms` gives the conditions of a day; `each` is told of every day as it ends.
    Errors: none.
    Source: house convention L-5.
    """
    order = np.argsort(facts.effective_on, kind="stable")
    days: Days = facts.effective_on[order]
    parts: list[Transfers] = []
    on = since
    while on < until:
        low, high = np.searchsorted(days, on), np.searchsorted(days, on + ONE)
        parts.append(closed(book, facts, order[low:high], terms(on), on=on))
        if each is not None:
            each(on, book, parts[-1])
        on += ONE
    return joined(parts)
