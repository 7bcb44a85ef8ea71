"""The awkward cases that every collector meets, by number, as the law and the house answer them.

Those that need a person's history are asked of the gate in `tests/demo/test_awkward.py` and
`tests/actions/test_law_facts.py`; a test here says which.
"""

from __future__ import annotations

from datetime import date

import pytest
from tests.asking import blocked

from forbear.demo.cast import AWKWARD
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law

LAW = fetch_law()
CALLS_IN_DB = {awkward.edge for awkward in AWKWARD}
US = {"jurisdiction": "US"}
THIRD = {"relation": "contact_person", "purpose": "locate", "point_named": True}


def conduct(rule: str) -> str:
    """Return where a rule of conduct is seen to."""
    (version,) = [v for v in LAW.versions if v.rule == rule]
    return str(version.value.get("checked_by", version.kind))


def stops(**facts: object) -> bool:
    """Return whether something stops every channel."""
    return all(blocked(channel=channel, **facts) for channel in Channel)


def test_01_every_zone_they_may_be_in_must_allow():
    assert not blocked(**US, local_minute="12:00", least_minute="09:00", most_minute="12:00")
    assert blocked(**US, local_minute="10:00", least_minute="07:00", most_minute="10:00")
    assert blocked(has_zone=False, local_minute=-1) == ["law.no_zone"]


def test_02_the_window_is_closed_on_the_hour_and_messages_stop_five_minutes_before():
    assert not blocked(local_minute="21:59")
    assert blocked(local_minute="22:00")
    assert not blocked(channel="sms", local_minute="21:54")
    assert blocked(channel="sms", local_minute="21:55") == ["house.cn.message_hours"]


def test_03_the_quiet_hours_cross_midnight_as_one_stretch():
    assert all(blocked(local_minute=clock) for clock in ("22:00", "23:59", "00:00", "07:59"))


def test_04_the_calendar_day_and_the_twenty_four_hours_are_both_kept():
    assert blocked(effective_today=3)
    assert blocked(effective_24h=3) == ["house.cn.effective_calls_per_24h"]


def test_05_three_counters_are_never_merged():
    assert not blocked(effective_today=2, connected_notices_today=2, unanswered_point_today=5)


def test_06_china_counts_the_person_and_the_united_states_the_person_and_the_debt():
    assert blocked(effective_today=3, debt_calls_7d=1)
    assert not blocked(**US, outbound_7d=14, debt_calls_7d=6)
    assert blocked(**US, debt_calls_7d=7) == ["house.us.debt_calls_per_week"]


@pytest.mark.parametrize("edge", [7, 8, 9, 10, 12, 13, 14])
def test_07_to_14_what_a_history_is_needed_for_is_asked_of_the_gate(edge):
    assert edge in CALLS_IN_DB


def test_11_consent_to_the_night_opens_the_night_and_nothing_else():
    assert not blocked(local_minute="23:00", night_consent=True)
    assert blocked(local_minute="23:00", night_consent=True, ceased=True)


def test_12_a_contact_person_who_refused_is_refused_for_good():
    assert "house.point_refused" in blocked(**THIRD, own_phone_invalid=True, point_refused=True)


def test_14_one_switched_off_day_is_no_lost_contact():
    assert blocked(**THIRD, failed_streak=9, failed_streak_days=1) == ["house.cn.lost_contact"]
    assert not blocked(**THIRD, failed_streak=3, failed_streak_days=3)


def test_15_a_spouse_is_nobody_to_collect_from_without_evidence():
    assert blocked(relation="relative")
    assert not blocked(relation="co_obligor")
    assert conduct("cn.civil_code.spouse") == "procedure"


def test_16_after_a_death_only_the_administrator_is_looked_for():
    assert stops(deceased=True)
    assert not blocked(**THIRD, deceased=True)
    assert conduct("cn.civil_code.heirs") == "screening"


def test_17_a_minor_and_who_lost_capacity_are_left_alone():
    assert stops(minor=True)
    assert stops(incapacitated=True)


def test_18_what_is_disputed_is_not_collected():
    assert stops(disputed=True)


def test_19_a_payment_on_its_way_is_waited_for_three_days():
    assert stops(payment_in_flight=True, in_flight_days=3)
    assert not blocked(payment_in_flight=True, in_flight_days=4)


def test_20_a_plan_that_is_kept_stops_collection():
    assert stops(arranged=True)
    assert "cn.credit_card_2011.arrangement" in blocked(arranged=True)


def test_21_during_mediation_the_mediator_speaks_and_after_suit_letters_are_written():
    assert stops(mediated=True)
    assert blocked(in_court=True) == ["house.court"]
    assert not blocked(in_court=True, channel="letter")


def test_25_an_old_debt_may_be_asked_for_in_china_and_not_in_korea():
    assert not blocked(time_barred=True)
    assert blocked(jurisdiction="KR", time_barred=True) == ["kr.fsc_guideline.time_barred"]
    assert conduct("us.regulation_f.time_barred_suit") == "screening"


def test_28_a_repair_of_credit_records_is_promised_to_nobody():
    assert conduct("cn.credit_repair_2025.promise") == "screening"


def test_29_insolvency_is_by_a_courts_notice():
    assert stops(insolvent=True)


def test_30_a_moratorium_is_a_dated_fact_and_no_hard_coded_festival():
    assert stops(moratorium=True)
    assert not blocked(on=date(2026, 2, 17))  # the first day of the lunar year
    indonesia = {"jurisdiction": "ID", "weekdays": ["tuesday"]}
    assert not blocked(**indonesia)
    assert blocked(**indonesia, holiday=True) == ["id.pojk_22_2023.contact_days"]


def test_31_a_student_is_written_to_and_not_called():
    assert blocked(student=True) == ["house.student"]
    assert not blocked(student=True, channel="sms")
    assert conduct("cn.student_notice_2021.no_lending") == "procedure"


def test_32_an_agency_that_leaves_gives_the_data_back():
    assert conduct("cn.pipl_2021.entrusted") == "procedure"


def test_33_what_law_says_must_stay_is_stored_and_not_used():
    kept = {v.rule: v.value["years"] for v in LAW.versions if v.kind == "keep_records"}
    assert kept["cn.credit_card_2011.keep_records"] == 2
    assert kept["cn.cfc_2024.keep_records"] == 5
    assert kept["cn.aml_2024.keep_records"] == 10
    assert conduct("cn.pipl_2021.data_rights") == "duty"


def test_34_a_machines_decision_is_explained_and_made_again_by_a_person():
    assert conduct("cn.pipl_2021.automated_decision") == "procedure"


def test_35_a_police_order_stops_every_channel_and_every_hand():
    assert stops(no_contact_order=True)
    assert blocked(**THIRD, own_phone_invalid=True, no_contact_order=True)
