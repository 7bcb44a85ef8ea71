"""Compliance: what was broken stands first, with its rule; nothing broken is said in one line."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from tests.audit.forgery import planted
from tests.console.second import take
from tests.people import DAY, key, someone

from forbear.actions.reader import machine
from forbear.actions.screen import do_screen_text
from forbear.actions.second_step import needs
from forbear.console.users import ensure_roles, make_user
from forbear.kernel.vocabulary import ScreenedKind
from forbear.screening.screen import Told
from forbear.store.models import Duty, OccasionFact

pytestmark = pytest.mark.usefixtures("fresh_database")
TODAY = "/compliance/"


def reader(role: str, language: str = "zh-hans") -> Client:
    ensure_roles()
    make_user(f"a-{role}", role=role, password="correct horse battery")
    client = Client(headers={"accept-language": language})
    user = get_user_model().objects.get(username=f"a-{role}")
    client.force_login(user)
    if needs([role]):
        take(client, user)
    return client


def test_an_empty_log_is_said_to_be_clean():
    text = reader("compliance").get(TODAY).content.decode()
    assert "没有发现违规" in text
    assert "这段时间没有联系" in text
    assert "这段时间没有筛查过文字" in text


def test_a_breach_stands_in_the_title_with_its_rule_and_leads_to_the_contact():
    contact = planted(someone(), "23:30")
    answer = reader("compliance", "en").get(TODAY)
    text = answer.content.decode()
    assert "1 breach found" in text or "breaches found" in text
    assert "cn.gbt_45251_2025.contact_hours" in text
    assert f"/outbox/{contact}/" in text


def test_a_missed_duty_stands_in_the_title_and_in_the_file_beside_no_breach():
    who = someone()
    Duty.objects.create(
        person_id=who.id,
        rule="house.cn.objection_mark",
        topic="duty",
        clock="working",
        because="x",
        occasion="dispute_opened",
        opened_on=DAY - timedelta(days=9),
        due_on=timezone.localdate() - timedelta(days=3),
        strict=True,
        **key(),
    )
    compliance = reader("compliance", "en")
    text = compliance.get(TODAY).content.decode()
    assert "No breach found, 1 duty missed" in text
    exported = compliance.get(TODAY + "?export=csv").content.decode("utf-8-sig")
    assert [row[5] for row in csv.reader(io.StringIO(exported))][1:] == ["house.cn.objection_mark"]


def test_the_file_has_every_finding():
    planted(someone(), "23:30")
    planted(someone(), "21:53")
    answer = reader("compliance").get(TODAY + "?export=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {"违规", "险些违规"}


def test_days_the_wrong_way_round_are_said_and_mended():
    answer = reader("compliance").get(TODAY + "?from=2026-11-30&to=2026-11-01")
    assert answer.status_code == 200
    assert "结束的日子在开始之前" in answer.content.decode()


SEEN = {"collector": 403, "administrator": 403, "supervisor": 200, "compliance": 200}


@pytest.mark.parametrize("role", SEEN)
def test_who_may_see_it(role):
    assert reader(role).get(TODAY).status_code == SEEN[role]


def test_what_the_screening_found_stands_by_category():
    for kind in (ScreenedKind.draft, ScreenedKind.transcript, ScreenedKind.transcript):
        do_screen_text(machine("test"), text="再不还，杀你全家", kind=kind, told=Told())
    do_screen_text(machine("test"), text="您好", kind=ScreenedKind.draft, told=Told())
    chinese = reader("compliance").get(TODAY).content.decode()
    assert "筛查了 4 段文字" in chinese
    assert "未放行 1 · 已标记 2" in chinese
    text = reader("supervisor", "en").get(TODAY).content.decode()
    assert "4 texts were screened" in text
    assert "1 kept back · 2 flagged" in text
    assert "Threat" in text


def test_texts_in_which_nothing_was_found_are_said_to_be_clean():
    do_screen_text(machine("test"), text="您好", kind=ScreenedKind.draft, told=Told())
    text = reader("compliance").get(TODAY).content.decode()
    assert "筛查过的文字里没有发现不该说的话" in text


def test_the_rate_of_complaints_stands_beside_the_rate_of_contacts(monkeypatch):
    monkeypatch.setattr("forbear.actions.audit.ENOUGH", 4)
    debtor, other = someone(), someone()
    for who, clock in ((debtor, "10:00"), (debtor, "11:00"), (debtor, "12:00"), (other, "12:00")):
        planted(who, clock)
    OccasionFact.objects.create(
        person_id=debtor.id, kind="complaint_received", effective_on=DAY, **key()
    )
    debtor.consent("opt_out", channel="sms", clock="13:00")
    text = reader("compliance", "en").get(TODAY).content.decode()
    assert "2.0 a person; those of unknown outcome count" in text
    assert "250.0 for each thousand contacts; requests to stop and disputes: 1, 250.0" in text


def test_of_too_few_contacts_no_rate_is_given():
    debtor = someone()
    planted(debtor, "10:00")
    OccasionFact.objects.create(
        person_id=debtor.id, kind="complaint_received", effective_on=DAY, **key()
    )
    page = reader("compliance", "en")
    assert page.get(TODAY).context["report"].complaints == 1
    text = page.get(TODAY).content.decode()
    assert "Too few contacts for a rate" in text
    assert "1000.0" not in text


def test_complaints_of_before_the_contacts_and_of_a_file_are_not_held_against_them():
    debtor = someone()
    planted(debtor, "10:00")
    before, file = key(), {**key(), "source": "demo:2026-11-20:1:20000"}
    for on, given in ((DAY - timedelta(days=30), before), (DAY, file)):
        OccasionFact.objects.create(
            person_id=debtor.id, kind="complaint_received", effective_on=on, **given
        )
    answer = reader("compliance", "en").get(TODAY)
    report = answer.context["report"]
    assert (report.made, report.complaints, report.complaints_elsewhere) == (1, 0, 1)
    assert "; 1 more came in with files, of contacts made elsewhere" in answer.content.decode()
    assert "made elsewhere and not counted: 1." in report.in_words()
