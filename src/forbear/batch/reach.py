"""Say where each person can be reached, and what the planned day's budget has used already.

Pure over frames. Attempted, connected and effective are three counters, never merged; a contact
that is allowed and not made yet counts as used.
"""

from __future__ import annotations

import narwhals as nw

from forbear.batch.standing import DAY_US, standing
from forbear.delinquency.due import Frame, Frames
from forbear.kernel.days import MINUTES_PER_DAY
from forbear.kernel.vocabulary import Channel, PointKind, PointStage, Relation
from forbear.law.kinds import WEEK

STAGES, KINDS = list(PointStage), list(PointKind)
VERIFIED, INVALID = STAGES.index(PointStage.verified), STAGES.index(PointStage.invalid)
REFUSED = STAGES.index(PointStage.refused)
OBLIGOR = list(Relation).index(Relation.obligor)
VOICE = list(Channel).index(Channel.voice)
PHONE = KINDS.index(PointKind.phone)
YES = nw.lit(True)
MINUTE_US = 60 * 1_000_000
MANY_ZONES = 62  # as many as have a bit of their own


def own_points(frames: Frames, clock: Frame, people: Frame, *, planned_on: int) -> Frame:
    """Return the people's own contact points that are valid on the planned day.

    Shape:  clock has person, starts_at, ends_at of everyone; people has person; result person,
            point, kind, value, zone, area, effective_on, invalid, refused, verified.
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
            *("person", "point", "kind", "value", "zone", "area"),
            *("effective_on", "invalid", "refused", "verified"),
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


def candidate_zones(own: Frame, zones: int) -> Frame:
    """Return which zones each person may be in besides their own, by their numbers and addresses.

    Shape:  own as `own_points`; zones: how many there are; result person, candidate_zones: a bit
            mask over the zones of contact points. Beyond MANY_ZONES they share one bit, which
            nobody knows the hour of.
    Errors: none.
    Source: 12 CFR 1006.6(b)(1), comment on conflicting locations.
    """
    there = own.filter(nw.col("zone") > 0).select("person", "zone").unique(["person", "zone"])
    bit = nw.lit(0).cast(nw.Int64)
    for zone in range(1, min(zones, MANY_ZONES)):
        one = nw.when(nw.col("zone") == zone).then(nw.lit(1)).otherwise(nw.lit(0)).max()
        bit = bit + one.cast(nw.Int64) * (1 << zone)
    many = nw.when(nw.col("zone") >= MANY_ZONES).then(nw.lit(1)).otherwise(nw.lit(0)).max()
    bit = bit + many.cast(nw.Int64) * (1 << MANY_ZONES)
    return there.group_by("person").agg(bit.alias("candidate_zones"))


def in_moratorium(frames: Frames, clock: Frame, own: Frame, accounts: Frame) -> Frame:
    """Return the people who are, or may be, in an area in which nobody is contacted that day.

    Shape:  clock has person, jurisdiction; own as `own_points`; accounts has person, jurisdiction;
            result person, in_moratorium (1). Rows only where it holds.
    Errors: none.
    Source: rule house.moratorium; where nobody lives anywhere known, their accounts' one place.
    """
    theirs = accounts.group_by("person").agg(
        nw.col("jurisdiction").min().alias("least"), nw.col("jurisdiction").max().alias("most")
    )
    one = nw.when(nw.col("least") == nw.col("most")).then(nw.col("least"))
    place = nw.when(nw.col("jurisdiction") != 0).then(nw.col("jurisdiction")).otherwise(one)
    places = clock.select("person", "jurisdiction").join(theirs, on="person", how="left")
    places = places.select("person", place.alias("jurisdiction"))
    known = own.filter(nw.col("area") > 0).select("person", "area").unique(["person", "area"])
    lost = places.join(known.select("person"), on="person", how="anti")
    there = places.join(known, on="person", how="inner")
    everyone = nw.concat([there, lost.with_columns(area=nw.lit(0).cast(nw.Int32))])
    held = everyone.join(frames["moratorium"], on=["jurisdiction", "area"], how="semi")
    return held.select("person").unique("person").with_columns(in_moratorium=nw.lit(1))


def used_lately(
    frames: Frames, people: Frame, *, planned_on: int, minutes: tuple[int, ...]
) -> Frame:
    """Return what has used each person's budgets: of the planned day, the week and the last day.

    Shape:  people has person, starts_at, ends_at; result person, and each of effective,
            connected_notices and outbound with _today and with _24h_<minute> for each minute;
            outbound_7d. Rows only where there is anything.
    Unit:   contacts. A reserved call counts in every way that it may turn out. The last day is the
            twenty-four hours before a minute of the planned day.
    Errors: none.
    Source: regulation C4, C5: counters that are never merged; 13.4: the calendar day and the hours.
    """
    voice, known = nw.col("channel") == VOICE, people.select("person", "starts_at", "ends_at")
    made = (
        frames["attempt"]
        .filter(_in_week(planned_on), ~nw.col("inbound"))
        .select(
            "person",
            "at",
            "local_on",
            _one(voice & nw.col("effective")).alias("effective"),
            _one(voice & nw.col("connected") & ~nw.col("interactive")).alias("connected_notices"),
        )
    )
    reserved = (
        frames["reserved"]
        .filter(_in_week(planned_on))
        .select(
            "person",
            "at",
            "local_on",
            _one(voice).alias("effective"),
            _one(voice).alias("connected_notices"),
        )
    )
    used = nw.concat([made, reserved]).join(known, on="person")
    used = used.with_columns(outbound=nw.lit(1))
    counted = []
    for name in ("effective", "connected_notices", "outbound"):
        today = nw.when(nw.col("local_on") == planned_on).then(nw.col(name))
        counted.append(today.otherwise(nw.lit(0)).sum().alias(f"{name}_today"))
        for minute in minutes:
            lately = nw.when(nw.col("at") > day_before(minute)).then(nw.col(name))
            counted.append(lately.otherwise(nw.lit(0)).sum().alias(f"{name}_24h_{minute}"))
    return used.group_by("person").agg(*counted, nw.col("outbound").sum().alias("outbound_7d"))


def calls_in_vain(
    frames: Frames, best: Frame, people: Frame, *, planned_on: int, minutes: tuple[int, ...]
) -> Frame:
    """Return the calls that nobody answered on each person's best phone, whoever was asked for.

    Shape:  best as `best_points`; people has person, starts_at, ends_at; result person,
            unanswered_today, and unanswered_24h_<minute> for each minute.
    Unit:   calls; today is the planned day by the clock of whoever was called.
    Errors: none.
    Source: regulation C6: per contact number.
    """
    voice = nw.col("channel") == VOICE
    recent = (nw.col("local_on") <= planned_on) & (nw.col("local_on") >= planned_on - 1)
    tried = frames["attempt"].filter(recent, voice, ~nw.col("inbound"), ~nw.col("connected"))
    reserved = frames["reserved"].filter(recent, voice)
    rows = nw.concat([each.select("point", "at", "local_on") for each in (tried, reserved)])
    by_number = rows.join(frames["point"].select("point", "value"), on="point")
    phones = best.filter(nw.col("kind") == PHONE).select("person", "value")
    theirs = phones.join(by_number, on="value").join(
        people.select("person", "starts_at", "ends_at"), on="person"
    )
    return theirs.group_by("person").agg(
        _one(nw.col("local_on") == planned_on).sum().alias("unanswered_today"),
        *(
            _one(nw.col("at") > day_before(minute)).sum().alias(f"unanswered_24h_{minute}")
            for minute in minutes
        ),
    )


def debt_calls(frames: Frames, accounts: Frame, *, planned_on: int) -> Frame:
    """Return the week's calls about each person's debts: the most of any debt, the last talk.

    Shape:  accounts has account, person, owing, withheld; result person, debt_calls_7d and
            debt_talked_days (null where there was no conversation).
    Unit:   calls placed; days, 0 the planned day. A call of which nobody knows what it was about
            counts for every debt; whoever calls us and is answered talks.
    Errors: none.
    Source: 12 CFR 1006.14(b)(2).
    """
    voice, week = nw.col("channel") == VOICE, _in_week(planned_on)
    debts = accounts.filter(nw.col("owing") & ~nw.col("withheld")).select("person", "account")
    columns = ("local_on", "inbound", "connected", "effective")
    whole = frames["attempt"].filter(week, voice, ~nw.col("debts_known"))
    reserved = frames["reserved"].filter(week, voice, ~nw.col("debts_known"))
    reserved = reserved.select(
        "person",
        "local_on",
        *(nw.lit(False).alias(name) for name in columns[1:]),
    )
    everything = nw.concat([whole.select("person", *columns), reserved]).join(debts, on="person")
    named = frames["debt_call"].filter(week).join(debts, on=["person", "account"])
    rows = nw.concat([each.select("person", "account", *columns) for each in (everything, named)])
    talked = (nw.col("inbound") & nw.col("connected")) | nw.col("effective")
    by_debt = rows.group_by("person", "account").agg(
        _one(~nw.col("inbound")).sum().alias("placed"),
        nw.when(talked).then(nw.lit(planned_on) - nw.col("local_on")).min().alias("talked_days"),
    )
    return by_debt.group_by("person").agg(
        nw.col("placed").max().alias("debt_calls_7d"),
        nw.col("talked_days").min().alias("debt_talked_days"),
    )


def day_before(minute: int) -> nw.Expr:
    """Return the instant twenty-four hours before a minute of each person's planned day.

    Unit:   microseconds; on a day that a clock is changed, the earlier of what the day's two ends
            say, so that nothing is left out.
    Errors: none.
    Source: none.
    """
    from_start = nw.col("starts_at") + minute * MINUTE_US - DAY_US
    from_end = nw.col("ends_at") - (MINUTES_PER_DAY - minute) * MINUTE_US - DAY_US
    return nw.when(from_start < from_end).then(from_start).otherwise(from_end)


def _in_week(planned_on: int) -> nw.Expr:
    return (nw.col("local_on") <= planned_on) & (nw.col("local_on") > planned_on - WEEK)


def failed_streaks(
    frames: Frames, people: Frame, own: Frame, *, planned_on: int, streak_days: int
) -> Frame:
    """Return the calls to each person's own numbers since they last answered or came to us.

    Shape:  people has person; own as `own_points`; result person, failed_streak,
            failed_streak_days. Rows only where there is a streak.
    Unit:   calls of the last streak_days; distinct local days among them.
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
        .filter(nw.col("local_on") > planned_on - streak_days)
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
