"""Ledgers that others wrote have lost money in these ways. Each is told here as it must not end.

The names are those of the public reports they were learned from.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.servicing.products import days, loan, schedule, terms
from tests.servicing.story import Due, Story, Terms, day, purchase_of

from forbear.batch.books import kept_digest
from forbear.servicing.allocation import Component

PENALTY = 180_000  # 0.05 % a day, of 360 days
THREE = (
    Due("2026-02-11", 10_000, fee=60, bill_on="2026-02-01"),
    Due("2026-03-11", 10_000, fee=60, bill_on="2026-03-01"),
    Due("2026-04-11", 10_000, fee=60, bill_on="2026-04-01"),
)


def bought(dues=THREE, on="2026-01-10", **conditions) -> Story:
    return Story(Terms(**conditions)).tell(
        on, "purchase", key="p", **purchase_of(sum(d.principal for d in dues), dues)
    )


def ages(story: Story, until: str) -> list[int]:
    """Return the days past due at the end of each day."""
    found: list[int] = []
    story.lived(until, each=lambda _on, book, _: found.append(int(book.standing.days_past_due[0])))
    return found


def test_a_part_paid_moves_the_oldest_due_day_and_no_state_is_skipped():
    """Kill Bill #2297. Two installments are late; the first is paid whole on 15 March.

    The days past due rise by one a day from 12 February, fall to those of the second, and go on.
    """
    story = bought().tell("2026-03-15", "payment", 10_060)
    each = np.arange(day("2026-01-10"), day("2026-03-18"))
    counted = dict(zip(each, ages(story, "2026-03-17"), strict=True))
    assert counted[day("2026-02-11")] == 0
    assert [counted[day("2026-02-12") + n] for n in range(31)] == list(range(1, 32))
    assert [counted[day("2026-03-15") + n] for n in range(3)] == [4, 5, 6]


def test_recurring_days_hang_on_the_obligation_and_not_on_the_day_of_the_run():
    """Kill Bill #2297. A loan of the 31st is due on the last of February and on 31 March again."""
    product = loan("equal_principal", installments=3, rate_ppm=120_000)
    assert days(schedule(product, 90_000, "2026-01-31", 3).due_on) == [
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]


def test_the_principal_is_paid_and_the_late_fee_is_owed_all_the_same():
    """ERPNext #58220. Principal comes before penalties: it is paid whole, three days' 0.15 are not.

    The account is not settled: as late as the installment was, until the 0.15 are paid.
    """
    order = [c for c in Component if c != Component.penalty]
    story = bought(
        (Due("2026-02-11", 10_000),), penalty_ppm=PENALTY, order=(*order, Component.penalty)
    )
    story = story.tell("2026-02-15", "payment", 10_000)
    books = story.lived("2026-02-20")
    assert books.open() == [{"penalty": 15}]
    assert books.days_past_due() == 9


def test_each_obligation_of_a_person_keeps_what_is_open_of_it():
    """ERPNext #46770. Three purchases; one payment for the second leaves the others as they are."""
    story = Story()
    for n, minor in enumerate((5_000, 7_000, 9_000)):
        due = Due("2026-02-11", minor, bill_on="2026-02-01")
        story = story.tell("2026-01-10", "purchase", key=f"p{n}", **purchase_of(minor, [due]))
    story = story.tell("2026-02-05", "payment", 6_500, about="p1")
    assert story.lived("2026-02-05").open() == [
        {"principal": 5_000},
        {"principal": 500},
        {"principal": 9_000},
    ]


def test_backdated_cancelled_and_posted_again_gives_each_accrual_once():
    """Frappe Lending #587, #607, #495; Fineract #4334.

    A payment of 12 February is told, taken back the same day as a slip of the bank, and told
    again: whatever the order of telling, the penalty of one day is charged once.
    """
    base = bought((Due("2026-02-11", 1_000_000),), penalty_ppm=PENALTY)
    facts = [
        lambda s: s.tell("2026-02-13", "payment", 1_000_500, key="a"),
        lambda s: s.tell("2026-02-13", "payment_reversal", 1_000_500, key="b", about="a"),
        lambda s: s.tell("2026-02-13", "payment", 1_000_500, key="c"),
    ]
    found = []
    for order in itertools.permutations(facts):
        story = base
        for told in order:
            story = told(story)
        books, moved = story.lived_as_told("2026-02-20")
        found.append((kept_digest(books), moved.rows()))
    assert all(each == found[0] for each in found)
    assert story.lived("2026-02-20").balances()["penalty_income"] == 500


def test_a_chargeback_makes_late_what_it_opens_by_installment_and_by_account():
    """Fineract #2739, #3682. Both of two due installments are paid; the second's money bounces.

    The account is as late as the second installment, not as the first.
    """
    story = bought().tell("2026-02-10", "payment", 10_060)
    story = story.tell("2026-03-10", "payment", 10_060, key="x")
    story = story.tell("2026-03-20", "payment_reversal", 10_060, about="x")
    books = story.lived("2026-03-20")
    assert books.open()[:2] == [{}, {"fee": 60, "principal": 10_000}]
    assert books.days_past_due() == 9


def test_a_plan_that_is_late_counts_its_days_from_its_own_due_day():
    """Frappe Lending #1102. 40 days late, then a plan: 0, and late anew from the plan's due day."""
    plan = (Due("2026-04-20", 30_180),)
    story = bought().tell("2026-03-23", "arrangement", dues=plan)
    counted = ages(story, "2026-04-22")
    assert counted[-3:] == [0, 1, 2]
    assert counted[72 - 1] == 39
    assert counted[72] == 0


def test_a_refund_freezes_its_installment():
    """What comes back of a purchase asks for nothing from its day on: no penalty, no age."""
    story = bought((Due("2026-02-11", 10_000, bill_on="2026-02-01"),), penalty_ppm=PENALTY)
    story = story.tell("2026-02-15", "merchant_refund", 10_000, about="p")
    books = story.lived("2026-03-15")
    assert books.balances().get("principal", 0) == 0
    assert books.open()[0].get("penalty") == books.balances()["penalty"] == 15


def test_a_settled_debt_owes_nothing_from_the_day_of_its_payment():
    """Paid whole on the due day: from that evening on nothing is owed, and nothing comes of it."""
    story = bought((Due("2026-02-11", 10_000),), penalty_ppm=PENALTY)
    story = story.tell("2026-02-11", "payment", 10_000)
    for until in ("2026-02-11", "2026-02-12", "2026-07-01"):
        books = story.lived(until)
        assert (books.open(), books.days_past_due()) == ([{}], 0)


@pytest.mark.parametrize(
    ("on", "due_on"),
    [
        ("2028-01-29", ["2028-02-29", "2028-03-29"]),  # a leap year has the day
        ("2027-01-29", ["2027-02-28", "2027-03-29"]),  # another has not, and March has it again
        ("2026-01-31", ["2026-02-28", "2026-03-31"]),
        ("2026-10-31", ["2026-11-30", "2026-12-31"]),
        ("2028-02-29", ["2028-03-29", "2028-04-29"]),
    ],
)
def test_month_ends_and_leap_days(on, due_on):
    """Catala #398, #959. The day of the loan, or the month's last day where it has no such day."""
    product = loan("equal_principal", installments=2, rate_ppm=120_000)
    assert days(schedule(product, 90_000, on, 2).due_on) == due_on


def test_the_31st_loses_no_fen_over_a_leap_february():
    """A loan of 31 January 2028 by the day: 29, 31 and 30 days of interest, and whole principal."""
    product = loan("bullet", installments=3, rate_ppm=36_000, interest_by="day", year_days=360)
    found = schedule(product, 1_000_000, "2028-01-31", 3)
    assert found.interest_minor.tolist() == [2_900, 3_100, 3_000]
    assert int(found.principal_minor.sum()) == 1_000_000


@pytest.mark.parametrize(
    ("nominal", "paid_by"),
    [
        ("2026-02-14", "2026-02-14"),  # a Saturday on which China works, for the Spring Festival
        ("2026-02-15", "2026-02-24"),  # the festival itself, until the Tuesday after it
        ("2026-05-01", "2026-05-06"),
        ("2026-05-09", "2026-05-09"),  # a make-up Saturday
        ("2026-10-01", "2026-10-08"),
        ("2026-04-25", "2026-04-27"),  # a plain Saturday
    ],
)
def test_who_pays_on_the_first_working_day_after_a_holiday_is_not_late(nominal, paid_by):
    """Civil Code 203, by the State Council's notice of the year: the day moves, make-up days count.

    Nothing is charged and nobody is late by that evening; the day after both begin.
    """
    start = str(day(nominal) - 30)
    product = terms("micro_loan", step="days", step_length=30, rest_day="next_working")
    count = product.plans[0].installments
    due_on = str(schedule(product, product.least_minor, start, count).due_on[0])
    assert due_on == paid_by
    story = bought((Due(due_on, 1_000_000),), start, penalty_ppm=PENALTY)
    assert story.lived(paid_by).open() == [{"principal": 1_000_000}]
    late = story.lived(str(day(paid_by) + 1))
    assert (late.days_past_due(), late.open()[0]["penalty"]) == (1, 500)
