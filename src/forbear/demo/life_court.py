"""Draw who is taken to court: what it costs, and what an instrument fixes. Pure."""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from forbear.calculation.delay import daily_rate
from forbear.demo.life_purchases import Lives, bookings
from forbear.kernel.columns import Days, Ints, Longs
from forbear.law.packs import Law
from forbear.servicing.agreement import due_kept, judged_kept
from forbear.servicing.fact import BookingKind as K

SUED_SHARE, JUDGED_SHARE = 0.3, 0.7  # of those who stopped for good; of those who are sued
SUED_AFTER, JUDGED_AFTER = 120, 165  # days
PRINCIPAL_PERCENT, TERM_DAYS = 88, 10
JUDGED = "民事判决书已生效"


def went_to_court(
    rng: np.random.Generator, lives: Lives, law: Law, account: Ints, since: Days, minor: Longs
) -> pl.DataFrame:
    """Return costs of going to court, and judgments six weeks later, before the debt is given up.

    Shape:  account, since, minor (k,): who stopped, on which day, and what they did not pay.
    Unit:   minor units.
    Errors: NotClaimed where no rule says what is doubled for delay.
    Source: none; shares are invented.
    """
    sued = np.flatnonzero(rng.random(len(account)) < SUED_SHARE)
    costs = _costs(rng, lives.ref.gather(account[sued]), since[sued] + SUED_AFTER)
    judged = sued[rng.random(len(sued)) < JUDGED_SHARE]
    on, fixed = since[judged] + JUDGED_AFTER, minor[judged]
    ref = lives.ref.gather(account[judged])
    late = rng.random(len(judged)) < 0.3
    judgments = bookings(
        ref,
        K.judgment,
        source_key="booking:" + ref + ":judgment",
        effective_on=on,
        amount_minor=fixed,
        schedule=pl.Series(_fixed(lives, law, account[judged], on, fixed), dtype=pl.String),
        reason=JUDGED,
        told_on=on + np.where(late, rng.integers(1, 20, len(judged)), 0),
    )
    return pl.concat([costs, judgments])


def _fixed(lives: Lives, law: Law, account: Ints, on: Days, minor: Longs) -> list[str]:
    """Return what each instrument fixes, as it is kept."""
    found = []
    for who, day, whole in zip(account.tolist(), on, minor.tolist(), strict=True):
        by = (day + TERM_DAYS).item()
        rate = int(daily_rate(law, on=by).value["rate_ppm"])
        kept = judged_kept(
            on=day.item(),
            plan=[(by, whole)],
            principal_minor=whole * PRINCIPAL_PERCENT // 100,
            penalty_ppm=rate * lives.terms[int(lives.version[who])].year_days,
        )
        found.append(json.dumps(kept))
    return found


def _costs(rng: np.random.Generator, ref: pl.Series, on: Days) -> pl.DataFrame:
    """Return what going to court cost."""
    owed = rng.integers(50_00, 300_00, len(ref))
    kept = [
        json.dumps([due_kept(on=day.item(), due_on=day.item(), principal_minor=0)]) for day in on
    ]
    return bookings(
        ref,
        K.cost,
        source_key="booking:" + ref + ":cost",
        effective_on=on,
        amount_minor=owed,
        schedule=pl.Series(kept, dtype=pl.String),
        told_on=on,
    )
