"""What was done, to whom, by whose clock: one row for each contact that left or may have. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from forbear.kernel.days import zone_named

Log = Mapping[str, pl.DataFrame]  # as `store/audit.py` hands it over
NOT_MADE = ("", "listed", "queued", "failed", "dead", "cancelled")  # states of what never left
ELSEWHERE = r"^(import|demo):"  # what a lender's own history says was done before, or by others
NOW = pl.datetime(9999, 12, 31, time_zone="UTC")


def acts(log: Log, *, known_now: bool) -> pl.DataFrame:
    """Return what was done by this installation, with whose point it was and their own clock.

    Shape:  one row a contact that left, may have left, or was never decided on; columns act,
            contact, person_id, channel, purpose, point, at, known_at, decided, jurisdiction, zone,
            born_on, local_on, minute, relation, number, kind, has_point, ruled_at,
            days: the days it was there, wherever the person may have been.
    Unit:   `minute` of the person's own day, null where their zone is not known; `known_at` is the
            instant of the decision, or the end of time where `known_now`: facts recorded later do
            not count against a decision, but they show what it should have been.
    Errors: none.
    """
    done = log["attempt"].filter(~pl.col("inbound"))
    tried = done.filter(pl.col("contact").is_not_null()).select("contact", tried_at="at")
    made = (
        log["contact"]
        .join(tried, on="contact", how="left")
        .filter(~pl.col("state").is_in(NOT_MADE) | pl.col("tried_at").is_not_null())
        .select(
            "contact", "person_id", "channel", "purpose", "point",
            pl.coalesce("tried_at", "at").alias("at"), "known_at", "allowed",
            decided=pl.lit(True),
        )
    )  # fmt: skip
    undecided = (
        done.filter(~pl.col("source").str.contains(ELSEWHERE))
        .join(log["contact"].select("contact"), on="contact", how="anti")
        .select(
            "contact", "person_id", "channel", pl.lit("").alias("purpose"), "point", "at",
            pl.col("recorded_at").alias("known_at"), pl.lit(True).alias("allowed"),
            decided=pl.lit(False),
        )
    )  # fmt: skip
    found = pl.concat([made, undecided]).sort("at", "contact").with_row_index("act")
    found = found.with_columns(ruled_at="known_at")
    if known_now:
        found = found.with_columns(known_at=NOW)
    clocked = _placed(_clocked(found, log["profile"]), log["account"])
    return _everywhere(_pointed(clocked, log["point"]), log["point"])


def local(frame: pl.DataFrame, at: str, zone: str) -> pl.DataFrame:
    """Return a frame with the column `clock`: an instant by the clock of each row's own zone.

    Unit:   a local date and time; null where the zone is none that is known.
    Errors: none.
    """
    parts = [
        some.with_columns(
            clock=pl.col(at).dt.convert_time_zone(str(name)).dt.replace_time_zone(None)
            if name and zone_named(str(name))
            else pl.lit(None, pl.Datetime("us"))
        )
        for (name,), some in frame.group_by(zone, maintain_order=True)
    ]
    return pl.concat(parts) if parts else frame.with_columns(clock=pl.lit(None, pl.Datetime("us")))


def _clocked(found: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """Add who the person was known to be, and their own day and minute."""
    known = found.select("act", "person_id", "at", "known_at").join(profiles, on="person_id")
    known = local(known.filter(pl.col("recorded_at") <= pl.col("known_at")), "at", "zone")
    day = pl.coalesce(pl.col("clock").dt.date(), pl.col("at").dt.date())
    best = (
        known.filter(pl.col("effective_on") <= day)
        .sort("effective_on", "recorded_at", "source_key", descending=[True, True, False])
        .group_by("act", maintain_order=True)
        .agg(
            pl.col("jurisdiction", "zone", "clock").first(),
            pl.col("born_on").drop_nulls().first(),  # a later profile takes no birthday back
        )
    )
    clock = pl.col("clock").dt
    return found.join(best, on="act", how="left").with_columns(
        local_on=pl.coalesce(clock.date(), pl.col("at").dt.date()),
        minute=clock.hour().cast(pl.Int32) * 60 + clock.minute().cast(pl.Int32),
    ).sort("act").drop("clock")  # fmt: skip


def _placed(found: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Take the place of the accounts, where it is one, for people of whom no place is known."""
    one = accounts.group_by("person_id").agg(
        theirs=pl.col("jurisdiction").first(), places=pl.col("jurisdiction").n_unique()
    ).filter(pl.col("places") == 1)  # fmt: skip
    said = pl.when(pl.col("jurisdiction") != "").then(pl.col("jurisdiction"))
    return (
        found.join(one.select("person_id", "theirs"), on="person_id", how="left")
        .with_columns(jurisdiction=pl.coalesce(said, pl.col("theirs"), pl.lit("")))
        .drop("theirs")
        .sort("act")
    )


def _everywhere(found: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Add the first and the last minute, and the days, that any clock shows where they may be.

    Their own numbers and addresses name zones besides their own; one that nobody knows makes the
    hour unknown.
    """
    own = points.filter(pl.col("relation") == "obligor", pl.col("zone") != "")
    day, ends = pl.col("local_on"), pl.col("ends_on")
    there = found.select("act", "person_id", "at", "local_on").join(
        own.select("person_id", "effective_on", "ends_on", elsewhere="zone"), on="person_id"
    ).filter(pl.col("effective_on") <= day, ends.is_null() | (day < ends))  # fmt: skip
    clock = pl.col("clock").dt
    minutes = local(there, "at", "elsewhere").select(
        "act",
        shown=clock.hour().cast(pl.Int32) * 60 + clock.minute().cast(pl.Int32),
        shown_on=clock.date(),
    )
    others = minutes.group_by("act").agg(
        least=pl.col("shown").min(),
        most=pl.col("shown").max(),
        lost=pl.col("shown").is_null().any(),
        also_on=pl.col("shown_on").unique(),
    )
    known = found.join(others, on="act", how="left").with_columns(
        minute=pl.when(pl.col("lost").fill_null(False)).then(None).otherwise(pl.col("minute"))
    )
    told = pl.when(pl.col("minute").is_not_null())
    return known.with_columns(
        least_minute=told.then(pl.min_horizontal("minute", "least")),
        most_minute=told.then(pl.max_horizontal("minute", "most")),
        days=told.then(pl.concat_list("local_on", pl.col("also_on").fill_null([])).list.unique()),
    ).drop("least", "most", "lost", "also_on").sort("act")  # fmt: skip


def _pointed(found: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Add whose contact point it was, and whether it held that day."""
    of = points.select("point", "relation", "number", "kind", "effective_on", "ends_on")
    joined = found.join(of, on="point", how="left").sort("act")
    day, ends = pl.col("local_on"), pl.col("ends_on")
    holds = (pl.col("effective_on") <= day) & (ends.is_null() | (day < ends))
    return joined.with_columns(
        has_point=holds.fill_null(False), relation=pl.col("relation").fill_null("unknown")
    ).drop("effective_on", "ends_on")
