"""An offer keeps every rule on price in force on its day; the numbers are those of the packs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.servicing.products import terms

from forbear.actions.cost_table import WORDS, cost_table
from forbear.audit.numbers import APART, read_numbers
from forbear.kernel.court import Lender
from forbear.law.packs import Law, in_force, parse_law
from forbear.law.price_kinds import COMPONENTS, FORMULAS, METHODS, PRICE_KINDS, TABLE_PARTS
from forbear.law.reading import strict_yaml
from forbear.servicing.allocation import Component
from forbear.servicing.check import MAY_COMPOUND
from forbear.servicing.offer import offer
from forbear.servicing.price import CHECKS, rules_of
from forbear.servicing.product import revised
from forbear.servicing.terms import CostFormula, Method
from forbear.store.packs import fetch_law, fetch_pack_texts

FOLDER = Path(__file__).parent / "vectors"
LAW = fetch_law()
FILES = {
    path.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): path
    for path in sorted(FOLDER.rglob("*.yaml"))
}
ASKED = [v for v in LAW.versions if v.topic in CHECKS]
ONE = timedelta(days=1)


def vectors(rule: str) -> list[dict[str, Any]]:
    found = strict_yaml(rule, FILES[rule].read_text())
    assert found["rule"] == rule
    return list(found["vectors"])


CASES = [(rule, vector) for rule in FILES for vector in vectors(rule)]


@pytest.mark.parametrize(
    ("rule", "vector"), CASES, ids=[f"{rule}: {v['name']}" for rule, v in CASES]
)
def test_a_rule_on_price_answers_as_its_vector_says(rule, vector):
    asked, on = dict(vector["offer"]), vector["on"]
    found = revised(terms(asked.pop("product")), vector["changes"])
    refused = {each.rule.rule for each in offer(LAW, found, **asked, on=on).refusals if each.rule}
    if rule in refused:
        answer = "refused"
    else:
        known = {version.rule for version in rules_of(LAW, found, on=on)}
        answer = "kept" if rule in known else "not_asked"
    assert answer == vector["expect"]


def test_every_rule_that_an_offer_is_held_to_has_vectors():
    assert {v.rule for v in ASKED} == set(FILES)


@pytest.mark.parametrize("version", ASKED, ids=lambda v: f"{v.rule} {v.start}")
def test_every_legal_date_of_a_price_has_the_day_before_the_day_and_the_day_after(version):
    days = {vector["on"] for vector in vectors(version.rule)}
    for turn in {version.start, version.end} - {date.max}:
        assert {turn - ONE, turn, turn + ONE} <= days


def with_value(path: str, old: str, new: str) -> Law:
    """The shipped law, one number of it changed."""
    texts = fetch_pack_texts()
    assert old in texts[path]
    return parse_law({**texts, path: texts[path].replace(old, new)})


def test_the_number_is_the_packs_and_stands_nowhere_else():
    law = with_value(
        "cn/pboc_2003_251/overdue_penalty.yaml", "most_ppm: 1500000", "most_ppm: 1300000"
    )
    dear = revised(terms("card"), {"penalty_multiple_ppm": 1_400_000})
    for each, codes in ((LAW, []), (law, ["offer.penalty_too_dear"])):
        found = offer(each, dear, amount_minor=100_000, installments=1, on=date(2026, 6, 1))
        assert [refusal.code for refusal in found.refusals] == codes


def test_a_refusal_names_its_rule_and_its_article():
    short = revised(terms("paylater"), {"reading_s": 0})
    (found,) = offer(LAW, short, amount_minor=100_000, installments=3, on=date(2026, 8, 1)).refusals
    assert found.rule.rule == "cn.cost_disclosure_2026.cost_table"
    assert found.rule.source.instrument in found.says


def test_the_table_of_costs_holds_what_the_rule_asks_for():
    (rule,) = in_force(LAW, topic="cost_table", on=date(2026, 8, 1))
    made = offer(LAW, terms("paylater"), amount_minor=100_000, installments=3, on=date(2026, 8, 1))
    table = cost_table(made, language="zh")
    assert set(rule.value["states"]) <= {*table, *table["words"]}
    assert WORDS["nothing_else"][0] in table["words"].values()


def test_the_rate_is_told_with_its_formula_where_the_rule_asks_for_it():
    (rule,) = in_force(LAW, topic="yearly_rate", on=date(2026, 8, 1))
    made = offer(LAW, terms("paylater"), amount_minor=100_000, installments=3, on=date(2026, 8, 1))
    assert rule.value["names_formula"]
    assert made.terms.cap_formula.value in cost_table(made, language="zh")["formula"]


def test_whose_interest_may_bear_interest_is_said_by_the_rule_on_penalties_too():
    (rule,) = in_force(LAW, topic="penalty_rate", on=date(2026, 6, 1))
    assert rule.value["interest_bears_it"]
    assert {c.value for c in rule.applies.creditor_type} == {
        lender.value for lender in MAY_COMPOUND
    }
    assert set(MAY_COMPOUND) <= set(Lender)


def test_credit_without_a_rate_bears_no_penalty_of_a_bank():
    free = revised(
        terms("card"),
        {"plans": [{"installments": 1, "method": "bullet", "rate_ppm": 0, "fee_ppm": 0}]},
    )
    daily = replace(free, penalty_multiple_ppm=None, penalty_daily_ppm=500)
    found = offer(LAW, daily, amount_minor=100_000, installments=1, on=date(2026, 6, 1))
    assert [refusal.code for refusal in found.refusals] == ["offer.penalty_too_dear"]


def test_the_words_of_the_rules_are_the_words_of_products():
    assert set(CostFormula) == FORMULAS
    assert set(Method) == METHODS
    assert set(Component) == COMPONENTS
    assert {"principal", "annual", "costs", "default"} < set(WORDS) >= TABLE_PARTS


def test_the_audit_of_contacts_leaves_every_rule_on_price_aside():
    assert set(PRICE_KINDS) <= set(APART)
    assert read_numbers(fetch_pack_texts())[1] == ()


def test_every_kind_of_rule_on_price_is_asked_or_admitted():
    asked = {v.kind for v in ASKED}
    assert set(PRICE_KINDS) <= asked
    assert {v.topic for v in LAW.versions if v.kind in PRICE_KINDS} - set(CHECKS) == {
        "misuse_penalty_rate"  # no product lends for a purpose
    }
