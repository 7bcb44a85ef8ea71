"""Draw what was tried so far: calls and messages by the lender, its agencies and bots, and the end
of each; and what followed from it: promises, stop requests, numbers found dead.

The history keeps the rules that the book's lender must keep: three effective calls and six contacts
a day at the most, nobody called after they asked to be left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forbear.demo.accounts import Accounts, Dues
from forbear.demo.attempts import drawn_attempts
from forbear.demo.crowd import Crowd
from forbear.demo.payments import Cure, oldest_unpaid
from forbear.demo.points import Points
from forbear.demo.requests import Requests
from forbear.kernel.vocabulary import CONNECTED, EFFECTIVE

NOTES = {
    "talked": ("本人接听，称本周内处理。", "Talked to the borrower; will see to it this week."),
    "promised": ("本人承诺按约定日期还款。", "Promised to pay on the day agreed."),
    "hardship": ("称近期收入减少，询问可否延期。", "Income fell; asks whether the date can move."),
    "third_party": ("家人接听，未透露任何信息。", "A relative answered; nothing was disclosed."),
    "disputed": ("称已退货，对账单有异议。", "Says the goods were returned; disputes the bill."),
}
EFFECTIVE_A_DAY, OUTBOUND_A_DAY = 3, 6
KEPT_PARTIAL_SHARE = 0.35
UNKNOWN_PROMISE_MINOR = 300_00  # where the debt is one that only statements tell


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The facts of what was tried and what followed."""

    attempts: pl.DataFrame
    dispositions: pl.DataFrame
    promises: pl.DataFrame
    kept: pl.DataFrame  # payments that kept a promise of a part: the debt is late as before
    consents: pl.DataFrame  # those who asked a collector to stop
    disputes: pl.DataFrame  # those who disputed on the phone
    stages: pl.DataFrame  # numbers found dead, contact persons who refused


def drawn_history(
    rng: np.random.Generator,
    crowd: Crowd,
    *,
    points: Points,
    requests: Requests,
    cure: Cure,
    owed: pl.DataFrame,
) -> History:
    """Return the history of attempts, lawful in itself, and the facts that followed from it.

    Shape:  owed has one row for each late person: person, account_ref, due_minor.

    Errors: none.
    Source: none.
    """
    tried = drawn_attempts(rng, crowd, points, cure)
    tried = _before_silence(tried, requests)
    tried = _until_told(tried)
    tried = within_caps(tried)
    tried = tried.sort("person", "at", "kind_order", maintain_order=True).with_columns(
        source_key=pl.concat_str(
            "person_ref", pl.lit(":attempt:"), pl.int_range(1, pl.len() + 1).over("person")
        )
    )
    promises, kept = _promises(rng, crowd, tried, cure, owed)
    return History(
        attempts=_attempt_facts(tried),
        dispositions=_disposition_facts(rng, tried),
        promises=promises,
        kept=kept,
        consents=_stop_facts(tried),
        disputes=_dispute_facts(tried, owed),
        stages=_stage_facts(tried),
    )


def _before_silence(tried: pl.DataFrame, requests: Requests) -> pl.DataFrame:
    """Drop what was sent to people after they, or the law, asked for silence."""
    silent = requests.silent_from
    everywhere = silent.filter(pl.col("channel") == "").select(
        "person", pl.col("at").alias("all_at")
    )
    everywhere = everywhere.group_by("person").agg(pl.col("all_at").min())
    one = silent.filter(pl.col("channel") != "").rename({"at": "one_at"})
    joined = tried.join(everywhere, on="person", how="left", maintain_order="left").join(
        one, on=["person", "channel"], how="left", maintain_order="left"
    )
    later = (pl.col("at") >= pl.col("all_at")) | (pl.col("at") >= pl.col("one_at"))
    keep = pl.col("inbound") | ~later.fill_null(value=False)
    return joined.filter(keep).drop("all_at", "one_at")


def _until_told(tried: pl.DataFrame) -> pl.DataFrame:
    """Drop what came after somebody asked to stop or disputed, or after the number was dead."""
    told = pl.col("code").is_in(["asked_to_stop", "disputed"])
    stop = pl.col("at").filter(told).min().over("person")
    dead = pl.col("at").filter(pl.col("code") == "number_invalid").min().over("point")
    refused = pl.col("at").filter(pl.col("code") == "third_party_refused").min().over("point")
    by_phone = pl.col("channel").is_in(["voice", "sms"])
    over = (pl.col("at") > stop) & ~pl.col("inbound")
    over = over.fill_null(value=False)
    gone = ((pl.col("at") > pl.min_horizontal(dead, refused)) & by_phone).fill_null(value=False)
    return tried.filter(~over & ~gone)


def within_caps(tried: pl.DataFrame) -> pl.DataFrame:
    """Return attempts without the fourth effective call and the seventh contact of any day.

    Errors: none.
    Source: cn.gbt_45251_2025.effective_calls_per_day, house.contacts_per_day.
    """
    order = tried.sort("person", "at", "kind_order", maintain_order=True)
    ours = ~pl.col("inbound")
    for counted, most in (
        (ours & pl.col("code").is_in([c.value for c in EFFECTIVE]), EFFECTIVE_A_DAY),
        (ours, OUTBOUND_A_DAY),
    ):
        so_far = counted.cast(pl.Int32).cum_sum().over("person", "local_on")
        order = order.filter((so_far <= most) | ~counted)
    return order


def _attempt_facts(tried: pl.DataFrame) -> pl.DataFrame:
    heard = (pl.col("code") == "delivered") & (pl.col("channel") == "voice")
    return tried.select(
        "person_ref",
        "source_key",
        pl.col("point").alias("contact_point_key"),
        "channel",
        "inbound",
        "interactive",
        (pl.col("code").is_in([c.value for c in CONNECTED]) | heard).alias("connected"),
        pl.col("code").is_in([c.value for c in EFFECTIVE]).alias("effective"),
        "at",
        "local_on",
        "actor",
    )


def _disposition_facts(rng: np.random.Generator, tried: pl.DataFrame) -> pl.DataFrame:
    language = rng.random(len(tried)) < 0.97
    written = rng.random(len(tried)) < 0.6
    zh = pl.col("code").replace_strict({c: n[0] for c, n in NOTES.items()}, default=None)
    en = pl.col("code").replace_strict({c: n[1] for c, n in NOTES.items()}, default=None)
    return tried.select(
        pl.col("source_key").alias("attempt_key"),
        pl.concat_str("source_key", pl.lit(":end")).alias("source_key"),
        "code",
        pl.when(pl.Series(written))
        .then(pl.when(pl.Series(language)).then(zh).otherwise(en))
        .alias("note"),
        "actor",
        (pl.col("at") + pl.duration(seconds=90)).alias("effective_at"),
    )


def oldest_owed(accounts: Accounts, dues: Dues) -> pl.DataFrame:
    """Return the oldest unpaid due of each late person's worst account.

    Shape:  person, account_ref, due_minor; one row for each person.
    Errors: none.
    Source: none.
    """
    account, at = oldest_unpaid(accounts, dues)
    frame = pl.DataFrame(
        {
            "person": accounts.person[account],
            "account_ref": accounts.ref[account],
            "due_minor": dues.amount_minor[at],
        }
    )
    return frame.unique("person", keep="first", maintain_order=True)


def _promises(
    rng: np.random.Generator, crowd: Crowd, tried: pl.DataFrame, cure: Cure, owed: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return promises, and the payments that kept one in part; a cure kept one in full."""
    made = _promised(rng, tried, cure, owed)
    past = (pl.col("due_on") <= crowd.as_of.item()) & pl.col("paid_on").is_null()
    # One such promise a person at most: a second could pay off what is meant to stay late.
    first = pl.col("person").is_first_distinct()
    part = past & pl.col("lucky") & pl.col("due_minor").is_not_null() & first
    share = pl.when(part).then(pl.col("due_minor") * 3 // 10).otherwise("due_minor")
    made = made.with_columns(
        part=part,
        amount_minor=pl.coalesce("cure_minor", share, UNKNOWN_PROMISE_MINOR).clip(lower_bound=1),
    )
    kept = made.filter("part").select(
        "account_ref",
        pl.col("source_key").alias("payment_ref"),
        pl.lit("settled").alias("stage"),
        "amount_minor",
        pl.col("due_on").alias("effective_on"),
        pl.concat_str("source_key", pl.lit(":settled")).alias("source_key"),
    )
    promises = made.select(
        "person_ref",
        "source_key",
        "amount_minor",
        pl.lit("CNY").alias("currency"),
        "due_on",
        pl.col("at").alias("effective_at"),
        "actor",
    )
    return promises, kept


def _promised(
    rng: np.random.Generator, tried: pl.DataFrame, cure: Cure, owed: pl.DataFrame
) -> pl.DataFrame:
    """Return the promises made, with the payment that cured the debt and what is owed today."""
    cured = (
        pl.DataFrame(
            {
                "person": cure.person,
                "local_on": cure.due_on + 2,
                "paid_on": cure.paid_on,
                "cure_minor": cure.amount_minor,
            }
        )
        .filter(pl.Series(cure.promised))
        .unique(["person", "local_on"], keep="first", maintain_order=True)
    )
    made = (
        tried.filter(pl.col("code") == "promised")
        .join(cured, on=["person", "local_on"], how="left", maintain_order="left")
        .join(owed, on="person", how="left", maintain_order="left")
    )
    return made.with_columns(
        pl.Series("days", rng.integers(1, 8, len(made))),
        pl.Series("lucky", rng.random(len(made)) < KEPT_PARTIAL_SHARE),
    ).with_columns(
        due_on=pl.coalesce("paid_on", pl.col("local_on") + pl.duration(days="days")),
        source_key=pl.concat_str("source_key", pl.lit(":promise")),
    )


def _stop_facts(tried: pl.DataFrame) -> pl.DataFrame:
    return tried.filter(pl.col("code") == "asked_to_stop").select(
        "person_ref",
        pl.concat_str("source_key", pl.lit(":stop")).alias("source_key"),
        pl.lit("cease_request").alias("kind"),
        pl.lit("given").alias("state"),
        pl.lit("").alias("channel"),
        pl.col("at").alias("effective_at"),
    )


def _dispute_facts(tried: pl.DataFrame, owed: pl.DataFrame) -> pl.DataFrame:
    disputed = tried.filter(pl.col("code") == "disputed")
    return disputed.join(owed, on="person", how="left", maintain_order="left").select(
        "person_ref",
        "account_ref",
        pl.concat_str("source_key", pl.lit(":dispute")).alias("source_key"),
        pl.concat_str("source_key", pl.lit(":dispute")).alias("dispute_ref"),
        pl.lit("opened").alias("stage"),
        pl.col("at").alias("effective_at"),
    )


def _stage_facts(tried: pl.DataFrame) -> pl.DataFrame:
    words = {"number_invalid": "invalid", "third_party_refused": "refused"}
    found = tried.filter(pl.col("code").is_in(list(words)) & pl.col("point").is_not_null())
    return found.select(
        pl.col("point").alias("contact_point_key"),
        pl.concat_str("source_key", pl.lit(":stage")).alias("source_key"),
        pl.col("code").replace_strict(words).alias("stage"),
        pl.col("at").alias("effective_at"),
    )
