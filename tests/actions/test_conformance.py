"""The conformance report reads in both languages, cites tests that exist, and says things once."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from forbear.actions.articles import in_chinese, in_english, number
from forbear.actions.conformance import conformance, keeper
from forbear.actions.conformance_words import KEPT, NOTES, PATHS, REVIEW, WORDS
from forbear.actions.proofs import ELSEWHERE, SAID, SCREENED, proofs
from forbear.cli.law_report import html
from forbear.duty.opening import duty_rules
from forbear.kernel.vocabulary import Occasion
from forbear.law.admitted import admitted, english_names
from forbear.law.claims import DayNotClaimed
from forbear.law.packs import parse_law
from forbear.screening.phrase import Harm
from forbear.store.packs import fetch_law, fetch_pack_texts

TESTS = Path(__file__).parents[1]
LAW = fetch_law()
ON = date(2026, 11, 22)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
REPORTS = {language: conformance(language, on=ON, today=ON) for language in ("zh", "en")}


def rows(language: str):
    return [
        row
        for part in REPORTS[language]["parts"]
        for group in part["groups"]
        for row in group["rows"]
    ]


def test_every_rule_in_force_stands_in_the_report_once():
    for language in REPORTS:
        names = [row.rule for row in rows(language)]
        assert len(names) == len(set(names))
        assert set(names) == {v.rule for v in LAW.versions if v.holds_on(ON)}


@pytest.mark.parametrize("on", [date(2018, 3, 1), date(2022, 6, 1), ON])
def test_a_report_of_an_earlier_day_counts_the_rules_of_that_day(on):
    told = conformance("en", on=on, today=ON)
    then = [row for part in told["parts"] for group in part["groups"] for row in group["rows"]]
    reviews = Counter(row.review for row in then)
    assert told["rules"] == len(then)
    assert told["awaiting"] == reviews["Secondary"]
    assert told["unsigned"] == reviews["Text"]


def test_a_day_beyond_those_that_were_searched_says_so():
    zh, en = (conformance(side, on=date(2031, 6, 1), today=ON) for side in ("zh", "en"))
    assert "没有逐日查过" in zh["gaps"][-1]
    assert "2030-12-31 were not searched" in en["gaps"][-1]
    assert conformance("en", on=date.max, today=ON)["rules"] == en["rules"] > 100


def test_a_day_that_no_pack_answers_for_has_no_report():
    with pytest.raises(DayNotClaimed, match="answer for nothing on 1980-01-01"):
        conformance("zh", on=date(1980, 1, 1), today=ON)


def test_the_english_report_is_english_but_for_the_names_beside():
    told = json.loads(json.dumps(REPORTS["en"], default=asdict))
    for part in told["parts"]:
        for group in part["groups"]:
            assert not CHINESE.search(group["name"]), group["name"]
            group["beside"] = ""
    found = CHINESE.findall(json.dumps(told, ensure_ascii=False))
    assert found == []


def test_the_chinese_report_speaks_chinese_wherever_there_is_a_word_for_it():
    for row in rows("zh"):
        assert CHINESE.search(row.says)
        assert "not read" not in row.clause
        assert "Article" not in row.clause


def test_every_instrument_has_an_english_name_and_no_name_is_left_over():
    names = english_names(fetch_pack_texts())
    own = {v.source.instrument for v in LAW.versions if v.jurisdiction}
    assert {name for name in own if CHINESE.search(name)} == set(names)


def test_one_instrument_stands_once_however_the_packs_call_it():
    for language in REPORTS:
        for part in REPORTS[language]["parts"]:
            titles = [group["name"] for group in part["groups"]]
            assert len(titles) == len(set(titles))


def cited() -> set[str]:
    found = {proof for version in LAW.versions for proof in proofs(version)}
    for listed in (SCREENED, SAID, ELSEWHERE):
        found |= {proof for each in listed.values() for proof in each}
    return found


@pytest.mark.parametrize("proof", sorted(cited()))
def test_every_test_that_is_cited_exists(proof):
    path, _, name = proof.partition("::")
    source = (TESTS / path).read_text(encoding="utf-8")
    if name:
        function, _, case = name.rstrip("]").partition("[")
        assert f"def {function}(" in source
        assert not case or case in {harm.value for harm in Harm}


def test_what_the_program_enforces_cites_a_test():
    """People, records and lines keep the rest; there the report says that no test proves it."""
    enforced = {"gate", "exception", "offer", "calculator"}
    words = {KEPT[key][0][1] for key in enforced}
    assert [row.rule for row in rows("en") if row.kept in words and not row.proof] == []
    duties = [v for v in LAW.versions if v.kind in ("duty", "content")]
    assert [v.rule for v in duties if not proofs(v)] == []


def test_a_pack_claims_no_keeper_that_the_program_does_not_have():
    claims = [v for v in LAW.versions if v.value.get("checked_by", "procedure") != "procedure"]
    assert [v.rule for v in claims if not proofs(v)] == []


def test_a_row_names_a_keeper_only_where_the_program_has_it():
    """A duty is opened by a fact, a text is read for its category, a record is never removed."""
    opens = {v.rule: v.value["opens_on"] for v in duty_rules(LAW)}
    for row in rows("en"):
        proofs_of = " ".join(row.proof)
        if row.kept == KEPT["duty"][0][1]:
            files = [proof.split(".yaml")[0] for proof in row.proof if "duty/vectors/" in proof]
            names = [name.removeprefix("duty/vectors/").replace("/", ".") for name in files]
            assert names, row.rule
            assert {opens[name] for name in names} <= set(Occasion), row.rule
        elif row.kept == KEPT["screening"][0][1]:
            assert "screening/test_screen.py::" in proofs_of, row.rule
        elif row.kept == KEPT["template"][0][1]:
            assert "duty/test_content.py::" in proofs_of, row.rule
        elif row.kept == KEPT["record"][0][1]:
            assert row.proof, row.rule


@pytest.mark.parametrize(
    "rule",
    [
        "cn.pboc_2020.leak_notice",
        "kr.pdpa_2024.debt_adjustment",
        "cn.civil_code.assignment_notice",
        "cn.pipl_2021.breach",
        "cn.pipl_2021.of_the_dead",
        "cn.credit_reporting_2013.adverse_kept",
    ],
)
def test_what_no_fact_opens_and_nothing_records_is_kept_by_people(rule):
    assert {row.kept for row in rows("en") if row.rule == rule} == {KEPT["procedure"][0][1]}


@pytest.mark.parametrize("claim", ["duty", "screening", "template", "record"])
def test_a_keeper_that_a_lenders_own_pack_claims_is_not_repeated_unproven(claim):
    path, texts = "cn/pboc_2020/leak_notice.yaml", fetch_pack_texts()
    claiming = texts[path].replace("checked_by: procedure", f"checked_by: {claim}")
    law = parse_law({**texts, path: claiming})
    rule = next(v for v in law.versions if v.rule == "cn.pboc_2020.leak_notice")
    assert (rule.value["checked_by"], keeper(rule)) == (claim, "procedure")


def test_words_that_screening_and_templates_keep_cite_screening_and_templates():
    by_rule = {row.rule: row.proof for row in rows("en")}
    fraud = " ".join(by_rule["cn.criminal_law.card_fraud_threat"])
    assert "test_card_fraud_is_false_of_any_debt_but_a_cards" in fraud
    left = " ".join(by_rule["cn.nifa_2018.left_message"])
    assert "actions/test_template.py::" in left


def test_what_is_true_of_many_rows_is_said_once():
    for language, side in (("zh", 0), ("en", 1)):
        page = unescape(html(_plain(language)).decode())
        for sentence in (NOTES[0][1], *(says for _, says in (*KEPT.values(), *REVIEW.values()))):
            assert page.count(sentence[side]) == 1, sentence[side]
        assert page.count(PATHS[side]) == 1


def _plain(language: str):
    return json.loads(json.dumps(REPORTS[language], default=asdict))


def test_every_admitted_gap_is_printed():
    for language in REPORTS:
        told = {getattr(gap, language) for gap in admitted(fetch_pack_texts()).values()}
        assert told == set(REPORTS[language]["gaps"])


def test_every_word_of_the_report_has_two_languages():
    for chinese, english in WORDS.values():
        assert chinese
        assert not CHINESE.search(english)


@pytest.mark.parametrize(
    ("given", "chinese", "english"),
    [
        ("第六十九条 (Article 69)", "第六十九条", "Article 69"),
        ("第二百五十条", "第二百五十条", "Article 250"),
        ("第十三条第一款第（一）项", "第十三条第一款第（一）项", "Article 13, paragraph 1, item 1"),
        ("第六条 (Article 6, from memory)", "第六条", "Article 6"),
        ("第二条（据报道）", "第二条", "Article 2"),
        ("5.3 业务管理 (clause number not read)", "5.3 业务管理", "5.3"),
        ("not read", "", ""),
        ("1006.30(a), from memory", "1006.30(a)", "1006.30(a)"),
        (
            "批复第一条；意见第二条（据报道）",
            "批复第一条；意见第二条",
            "Reply, Article 1; Opinion, Article 2",
        ),
    ],
)
def test_an_article_is_named_in_the_readers_language(given, chinese, english):
    assert (in_chinese(given), in_english(given)) == (chinese, english)


@pytest.mark.parametrize(
    ("word", "value"), [("十", 10), ("十三", 13), ("二百零五", 205), ("一千零三十四", 1034)]
)
def test_a_chinese_numeral_is_read(word, value):
    assert number(word) == value


def test_a_rule_that_nobody_could_name_in_english_would_be_seen():
    texts = fetch_pack_texts()
    path = "cn/cba_2013/card_grace.yaml"
    law = parse_law({**texts, path: texts[path].replace("银行卡行业自律公约", "无名公约")})
    names = english_names(texts)
    assert [
        v.rule
        for v in law.versions
        if v.jurisdiction == "CN"
        and CHINESE.search(names.get(v.source.instrument, v.source.instrument))
    ] == ["cn.cba_2013.card_grace"]
