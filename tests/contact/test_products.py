"""Rules that name a kind of credit bind debts of that kind, and debts of which nobody knows."""

from __future__ import annotations

import pytest
from tests.asking import blocked

from forbear.kernel.vocabulary import ProductType
from forbear.law.packs import parse_law
from forbear.store.packs import fetch_pack_texts

CARD = "cn.credit_card_2011.arrangement"
CONSENT = "cn/gbt_45251_2025/night_agreement.yaml"
NIGHT = {"local_minute": "23:00", "night_consent": True, "creditor_types": ["micro_loan"]}


@pytest.mark.parametrize(
    ("products", "binds"),
    [
        (["card"], True),
        (["card", "cash_loan"], True),
        (["cash_loan"], False),
        (["installment_purchase", "other"], False),
        ([], True),  # unknown: silence is never permission
    ],
)
def test_the_card_rule_binds_cards_and_what_may_be_one(products, binds):
    found = blocked(arranged=True, product_types=products)
    assert "house.arrangement" in found
    assert (CARD in found) is binds


@pytest.mark.parametrize(
    ("products", "holds"),
    [(["card"], True), (["card", "cash_loan"], False), (["cash_loan"], False), ([], False)],
)
def test_an_exception_for_cards_holds_only_where_every_debt_is_known_to_be_one(products, holds):
    texts = fetch_pack_texts()
    changed = texts[CONSENT].replace("applies: {", "applies: {product_type: [card], ")
    assert changed != texts[CONSENT]
    law = parse_law({**texts, CONSENT: changed})
    assert (not blocked(law, **NIGHT, product_types=products)) is holds


@pytest.mark.parametrize("product", [[p.value] for p in ProductType])
def test_a_rule_of_some_products_never_answers_a_topic_alone(product):
    texts = {k: v for k, v in fetch_pack_texts().items() if k != "house/arrangement.yaml"}
    assert "law.silent.arrangement" in blocked(parse_law(texts), product_types=product)
