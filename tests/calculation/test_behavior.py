"""What the calculators say besides a number: which rules, in which reading, and what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from forbear.actions.law_calc import access_cap, access_fee, access_lpr, percent
from forbear.actions.law_words import parse_interruption, parse_obstacle, parse_repayment
from forbear.actions.reader import Ability, NotAllowed, Reader, machine
from forbear.calculation.cap import Contract, cap, granted_interest, original_lender
from forbear.calculation.deadline import ClaimTime, Interrupted, Turn, counted
from forbear.calculation.fee import fee
from forbear.calculation.procedure import Case, choice
from forbear.calculation.rate import prime_rate
from forbear.calculation.rules import FactMissing, NotCountable, RateUnknown
from forbear.kernel.court import Deadline, FeeKind, Halving, Interruption, Lender, Procedure, Term
from forbear.kernel.workdays import rest_day
from forbear.law.packs import parse_law
from forbear.store.packs import fetch_law, fetch_pack_texts

LAW = fetch_law()
ON = date(2026, 11, 21)
ANYONE = machine("cli:test")


@pytest.mark.parametrize("kind", [FeeKind.payment_order, FeeKind.enforce, FeeKind.preserve])
def test_only_the_fee_for_taking_on_a_suit_is_halved(kind):
    with pytest.raises(NotCountable, match="only the fee for taking on a suit is halved"):
        fee(LAW, kind=kind, amount_minor=100_00, on=ON, halvings=[Halving.mediated])


def test_an_answer_names_every_rule_that_it_rests_on_and_whether_a_lawyer_signed():
    told = access_fee(
        ANYONE, kind=FeeKind.accept, amount_minor=1234567, on=ON, halvings={Halving.withdrawn}
    )
    assert (told["fee_minor"], told["rule"]) == (5432, "cn.state_council_481.acceptance_fee")
    assert told["article"] == "第十三条第一款第（一）项"
    assert [c["rule"] for c in told["cites"]] == [told["rule"], "cn.state_council_481.halving"]
    assert not any(c["awaits_review"] for c in told["cites"])
    reported = access_cap(ANYONE, contract=Contract(lender=Lender.bank, formed_on=ON, filed_on=ON))
    assert reported["cites"][0]["awaits_review"]


def test_a_program_needs_the_scope_for_it_and_whoever_sees_the_law_may_ask():
    stranger = Reader(actor="key:x", abilities=frozenset({Ability.see_person}))
    with pytest.raises(NotAllowed):
        access_lpr(stranger, on=date(2025, 5, 20), term=Term.one_year)
    for ability in (Ability.read_law, Ability.see_law):
        reader = Reader(actor="x", abilities=frozenset({ability}))
        assert access_lpr(reader, on=date(2025, 5, 20), term=Term.one_year)["percent"] == "3.00"


def test_the_strictest_limit_is_the_cap_and_the_others_are_listed():
    contract = Contract(lender=Lender.consumer_finance, formed_on=date(2026, 5, 1), filed_on=ON)
    (span,) = cap(LAW, contract).spans
    assert [(limit.cap_ppm, limit.binds) for limit in span.limits] == [
        (200_000, "price"),
        (240_000, "claim"),
    ]


def test_the_cap_on_loans_that_a_platform_brought_is_only_theirs():
    def rules(*, assisted: bool) -> set[str]:
        contract = Contract(
            lender=Lender.bank, formed_on=date(2025, 10, 1), filed_on=ON, assisted=assisted
        )
        return {limit.rule.rule for limit in cap(LAW, contract).spans[0].limits}

    assert rules(assisted=True) - rules(assisted=False) == {"cn.nfra_2025_9.assisted_cost"}


def test_four_times_the_prime_rate_is_never_the_cap_of_a_licensed_lender_s_claim():
    for lender in set(Lender) - {Lender.private}:
        contract = Contract(lender=lender, formed_on=date(2025, 6, 1), filed_on=ON)
        (span,) = cap(LAW, contract).spans
        assert all(limit.multiple is None for limit in span.limits)


def test_a_bought_debt_is_capped_as_its_first_lender_s():
    with pytest.raises(FactMissing, match="first lender"):
        original_lender("transferee")
    assert original_lender("bank") is Lender.bank
    with pytest.raises(NotCountable, match="not one of"):
        original_lender("pawnshop")


def test_a_deadline_says_what_each_fact_did_and_by_which_article():
    facts = ClaimTime(
        due_on=(date(2021, 6, 16),),
        interruptions=(
            Interrupted(on=date(2021, 6, 1), cause=Interruption.demand),
            Interrupted(on=date(2022, 1, 4), cause=Interruption.lawsuit, ended_on=date(2022, 6, 1)),
            Interrupted(on=date(2022, 3, 1), cause=Interruption.demand),
            Interrupted(on=date(2026, 1, 5), cause=Interruption.demand),
            Interrupted(on=date(2026, 1, 6), cause=Interruption.debtor_agreed),
        ),
    )
    found = counted(LAW, facts, which=Deadline.limitation, as_of=ON, rest=rest_day)
    assert [step.turn for step in found.steps] == [
        Turn.began,
        Turn.too_early,
        Turn.restarted,
        Turn.within,
        Turn.too_late,
        Turn.waived,
    ]
    assert found.steps[2].article == "第十条"
    assert "第一百九十二条" in found.steps[5].article
    assert all(step.article for step in found.steps)


def test_two_suits_one_after_the_other_restart_the_time_when_the_second_ends():
    facts = ClaimTime(
        due_on=(date(2021, 6, 16),),
        interruptions=(
            Interrupted(on=date(2022, 1, 4), cause=Interruption.lawsuit, ended_on=date(2022, 6, 1)),
            Interrupted(
                on=date(2022, 5, 5), cause=Interruption.mediation, ended_on=date(2022, 9, 1)
            ),
        ),
    )
    found = counted(LAW, facts, which=Deadline.limitation, as_of=ON, rest=rest_day)
    assert found.runs_from == date(2022, 9, 1)


HOUSE_WAGES = """\
rule: house.cn.average_wage
topic: average_wage
kind: yearly_wages
effect: sets
force: house
says: The yearly wages that the provinces published.
says_zh: 各省公布的年平均工资。
versions:
  - in_force: {from: 2000-01-01, to: null}
    known_on: 2026-11-21
    value: {wages: {CN-GD: {2024: 9000000, 2025: 10000000, 2026: 99900000}}}
    source:
      instrument: House policy
      article: wages
      published: 2026-11-21
      quote: 各省公布的数字。
    review: {status: house_policy, reviewer: null, still_valid_on: 2026-11-21}
"""


def test_a_lender_s_own_wage_table_is_asked_for_the_last_year_before_the_filing():
    law = parse_law(fetch_pack_texts() | {"house/cn/average_wage.yaml": HOUSE_WAGES})

    def suit(amount_minor: int, filed_on: date, province: str = "CN-GD") -> Procedure | None:
        case = Case(amount_minor=amount_minor, filed_on=filed_on, province=province)
        return choice(law, case).lawsuit

    assert suit(50_000_00, date(2026, 1, 5)) is Procedure.small_claims
    assert suit(50_000_01, date(2026, 1, 5)) is Procedure.summary
    assert suit(45_000_01, date(2025, 12, 31)) is Procedure.summary
    assert suit(50_000_00, date(2026, 1, 5), "CN-ZJ") is None


SERIES = """\
rule: cn.lpr.later
topic: loan_prime_rate
kind: rate_series
effect: sets
force: regulation
says: Later fixings.
says_zh: 后来公布的利率。
versions:
  - in_force: {from: 2026-09-20, to: null}
    known_on: 2026-11-21
    value:
      fixings: {2026-09-21: [29500, 34500]}
      known_through: 2026-10-19
    source:
      instrument: 逐月公布
      article: none
      published: 2026-09-20
      paraphrase: 逐月公布。
      seen_at: https://example.org/rate
    review: {status: secondary_source, reviewer: null, still_valid_on: 2026-11-21}
"""


def test_a_lender_adds_the_rates_published_since_in_a_pack_of_its_own():
    law = parse_law(fetch_pack_texts() | {"cn/lpr/later.yaml": SERIES})
    assert prime_rate(law, on=date(2026, 9, 20)).rate_ppm == 30_000
    assert prime_rate(law, on=date(2026, 9, 21)).rate_ppm == 29_500
    assert prime_rate(law, on=date(2026, 8, 20)).rate_ppm == 30_000
    with pytest.raises(RateUnknown, match="known through 2026-10-19"):
        prime_rate(law, on=date(2026, 10, 20))


def test_two_packs_that_give_two_rates_for_one_day_are_refused():
    other = SERIES.replace("2026-09-21: [29500", "2026-08-20: [29500")
    law = parse_law(fetch_pack_texts() | {"cn/lpr/later.yaml": other})
    with pytest.raises(NotCountable, match="two rates for 2026-08-20"):
        prime_rate(law, on=date(2026, 9, 25))


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_interruption, "2024-01-01"),
        (parse_interruption, "2024-01-01:shouting"),
        (parse_interruption, "2024-13-01:demand"),
        (parse_interruption, "2024-01-01:lawsuit:then"),
        (parse_obstacle, "soon"),
        (parse_repayment, "100"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_with_how_to_write_it(parse, text):
    with pytest.raises(NotCountable, match=r"write it as|is not"):
        parse(text)


@pytest.mark.parametrize(
    ("ppm", "text"), [(42_500, "4.25"), (240_000, "24.00"), (175, "0.0175"), (1_000, "0.10")]
)
def test_a_rate_is_written_without_losing_a_digit(ppm, text):
    assert percent(ppm) == text


def test_interest_across_the_change_of_2020_takes_each_time_at_its_own_cap():
    contract = Contract(
        lender=Lender.private, formed_on=date(2019, 10, 1), filed_on=date(2025, 6, 1)
    )
    allowed = granted_interest(
        cap(LAW, contract),
        principal_minor=10_000_00,
        start=date(2019, 10, 1),
        end=date(2021, 10, 1),
    )
    # 324 days at 24 % are 2,130.4109...; 407 days at 12 % are 1,338.0821...; a ceiling goes down.
    assert allowed == 3_468_49
