"""Products: the list, an offer drawn while its terms are tried on, and the table of all costs."""

from __future__ import annotations

import re

import pytest

from forbear.servicing.product import terms_on
from forbear.store.packs import fetch_products

ON = "2026-06-01"
ASKED = f"/products/paylater/?go=1&of=12&amount=1200&on={ON}&installments=12"


def page_of(answer):
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_every_product_is_listed_with_a_way_to_it(sign_in):
    page = page_of(sign_in("collector").get("/products/"))
    for name in fetch_products().names:
        assert f'href="/products/{name}/"' in page


def test_a_product_shows_its_cost_before_anybody_asks(sign_in):
    answer = sign_in("supervisor").get("/products/card/")
    page = page_of(answer)
    assert answer.context["told"]["installments"] == 24
    assert not answer.context["changed"]
    assert "综合融资成本明示表" in page


def test_an_offer_is_told_with_its_rate_its_cap_and_every_installment(sign_in):
    answer = sign_in("compliance").get(f"{ASKED}&method=fee_per_installment&fee=0.6")
    page = page_of(answer)
    for part in ("¥ 1,286.40", "¥ 107.20", "irr_365", "可以提供：不高于上限 24.00%"):
        assert part in page
    assert page.count("2027-") >= 5


def test_the_picture_follows_the_theme_and_holds_no_style_or_script(sign_in):
    page = page_of(sign_in("collector").get(ASKED))
    drawn = page.split("<figure", 1)[1].split("</figure>", 1)[0]
    assert "var(--accent)" in drawn
    assert "style=" not in drawn
    assert "<script" not in drawn
    assert not re.search(r"#00000\d", drawn)
    assert 'fill="white"' not in drawn


def test_terms_that_are_tried_on_change_the_answer_and_no_product(sign_in):
    from datetime import date

    answer = sign_in("supervisor").get(f"{ASKED}&method=fee_per_installment&fee=0.7")
    page = page_of(answer)
    assert answer.context["changed"]
    assert "这是试改的条款" in page
    assert "¥ 108.40" in page
    assert "综合融资成本明示表" not in page  # of terms that are nobody's there is no table
    assert terms_on(fetch_products(), "paylater", on=date(2026, 6, 1)).plans[3].fee_ppm == 6000


def test_an_offer_above_its_cap_says_so_with_its_article(sign_in):
    page = page_of(sign_in("supervisor").get(f"{ASKED}&method=fee_per_installment&fee=2"))
    assert "不得提供" in page
    assert 'href="/law/cn.spc_2020_27.claim_cap/"' in page


def test_an_offer_that_the_law_is_silent_on_says_so(sign_in):
    page = page_of(sign_in("supervisor").get("/products/micro_loan/?on=2028-01-05"))
    assert "不作推测" in page


def test_with_scripts_only_the_answer_is_drawn_again(sign_in):
    part = page_of(sign_in("collector").get(ASKED, headers={"HX-Request": "true"}))
    assert 'id="offered"' in part
    assert "hx-swap-oob" not in part  # somebody may be typing in the form
    assert "<html" not in part


def test_another_plans_own_fields_are_drawn_with_its_answer(sign_in):
    other = ASKED.replace("of=12", "of=3")
    part = page_of(sign_in("collector").get(other, headers={"HX-Request": "true"}))
    assert 'hx-swap-oob="true"' in part


def test_another_number_of_installments_shows_that_plans_own_terms(sign_in):
    """What was typed was of the plan before."""
    address = "/products/card/?go=1&of=24&installments=3&method=bullet&rate=20&amount=900"
    answer = sign_in("collector").get(address)
    assert answer.context["asked"]["method"] == "equal_principal"
    assert answer.context["asked"]["rate"] == "14.8"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("amount=x", "金额要写成"),
        ("amount=1", "不提供这样的金额或期数"),
        ("amount=1200&installments=5", "不提供这样的金额或期数"),
        ("amount=1200&rate=x&method=bullet&installments=12&of=12", "不能用来计算"),
        ("amount=1200&due_day=40&installments=12&of=12", "条款这样改不成立"),
        ("amount=1200&on=2026-13-01", "不能用来计算"),
    ],
)
def test_what_cannot_be_counted_is_said_in_place(sign_in, words, says):
    answer = sign_in("collector").get(f"/products/paylater/?go=1&{words}")
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_product_that_is_not_there_is_no_page(sign_in):
    answer = sign_in("collector").get("/products/gold/")
    assert answer.status_code == 404


@pytest.mark.parametrize(("language", "word"), [("zh", "担保费"), ("en", "Guarantee fee")])
def test_the_table_of_costs_is_a_page_in_both_languages(sign_in, language, word):
    address = f"/products/micro_loan/cost-table/?amount=5000&installments=1&on={ON}"
    page = page_of(sign_in("collector").get(f"{address}&language={language}"))
    assert word in page
    assert "19.8589 %" in page
    assert "as=pdf" in page


def test_the_table_of_costs_is_a_pdf_too(sign_in):
    address = f"/products/micro_loan/cost-table/?amount=5000&installments=1&on={ON}&as=pdf"
    answer = sign_in("collector").get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_terms_that_must_not_be_offered_have_no_table(sign_in):
    address = "/products/micro_loan/cost-table/?amount=5000&installments=1&on=2028-01-05"
    assert sign_in("collector").get(address).status_code == 422


@pytest.mark.parametrize("path", ["/products/", "/products/card/", "/products/card/cost-table/"])
def test_the_english_pages_hold_no_chinese_but_names(sign_in, path):
    client = sign_in("collector")
    page = page_of(client.get(path, headers={"accept-language": "en"}))
    main = re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1].split("</main>", 1)[0])
    main = main.replace("中文", "")
    assert not re.search(r"[\u4e00-\u9fff]", main), re.findall(r"[\u4e00-\u9fff]+", main)
