"""Hold what was done against the numbers: which act broke which rule, and which came near. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from forbear.audit.day import DAYS_OF_THE_WEEK
from forbear.audit.numbers import Numbers

MARGIN = 5  # minutes: nearer than this to the end of the lawful hours is a near miss
UNDECIDED, UNLAWFUL_EXIT = "audit.undecided", "audit.left_though_refused"
NO_ZONE, NO_PACK, NO_POINT, SILENT = "law.no_zone", "law.no_pack", "contact.no_point", "law.silent."
EVERY, CALLS = ("contact_hours", "contacts_per_day"), ("effective_calls_per_day",)
NEAR = (
    "hours_window",
    "daily_maximum",
    "weekly_maximum",
)  # kinds that an act can come near to breaking
FOUND = pl.Schema([("act", pl.UInt32()), ("rule", pl.String())])


def breaches(acts: pl.DataFrame, rules: tuple[Numbers, ...]) -> pl.DataFrame:
    """Return every breach: an act and the rule that it broke.

    Shape:  act, rule; a row per pair. Acts have the columns of `known` and `counted`.
    Errors: none.
    """
    by_name: dict[str, list[Numbers]] = {}
    for rule in rules:
        by_name.setdefault(rule.rule, []).append(rule)
    found = [pl.DataFrame(schema=FOUND), *_without_rule(acts, rules)]
    for rule in rules:
        if rule.effect != "forbids":
            continue
        excused = pl.lit(False)
        for name in rule.exceptions:
            for other in by_name.get(name, ()):
                excused |= speaks(other) & broken(other)
        broke = speaks(rule) & broken(rule) & ~excused
        found.append(acts.filter(broke).select("act", rule=pl.lit(rule.rule)))
    return pl.concat(found).unique().sort("act", "rule")


def near_misses(acts: pl.DataFrame, rules: tuple[Numbers, ...]) -> pl.DataFrame:
    """Return what was lawful and only just: the last minutes, the last place of a day or a week.

    Shape:  act, rule; a row per pair.
    Errors: none.
    """
    found = [pl.DataFrame(schema=FOUND)]
    for rule in rules:
        if rule.effect != "forbids" or rule.kind not in NEAR:
            continue
        near = speaks(rule) & ~broken(rule) & _near(rule)
        found.append(acts.filter(near.fill_null(False)).select("act", rule=pl.lit(rule.rule)))
    return pl.concat(found).unique().sort("act", "rule")


def speaks(rule: Numbers) -> pl.Expr:
    """Return the acts of which a wording speaks.

    Errors: none.
    """
    day = pl.col("local_on")
    found = (day >= rule.start) & (day < rule.end)
    if rule.place:
        found &= pl.col("jurisdiction") == rule.place
    for name in ("jurisdiction", "channel", "relation"):
        if name in rule.only:
            found &= pl.col(name).is_in(rule.only[name])
    if "purpose" in rule.only:  # what nobody decided on may have been for anything
        found &= pl.col("purpose").is_in((*rule.only["purpose"], ""))
    if "creditor_type" in rule.only:
        some = pl.col("creditors").list.eval(pl.element().is_in(rule.only["creditor_type"]))
        found &= some.list.any().fill_null(True)  # an unknown creditor may be any
    if "product_type" in rule.only:
        named = pl.element().is_in(rule.only["product_type"])
        if rule.effect == "permits":  # an exception is of what is known, and of all of it
            found &= pl.col("products").list.eval(named).list.all().fill_null(False)
        else:  # an unknown product, written as nothing, may be any
            unknown = pl.element() == ""
            some = pl.col("products").list.eval(named | unknown).list.any()
            found &= some.fill_null(True)
    return found.fill_null(False)


def broken(rule: Numbers) -> pl.Expr:
    """Return the acts on which a wording of a ban is broken, or one of an exception holds.

    Errors: none; a kind that is not in `numbers.KINDS` does not come here.
    """
    return _KINDS[rule.kind](rule).fill_null(False)


def _hours(rule: Numbers) -> pl.Expr:
    early = pl.col("least_minute") < rule.minute("opens")
    return early | (pl.col("most_minute") >= rule.minute("closes"))


def _maximum(rule: Numbers) -> pl.Expr:
    return pl.col(str(rule.value["counts"])) >= rule.count("maximum")


def _lately(rule: Numbers) -> pl.Expr:
    return pl.col("debt_talked_days") < rule.count("days")


def _day(rule: Numbers) -> pl.Expr:
    lawful = [DAYS_OF_THE_WEEK.index(str(word)) + 1 for word in rule.value["weekdays"]]
    other = pl.col("weekdays").list.eval(~pl.element().is_in(lawful)).list.any()
    return other if rule.value["holidays"] == "true" else other | pl.col("holiday")


def _flag(rule: Numbers) -> pl.Expr:
    return pl.col(str(rule.value["fact"]))


def _age(rule: Numbers) -> pl.Expr:
    of_age = pl.col("born_on").dt.offset_by(f"{rule.count('years')}y")
    return pl.col("minor_status") | (pl.col("local_on") < of_age).fill_null(False)


def _in_flight(rule: Numbers) -> pl.Expr:
    return pl.col("in_flight_days") <= rule.count("days")


def _relation(rule: Numbers) -> pl.Expr:
    return ~pl.col("relation").is_in(rule.value["relations"])


def _purpose(rule: Numbers) -> pl.Expr:
    return ~pl.col("purpose").is_in((*rule.value["purposes"], ""))


def _named(rule: Numbers) -> pl.Expr:
    del rule
    return ~((pl.col("relation") == "contact_person") & pl.col("point_named"))


def _reachable(rule: Numbers) -> pl.Expr:
    lost = (pl.col("failed_streak") >= rule.count("failures")) & (
        pl.col("failed_streak_days") >= rule.count("distinct_days")
    )
    return ~(lost | pl.col("own_phone_invalid") | pl.col("deceased") | pl.col("incapacitated"))


_KINDS: Mapping[str, Callable[[Numbers], pl.Expr]] = {
    "hours_window": _hours,
    "daily_maximum": _maximum,
    "rolling_maximum": _maximum,
    "weekly_maximum": _maximum,
    "wait_after_talk": _lately,
    "lawful_days": _day,
    "flag": _flag,
    "under_age": _age,
    "in_flight": _in_flight,
    "relation_among": _relation,
    "purpose_among": _purpose,
    "named_contact_person": _named,
    "obligor_unreachable": _reachable,
}


def _near(rule: Numbers) -> pl.Expr:
    if rule.kind in ("daily_maximum", "weekly_maximum"):
        return pl.col(str(rule.value["counts"])) == rule.count("maximum") - 1
    return pl.col("minute") >= rule.minute("closes") - MARGIN


def _without_rule(acts: pl.DataFrame, rules: tuple[Numbers, ...]) -> list[pl.DataFrame]:
    """Return the acts that no rule could have allowed, because one was not asked or not there."""
    places = {rule.place for rule in rules} - {""}
    reasons: dict[str, pl.Expr] = {
        UNDECIDED: ~pl.col("decided"),
        UNLAWFUL_EXIT: ~pl.col("allowed"),
        NO_ZONE: pl.col("minute").is_null(),
        NO_PACK: ~pl.col("jurisdiction").is_in(list(places)),
        NO_POINT: pl.col("decided") & ~pl.col("has_point"),
    }
    here = pl.col("jurisdiction").is_in(list(places))
    for topic in (*EVERY, *CALLS):
        asked = pl.any_horizontal(
            [
                pl.lit(False),
                *(speaks(r) for r in rules if r.topic == topic and r.effect == "forbids"),
            ]
        )
        held_to = here if topic in EVERY else here & (pl.col("channel") == "voice")
        reasons[SILENT + topic] = held_to & ~asked
    return [acts.filter(where).select("act", rule=pl.lit(why)) for why, where in reasons.items()]
