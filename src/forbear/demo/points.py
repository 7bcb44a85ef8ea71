"""Draw where people can be reached, and who else could be: every one of them fictional."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from forbear.demo.crowd import URUMQI, Crowd
from forbear.demo.names import MAIL_DOMAIN, addresses, full_names, phone_numbers
from forbear.kernel.columns import Bools, Days, Longs

PHONE_SHARE, SECOND_PHONE_SHARE, CHANGED_PHONE_SHARE = 0.985, 0.11, 0.05
EMAIL_SHARE, APP_SHARE, ADDRESS_SHARE = 0.66, 0.82, 0.9
CONTACT_PERSON_SHARE, SECOND_CONTACT_PERSON_SHARE = 0.62, 0.25
NAMED_SHARE = 0.86  # contact persons whom the borrower named beforehand
GUARANTOR_SHARE, CO_OBLIGOR_SHARE, RELATIVE_SHARE, UNKNOWN_SHARE = 0.025, 0.012, 0.04, 0.015
BAD_ADDRESS_SHARE, BAD_EMAIL_SHARE, VERIFIED_SHARE = 0.03, 0.02, 0.35
REFUSED_SHARE = 0.015  # contact persons who asked never to be called
SERIALS_FROM = 100_000  # the numbers below belong to the awkward people
SERIALS_EACH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Who has which point, every column shape (n,) over the crowd; keys are made by `key`."""

    phone: Bools
    changed: Bools  # the phone number changed on `changed_on`
    changed_on: Days  # NaT for the others
    email: Bools
    app: Bools
    address: Bools
    contact_person: Bools
    named: Bools  # the first contact person was named by the borrower beforehand
    refused: Bools  # and asked never to be called


def drawn_points(rng: np.random.Generator, crowd: Crowd) -> Points:
    """Return who has which contact point.

    Errors: none.
    Source: none.
    """
    n = len(crowd)
    phone = rng.random(n) < PHONE_SHARE
    changed = phone & (rng.random(n) < CHANGED_PHONE_SHARE)
    day = crowd.as_of - rng.integers(10, 300, n)
    contact_person = rng.random(n) < CONTACT_PERSON_SHARE
    return Points(
        phone=phone,
        changed=changed,
        changed_on=np.where(changed, day, np.datetime64("NaT", "D")),
        email=rng.random(n) < EMAIL_SHARE,
        app=rng.random(n) < APP_SHARE,
        address=rng.random(n) < ADDRESS_SHARE,
        contact_person=contact_person,
        named=contact_person & (rng.random(n) < NAMED_SHARE),
        refused=contact_person & (rng.random(n) < REFUSED_SHARE),
    )


def point_facts(rng: np.random.Generator, crowd: Crowd, points: Points) -> pl.DataFrame:
    """Return the contact points as facts, fictional every one.

    Errors: none.
    Source: none.
    """
    n = len(crowd)
    serials = SERIALS_FROM + np.arange(n, dtype=np.int64) * SERIALS_EACH
    second_phone = points.phone & (rng.random(n) < SECOND_PHONE_SHARE)
    second_person = points.contact_person & (rng.random(n) < SECOND_CONTACT_PERSON_SHARE)
    number = pl.Series(np.arange(1, n + 1)).cast(pl.String).str.zfill(6)
    mail = pl.select(pl.lit("p") + number + f"@{MAIL_DOMAIN}").to_series()
    app = pl.select(pl.lit("demo-app-") + number).to_series()
    street = addresses(rng, crowd.zone_before == URUMQI)
    old = _points(crowd, points.phone, "phone", "phone", "obligor", phone_numbers(serials))
    old = old.with_columns(ends_on=pl.Series(points.changed_on[points.phone]))
    new = _points(
        crowd, points.changed, "phone:new", "phone", "obligor", phone_numbers(serials + 1)
    )
    new = new.with_columns(effective_on=pl.Series(points.changed_on[points.changed]))
    own = [
        old,
        new,
        _points(crowd, second_phone, "phone:2", "phone", "obligor", phone_numbers(serials + 2)),
        _points(crowd, points.email, "email", "email", "obligor", mail),
        _points(crowd, points.app, "app", "app", "obligor", app),
        _points(crowd, points.address, "address", "address", "obligor", street),
    ]
    third = [
        (points.contact_person, "contact", "contact_person", 3),
        (second_person, "contact:2", "contact_person", 4),
        (rng.random(n) < GUARANTOR_SHARE, "guarantor", "guarantor", 5),
        (rng.random(n) < CO_OBLIGOR_SHARE, "co_obligor", "co_obligor", 6),
        (rng.random(n) < RELATIVE_SHARE, "relative", "relative", 7),
        (rng.random(n) < UNKNOWN_SHARE, "unknown", "unknown", 8),
    ]
    others = [
        _points(crowd, has, name, "phone", relation, phone_numbers(serials + step)).with_columns(
            owner=_owners(rng, crowd, has)
        )
        for has, name, relation, step in third
    ]
    return pl.concat([*(part.with_columns(owner=pl.lit(None, pl.String)) for part in own), *others])


def _owners(rng: np.random.Generator, crowd: Crowd, has: Bools) -> pl.Series:
    return full_names(rng, (crowd.zone_before == URUMQI)[has])


def _points(
    crowd: Crowd, has: Bools, name: str, kind: str, relation: str, values: pl.Series
) -> pl.DataFrame:
    """Return one contact point for each person who has it, without its owner."""
    chosen = pl.Series(has)
    obtained = "borrower" if relation == "obligor" else "contract"
    ref = crowd.ref.filter(chosen)
    return pl.DataFrame(
        {
            "person_ref": ref,
            "source_key": key(ref, name),
            "value": values.filter(chosen),
            "effective_on": crowd.known_since[has],
        }
    ).with_columns(
        kind=pl.lit(kind),
        relation=pl.lit(relation),
        obtained=pl.lit("unknown" if relation == "unknown" else obtained),
        fictional=pl.lit(True),
        ends_on=pl.lit(None, pl.Date),
        area=pl.lit(""),
    )


def key(ref: pl.Series, name: str) -> pl.Series:
    """Return the key of each person's contact point of that name.

    Errors: none.
    Source: none.
    """
    return ref + f":{name}"


def stage_facts(
    rng: np.random.Generator, crowd: Crowd, points: Points, facts: pl.DataFrame
) -> pl.DataFrame:
    """Return what became known of the contact points, calls apart: named, verified, refused, bad.

    Errors: none.
    Source: none.
    """
    named = facts["source_key"].is_in(
        key(crowd.ref.filter(pl.Series(points.named)), "contact").implode()
    )
    refused = facts["source_key"].is_in(
        key(crowd.ref.filter(pl.Series(points.refused)), "contact").implode()
    )
    own_phone = ((facts["relation"] == "obligor") & (facts["kind"] == "phone")).to_numpy()
    address = (facts["kind"] == "address").to_numpy()
    email = (facts["kind"] == "email").to_numpy()
    m = len(facts)
    bad = (address & (rng.random(m) < BAD_ADDRESS_SHARE)) | (
        email & (rng.random(m) < BAD_EMAIL_SHARE)
    )
    known = facts["effective_on"].to_numpy().astype("datetime64[D]")
    recent = np.maximum(crowd.as_of - rng.integers(5, 400, m), known)
    return pl.concat(
        [
            stages(facts, named.to_numpy(), "named", known),
            stages(facts, refused.to_numpy(), "refused", recent),
            stages(facts, own_phone & (rng.random(m) < VERIFIED_SHARE), "verified", known),
            stages(facts, bad, "invalid", recent),
        ]
    )


def stages(facts: pl.DataFrame, chosen: Bools, stage: str, on: Days | Longs) -> pl.DataFrame:
    """Return one stage for each chosen contact point, at 02:00 UTC of its day.

    Errors: none.
    Source: none.
    """
    key_of = facts["source_key"].filter(pl.Series(chosen))
    at = on[chosen].astype("datetime64[us]") + np.timedelta64(2, "h")
    return pl.DataFrame({"contact_point_key": key_of, "effective_at": at}).select(
        "contact_point_key",
        pl.concat_str("contact_point_key", pl.lit(f":{stage}")).alias("source_key"),
        pl.lit(stage).alias("stage"),
        pl.col("effective_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    )
