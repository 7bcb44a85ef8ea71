"""What is due and how late an account is, told as short stories of one account."""

from __future__ import annotations

from datetime import date, timedelta

import narwhals as nw
import pytest
from tests.batch.book import AS_OF, Book, day, frames_of, instant, rules_of

from forbear.batch.frames import day_number
from forbear.batch.standing import clocks, settled_accounts
from forbear.delinquency.state import account_states


@pytest.fixture
def book() -> Book:
    book = Book()
    book.person("li")
    book.account("a1", "li")
    return book


def told(book: Book, days: int = 0) -> tuple[int, int]:
    """What is due and how many days late it is, so many days from the as-of day."""
    on = AS_OF + timedelta(days=days)
    tables, canon = frames_of(book, as_of=on)
    frames = {name: nw.from_native(rows.lazy()) for name, rows in tables.items()}
    clock = clocks(frames, planned_on=day_number(on) + 1)
    states = account_states(
        frames,
        settled_accounts(frames, clock, back_days=1),
        as_of=day_number(on),
        month_days=rules_of(canon).month_days,
    )
    row = nw.to_native(states).collect().row(0, named=True)
    return row["due_minor"], row["days_past_due"]


def test_on_its_due_date_it_is_due_and_not_late_and_a_day_later_it_is(book):
    book.due("a1", 0, 900)
    assert [told(book, d) for d in (-1, 0, 1, 2)] == [(0, 0), (900, 0), (900, 1), (900, 2)]


def test_a_partial_payment_meets_the_oldest_due_and_moves_the_day(book):
    book.due("a1", -60, 300)
    book.due("a1", -30, 300)
    book.paid("a1", -10, 299)
    assert told(book) == (301, 60)
    book.paid("a1", -9, 1)
    assert told(book) == (300, 30)


def test_a_backdated_payment_counts_from_its_own_day(book):
    book.due("a1", -30, 300)
    book.paid("a1", -31, 300)  # whenever we learned of it
    assert told(book, -30) == (0, 0)


def test_a_reversed_payment_is_as_if_never_paid_from_its_reversal_on(book):
    book.due("a1", -30, 300)
    book.paid("a1", -30, 300, ref=7)
    book.paid("a1", -5, 300, stage="reversed", ref=7)
    assert told(book, -6) == (0, 0)
    assert told(book, -5) == (300, 25)


@pytest.mark.parametrize("stage", ["initiated", "failed"])
def test_money_that_has_not_settled_moves_nothing(book, stage):
    book.due("a1", -30, 300)
    book.paid("a1", -30, 300, stage=stage)
    assert told(book) == (300, 30)


def test_a_refund_lowers_what_is_owed_like_a_payment(book):
    book.due("a1", -30, 300)
    book.refunded("a1", -2, 300)
    assert [told(book, d) for d in (-3, -2)] == [(300, 27), (0, 0)]


def test_what_is_billed_later_is_not_known_before(book):
    book.due("a1", -5, 300, billed=-3)
    assert [told(book, d) for d in (-4, -3)] == [(0, 0), (300, 2)]


def test_a_statement_replaces_the_one_before_it(book):
    book.due("a1", -30, 900, statement=True, billed=-50)
    book.due("a1", -2, 400, statement=True, billed=-20)
    assert [told(book, d) for d in (-3, -2, 0)] == [(900, 27), (400, 0), (400, 2)]


def test_a_statement_holds_what_was_paid_up_to_the_day_it_was_billed(book):
    book.due("a1", -2, 400, statement=True, billed=-20)
    book.paid("a1", -20, 100)
    assert told(book) == (400, 2)
    book.paid("a1", -19, 100)
    assert told(book) == (300, 2)


def test_a_credit_balance_is_nothing_due(book):
    book.due("a1", -2, -400, statement=True, billed=-20)
    assert told(book) == (0, 0)


def test_an_installment_after_a_statement_adds_to_it(book):
    book.due("a1", -30, 900, statement=True, billed=-50)
    book.due("a1", -40, 111)  # in the statement
    book.due("a1", -3, 50)
    assert told(book) == (950, 30)
    book.paid("a1", -1, 900)
    assert told(book) == (50, 3)


def test_a_report_is_taken_at_its_word_on_its_own_day_even_with_nothing_due(book):
    book.due("a1", -30, 300)
    book.paid("a1", -30, 300)
    book.reported("a1", 0, 3)
    assert told(book) == (0, 90)
    assert told(book, 1) == (0, 0)  # everything due is paid


def test_an_older_report_ages_with_what_is_still_due(book):
    book.due("a1", -30, 300)
    book.reported("a1", -20, 1)
    assert told(book) == (300, 50)
    book.paid("a1", 0, 300)
    assert told(book) == (0, 0)


def test_a_report_of_none_overrides_the_dues_before_it_and_not_those_after(book):
    book.due("a1", -60, 300)
    book.reported("a1", -30, 0)
    assert told(book) == (300, 0)
    book.due("a1", -4, 300)
    assert told(book) == (600, 4)


def test_of_an_account_without_any_due_the_report_is_all_there_is(book):
    book.reported("a1", -10, 2)
    assert told(book) == (0, 70)


def test_a_settled_account_owes_nothing_and_one_taken_back_does_again(book):
    book.due("a1", -30, 300)
    book.status("li", "settled", instant(-5), account="a1")
    assert told(book) == (0, 0)
    book.status("li", "settled", instant(-3), account="a1", ended=True)
    assert told(book) == (300, 30)


def test_an_account_of_tomorrow_is_not_on_the_books():
    book = Book()
    book.person("li")
    book.account("a1", "li", opened_on=day(1))
    tables, _ = frames_of(book)
    frames = {name: nw.from_native(rows.lazy()) for name, rows in tables.items()}
    clock = clocks(frames, planned_on=day_number(AS_OF) + 1)
    settled = settled_accounts(frames, clock, back_days=1)
    states = account_states(frames, settled, as_of=day_number(AS_OF), month_days=30)
    assert nw.to_native(states).collect().is_empty()


def test_thirty_one_january_and_a_leap_day_are_days_like_any_other():
    assert day_number(date(2028, 3, 1)) - day_number(date(2028, 2, 28)) == 2


def test_of_an_account_that_is_serviced_here_the_books_alone_say_what_is_due_and_since_when(book):
    """Its dues, its money and its source's reports are there too, and count for nothing."""
    book.due("a1", -60, 300)
    book.paid("a1", -10, 100)
    book.reported("a1", -5, 4)
    book.serviced("a1", 450, 900, -3)
    assert [told(book, d) for d in (0, 1)] == [(450, 3), (450, 4)]


def test_what_the_books_call_paid_is_not_late(book):
    book.due("a1", -60, 300)
    book.serviced("a1", 0, 900, None)
    assert told(book) == (0, 0)
