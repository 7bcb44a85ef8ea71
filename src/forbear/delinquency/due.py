"""Say what of each account is due and unpaid on a day. Relational, over frames of any engine.

Pure: no clock, no database, no files. Days are whole numbers from 1970-01-01, money is minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from forbear.kernel.vocabulary import PaymentStage

STAGES = list(PaymentStage)
SETTLED, REVERSED = STAGES.index(PaymentStage.settled), STAGES.index(PaymentStage.reversed)

Frame = nw.LazyFrame[Any]
Frames = Mapping[str, Frame]  # table name → rows, as `batch/frames.py` describes them


def money_in(frames: Frames, *, as_of: int) -> Frame:
    """Return what came in for each account: payments that settled, refunds; reversals negative.

    Shape:  account, paid_on, paid_minor; a row per fact.
    Unit:   minor units; days.
    Errors: none.
    Source: house convention H-3: only settled money moves the books, by its value date.
    """
    payment = frames["payment"].filter(
        nw.col("effective_on") <= as_of, nw.col("stage").is_in([SETTLED, REVERSED])
    )
    signed = nw.when(nw.col("stage") == REVERSED).then(-nw.col("amount_minor"))
    return nw.concat(
        [
            payment.select(
                "account",
                nw.col("effective_on").alias("paid_on"),
                signed.otherwise(nw.col("amount_minor")).alias("paid_minor"),
            ),
            frames["refund"]
            .filter(nw.col("effective_on") <= as_of)
            .select(
                "account",
                nw.col("effective_on").alias("paid_on"),
                nw.col("amount_minor").alias("paid_minor"),
            ),
        ]
    )


def statements(frames: Frames, *, as_of: int) -> Frame:
    """Return the statement that counts for each account that has one: the latest that fell due.

    Shape:  account, statement (its row), statement_due_on, billed_on; a row per account.
    Unit:   days.
    Errors: none.
    Source: house convention H-4: a statement is the whole balance and replaces what was before it.
    """
    billed = frames["due"].filter(
        nw.col("statement"), nw.col("due_on") <= as_of, nw.col("effective_on") <= as_of
    )
    latest = billed.group_by("account").agg(nw.col("nth").max().alias("statement_nth"))
    return billed.join(
        latest, left_on=["account", "nth"], right_on=["account", "statement_nth"]
    ).select(
        "account",
        nw.col("nth").alias("statement_nth"),
        nw.col("due_on").alias("statement_due_on"),
        nw.col("effective_on").alias("billed_on"),
    )


def items(frames: Frames, *, as_of: int) -> Frame:
    """Return every due that stands on a day: the latest statement, and installments not in it.

    Shape:  account, nth (its order in time), due_on, amount_minor, by_statement, later (billed,
            but not due yet on the day).
    Unit:   minor units; days.
    Errors: none.
    Source: house convention H-4.
    """
    known = frames["due"].filter(nw.col("effective_on") <= as_of)
    joined = known.join(statements(frames, as_of=as_of), on="account", how="left")
    none = nw.col("statement_nth").is_null()
    return joined.filter(
        nw.when(nw.col("statement"))
        .then(nw.col("nth") == nw.col("statement_nth"))
        .otherwise(none | (nw.col("due_on") > nw.col("statement_due_on")))
    ).select(
        "account",
        "nth",
        "due_on",
        "amount_minor",
        (~none).alias("by_statement"),
        (nw.col("due_on") > as_of).alias("later"),
    )


def money_since(frames: Frames, *, as_of: int) -> Frame:
    """Return what came in and counts against the dues that stand: after the statement was billed.

    Shape:  account, paid_on, paid_minor; a row per fact.
    Unit:   minor units; days.
    Errors: none.
    Source: house convention H-4: what came in up to the day a statement was billed is in it.
    """
    since = statements(frames, as_of=as_of).select("account", "billed_on")
    return (
        money_in(frames, as_of=as_of)
        .join(since, on="account", how="left")
        .filter(nw.col("billed_on").is_null() | (nw.col("paid_on") > nw.col("billed_on")))
        .select("account", "paid_on", "paid_minor")
    )


def balances(frames: Frames, *, as_of: int) -> Frame:
    """Return what is due and unpaid of each account that has any due or money in, or books here.

    What the books say of an account that is serviced here stands, whatever dues it has.
    Shape:  account, paid_minor, has_dues, due_minor, outstanding_minor (what is billed for later
            days included).
    Unit:   minor units; due_minor and outstanding_minor are never below 0.
    Errors: none.
    Source: house convention H-3 and H-4.
    """
    amount, later = nw.col("amount_minor"), nw.col("later")
    billed = (
        items(frames, as_of=as_of)
        .group_by("account")
        .agg(
            nw.when(~later).then(amount).sum().alias("billed_minor"),
            nw.when(later).then(amount).sum().alias("later_minor"),
            nw.when(~later).then(nw.lit(1)).sum().alias("fell_due"),
        )
    )
    paid = money_since(frames, as_of=as_of).group_by("account").agg(nw.col("paid_minor").sum())
    both = billed.join(paid, on="account", how="left").with_columns(
        nw.col("billed_minor", "later_minor", "fell_due", "paid_minor").fill_null(0)
    )
    owed = nw.col("billed_minor") - nw.col("paid_minor")
    whole = owed + nw.col("later_minor")
    told = frames["owed"].select(
        "account",
        nw.lit(0).cast(nw.Int64).alias("paid_minor"),
        nw.lit(True).alias("has_dues"),
        "due_minor",
        "outstanding_minor",
    )
    counted = both.join(frames["owed"], on="account", how="anti").select(
        "account",
        "paid_minor",
        (nw.col("fell_due") > 0).alias("has_dues"),
        nw.when(owed > 0).then(owed).otherwise(nw.lit(0)).alias("due_minor"),
        nw.when(whole > 0).then(whole).otherwise(nw.lit(0)).alias("outstanding_minor"),
    )
    return nw.concat([counted, told])
