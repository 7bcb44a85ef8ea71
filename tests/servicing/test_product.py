"""Products are read strictly: what is missing, twice or at odds is refused with its place."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from tests.servicing.products import shipped, terms

from forbear.kernel.vocabulary import CreditorType
from forbear.servicing.product import (
    NotInForce,
    ProductInvalid,
    ProductUnknown,
    VersionsOverlap,
    parse_products,
    revised,
    terms_on,
    terms_value,
)
from forbear.servicing.terms import penalty_rate_ppm
from forbear.store.packs import fetch_law, fetch_pack_texts, fetch_product_texts

CARD = "house/products/card.yaml"


def card(**changes):
    """The card's file with some of its terms changed; a change to ... leaves the key out."""
    found = yaml.safe_load(fetch_product_texts()[CARD])
    for key, value in changes.items():
        found["versions"][0]["terms"][key] = value
        if value is ...:
            del found["versions"][0]["terms"][key]
    return found


def parsed(found):
    return parse_products({CARD: yaml.safe_dump(found, allow_unicode=True)})


def test_three_products_are_ready_made():
    assert shipped().names == ("card", "micro_loan", "paylater")


def test_products_have_a_digest_of_their_own_and_are_no_rules():
    assert not any(path.startswith("house/products/") for path in fetch_pack_texts())
    assert shipped().digest != fetch_law().digest


def test_every_file_is_read_back_as_it_was_written():
    for path, text in fetch_product_texts().items():
        written = yaml.safe_load(text)
        read = [v for v in shipped().versions if path.endswith(f"/{v.product}.yaml")]
        assert [terms_value(v) for v in read] == [v["terms"] for v in written["versions"]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"grace_days": ...}, "terms.grace_days: is missing"),
        ({"color": "red"}, "terms.color: is not a known key"),
        ({"grace_days": -1}, "terms.grace_days: -1 must be a whole number from 0 to 60"),
        ({"grace_days": True}, "terms.grace_days: True must be a whole number"),
        ({"due_day": 32}, "terms.due_day: 32 must be a whole number from 1 to 31"),
        ({"year_days": 366}, "terms.year_days: 366 must be 360 or 365"),
        ({"rounding": "up"}, "terms.rounding: 'up' is not one of half_up, half_even, down"),
        ({"lender": "transferee"}, "terms.lender: 'transferee' is not one of bank"),
        ({"currency": "yuan"}, "terms.currency: 'yuan' must be 3 capital letters"),
        ({"plans": []}, "terms.plans: must be a list of plans"),
        ({"charges": None}, "terms.charges: must be a list"),
        ({"assisted": "no"}, "terms.assisted: 'no' must be true or false"),
        ({"statement_day": None}, "terms.statement_day: needs a value where billing is statement"),
        ({"step": "days"}, "terms.step: must be null where billing is statement"),
        ({"statement_day": 28, "due_day": 29}, "terms.due_day: falls on the statement day in Feb"),
        ({"bill_days": 3}, "terms.bill_days: must be 0"),
        ({"jurisdiction": "US"}, "terms.rest_day: days of rest are known of China alone"),
        ({"interest_free_days": 5}, "terms.interest_free_days: is more than 0 where"),
        ({"penalty_daily_ppm": 500}, "terms.penalty_daily_ppm: give either it or penalty_multi"),
        ({"lender": "micro_loan"}, "terms.compounds: must be false: interest on interest"),
        ({"penalty_base": ["fee"]}, "terms.penalty_base: must be of interest, principal"),
        ({"compounds": False}, "terms.penalty_base: must be of principal"),
        ({"penalty_base": ["principal"] * 2}, "terms.penalty_base: names one component twice"),
        ({"allocation": ["cost"]}, "terms.allocation: must name each of cost, interest, fee"),
        ({"late_fee_least_minor": 60000}, "terms.late_fee_least_minor: must not exceed"),
        ({"least_minor": 10**9}, "terms.least_minor: must not exceed most_minor"),
        ({"least_minor": 23}, "terms.least_minor: must give every installment at least one"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(changes, said):
    with pytest.raises(ProductInvalid) as refused:
        parsed(card(**changes))
    assert f"{CARD}: versions[0].{said}" in str(refused.value)


def test_a_plan_is_charged_by_interest_or_by_fee_and_not_by_both():
    plans = [{"installments": 3, "method": "equal_principal", "rate_ppm": 1, "fee_ppm": 1}]
    with pytest.raises(ProductInvalid, match="3: fee_ppm must be 0 with method equal_principal"):
        parsed(card(plans=plans))


def test_a_months_interest_needs_months_to_count():
    with pytest.raises(ProductInvalid, match=r"interest_by: must be day"):
        terms("micro_loan", interest_by="month")


def test_a_file_that_is_no_yaml_says_the_line():
    with pytest.raises(ProductInvalid, match=rf"{CARD}: line 2"):
        parse_products({CARD: "product: card\n  title: ["})


def test_a_file_is_named_like_its_product():
    with pytest.raises(ProductInvalid, match="'visa' must be card"):
        parsed(card() | {"product": "visa"})


def test_versions_must_not_overlap():
    found = card()
    found["versions"].append(
        {**found["versions"][0], "in_force": {"from": date(2025, 1, 1), "to": None}}
    )
    with pytest.raises(VersionsOverlap, match="card: the version from 2024-01-01"):
        parsed(found)


def test_a_period_ends_after_it_begins():
    found = card()
    found["versions"][0]["in_force"] = {"from": date(2025, 1, 1), "to": date(2025, 1, 1)}
    with pytest.raises(ProductInvalid, match=r"in_force.to: 2025-01-01 is not after"):
        parsed(found)


def test_terms_are_those_of_the_day_asked():
    found = card()
    first = found["versions"][0]
    turn = date(2026, 1, 1)
    found["versions"] = [
        {**first, "in_force": {"from": date(2024, 1, 1), "to": turn}},
        {"in_force": {"from": turn, "to": None}, "terms": {**first["terms"], "grace_days": 5}},
    ]
    known = parsed(found)
    assert terms_on(known, "card", on=date(2025, 12, 31)).grace_days == 3
    assert terms_on(known, "card", on=turn).grace_days == 5
    with pytest.raises(NotInForce, match="from 2024-01-01 on and has no version for 2023-12-31"):
        terms_on(known, "card", on=date(2023, 12, 31))


def test_a_product_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ProductUnknown, match="there are card, micro_loan, paylater"):
        terms_on(shipped(), "gold", on=date(2026, 1, 1))


def test_trying_something_on_changes_the_digest_and_not_the_product():
    usual = terms("card")
    tried = revised(usual, {"grace_days": 7})
    assert (tried.grace_days, terms("card").grace_days) == (7, 3)
    assert tried.digest != usual.digest
    assert revised(tried, {"grace_days": 3}).digest == usual.digest


def test_what_is_tried_on_is_checked_as_a_file_is():
    with pytest.raises(ProductInvalid, match=r"terms.due_day: 40"):
        revised(terms("card"), {"due_day": 40})


def test_the_penalty_is_a_multiple_of_the_rate_or_so_much_a_day():
    """1.3 times 18.25 % is 23.725 %; 0.05 % a day of a year of 360 is 18 %."""
    assert penalty_rate_ppm(terms("card"), rate_ppm=182500) == 237250
    assert penalty_rate_ppm(terms("paylater"), rate_ppm=0) == 180000


def test_the_creditor_is_told_as_the_rules_on_contacts_divide_creditors():
    assert terms("card").creditor_type is CreditorType.bank
    assert terms("paylater", lender="private").creditor_type is CreditorType.other
