"""Say which installments a refund on its way holds, and for how long it has held them. Pure.

Nothing is kept of a hold: it follows from the facts on every day anew, so that one that is told
late, ended late or ended before it began needs nothing undone but what was charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forbear.kernel.columns import Bools, Days, Longs, Rows
from forbear.servicing.book import Book, rows_of_accounts, rows_of_facts
from forbear.servicing.fact import FACT_CODE, FactKind, Facts

HOLD, END = FACT_CODE[FactKind.refund_hold], FACT_CODE[FactKind.refund_end]
ONE = np.timedelta64(1, "D")
APART = 1 << 24  # days between the axes of two installments, so that theirs never touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """h refunds that held or hold something, each column shape (h,)."""

    fact: Rows  # the refund that was asked for
    since: Days
    until: Days  # the day of its end, or the one on which it has held as long as it may


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What k installments are held on a day, shape (k,)."""

    days: Longs  # how many of the days since its due day, the day itself among them, do not count
    today: Bools


def holds_of(facts: Facts) -> Holds:
    """Return the refunds that hold something for a day at least, in the order of facts.

    Errors: none.
    Source: house convention L-13: from the day on which it was asked for to the day before its end.
    """
    asked = np.flatnonzero(facts.kind == HOLD)
    since = facts.effective_on[asked]
    until = since + facts.days[asked].astype("timedelta64[D]")
    ended = np.flatnonzero((facts.kind == END) & (facts.about >= 0)) if len(asked) else asked
    np.minimum.at(until, np.searchsorted(asked, facts.about[ended]), facts.effective_on[ended])
    some = until > since
    return Holds(fact=asked[some], since=since[some], until=until[some])


def held_by(book: Book, facts: Facts, holds: Holds) -> tuple[Rows, Rows]:
    """Return the installments that refunds are of, and the place of each one's refund in `holds`.

    One that names a purchase is of its installments; one that names none, of everything that was
    lent on the account by its day.
    Shape:  results (j,); an installment may be of several refunds.
    Errors: none.
    Source: house convention L-13.
    """
    about = facts.about[holds.fact]
    named, whole = np.flatnonzero(about >= 0), np.flatnonzero(about < 0)
    rows, owner = rows_of_facts(book, about[named])
    theirs, whose = rows_of_accounts(book, facts.account[holds.fact[whole]])
    by_then = facts.effective_on[book.installments.fact[theirs]] <= holds.since[whole][whose]
    return (
        np.concatenate([rows, theirs[by_then]]),
        np.concatenate([named[owner], whole[whose[by_then]]]),
    )


def held(book: Book, facts: Facts, holds: Holds, rows: Rows, *, on: np.datetime64) -> Held:
    """Return what installments are held on a day, and of how many days since they fell due.

    Shape:  holds as `holds_of` these facts; rows (k,) ascending.
    Unit:   calendar days; one of which two refunds are is held once.
    Errors: none.
    Source: house convention L-13.
    """
    found = Held(days=np.zeros(len(rows), np.int64), today=np.zeros(len(rows), np.bool_))
    if not len(holds.fact) or not len(rows):
        return found
    theirs, which = held_by(book, facts, holds)
    place = np.minimum(np.searchsorted(rows, theirs), len(rows) - 1)
    asked = rows[place] == theirs
    theirs, which, place = theirs[asked], which[asked], place[asked]
    since = np.maximum(holds.since[which], book.installments.due_on[theirs] + ONE)
    until = np.minimum(holds.until[which], on + ONE)
    np.add.at(found.days, *_alone(place, since, until))
    found.today[place[(holds.since[which] <= on) & (on < holds.until[which])]] = True
    return found


def _alone(place: Rows, since: Days, until: Days) -> tuple[Rows, Longs]:
    """Return spans as places and lengths, each without what an earlier one of its place has."""
    axis = place * APART
    low, high = axis + since.astype(np.int64), axis + until.astype(np.int64)
    some = high > low
    place, low, high = place[some], low[some], high[some]
    order = np.argsort(low, kind="stable")
    place, low, high = place[order], low[order], high[order]
    before = np.r_[low[:1], np.maximum.accumulate(high)[:-1]]
    return place, np.asarray(np.maximum(high - np.maximum(low, before), 0), np.int64)
