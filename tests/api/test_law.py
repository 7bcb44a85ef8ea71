"""The calculators as a program asks them: with the scope for it, by day, refused by name."""

from __future__ import annotations

import pytest

ASKED = {
    "fee": {"kind": "accept", "amount_minor": "1234567"},
    "lpr": {"on": "2025-05-20"},
    "cap": {"lender": "bank", "formed_on": "2025-06-01"},
    "delay-interest": {"debt_minor": "1234567", "due_on": "2026-01-01", "until": "2026-02-15"},
    "limitation": {"due_on": "2022-06-15", "as_of": "2025-01-01"},
    "enforcement": {"due_on": "2024-03-01", "as_of": "2025-01-01"},
    "procedure": {"amount_minor": "3000000", "wage_minor": "10000000", "on": "2026-01-05"},
}
TOLD = {
    "fee": ("fee_minor", 10864),
    "lpr": ("percent", "3.00"),
    "cap": ("percent", "24.00"),
    "delay-interest": ("interest_minor", 9722),
    "limitation": ("ends_on", "2025-06-16"),
    "enforcement": ("ends_on", "2026-03-02"),
    "procedure": ("lawsuit", "small_claims"),
}


@pytest.mark.parametrize("which", ASKED)
def test_a_calculator_answers_a_program_with_its_rule_and_article(door, which):
    answer = door("read_law").get(f"/api/law/{which}", **ASKED[which])
    assert answer.status_code == 200, answer.content.decode()
    told = answer.json()
    key, value = TOLD[which]
    assert told[key] == value
    assert told["rule"].startswith("cn.")
    assert told["article"]
    assert told["cites"][0]["rule"] == told["rule"]


@pytest.mark.parametrize("which", ASKED)
def test_a_key_without_the_scope_is_refused(door, which):
    answer = door("see_person").get(f"/api/law/{which}", **ASKED[which])
    assert answer.status_code == 403
    assert answer.json()["code"] == "access.not_allowed"


def test_a_key_that_reads_law_sees_no_person(door, wang):
    assert door("read_law").get(f"/api/persons/{wang.ref}").status_code == 403


@pytest.mark.parametrize(
    ("which", "words", "code", "says"),
    [
        ("lpr", {"on": "2026-09-20"}, "calculation.rate_unknown", "2026-09-19"),
        ("fee", {"on": "2007-03-31"}, "calculation.not_claimed", "2007-04-01"),
        ("limitation", {"due_on": "2017-09-30"}, "calculation.not_claimed", "2017-10-01"),
        ("limitation", {"interruption": "2023-02-30:demand"}, "calculation.not_countable", "day"),
        ("limitation", {"interruption": "2023-02-03:rage"}, "request.not_valid", "pattern"),
        (
            "enforcement",
            {"interruption": "2024-09-03:lawsuit"},
            "calculation.not_countable",
            "lawsuit",
        ),
        ("delay-interest", {"repayment": "2026-02-01:1234568"}, "calculation.not_countable", ""),
        ("procedure", {"amount_minor": "0"}, "request.not_valid", ""),
        ("cap", {"lender": "transferee"}, "request.not_valid", ""),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(door, which, words, code, says):
    answer = door("read_law").get(f"/api/law/{which}", **(ASKED[which] | words))
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert says in answer.json()["detail"]


def test_repeated_words_of_an_address_are_all_taken(door):
    key = door("read_law")
    told = key.get(
        "/api/law/limitation?due_on=2022-06-15&as_of=2025-01-01"
        "&interruption=2022-11-01:demand&interruption=2024-05-06:demand"
    ).json()
    assert told["runs_from"] == "2024-05-06"
    assert [step["turn"] for step in told["steps"]] == ["began", "restarted", "restarted"]
