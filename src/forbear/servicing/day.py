"""Live one day, or many, with a book: what happened, then what the day itself brings. Pure.

The books of a day follow from the book of the day before and the facts of the day alone. A year is
three hundred and sixty-five such steps, for one account as for a million.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from forbear.kernel.columns import Days, Rows
from forbear.ledger.transfer import Transfers, joined
from forbear.servicing.book import Book, Conditions, first_of_each, rows_of_accounts
from forbear.servicing.booking import BOOKINGS
from forbear.servicing.charge import age, bill_due, fill_room, past_due, penalize
from forbear.servicing.desk import Desk, stirring
from forbear.servicing.earning import accrue_reported
from forbear.servicing.fact import FACT_CODE, Facts
from forbear.servicing.holding import Holds, holds_of
from forbear.servicing.judgment import double
from forbear.servicing.meeting import meet_waiting
from forbear.servicing.revolving import ask_again
from forbear.servicing.suspended import recognize

ONE = np.timedelta64(1, "D")


def happened(
    book: Book,
    facts: Facts,
    today: Rows,
    terms: Conditions,
    *,
    on: np.datetime64,
    holds: Holds | None = None,
) -> Desk:
    """Return the desk after the facts of a day were booked; the book is changed.

    Shape:  today (k,) the facts that count, all of one day, in order; holds as `holds_of` all of
            them, where that is known already.
    Errors: none.
    Source: house convention L-5: within a day facts count by kind and key, never by arrival.
    """
    desk = Desk(book=book, facts=facts, conditions=terms, on=on, holds=holds)
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
    Source: the agreements; house conventions L-1 to L-11.
    """
    return _brought(happened(book, facts, today, terms, on=on))


def _brought(desk: Desk) -> Transfers:
    """Return the transfers of a day after what it brings by itself."""
    bill_due(desk)
    ask_again(desk)
    meet_waiting(desk)
    accrue_reported(desk)
    fill_room(desk)
    late = past_due(desk)
    penalize(desk, late)
    double(desk)
    age(desk, late)
    recognize(desk)
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

    `terms` gives the conditions of a day; `each` is told of every day as it ends. A day looks only
    at the installments that it may change: those of accounts to which something happens, and those
    that are not over. It is as if it looked at all.
    Errors: none.
    Source: house convention L-5.
    """
    order = np.argsort(facts.effective_on, kind="stable")
    days: Days = facts.effective_on[order]
    holds, parts = holds_of(facts), list[Transfers]()
    live = stirring(book.installments, np.arange(len(book.installments.account)))
    on = since
    while on < until:
        low, high = np.searchsorted(days, on), np.searchsorted(days, on + ONE)
        today = order[low:high]
        desk = happened(book, facts, today, terms(on), on=on, holds=holds)
        desk.live = _stirred(book, live, first_of_each(facts.account[today])[0])
        parts.append(_brought(desk))
        assert not isinstance(desk.live, slice)
        live = desk.live  # what the day opened is looked at from now on
        if each is not None:
            each(on, book, parts[-1])
        on += ONE
    return joined(parts)


def _stirred(book: Book, live: Rows, accounts: Rows) -> Rows:
    """Return which installments a day may change, after something happened to some accounts."""
    if not len(accounts):
        return live
    theirs, _ = rows_of_accounts(book, accounts)
    either = np.zeros(len(book.installments.account), np.bool_)
    either[live] = either[theirs] = True
    return stirring(book.installments, np.flatnonzero(either))
