"""What each act's day had used up before it, counted again from what was really done. Pure."""

from __future__ import annotations

import polars as pl

from forbear.audit.act import Log, local
from forbear.audit.breach import speaks
from forbear.audit.known import free_debts
from forbear.audit.numbers import COUNTERS, MEMORY, OF_A_DEBT, Numbers

LATELY = pl.duration(hours=24)
WEEK = 7  # days, the act's own the last of them


def counted(acts: pl.DataFrame, log: Log, rules: tuple[Numbers, ...]) -> pl.DataFrame:
    """Return the acts with what was done to the same person on the same day before each.

    Shape:  the acts, in their order, with the columns of COUNTERS, debt_talked_days (null where
            there was no conversation), failed_streak, failed_streak_days and own_phone_invalid.
    Unit:   counts of the person's own calendar day, or of it and the six before it, over all
            accounts, channels, staff and agencies; of a debt, of the debt called about most; the
            streak is of attempts on own phones since anybody answered.
    Errors: none.
    """
    done = attempts(acts, log)
    voice, up = pl.col("channel_then") == "voice", pl.col("connected")
    today = pl.col("then_on") == pl.col("local_on")
    lately = pl.col("then") > pl.col("at") - LATELY
    this_week = _days_since() < WEEK
    kinds = {
        "effective": voice & pl.col("effective"),
        "connected_notices": voice & up & ~pl.col("interactive"),
        "outbound": pl.lit(True),
    }
    counts = (
        _earlier(acts, done, known="taken_at")
        .filter(~pl.col("inbound"))
        .group_by("act")
        .agg(
            **{f"{name}_today": (kind & today).sum() for name, kind in kinds.items()},
            **{f"{name}_24h": (kind & lately).sum() for name, kind in kinds.items()},
            outbound_7d=this_week.sum(),
        )
    )
    found = acts.join(counts, on="act", how="left").join(_in_vain(acts, log), on="act", how="left")
    found = found.join(_of_each_debt(acts, done, log, rules), on="act", how="left")
    found = found.with_columns(pl.col(COUNTERS).fill_null(0))
    return found.join(_reach(acts, done, log, rules), on="act", how="left").with_columns(
        pl.col("failed_streak", "failed_streak_days").fill_null(0),
        pl.col("own_phone_invalid").fill_null(False),
    ).sort("act")  # fmt: skip


def attempts(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return all that was done to these people, each with its own local day.

    Shape:  person_id, contact, then, then_on, channel_then, number_then, relation_then, inbound,
            interactive, connected, effective, about, sure, recorded_at, taken_at; a row per
            attempt, and per contact that left without one, of which nobody is sure how it ended.
    Errors: none.
    """
    tried = log["attempt"].select(
        "contact", "person_id", "point", "channel", "inbound", "interactive", "connected",
        "effective", "at", "local_on", "recorded_at", "decided_at", about="accounts",
        sure=pl.lit(True),
    )  # fmt: skip
    unsure = log["unsure"].select(
        "contact", "person_id", "point", "channel", inbound=pl.lit(False),
        interactive=pl.lit(False), connected=pl.lit(False), effective=pl.lit(False),
        at="at", local_on=pl.col("at").dt.date(), recorded_at="known_at",
        decided_at="known_at", about="accounts", sure=pl.lit(False),
    )  # fmt: skip
    zones = acts.group_by("person_id").agg(pl.col("zone").last())
    every = pl.concat([tried, unsure.select(tried.columns)]).join(zones, on="person_id", how="left")
    points = log["point"].select("point", number_then="number", relation_then="relation")
    every = local(every, "at", "zone").join(points, on="point", how="left")
    return every.select(
        "person_id", "contact", "number_then", "relation_then", "inbound", "interactive",
        "connected", "effective", "about", "sure", "recorded_at", then="at",
        taken_at=pl.min_horizontal("recorded_at", "decided_at"), channel_then="channel",
        then_on=pl.coalesce(pl.col("clock").dt.date(), pl.col("local_on")),
    )  # fmt: skip


def _earlier(acts: pl.DataFrame, done: pl.DataFrame, *, known: str) -> pl.DataFrame:
    """Return each act with what was done to the same person before it and known by then.

    `known` is "taken_at" where the place counts that it took, which it took when it was decided,
    and "recorded_at" where it counts how it ended.
    """
    joined = acts.select(
        "act", "person_id", "number", "at", "known_at", "ruled_at", "local_on", mine="contact"
    ).join(done, on="person_id")
    # Of two at one instant the one that was decided first came first, and of two decided at once
    # the one with the lower id; an act never comes before itself.
    first = (pl.col("taken_at") < pl.col("ruled_at")) | (
        (pl.col("taken_at") == pl.col("ruled_at")) & (pl.col("contact") < pl.col("mine"))
    )
    tied = (pl.col("then") == pl.col("at")) & first.fill_null(False)
    return joined.filter(
        (pl.col("then") < pl.col("at")) | tied, pl.col(known) <= pl.col("known_at"),
        (pl.col("contact") != pl.col("mine")).fill_null(True),
    )  # fmt: skip


def _days_since() -> pl.Expr:
    return (pl.col("local_on") - pl.col("then_on")).dt.total_days()


def _of_each_debt(
    acts: pl.DataFrame, done: pl.DataFrame, log: Log, rules: tuple[Numbers, ...]
) -> pl.DataFrame:
    """Return the calls about the debt called about most, and how long ago one was talked about.

    Of the acts alone that a rule about it speaks of. A call of which nobody knows what it was
    about was about every debt; one that the person began is no call to them, and a talk if
    it was answered.
    """
    about = [r for r in rules if r.kind == "wait_after_talk" or r.value.get("counts") in OF_A_DEBT]
    asking = acts.filter(pl.any_horizontal(pl.lit(False), *(speaks(rule) for rule in about)))
    calls = _earlier(asking, done, known="taken_at").filter(
        pl.col("channel_then") == "voice", _days_since() < WEEK
    ).join(free_debts(asking, log), on="act").filter(
        pl.col("about").is_null() | pl.col("about").list.contains(pl.col("account_id"))
    )  # fmt: skip
    talked = pl.col("effective") | (pl.col("inbound") & pl.col("connected"))
    talked &= pl.col("recorded_at") <= pl.col("known_at")  # nobody knows before it ends
    each = calls.group_by("act", "account_id").agg(
        placed=(~pl.col("inbound")).sum(),
        ago=_days_since().filter(talked).min(),
    )
    return each.group_by("act").agg(
        debt_calls_7d=pl.col("placed").max(), debt_talked_days=pl.col("ago").min()
    )


def _in_vain(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return the calls in vain to each act's number, whoever it was called about."""
    calls = acts.filter(pl.col("kind") == "phone").select(
        "act", "number", "at", "known_at", "local_on", mine="contact"
    ).join(log["vain"].rename({"at": "then", "local_on": "then_on"}), on="number").filter(
        pl.col("then_on") <= pl.col("local_on"), pl.col("recorded_at") <= pl.col("known_at"),
        pl.col("then") <= pl.col("at"), (pl.col("contact") != pl.col("mine")).fill_null(True),
    )  # fmt: skip
    return calls.group_by("act").agg(
        unanswered_point_today=(pl.col("then_on") == pl.col("local_on")).sum(),
        unanswered_point_24h=(pl.col("then") > pl.col("at") - LATELY).sum(),
    )


def _memory(rules: tuple[Numbers, ...]) -> pl.Expr:
    """Return how many days a call in vain is remembered on each act's day; 0 where nobody says."""
    found = pl.lit(None, pl.Int64)
    for rule in rules:
        if rule.topic == MEMORY:
            here = (pl.col("local_on") >= rule.start) & (pl.col("local_on") < rule.end)
            said = pl.when(here).then(rule.count("days"))
            found = pl.min_horizontal(found, said)
    return found.fill_null(0)


def _reach(
    acts: pl.DataFrame, done: pl.DataFrame, log: Log, rules: tuple[Numbers, ...]
) -> pl.DataFrame:
    """Return whether the obligor was out of reach, for the acts that depend on it."""
    asking = acts.filter(pl.col("purpose") == "locate")
    calls = _earlier(asking, done, known="recorded_at")
    voice = pl.col("channel_then") == "voice"
    theirs = pl.col("relation_then") == "obligor"
    answer = pl.col("inbound") | (
        voice & pl.col("connected") & (theirs | pl.col("relation_then").is_null())
    )
    last = calls.filter(answer).group_by("act").agg(answered=pl.col("then").max())
    failed = calls.filter(voice, theirs, "sure", ~pl.col("inbound"), ~pl.col("connected"))
    failed = failed.join(last, on="act", how="left").filter(
        pl.col("answered").is_null() | (pl.col("then") > pl.col("answered")),
        (pl.col("local_on") - pl.col("then_on")).dt.total_days() < _memory(rules),
    )
    streak = failed.group_by("act").agg(
        failed_streak=pl.len(), failed_streak_days=pl.col("then_on").n_unique()
    )
    found = asking.select("act").join(streak, on="act", how="left")
    return found.join(_no_phone(asking, log), on="act", how="left")


def _no_phone(asking: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return whether every own phone of the person was known not to work."""
    day = pl.col("local_on")
    own = asking.select("act", "person_id", "at", "known_at", "local_on").join(
        log["point"].filter(pl.col("kind") == "phone", pl.col("relation") == "obligor").select(
            "person_id", "point", "effective_on", "ends_on"
        ),
        on="person_id",
    ).filter(
        pl.col("effective_on") <= day, pl.col("ends_on").is_null() | (day < pl.col("ends_on"))
    )  # fmt: skip
    works = log["point_stage"].filter(pl.col("stage").is_in(["verified", "invalid"]))
    said = own.join(works.select("point", "stage", "recorded_at", since="at"), on="point")
    said = said.filter(pl.col("since") <= pl.col("at"), pl.col("recorded_at") <= pl.col("known_at"))
    strict = pl.col("stage") == "invalid"
    latest = (
        said.with_columns(strict=strict)
        .sort("since", "strict")
        .group_by("act", "point", maintain_order=True)
        .last()
        .select("act", "point", broken=pl.col("stage") == "invalid")
    )
    each = own.join(latest, on=["act", "point"], how="left")
    return each.group_by("act").agg(own_phone_invalid=pl.col("broken").fill_null(False).all())
