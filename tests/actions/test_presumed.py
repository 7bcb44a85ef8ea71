"""What the law only presumes to be a breach is said beside the verdict, refused or allowed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.asking import contacts
from tests.people import DAY, at, someone

from forbear.actions.contact import do_contact, may_contact
from forbear.actions.explain import access_contact, explained_answer, render_explained
from forbear.actions.options import access_options
from forbear.actions.reader import machine
from forbear.contact.permission import presumed
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_law

pytestmark = pytest.mark.django_db
DESK = machine("test")
NEW_YORK = ZoneInfo("America/New_York")
SEVEN, TALKED = "us.regulation_f.debt_calls_per_week", "us.regulation_f.wait_after_talk"
OWN = """
rule: house.us.debt_calls_per_week
topic: debt_calls_per_week
kind: weekly_maximum
effect: forbids
force: house
applies: {jurisdiction: [US], channel: [voice]}
says: At most ten calls in seven days.
says_zh: 七日内不超过 10 次。
versions:
  - in_force: {from: 2021-11-30, to: null}
    known_on: 2026-11-22
    value: {counts: debt_calls_7d, maximum: 10}
    source:
      instrument: House policy 本机构政策
      article: calls
      published: 2026-11-22
      quote: 七日内不超过 10 次。
    review: {status: house_policy, reviewer: null, still_valid_on: 2026-11-22}
"""


@pytest.fixture
def house_allows_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lender whose own policy lets what the regulation presumes pass."""
    path = tmp_path / "house" / "us" / "debt_calls_per_week.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path))


def called(times: int):
    """Somebody in New York who was called in vain so often in the last days."""
    person = someone(jurisdiction="US", zone="America/New_York")
    for day in range(times):
        on = DAY - timedelta(days=1 + day % 6)
        person.attempt("10:00", on=on, connected=False, effective=False)
    return person


def told(person):
    return explained_answer(
        may_contact(DESK, person_id=person.id, channel=Channel.voice, at=at("10:00", zone=NEW_YORK))
    )


def rules(answer) -> list[str]:
    return [rule["rule"] for rule in answer["presumed"]]


def test_the_eighth_call_is_refused_by_the_house_and_the_presumption_is_said_beside_it():
    answer = told(called(7))
    assert not answer["allowed"]
    assert [rule["rule"] for rule in answer["blocked_by"]] == ["house.us.debt_calls_per_week"]
    assert rules(answer) == [SEVEN]
    text = render_explained({"person": "p", **answer})
    cited = "12 CFR Part 1006 (Regulation F) 1006.14(b)(2)"
    assert f"REFUSED by house policy; a breach of {cited}" in text
    assert "would be presumed unless rebutted 本机构政策禁止；法规推定违反" in text
    assert "推定构成骚扰" in text


def test_the_seventh_call_is_allowed_and_nothing_is_presumed():
    answer = told(called(6))
    assert answer["allowed"]
    assert answer["presumed"] == []
    assert "PRESUMED" not in render_explained(answer)


@pytest.mark.usefixtures("house_allows_ten")
def test_where_the_house_lets_it_pass_it_is_allowed_but_presumed_a_breach():
    person = called(7)
    answer = told(person)
    assert answer["allowed"]
    assert rules(answer) == [SEVEN]
    text = render_explained(answer)
    assert "ALLOWED, BUT PRESUMED A BREACH of 12 CFR Part 1006 (Regulation F) 1006.14(b)(2)" in text
    assert "允许，但推定违反" in text
    kept = do_contact(
        DESK, person_id=person.id, channel=Channel.voice, at=at("10:00", zone=NEW_YORK)
    )
    assert kept.allowed
    story = access_contact(DESK, contact_id=str(kept.contact_id))
    assert rules(story) == [SEVEN]
    assert "ALLOWED, BUT PRESUMED" in render_explained(story)


def test_a_call_in_the_week_after_a_conversation_is_presumed_to_harass():
    person = someone(jurisdiction="US", zone="America/New_York")
    person.attempt("10:00", on=DAY - timedelta(days=6))
    assert rules(told(person)) == [TALKED]


def test_the_persons_page_says_it_of_the_call_and_of_nothing_else():
    page = access_options(DESK, person_id=called(7).id, at=at("10:00", zone=NEW_YORK))
    said = {option.channel: [b.code for b in option.presumed] for option in page.options}
    assert said == {"voice": [SEVEN], "app": [], "sms": [], "email": [], "letter": []}


@pytest.mark.parametrize(
    ("differences", "holds"),
    [({}, True), ({"jurisdiction": "CN"}, False), ({"channel": "sms"}, False),
     ({"debt_calls_7d": 6}, False)],
)  # fmt: skip
def test_only_what_the_rule_speaks_of_is_presumed(differences, holds):
    known = {"jurisdiction": "US", "debt_calls_7d": 7, "debt_talked_days": -1}
    facts = contacts(known | differences)
    found = presumed(facts, fetch_law(), on=DAY)
    assert [rule for rule, rows in found.items() if rows[0]] == ([SEVEN] if holds else [])
