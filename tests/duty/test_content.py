"""What a text must say, say first and not say: shipped messages, scripts, and made-up ones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from forbear.duty.content import ELEMENTS, Asked, content_rules, faults
from forbear.kernel.vocabulary import Channel, CreditorType, Relation
from forbear.law import kinds
from forbear.store.packs import fetch_law, fetch_pack_texts
from forbear.treatment.message import parse_messages, plain

LAW, MESSAGES = fetch_law(), parse_messages(fetch_pack_texts())
DAY = date(2026, 11, 21)


def asked(channel: Channel = Channel.sms, **known: object) -> Asked:
    fields = {
        "jurisdiction": "CN",
        "creditor_type": CreditorType.bank,
        "relation": Relation.obligor,
        "case": "message",
    } | known
    return Asked(channel=channel, **fields)  # type: ignore[arg-type]


def wrong(text: str, on: date = DAY, **known: object) -> set[tuple[str, str]]:
    return {(f.element, f.wrong) for f in faults(LAW, asked(**known), text, on=on)}


@pytest.mark.parametrize("jurisdiction", ["CN", "US", "GB"])
@pytest.mark.parametrize("creditor", CreditorType)
def test_every_shipped_message_says_what_the_law_wants(jurisdiction, creditor):
    for (message, language, channel), text in MESSAGES.texts.items():
        where = asked(channel, jurisdiction=jurisdiction, creditor_type=creditor)
        assert not faults(LAW, where, plain(text), on=DAY), (message, language, channel)


def test_a_message_that_names_the_debt_before_its_sender_is_found():
    assert wrong("您有 {due} 到期未还。{creditor_short}") == {("creditor", "not_first")}
    assert wrong("【{creditor_short}】您有 {due} 到期未还。") == set()


def test_a_message_that_does_not_say_who_writes_is_found():
    assert ("creditor", "missing") in wrong("请回电 {phone}")


def test_the_day_before_the_convention_nobody_asked_for_the_name_first():
    first = date(2018, 3, 28)
    text = "您有 {due} 到期未还。{creditor_short}"
    assert wrong(text, on=first - timedelta(days=1)) == set()
    assert wrong(text, on=first) == wrong(text, on=first + timedelta(days=1)) != set()


def test_a_letter_of_a_bank_states_ground_rights_and_duties():
    text = "{name}，{creditor}：{due}。{pay_at} {dispute_at} {phone}"
    lacking = {("ground", "missing"), ("rights", "missing"), ("duties", "missing")}
    assert wrong(text, channel=Channel.letter) == lacking | {("evidence", "missing")}
    assert wrong(text, channel=Channel.letter, creditor_type=CreditorType.micro_loan) == set()


def test_a_text_message_without_a_way_out_is_found_in_the_united_states():
    us = {"jurisdiction": "US", "creditor_type": CreditorType.transferee}
    assert wrong("{creditor}: {due} is past due.", **us) == {("stop_at", "missing")}
    assert wrong("{creditor}: {due} is past due. To stop: {stop_at}", **us) == set()


def test_a_voicemail_names_no_debt():
    mail = {"channel": Channel.voice, "case": "voicemail"}
    assert wrong("这里是{creditor}，请回电 {phone}。", **mail) == set()
    assert wrong("这里是{creditor}，您的欠款请处理。", **mail) == {("debt", "not_allowed")}
    us = mail | {"jurisdiction": "US", "creditor_type": CreditorType.transferee}
    assert wrong("This is {creditor}. Please call back on {phone}.", **us) == set()
    assert ("debt", "not_allowed") in wrong("{creditor} about your loan: call back {phone}", **us)
    assert ("reply", "missing") in wrong("This is {creditor}, {phone}.", **us)


def test_a_contact_person_hears_nothing_of_a_debt():
    them = {"channel": Channel.voice, "case": "live", "relation": Relation.contact_person}
    assert ("debt", "not_allowed") in wrong("〔机构〕，通话有录音，是本人吗？他逾期了", **them)
    assert ("debt", "not_allowed") not in wrong("请转告他回电。", **them)
    assert ("debt", "not_allowed") not in wrong("他逾期了", **them, on=date(2026, 1, 29))


def test_a_call_names_the_institution_and_the_recording_and_asks_who_is_there_before_the_debt():
    live = {"channel": Channel.voice, "case": "live"}
    good = "您好，这里是〔机构〕，本次通话有录音。请问是本人吗？您有 {due} 到期。"
    assert wrong(good, **live) == set()
    early = "您好，这里是〔机构〕，本次通话有录音。您有 {due} 到期。请问是本人吗？"
    assert wrong(early, **live) == {("identity", "not_first")}


def test_rules_and_recognizers_know_the_same_elements():
    assert set(ELEMENTS) == kinds.ELEMENTS


def test_a_rule_for_one_channel_is_not_asked_of_another():
    names = {v.rule for v in content_rules(LAW, asked(Channel.sms), on=DAY)}
    assert names == {"cn.nifa_2018.opening"}
