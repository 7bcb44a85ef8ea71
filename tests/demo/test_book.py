"""The drawn people: believable, reproducible, fictional, and lawful in what was done so far."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from forbear.demo.book import crowd_facts, demo_book
from forbear.demo.history import within_caps

AS_OF = date(2026, 11, 20)


@pytest.fixture(scope="module")
def facts():
    return crowd_facts(np.random.default_rng(1), 20_000, as_of=AS_OF)


def owed(facts: dict[str, pl.DataFrame], on: date) -> pl.DataFrame:
    """The days past due of each account, worked out from the facts alone and in a second way."""
    moved = pl.concat(
        [
            facts["payment"]
            .unique("source_key")
            .filter(pl.col("stage").is_in(["settled", "reversed"]))
            .with_columns(
                amount_minor=pl.when(pl.col("stage") == "settled")
                .then("amount_minor")
                .otherwise(-pl.col("amount_minor"))
            )
            .select("account_ref", "amount_minor", "effective_on"),
            facts["refund"].select("account_ref", "amount_minor", "effective_on"),
        ]
    ).filter(pl.col("effective_on") <= on)
    dues = facts["due"].filter(pl.col("due_on") <= on)
    installments = dues.filter(pl.col("kind") == "installment").sort("account_ref", "due_on")
    paid = moved.group_by("account_ref").agg(pl.col("amount_minor").sum().alias("paid"))
    oldest = (
        installments.join(paid, on="account_ref", how="left")
        .with_columns(total=pl.col("amount_minor").cum_sum().over("account_ref", order_by="due_on"))
        .filter(pl.col("total") > pl.col("paid").fill_null(0))
        .group_by("account_ref")
        .agg(pl.col("due_on").min())
    )
    latest = (
        dues.filter(pl.col("kind") == "statement").sort("due_on").group_by("account_ref").last()
    )
    after = (
        latest.select("account_ref", pl.col("effective_on").alias("billed_on"))
        .join(moved, on="account_ref")
        .filter(pl.col("effective_on") > pl.col("billed_on"))
        .group_by("account_ref")
        .agg(pl.col("amount_minor").sum().alias("paid"))
    )
    unpaid = (
        latest.join(after, on="account_ref", how="left")
        .filter(pl.col("amount_minor") > pl.col("paid").fill_null(0))
        .select("account_ref", "due_on")
    )
    by_due = pl.concat([oldest, unpaid]).select(
        "account_ref", (on - pl.col("due_on")).dt.total_days().alias("days")
    )
    reports = (
        facts["reported_delinquency"]
        .filter(pl.col("effective_on") <= on)
        .sort("effective_on")
        .group_by("account_ref")
        .last()
        .filter(pl.col("months_late") > 0)
        .select(
            "account_ref",
            (pl.col("months_late") * 30 + (on - pl.col("effective_on")).dt.total_days())
            .cast(pl.Int64)
            .alias("days"),
        )
    )
    return pl.concat([by_due, reports]).group_by("account_ref").agg(pl.col("days").max())


def months_late(facts, on: date) -> dict[int, float]:
    """The share of people in each month of arrears by their worst account."""
    worst = (
        facts["account"]
        .join(owed(facts, on), left_on="ref", right_on="account_ref", how="left")
        .group_by("person_ref")
        .agg(pl.col("days").max().fill_null(0).clip(lower_bound=0))
    )
    month = worst.select(
        pl.when(pl.col("days") == 0).then(0).otherwise((pl.col("days") + 29) // 30).clip(0, 9)
    ).to_series()
    return {m: (month == m).mean() for m in range(10)}


def test_four_in_five_are_not_past_due_and_each_later_month_is_rarer(facts):
    share = months_late(facts, AS_OF)
    assert 0.78 < share[0] < 0.82
    assert 0.11 < share[1] < 0.13
    later = [share[m] for m in range(1, 8)]
    assert later == sorted(later, reverse=True)
    assert share[9] > 0


def test_a_month_before_the_book_looks_much_the_same(facts):
    share = months_late(facts, AS_OF - timedelta(days=30))
    assert 0.75 < share[0] < 0.93
    assert share[1] > share[2] > share[3]


def test_the_same_seed_and_day_give_the_same_facts():
    one, two, other = (
        demo_book(np.random.default_rng(seed), people=300, as_of=AS_OF).tables for seed in (5, 5, 6)
    )
    assert all(one[t].write_ndjson() == two[t].write_ndjson() for t in one)
    assert one["payment"].write_ndjson() != other["payment"].write_ndjson()


def test_every_day_counts_from_as_of(facts):
    shifted = crowd_facts(np.random.default_rng(1), 20_000, as_of=AS_OF + timedelta(days=7))
    days = shifted["attempt"]["local_on"].max() - facts["attempt"]["local_on"].max()
    assert days == timedelta(days=7)
    assert facts["attempt"]["at"].dt.date().max() <= AS_OF
    assert facts["payment"]["effective_on"].max() == AS_OF
    assert facts["due"]["effective_on"].max() <= AS_OF
    assert facts["due"]["due_on"].max() > AS_OF  # what will fall due is known


def test_nothing_can_reach_anybody(facts):
    points = facts["contact_point"]
    assert points["fictional"].all()
    phones = points.filter(pl.col("kind") == "phone")["value"]
    assert phones.str.contains(r"^\+86(10|2\d)0\d{7}$").all()
    assert points.filter(pl.col("kind") == "email")["value"].str.ends_with("@example.invalid").all()
    assert points.filter(pl.col("kind") == "address")["value"].str.contains("示例区").all()
    assert facts["profile"]["identifier"].str.contains(r"^99\d{16}$").all()
    assert phones.n_unique() == len(phones)


def test_two_accounts_of_one_person_are_of_different_creditors(facts):
    held = (
        facts["account"]
        .group_by("person_ref")
        .agg(pl.len(), pl.col("creditor_type").n_unique().alias("kinds"))
    )
    assert (held["len"] == held["kinds"]).all()
    assert {1, 2, 3} == set(held["len"].unique())


def test_some_missed_their_very_first_payment(facts):
    late = owed(facts, AS_OF).filter(pl.col("days") > 0)
    first = facts["due"].group_by("account_ref").agg(pl.col("due_on").min())
    missed = late.join(first, on="account_ref").filter(
        (AS_OF - pl.col("due_on")).dt.total_days() == pl.col("days")
    )
    assert 0.08 < len(missed) / len(late) < 0.25


def test_most_late_payments_came_without_a_promise(facts):
    due = facts["due"].with_columns(
        payment_ref=pl.col("source_key").str.replace(":due:", ":pay:", literal=True)
    )
    paid = facts["payment"].filter(pl.col("stage") == "settled")
    late = due.join(paid, on="payment_ref").filter(pl.col("effective_on_right") > pl.col("due_on"))
    assert len(late) > 5_000
    assert len(facts["promise"]) < len(late) / 2


def test_promises_are_kept_broken_and_still_open(facts):
    promises = facts["promise"]
    kept = facts["payment"].filter(pl.col("payment_ref").str.ends_with(":promise"))
    past = promises.filter(pl.col("due_on") <= AS_OF)
    assert len(kept) > 100
    assert len(past) > 2 * len(kept)
    assert len(promises) > len(past)
    assert (promises["amount_minor"] > 0).all()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("disposition", "code"),
        ("consent", "kind"),
        ("status", "kind"),
        ("payment", "stage"),
        ("contact_point", "relation"),
        ("contact_point_stage", "stage"),
        ("account", "creditor_type"),
        ("attempt", "channel"),
    ],
)
def test_every_word_of_the_vocabulary_is_in_the_book(facts, table, column):
    from forbear.kernel import vocabulary as words

    closed = {
        "disposition": words.Disposition,
        "consent": words.ConsentKind,
        "status": words.StatusKind,
        "payment": words.PaymentStage,
        "contact_point": words.Relation,
        "contact_point_stage": words.PointStage,
        "account": words.CreditorType,
        "attempt": words.Channel,
    }[table]
    assert set(facts[table][column].unique()) == {word.value for word in closed}


def test_some_payments_came_twice_and_some_are_on_their_way(facts):
    payments = facts["payment"]
    assert payments["source_key"].is_duplicated().sum() > 200
    ended = payments.filter(pl.col("stage") != "initiated")["payment_ref"]
    started = payments.filter(pl.col("stage") == "initiated")
    waiting = started.filter(~pl.col("payment_ref").is_in(ended.implode()))
    assert len(waiting) > 30
    assert (AS_OF - waiting["effective_on"].min()).days <= 3


def test_what_was_done_so_far_kept_the_rules(facts):
    tried = facts["attempt"].filter(~pl.col("inbound"))
    a_day = tried.group_by("person_ref", "local_on").agg(
        pl.len(), pl.col("effective").sum().alias("effective")
    )
    assert a_day["len"].max() == 6
    assert a_day["effective"].max() == 3
    today = a_day.filter(pl.col("local_on") == AS_OF)
    assert (today["len"] == 6).sum() > 20  # already at today's cap
    assert (today["effective"] == 3).sum() > 20
    stopped = facts["consent"].filter(
        (pl.col("kind") == "cease_request") & (pl.col("state") == "given")
    )
    later = tried.join(stopped, on="person_ref").filter(pl.col("at") > pl.col("effective_at"))
    assert len(later) == 0
    asked = tried.filter(pl.col("contact_point_key").str.contains(":contact"))
    named = facts["contact_point_stage"].filter(pl.col("stage") == "named")["contact_point_key"]
    assert len(asked) > 10
    assert asked["contact_point_key"].is_in(named.implode()).all()


def test_a_fourth_conversation_and_a_seventh_contact_are_taken_out_of_the_history():
    noon = datetime(2026, 11, 20, 4, tzinfo=UTC)
    codes = [*["talked"] * 5, *["no_answer"] * 9]
    tried = pl.DataFrame(
        {
            "person": [1] * len(codes),
            "at": [noon + timedelta(minutes=n) for n in range(len(codes))],
            "kind_order": range(len(codes)),
            "code": codes,
            "inbound": [False] * len(codes),
            "local_on": [AS_OF] * len(codes),
        }
    )
    assert within_caps(tried)["code"].to_list() == ["talked"] * 3 + ["no_answer"] * 3
    called_us = tried.with_columns(inbound=pl.lit(value=True))
    assert len(within_caps(called_us)) == len(codes)


def test_an_attempt_is_on_the_day_of_the_persons_own_clock(facts):
    zones = facts["profile"].filter(pl.col("source_key").str.ends_with(":profile"))
    moved = facts["profile"].filter(pl.col("source_key").str.ends_with(":moved"))
    tried = facts["attempt"].join(zones.select("person_ref", "zone"), on="person_ref")
    tried = tried.join(moved.select("person_ref"), on="person_ref", how="anti")
    for zone in ("Asia/Shanghai", "Asia/Urumqi"):
        mine = tried.filter(pl.col("zone") == zone)
        local = mine["at"].dt.convert_time_zone(zone)
        assert len(mine) > 100
        assert (local.dt.date() == mine["local_on"]).all()
        assert local.dt.hour().is_between(8, 21).all()


def test_the_book_opens_every_kind_of_clock_fresh_and_past_due(facts):
    told = facts["occasion"]
    assert set(told["kind"].unique()) == {
        "complaint_received",
        "complaint_referred",
        "placement_planned",
        "adverse_report_planned",
        "plan_agreed",
    }
    assert told["effective_on"].max() < AS_OF
    planned = told.filter(pl.col("kind").str.ends_with("planned"))
    assert planned["act_on"].null_count() == 0
    assert (planned["act_on"] > planned["effective_on"]).all()
    assert planned["act_on"].min() < AS_OF < planned["act_on"].max()
    held = told.join(facts["account"], left_on="account_ref", right_on="ref")
    assert (held["person_ref"] == held["person_ref_right"]).all()
    assert len(held) == len(told)
