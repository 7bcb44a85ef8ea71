"""Every row of the legal research is held by rules, admitted as a gap, or asks for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.law.sheet import rows_of

from forbear.law.admitted import admitted
from forbear.law.reading import strict_yaml
from forbear.store.packs import fetch_law, fetch_pack_texts

LIST = Path(__file__).parent / "rows.yaml"
ROWS = strict_yaml(LIST.name, LIST.read_text(encoding="utf-8"))
SHEET = Path(__file__).parents[3] / "shared" / "reference" / "regulation.md"
RULES = {version.rule for version in fetch_law().versions}
GAPS = admitted(fetch_pack_texts())


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_held_by_rules_or_admitted_or_asks_for_nothing(row):
    held = ROWS[row]
    assert set(held) in ({"rules"}, {"gap"}, {"rules", "gap"}, {"none"})
    assert set(held.get("rules", [])) <= RULES
    assert held.get("gap", next(iter(GAPS))) in GAPS
    assert held.get("none", "a reason").strip()


def test_what_constrains_a_contact_or_a_price_is_never_said_to_ask_for_nothing():
    nothing = {row for row, held in ROWS.items() if "none" in held}
    false = {f"14.{number}" for number in range(1, 8)}
    # No number was found; what courts and debtors do; what some contracts say.
    assert nothing - false == {"C7", "F16", "M11", "M12", "B4", "6.6", "8.9"}


def test_every_rule_of_law_is_of_some_row_or_says_the_same_as_one_that_is():
    """A rule nobody researched would be a rule that somebody made up."""
    known = {rule for held in ROWS.values() for rule in held.get("rules", [])}
    folders = {rule.rsplit(".", 1)[0] for rule in known}
    assert {rule for rule in RULES if not rule.startswith("house.")} - {
        rule for rule in RULES if rule.rsplit(".", 1)[0] in folders
    } == set()


@pytest.mark.skipif(not SHEET.is_file(), reason="the sheet lies beside the project, not in it")
def test_no_row_of_the_sheet_is_silently_missing_and_none_is_made_up():
    found = [row for row, _ in rows_of(SHEET.read_text(encoding="utf-8"))]
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(ROWS)


# What the sheet calls an instrument of China, and the folder that holds its rules.
FOLDERS = {
    "GB/T 45251": "cn.gbt_45251_2025",
    "CBA 2026": "cn.cba_2026",
    "NIFA 2018": "cn.nifa_2018",
    "NIFA 2024": "cn.nifa_2024",
    "PCAC 2024": "cn.pcac_2024",
    "信用卡办法": "cn.credit_card_2011",
    "消保办法": "cn.consumer_protection_2022",
    "消费金融公司管理办法": "cn.cfc_2024",
    "AI 标识办法": "cn.ai_label_2025",
    "PSAPL": "cn.psapl_2025",
    "Criminal Law": "cn.criminal_law",
    "Civil Code": "cn.civil_code",
}


@pytest.mark.skipif(not SHEET.is_file(), reason="the sheet lies beside the project, not in it")
def test_each_instrument_that_a_row_of_the_sheet_names_has_a_rule_of_its_own():
    missing = [
        (row, name)
        for row, text in rows_of(SHEET.read_text(encoding="utf-8"))
        if re.fullmatch(r"C\d+", row)
        for name, folder in FOLDERS.items()
        if name in text.split("|")[4]
        and not any(rule.startswith(f"{folder}.") for rule in ROWS[row].get("rules", []))
    ]
    assert missing == []


def test_a_gap_is_told_in_both_languages():
    for gap in GAPS.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in gap.zh)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in gap.en)
