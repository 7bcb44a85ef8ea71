"""What sort of day each act was on: its weekday, and whether a national holiday. Pure."""

from __future__ import annotations

from datetime import date

import holidays
import polars as pl

DAYS_OF_THE_WEEK = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def dated(acts: pl.DataFrame) -> pl.DataFrame:
    """Return the acts with the weekdays that they were on, and whether it was a holiday anywhere.

    Shape:  the acts, in their order, with weekdays (list of 1 for Monday .. 7) and holiday; both
            null where nobody knows what day it was.
    Errors: none.
    Source: public holidays of the library `holidays`, observed days included; where it does not
            know a place every day is one.
    """
    each = acts.select("act", "jurisdiction", day="days").explode("day").drop_nulls("day")
    rest = each.select("jurisdiction", "day").unique()
    told = [_rest_day(place, day) for place, day in rest.iter_rows()]
    known = each.join(rest.with_columns(rest=pl.Series(told, dtype=pl.Boolean)),
                      on=["jurisdiction", "day"])  # fmt: skip
    of = known.group_by("act").agg(
        weekdays=pl.col("day").dt.weekday().unique(), holiday=pl.col("rest").any()
    )
    return acts.join(of, on="act", how="left").sort("act")


def _rest_day(place: str, day: date) -> bool:
    """Return whether a day is a national holiday of a place."""
    if place not in holidays.list_supported_countries(include_aliases=False):
        return True
    return day in holidays.country_holidays(place, years=day.year)
