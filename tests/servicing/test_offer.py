"""An offer above its cap cannot be made; where the law says nothing it cannot be made either."""

from __future__ import annotations

from datetime import date

import pytest
from tests.servicing.products import loan, terms

from forbear.servicing.offer import offer
from forbear.servicing.terms import NotOffered
from forbear.store.packs import fetch_law

LAW_DAY = date(2026, 6, 1)


def year(*, lender="bank", permille, **more):
    """A loan for a year whose simple interest is so many thousandths: its rate by every formula."""
    return loan(
        "bullet",
        installments=1,
        rate_ppm=permille * 1000,
        step_length=12,
        lender=lender,
        **more,
    )


def asked(product, *, on=LAW_DAY, lent_minor=100_000):
    return offer(fetch_law(), product, amount_minor=lent_minor, installments=1, on=on)


def refusal(product, *, on=LAW_DAY):
    (found,) = asked(product, on=on).refusals
    return found


@pytest.mark.parametrize("lender", ["bank", "local_finance", "micro_loan"])
def test_a_licensed_lender_may_offer_24_percent_and_nothing_above(lender):
    assert asked(year(lender=lender, permille=240)).refusals == ()
    assert asked(year(lender=lender, permille=241)).refusals


def test_a_refusal_names_rule_article_cap_and_the_offers_own_rate():
    found = refusal(year(permille=250))
    assert found.code == "offer.above_cap"
    assert found.limit.rule.rule == "cn.spc_2017_22.claim_cap"
    assert (found.apr_ppm, found.limit.cap_ppm) == (250000, 240000)
    for part in ("25.0000 %", "irr_365", "24.00 %", found.limit.rule.source.article):
        assert part in found.says


@pytest.mark.parametrize(
    ("on", "best"),
    [
        (date(2020, 8, 19), 240),  # the last day of the old rule: 24 %
        (date(2020, 8, 20), 154),  # four times 3.85 %
        (date(2020, 8, 21), 154),
    ],
)
def test_a_private_lenders_cap_turns_on_20_august_2020(on, best):
    assert asked(year(lender="private", permille=best), on=on).refusals == ()
    assert refusal(year(lender="private", permille=best + 1), on=on).limit.cap_ppm == best * 1000


def test_a_private_lenders_cap_is_four_times_the_prime_rate_of_the_contracts_day():
    """3.85 % on 2021-12-19, 3.80 % from 2021-12-20 on."""
    product = year(lender="private", permille=153)
    assert asked(product, on=date(2021, 12, 19)).refusals == ()
    assert refusal(product, on=date(2021, 12, 20)).limit.cap_ppm == 152000


@pytest.mark.parametrize(
    ("on", "best"),
    [(date(2026, 3, 31), 240), (date(2026, 4, 1), 200), (date(2026, 4, 2), 200)],
)
def test_a_consumer_finance_companys_cap_falls_on_1_april_2026(on, best):
    assert asked(year(lender="consumer_finance", permille=best), on=on).refusals == ()
    assert asked(year(lender="consumer_finance", permille=best + 1), on=on).refusals


def test_every_limit_that_is_broken_is_named():
    found = asked(year(lender="consumer_finance", permille=250)).refusals
    assert [each.limit.cap_ppm for each in found] == [200000, 240000]


def test_a_micro_loan_after_the_step_of_2027_waits_for_a_prime_rate_that_nobody_knows_yet():
    found = refusal(year(lender="micro_loan", permille=100), on=date(2027, 12, 31))
    assert found.code == "offer.law_silent"
    assert "2027-12-31" in found.says


@pytest.mark.parametrize(
    ("lender", "last_silent"),
    [
        ("bank", date(2017, 8, 3)),
        ("micro_loan", date(2020, 12, 31)),
        ("private", date(2015, 8, 31)),
    ],
)
def test_a_day_before_the_law_is_known_is_refused_by_name(lender, last_silent):
    found = refusal(year(lender=lender, permille=10), on=last_silent)
    assert found.code == "offer.law_silent"
    assert str(last_silent) in found.says


def test_a_country_whose_caps_are_in_no_pack_is_refused_by_name():
    found = refusal(year(permille=10, jurisdiction="GB"))
    assert found.code == "offer.law_silent"
    assert "GB" in found.says


def test_a_partners_fee_can_bring_an_offer_above_its_cap():
    fee = {
        "name_zh": "担保费",
        "name_en": "Guarantee",
        "payee_zh": "担保公司",
        "payee_en": "Guarantor",
        "when": "at_start",
        "share_ppm": 1000,
        "flat_minor": 0,
    }
    assert asked(year(permille=240)).refusals == ()
    assert refusal(year(permille=240, charges=[fee])).code == "offer.above_cap"


def test_a_fee_that_takes_all_that_is_lent_leaves_no_rate_and_no_offer():
    fee = {
        "name_zh": "费",
        "name_en": "Fee",
        "payee_zh": "甲",
        "payee_en": "A",
        "when": "at_start",
        "share_ppm": 1_000_000,
        "flat_minor": 0,
    }
    assert refusal(year(permille=10, charges=[fee])).code == "offer.no_rate"


def test_every_shipped_plan_may_be_offered():
    for name in ("paylater", "card", "micro_loan"):
        product = terms(name)
        for plan in product.plans:
            for lent_minor in (product.least_minor, product.most_minor):
                found = offer(
                    fetch_law(),
                    product,
                    amount_minor=lent_minor,
                    installments=plan.installments,
                    on=LAW_DAY,
                )
                assert found.refusals == (), (name, plan.installments, lent_minor)


@pytest.mark.parametrize("lent_minor", [99, 2_000_001])
def test_an_amount_that_the_product_does_not_lend_is_refused(lent_minor):
    with pytest.raises(NotOffered, match="lends from 100 to 2000000"):
        asked(year(permille=10), lent_minor=lent_minor)


def test_an_offers_digest_is_of_its_terms_amount_day_and_dues():
    one = asked(year(permille=100))
    assert asked(year(permille=100)).digest == one.digest
    assert asked(year(permille=101)).digest != one.digest
    assert asked(year(permille=100), lent_minor=100_001).digest != one.digest
    assert asked(year(permille=100), on=date(2026, 6, 2)).digest != one.digest
