"""What the books say, told as it happens to somebody, and worked out by hand. Amounts are fen."""

from __future__ import annotations

import pytest
from tests.servicing.story import Due, Story, Terms, purchase_of

from forbear.servicing.allocation import Component

PENALTY = 180_000  # 0.05 % a day, of 360 days
THREE = (
    Due("2026-02-11", 10_000, fee=60, bill_on="2026-02-01"),
    Due("2026-03-11", 10_000, fee=60, bill_on="2026-03-01"),
    Due("2026-04-11", 10_000, fee=60, bill_on="2026-04-01"),
)
LOAN = (  # interest of each month on what is lent in it
    Due("2026-02-11", 10_000, interest=300, bill_on="2026-02-01"),
    Due("2026-03-11", 10_000, interest=200, bill_on="2026-03-01", starts_on="2026-02-11"),
    Due("2026-04-11", 10_000, interest=100, bill_on="2026-04-01", starts_on="2026-03-11"),
)


def bought(dues=THREE, on="2026-01-10", **terms) -> Story:
    return Story(Terms(**terms)).tell(
        on, "purchase", key="p", **purchase_of(sum(d.principal for d in dues), dues)
    )


def one(amount=10_000, due="2026-02-11", on="2026-02-01", *, interest=0, fee=0, **more) -> Story:
    least = {"least_ppm": more.pop("least")} if "least" in more else {}
    due = Due(due, amount, interest=interest, fee=fee, bill_on=on, **least)
    return bought((due,), on, **more)


def test_goods_are_bought_and_the_merchant_is_owed():
    """Somebody buys goods of 300.00 in three installments: nothing is billed yet."""
    books = bought().lived("2026-01-10")
    assert books.balances() == {"unbilled": 30_000, "merchant_payable": 30_000}


def test_money_is_lent_and_leaves_the_till():
    """The same in money: it is gone from the till."""
    books = bought(in_cash=True).lived("2026-01-10")
    assert books.balances() == {"unbilled": 30_000, "cash": -30_000}


def test_a_statement_bills_one_installment_and_its_fee():
    """On the 1st the first third is billed, with its fee of 0.60, and falls due on the 11th."""
    books = bought().lived("2026-02-01")
    assert books.open() == [{"fee": 60, "principal": 10_000}, {}, {}]
    assert books.balances() == {
        "unbilled": 20_000,
        "principal": 10_000,
        "fee": 60,
        "merchant_payable": 30_000,
        "fee_income": 60,
    }
    assert books.days_past_due() == 0


@pytest.mark.parametrize(
    ("until", "earned", "accrued"),
    [
        ("2026-01-30", 0, 0),  # written on the last day of the month
        ("2026-01-31", 300, 300),  # 310 x 30 / 31
        ("2026-02-01", 310, 0),  # due: all of it, and billed
    ],
)
def test_interest_is_earned_by_the_day_and_comes_to_what_was_agreed(until, earned, accrued):
    """A loan of 100.00 from 1 January to 1 February, for 3.10."""
    books = bought((Due("2026-02-01", 10_000, interest=310, bill_on="2026-02-01"),), "2026-01-01")
    found = books.lived(until).balances()
    assert found.get("interest_income", 0) == earned
    assert found.get("accrued_interest", 0) == accrued


def test_interest_billed_ahead_is_earned_by_its_due_day():
    """3.10 is billed on 20 January; by the month's end 3.00 of it is earned, 0.10 is not."""
    due = Due("2026-02-01", 10_000, interest=310, bill_on="2026-01-20")
    books = bought((due,), "2026-01-01").lived("2026-01-31")
    assert books.balances()["interest"] == 310
    assert books.balances()["accrued_interest"] == -10


@pytest.mark.parametrize(
    ("until", "penalty"), [("2026-02-11", 0), ("2026-02-12", 500), ("2026-02-14", 1_500)]
)
def test_penalty_begins_the_day_after_the_due_day(until, penalty):
    """10,000.00 at 0.05 % a day: 5.00 a day from the day after the 11th."""
    books = one(1_000_000, penalty_ppm=PENALTY).lived(until)
    assert books.open()[0].get("penalty", 0) == penalty


def test_the_day_of_payment_costs_nothing():
    """Paid on the 14th, three days late: two days are charged, the 12th and the 13th."""
    story = one(1_000_000, penalty_ppm=PENALTY).tell("2026-02-14", "payment", 1_001_000)
    books = story.lived("2026-02-20")
    assert books.open() == [{}]
    assert books.balances()["penalty_income"] == 1_000


def test_what_is_less_than_a_fen_a_day_is_carried():
    """1.00 at 0.05 % a day is a twentieth of a fen: one fen on the twentieth day, no sooner."""
    story = one(100, penalty_ppm=PENALTY)
    assert story.lived("2026-03-02").open() == [{"principal": 100}]
    assert story.lived("2026-03-03").open() == [{"penalty": 1, "principal": 100}]


def test_a_leap_day_is_a_day():
    """Due on 27 February 2028: the 28th, the 29th and 1 March are charged."""
    books = one(1_000_000, "2028-02-27", "2028-02-20", penalty_ppm=PENALTY).lived("2028-03-01")
    assert books.open()[0]["penalty"] == 1_500
    assert books.days_past_due() == 3


def test_nothing_is_charged_in_the_days_of_grace_and_the_days_past_due_count_all_the_same():
    """Three days of grace: the 14th is free of charge, the 15th is charged as one day."""
    story = one(1_000_000, penalty_ppm=PENALTY, grace_days=3)
    assert story.lived("2026-02-14").open() == [{"principal": 1_000_000}]
    books = story.lived("2026-02-15")
    assert (books.open()[0]["penalty"], books.days_past_due()) == (500, 4)


def test_above_the_cap_nothing_is_charged_and_what_was_not_is_counted():
    """A cap of 12 % lets 1,000,000 x 12 % / 365 = 328.77 a day come; from the 12th 500 are charged.

    By 4 March 21 x 500 = 10,500 of 32 x 328.77 = 10,520 are charged. On the 5th 33 x 328.77 =
    10,849 may have been: 349 are charged, 151 are not.
    """
    story = one(1_000_000, penalty_ppm=PENALTY, cap_ppm=120_000)
    assert story.lived("2026-03-04").open()[0]["penalty"] == 10_500
    books = story.lived("2026-03-05")
    assert books.open()[0]["penalty"] == 10_849
    assert books.book.standing.above_cap_minor.tolist() == [151]


def test_one_late_fee_for_one_statement():
    """Two purchases due on one day, 100.00 and 50.00: 5 % of what is missing, once."""
    story = one(late_fee_ppm=50_000, late_fee_most_minor=50_000).tell(
        "2026-02-02", "purchase", key="q", **purchase_of(5_000, [Due("2026-02-11", 5_000)])
    )
    wide = Terms(late_fee_ppm=50_000, late_fee_most_minor=50_000, cap_ppm=10_000_000)
    books = Story(wide, story.told).lived("2026-02-20")
    assert books.balances()["penalty"] == 750
    assert books.balances()["penalty_income"] == 750


def test_a_late_fee_is_no_more_than_the_cap_leaves():
    """5.00 of 100.00 would be; 24 % lets 12 x 100.00 x 24 % / 365 = 0.789 come by the 12th."""
    story = one(late_fee_ppm=50_000, late_fee_most_minor=50_000)
    books = story.lived("2026-02-12")
    assert books.open() == [{"penalty": 78, "principal": 10_000}]
    assert books.book.standing.above_cap_minor.tolist() == [422]


def test_a_little_that_is_missing_counts_as_paid():
    """9.00 are missing of 100.00, and 10.00 may be: not past due, no penalty."""
    story = one(penalty_ppm=PENALTY, tolerance_minor=1_000).tell("2026-02-11", "payment", 9_100)
    books = story.lived("2026-02-20")
    assert (books.days_past_due(), books.open()) == (0, [{"principal": 900}])


def test_a_payment_meets_costs_interest_fees_penalties_and_then_principal():
    """50.00 for the court, then a payment of 52.00: the court, 1.50 interest, 0.50 of the fee."""
    story = one(interest=150, fee=60).tell(
        "2026-02-12", "cost", 5_000, dues=(Due("2026-02-12", 0),)
    )
    books = story.tell("2026-02-13", "payment", 5_200).lived("2026-02-13")
    assert books.open() == [{"fee": 10, "principal": 10_000}, {}]


def test_a_payment_meets_what_fell_due_first_and_then_the_days_past_due_count_from_the_next():
    """Two installments are late; the first is paid whole: the account is late since the second."""
    story = bought().tell("2026-03-15", "payment", 10_060)
    assert story.lived("2026-03-14").days_past_due() == 31
    books = story.lived("2026-03-15")
    assert books.open() == [{}, {"fee": 60, "principal": 10_000}, {}]
    assert books.days_past_due() == 4


def test_part_of_an_installment_leaves_it_as_late_as_it_was():
    """Of the first, 10.00 are missing: late since the first."""
    books = bought().tell("2026-03-15", "payment", 9_060).lived("2026-03-15")
    assert books.days_past_due() == 32


def test_money_that_nothing_is_owed_for_waits_for_the_next_bill():
    """150.00 on the first statement of 100.60: 49.40 wait for the second, and meet it."""
    story = bought().tell("2026-02-05", "payment", 15_000)
    books = story.lived("2026-02-28")
    assert (books.open(), books.unapplied()) == ([{}, {}, {}], 4_940)
    books = story.lived("2026-03-01")
    assert (books.open()[1], books.unapplied()) == ({"principal": 5_120}, 0)


def test_money_that_waits_meets_a_cost_on_the_day_it_arises():
    """20.00 wait; a cost of 5.00 is advanced: nobody is late while their money lies there."""
    story = one().tell("2026-02-05", "payment", 12_000)
    story = story.tell("2026-02-20", "cost", 500, dues=(Due("2026-02-20", 0),))
    books = story.lived("2026-02-21")
    assert (books.open(), books.unapplied(), books.days_past_due()) == ([{}, {}], 1_500, 0)


def test_the_payer_says_which_purchase_is_paid():
    """Two purchases are billed; the payment is for the second."""
    story = one().tell(
        "2026-02-02", "purchase", key="q", **purchase_of(5_000, [Due("2026-02-12", 5_000)])
    )
    books = story.tell("2026-02-05", "payment", 6_000, about="q").lived("2026-02-05")
    assert books.open() == [{"principal": 9_000}, {}]


def test_money_ahead_lets_the_last_installments_fall_away():
    """150.00 ahead ten days after a loan of 300.00: the last 100.00 and half of the second.

    Of the first month's 3.00 a 32nd is earned each day, 0.93 by then; half of the loan is left for
    the rest of the month: 0.93 + 2.07 / 2 = 1.96. Of the second month a quarter of the time's
    principal is left: 0.50. Nothing of the third.
    """
    books = bought(LOAN).tell("2026-01-20", "payment", 15_000, ahead=True).lived("2026-01-20")
    inst = books.book.installments
    assert inst.interest_minor.tolist() == [196, 50, 0]
    assert inst.unbilled_minor.tolist() == [10_000, 5_000, 0]


def test_money_ahead_lowers_every_installment_where_the_product_says_so():
    """150.00 of 300.00: every installment by half, and what is left of its interest with it."""
    story = bought(LOAN, lowers=True).tell("2026-01-20", "payment", 15_000, ahead=True)
    inst = story.lived("2026-01-20").book.installments
    assert inst.unbilled_minor.tolist() == [5_000, 5_000, 5_000]
    assert inst.interest_minor.tolist() == [196, 100, 50]


def test_paid_off_early_interest_is_of_the_time_it_was_lent():
    """300.00 and the 0.93 earned in ten days: nothing is owed, and nothing will be."""
    story = bought(LOAN).tell("2026-01-20", "payment", 30_093, ahead=True)
    books = story.lived("2026-04-20")
    assert (books.open(), books.unapplied()) == ([{}, {}, {}], 0)
    assert books.balances() == {
        "cash": 30_093,
        "merchant_payable": 30_000,
        "interest_income": 93,
    }


@pytest.mark.parametrize(("keeps", "fees"), [(False, 0), (True, 180)])
def test_fees_that_are_not_billed_yet_fall_away_unless_the_product_keeps_them(keeps, fees):
    """Paid off before the first statement."""
    story = bought(keeps_fee=keeps).tell("2026-01-20", "payment", 30_000 + fees, ahead=True)
    books = story.lived("2026-04-20")
    assert (books.open(), books.unapplied()) == ([{}, {}, {}], 0)
    assert books.balances().get("fee_income", 0) == fees


def test_money_that_repaid_early_and_bounced_brings_the_agreed_interest_back():
    """150.00 ahead on the 20th, taken back on the 22nd: by the end all 6.00 were billed."""
    story = bought(LOAN).tell("2026-01-20", "payment", 15_000, key="x", ahead=True)
    books = story.tell("2026-01-22", "payment_reversal", 15_000, about="x").lived("2026-04-11")
    assert books.balances()["interest_income"] == 600
    assert books.open() == [
        {"interest": 300, "principal": 10_000},
        {"interest": 200, "principal": 10_000},
        {"interest": 100, "principal": 10_000},
    ]


def test_a_payment_that_comes_undone_opens_what_it_met_last_first():
    """100.60 paid and 50.00 taken back: they are of the principal, met last."""
    story = bought().tell("2026-02-05", "payment", 10_060, key="x")
    books = story.tell("2026-02-08", "payment_reversal", 5_000, about="x").lived("2026-02-08")
    assert books.open()[0] == {"principal": 5_000}
    assert books.balances()["cash"] == 5_060


@pytest.mark.parametrize("kind", ["merchant_refund", "chargeback"])
def test_what_comes_back_of_a_purchase_lowers_its_last_installments(kind):
    """150.00 of 300.00 come back before anything is billed: the third and half of the second."""
    books = bought().tell("2026-01-20", kind, 15_000, about="p").lived("2026-03-01")
    assert books.open() == [{"fee": 60, "principal": 10_000}, {"fee": 30, "principal": 5_000}, {}]
    assert books.balances()["merchant_payable"] == 15_000


def test_a_refund_of_what_was_paid_is_the_borrowers_money():
    """The first installment is paid, the whole purchase comes back: 100.00 are theirs.

    The fee of 0.60 was for a time in which the money was lent. The 100.00 wait, and are paid out.
    """
    story = bought().tell("2026-02-05", "payment", 10_060)
    story = story.tell("2026-02-10", "merchant_refund", 30_000, about="p")
    books = story.lived("2026-04-20")
    assert (books.open(), books.unapplied()) == ([{}, {}, {}], 10_000)
    books = story.tell("2026-02-12", "payout", 10_000).lived("2026-02-12")
    assert books.balances() == {"cash": 60, "fee_income": 60}


def test_interest_to_come_goes_down_with_what_came_back():
    """Half of a loan of 100.00 for 3.10 comes back after 10 of 31 days: 1.00 + 2.10 / 2."""
    due = Due("2026-02-01", 10_000, interest=310, bill_on="2026-02-01")
    story = bought((due,), "2026-01-01").tell("2026-01-11", "merchant_refund", 5_000, about="p")
    assert story.lived("2026-02-01").open() == [{"interest": 205, "principal": 5_000}]


def test_what_is_forgiven_is_penalty_first_and_principal_last():
    """Penalty of 15.00, interest of 1.00: 15.50 forgiven are the penalty and half the interest."""
    story = one(1_000_000, interest=100, penalty_ppm=PENALTY)
    books = story.tell("2026-02-15", "waiver", 1_550, key="w").lived("2026-02-15")
    # the waiver is of the morning: three days were charged by then, the fourth is after it
    assert books.open() == [{"interest": 50, "penalty": 500, "principal": 1_000_000}]
    assert books.balances()["waiver"] == 1_550


def test_goodwill_meets_what_is_owed_like_money():
    """10.00 for a wrong: the fee, and 9.40 of the principal."""
    books = bought().tell("2026-02-05", "compensation", 1_000).lived("2026-02-05")
    assert books.open()[0] == {"principal": 9_060}
    assert books.balances()["compensation"] == 1_000


def test_an_arrangement_makes_one_plan_of_everything_open():
    """100.60 of one installment are open, 50.00 of another are to come; two new ones of 80.00.

    Everything is billed, the fee to come falls away; the plan's first installment takes fee and
    penalty and then principal, 80.00 in all, its last one the rest.
    """
    dues = (
        Due("2026-02-11", 10_000, fee=60, bill_on="2026-02-01"),
        Due("2026-03-11", 5_000, fee=60, bill_on="2026-03-01"),
    )
    plan = (Due("2026-03-20", 8_000), Due("2026-04-20", 8_000))
    story = bought(dues, penalty_ppm=PENALTY).tell("2026-02-20", "arrangement", dues=plan)
    books = story.lived("2026-02-20")
    # penalty by then: 10,000 x 0.05 % x 8 days (the 12th to the 19th) = 40
    assert books.open() == [
        {},
        {},
        {"fee": 60, "penalty": 40, "principal": 7_900},
        {"principal": 7_100},
    ]
    assert books.days_past_due() == 0
    assert "rescheduled" not in books.balances()


def test_installments_not_due_yet_move_and_bill_later():
    """Ten days more for everything not due: nothing is late on the 20th, all is on the 22nd."""
    story = bought().tell("2026-02-05", "extension", days=10)
    assert story.lived("2026-02-21").days_past_due() == 0
    assert story.lived("2026-02-22").days_past_due() == 1
    assert story.lived("2026-03-10").open()[1] == {}
    assert story.lived("2026-03-11").open()[1] == {"fee": 60, "principal": 10_000}


def test_what_is_past_due_falls_due_anew():
    """Nine days late, then thirty days more: not late until 23 March."""
    story = one().tell("2026-02-20", "reage", days=30)
    assert story.lived("2026-02-20").days_past_due() == 0
    assert story.lived("2026-03-22").days_past_due() == 0
    assert story.lived("2026-03-23").days_past_due() == 1


def test_what_is_charged_off_is_owed_all_the_same_and_comes_in_as_recovery():
    """100.00 are written off; 30.00 come in later: the loss stands, the claim is 70.00."""
    story = one().tell("2026-02-20", "charge_off").tell("2026-03-01", "payment", 3_000)
    books = story.lived("2026-03-01")
    assert books.open() == [{"principal": 7_000}]
    assert books.balances() == {
        "cash": 3_000,
        "merchant_payable": 10_000,
        "charge_off": 10_000,
        "recovery": 3_000,
    }


def test_a_recovery_that_is_taken_back_is_no_recovery():
    """The same 30.00 bounce."""
    story = one().tell("2026-02-20", "charge_off").tell("2026-03-01", "payment", 3_000, key="x")
    story = story.tell("2026-03-03", "payment_reversal", 3_000, about="x")
    books = story.lived("2026-03-03")
    assert books.open() == [{"principal": 10_000}]
    assert books.balances() == {"merchant_payable": 10_000, "charge_off": 10_000}


def test_a_claim_is_sold_and_the_difference_is_the_loss():
    """100.00 for 8.00."""
    books = one().tell("2026-02-20", "sale", 800).lived("2026-02-21")
    assert (books.open(), books.days_past_due()) == ([{}], 0)
    assert books.balances() == {"cash": 800, "merchant_payable": 10_000, "sale": 9_200}


def test_what_is_charged_on_an_old_debt_is_no_income():
    """Ten days past due and more: the claim grows, the income does not."""
    story = one(1_000_000, penalty_ppm=PENALTY, nonaccrual_days=10)
    books = story.lived("2026-02-25")
    # the 12th to the 21st are income: the tenth day ends with ten days past due
    assert books.balances()["penalty_income"] == 5_000
    assert books.balances()["suspended_income"] == 2_000
    assert books.open()[0]["penalty"] == 7_000


def test_who_pays_the_minimum_is_not_late_and_pays_interest_on_the_rest():
    """10 % of 360.00 is due; 36.00 are paid. 0.05 % a day of 324.00 is 16.2 fen a day."""
    story = one(36_000, least=100_000, basis_days=365, revolving_ppm=182_500)
    books = story.tell("2026-02-11", "payment", 3_600).lived("2026-02-16")
    assert books.days_past_due() == 0
    assert books.open() == [{"interest": 81, "principal": 32_400}]


def test_who_pays_less_than_the_minimum_is_late_with_the_minimum():
    """26.00 of 36.00: penalty on the 10.00 that are missing, interest on the other 324.00."""
    story = one(36_000, least=100_000, basis_days=365, revolving_ppm=182_500, penalty_ppm=1_825_000)
    books = story.tell("2026-02-11", "payment", 2_600).lived("2026-02-13")
    # penalty: 1,000 x 0.5 % x 2 days = 10; interest: 32,400 x 0.05 % x 2 = 32.4
    assert books.days_past_due() == 2
    assert books.open() == [{"interest": 32, "penalty": 10, "principal": 33_400}]


def test_where_free_days_are_lost_interest_is_of_the_time_since_the_purchase():
    """360.00 bought on 10 January, 36.00 paid in time, three days of grace from 25 February.

    On 1 March 50 days of 16.2 fen are charged at once.
    """
    due = Due(
        "2026-02-25", 36_000, bill_on="2026-02-05", least_ppm=100_000, revolves_on="2026-01-10"
    )
    story = bought((due,), basis_days=365, revolving_ppm=182_500, grace_days=3)
    story = story.tell("2026-02-20", "payment", 3_600)
    assert story.lived("2026-02-28").open() == [{"principal": 32_400}]
    assert story.lived("2026-03-01").open() == [{"interest": 810, "principal": 32_400}]


def test_the_order_is_the_products_where_it_was_agreed():
    """Principal before penalty: 5.00 of penalty stay."""
    order = (
        Component.cost,
        Component.interest,
        Component.fee,
        Component.principal,
        Component.penalty,
    )
    story = one(1_000_000, penalty_ppm=PENALTY, order=order)
    books = story.tell("2026-02-13", "payment", 1_000_000).lived("2026-02-13")
    assert books.open() == [{"penalty": 500}]


def test_a_payment_told_late_undoes_what_its_lateness_had_charged():
    """Paid on the 11th and told on the 20th: told or not in time, the books are the same."""
    story = one(1_000_000, penalty_ppm=PENALTY).tell("2026-02-11", "payment", 1_000_000)
    books = story.lived("2026-02-20")
    assert books.balances() == {"cash": 1_000_000, "merchant_payable": 1_000_000}


def test_fees_that_are_kept_are_no_more_than_the_cap_leaves_and_what_is_cut_is_counted():
    """Paid off on the fourth day: 4 x 300.00 x 24 % / 365 = 0.789 of the kept 1.80 may be charged.

    The last installment has its 0.60, the one before 0.18, the first nothing: 1.02 are above.
    """
    story = bought(keeps_fee=True).tell("2026-01-14", "payment", 30_078, ahead=True)
    books = story.lived("2026-04-20")
    assert (books.open(), books.unapplied()) == ([{}, {}, {}], 0)
    assert books.balances()["fee_income"] == 78
    assert books.book.installments.fee_minor.tolist() == [0, 18, 60]
    assert books.book.standing.above_cap_minor.tolist() == [102]


def test_fees_that_were_cut_come_back_whole_with_the_money_that_bounced():
    """The same, and the bank takes it back: every bill has its 0.60, and nothing was cut off."""
    story = bought(keeps_fee=True).tell("2026-01-14", "payment", 30_078, key="x", ahead=True)
    story = story.tell("2026-01-16", "payment_reversal", 30_078, about="x")
    books = story.lived("2026-04-11")
    assert [each["fee"] for each in books.open()] == [60, 60, 60]
    assert books.book.standing.above_cap_minor.tolist() == [0]


def test_fees_of_a_claim_that_is_called_are_no_more_than_the_cap_leaves():
    """Charged off on the fourth day: 300.00 and the same 0.78 are owed."""
    books = bought(keeps_fee=True).tell("2026-01-14", "charge_off").lived("2026-01-14")
    assert sum(sum(each.values()) for each in books.open()) == 30_078
    assert books.book.standing.above_cap_minor.tolist() == [102]
