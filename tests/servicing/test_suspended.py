"""What is charged on an old debt is no income until it is paid; and what becomes of it otherwise.

The story: 10,000.00 due on 11 February, 5.00 a day of penalty, no income past the tenth day.
 By 25 February 70.00 are charged: 50.00 of income (the 12th to the 21st), 20.00 suspended.
"""

from __future__ import annotations

from tests.servicing.story import Due, Story, Terms, purchase_of

TERMS = {"penalty_ppm": 180_000, "nonaccrual_days": 10}
OWED = [{"penalty": 7_000, "principal": 1_000_000}]


def old_debt(**terms) -> Story:
    due = Due("2026-02-11", 1_000_000, bill_on="2026-02-01")
    return Story(Terms(**TERMS | terms)).tell(
        "2026-02-01", "purchase", key="p", **purchase_of(1_000_000, [due])
    )


def income(books) -> tuple[int, int]:
    found = books.balances()
    return found.get("penalty_income", 0), found.get("suspended_income", 0)


def test_what_is_suspended_becomes_income_as_it_is_paid():
    """60.00 come in on the 26th: they pay the 50.00 that were income, then 10.00 that were not.

    On the evening of the 26th a day of penalty more is suspended: 10.00 + 5.00 are left so.
    """
    story = old_debt()
    assert (story.lived("2026-02-25").open(), income(story.lived("2026-02-25"))) == (
        OWED,
        (5_000, 2_000),
    )
    paid = story.tell("2026-02-26", "payment", 6_000)
    assert income(paid.lived("2026-02-26")) == (6_000, 1_500)


def test_who_is_cured_owes_income_like_anybody():
    """On 26 February it falls due anew, on 28 March: late no more, all of it is income."""
    story = old_debt().tell("2026-02-26", "reage", days=30)
    assert income(story.lived("2026-02-26")) == (7_000, 0)


def test_money_that_comes_undone_is_no_income_any_more():
    """The 60.00 of the 26th bounce on the 27th: what had become income is suspended again."""
    story = old_debt().tell("2026-02-26", "payment", 6_000, key="x")
    books = story.tell("2026-02-27", "payment_reversal", 6_000, about="x").lived("2026-02-27")
    assert income(books) == (5_000, 3_000)  # two days more were charged


def test_what_is_forgiven_and_never_was_income_is_no_loss():
    """55.00 of penalty are forgiven: 20.00 were no income yet, so 35.00 are the loss."""
    books = old_debt().tell("2026-02-26", "waiver", 5_500).lived("2026-02-26")
    assert books.balances()["waiver"] == 3_500
    assert income(books) == (5_000, 500)


def test_what_is_written_off_and_never_was_income_is_no_loss():
    """10,070.00 leave the books: 10,050.00 are lost, 20.00 never were earned."""
    books = old_debt().tell("2026-02-26", "charge_off").lived("2026-03-10")
    assert books.balances() == {
        "merchant_payable": 1_000_000,
        "penalty_income": 5_000,
        "charge_off": 1_005_000,
    }


def test_what_is_sold_and_never_was_income_is_no_loss():
    """The claim of 10,070.00 is sold for 100.00: 9,950.00 are lost."""
    books = old_debt().tell("2026-02-26", "sale", 10_000).lived("2026-03-10")
    assert books.balances()["sale"] == 995_000
    assert income(books) == (5_000, 0)


def test_interest_of_a_loan_is_suspended_and_recognized_too():
    """Two installments; the second's interest of 3.10 runs while the first is late.

    No income from 11 February on, as the tenth day ends; 1.00 is earned by then, 2.10 are not
    income. Both installments are paid on the second's due day, 1 March: all 3.10 are income.
    """
    dues = (
        Due("2026-02-01", 10_000, bill_on="2026-02-01"),
        Due("2026-03-04", 10_000, interest=310, bill_on="2026-03-04", starts_on="2026-02-01"),
    )
    story = Story(Terms(nonaccrual_days=10)).tell(
        "2026-02-01", "purchase", key="p", **purchase_of(20_000, dues)
    )
    late = story.lived("2026-03-04").balances()
    assert (late["interest_income"], late["suspended_income"]) == (100, 210)
    paid = story.tell("2026-03-05", "payment", 20_310).lived("2026-03-05").balances()
    assert paid == {"cash": 20_310, "merchant_payable": 20_000, "interest_income": 310}


def test_an_arrangement_leaves_suspended_what_was():
    """Everything open becomes a plan that is not late: the account is cured, and all is income."""
    plan = (Due("2026-03-26", 500_000), Due("2026-04-26", 507_000))
    books = old_debt().tell("2026-02-26", "arrangement", dues=plan).lived("2026-02-26")
    assert income(books) == (7_000, 0)
