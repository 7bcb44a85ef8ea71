"""The page of duties: what is past due first, met with evidence, extended, exported, recorded."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.console.book import reachable

from forbear.actions.duty import do_record_occasion
from forbear.actions.reader import machine
from forbear.duty.content import Asked, faults
from forbear.kernel.vocabulary import Channel, CreditorType, Occasion, Relation
from forbear.store.models import Duty, DutyStep, OccasionFact
from forbear.store.packs import fetch_law

HTMX = {"HX-Request": "true"}


def complaint(days_ago: int = 0, **known: object) -> Duty:
    """Make a person who complained so many days ago, and return the duty to answer."""
    who, today = reachable(creditor_type="bank", **known), timezone.localdate()
    do_record_occasion(
        machine("cli:t"),
        person_ref=who.ref,
        kind=Occasion.complaint_received,
        on=today - timedelta(days=days_ago),
        today=today,
    )
    return Duty.objects.get(person_id=who.id)


def test_the_page_is_empty_in_words_before_anything_opened(sign_in):
    page = sign_in("supervisor").get("/duties/").content.decode()
    assert "这里什么都没有" in page


def test_what_is_past_due_comes_first_and_is_counted_in_the_navigation(sign_in):
    complaint()
    late = complaint(days_ago=30)
    answer = sign_in("compliance").get("/duties/")
    assert next(row.duty_id for row in answer.context["page"].rows) == late.pk
    page = answer.content.decode()
    assert "过了 15 天" in page
    assert '<span class="count hot">1</span>' in page
    assert "林小文" not in page, "names are masked"


def test_a_duty_is_met_from_the_list_for_its_evidence(sign_in):
    duty = complaint()
    client = sign_in("supervisor")
    address = f"/duties/{duty.pk}/settle/"
    today = timezone.localdate().isoformat()
    asked = client.get(address, headers=HTMX).content.decode()
    assert "十五日内作出处理决定并告知" in asked
    without = client.post(address, {"choice": "met", "note": " ", "on": today}, headers=HTMX)
    assert without.status_code == 422
    words = {"choice": "met", "note": "答复函第 8 号", "on": today}
    assert client.post(address, words, headers=HTMX).status_code == 204
    assert DutyStep.objects.get().actor == "user:a-supervisor"
    story = client.get(f"/duties/{duty.pk}/").content.decode()
    assert "答复函第 8 号" in story
    assert "已做到" in story
    assert client.post(address, words, headers=HTMX).status_code == 409


@pytest.mark.parametrize(("choice", "then"), [("extended", "extended"), ("released", "released")])
def test_more_time_and_release_need_a_reason_and_keep_it(sign_in, choice, then):
    duty = complaint()
    client = sign_in("compliance")
    address = f"/duties/{duty.pk}/settle/"
    assert client.post(address, {"choice": choice, "note": ""}, headers=HTMX).status_code == 422
    done = client.post(address, {"choice": choice, "note": "情况复杂"}, headers=HTMX)
    assert done.status_code == 204
    assert DutyStep.objects.get().stage == then


def test_an_event_is_recorded_and_opens_its_duties_at_once(sign_in):
    who, today = reachable(creditor_type="bank"), timezone.localdate()
    client = sign_in("supervisor")
    words = {"kind": "adverse_report_planned", "person": who.ref, "on": today.isoformat()}
    wrong = client.post("/duties/record/", words, headers=HTMX)
    assert wrong.status_code == 422, "the day of the report is missing"
    assert who.ref in wrong.content.decode(), "what was typed is kept"
    act = (today + timedelta(days=9)).isoformat()
    assert client.post("/duties/record/", {**words, "act_on": act}, headers=HTMX).status_code == 204
    assert Duty.objects.get().due_on == today + timedelta(days=8)
    nobody = client.post("/duties/record/", {**words, "act_on": act, "person": "x"}, headers=HTMX)
    assert nobody.status_code == 422
    assert "没有这个编号" in nobody.content.decode()
    assert OccasionFact.objects.count() == 1


def test_the_list_is_exported_as_it_is_shown(sign_in):
    complaint(days_ago=30)
    complaint()
    text = (
        sign_in("supervisor").get("/duties/?state=past_due&export=csv").content.decode("utf-8-sig")
    )
    assert len(text.splitlines()) == 2
    assert "cn.complaints_2020.complaint_answer" in text
    assert "林小文" not in text


def test_the_page_is_complete_in_english(sign_in):
    complaint(days_ago=30)
    client = sign_in("supervisor", headers={"Accept-Language": "en"})
    page = client.get("/duties/").content.decode()
    assert "Answer to a complaint" in page
    assert "15 days over" in page


def test_before_a_call_the_collector_reads_what_to_say_with_its_articles(sign_in):
    who = reachable(creditor_type="bank")
    page = (
        sign_in("collector").get(f"/people/{who.id}/contact/voice/", headers=HTMX).content.decode()
    )
    assert "先说：" in page
    assert "机构名称" in page
    assert "第十五条" in page
    assert "转到留言时" in page
    assert "不能提：" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_script_of_a_call_says_what_the_rules_want(sign_in, language):
    who = reachable(creditor_type="bank")
    client = sign_in("collector", headers={"Accept-Language": language})
    answer = client.post(f"/people/{who.id}/contact/voice/", headers=HTMX).content.decode()
    script = re.sub(r"<[^>]+>", "", answer.split('class="note"')[1].split("</p>")[0])
    asked = Asked(
        jurisdiction="CN",
        creditor_type=CreditorType.bank,
        channel=Channel.voice,
        relation=Relation.obligor,
        case="live",
    )
    assert not faults(fetch_law(), asked, script, on=timezone.localdate()), script


def test_the_longest_clock_is_asked_by_one_and_approved_by_another_on_the_page(sign_in):
    duty = complaint()
    address = f"/duties/{duty.pk}/settle/"
    one, other = sign_in("supervisor"), sign_in("compliance")
    one.post(address, {"choice": "extended", "note": "情况复杂"}, headers=HTMX)
    assert "一人申请，另一人批准" in one.get(address, headers=HTMX).content.decode()
    alone = one.post(address, {"choice": "extended", "note": "x"}, headers=HTMX)
    assert alone.status_code == 409
    asked = one.post(address, {"choice": "asked", "note": "特别复杂"}, headers=HTMX)
    assert asked.status_code == 204
    own = one.get(address, headers=HTMX).content.decode()
    assert "须由另一人批准" in own
    assert 'value="approved"' not in own
    refused = one.post(address, {"choice": "approved", "note": "同意"}, headers=HTMX)
    assert refused.status_code == 403
    assert "不能自己批准" in refused.content.decode()
    assert "申请延期中" in other.get("/duties/?state=asked").content.decode()
    assert "特别复杂" in other.get(address, headers=HTMX).content.decode()
    assert (
        other.post(address, {"choice": "approved", "note": "同意"}, headers=HTMX).status_code == 204
    )
    story = other.get(f"/duties/{duty.pk}/").content.decode()
    assert (duty.opened_on + timedelta(days=60)).isoformat() in story


def test_who_refuses_more_time_leaves_the_day_as_it_was(sign_in):
    duty = complaint()
    address = f"/duties/{duty.pk}/settle/"
    one, other = sign_in("supervisor"), sign_in("compliance")
    one.post(address, {"choice": "extended", "note": "情况复杂"}, headers=HTMX)
    one.post(address, {"choice": "asked", "note": "特别复杂"}, headers=HTMX)
    words = {"choice": "refused", "note": "并不复杂"}
    assert other.post(address, words, headers=HTMX).status_code == 204
    again = other.post(address, words, headers=HTMX)
    assert again.status_code == 409
    assert "没有待批准" in again.content.decode()
    assert DutyStep.objects.latest("pk").stage == "refused"
