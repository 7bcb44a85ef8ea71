"""Paying early: what settles all of it on a day, a part paid ahead, a due day moved. Pure.

It reads the dues that stand open and says what would follow; it books nothing. Interest is owed for
the time the money was used and no longer. What is late already is owed beside it: penalties and
costs are the ledger's to tell. Whole numbers of any size are used, so nothing overflows or is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forbear.kernel.columns import Bools, Days, Longs
from forbear.kernel.errors import ForbearError
from forbear.servicing.month import DAY, day_count, day_in, month_of, payable
from forbear.servicing.terms import (
    PPM,
    Billing,
    InterestBy,
    Prepaid,
    Rounding,
    Terms,
    UnbilledFee,
)

Wholes = NDArray[np.object_]  # Python's integers: of any size


class MoreThanOwed(ForbearError):
    """What is to be paid ahead is more than the principal that is not due yet."""

    code = "product.more_than_owed"
    http_status = 422
    what_to_do = "Ask for the amount that settles all of it, or pay less ahead."


class DayNotMovable(ForbearError):
    """The due day cannot be moved there."""

    code = "product.day_not_movable"
    http_status = 422
    what_to_do = "Ask for another day of the month; a loan counted from its own day has none."


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Dues of which something is not paid yet; by account, and then by due day."""

    account: Longs  # (m,) the row of the account it is of, 0..n-1
    start_on: Days  # (m,) the day from which its interest is counted
    bill_on: Days  # (m,)
    due_on: Days  # (m,)
    principal_minor: Longs  # (m,) not paid yet
    interest_minor: Longs  # (m,) of its whole period
    interest_paid_minor: Longs  # (m,) of that, paid already
    fee_minor: Longs  # (m,) not paid yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What settles each account, if it comes in on the day of the quote; (n,) columns."""

    principal_minor: Longs
    interest_minor: Longs  # for the time used
    fee_minor: Longs
    prepayment_fee_minor: Longs
    saved_minor: Longs  # what is scheduled and never comes to be owed

    @property
    def total_minor(self) -> Longs:
        """Return what is to be paid in all."""
        return (
            self.principal_minor + self.interest_minor + self.fee_minor + self.prepayment_fee_minor
        )


def quote(found: Open, terms: Terms, *, accounts: int, on: np.datetime64) -> Quote:
    """Return what settles each account on a day: good to that day, and for no other.

    Shape:  found (m,); result (n,), n being accounts.
    Unit:   minor units.
    Errors: none.
    Source: Civil Code 677: interest for the time used; the product for fees.
    """
    ahead = found.due_on > on
    used = accrued(found, terms, on=on)
    kept = (found.bill_on <= on) | (terms.unbilled_fee is UnbilledFee.kept)
    fee = np.where(kept, found.fee_minor, 0)
    early = _by_account(found, np.where(ahead, found.principal_minor, 0), accounts)
    unpaid = np.maximum(found.interest_minor - found.interest_paid_minor, 0)
    left = (unpaid - used) + (found.fee_minor - fee)
    return Quote(
        principal_minor=_by_account(found, found.principal_minor, accounts),
        interest_minor=_by_account(found, used, accounts),
        fee_minor=_by_account(found, fee, accounts),
        prepayment_fee_minor=_share(
            early, np.full(accounts, terms.prepayment_fee_ppm), np.full(accounts, PPM), terms
        ),
        saved_minor=_by_account(found, left, accounts),
    )


def accrued(found: Open, terms: Terms, *, on: np.datetime64) -> Longs:
    """Return the interest of each due that is owed for the days up to one day, paid parts left out.

    Shape:  found (m,); result (m,).
    Unit:   minor units.
    Errors: none.
    Source: Civil Code 677; by days of its period.
    """
    period = day_count(found.start_on, found.due_on)
    used = day_count(found.start_on, np.minimum(found.due_on, on))
    whole = np.where(period > 0, period, 1)
    share = _share(found.interest_minor, np.where(period > 0, used, 1), whole, terms)
    left: Longs = np.maximum(share - found.interest_paid_minor, 0)
    return left


def after_prepaying(found: Open, paid_minor: Longs, terms: Terms, *, on: np.datetime64) -> Open:
    """Return the dues as they stand once a part of the principal was paid ahead on a day.

    Either the last principals fall away, or each one left is lowered by its share, as the product
    says. Interest is kept for the days used, and follows the balance from the day on; fees not
    billed yet follow the principal where the product waives them.

    Shape:  found (m,), paid_minor (n,); result (m,).
    Unit:   minor units; the sum of the principals falls by exactly what was paid.
    Errors: MoreThanOwed, naming the first account.
    Source: the product; Civil Code 677.
    """
    ahead = found.due_on > on
    there = np.where(ahead, found.principal_minor, 0)
    total = _by_account(found, there, paid_minor.size)
    if (wrong := np.flatnonzero((paid_minor > total) | (paid_minor < 0))).size:
        row = int(wrong[0])
        raise MoreThanOwed(
            f"account {row}: {int(paid_minor[row])} minor units are not between 0 and the"
            f" {int(total[row])} that are not due yet"
        )
    if terms.prepaid is Prepaid.shortens:
        taken = _from_the_end(found, there, paid_minor)
    else:
        taken = _from_each(found, there, total, paid_minor)
    principal = found.principal_minor - taken
    interest = _interest_after(found, principal, ahead, terms, on)
    return replace(
        found,
        principal_minor=principal,
        interest_minor=interest,
        fee_minor=_fees_after(found, principal, ahead, terms, on),
    )


def _from_the_end(found: Open, there: Longs, paid_minor: Longs) -> Longs:
    """Return what is taken from each principal, the last one first."""
    behind = _running(found.account, there[::-1], backward=True)[::-1] - there
    taken: Longs = np.clip(paid_minor[found.account] - behind, 0, there)
    return taken


def _from_each(found: Open, there: Longs, total: Longs, paid_minor: Longs) -> Longs:
    """Return what is taken from each principal, by its share; running sums leave no remainder."""
    upto = _running(found.account, there)
    whole = np.maximum(total[found.account], 1)
    paid = paid_minor[found.account]
    taken: Longs = _floor(paid, upto, whole) - _floor(paid, upto - there, whole)
    return taken


def _interest_after(
    found: Open, principal: Longs, ahead: Bools, terms: Terms, on: np.datetime64
) -> Longs:
    """Return each period's interest: as it was for days used, by the lower balance for the rest."""
    before = _balance(found.account, found.principal_minor)
    after = _balance(found.account, principal)
    period = day_count(found.start_on, found.due_on)
    used = day_count(found.start_on, np.minimum(found.due_on, on))
    known = (period > 0) & (before > 0)
    # Of period x before parts, those used stay whole and the others shrink with the balance.
    parts = _wholes(used) * _wholes(before) + _wholes(period - used) * _wholes(after)
    whole = np.where(known, _wholes(period) * _wholes(before), 1)
    share = _quotient(_wholes(found.interest_minor) * parts, whole, terms.rounding)
    return np.where(ahead & known, share, found.interest_minor)


def _fees_after(
    found: Open, principal: Longs, ahead: Bools, terms: Terms, on: np.datetime64
) -> Longs:
    """Return each fee: lowered with its principal where not billed yet and to be waived."""
    follows = ahead & (found.bill_on > on) & (found.principal_minor > 0)
    if terms.unbilled_fee is UnbilledFee.kept:
        return found.fee_minor
    whole = np.where(follows, found.principal_minor, 1)
    return np.where(follows, _share(found.fee_minor, principal, whole, terms), found.fee_minor)


def after_moving(found: Open, terms: Terms, *, due_day: int, on: np.datetime64) -> Open:
    """Return the dues with a new day of the month; those billed already stay.

    A due day moves later and never earlier: before the old day of the month it means the month
    after. Interest by the day follows the days; interest by the month stays a month's.

    Shape:  found (m,); result (m,).
    Errors: DayNotMovable; CalendarUnknown.
    Source: the product; house convention: nobody is asked to pay sooner than was agreed.
    """
    if terms.billing is not Billing.statement or not 1 <= due_day <= 31:
        raise DayNotMovable(f"{terms.product}: {due_day} is no day of the month it can move to")
    moves = found.bill_on > on
    month = month_of(found.due_on)
    days = np.full(found.due_on.size, due_day)
    here = day_in(month, days, month_end=terms.month_end)
    later = day_in(month + 1, days, month_end=terms.month_end)
    # One answer for all dues of an account, by the first that moves: or two would share a month.
    first = _first(found.account, moves)
    sooner = (here < found.due_on)[first]
    nominal = np.where(moves, np.where(sooner, later, here), found.due_on).astype(DAY)
    due_on = np.where(
        moves, payable(nominal, rest=terms.rest_day, unannounced=terms.unannounced), found.due_on
    ).astype(DAY)
    starts = _starts(found, nominal, moves)
    moved = replace(found, start_on=starts, due_on=due_on)
    if terms.interest_by is InterestBy.month:
        return moved
    period, now = day_count(found.start_on, found.due_on), day_count(starts, nominal)
    share = _share(found.interest_minor, now, np.where(period > 0, period, 1), terms)
    changed = np.where(moves & (period > 0), share, found.interest_minor)
    return replace(moved, interest_minor=changed)


def _starts(found: Open, due_on: Days, moves: Bools) -> Days:
    """Return the day each period begins: where the one before it moved, the day it moved to."""
    same = np.zeros(found.account.size, dtype=np.bool_)
    same[1:] = (found.account[1:] == found.account[:-1]) & moves[:-1]
    starts = found.start_on.copy()
    starts[1:] = np.where(same[1:], due_on[:-1], starts[1:])
    return starts


def _first(account: Longs, moves: Bools) -> Longs:
    """Return for each due the place of the first of its account that moves, or its own."""
    place = np.arange(account.size)
    first = np.full(int(account.max(initial=-1)) + 1, account.size)
    np.minimum.at(first, account[moves], place[moves])
    return np.where(moves, first[account], place)


def _by_account(found: Open, values_minor: Longs, accounts: int) -> Longs:
    sums = np.zeros(accounts, dtype=np.int64)
    np.add.at(sums, found.account, values_minor)
    return sums


def _running(account: Longs, values: Longs, *, backward: bool = False) -> Longs:
    """Return the running sum within each account, each value included."""
    account = account[::-1] if backward else account
    upto = np.cumsum(values)
    begins = np.ones(account.size, dtype=np.bool_)
    begins[1:] = account[1:] != account[:-1]
    places = np.maximum.accumulate(np.where(begins, np.arange(account.size), 0))
    return upto - (upto - values)[places]


def _balance(account: Longs, principal: Longs) -> Longs:
    """Return the principal outstanding in each due's period: its own and every later one."""
    return _running(account, principal[::-1], backward=True)[::-1]


def _wholes(values: Longs) -> Wholes:
    found: Wholes = values.astype(object)
    return found


def _floor(one: Longs, other: Longs, whole: Longs) -> Longs:
    return _longs((_wholes(one) * _wholes(other)) // _wholes(whole))


def _longs(values: Wholes) -> Longs:
    found: Longs = values.astype(np.int64)
    return found


def _share(part: Longs, times: Longs, whole: Longs, terms: Terms) -> Longs:
    """Return part x times / whole, rounded as the product says."""
    return _quotient(_wholes(part) * _wholes(times), _wholes(whole), terms.rounding)


def _quotient(numerator: Wholes, whole: Wholes | Longs, rounding: Rounding) -> Longs:
    whole = whole.astype(object)
    quotient, rest = numerator // whole, numerator % whole
    twice = 2 * rest - whole
    if rounding is Rounding.down:
        return _longs(quotient)
    up = twice > 0 if rounding is Rounding.half_even else twice >= 0
    if rounding is Rounding.half_even:
        up = up | ((twice == 0) & (quotient % 2 == 1))
    return _longs(quotient + up)
