"""Say how late each account is on a day, from its dues, its money and what its source reported.

Pure: no clock, no database, no files. Days are whole numbers from 1970-01-01, money is minor units.
"""

from __future__ import annotations

import narwhals as nw

from forbear.delinquency.due import Frame, Frames, balances, items


def days_past_due(oldest_unpaid_due: nw.Expr, *, as_of: int) -> nw.Expr:
    """Return how many calendar days each account is past due.

    Shape:  oldest_unpaid_due (n,) day numbers, null where nothing is unpaid; result (n,).
    Unit:   calendar days; 0 on the due date, 1 the day after it.
    Errors: none.
    Source: house convention H-2 (the law fixes no day-count for delinquency).
    """
    late = nw.lit(as_of) - oldest_unpaid_due
    return nw.when(late > 0).then(late).otherwise(nw.lit(0))


def latest_reports(frames: Frames, *, as_of: int) -> Frame:
    """Return the last word of each account's source on how late it is.

    Shape:  account, reported_on, months_late; a row per account that has a report.
    Unit:   days; months.
    Errors: none.
    Source: house convention H-5: of two reports for a day the later-sorted, larger one counts.
    """
    known = frames["report"].filter(nw.col("effective_on") <= as_of)
    latest = known.group_by("account").agg(nw.col("nth").max().alias("last"))
    return known.join(latest, left_on=["account", "nth"], right_on=["account", "last"]).select(
        "account", nw.col("effective_on").alias("reported_on"), "months_late"
    )


def oldest_unpaid(frames: Frames, owed: Frame, *, as_of: int) -> Frame:
    """Return the day since which each account has had something unpaid, oldest due met first.

    Shape:  owed has account, paid_minor, reported_on (null where never reported), of accounts with
            something due; result account, oldest_due_on, null where a report speaks for it.
    Unit:   day numbers.
    Errors: none.
    Source: house convention H-2: what came in meets the oldest due first.
    """
    fell = items(frames, as_of=as_of).filter(~nw.col("later"))
    running = nw.col("amount_minor").cum_sum().over("account", order_by="nth")
    return (
        fell.join(owed, on="account", how="inner")
        .with_columns(running_minor=running)
        .filter(
            nw.col("running_minor") > nw.col("paid_minor"),
            nw.col("reported_on").is_null() | (nw.col("due_on") > nw.col("reported_on")),
        )
        .group_by("account")
        .agg(nw.col("due_on").min().alias("oldest_due_on"))
    )


def reported_days(*, as_of: int, month_days: int) -> nw.Expr:
    """Return how late the last report makes each account on a day.

    Shape:  reads reported_on, months_late, due_minor and has_dues of each row; result (n,).
    Unit:   calendar days.
    Errors: none.
    Source: house convention H-5: a report of the day itself is taken at its word; an older one
            ages until everything due is paid. Rule house.reported_month_days.
    """
    since = nw.lit(as_of) - nw.col("reported_on")
    months = nw.col("months_late") * month_days
    stands = (nw.col("due_minor") > 0) | ~nw.col("has_dues") | (since == 0)
    late = nw.col("reported_on").is_null() | (nw.col("months_late") <= 0) | ~stands
    return nw.when(late).then(nw.lit(0)).otherwise(months + since)


def account_states(frames: Frames, settled: Frame, *, as_of: int, month_days: int) -> Frame:
    """Return what is due of each account that is on the books on a day, and how late it is.

    Of an account that is serviced here the books say both, and no report does.
    Shape:  settled has account, of those paid off or settled by the day; result account, person,
            currency, creditor, product, jurisdiction, due_minor, outstanding_minor, days_past_due;
            a row per account opened by the day. A settled account owes nothing.
    Unit:   minor units, never below 0; calendar days.
    Errors: none.
    Source: house conventions H-2 to H-5; status `settled` ends an account's delinquency.
    """
    held = frames["account"].filter(nw.col("opened_on").is_null() | (nw.col("opened_on") <= as_of))
    money = ["due_minor", "outstanding_minor", "paid_minor"]
    known = (
        held.select("account", "person", "currency", "creditor", "product", "jurisdiction")
        .join(balances(frames, as_of=as_of), on="account", how="left")
        .join(_unserviced(frames, latest_reports(frames, as_of=as_of)), on="account", how="left")
        .join(settled.select("account", nw.lit(True).alias("settled")), on="account", how="left")
        .with_columns(nw.col(*money).fill_null(0), nw.col("has_dues", "settled").fill_null(False))
    )
    owed = known.filter(nw.col("due_minor") > 0).select("account", "paid_minor", "reported_on")
    oldest = oldest_unpaid(frames, _unserviced(frames, owed), as_of=as_of)
    told = frames["owed"].select("account", nw.col("oldest_due_on").cast(nw.Int32))
    since = nw.concat([oldest.select("account", nw.col("oldest_due_on").cast(nw.Int32)), told])
    aged = known.join(since, on="account", how="left")
    derived = days_past_due(nw.col("oldest_due_on"), as_of=as_of)
    reported = reported_days(as_of=as_of, month_days=month_days)
    late = nw.max_horizontal(derived, reported)
    zero = nw.lit(0)
    open_ = ~nw.col("settled")
    return aged.select(
        "account",
        "person",
        "currency",
        "creditor",
        "product",
        "jurisdiction",
        nw.when(open_).then(nw.col("due_minor")).otherwise(zero).alias("due_minor"),
        nw.when(open_).then(nw.col("outstanding_minor")).otherwise(zero).alias("outstanding_minor"),
        nw.when(open_).then(late).otherwise(zero).alias("days_past_due"),
    )


def _unserviced(frames: Frames, rows: Frame) -> Frame:
    """Return the rows of accounts that the books here say nothing of."""
    return rows.join(frames["owed"], on="account", how="anti")
