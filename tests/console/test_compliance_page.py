"""Compliance: what was broken stands first, with its rule; nothing broken is said in one line."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.audit.forgery import planted
from tests.console.second import take
from tests.people import someone

from forbear.actions.second_step import needs
from forbear.console.users import ensure_roles, make_user

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


def test_a_breach_stands_in_the_title_with_its_rule_and_leads_to_the_contact():
    contact = planted(someone(), "23:30")
    answer = reader("compliance", "en").get(TODAY)
    text = answer.content.decode()
    assert "1 breach found" in text or "breaches found" in text
    assert "cn.gbt_45251_2025.contact_hours" in text
    assert f"/outbox/{contact}/" in text


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
