"""Draw how the dues were paid: early, on the day, late, in parts, twice, taken back, on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forbear.demo.accounts import MONTH_DAYS, Accounts, Dues
from forbear.demo.crowd import CHRONIC, PUNCTUAL, Crowd
from forbear.kernel.columns import Bools, Bytes, Days, Ints, Longs

SPLIT_SHARE = 0.07  # dues paid in two parts
SHOWN_ON_ITS_WAY_SHARE = 0.12  # payments that we knew of before they settled
DUPLICATE_SHARE = 0.004  # payments that the source sent to us twice
PARTIAL_SHARE = 0.22  # late accounts with a part of the oldest due paid
TAKEN_BACK_SHARE = 0.015  # late accounts whose payment was reversed
FAILED_SHARE = 0.03
IN_FLIGHT_SHARE = 0.014
REFUND_SHARE = 0.012
LOOK_BACK_DAYS = 150
SPELL_SHARE, SPELL_MEAN_DAYS = 0.5, 25  # current accounts that were late once and paid it all
PAID_DOWN_SHARE = 0.35  # late accounts that were later still a month ago
CURED_BY_PROMISE_SHARE = 0.2  # of late payments of the last months; the others came by themselves
LATEST_STATEMENT_PAYMENT_DAYS = 7  # later ones would fall after the next statement's day


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The dues that were paid in full, every column shape (p,)."""

    at: Longs  # position in the dues
    on: Days  # the day, the later one where it was paid in two parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """Dues of the last months that were paid over five days late, every column shape (c,)."""

    person: Ints
    due_on: Days
    paid_on: Days
    amount_minor: Longs
    promised: Bools  # somebody promised it on the phone; the others came by themselves


def payment_facts(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues, paid: Paid
) -> pl.DataFrame:
    """Return every stage of every payment known at the close of as_of, some of them twice.

    Unit:   minor units; what is split adds up: the second part is the rest.
    Errors: none.
    Source: none.
    """
    parts = (
        _whole(rng, accounts, dues, paid),
        _partial(rng, crowd, accounts, dues),
        _taken_back(rng, accounts, dues),
        _failed(rng, crowd, accounts, dues),
        _in_flight(rng, crowd, accounts, dues),
    )
    facts = pl.concat(parts).with_columns(
        source_key=pl.concat_str("payment_ref", "stage", separator=":")
    )
    again = facts.filter(pl.Series(rng.random(len(facts)) < DUPLICATE_SHARE))
    return pl.concat([facts, again])  # the store keeps each fact once


def rows(
    accounts: Accounts,
    account: Ints,
    name: pl.Series | str,
    stage: str,
    amount_minor: Longs,
    on: Days,
) -> pl.DataFrame:
    """Return one stage of some payments, each named after its account and `name`.

    Errors: none.
    Source: none.
    """
    ref = accounts.ref[account]
    return pl.DataFrame(
        {"account_ref": ref, "amount_minor": amount_minor, "effective_on": on}
    ).select(
        "account_ref",
        pl.concat_str(pl.lit(ref + ":pay:"), pl.lit(name)).alias("payment_ref"),
        pl.lit(stage).alias("stage"),
        "amount_minor",
        "effective_on",
    )


def drawn_paid(rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues) -> Paid:
    """Return when each due was paid that is not meant to be unpaid, and a few coming ones.

    Errors: none.
    Source: none.
    """
    due = ~dues.unpaid & (dues.due_on <= crowd.as_of)
    soon = (dues.due_on > crowd.as_of) & (dues.due_on <= crowd.as_of + 10)
    early = soon & (rng.random(len(due)) < 0.06) & (accounts.late_days[dues.account] == 0)
    at = np.flatnonzero(due | early)
    account, due_on = dues.account[at], dues.due_on[at]
    lateness = _lateness(rng, crowd.habit[accounts.person[account]])
    soonest = np.minimum(lateness, LATEST_STATEMENT_PAYMENT_DAYS)
    lateness = np.where(accounts.by_statement[account], soonest, lateness)
    on = np.maximum(due_on + lateness, accounts.opened_on[account])
    room = np.maximum((crowd.as_of - due_on).astype(np.int64), 0)
    within = due_on + (rng.random(len(at)) * (room + 1)).astype(np.int64)
    on = np.where(on > crowd.as_of, np.minimum(within, crowd.as_of), on)
    on = _after_spells(rng, crowd, accounts, dues, Paid(at=at, on=on))
    return Paid(at=at, on=_paid_down(rng, crowd, accounts, dues, Paid(at=at, on=on)))


def _after_spells(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues, paid: Paid
) -> Days:
    """Return the days of payment where some accounts paid nothing for a while, then all of it.

    Without these, whoever was two months late in the past would still be late today.
    """
    a = len(accounts)
    start = crowd.as_of - rng.integers(1, LOOK_BACK_DAYS, a)
    end = start + 1 + rng.exponential(SPELL_MEAN_DAYS, a).astype(np.int64)
    had = (accounts.late_days == 0) & ~accounts.by_statement & (end <= crowd.as_of)
    had &= rng.random(a) < SPELL_SHARE
    account, due_on = dues.account[paid.at], dues.due_on[paid.at]
    held = had[account] & (due_on >= start[account]) & (due_on < end[account])
    on: Days = np.where(held, np.maximum(paid.on, end[account]), paid.on)
    return on


def _paid_down(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues, paid: Paid
) -> Days:
    """Return the days of payment where some late accounts were later still, and paid part of it."""
    a = len(accounts)
    some = (accounts.late_days > 0) & ~accounts.by_statement & (rng.random(a) < PAID_DOWN_SHARE)
    from_index = accounts.unpaid_from - rng.integers(1, 4, a)
    day = crowd.as_of - rng.integers(1, 29, a)
    account = dues.account[paid.at]
    held = some[account] & (dues.index[paid.at] >= from_index[account])
    on: Days = np.where(held, np.maximum(paid.on, day[account]), paid.on)
    return on


def drawn_cure(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues, paid: Paid
) -> Cure:
    """Return the late payments of the last months, and which of them somebody had promised.

    Errors: none.
    Source: none.
    """
    due_on = dues.due_on[paid.at]
    chosen = (due_on > crowd.as_of - LOOK_BACK_DAYS) & (paid.on > due_on + 5)
    return Cure(
        person=accounts.person[dues.account[paid.at[chosen]]],
        due_on=due_on[chosen],
        paid_on=paid.on[chosen],
        amount_minor=dues.amount_minor[paid.at[chosen]],
        promised=rng.random(int(chosen.sum())) < CURED_BY_PROMISE_SHARE,
    )


def _whole(rng: np.random.Generator, accounts: Accounts, dues: Dues, paid: Paid) -> pl.DataFrame:
    """Pay what was paid in full, some of it in two parts, some of it known before it settled."""
    account, amount = dues.account[paid.at], dues.amount_minor[paid.at]
    n = len(account)
    split = rng.random(n) < SPLIT_SHARE
    first = np.where(split, (amount * rng.uniform(0.3, 0.7, n)).astype(np.int64), amount)
    name = pl.Series(dues.index[paid.at] + 1).cast(pl.String)
    whole = rows(accounts, account, name, "settled", first, paid.on)
    before = whole.filter(pl.Series(rng.random(n) < SHOWN_ON_ITS_WAY_SHARE))
    rest = rows(accounts, account, name + "b", "settled", amount - first, paid.on)
    return pl.concat(
        [
            whole,
            before.with_columns(stage=pl.lit("initiated")),
            rest.filter(pl.Series(split)),
        ]
    )


def _lateness(rng: np.random.Generator, habit: Bytes) -> Longs:
    """Return days from due to payment, negative for early: what comes right by itself is here."""
    m = len(habit)
    punctual = -rng.integers(0, 6, m)
    sloppy = np.where(rng.random(m) < 0.75, -rng.integers(0, 4, m), rng.integers(1, 10, m))
    chronic = np.where(rng.random(m) < 0.45, 0, rng.integers(1, 29, m))
    return np.select([habit == PUNCTUAL, habit == CHRONIC], [punctual, chronic], sloppy)


def oldest_unpaid(accounts: Accounts, dues: Dues) -> tuple[Ints, Longs]:
    """Return the late accounts, and the position of each one's oldest unpaid due.

    A card over a statement late is left out: its latest statement names the whole balance, and a
    payment before it would already be in that figure.

    Shape:  (k,) accounts, rising; (k,) positions in `dues`.
    Errors: none.
    Source: none.
    """
    plain = ~accounts.by_statement | (accounts.late_days < MONTH_DAYS)
    late = (accounts.late_days > 0) & plain
    first = dues.unpaid & late[dues.account]
    first &= dues.index == accounts.unpaid_from[dues.account]
    at = np.flatnonzero(first)
    return dues.account[at], at


def _since(rng: np.random.Generator, crowd: Crowd, due_on: Days) -> Days:
    """Return a day from each due day to as_of."""
    room = (crowd.as_of - due_on).astype(np.int64)
    on: Days = due_on + (rng.random(len(due_on)) * (room + 1)).astype(np.int64)
    return on


def _chosen(rng: np.random.Generator, share: float, n: int) -> Bools:
    return rng.random(n) < share


def _partial(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues
) -> pl.DataFrame:
    """Pay a part, at most half, of what is oldest: the day it is late from stays the same."""
    account, at = oldest_unpaid(accounts, dues)
    some = _chosen(rng, PARTIAL_SHARE, len(at))
    account, at = account[some], at[some]
    amount = (dues.amount_minor[at] * rng.uniform(0.1, 0.5, len(at))).astype(np.int64)
    on = _since(rng, crowd, dues.due_on[at])
    return rows(accounts, account, "part", "settled", amount, on)


def _taken_back(rng: np.random.Generator, accounts: Accounts, dues: Dues) -> pl.DataFrame:
    """Pay the oldest due in full and take it back three days later, as a bank does with a debit."""
    account, at = oldest_unpaid(accounts, dues)
    old_enough = accounts.late_days[account] > 4
    some = old_enough & _chosen(rng, TAKEN_BACK_SHARE, len(at))
    account, at = account[some], at[some]
    on, amount = dues.due_on[at] + 1, dues.amount_minor[at]
    back = rows(accounts, account, "back", "reversed", amount, on + 3)
    return pl.concat([rows(accounts, account, "back", "settled", amount, on), back])


def _failed(rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues) -> pl.DataFrame:
    """Try a payment that fails on the same day."""
    account, at = oldest_unpaid(accounts, dues)
    some = _chosen(rng, FAILED_SHARE, len(at))
    account, at = account[some], at[some]
    on, amount = _since(rng, crowd, dues.due_on[at]), dues.amount_minor[at]
    tried = rows(accounts, account, "failed", "initiated", amount, on)
    return pl.concat([tried, tried.with_columns(stage=pl.lit("failed"))])


def _in_flight(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues
) -> pl.DataFrame:
    """Leave payments on their way: of late accounts, and of dues on the very day."""
    account, at = oldest_unpaid(accounts, dues)
    today = np.flatnonzero(dues.unpaid & (dues.due_on == crowd.as_of))
    today = today[accounts.late_days[dues.account[today]] == 0]
    at = np.concatenate([at, today])
    account = np.concatenate([account, dues.account[today]])
    share = np.where(np.isin(at, today), 0.3, IN_FLIGHT_SHARE)
    some = rng.random(len(at)) < share
    account, at = account[some], at[some]
    on = crowd.as_of - rng.integers(0, 3, len(at))
    return rows(accounts, account, "way", "initiated", dues.amount_minor[at], on)


def refund_facts(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues
) -> pl.DataFrame:
    """Return goods taken back: a small part of a due, never all of what is late.

    Errors: none.
    Source: none.
    """
    late_account, late_at = oldest_unpaid(accounts, dues)
    current = np.flatnonzero(
        (accounts.late_days[dues.account] == 0) & (dues.due_on <= crowd.as_of) & (dues.index == 0)
    )
    at = np.concatenate([late_at, current])
    account = np.concatenate([late_account, dues.account[current]])
    some = _chosen(rng, REFUND_SHARE, len(at))
    account, at = account[some], at[some]
    amount = (dues.amount_minor[at] * rng.uniform(0.02, 0.12, len(at))).astype(np.int64) + 1
    return pl.DataFrame(
        {
            "account_ref": accounts.ref[account],
            "source_key": accounts.ref[account] + ":refund",
            "amount_minor": amount,
            "effective_on": dues.due_on[at],
        }
    )


def settled_facts(
    rng: np.random.Generator, crowd: Crowd, accounts: Accounts, dues: Dues
) -> pl.DataFrame:
    """Return the accounts that were closed: every due is past and paid.

    Errors: none.
    Source: none.
    """
    open_after = np.zeros(len(accounts), bool)
    open_after[dues.account[dues.unpaid | (dues.due_on > crowd.as_of)]] = True
    last = np.full(len(accounts), np.datetime64("1970-01-01", "D"))
    np.maximum.at(last, dues.account, dues.due_on)
    closed = ~open_after & ~accounts.by_statement & (accounts.late_days == 0)
    chosen = np.flatnonzero(closed & _chosen(rng, 0.8, len(accounts)))
    paid_by = np.minimum(last[chosen] + 30, crowd.as_of)
    ref = accounts.ref[chosen]
    return pl.DataFrame(
        {
            "person_ref": crowd.ref[accounts.person[chosen]],
            "account_ref": ref,
            "source_key": ref + ":settled",
            "kind": pl.select(pl.repeat("settled", len(chosen))).to_series(),
            "stage": pl.select(pl.repeat("began", len(chosen))).to_series(),
            "effective_on": paid_by,
        }
    ).select(
        "person_ref",
        "account_ref",
        "source_key",
        "kind",
        "stage",
        pl.lit("").alias("area"),
        pl.col("effective_on").cast(pl.Datetime("us", "UTC")).alias("effective_at"),
    )
