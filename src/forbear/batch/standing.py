"""Say which consents, statuses and disputes stand on the planned day. Pure over frames.

What stops a contact counts for the whole planned day, whenever in it the word came; what lets go
again counts from the day after. So the night never plans what the gate would refuse that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import narwhals as nw

from forbear.delinquency.due import Frame, Frames
from forbear.kernel.vocabulary import OF_A_DEBT, Channel, ConsentKind, StatusKind

CHANNELS = range(len(Channel))
CONSENTS, STATUSES = list(ConsentKind), list(StatusKind)

DAY_US = 24 * 60 * 60 * 1_000_000
PERSON_STATUSES = tuple(k for k in StatusKind if k not in (StatusKind.settled, *OF_A_DEBT))


def clocks(frames: Frames, *, planned_on: int) -> Frame:
    """Return each person's jurisdiction, zone and birthday, and when their own planned day runs.

    Shape:  person, jurisdiction (0 not known), zone (0 not known), born_on (null not known),
            starts_at, ends_at; a row per person.
    Unit:   microseconds from 1970-01-01 UTC.
    Errors: none; who has no zone gets UTC's day, and the law refuses them.
    Source: none.
    """
    known = frames["profile"].filter(nw.col("effective_on") <= planned_on)
    latest = known.group_by("person").agg(nw.col("effective_on").max().alias("effective_on"))
    profile = known.join(latest, on=["person", "effective_on"]).drop("born_on")
    # A later profile that does not say the birthday takes nothing back: a minor stays one.
    told = known.filter(~nw.col("born_on").is_null())
    last = told.group_by("person").agg(nw.col("effective_on").max().alias("effective_on"))
    born = told.join(last, on=["person", "effective_on"]).select("person", "born_on")
    return (
        frames["person"]
        .select("person")
        .join(profile, on="person", how="left")
        .join(born, on="person", how="left")
        .with_columns(nw.col("zone", "jurisdiction").fill_null(0))
        .join(frames["zone"], on="zone")
        .select("person", "jurisdiction", "zone", "born_on", "starts_at", "ends_at")
    )


def standing(events: Frame, keys: list[str], began: nw.Expr, *, back_days: int = 0) -> Frame:
    """Return where something that begins and ends stands on the planned day.

    Shape:  events has keys, at, starts_at, ends_at; result the keys of what stands.
    Unit:   back_days days earlier than the planned day.
    Errors: none. Of two words at one instant, the one that begins it wins.
    Source: house rule 3: silence is never permission.
    """
    at, back = nw.col("at"), back_days * DAY_US
    starts, ends = nw.col("starts_at") - back, nw.col("ends_at") - back
    one = nw.when(began).then(nw.lit(1)).otherwise(nw.lit(0))
    return (
        events.group_by(*keys)
        .agg(
            nw.when(at < starts).then(at * 2 + one).max().alias("before"),
            nw.when((at >= starts) & (at < ends)).then(one).max().alias("during"),
        )
        .with_columns(nw.col("before", "during").fill_null(0))
        .filter((nw.col("before") % 2 == 1) | (nw.col("during") == 1))
        .select(*keys)
    )


def settled_accounts(frames: Frames, clock: Frame, *, back_days: int) -> Frame:
    """Return the accounts that are paid off or settled on a day before the planned day.

    Shape:  account.
    Unit:   back_days days earlier than the planned day; 1 is the as-of day.
    Errors: none.
    Source: status `settled`; once settled, never contacted for it again.
    """
    settled = STATUSES.index(StatusKind.settled)
    events = frames["status"].filter(nw.col("kind") == settled, ~nw.col("account").is_null())
    events = events.join(clock.select("person", "starts_at", "ends_at"), on="person")
    return standing(events, ["account"], nw.col("began"), back_days=back_days)


@dataclass(frozen=True, slots=True)
class Held:
    """Which debts a status holds of: of one account, or of all that a person has."""

    accounts: Frame  # account, and 1 in a column per status of OF_A_DEBT
    people: Frame  # person, and 1 in a column whole_<status> for each


def withheld_debts(frames: Frames, clock: Frame) -> Held:
    """Return the debts of which a status holds on the planned day.

    Errors: none.
    Source: statuses of kernel/vocabulary.OF_A_DEBT.
    """
    kinds = [STATUSES.index(kind) for kind in OF_A_DEBT]
    events = frames["status"].filter(nw.col("kind").is_in(kinds))
    events = events.join(clock.select("person", "starts_at", "ends_at"), on="person")
    whole, one = nw.col("account").is_null(), ~nw.col("account").is_null()
    accounts = standing(events.filter(one), ["account", "kind"], nw.col("began"))
    people = standing(events.filter(whole), ["person", "kind"], nw.col("began"))

    def wide(rows: Frame, key: str, prefix: str) -> Frame:
        return rows.group_by(key).agg(
            *(_any(nw.col("kind") == STATUSES.index(k)).alias(prefix + k.value) for k in OF_A_DEBT)
        )

    return Held(wide(accounts, "account", ""), wide(people, "person", "whole_"))


def person_words(frames: Frames, clock: Frame) -> Frame:
    """Return what each person of whom anything stands has asked for, or what holds of them.

    Shape:  person; a true column per status; ceased, opted_out and night_consent as a bit mask over
            Channel; whole_dispute; a row per person of whom there is anything.
    Errors: none.
    Source: topics of contact/permission.py.
    """
    day = clock.select("person", "starts_at", "ends_at")
    statuses = frames["status"].filter(nw.col("account").is_null()).join(day, on="person")
    status = standing(statuses, ["person", "kind"], nw.col("began"))
    consents = nw.concat([_on_channel(frames, channel) for channel in CHANNELS])
    consents = consents.join(day, on="person")
    night = nw.col("kind") == CONSENTS.index(ConsentKind.night_contact)
    asked = standing(consents.filter(~night), ["person", "kind", "on_channel"], nw.col("given"))
    taken_back = standing(consents.filter(night), ["person", "on_channel"], ~nw.col("given"))
    given = standing(
        consents.filter(night, nw.col("given"), nw.col("at") < nw.col("starts_at")),
        ["person", "on_channel"],
        nw.lit(True) == nw.col("given"),
    ).join(taken_back, on=["person", "on_channel"], how="anti")
    whole = open_disputes(frames, clock).filter(nw.col("account").is_null())
    return _side_by_side(
        status.group_by("person").agg(
            *(_any(nw.col("kind") == STATUSES.index(k)).alias(k.value) for k in PERSON_STATUSES)
        ),
        asked.group_by("person").agg(
            _mask(nw.col("kind") == CONSENTS.index(ConsentKind.cease_request)).alias("ceased"),
            _mask(nw.col("kind") == CONSENTS.index(ConsentKind.opt_out)).alias("opted_out"),
        ),
        given.group_by("person").agg(_mask(nw.col("on_channel") >= 0).alias("night_consent")),
        whole.group_by("person").agg(_any(nw.col("person") >= 0).alias("whole_dispute")),
    )


def open_disputes(frames: Frames, clock: Frame) -> Frame:
    """Return the disputes that are open on the planned day.

    Shape:  person, account (null: the whole debt); a row per dispute.
    Errors: none.
    Source: rule house.dispute.
    """
    day = clock.select("person", "starts_at", "ends_at")
    events = frames["dispute"].join(day, on="person")
    opened = events.filter(nw.col("opened"), nw.col("at") < nw.col("ends_at"))
    resolved = events.filter(~nw.col("opened"), nw.col("at") < nw.col("starts_at"))
    return (
        opened.select("person", "account", "dispute")
        .join(resolved.select("dispute"), on="dispute", how="anti")
        .select("person", "account")
    )


def _on_channel(frames: Frames, channel: int) -> Frame:
    """Return the consents that speak of one channel: by name, or of every channel.

    A request to stop is of every channel whatever it names; consent to the night names its own.
    """
    ceased = nw.col("kind") == CONSENTS.index(ConsentKind.cease_request)
    night = nw.col("kind") == CONSENTS.index(ConsentKind.night_contact)
    everywhere = nw.col("channel").is_null() & ~(night & nw.col("given"))
    spoken = frames["consent"].filter(ceased | everywhere | (nw.col("channel") == channel))
    return spoken.select("person", "kind", "at", "given", nw.lit(channel).alias("on_channel"))


def _any(where: nw.Expr) -> nw.Expr:
    return nw.when(where).then(nw.lit(1)).otherwise(nw.lit(0)).max()


def _mask(where: nw.Expr) -> nw.Expr:
    """Return the channels of the chosen rows as a bit mask; each channel is there once at most."""
    bit = nw.lit(0)
    for channel in CHANNELS:
        bit = bit + nw.when(nw.col("on_channel") == channel).then(nw.lit(1 << channel)).otherwise(
            nw.lit(0)
        )
    return nw.when(where).then(bit).otherwise(nw.lit(0)).sum()


def _side_by_side(*parts: Frame) -> Frame:
    """Return one row per person of any part, null where a part has none of them."""
    people = nw.concat([part.select("person") for part in parts]).unique("person")
    return reduce(lambda left, right: left.join(right, on="person", how="left"), parts, people)
