"""A due day that moves: later, never sooner, and nothing that is billed moves with it."""

from __future__ import annotations

import pytest
from tests.servicing.story import Due, Story, Terms, purchase_of

THREE = (
    Due("2026-02-11", 10_000, fee=60, interest=30, bill_on="2026-02-01"),
    Due("2026-03-11", 10_000, fee=60, interest=20, bill_on="2026-03-01", starts_on="2026-02-11"),
    Due("2026-04-11", 10_000, fee=60, interest=10, bill_on="2026-04-01", starts_on="2026-03-11"),
)


def moved(day: int, on="2026-01-20", **terms) -> list[str]:
    story = Story(Terms(**terms)).tell(
        "2026-01-10", "purchase", key="p", **purchase_of(30_000, THREE)
    )
    inst = story.tell(on, "due_day", days=day).lived(on).book.installments
    return [str(each) for each in inst.due_on]


def test_a_later_day_of_the_month_is_in_the_same_month():
    assert moved(25) == ["2026-02-25", "2026-03-25", "2026-04-25"]


def test_an_earlier_day_of_the_month_is_in_the_month_after():
    """Nobody is asked to pay sooner than was agreed."""
    assert moved(5) == ["2026-03-05", "2026-04-05", "2026-05-05"]


def test_the_31st_is_the_last_day_of_shorter_months():
    assert moved(31) == ["2026-02-28", "2026-03-31", "2026-04-30"]


def test_what_is_billed_stays():
    assert moved(25, on="2026-02-01") == ["2026-02-11", "2026-03-25", "2026-04-25"]


def test_a_day_of_rest_is_passed_over_where_the_product_says_so():
    """25 April 2026 is a Saturday; 25 February a working day after the Spring Festival."""
    assert moved(25, moves_rest=True) == ["2026-02-25", "2026-03-25", "2026-04-27"]


@pytest.mark.parametrize("day", [5, 25])
def test_interest_and_fees_stay_as_they_were_agreed(day):
    story = Story().tell("2026-01-10", "purchase", key="p", **purchase_of(30_000, THREE))
    books = story.tell("2026-01-20", "due_day", days=day).lived("2026-06-01")
    assert books.balances()["interest_income"] == 60
    assert books.balances()["fee_income"] == 180
