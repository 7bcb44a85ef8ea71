"""The law on a chosen day: what was in force, with its article and its review, and what changed."""

from __future__ import annotations

import pytest


def test_a_rule_is_shown_from_the_day_it_is_in_force(sign_in):
    client = sign_in("compliance")
    before = client.get("/law/?on=2025-02-27").context["law"].rules
    after = client.get("/law/?on=2025-02-28").context["law"].rules
    rule = "cn.gbt_45251_2025.contact_hours"
    assert rule not in {r.rule for r in before}
    assert rule in {r.rule for r in after}


def test_what_changed_between_two_days_is_listed_with_its_day(sign_in):
    page = sign_in("compliance").get("/law/?on=2025-03-01&since=2025-02-01").context["law"]
    began = {(str(c.on), c.rule.rule) for c in page.changes if c.began}
    ended = {(str(c.on), c.rule.rule) for c in page.changes if not c.began}
    assert ("2025-02-28", "cn.gbt_45251_2025.contact_hours") in began
    assert ("2025-02-28", "cn.nifa_2024.connected_notices_per_day") in ended


def test_every_rule_is_shown_with_its_source_and_whether_a_lawyer_signed(sign_in):
    answer = sign_in("collector").get("/law/?on=2026-11-21")
    text = answer.content.decode()
    for rule in answer.context["law"].rules:
        assert rule.rule in text
        assert rule.instrument
        assert rule.review
    assert "待法务复核" in text


def test_a_paraphrase_is_never_shown_as_the_law_s_own_words(sign_in):
    answer = sign_in("collector").get("/law/cn.gbt_45251_2025.contact_hours/")
    quoted = answer.context["rule"].quoted
    assert ("转述，不是原文" in answer.content.decode()) is not quoted


def test_a_day_without_rules_says_that_silence_is_not_permission(sign_in):
    page = sign_in("collector").get("/law/?on=1899-01-01").content.decode()
    assert "没有规则不等于允许" in page


def test_a_topic_asked_about_an_earlier_day_says_from_when_it_is_answered(sign_in):
    client = sign_in("compliance")
    early = client.get("/law/?on=2026-07-31&topic=cost_table")
    assert early.context["law"].rules == ()
    assert "“综合融资成本明示表”在 CN 从 2026-08-01 起才有规则可答" in early.content.decode()
    assert client.get("/law/?on=2026-08-01&topic=cost_table").context["law"].later == ()


def test_filters_narrow_the_rules_and_a_rule_that_is_not_there_is_said(sign_in):
    client = sign_in("compliance")
    found = client.get("/law/?on=2026-11-21&topic=contact_hours").context["law"].rules
    assert found
    assert {r.topic for r in found} == {"contact_hours"}
    awaiting = client.get("/law/?on=2026-11-21&review=awaiting").context["law"]
    assert len(awaiting.rules) == awaiting.awaiting
    assert client.get("/law/no.such.rule/").status_code == 404


@pytest.mark.parametrize(
    ("language", "given", "said"),
    [
        ("zh-hans", "第十四条 (Article 14)", "第十四条"),
        ("en", "第十四条 (Article 14)", "第十四条 (Article 14)"),
        ("zh-hans", "5 (clause not read)", "5（条款号未读到）"),
        ("en", "5 (clause not read)", "5 (clause number not read)"),
    ],
)
def test_an_article_is_named_in_the_readers_language(language, given, said):
    from django.utils.translation import override

    from forbear.console.templatetags.forbear import article

    with override(language):
        assert article(given) == said
