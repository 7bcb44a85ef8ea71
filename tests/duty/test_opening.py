"""Which facts open and close which duties: by place, by creditor, by day, each once."""

from __future__ import annotations

from datetime import date

import polars as pl

from forbear.duty.opening import FACTS, OPENED, closed, opened
from forbear.store.packs import fetch_law

LAW = fetch_law()
DAY = date(2026, 3, 2)


def fact(occasion: str, **known: object) -> dict[str, object]:
    return {
        "because": f"test:{occasion}",
        "occasion": occasion,
        "thread": "",
        "person_id": 1,
        "account_id": 2,
        "on": DAY,
        "act_on": None,
        "places": ["CN"],
        "creditors": ["bank"],
    } | known


def frame(*facts: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(facts, schema=FACTS)


def rules(*facts: dict[str, object]) -> list[str]:
    return opened(LAW, frame(*facts))["rule"].to_list()


def test_a_dispute_in_china_is_marked_and_answered():
    assert rules(fact("dispute_opened")) == [
        "cn.credit_reporting_2013.objection_answer",
        "house.cn.objection_mark",
    ]


def test_a_dispute_elsewhere_opens_no_chinese_duty():
    assert rules(fact("dispute_opened", places=["US"])) == []
    assert rules(fact("dispute_opened", places=[])) == []


def test_where_two_places_may_hold_the_duties_of_both_open():
    assert "house.cn.objection_mark" in rules(fact("dispute_opened", places=["US", "CN"]))


def test_a_rule_for_banks_asks_nothing_of_a_micro_lender_and_all_of_an_unknown_one():
    assert rules(fact("complaint_received", creditors=["micro_loan"])) == []
    wanted = ["cn.complaints_2020.complaint_answer"]
    assert rules(fact("complaint_received", creditors=[])) == wanted
    assert rules(fact("complaint_received", creditors=["micro_loan", "bank"])) == wanted


def test_a_validation_notice_is_a_debt_collectors_and_no_first_partys():
    us = {"places": ["US"]}
    assert rules(fact("first_contact", **us, creditors=["bank"])) == []
    assert rules(fact("first_contact", **us, creditors=["transferee"])) == [
        "us.regulation_f.validation_notice"
    ]


def test_a_planned_act_without_its_day_opens_nothing():
    assert rules(fact("adverse_report_planned")) == []
    assert len(rules(fact("adverse_report_planned", act_on=date(2026, 3, 9)))) == 1


def test_no_facts_open_no_duties_and_keep_their_columns():
    assert opened(LAW, frame()).schema == pl.Schema(OPENED)


def duties(rule: str, **known: object) -> pl.DataFrame:
    row = {
        "duty_id": 7,
        "rule": rule,
        "thread": "dispute:d1",
        "person_id": 1,
        "account_id": 2,
        "opened_on": DAY,
    } | known
    schema = {
        "duty_id": pl.Int64,
        "rule": pl.String,
        "thread": pl.String,
        "person_id": pl.Int64,
        "account_id": pl.Int64,
        "opened_on": pl.Date,
    }
    return pl.DataFrame([row], schema=schema)


ANSWER = "cn.credit_reporting_2013.objection_answer"


def ends(open_duties: pl.DataFrame, *facts: dict[str, object]) -> list[tuple[int, date]]:
    return closed(LAW, open_duties, frame(*facts)).rows()


def test_the_answer_to_the_same_dispute_closes_the_duty_on_its_day():
    later = date(2026, 3, 9)
    answer = fact("dispute_resolved", thread="dispute:d1", on=later)
    again = answer | {"on": date(2026, 3, 12)}
    assert ends(duties(ANSWER), again, answer) == [(7, later)]


def test_another_dispute_person_or_account_or_an_earlier_fact_closes_nothing():
    answer = fact("dispute_resolved", thread="dispute:d1")
    for other in (
        {"thread": "dispute:d2"},
        {"person_id": 9},
        {"account_id": 9},
        {"on": date(2026, 3, 1)},
        {"occasion": "account_settled"},
    ):
        assert ends(duties(ANSWER), answer | other) == []


def test_a_plan_that_is_broken_ends_the_rest_but_not_the_keeping_of_its_recording():
    broken = fact("plan_broken")
    rest = "cn.credit_card_2011.plan_rest"
    keep = "cn.credit_card_2011.plan_recording"
    assert ends(duties(rest, thread=""), broken) == [(7, DAY)]
    assert ends(duties(keep, thread=""), broken) == []
    assert ends(duties(keep, thread=""), fact("account_settled")) == [(7, DAY)]
