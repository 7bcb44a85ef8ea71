"""What was known of each act's person, debt and point at its instant. Pure; Polars alone.

Every column is worked out here from the facts; nothing is taken over from what the gate wrote down.
Where two facts have the same instant the one that forbids counts, whichever came in first.
"""

from __future__ import annotations

import polars as pl

from forbear.audit.act import Log
from forbear.audit.numbers import FACTS

_WHEN = ("act", "person_id", "at", "known_at", "local_on")


def known(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return the acts with what was known at their instant.

    Shape:  the acts, in their order, with one column a fact of `FLAGS`, and creditors and
            products (lists of words), in_flight_days, born_on.
    Unit:   `in_flight_days` is null where no payment is on its way.
    Errors: none; what nobody said is false.
    """
    parts = (
        _statuses(acts, log["status"]),
        _consents(acts, log["consent"]),
        _points(acts, log),
        _debts(acts, log),
        _in_flight(acts, log),
        _areas(acts, log),
    )
    found = acts
    for part in parts:
        found = found.join(part, on="act", how="left")
    stopped = pl.col("moratorium").fill_null(False) | pl.col("area_stopped").fill_null(False)
    found = found.with_columns(moratorium=stopped).drop("area_stopped")
    flags = [name for name in FLAGS if name in found.columns]
    return found.with_columns(pl.col(flags).fill_null(False)).sort("act")


FLAGS = (*FACTS, "minor_status")
# Why a debt that is owed may not be collected, by the flag that says so of all of it; and what is
# said of a contact where it holds of some of what is free.
WITHHELD = {"arrangement": "arranged", "mediation": "mediated", "refund_pending": "refund_pending"}
SOME = {"lawsuit": "in_court", "time_barred": "time_barred", "breathing_space": "breathing_space"}
_STATUS = {"minor": "minor_status"} | {
    name: name
    for name in ("deceased", "incapacitated", "represented", "insolvent", "moratorium",
                 "no_contact_order", "student")
}  # fmt: skip


def before(acts: pl.DataFrame, facts: pl.DataFrame, *, on: str = "person_id") -> pl.DataFrame:
    """Return each act with each fact of its person that held by then and was recorded by then.

    Shape:  facts have columns `on`, at, recorded_at; here their instant is `since`.
    Errors: none.
    """
    named = facts.rename({"at": "since"})
    return acts.select(*dict.fromkeys((*_WHEN, on))).join(named, on=on).filter(
        pl.col("since") <= pl.col("at"), pl.col("recorded_at") <= pl.col("known_at")
    )  # fmt: skip


def _last(frame: pl.DataFrame, *by: str, strict: pl.Expr) -> pl.DataFrame:
    """Return the latest row of each group, the stricter of two at one instant."""
    ordered = frame.with_columns(strict=strict).sort("since", "strict")
    return ordered.group_by(by, maintain_order=True).last()


def _wide(frame: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Return one row an act and one column a word: whether any row of the word holds."""
    return frame.group_by("act").agg(
        (pl.col("kind") == word).any().alias(name) for word, name in names.items()
    )


def _statuses(acts: pl.DataFrame, statuses: pl.DataFrame) -> pl.DataFrame:
    held = before(acts, statuses.filter(pl.col("account_id").is_null()))
    latest = _last(held, "act", "kind", strict=pl.col("stage") == "began")
    return _wide(latest.filter(pl.col("stage") == "began"), _STATUS)


def _consents(acts: pl.DataFrame, consents: pl.DataFrame) -> pl.DataFrame:
    said = before(acts, consents.rename({"channel": "spoken_of"}))
    said = said.join(acts.select("act", "channel", "minute"), on="act")
    night = pl.col("kind") == "night_contact"
    everywhere = pl.col("spoken_of") == ""
    said = said.filter(
        (pl.col("kind") == "cease_request")
        | (pl.col("spoken_of") == pl.col("channel"))
        | (everywhere & ~(night & (pl.col("state") == "given")))
    )
    # Consent to some hours of the day is none outside them.
    opens, closes = pl.col("opens_minute"), pl.col("closes_minute")
    outside = (pl.col("minute") < opens) | (pl.col("minute") >= closes)
    unheld = pl.when(outside.fill_null(False)).then(pl.lit("withdrawn"))
    said = said.with_columns(state=unheld.otherwise(pl.col("state")))
    strict = pl.when(night).then(pl.col("state") == "withdrawn").otherwise(
        pl.col("state") == "given"
    )  # fmt: skip
    latest = _last(said, "act", "kind", strict=strict)
    names = {"night_contact": "night_consent", "cease_request": "ceased", "opt_out": "opted_out"}
    return _wide(latest.filter(pl.col("state") == "given"), names)


def _points(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    stages = log["point_stage"]
    own = before(
        acts.filter(pl.col("point").is_not_null()), stages.drop("number", "kind"), on="point"
    )
    works = own.filter(pl.col("stage").is_in(["verified", "invalid"]))
    latest = _last(works, "act", strict=pl.col("stage") == "invalid")
    invalid = latest.filter(pl.col("stage") == "invalid").select("act", point_invalid=True)
    named = own.filter(pl.col("stage") == "named").select("act", point_named=True).unique()
    no = stages.filter(pl.col("stage") == "refused").select(
        "number", "kind", pl.col("at").alias("since"), "recorded_at"
    )
    refused = (
        pl.concat([acts.select("act", "number", "kind", "at", "known_at"), _others(acts, log)])
        .join(no, on=["number", "kind"])
        .filter(pl.col("since") <= pl.col("at"), pl.col("recorded_at") <= pl.col("known_at"))
        .select("act", point_refused=True)
        .unique()
    )
    found = acts.select("act").join(invalid, on="act", how="left")
    return found.join(named, on="act", how="left").join(refused, on="act", how="left")


def _others(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return every other number of the same third party: their no is theirs, not a number's.

    Two whose names are not known may be one.
    """
    third = acts.filter(~pl.col("relation").is_in(["obligor", "co_obligor", "guarantor"]))
    of = log["point"].select("point", "person_id", "relation", "owner")
    mine = third.select("act", "person_id", "point", "at", "known_at").join(
        of.drop("person_id"), on="point"
    )
    every = log["point"].select("person_id", "relation", "owner", "number", "kind")
    same = mine.join(every, on=["person_id", "relation", "owner"])
    return same.select("act", "number", "kind", "at", "known_at")


def free_debts(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return the accounts of each act that owe and may be collected: act, account_id.

    Errors: none.
    """
    owing = _owing(balances(acts, log))
    free = owing.join(_withheld(acts, owing, log), on=["act", "account_id"], how="anti")
    return free.select("act", "account_id")


def _owing(owed: pl.DataFrame) -> pl.DataFrame:
    return owed.filter(pl.col("due_minor") > 0, ~pl.col("settled"))


def _debts(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return of each act what was due, what of it was free to be collected, and to whom."""
    owed = balances(acts, log)
    owing = _owing(owed)
    why = _withheld(acts, owing, log)
    key = ["act", "account_id"]
    free = owing.join(why, on=key, how="anti")
    stopped = why.join(free.select("act").unique(), on="act", how="anti")
    words = _words(acts, free, log)
    to = free.group_by("act").agg(creditors=pl.col("creditor_type").unique().sort())
    every = owed.group_by("act").agg(every=pl.col("creditor_type").unique().sort())
    kind = pl.col("product_type").unique().sort()
    of = free.group_by("act").agg(products=kind)
    held_of = owed.group_by("act").agg(every_product=kind)
    found = acts.select("act")
    for part in (to, every, of, held_of):
        found = found.join(part, on="act", how="left")

    def held(rows: pl.DataFrame, word: str) -> pl.Series:
        return found["act"].is_in(rows.filter(pl.col("why") == word)["act"].implode())

    return found.select(
        "act",
        creditors=pl.coalesce("creditors", "every"),
        products=pl.coalesce("products", "every_product"),
        nothing_due=~found["act"].is_in(owing["act"].implode()),
        disputed=held(stopped, "disputed"),
        **{flag: held(stopped, word) for word, flag in WITHHELD.items()},
        **{flag: held(words, word) for word, flag in SOME.items()},
    )


def _withheld(acts: pl.DataFrame, owing: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return why accounts that owe may not be collected: act, account_id, why."""
    debts = owing.select("act", "account_id")
    whole = _disputed(acts, log["dispute"].filter(pl.col("account_id").is_null()), "person_id")
    return pl.concat(
        [
            owing.filter("contested").select("act", "account_id", why=pl.lit("disputed")),
            debts.join(whole.select("act"), on="act").with_columns(why=pl.lit("disputed")),
            *_said(acts, debts, log, tuple(WITHHELD)),
        ]
    ).unique()


def _words(acts: pl.DataFrame, free: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return what is said of some of what is free to be collected: act, account_id, why."""
    return pl.concat(_said(acts, free.select("act", "account_id"), log, tuple(SOME)))


def _said(
    acts: pl.DataFrame, debts: pl.DataFrame, log: Log, words: tuple[str, ...]
) -> list[pl.DataFrame]:
    """Return the statuses that stand of these debts, each its own and those of the person."""
    said = log["status"].filter(pl.col("kind").is_in(words))
    of_person = _standing(acts, said.filter(pl.col("account_id").is_null()), "act", "kind")
    when = acts.select(_WHEN)
    own = said.filter(pl.col("account_id").is_not_null()).drop("person_id")
    of_debt = _standing(
        debts.join(when, on="act"), own, "act", "account_id", "kind", on="account_id"
    )
    return [
        debts.join(of_person.select("act", why="kind"), on="act"),
        of_debt.select("act", "account_id", why="kind"),
    ]


def _standing(
    acts: pl.DataFrame, statuses: pl.DataFrame, *by: str, on: str = "person_id"
) -> pl.DataFrame:
    """Return the statuses that began and have not ended, the stricter of two at one instant."""
    latest = _last(before(acts, statuses, on=on), *by, strict=pl.col("stage") == "began")
    return latest.filter(pl.col("stage") == "began")


def balances(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return what each account of each act's person owed on the person's own day.

    Shape:  act, account_id, creditor_type, product_type, due_minor, settled, contested; a row per
            act × account.
    Unit:   minor units, never below 0. The last statement that fell due is the whole balance of
            its day; installments that fell due after it, or all where there is none, add to it;
            what came in since it was billed is taken off. Of an account that is serviced here,
            what the books said when it was decided.
    Errors: none.
    """
    base = acts.select(_WHEN).join(log["account"], on="person_id")
    of = base.select("act", "account_id", "local_on", "known_at")
    day, seen = pl.col("local_on"), pl.col("recorded_at") <= pl.col("known_at")
    dues = of.join(log["due"], on="account_id").filter(
        seen, pl.col("due_on") <= day, pl.col("effective_on") <= day
    )
    bill = (
        dues.filter(pl.col("kind") == "statement")
        .sort("due_on", "effective_on", "source_key")
        .group_by("act", "account_id", maintain_order=True)
        .last()
        .select("act", "account_id", bill="amount_minor", billed_on="effective_on", fell="due_on")
    )
    key = ["act", "account_id"]
    parts = dues.filter(pl.col("kind") == "installment").join(bill, on=key, how="left")
    parts = parts.filter(pl.col("fell").is_null() | (pl.col("due_on") > pl.col("fell")))
    plus = parts.group_by(key).agg(parts=pl.col("amount_minor").sum())
    moved = pl.concat([_payments(log["payment"]), log["refund"].select(_MONEY)])
    came = of.join(moved, on="account_id").filter(seen, pl.col("effective_on") <= day)
    came = came.join(bill, on=key, how="left").filter(
        pl.col("billed_on").is_null() | (pl.col("effective_on") > pl.col("billed_on"))
    )
    less = came.group_by(key).agg(came=pl.col("amount_minor").sum())
    found = base.select(*key, "creditor_type", "product_type")
    told = of.join(log["owed"], on="account_id").filter(seen).sort("nth").group_by(key).last()
    for part in (bill, plus, less, told.select(*key, told="due_minor")):
        found = found.join(part, on=key, how="left")
    number = [pl.col(name).fill_null(0) for name in ("bill", "parts", "came")]
    due = pl.coalesce("told", pl.max_horizontal(number[0] + number[1] - number[2], pl.lit(0)))
    return _contested(base, found.select(*key, "creditor_type", "product_type", due_minor=due), log)


_MONEY = ("account_id", "effective_on", "amount_minor", "recorded_at")


def _payments(payments: pl.DataFrame) -> pl.DataFrame:
    sign = pl.when(pl.col("stage") == "settled").then(1).otherwise(-1)
    moved = payments.filter(pl.col("stage").is_in(["settled", "reversed"]))
    return moved.with_columns(amount_minor=pl.col("amount_minor") * sign).select(_MONEY)


def _contested(base: pl.DataFrame, owed: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Add whether an account is settled, and whether it is under an open dispute of its own."""
    keyed = base.select("act", "account_id", *_WHEN[1:])
    ends = before(keyed, log["status"].filter(pl.col("kind") == "settled").drop("person_id"),
                  on="account_id")  # fmt: skip
    latest = _last(ends, "act", "account_id", strict=pl.col("stage") == "began")
    closed = latest.filter(pl.col("stage") == "began").select("act", "account_id", settled=True)
    own = log["dispute"].filter(pl.col("account_id").is_not_null()).drop("person_id")
    open_ = _disputed(keyed, own, "account_id").select("act", "account_id", contested=True)
    key = ["act", "account_id"]
    found = owed.join(closed, on=key, how="left").join(open_, on=key, how="left")
    return found.with_columns(pl.col("settled", "contested").fill_null(False))


def _disputed(acts: pl.DataFrame, disputes: pl.DataFrame, on: str) -> pl.DataFrame:
    """Return the acts, and accounts, with a dispute that was opened and not resolved by then."""
    said = before(acts, disputes, on=on)
    by = [*dict.fromkeys(("act", on)), "dispute_ref"]
    stage = pl.col("stage")
    held = said.group_by(by).agg(
        opened=(stage == "opened").any(), resolved=(stage == "resolved").any()
    )
    return held.filter(pl.col("opened"), ~pl.col("resolved")).select(by[:-1]).unique()


def _areas(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return the acts with somebody who was, or may have been, where nobody is contacted.

    A moratorium's end is the one recorded last; who may be in its area, because nobody knows or
    only a wider area is known, is held too unless it says otherwise.
    """
    when = acts.select(*_WHEN, "jurisdiction")
    day, ends = pl.col("local_on"), pl.col("ends_on")
    seen = pl.col("recorded_at") <= pl.col("known_at")
    said = when.join(log["moratorium"], on="jurisdiction").filter(seen, pl.col("starts_on") <= day)
    told = said.select("act", "moratorium", "known_at").join(
        log["moratorium_end"].rename({"ends_on": "until"}), on="moratorium"
    )
    last = told.filter(seen).sort("end").group_by("act", "moratorium", maintain_order=True).last()
    stands = said.join(last.select("act", "moratorium", "until"), on=["act", "moratorium"],
                       how="left").with_columns(ends_on=pl.coalesce("until", "ends_on")).filter(
        ends.is_null() | (ends > day)
    )  # fmt: skip
    own = log["point"].filter(pl.col("relation") == "obligor", pl.col("area") != "")
    there = (
        when.join(own.rename({"area": "theirs"}), on="person_id")
        .filter(seen, pl.col("effective_on") <= day, ends.is_null() | (ends > day))
        .select("act", "theirs")
        .unique()
    )
    both = stands.join(there, on="act", how="left")
    within = pl.col("theirs").str.starts_with(pl.col("area"))
    unsure = pl.col("theirs").is_null() | pl.col("area").str.starts_with(pl.col("theirs"))
    hit = both.filter(within.fill_null(False) | (unsure & pl.col("holds_unknown")))
    return hit.select("act", area_stopped=pl.lit(True)).unique()


def _in_flight(acts: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Return the calendar days since the youngest payment that is on its way."""
    of = acts.select(_WHEN).join(log["account"].select("person_id", "account_id"), on="person_id")
    said = of.join(log["payment"], on="account_id").filter(
        pl.col("recorded_at") <= pl.col("known_at"), pl.col("effective_on") <= pl.col("local_on")
    )
    begun = pl.col("stage") == "initiated"
    each = said.group_by("act", "payment_ref").agg(
        over=(~begun).any(),
        since=pl.col("effective_on").filter(begun).max(),
        local_on=pl.col("local_on").first(),
    )
    under_way = each.filter(~pl.col("over"), pl.col("since").is_not_null())
    days = (pl.col("local_on") - pl.col("since")).dt.total_days().min().cast(pl.Int32)
    return under_way.group_by("act").agg(in_flight_days=days)
