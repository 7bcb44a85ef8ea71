"""A minimum payment, statement after statement: statements of the 5th, due on the 25th."""

from __future__ import annotations

import numpy as np
from tests.servicing.story import Due, Story, Terms, purchase_of

CARD = {"statement_day": 5, "due_day": 25, "revolving_ppm": 180_000, "basis_days": 360}
TENTH = 100_000


def card(**terms) -> Story:
    """1,000.00, billed on 5 January and due on the 25th; a tenth is the minimum."""
    due = Due("2026-01-25", 100_000, bill_on="2026-01-05", least_ppm=TENTH)
    return Story(Terms(**CARD | terms)).tell(
        "2026-01-02", "purchase", key="p", **purchase_of(100_000, [due])
    )


def due_day(books) -> str:
    return str(books.book.installments.due_on[0])


def asked(books) -> int:
    inst = books.book.installments
    return int(inst.open_minor[0].sum() - inst.spared_minor[0])


def test_what_revolves_is_asked_for_again_by_the_next_statement():
    """100.00 are paid, 900.00 revolve at 0.05 % a day: 0.45 a day from 26 January on.

    The statement of 5 February has ten days of it before its evening, 4.50, and asks for that and a
    tenth of 900.00: 94.50, due on the 25th. Who pays it by then is not late; who does not, is.
    """
    story = card().tell("2026-01-25", "payment", 10_000)
    books = story.lived("2026-02-05")
    assert (asked(books), due_day(books), books.days_past_due()) == (9_450, "2026-02-25", 0)
    assert books.open()[0]["interest"] == 495  # the evening of the 5th is asked for in March
    assert story.lived("2026-02-26").days_past_due() == 1
    paid = story.tell("2026-02-25", "payment", 9_450)
    assert paid.lived("2026-03-04").days_past_due() == 0
    assert due_day(paid.lived("2026-03-05")) == "2026-03-25"


def test_what_revolves_bears_interest_between_a_statement_and_its_due_day():
    """0.45 a day on each of the 31 days from 26 January to 25 February: 13.95."""
    story = card(cap_ppm=1_000_000).tell("2026-01-25", "payment", 10_000)
    assert story.lived("2026-02-25").open()[0]["interest"] == 1_395


def test_what_is_missing_of_a_minimum_stays_due_and_nothing_more_is_asked():
    """Nothing is paid: the statement of 5 February does not make the account younger."""
    books = card().lived("2026-02-06")
    assert (due_day(books), books.days_past_due()) == ("2026-01-25", 12)
    assert asked(books) == 10_000


def test_who_pays_what_was_missing_is_asked_again_by_the_next_statement():
    """The minimum of January is paid on 10 February: the statement of 5 March asks again."""
    story = card().tell("2026-02-10", "payment", 13_000)
    assert story.lived("2026-02-10").days_past_due() == 0
    assert due_day(story.lived("2026-03-05")) == "2026-03-25"


def test_a_late_fee_is_of_each_minimum_that_is_missed():
    """5 % of what is missing: of 100.00 in January; paid; and of the minimum of March again."""
    fees = {"late_fee_ppm": 50_000, "late_fee_most_minor": 50_000, "cap_ppm": 10_000_000}
    story = card(**fees).tell("2026-02-10", "payment", 20_000)
    assert story.lived("2026-01-26").open()[0]["penalty"] == 500
    again = story.lived("2026-03-26")
    missed = asked(story.lived("2026-03-25"))
    assert again.open()[0]["penalty"] == missed * 5 // 100


def test_a_due_day_on_a_day_of_rest_is_the_next_working_day_where_the_product_says_so():
    """25 January 2026 is a Sunday, and 25 April a Saturday: the 27th is asked for."""
    story = card(moves_rest=True).tell("2026-01-25", "payment", 10_000)
    story = story.tell("2026-02-25", "payment", 20_000).tell("2026-03-25", "payment", 20_000)
    assert due_day(story.lived("2026-04-05")) == "2026-04-27"
    stands = Story(Terms(**CARD), story.told)
    assert due_day(stands.lived("2026-04-05")) == "2026-04-25"


def test_what_revolves_is_paid_off_in_the_end():
    """The minimum every month for two years: nobody is ever late."""
    story = card()
    months = np.arange("2026-01", "2027-12", dtype="datetime64[M]")
    for month in months.astype(str):
        story = story.tell(f"{month}-25", "payment", 14_000)
    late = []
    books = story.lived(
        "2027-12-31", each=lambda _on, book, _: late.append(int(book.standing.days_past_due[0]))
    )
    assert not any(late)
    assert books.open() == [{}]
