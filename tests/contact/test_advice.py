"""A refusal is help: which rule, which article, in both languages."""

from __future__ import annotations

from tests.asking import DAY, blocked

from forbear.contact.acts import TOPICS
from forbear.contact.advice import reason
from forbear.store.packs import fetch_law

LAW = fetch_law()


def test_each_reason_names_its_rule_its_article_and_both_languages():
    refused = blocked(LAW, local_minute="23:00", ceased=True)
    found = [reason(LAW, rule, on=DAY) for rule in refused]
    assert [r.rule for r in found] == [
        "house.cease_request",
        "cn.cba_2026.contact_hours",
        "cn.gbt_45251_2025.contact_hours",
    ]
    standard = found[-1]
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
