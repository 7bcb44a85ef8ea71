"""Bring the facts of everyone who owes something into one row per person. Pure over frames.

Relational and nothing else: it joins, groups and counts on whatever engine holds the frames. What
follows from the rows is decided elsewhere (`decide.py`), a slice of people at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import reduce

import narwhals as nw

from forbear.batch.frames import day_number
from forbear.batch.history import late_dues, late_reports, payments_in_flight, promises
from forbear.batch.reach import (
    KINDS,
    PHONE,
    best_points,
    calls_in_vain,
    candidate_zones,
    debt_calls,
    failed_streaks,
    in_moratorium,
    own_points,
    used_lately,
)
from forbear.batch.standing import (
    clocks,
    open_disputes,
    person_words,
    settled_accounts,
    withheld_debts,
)
from forbear.delinquency.bucket import Buckets, bucket
from forbear.delinquency.due import Frame, Frames, balances
from forbear.delinquency.state import account_states
from forbear.kernel.days import months_after
from forbear.kernel.vocabulary import OF_A_DEBT, WITHHELD, CreditorType, ProductType

SOME = tuple(kind for kind in OF_A_DEBT if kind not in WITHHELD)
Keep = Callable[[Frame], Frame]  # compute now, because it is read more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The house's numbers that ageing reads."""

    buckets: Buckets
    month_days: int  # rule house.reported_month_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How far back what was tried is counted, and from when."""

    minutes: tuple[int, ...]  # of the planned day: those that a strategy may want a contact at
    streak_days: int  # rule house.failed_call_days
    point_zones: int  # how many zones contact points are in, the unknown one included


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Where everyone stands at the close of the as-of day."""

    clock: Frame  # person, and their own planned day
    accounts: Frame  # of people who owe something or are late, as the planned day will find them
    people: Frame  # person: those people
    movement: Frame  # currency, then, now (positions of buckets), accounts and money
    holders: Frame  # person: everyone who holds an account


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """What the night knows before it decides."""

    people: Frame  # a row per person who owes something or is late
    pairs: Frame  # person, account, currency: what a contact with them may be about
    movement: Frame
    holders: Frame


def assembled(
    frames: Frames, house: House, windows: Windows, *, as_of: date, keep: Keep
) -> Assembled:
    """Return the facts of one night, from the tables of `frames.py`.

    Errors: none; what is not known is null or 0, and the law refuses it.
    Source: none.
    """
    found = aged(frames, house, as_of=as_of, keep=keep)
    return Assembled(
        people=people_rows(frames, found, windows, as_of=as_of, keep=keep),
        pairs=pairs(found),
        movement=found.movement,
        holders=found.holders,
    )


def aged(frames: Frames, house: House, *, as_of: date, keep: Keep) -> Aged:
    """Return where everyone stands at the close of a day, and how it came to that in a month.

    Errors: none.
    Source: delinquency/state.py.
    """
    day = day_number(as_of)
    clock = keep(clocks(frames, planned_on=day + 1))
    states = keep(_states(frames, clock, house, on=day, back_days=1))
    earlier = day_number(months_after(as_of, -1))
    before = _states_then(frames, clock, house, on=earlier, back_days=1 + day - earlier)
    owes = (nw.col("due_minor") > 0) | (nw.col("days_past_due") > 0)
    people = keep(states.filter(owes).select("person").unique("person"))
    theirs = states.join(people, on="person", how="semi")
    return Aged(
        clock=clock,
        accounts=keep(_contactable(frames, clock, theirs, as_of=day)),
        people=people,
        movement=keep(_movement(states, before, house)),
        holders=states.select("person").unique("person"),
    )


def _states(frames: Frames, clock: Frame, house: House, *, on: int, back_days: int) -> Frame:
    settled = settled_accounts(frames, clock, back_days=back_days)
    return account_states(frames, settled, as_of=on, month_days=house.month_days)


def _states_then(frames: Frames, clock: Frame, house: House, *, on: int, back_days: int) -> Frame:
    """Return where accounts stood on an earlier day, those serviced here as their books said then.

    One that its books said nothing of then was not on the books.
    """
    serviced_since = frames["owed"].join(frames["owed_then"], on="account", how="anti")
    then = {**frames, "owed": frames["owed_then"]}
    states = _states(then, clock, house, on=on, back_days=back_days)
    return states.join(serviced_since, on="account", how="anti")


def account_moves(frames: Frames, house: House, *, as_of: date) -> Frame:
    """Return where each account stands and where it stood a month before: the rows of `movement`.

    Shape:  account, person, currency, then (-1 where it was not on the books), now, days_past_due,
            due_minor, outstanding_minor, outstanding_then_minor.
    Errors: none.
    Source: none.
    """
    day, earlier = day_number(as_of), day_number(months_after(as_of, -1))
    clock = clocks(frames, planned_on=day + 1)
    return _moves(
        _states(frames, clock, house, on=day, back_days=1),
        _states_then(frames, clock, house, on=earlier, back_days=1 + day - earlier),
        house,
    )


def _moves(states: Frame, before: Frame, house: House) -> Frame:
    """Return the accounts with the bucket they are in and the one they were in."""
    was = before.select(
        "account",
        bucket(nw.col("days_past_due"), house.buckets).alias("then"),
        nw.col("outstanding_minor").alias("outstanding_then_minor"),
    )
    return (
        states.with_columns(now=bucket(nw.col("days_past_due"), house.buckets))
        .join(was, on="account", how="left")
        .with_columns(nw.col("then").fill_null(-1), nw.col("outstanding_then_minor").fill_null(0))
    )


def _movement(states: Frame, before: Frame, house: House) -> Frame:
    """Return how many accounts and how much money stand in each bucket, and where they came from.

    Shape:  currency, then (-1 where it was not on the books), now, accounts, due_minor,
            outstanding_minor, outstanding_then_minor.
    """
    return (
        _moves(states, before, house)
        .group_by("currency", "then", "now")
        .agg(
            nw.len().alias("accounts"),
            nw.col("due_minor", "outstanding_minor", "outstanding_then_minor").sum(),
        )
    )


def _contactable(frames: Frames, clock: Frame, states: Frame, *, as_of: int) -> Frame:
    """Return the accounts with what is paid, settled or disputed by the planned day.

    Shape:  the columns of `account_states`, owing (something is unpaid on the planned day),
            disputed, a true column per status of OF_A_DEBT, withheld (disputed, or a status keeps
            it from being collected), live (a contact may be about it).
    """
    yes = nw.lit(True)
    disputes = open_disputes(frames, clock)
    whole = disputes.filter(nw.col("account").is_null()).select("person").unique("person")
    some = disputes.filter(~nw.col("account").is_null()).select("account").unique("account")
    tomorrow = balances(frames, as_of=as_of + 1).select(
        "account", nw.col("due_minor").alias("due_tomorrow_minor")
    )
    settled = settled_accounts(frames, clock, back_days=0)
    held = withheld_debts(frames, clock)
    joined = (
        states.join(tomorrow, on="account", how="left")
        .join(settled.with_columns(settled=yes), on="account", how="left")
        .join(some.with_columns(some_disputed=yes), on="account", how="left")
        .join(held.accounts, on="account", how="left")
        .join(held.people, on="person", how="left")
        .join(whole.with_columns(whole_disputed=yes), on="person", how="left")
        .with_columns(
            nw.col("due_tomorrow_minor").fill_null(0),
            nw.col("settled", "some_disputed", "whole_disputed").fill_null(False),
            *(
                (
                    nw.col(kind.value).fill_null(0) + nw.col(f"whole_{kind.value}").fill_null(0) > 0
                ).alias(kind.value)
                for kind in OF_A_DEBT
            ),
        )
    )
    owing = (nw.col("due_tomorrow_minor") > 0) & ~nw.col("settled")
    disputed = nw.col("some_disputed") | nw.col("whole_disputed")
    kept_back = reduce(lambda a, b: a | b, (nw.col(k.value) for k in WITHHELD), disputed)
    whole_words = [f"whole_{kind.value}" for kind in OF_A_DEBT]
    return joined.with_columns(
        owing=owing,
        disputed=disputed,
        withheld=kept_back,
        live=owing & ~kept_back & (nw.col("due_minor") > 0),
    ).drop("settled", "some_disputed", "whole_disputed", "due_tomorrow_minor", *whole_words)


def pairs(found: Aged) -> Frame:
    """Return which accounts each person's contact may be about, in every currency.

    Shape:  person, account, currency, live.
    Errors: none.
    Source: none.
    """
    owes = (nw.col("due_minor") > 0) | (nw.col("days_past_due") > 0)
    return found.accounts.filter(owes).select("person", "account", "currency", "live")


def people_rows(frames: Frames, found: Aged, windows: Windows, *, as_of: date, keep: Keep) -> Frame:
    """Return the one row per person; each part has a row where it has anything to say.

    Errors: none.
    Source: none.
    """
    everyone, people, accounts, day = found.clock, found.people, found.accounts, day_number(as_of)
    planned_on = day + 1
    clock = keep(everyone.join(people, on="person", how="semi"))
    own = keep(own_points(frames, everyone, people, planned_on=planned_on))
    best = keep(best_points(own))
    used = used_lately(frames, clock, planned_on=planned_on, minutes=windows.minutes)
    in_vain = calls_in_vain(frames, best, clock, planned_on=planned_on, minutes=windows.minutes)
    parts = [
        _owed(accounts),
        _holdings(accounts),
        frames["person"].select("person", "lot"),
        person_words(frames, clock),
        used,
        debt_calls(frames, accounts, planned_on=planned_on),
        failed_streaks(frames, clock, own, planned_on=planned_on, streak_days=windows.streak_days),
        _own_phones(own),
        candidate_zones(own, windows.point_zones),
        in_moratorium(frames, clock, own, accounts),
        in_vain,
        _points_wide(best),
        late_dues(frames, accounts, as_of=day),
        late_reports(frames, accounts, as_of=day),
        promises(frames, clock, planned_on=planned_on),
        payments_in_flight(frames, accounts, planned_on=planned_on),
    ]
    rows = clock.drop("starts_at", "ends_at")
    return reduce(lambda left, part: left.join(keep(part), on="person", how="left"), parts, rows)


def _owed(accounts: Frame) -> Frame:
    """Return what each person's contact would be about: one currency, and the money due in it.

    Shape:  person, currency, due_minor. The currency in which most is due and may be asked for;
            of equals, the first by name.
    """
    live = nw.when(nw.col("live")).then(nw.col("due_minor")).otherwise(nw.lit(0))
    sums = accounts.group_by("person", "currency").agg(
        live.sum().alias("live_minor"), nw.col("due_minor").sum()
    )
    most = sums.with_columns(most=nw.col("live_minor").max().over("person"))
    most = most.filter(nw.col("live_minor") == nw.col("most"))
    top = most.with_columns(top=nw.col("due_minor").max().over("person"))
    top = top.filter(nw.col("due_minor") == nw.col("top"))
    first = top.group_by("person").agg(nw.col("currency").min())
    amount = nw.when(nw.col("live_minor") > 0).then(nw.col("live_minor"))
    return sums.join(first, on=["person", "currency"]).select(
        "person", "currency", amount.otherwise(nw.col("due_minor")).alias("due_minor")
    )


def _holdings(accounts: Frame) -> Frame:
    """Return, per person, how late they are and whose accounts those are.

    Shape:  person, live (any), owing, undisputed, live_days, days (past due), creditors_undisputed,
            creditors_all (bit masks), least_jurisdiction, most_jurisdiction; held_<why> (some of
            what is owed is kept from collection by that), some_<kind> (some of what may be
            collected is that).
    """
    undisputed = nw.col("owing") & ~nw.col("withheld")
    zero, days = nw.lit(0), nw.col("days_past_due")
    rows = accounts.with_columns(
        _one(nw.col("live")).alias("live"),
        _one(nw.col("owing")).alias("owing"),
        _one(undisputed).alias("undisputed"),
        nw.when(nw.col("live")).then(days).otherwise(zero).alias("live_days"),
        *(
            _one(nw.col("owing") & nw.col(why)).alias(f"held_{why}")
            for why in ("disputed", *(kind.value for kind in WITHHELD))
        ),
        *(_one(undisputed & nw.col(kind.value)).alias(f"some_{kind.value}") for kind in SOME),
        *(
            _one((nw.col("creditor") == i) & within).alias(f"{name}_{i}")
            for name, within in (("theirs", undisputed), ("any", nw.lit(True)))
            for i in range(len(CreditorType))
        ),
        *(
            # An unknown product may be any.
            _one(((nw.col("product") == i) | nw.col("product").is_null()) & within).alias(
                f"{name}_product_{i}"
            )
            for name, within in (("theirs", undisputed), ("any", nw.lit(True)))
            for i in range(len(ProductType))
        ),
    )
    kinds = [f"{name}_{i}" for name in ("theirs", "any") for i in range(len(CreditorType))]
    kinds += [f"{name}_product_{i}" for name in ("theirs", "any") for i in range(len(ProductType))]
    return rows.group_by("person").agg(
        nw.col("live", "owing", "undisputed", "live_days", "days_past_due", *kinds).max(),
        nw.col(*(f"held_{why}" for why in ("disputed", *(k.value for k in WITHHELD)))).max(),
        nw.col(*(f"some_{kind.value}" for kind in SOME)).max(),
        nw.col("jurisdiction").min().alias("least_jurisdiction"),
        nw.col("jurisdiction").max().alias("most_jurisdiction"),
    )


def _own_phones(own: Frame) -> Frame:
    phones = own.filter(nw.col("kind") == PHONE)
    return phones.group_by("person").agg(
        nw.len().alias("phones"), _one(nw.col("invalid")).sum().alias("invalid_phones")
    )


def _points_wide(best: Frame) -> Frame:
    """Return, per person, for each kind of point: the point and its flags."""
    rows = best.with_columns(
        _one(nw.col("invalid")).alias("invalid"), _one(nw.col("refused")).alias("refused")
    )
    return rows.group_by("person").agg(
        *(
            nw.when(nw.col("kind") == i).then(nw.col(name)).max().alias(f"{kind.value}_{name}")
            for i, kind in enumerate(KINDS)
            for name in ("point", "invalid", "refused")
        )
    )


def _one(where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.lit(1)).otherwise(nw.lit(0))
