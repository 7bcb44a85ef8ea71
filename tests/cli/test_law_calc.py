"""`forbear law calc` as a shell runs it: one line of JSON, exit codes, no database."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def forbear(*words: str, home: str) -> subprocess.CompletedProcess[str]:
    """Run one command with a home of its own and a database that cannot be reached."""
    env = os.environ | {
        "FORBEAR_HOME": home,
        "FORBEAR_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    return subprocess.run(
        [sys.executable, "-c", "from forbear.cli import main; main()", "law", "calc", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


ASKED = [
    (("fee", "--kind", "accept", "--amount", "12345.67"), "fee_minor", 10864),
    (("fee", "--kind", "accept", "--amount", "12345.67", "--halved"), "fee_minor", 5432),
    (("lpr", "--on", "2025-05-20"), "rate_ppm", 30000),
    (("cap", "--lender", "bank", "--formed", "2025-06-01"), "cap_ppm", 240000),
    (
        ("delay-interest", "--debt", "50000", "--due", "2025-01-01", "--until", "2026-01-01"),
        "interest_minor",
        319375,
    ),
    (("limitation", "--due", "2022-06-15", "--as-of", "2025-01-01"), "ends_on", "2025-06-16"),
    (("enforcement", "--due", "2024-03-01", "--as-of", "2025-01-01"), "ends_on", "2026-03-02"),
    (("procedure", "--amount", "30000", "--wage", "100000"), "lawsuit", "small_claims"),
]


@pytest.mark.parametrize(("words", "key", "value"), ASKED, ids=lambda v: str(v)[:40])
def test_a_calculator_prints_one_json_object_and_needs_no_database(tmp_path, words, key, value):
    done = forbear(*words, "--json", home=str(tmp_path))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told[key] == value
    assert told["rule"].startswith("cn.")
    assert told["article"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lpr", "--on", "2026-09-20"), "calculation.rate_unknown"),
        (("fee", "--kind", "accept", "--amount", "5", "--on", "2007-03-31"), "2007-04-01"),
        (("fee", "--kind", "accept", "--amount", "0"), "calculation.not_countable"),
        (("fee", "--kind", "bribe", "--amount", "5"), "accept, payment_order"),
        (("cap", "--lender", "transferee", "--formed", "2025-06-01"), "calculation.fact_missing"),
    ],
)
def test_what_cannot_be_answered_leaves_with_a_sentence_and_code_2(tmp_path, words, says):
    done = forbear(*words, home=str(tmp_path))
    assert done.returncode == 2
    assert says in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("fee", "--kind", "accept", "--amount", "5", "--on", ""),
        ("lpr", "--on", ""),
        ("cap", "--lender", "bank", "--formed", "2025-06-01", "--filed", ""),
        ("cap", "--lender", "bank", "--formed", "2025-06-01", "--until", ""),
        ("cap", "--lender", "bank", "--formed", "2025-06-01", "--from", ""),
        ("delay-interest", "--debt", "5", "--due", "2025-01-01", "--until", ""),
        ("limitation", "--due", "2022-06-15", "--as-of", ""),
        ("limitation", "--due", "2022-06-15", "--called", ""),
        ("enforcement", "--due", "2024-03-01", "--as-of", ""),
        ("procedure", "--amount", "30000", "--on", ""),
    ],
    ids=" ".join,
)
def test_an_empty_day_is_no_day(tmp_path, words):
    """As a shell gives it where a variable is not set."""
    done = forbear(*words, home=str(tmp_path))
    assert done.returncode == 2
    assert "is not a day" in done.stderr
    assert not done.stdout
