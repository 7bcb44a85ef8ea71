"""A refusal is help: which rule, which article, from when, and what else may be done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.asking import DAY, contacts

from forbear.contact.acts import TOPICS
from forbear.contact.advice import DAYS_AHEAD, advice, next_lawful, reason
from forbear.contact.permission import allowed, forbidden
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law

LAW = fetch_law()
NEXT = DAY + timedelta(days=1)


def when(on: date = DAY, **known: object) -> tuple[date, int] | None:
    return next_lawful(contacts(known), LAW, on=on)


def test_what_is_allowed_has_no_reasons_and_is_lawful_now():
    found = advice(contacts({}), LAW, on=DAY)
    assert found.reasons == ()
    assert found.next_lawful == (DAY, 600)


def test_a_call_in_the_evening_is_lawful_at_eight_the_next_morning():
    assert when(local_minute="22:00") == (NEXT, 480)
    assert when(local_minute="07:00") == (DAY, 480)
    assert when(local_minute="21:59") == (DAY, 1319)


def test_a_used_up_day_is_over_at_eight_the_next_morning():
    assert when(effective_today=3) == (NEXT, 480)
    assert when(outbound_today=6, unanswered_point_today=6) == (NEXT, 480)


def test_with_consent_to_the_night_a_new_day_begins_at_midnight():
    assert when(effective_today=3, night_consent=True) == (NEXT, 0)


def test_a_payment_on_its_way_lets_go_by_itself():
    day = DAY + timedelta(days=3)
    assert when(payment_in_flight=True, in_flight_days=1) == (day, 480)
    assert when(payment_in_flight=True, in_flight_days=1, ceased=True) is None


@pytest.mark.parametrize("fact", ["ceased", "deceased", "disputed", "point_refused", "minor"])
def test_where_waiting_does_not_help_no_hour_is_named(fact):
    assert when(**{fact: True}) is None


def test_without_a_zone_or_a_pack_no_hour_is_named():
    assert when(has_zone=False, local_minute=-1) is None
    assert when(jurisdiction="TW") is None


def test_a_change_of_law_on_the_way_is_seen():
    before = date(2025, 2, 27)  # house policy makes no exception for consent; the standard does
    lawful = when(before, local_minute="22:30", night_consent=True)
    assert lawful == (date(2025, 2, 28), 0)


def test_the_named_minute_is_lawful_and_no_earlier_one_is():
    facts = contacts({"local_minute": "22:30", "effective_today": 3})
    lawful = next_lawful(facts, LAW, on=DAY)
    assert lawful is not None
    day, minute = lawful
    answers = [
        bool(allowed(forbidden(contacts({"local_minute": m}), LAW, on=day))[0])
        for m in (minute - 1, minute)
    ]
    assert answers == [False, True]
    assert day <= DAY + timedelta(days=DAYS_AHEAD)


def test_each_reason_names_its_rule_its_article_and_both_languages():
    found = advice(contacts({"local_minute": "23:00", "ceased": True}), LAW, on=DAY)
    assert [r.rule for r in found.reasons] == [
        "house.cease_request",
        "cn.cba_2026.contact_hours",
        "cn.gbt_45251_2025.contact_hours",
    ]
    standard = found.reasons[-1]
    assert standard.source is not None
    assert standard.source.instrument.startswith("GB/T 45251-2025")
    assert standard.source.article.startswith("5.3")
    assert "22:00" in standard.says
    assert "22:00" in standard.says_zh


def test_a_silence_is_said_in_both_languages_without_an_article():
    codes = ["contact.no_point", "law.no_pack", "law.no_zone", *(f"law.silent.{t}" for t in TOPICS)]
    for code in codes:
        found = reason(LAW, code, on=DAY)
        assert found.rule == code
        assert found.says != code != found.says_zh
        assert found.source is None
    assert "contact_hours" in reason(LAW, "law.silent.contact_hours", on=DAY).says


def test_a_rule_that_has_ended_is_still_named_by_its_id():
    gone = reason(LAW, "cn.nifa_2024.connected_notices_per_day", on=DAY)
    assert gone.says == "cn.nifa_2024.connected_notices_per_day"


def test_the_channels_that_are_allowed_now_are_offered():
    used_up = {"effective_today": 3}
    others = {
        Channel.sms: contacts(used_up | {"channel": "sms"}),
        Channel.email: contacts(used_up | {"channel": "email", "opted_out": True}),
        Channel.app: contacts(used_up | {"channel": "app"}),
    }
    found = advice(contacts(used_up), LAW, on=DAY, others=others)
    assert found.other_channels == (Channel.sms, Channel.app)
