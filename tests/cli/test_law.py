"""`forbear law`: the packs are checked, shown, compared and put on paper, without a database."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from forbear.cli.law import law
from forbear.law.claims import DayNotClaimed, NoSuchPlace, NoSuchTopic
from forbear.store.packs import fetch_pack_texts

RUN = CliRunner()
HOURS = "cn/gbt_45251_2025/contact_hours.yaml"


def told(*words: str) -> str:
    result = RUN.invoke(law, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_shipped_packs_have_no_gap():
    found = json.loads(told("check", "--json"))
    assert found["gaps"] == []
    assert set(found["claims"]) == {"CN", "US", "GB", "IN", "KR", "ID"}


def test_a_pack_that_ends_with_nothing_after_it_is_a_gap_and_exit_one(tmp_path):
    path = tmp_path / HOURS
    path.parent.mkdir(parents=True)
    path.write_text(fetch_pack_texts()[HOURS].replace("to: null", "to: 2027-01-01"))
    result = RUN.invoke(law, ["check", "--packs", str(tmp_path)])
    assert result.exit_code == 1
    assert "SILENT in CN on contact_hours: 2027-01-01" in result.stdout


def test_a_day_before_anything_is_claimed_is_refused_by_name():
    refused = RUN.invoke(law, ["show", "--on", "1999-01-01"])
    assert isinstance(refused.exception, DayNotClaimed)
    assert "CN from 2000-01-01 on" in str(refused.exception)
    assert isinstance(
        RUN.invoke(law, ["diff", "1999-01-01", "2026-01-01"]).exception, DayNotClaimed
    )


@pytest.mark.parametrize("words", [(), ("--topic", "contact_hours"), ("--topic", "foo")])
def test_a_place_that_no_pack_answers_for_is_refused_with_those_that_one_does(words):
    refused = RUN.invoke(law, ["show", "--on", "2026-11-20", "--in", "XX", *words])
    assert isinstance(refused.exception, NoSuchPlace)
    assert refused.stdout == ""
    said = "no pack answers for 'XX'; the packs answer for CN, GB, ID, IN, KR, US"
    assert str(refused.exception) == said


def test_a_topic_that_no_pack_speaks_of_is_refused_with_those_like_it():
    asked = ["show", "--on", "2026-11-20", "--topic"]
    refused = RUN.invoke(law, [*asked, "contact_hour"])
    assert isinstance(refused.exception, NoSuchTopic)
    assert "did you mean contact_hours" in str(refused.exception)
    unlike = RUN.invoke(law, [*asked, "foo", "--in", "GB"])
    assert isinstance(unlike.exception, NoSuchTopic)
    assert "no pack speaks of 'foo' in GB; the topics are " in str(unlike.exception)


@pytest.mark.parametrize("words", [(), ("--in", "CN")])
def test_a_topic_asked_about_an_earlier_day_is_refused_by_its_name(words):
    early = ["show", "--on", "2026-07-31", "--topic", "cost_table", *words]
    refused = RUN.invoke(law, early)
    assert isinstance(refused.exception, DayNotClaimed)
    assert "cost_table" in str(refused.exception)
    assert "from 2026-08-01 on" in str(refused.exception)
    shown = told("show", "--on", "2026-08-01", "--topic", "cost_table", *words)
    assert "1 rules in force" in shown
    assert isinstance(
        RUN.invoke(law, ["show", "--on", "2026-08-01", "--topic", "lunch", *words]).exception,
        NoSuchTopic,
    )


def test_a_topic_answered_in_some_places_only_says_where_it_is_not_yet():
    shown = told("show", "--on", "2015-01-01", "--topic", "contact_hours")
    assert "nothing is said of KR: the packs answer for it from 2024-10-17 on" in shown


def test_what_is_not_claimed_yet_on_a_day_is_said():
    shown = told("show", "--on", "2010-05-01")
    assert "nothing is said of US: the packs answer for it from 2021-11-30 on" in shown
    assert "not searched for gaps" in told("show", "--on", "2035-01-01")


def test_the_law_of_a_day_is_shown_with_its_article_in_both_languages():
    shown = told("show", "--on", "2026-11-20")
    for words in ("cn.gbt_45251_2025.contact_hours", "22:00", "5.3", "不得进行任何形式的催收"):
        assert words in shown
    assert "cn.nifa_2024" not in shown


def test_two_days_are_compared_by_what_begins_and_what_ends():
    changed = told("diff", "2025-02-27", "2025-02-28")
    assert "+ cn.gbt_45251_2025.contact_hours" in changed
    assert "- cn.nifa_2024.connected_notices_per_day" in changed
    assert told("diff", "2026-11-20", "2026-11-20").startswith("0 rules differ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--on", "1980-01-01", "--out", "{}/new"], "the packs answer for nothing on"),
        (["report", "--out", "{}/taken"], "taken is a file; name a folder"),
    ],
)
def test_a_report_that_cannot_be_made_is_refused_in_one_sentence(tmp_path, words, said):
    (tmp_path / "taken").write_text("mine")
    run = RUN.invoke(law, [word.format(tmp_path) for word in words], standalone_mode=False)
    assert said in str(run.exception)
    assert (tmp_path / "taken").read_text() == "mine"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_names_every_rule_in_force_and_what_is_not_known(tmp_path, language):
    told("report", "--out", str(tmp_path), "--on", "2026-11-20")
    page = (tmp_path / f"conformance-2026-11-20.{language}.html").read_text()
    for rule in json.loads(told("show", "--on", "2026-11-20", "--json"))["rules"]:
        assert rule["rule"] in page
    assert {"zh": "承认的不足", "en": "Gaps admitted"}[language] in page
    assert {"zh": "二手来源", "en": "secondary source"}[language] in page
    heads = {"zh": ("证明它的测试", "复核"), "en": ("Tests that prove it", "Review")}[language]
    assert all(f'data-head="{head}"' in page for head in heads)  # where a phone has no columns
    assert "@media screen and (max-width:700px)" in page  # and paper keeps them
    assert (tmp_path / f"conformance-2026-11-20.{language}.pdf").read_bytes().startswith(b"%PDF")
