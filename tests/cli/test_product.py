"""`forbear product` as a shell runs it: offers, their refusals, and the table of costs as PDF."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def forbear(tmp_path):
    """Run one command with a home of its own and a database that cannot be reached."""
    env = os.environ | {
        "FORBEAR_HOME": str(tmp_path),
        "FORBEAR_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from forbear.cli import main; main()", "product", *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


OFFER = ("offer", "paylater", "--amount", "1200.00", "--installments", "12", "--on", "2026-06-01")


def test_the_products_are_listed_with_what_they_lend(forbear):
    done = forbear("list", "--on", "2026-06-01")
    assert done.returncode == 0, done.stderr
    assert "paylater: Pay later at the checkout" in done.stdout
    assert "in 1, 3, 6, 12, 24" in done.stdout


def test_a_day_before_a_product_was_offered_is_told_in_the_list_and_refused_alone(forbear):
    assert "not offered on that day" in forbear("list", "--on", "2023-12-31").stdout
    done = forbear("show", "card", "--on", "2023-12-31")
    assert done.returncode == 2
    assert "product.not_in_force" in done.stderr


def test_a_product_is_shown_as_its_file_writes_it(forbear):
    told = json.loads(forbear("show", "card", "--on", "2026-06-01", "--json").stdout)
    assert told["terms"]["grace_days"] == 3
    assert len(told["digest"]) == 64


def test_an_offer_is_its_schedule_its_cost_and_its_cap(forbear):
    """1,200.00 in twelve of 100.00 with 0.6 % each: 7.20 of fee each time, 86.40 in all."""
    done = forbear(*OFFER)
    assert done.returncode == 0, done.stderr
    for part in ("¥ 86.40 of cost, ¥ 1,286.40 in all", "by irr_365", "cap 24.00 %", "¥ 107.20"):
        assert part in done.stdout
    assert "cn.spc_2020_27.claim_cap" in done.stdout


def test_an_offer_in_json_names_its_formula_and_digest(forbear):
    told = json.loads(forbear(*OFFER, "--json").stdout)
    assert told["may_be_made"] is True
    assert told["formula"] == "irr_365"
    assert (told["total_minor"], len(told["dues"])) == (128640, 12)
    assert sum(row["principal_minor"] for row in told["dues"]) == 120000


def test_an_offer_that_must_not_be_made_says_why_and_leaves_with_one(forbear):
    done = forbear("offer", "micro_loan", "--amount", "5000", "--on", "2028-01-05")
    assert done.returncode == 1
    assert "must not be made: the loan prime rate is known through" in done.stdout
    assert "[offer.law_silent]" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("offer", "gold", "--amount", "5"), "product.unknown"),
        (("offer", "card", "--amount", "0.50"), "product.not_offered"),
        (("offer", "card", "--amount", "5", "--installments", "5"), "product.not_offered"),
        (("offer", "card", "--amount", "x"), "money.not_money"),
        (
            ("cost-table", "micro_loan", "t.pdf", "--amount", "5000", "--on", "2028-01-05"),
            "must_not",
        ),
        (("cost-table", "card", "no/such/t.pdf", "--amount", "5000"), "cannot be written"),
        (("cost-table", "card", "t.pdf", "--amount", "5", "--language", "fr"), "not_a_language"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(forbear, words, says):
    done = forbear(*words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_of_costs_is_a_pdf_that_is_the_same_each_time(forbear, tmp_path, language):
    made = []
    for name in ("one.pdf", "two.pdf"):
        words = ("card", str(tmp_path / name), "--amount", "5000", "--installments", "12")
        done = forbear("cost-table", *words, "--on", "2026-06-01", "--language", language)
        assert done.returncode == 0, done.stderr
        made.append((tmp_path / name).read_bytes())
    assert made[0].startswith(b"%PDF")
    assert made[0] == made[1]
