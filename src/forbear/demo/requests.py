"""Draw what people asked for and what befell them: consent, stop, dispute, death, a moratorium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forbear.demo.accounts import Accounts
from forbear.demo.crowd import Crowd
from forbear.kernel.columns import Bools, Days, Ints, Longs

AREA = "示例区洪水受灾街道"  # the area of the book's one moratorium
# kind, share of people, share of those for whom it ended again
STATUSES = (
    ("deceased", 0.0016, 0.0),
    ("incapacitated", 0.0008, 0.0),
    ("represented", 0.003, 0.3),
    ("insolvent", 0.0012, 0.1),
    ("moratorium", 0.008, 0.4),
    ("no_contact_order", 0.0006, 0.1),
    ("arrangement", 0.01, 0.4),
    ("mediation", 0.002, 0.5),
    ("refund_pending", 0.002, 0.6),
    ("lawsuit", 0.002, 0.1),
    ("time_barred", 0.001, 0.0),
    ("breathing_space", 0.001, 0.4),
    ("student", 0.01, 0.1),
    ("minor", 0.0004, 0.0),
)
# kind, channel ("" is every one), share of people, share of those who took it back
CONSENTS = (
    ("night_contact", "", 0.004, 0.2),
    ("night_contact", "voice", 0.006, 0.25),
    ("opt_out", "sms", 0.016, 0.15),
    ("opt_out", "email", 0.010, 0.1),
    ("opt_out", "app", 0.008, 0.1),
    ("opt_out", "voice", 0.004, 0.1),
    ("cease_request", "", 0.003, 0.2),
)
SILENCING = frozenset({"deceased", "incapacitated", "represented", "insolvent", "minor"})
DISPUTE_ALL_SHARE, DISPUTE_ONE_SHARE, RESOLVED_SHARE = 0.0012, 0.004, 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """The facts, and what the history of calls has to respect."""

    consents: pl.DataFrame
    statuses: pl.DataFrame
    disputes: pl.DataFrame
    silent_from: pl.DataFrame  # person, channel ("" for all), at: nobody calls from then on


def drawn_requests(rng: np.random.Generator, crowd: Crowd, accounts: Accounts) -> Requests:
    """Return what people asked for and what befell them.

    Errors: none.
    Source: none; rare as in life, common enough that a book of 20,000 has some of each.
    """
    consents = [_consent(rng, crowd, *row) for row in CONSENTS]
    statuses = [_status(rng, crowd, *row) for row in STATUSES]
    disputes = _disputes(rng, crowd, accounts)
    stops = [
        *(part for part, row in zip(consents, CONSENTS, strict=True) if row[0] != "night_contact"),
        *(part for part, row in zip(statuses, STATUSES, strict=True) if row[0] in SILENCING),
        disputes,
    ]
    silent = pl.concat(
        part.select("person", pl.col("channel"), pl.col("effective_at").alias("at"))
        for part in stops
    )
    extra = ("person", "channel")
    return Requests(
        consents=pl.concat(consents).drop("person"),
        statuses=pl.concat(statuses).drop(extra),
        disputes=disputes.drop(extra),
        silent_from=silent.group_by("person", "channel")
        .agg(pl.col("at").min())
        .sort("person", "channel"),
    )


def instants(on: Days, minute: Ints | Longs, hours_from_utc: Ints | Longs) -> pl.Series:
    """Return the UTC instants of wall-clock minutes of days, where no daylight saving is kept.

    Shape:  (n,) each.
    Errors: none.
    Source: none.
    """
    local = on.astype("datetime64[us]") + minute.astype("timedelta64[m]")
    at = local - hours_from_utc.astype("timedelta64[h]")
    return pl.Series(at, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")


def _office_time(rng: np.random.Generator, on: Days) -> pl.Series:
    """Return instants in office hours in Shanghai."""
    return instants(on, rng.integers(9 * 60, 18 * 60, len(on)), np.full(len(on), 8))


def _some_days(rng: np.random.Generator, crowd: Crowd, n: int) -> Days:
    days: Days = crowd.as_of - rng.integers(1, 240, n)
    return days


def _both(began: pl.DataFrame, ended: Bools, at: pl.Series, word: str, field: str) -> pl.DataFrame:
    """Return the beginnings, and an end for those that have one."""
    after = began.with_columns(effective_at=at, **{field: pl.lit(word)}).filter(pl.Series(ended))
    keyed = pl.concat_str("source_key", pl.lit(f":{word}"))
    return pl.concat([began, after.with_columns(source_key=keyed)])


def _consent(
    rng: np.random.Generator, crowd: Crowd, kind: str, channel: str, share: float, back: float
) -> pl.DataFrame:
    person = np.flatnonzero(rng.random(len(crowd)) < share)
    on = _some_days(rng, crowd, len(person))
    later = np.minimum(on + rng.integers(1, 60, len(person)), crowd.as_of)
    given = pl.DataFrame({"person": person, "person_ref": crowd.ref[person]}).with_columns(
        source_key=pl.concat_str("person_ref", pl.lit(f":{kind}:{channel or 'all'}")),
        kind=pl.lit(kind),
        state=pl.lit("given"),
        channel=pl.lit(channel),
        effective_at=_office_time(rng, on),
    )
    withdrawn = rng.random(len(person)) < back
    return _both(given, withdrawn, _office_time(rng, later), "withdrawn", "state")


def _status(
    rng: np.random.Generator, crowd: Crowd, kind: str, share: float, over: float
) -> pl.DataFrame:
    person = np.flatnonzero(rng.random(len(crowd)) < share)
    on = _some_days(rng, crowd, len(person))
    later = np.minimum(on + rng.integers(10, 90, len(person)), crowd.as_of)
    began = pl.DataFrame({"person": person, "person_ref": crowd.ref[person]}).with_columns(
        account_ref=pl.lit(None, pl.String),
        source_key=pl.concat_str("person_ref", pl.lit(f":{kind}")),
        kind=pl.lit(kind),
        stage=pl.lit("began"),
        area=pl.lit(AREA if kind == "moratorium" else ""),
        channel=pl.lit(""),
        effective_at=_office_time(rng, on),
    )
    return _both(began, rng.random(len(person)) < over, _office_time(rng, later), "ended", "stage")


def _disputes(rng: np.random.Generator, crowd: Crowd, accounts: Accounts) -> pl.DataFrame:
    """Dispute single accounts that are late, and now and then everything (a stolen identity)."""
    late = np.flatnonzero(accounts.late_days > 0)
    one = late[rng.random(len(late)) < DISPUTE_ONE_SHARE * 5]
    everything = np.flatnonzero(rng.random(len(crowd)) < DISPUTE_ALL_SHARE)
    person = np.concatenate([accounts.person[one], everything])
    nobody = pl.Series([None] * len(everything), dtype=pl.String)
    on = crowd.as_of - rng.integers(1, 40, len(person))
    later = np.minimum(on + rng.integers(5, 20, len(person)), crowd.as_of)
    opened = pl.DataFrame(
        {
            "person": person,
            "person_ref": crowd.ref[person],
            "account_ref": pl.concat([accounts.ref[one], nobody]),
        }
    ).with_columns(
        dispute_ref=pl.coalesce("account_ref", "person_ref") + ":dispute",
        source_key=pl.coalesce("account_ref", "person_ref") + ":dispute",
        stage=pl.lit("opened"),
        channel=pl.lit(""),
        effective_at=_office_time(rng, on),
    )
    resolved = rng.random(len(person)) < RESOLVED_SHARE
    return _both(opened, resolved, _office_time(rng, later), "resolved", "stage")
