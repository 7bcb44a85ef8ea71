"""From the first day that is claimed to 2030 every day has its rule; the day before is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from forbear.calculation.cap import Contract, cap
from forbear.calculation.rate import prime_rate
from forbear.calculation.rules import NotClaimed, RateUnknown, rule_on
from forbear.kernel.court import Lender
from forbear.law.packs import Effect
from forbear.store.packs import fetch_law

LAW = fetch_law()
AHEAD = date(2030, 12, 31)
KNOWN_THROUGH = date(2026, 9, 19)  # the last day of the prime rates in the packs
ONE = timedelta(days=1)
CLAIMED = {
    "fee_accept": date(2007, 4, 1),
    "fee_payment_order": date(2007, 4, 1),
    "fee_enforce": date(2007, 4, 1),
    "fee_preserve": date(2007, 4, 1),
    "fee_halving": date(2007, 4, 1),
    "loan_prime_rate": date(2019, 8, 20),
    "claim_cap_transition": date(2020, 8, 20),
    "doubled_interest": date(2014, 8, 1),
    "limitation": date(2017, 10, 1),
    "limitation_interruption": date(2021, 1, 1),
    "enforcement_period": date(2022, 1, 1),
    "enforcement_interruption": date(2021, 1, 1),
    "period_count": date(2021, 1, 1),
    "procedure_payment_order": date(2024, 1, 1),
    "procedure_small_claims": date(2024, 1, 1),
    "procedure_summary": date(2024, 1, 1),
    "procedure_ordinary": date(2024, 1, 1),
    "small_claims_limit": date(2024, 1, 1),
}
# A lender's caps are several rules at once: what a court grants, by the day that the rule asks for.
CAPPED = {
    Lender.bank: date(2017, 8, 4),
    Lender.consumer_finance: date(2017, 8, 4),
    Lender.micro_loan: date(2021, 1, 1),
    Lender.local_finance: date(2021, 1, 1),
    Lender.private: date(2015, 9, 1),
}


def test_every_topic_that_calculators_read_is_claimed():
    found = {v.topic for v in LAW.versions if v.jurisdiction == "CN" and v.effect is Effect.sets}
    assert set(CLAIMED) | {"claim_cap"} <= found


@pytest.mark.parametrize("topic", CLAIMED)
def test_every_day_has_one_rule_and_the_day_before_the_first_is_refused_by_name(topic):
    day = CLAIMED[topic]
    with pytest.raises(NotClaimed, match=f"{topic} is claimed from {day}.*{day - ONE}"):
        rule_on(LAW, topic=topic, on=day - ONE)
    while day <= AHEAD:
        assert rule_on(LAW, topic=topic, on=day).holds_on(day)
        day += ONE


def _rests_on_a_rate_to_come(contract: Contract) -> bool:
    """Return whether the cap is a multiple of a rate that nobody has published yet."""
    multiple_from = {Lender.private: date(2020, 8, 20), Lender.micro_loan: date(2027, 12, 31)}
    since = multiple_from.get(contract.lender, date.max)
    return contract.formed_on >= since and contract.formed_on > KNOWN_THROUGH


@pytest.mark.parametrize("lender", CAPPED)
def test_every_lender_has_a_cap_on_every_day(lender):
    day = CAPPED[lender]
    with pytest.raises(NotClaimed, match=f"{lender}.*claimed from {day}"):
        cap(LAW, Contract(lender=lender, formed_on=day - ONE, filed_on=day - ONE))
    while day <= AHEAD:
        contract = Contract(lender=lender, formed_on=day, filed_on=day)
        if _rests_on_a_rate_to_come(contract):
            with pytest.raises(RateUnknown, match=str(day)):
                cap(LAW, contract)
        else:
            assert cap(LAW, contract).spans[-1].cap_ppm
        day += ONE


def test_the_prime_rate_has_no_gap_up_to_the_last_day_that_is_known():
    day, last = CLAIMED["loan_prime_rate"], KNOWN_THROUGH
    while day <= last:
        found = prime_rate(LAW, on=day)
        assert found.fixed_on <= day
        assert (day - found.fixed_on).days <= 36  # a month, and the holidays that postpone one
        day += ONE
    with pytest.raises(RateUnknown, match=f"known through {last}"):
        prime_rate(LAW, on=last + ONE)
