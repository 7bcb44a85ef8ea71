"""The table of all costs: every item with method, standard and payee, in both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from forbear.actions.cost_table import (
    WORDS,
    MustNotBeMade,
    access_cost_table,
    cost_table,
)
from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.servicing.offer import offer
from forbear.servicing.product import revised, terms_on
from forbear.store.packs import fetch_law, fetch_products

ON = date(2026, 6, 1)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def table(name="micro_loan", *, installments=1, language="zh", **changes):
    terms = terms_on(fetch_products(), name, on=ON)
    found = offer(
        fetch_law(),
        revised(terms, changes) if changes else terms,
        amount_minor=500_000,
        installments=installments,
        on=ON,
    )
    return cost_table(found, language=language)


def test_every_cost_says_how_by_what_standard_and_to_whom_it_is_paid():
    told = table()
    assert told["principal"] == "¥ 5,000.00"
    assert [(row["item"], row["standard"], row["payee"], row["sum"]) for row in told["costs"]] == [
        ("利息", "14.40 % / 年", "贷款人", "¥ 60.00"),
        ("担保费", "0.30 % × 本金", "担保公司", "¥ 15.00"),
    ]
    assert told["total"] == "¥ 5,075.00"
    assert told["annual"] == "19.8589 %"
    assert "irr_365" in told["formula"]


def test_what_is_charged_on_default_alone_stands_apart():
    told = table()
    assert [row["item"] for row in told["default"]] == ["罚息", "诉讼中实现债权的费用"]
    assert told["default"][0]["standard"] == "21.60 % / 年"
    assert "宽限1天" in told["default"][0]["method"]


def test_it_says_that_nothing_else_is_charged():
    assert table()["words"]["nothing_else"].startswith("除上述明示的息费外")


def test_late_fees_and_fees_for_paying_early_are_told_where_there_are_any():
    items = [row["item"] for row in table("card", prepayment_fee_ppm=10000)["default"]]
    assert items == ["罚息", "违约金", "提前还款违约金"]
    assert [row["item"] for row in table("paylater")["default"]] == ["罚息"]


@pytest.mark.parametrize("name", ["card", "micro_loan", "paylater"])
def test_the_english_table_holds_no_chinese(name):
    told = table(name, language="en", prepayment_fee_ppm=10000)
    assert not CHINESE.search(repr(told))


def test_every_word_of_the_table_has_two_languages():
    for key, (zh, en) in WORDS.items():
        assert CHINESE.search(zh), key
        assert not CHINESE.search(en), key


def test_the_schedule_adds_up_to_what_is_told_to_be_repaid():
    told = table("paylater", installments=12)
    whole = sum(
        int(row["whole"].strip("¥ ").replace(",", "").replace(".", "")) for row in told["schedule"]
    )
    assert f"¥ {whole // 100:,}.{whole % 100:02d}" == told["total"]


def test_the_digest_is_of_every_word_shown():
    assert table()["digest"] == table()["digest"]
    assert table()["digest"] != table(language="en")["digest"]
    assert table()["digest"] != table(grace_days=2)["digest"]


def test_an_offer_that_must_not_be_made_has_no_table():
    plans = [{"installments": 1, "method": "bullet", "rate_ppm": 300000, "fee_ppm": 0}]
    with pytest.raises(MustNotBeMade, match="above the 24"):
        table(plans=plans)


def test_who_may_not_see_products_is_refused():
    asked = {"amount_minor": 500_000, "installments": 1, "on": ON, "language": "zh"}
    with pytest.raises(NotAllowed):
        access_cost_table(Reader(actor="key:x", abilities=frozenset()), "micro_loan", **asked)
    assert access_cost_table(machine("cli:x"), "micro_loan", **asked)["costs"]
