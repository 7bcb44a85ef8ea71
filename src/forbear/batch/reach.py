"""Say where each person can be reached, and what the planned day's budget has used already.

Pure over frames. Attempted, connected and effective are three counters, never merged; a contact
that is allowed and not made yet counts as used.
"""

from __future__ import annotations

import narwhals as nw

from forbear.batch.standing import standing
from forbear.delinquency.due import Frame, Frames
from forbear.kernel.vocabulary import Channel, PointKind, PointStage, Relation

STAGES, KINDS = list(PointStage), list(PointKind)
VERIFIED, INVALID = STAGES.index(PointStage.verified), STAGES.index(PointStage.invalid)
REFUSED = STAGES.index(PointStage.refused)
OBLIGOR = list(Relation).index(Relation.obligor)
VOICE = list(Channel).index(Channel.voice)
PHONE = KINDS.index(PointKind.phone)
YES = nw.lit(True)


def own_points(frames: Frames, clock: Frame, people: Frame, *, planned_on: int) -> Frame:
    """Return the people's own contact points that are valid on the planned day.

    Shape:  clock has person, starts_at, ends_at of everyone; people has person; result person,
            point, kind, value, effective_on, invalid, refused, verified.
    Errors: none.
    Source: a refusal holds for the number or address itself, whoever it is listed under (C11).
    """
    stages = (
        frames["point_stage"]
        .join(frames["point"].select("point", "person", "value"), on="point")
        .join(clock.select("person", "starts_at", "ends_at"), on="person")
        .filter(nw.col("at") < nw.col("ends_at"))
    )
    checked = stages.filter(nw.col("stage").is_in([VERIFIED, INVALID]))
    invalid = standing(checked, ["point"], nw.col("stage") == INVALID)
    verified = checked.filter(nw.col("stage") == VERIFIED).select("point").unique("point")
    refused = stages.filter(nw.col("stage") == REFUSED).select("value").unique("value")
    return (
        frames["point"]
        .filter(
            nw.col("relation") == OBLIGOR,
            nw.col("effective_on") <= planned_on,
            nw.col("ends_on").is_null() | (nw.col("ends_on") > planned_on),
        )
        .join(people.select("person"), on="person", how="semi")
        .join(invalid.with_columns(invalid=YES), on="point", how="left")
        .join(verified.with_columns(verified=YES), on="point", how="left")
        .join(refused.with_columns(refused=YES), on="value", how="left")
        .with_columns(nw.col("invalid", "verified", "refused").fill_null(False))
        .select(
            "person", "point", "kind", "value", "effective_on", "invalid", "refused", "verified"
        )
    )


def best_points(own: Frame) -> Frame:
    """Return the one contact point of each kind that each person is best reached at.

    Shape:  the columns of `own_points`; a row per person and kind.
    Errors: none; where every point of a kind is invalid or refused, one of those, so that the rule
            that forbids it can say so.
    Source: house convention H-6: usable, then verified, then the latest, then by its key.
    """
    usable = nw.when(nw.col("invalid") | nw.col("refused")).then(nw.lit(0)).otherwise(nw.lit(2))
    checked = nw.when(nw.col("verified") & ~nw.col("invalid")).then(nw.lit(1)).otherwise(nw.lit(0))
    days = nw.col("effective_on").cast(nw.Int64) + (1 << 22)
    key = (((usable + checked).cast(nw.Int64) * (1 << 23)) + days) * (1 << 31) - nw.col("point")
    return (
        own.with_columns(rank=key)
        .with_columns(best=nw.col("rank").max().over("person", "kind"))
        .filter(nw.col("rank") == nw.col("best"))
        .drop("rank", "best")
    )


def used_today(frames: Frames, people: Frame, *, planned_on: int) -> tuple[Frame, Frame]:
    """Return what has used the planned day's budget: by person, and by number called in vain.

    Shape:  person, effective_today, connected_notices_today, outbound_today; and person, value,
            unanswered. Rows only where there is anything.
    Unit:   contacts. A reserved call counts in every way that it may turn out.
    Errors: none.
    Source: regulation C4, C5, C6: three counters.
    """
    voice = nw.col("channel") == VOICE
    made = frames["attempt"].filter(nw.col("local_on") == planned_on, ~nw.col("inbound"))
    made = made.join(people.select("person"), on="person", how="semi").select(
        "person",
        "point",
        _one(voice & nw.col("effective")).alias("effective_today"),
        _one(voice & nw.col("connected") & ~nw.col("interactive")).alias("connected_notices_today"),
        _one(voice & ~nw.col("connected")).alias("unanswered"),
        nw.lit(1).alias("outbound_today"),
    )
    reserved = frames["reserved"].join(people.select("person"), on="person", how="semi")
    reserved = reserved.select(
        "person",
        "point",
        _one(voice).alias("effective_today"),
        _one(voice).alias("connected_notices_today"),
        _one(voice).alias("unanswered"),
        nw.lit(1).alias("outbound_today"),
    )
    used = nw.concat([made, reserved])
    counters = ["effective_today", "connected_notices_today", "outbound_today"]
    by_number = used.filter(nw.col("unanswered") > 0).join(
        frames["point"].select("point", "value"), on="point"
    )
    return (
        used.group_by("person").agg(nw.col(*counters).sum()),
        by_number.group_by("person", "value").agg(nw.col("unanswered").sum()),
    )


def failed_streaks(frames: Frames, people: Frame, own: Frame, *, planned_on: int) -> Frame:
    """Return the calls to each person's own numbers since they last answered or came to us.

    Shape:  people has person; own as `own_points`; result person, failed_streak,
            failed_streak_days. Rows only where there is a streak.
    Unit:   calls; distinct local days among them.
    Errors: none.
    Source: regulation C15, in its stricter reading.
    """
    voice = nw.col("channel") == VOICE
    tried = (
        frames["attempt"]
        .filter(nw.col("local_on") <= planned_on, nw.col("inbound") | voice)
        .join(people.select("person"), on="person", how="semi")
    )
    reached = tried.filter(nw.col("inbound") | nw.col("connected")).join(
        own.select("point", YES.alias("own")), on="point", how="left"
    )
    answered = (
        reached.filter(nw.col("inbound") | nw.col("point").is_null() | ~nw.col("own").is_null())
        .group_by("person")
        .agg(nw.col("at").max().alias("answered_at"))
    )
    theirs = frames["point"].filter(nw.col("relation") == OBLIGOR).select("point")
    return (
        tried.filter(~nw.col("inbound"), ~nw.col("connected"))
        .join(answered, on="person", how="left")
        .filter(nw.col("answered_at").is_null() | (nw.col("at") > nw.col("answered_at")))
        .join(theirs, on="point", how="semi")
        .group_by("person", "local_on")
        .agg(nw.len().alias("calls"))
        .group_by("person")
        .agg(
            nw.col("calls").sum().alias("failed_streak"),
            nw.len().alias("failed_streak_days"),
        )
    )


def _one(where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.lit(1)).otherwise(nw.lit(0))
