"""Say how each person has paid so far: what the points score and the tree are given. Pure."""

from __future__ import annotations

import narwhals as nw

from forbear.delinquency.due import Frame, Frames, items, money_since

YEAR_DAYS = 365
PER_DAY = 1 << 36  # room for the order of what happened within one day


def late_dues(frames: Frames, accounts: Frame, *, as_of: int) -> Frame:
    """Return how often each person closed the due day of an installment without having paid it.

    Shape:  accounts has account, person; result person, late_dues (in the last year), cleared_dues
            (those of them that are paid by now), first_due_on.
    Unit:   dues; day numbers.
    Errors: none.
    Source: house convention H-7: what came in on the due day itself is on time.
    """
    mine = accounts.select("account", "person")
    dues = items(frames, as_of=as_of).filter(~nw.col("later")).join(mine, on="account")
    paid = money_since(frames, as_of=as_of).join(mine, on="account")
    order, zero = nw.col("day").cast(nw.Int64) * PER_DAY, nw.lit(0).cast(nw.Int64)
    events = nw.concat(
        [
            dues.with_columns(day=nw.col("due_on") * 2 + 1, owed=nw.col("amount_minor"), paid=zero)
            .with_columns(order=order + nw.col("nth"), due=~nw.col("by_statement"))
            .select("person", "account", "due_on", "order", "owed", "paid", "due"),
            paid.with_columns(day=nw.col("paid_on") * 2, owed=zero, paid=nw.col("paid_minor"))
            .with_columns(order=order, due=nw.lit(False), due_on=nw.col("paid_on"))
            .select("person", "account", "due_on", "order", "owed", "paid", "due"),
        ]
    )
    running = events.with_columns(
        owed_by_then=nw.col("owed").cum_sum().over("account", order_by="order"),
        paid_by_then=nw.col("paid").cum_sum().over("account", order_by="order"),
        paid_by_now=nw.col("paid").sum().over("account"),
    ).filter(nw.col("due"))
    late = (nw.col("owed_by_then") > nw.col("paid_by_then")) & (
        nw.col("due_on") > as_of - YEAR_DAYS
    )
    cleared = late & (nw.col("owed_by_then") <= nw.col("paid_by_now"))
    return running.group_by("person").agg(
        _count(late).alias("late_dues"),
        _count(cleared).alias("cleared_dues"),
        nw.col("due_on").min().alias("first_due_on"),
    )


def late_reports(frames: Frames, accounts: Frame, *, as_of: int) -> Frame:
    """Return how often each person's source reported them late.

    Shape:  accounts has account, person, days_past_due; result person, late_reports and
            worst_months (in the last year), earlier_reports (before what is late now began),
            first_reported_on.
    Unit:   reports; months; day numbers.
    Errors: none.
    Source: none.
    """
    known = (
        frames["report"]
        .filter(nw.col("effective_on") <= as_of)
        .join(accounts.select("account", "person", "days_past_due"), on="account")
    )
    late = (nw.col("months_late") > 0) & (nw.col("effective_on") > as_of - YEAR_DAYS)
    before = nw.col("effective_on") < nw.lit(as_of) - nw.col("days_past_due")
    return known.group_by("person").agg(
        _count(late).alias("late_reports"),
        _count(late & before).alias("earlier_reports"),
        nw.when(late).then(nw.col("months_late")).max().alias("worst_months"),
        nw.col("effective_on").min().alias("first_reported_on"),
    )


def promises(frames: Frames, clock: Frame, *, planned_on: int) -> Frame:
    """Return each person's promises: those whose day is still to come, and those it has passed.

    Shape:  clock has person, ends_at; result person, open_promises, lapsed_promises (in the last
            year).
    Unit:   promises.
    Errors: none.
    Source: none.
    """
    made = frames["promise"].join(clock.select("person", "ends_at"), on="person")
    made = made.filter(nw.col("at") < nw.col("ends_at"))
    still = nw.col("due_on") >= planned_on
    lapsed = ~still & (nw.col("due_on") >= planned_on - YEAR_DAYS)
    return made.group_by("person").agg(
        _count(still).alias("open_promises"), _count(lapsed).alias("lapsed_promises")
    )


def payments_in_flight(frames: Frames, accounts: Frame, *, planned_on: int) -> Frame:
    """Return the day of each person's youngest payment that has neither settled nor failed.

    Shape:  accounts has account, person; result person, in_flight_on.
    Unit:   day numbers.
    Errors: none.
    Source: regulation §13.19.
    """
    known = frames["payment"].filter(nw.col("effective_on") <= planned_on)
    ended = known.filter(nw.col("stage") != 0).select("payment")
    return (
        known.filter(nw.col("stage") == 0)
        .join(ended, on="payment", how="anti")
        .join(accounts.select("account", "person"), on="account")
        .group_by("person")
        .agg(nw.col("effective_on").max().alias("in_flight_on"))
    )


def _count(where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.lit(1)).otherwise(nw.lit(0)).sum()
