"""What is told of the law and is not so stands in no pack."""

from __future__ import annotations

from datetime import date

from forbear.law.packs import in_force
from forbear.store.packs import fetch_law

LAW = fetch_law()


def test_the_convention_of_2018_has_no_hours_and_no_number_of_calls():
    kinds = {v.kind for v in LAW.versions if v.rule.startswith("cn.nifa_2018.")}
    assert kinds == {"conduct", "content", "named_contact_person"}


def test_nothing_is_said_to_be_in_force_from_the_day_that_pages_invented():
    assert date(2023, 9, 1) not in {v.start for v in LAW.versions}


def test_three_a_day_is_of_effective_calls_or_connected_notices_and_never_of_every_call():
    for version in LAW.versions:
        if version.jurisdiction == "CN" and version.value.get("maximum") == 3:
            assert version.value["counts"] in {"effective_today", "connected_notices_today"}
    six = [v for v in LAW.versions if v.jurisdiction == "CN" and v.value.get("maximum") == 6]
    assert {v.value["counts"] for v in six} == {"unanswered_point_today"}


def test_no_week_or_month_is_counted_in_china_by_law():
    windows = {v.kind for v in LAW.versions if v.jurisdiction == "CN"}
    assert not windows & {"weekly_maximum", "rolling_maximum", "wait_after_talk"}


def test_four_times_the_prime_rate_is_never_the_cap_of_a_bank_or_consumer_finance_company():
    multiples = [v for v in LAW.versions if "lpr_multiple" in v.value.get("cap", {})]
    assert {lender for v in multiples for lender in v.value["lenders"]} == {"private", "micro_loan"}


def test_five_in_ten_thousand_a_day_was_a_cards_band_and_caps_no_pay_later():
    bands = [v for v in LAW.versions if v.kind == "revolving_rate"]
    assert [(v.applies.product_type, v.end) for v in bands] == [(("card",), date(2021, 1, 1))]
    assert {v.value["most_daily_ppm"] for v in bands} == {500}


def test_no_prime_rate_is_of_a_sunday_or_of_a_day_after_the_last_that_was_read():
    for version in LAW.versions:
        if version.kind == "rate_series":
            assert all(day.weekday() < 5 for day in version.value["fixings"])
            assert max(version.value["fixings"]) == date(2026, 8, 20)
            assert date(2026, 9, 20) > version.value["known_through"]


def test_no_fee_is_of_the_rules_of_1989():
    bands = [v for v in LAW.versions if v.topic == "fee_accept"]
    assert {v.value["first"]["to_minor"] for v in bands} == {1_000_000}
    assert all(band["rate_ppm"] < 40_000 for v in bands for band in v.value["bands"])


def test_the_convention_sets_no_days_for_complaints_and_no_hours_to_answer_in():
    assert not [v for v in LAW.versions if v.rule.startswith("cn.nifa_2018.") and v.kind == "duty"]


def test_the_draft_of_2026_is_no_law_in_india():
    assert {v.start for v in LAW.versions if v.jurisdiction == "IN"} == {date(2022, 8, 12)}


def test_regulation_f_presumes_and_does_not_forbid_the_eighth_call():
    effects = {
        v.rule: v.effect.value
        for topic in ("debt_calls_per_week", "wait_after_talk")
        for v in in_force(LAW, topic=topic, on=date(2026, 11, 20))
    }
    assert effects == {
        "us.regulation_f.debt_calls_per_week": "presumes_breach",
        "us.regulation_f.wait_after_talk": "presumes_breach",
        "house.us.debt_calls_per_week": "forbids",
        "house.us.wait_after_talk": "forbids",
    }
