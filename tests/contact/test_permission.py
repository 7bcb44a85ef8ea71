"""What the gate answers for one person, one channel, one minute: in words, with the rules named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.asking import DAY, asked, blocked, contacts, every_act

from forbear.contact.acts import HERE, TOPICS, act_numbers
from forbear.contact.facts import ContactFacts, empty_facts
from forbear.contact.permission import allowed, forbidden
from forbear.kernel.vocabulary import Channel
from forbear.law.packs import Applies, Law, policy
from forbear.store.packs import fetch_law

LAW = fetch_law()
GBT, CBA, HOUSE = "cn.gbt_45251_2025.", "cn.cba_2026.", "house."


def without(*rules: str, digest: str = "less") -> Law:
    """Return the law without some rules."""
    kept = tuple(v for v in LAW.versions if v.rule not in rules)
    return Law(versions=kept, digest=f"{digest} {' '.join(rules)}")


def test_a_call_in_the_morning_to_a_borrower_is_allowed_and_says_what_was_asked():
    assert blocked() == []
    rules = asked()
    assert rules[:3] == ["contact.no_point", "law.no_pack", "law.no_zone"]
    assert {GBT + "contact_hours", CBA + "contact_hours", HOUSE + "cease_request"} <= set(rules)
    assert GBT + "night_agreement" in rules, "an exception that was looked at is named"


@pytest.mark.parametrize("channel", Channel)
def test_the_edges_of_the_lawful_day_hold_on_every_channel(channel):
    answers = [
        blocked(channel=channel, local_minute=clock) == []
        for clock in ("07:59", "08:00", "21:54", "22:00")
    ]
    assert answers == [False, True, True, False]
    # A message may arrive later than it was sent, so it is not sent in the last five minutes.
    late = {Channel.app, Channel.sms, Channel.email}
    assert (blocked(channel=channel, local_minute="21:59") == []) == (channel not in late)


def test_an_hour_must_be_lawful_wherever_they_may_be():
    inside = {"local_minute": "12:00", "least_minute": "09:00", "most_minute": "12:00"}
    assert blocked(**inside) == []
    for elsewhere in ({"least_minute": "06:00"}, {"most_minute": "22:00"}):
        assert blocked(**inside | elsewhere) == [CBA + "contact_hours", GBT + "contact_hours"]


def test_three_talks_in_twenty_four_hours_stop_a_call_on_the_next_day_as_well():
    rolling = [HOUSE + "cn.effective_calls_per_24h"]
    assert blocked(effective_24h=3) == rolling
    assert blocked(effective_24h=2, effective_today=2) == []
    assert blocked(effective_24h=3, channel="sms") == []


def test_the_quiet_hours_name_both_instruments():
    assert blocked(local_minute="22:00") == [CBA + "contact_hours", GBT + "contact_hours"]


def test_consent_opens_the_night_and_nothing_else():
    assert blocked(local_minute="23:30", night_consent=True) == []
    late = blocked(local_minute="23:30", night_consent=True, effective_today=3)
    assert late == [GBT + "effective_calls_per_day"]


def test_consent_opens_the_night_only_while_its_own_rule_is_in_force():
    law = without(CBA + "night_consent")
    assert blocked(law, local_minute="23:30", night_consent=True) == [CBA + "contact_hours"]
    before = date(2025, 2, 27)
    policy = [HOUSE + "cn.contact_hours"]
    assert blocked(on=before, local_minute="23:30", night_consent=True) == policy


def test_the_fourth_effective_call_is_forbidden_and_says_why():
    assert blocked(effective_today=2) == []
    assert blocked(effective_today=3) == [GBT + "effective_calls_per_day"]
    assert blocked(effective_today=3, channel="sms") == []


def test_the_three_counters_are_never_merged():
    assert blocked(effective_today=2, connected_notices_today=2, unanswered_point_today=5) == []
    assert blocked(connected_notices_today=3) == [HOUSE + "cn.connected_notices_per_day"]
    assert blocked(unanswered_point_today=6) == [CBA + "unanswered_per_point"]


def test_a_creditor_outside_the_guideline_is_held_by_house_policy():
    assert blocked(unanswered_point_today=6, creditor_types=["micro_loan"]) == [
        HOUSE + "cn.unanswered_per_point"
    ]
    both = blocked(unanswered_point_today=6, creditor_types=["bank", "micro_loan"])
    assert both == [CBA + "unanswered_per_point", HOUSE + "cn.unanswered_per_point"]


def test_one_person_has_one_budget_over_all_channels():
    for channel in Channel:
        assert blocked(channel=channel, outbound_today=6) == [HOUSE + "contacts_per_day"]


def test_without_a_zone_the_hour_is_not_guessed():
    assert blocked(has_zone=False, local_minute=-1) == ["law.no_zone"]
    assert "law.no_zone" in blocked(local_minute=-1), "a zone without a clock is no zone"


def test_where_there_is_no_pack_that_is_the_reason_and_not_a_flood():
    for letters in ("TW", "NG", ""):
        assert blocked(jurisdiction=letters) == ["law.no_pack"]
    assert blocked(jurisdiction="TW", ceased=True) == ["law.no_pack", HOUSE + "cease_request"]


def test_a_book_of_2005_is_planned_under_house_policy():
    day = date(2005, 9, 30)
    assert blocked(on=day) == []
    rules = {rule for rule in asked(on=day) if not rule.startswith(("law.", "contact."))}
    assert rules
    assert all(rule.startswith("house.") for rule in rules)


def test_a_day_before_the_packs_is_silent_by_name():
    reasons = blocked(on=date(1899, 12, 31))
    assert all(reason.startswith("law.silent.") for reason in reasons)
    assert {"law.silent.contact_hours", "law.silent.cease_request"} <= set(reasons)
    assert blocked(on=date(1899, 12, 31), jurisdiction="TW") == ["law.no_pack"]


def test_nothing_known_is_never_allowed():
    facts = ContactFacts(**empty_facts(3))
    assert not allowed(forbidden(facts, LAW, on=DAY)).any()


def test_no_contact_point_is_its_own_reason():
    assert blocked(has_point=False) == ["contact.no_point"]


@pytest.mark.parametrize("relation", ["relative", "unknown"])
@pytest.mark.parametrize("purpose", ["remind", "arrange", "locate"])
def test_a_relative_and_a_stranger_are_never_contacted(relation, purpose):
    lost = {"own_phone_invalid": True, "deceased": True, "point_named": True}
    assert blocked(relation=relation, purpose=purpose)
    assert blocked(relation=relation, purpose=purpose, **lost)


def test_who_answers_for_the_debt_by_contract_may_be_reminded():
    assert blocked(relation="guarantor") == []
    assert blocked(relation="co_obligor") == []


def locate(**known: object) -> list[str]:
    known = {"relation": "contact_person", "purpose": "locate", "point_named": True} | known
    return blocked(**known)  # type: ignore[arg-type]


def test_a_contact_person_may_only_be_asked_where_a_lost_borrower_is():
    reachable = [CBA + "lost_contact", GBT + "lost_contact", HOUSE + "cn.lost_contact"]
    assert locate() == reachable
    assert locate(failed_streak=3, failed_streak_days=3) == []
    assert locate(own_phone_invalid=True) == []
    named = [CBA + "contact_person_purpose", CBA + "third_party", GBT + "debtor_only"]
    named.append("cn.pcac_2024.debtor_only")  # the debt may be a card's
    assert locate(purpose="remind", own_phone_invalid=True) == named


def test_one_switched_off_day_is_no_lost_contact():
    assert locate(failed_streak=9, failed_streak_days=1) == [HOUSE + "cn.lost_contact"]


def test_lost_contact_ends_when_the_borrower_answers():
    assert HOUSE + "cn.lost_contact" in locate(failed_streak=0, failed_streak_days=0)


def test_a_contact_person_whom_nobody_named_is_left_alone():
    unnamed = locate(point_named=False, own_phone_invalid=True)
    assert unnamed == ["cn.nifa_2018.named_contact_person"]


def test_a_contact_person_who_refused_is_never_asked_again():
    refused = locate(own_phone_invalid=True, point_refused=True)
    assert refused == [
        CBA + "contact_person_refused",
        GBT + "contact_person_refused",
        HOUSE + "point_refused",
    ]


def test_after_a_death_nobody_is_asked_to_pay_and_the_administrator_may_be_found():
    assert blocked(deceased=True) == [HOUSE + "deceased"]
    assert blocked(deceased=True, relation="guarantor") == [HOUSE + "deceased"]
    assert locate(deceased=True) == []
    assert locate(incapacitated=True) == []


STOPS = {
    "ceased": "cease_request",
    "opted_out": "opted_out",
    "minor": "minor",
    "represented": "represented",
    "insolvent": "insolvent",
    "moratorium": "moratorium",
    "no_contact_order": "no_contact_order",
    "nothing_due": "nothing_due",
    "disputed": "dispute",
    "payment_in_flight": "payment_in_flight",
    "arranged": "arrangement",
    "mediated": "mediation",
    "refund_pending": "refund_pending",
    "breathing_space": "breathing_space",
    "point_invalid": "point_invalid",
    "point_refused": "point_refused",
}


BY_LAW = {  # where the law says so as well
    "insolvent": {"cn.shenzhen_2021.insolvent", "cn.xiamen_2025.insolvent"},
    "no_contact_order": {"cn.psapl_2025.no_contact_order"},
    "arranged": {"cn.credit_card_2011.arrangement"},
}


@pytest.mark.parametrize("fact", STOPS)
def test_one_fact_stops_every_channel_and_names_its_rule(fact):
    for channel in Channel:
        found = blocked(channel=channel, **{fact: True})
        assert [rule for rule in found if rule.startswith(HOUSE)] == [HOUSE + STOPS[fact]]
        assert {rule for rule in found if not rule.startswith(HOUSE)} == BY_LAW.get(fact, set())


def test_a_payment_on_its_way_holds_for_three_days():
    held = [blocked(payment_in_flight=True, in_flight_days=d) != [] for d in (0, 1, 2, 3, 4)]
    assert held == [True, True, True, True, False]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_that_nobody_answers_forbids_what_must_ask_it(topic):
    facts = every_act()
    rules = {v.rule for v in LAW.versions if v.topic == topic}
    silent = forbidden(facts, without(*rules), on=DAY)[f"law.silent.{topic}"]
    asks = TOPICS[topic]
    for row in range(0, len(facts), 7):
        here = (not asks.channel or list(Channel)[facts.channel[row]] in asks.channel) and (
            not asks.purpose or facts.purpose[row] in [list(type(p)).index(p) for p in asks.purpose]
        )
        assert silent[row] == here


def test_a_creditor_that_no_rule_answers_for_is_silent_even_beside_one_that_has_a_rule():
    law = without(HOUSE + "cn.unanswered_per_point")
    assert blocked(law) == []
    silent = ["law.silent.unanswered_per_point"]
    assert blocked(law, creditor_types=["micro_loan"]) == silent
    assert blocked(law, creditor_types=["bank", "micro_loan"]) == silent
    assert blocked(law, creditor_types=[]) == silent, "an unknown creditor is every creditor"


def test_a_rule_that_says_more_than_its_topic_must_is_asked_all_the_same():
    calls = policy(LAW, GBT + "effective_calls_per_day", on=DAY)
    wider = replace(calls, rule="house.wider", applies=Applies(), value={**calls.value})
    other = replace(wider, rule="house.other", topic="a_topic_that_nobody_must_answer")
    for rule in (wider, other):
        law = Law(versions=(*LAW.versions, rule), digest=rule.rule)
        assert blocked(law, channel="sms", effective_today=3) == [rule.rule]
        assert blocked(law, channel="sms", effective_today=2) == []


def test_an_unknown_creditor_meets_every_rule():
    unknown = blocked(creditor_types=[], unanswered_point_today=6)
    assert unknown == [CBA + "unanswered_per_point", HOUSE + "cn.unanswered_per_point"]


def test_a_word_that_does_not_exist_is_a_bug_and_not_an_answer():
    facts = contacts({})
    for name in ("channel", "relation", "purpose", "creditor_types"):
        for code in (-1, 100):
            wrong = replace(facts, **{name: np.array([code], np.int8)})
            with pytest.raises(IndexError):
                forbidden(wrong, LAW, on=DAY)


def test_a_minute_past_the_end_of_the_day_is_not_lawful():
    assert GBT + "contact_hours" in blocked(local_minute=1440)


def test_every_act_has_its_own_number():
    facts = every_act()
    numbers = act_numbers(facts, LAW)
    assert len(set(numbers.tolist())) == len(facts) - len(facts) // 32  # unknown = all creditors
    assert (numbers >= HERE).all()


def test_a_caller_may_change_the_answer_without_changing_the_facts():
    facts = contacts({"ceased": True})
    blocks = forbidden(facts, LAW, on=DAY)
    for rows in blocks.values():
        rows[:] = False
    assert facts.ceased[0]
    assert blocked(ceased=True) == [HOUSE + "cease_request"]


def test_no_question_is_not_a_permission():
    with pytest.raises(ValueError, match="nothing was asked"):
        allowed({})


def test_no_contacts_need_no_answer():
    blocks = forbidden(ContactFacts(**empty_facts(0)), LAW, on=DAY)
    assert len(allowed(blocks)) == 0
