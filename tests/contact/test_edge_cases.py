"""The awkward cases that every collector meets, by number, as the law and the house answer them.

Those that need a person's history are asked of the gate in `tests/demo/test_awkward.py` and
`tests/actions/test_law_facts.py`; a test here says which. Cases 22 to 24, 26 and 27 are of a court
or of a price: no contact and no duty depends on them, so the calculators alone answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.asking import blocked

from forbear.calculation.cap import Contract, cap
from forbear.calculation.delay import LateDebt, delay_interest
from forbear.calculation.procedure import USUAL, Case, choice
from forbear.demo.cast import AWKWARD
from forbear.kernel.court import CaseFact, Lender, Procedure
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law

LAW = fetch_law()
CALLS_IN_DB = {awkward.edge for awkward in AWKWARD}
BY_EDGE = {edge: [a.slug for a in AWKWARD if a.edge == edge] for edge in CALLS_IN_DB}
ON = date(2026, 11, 20)
US = {"jurisdiction": "US"}
THIRD = {"relation": "contact_person", "purpose": "locate", "point_named": True}


def conduct(rule: str) -> str:
    """Return where a rule of conduct is seen to."""
    (version,) = [v for v in LAW.versions if v.rule == rule]
    return str(version.value.get("checked_by", version.kind))


def stops(**facts: object) -> bool:
    """Return whether something stops every channel."""
    return all(blocked(channel=channel, **facts) for channel in Channel)


def ways(case: Case) -> set[Procedure]:
    """Return the procedures that are open for a claim, by what is known."""
    return {o.procedure for o in choice(LAW, case).options if o.open}


def test_all_thirty_five_are_here_by_number():
    named = set()
    for name in re.findall(r"def test_(\d\d(?:_to_\d\d)?)_", Path(__file__).read_text()):
        first, _, last = name.partition("_to_")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == set(range(1, 36))


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


@pytest.mark.parametrize("edge", [7, 8, 9, 10, 12, 13, 14, 20, 21, 25, 30, 31])
def test_people_of_the_demo_book_bring_the_history_that_an_edge_needs(edge):
    assert edge in CALLS_IN_DB


def test_07_what_another_agency_used_up_today_is_used_up():
    assert {"three-agencies", "sold-today"} <= set(BY_EDGE[7])
    assert blocked(effective_today=3)


def test_08_a_bot_that_hands_over_to_a_person_is_one_call():
    assert {"handed-over", "two-bots-one-person"} <= set(BY_EDGE[8])


def test_09_a_call_that_is_put_down_at_once_counts_as_effective():
    assert "hung-up" in BY_EDGE[9]


def test_10_who_calls_at_night_is_answered_and_nothing_of_it_is_counted_against_them():
    assert "calls-us" in BY_EDGE[10]


def test_13_a_family_phone_discloses_nothing_before_identity_is_known():
    assert {"shared-phone", "shared-phone-refused"} <= set(BY_EDGE[13])
    assert conduct("house.identity_first") == "content"


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


def test_22_preservation_before_suit_closes_the_payment_order():
    claim = Case(amount_minor=8_000_00, filed_on=ON, wage_minor=120_000_00)
    assert Procedure.payment_order in ways(claim)
    preserved = replace(claim, facts=USUAL | {CaseFact.preserved})
    assert Procedure.payment_order not in ways(preserved)


def test_23_a_missing_debtor_leaves_the_ordinary_procedure_alone():
    claim = Case(amount_minor=8_000_00, filed_on=ON, wage_minor=120_000_00)
    missing = replace(claim, facts=USUAL | {CaseFact.debtor_missing})
    assert ways(missing) == {Procedure.ordinary}


def test_24_small_claims_are_measured_by_the_wage_last_published():
    claim = Case(amount_minor=50_000_01, filed_on=ON)
    assert choice(LAW, claim).missing, "no wage is known, so none is guessed"
    assert Procedure.small_claims not in ways(replace(claim, wage_minor=100_000_00))
    assert Procedure.small_claims in ways(replace(claim, wage_minor=100_000_02))


def test_26_the_cap_is_of_the_day_the_contract_was_made_and_changes_only_where_law_says():
    private = Contract(lender=Lender.private, formed_on=date(2025, 6, 2), filed_on=ON)
    (span,) = cap(LAW, private).spans
    assert span.cap_ppm == 4 * 30_000, "four times the rate of May 2025, whatever came after"
    older = replace(private, formed_on=date(2019, 10, 1), filed_on=date(2025, 6, 1))
    before, after = cap(LAW, older).spans
    assert (before.end, after.start) == (date(2020, 8, 20), date(2020, 8, 20))
    assert before.cap_ppm > after.cap_ppm


def test_27_in_enforcement_what_is_paid_meets_the_judged_sum_before_the_doubled_interest():
    """Before judgment the book holds one amount for each due, and splits none of it."""
    late = LateDebt(debt_minor=10_000_00, due_on=date(2026, 1, 1), until=date(2026, 3, 1))
    paid = replace(late, repayments=((date(2026, 2, 1), 4_000_00),))
    assert delay_interest(LAW, paid).left_minor == 6_000_00
    assert 0 < delay_interest(LAW, paid).interest_minor < delay_interest(LAW, late).interest_minor


def test_25_an_old_debt_may_be_asked_for_in_china_and_not_in_korea():
    assert not blocked(time_barred=True)
    assert blocked(jurisdiction="KR", time_barred=True) == ["kr.fsc_guideline.time_barred"]
    assert conduct("us.regulation_f.time_barred_suit") == "screening"


def test_28_a_repair_of_credit_records_is_promised_to_nobody():
    assert conduct("cn.credit_repair_2025.promise") == "procedure"


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
    assert conduct("cn.pipl_2021.data_rights") == "procedure"


def test_34_a_machines_decision_is_explained_and_made_again_by_a_person():
    assert conduct("cn.pipl_2021.automated_decision") == "procedure"


def test_35_a_police_order_stops_every_channel_and_every_hand():
    assert stops(no_contact_order=True)
    assert blocked(**THIRD, own_phone_invalid=True, no_contact_order=True)
