"""The cap in the books is the law calculator's: by its spans, its year of 365 days, to the fen."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from tests.servicing.products import loan
from tests.servicing.story import Due, Story, Terms, day, purchase_of

from forbear.calculation.cap import Contract, cap, granted_interest
from forbear.kernel.court import Lender
from forbear.servicing.agreement import Caps, caps_of, conditions, conditions_kept
from forbear.servicing.book import caps_on
from forbear.store.packs import fetch_law

LAW = fetch_law()
LENT, FORMED, RECORDED = 1_000_000, date(2019, 6, 3), date(2026, 9, 19)


def lender(word: str, **more):
    return loan("bullet", installments=1, rate_ppm=0, lender=word, **more)


def kept(word: str, formed_on=FORMED, recorded_on=RECORDED, **more) -> Caps:
    return caps_of(LAW, lender(word, **more), formed_on=formed_on, recorded_on=recorded_on)


def test_a_private_loan_made_before_the_law_changed_has_the_cap_of_its_time_and_then_the_later():
    """24 % until 19 August 2020, then four times the 3.00 % of 2026-09-19."""
    assert kept("private") == Caps(
        cap_ppm=240_000, later_cap_ppm=120_000, later_cap_on=date(2020, 8, 20)
    )


@pytest.mark.parametrize(
    ("word", "formed_on"),
    [
        ("private", date(2020, 8, 20)),
        ("private", date(2025, 12, 1)),
        ("bank", FORMED),
        ("micro_loan", FORMED),
        ("micro_loan", date(2025, 12, 1)),
        ("consumer_finance", date(2025, 12, 1)),
        ("local_finance", FORMED),
    ],
)
@pytest.mark.parametrize("assisted", [False, True])
def test_the_caps_kept_are_the_spans_of_the_law_calculator(word, formed_on, assisted):
    claim = Contract(lender=Lender(word), formed_on=formed_on, filed_on=RECORDED, assisted=assisted)
    (span,) = cap(LAW, claim).spans
    assert kept(word, formed_on, assisted=assisted) == Caps(cap_ppm=span.cap_ppm)


def test_recorded_before_the_law_changed_it_is_counted_by_the_law_of_then():
    """Nobody knew in 2019 what would change in 2020: such a contract keeps the one cap it had."""
    assert kept("private", recorded_on=date(2019, 6, 4)) == Caps(cap_ppm=240_000)


def test_what_is_charged_is_what_the_law_grants_on_every_day_across_the_change():
    """10,000.00 of 3 June 2019, due in July and never paid, at a penalty of 100 % a year.

    The cap alone decides what is charged once the month's room is used up. From the contract to the
    end of any day that is what the law calculator grants on the principal, to the fen. By the end
    of 19 August 2020 that is 10,000.00 x 24 % x 444 / 365 = 2,919.45, and a year later 365 days at
    12 % more: 4,119.45.
    """
    claim = Contract(lender=Lender.private, formed_on=FORMED, filed_on=RECORDED)
    spans, caps = cap(LAW, claim), kept("private")
    due = Due("2019-07-03", LENT, bill_on="2019-06-03")
    terms = Terms(
        penalty_ppm=1_000_000,
        cap_ppm=caps.cap_ppm,
        later_cap_ppm=caps.later_cap_ppm,
        later_cap_on=str(caps.later_cap_on),
    )
    story = Story(terms).tell("2019-06-03", "purchase", key="p", **purchase_of(LENT, [due]))
    charged, granted = {}, {}

    def each(on, book, _):
        granted[str(on)] = granted_interest(
            spans, principal_minor=LENT, start=FORMED, end=(on + 1).item()
        )
        assert int(book.standing.room_minor[0]) == granted[str(on)]
        charged[str(on)] = int(book.standing.charged_minor[0])

    story.lived("2021-08-19", each=each)
    late = [on for on in charged if on >= "2019-08-01"]
    assert [charged[on] for on in late] == [granted[on] for on in late]
    assert (charged["2020-08-19"], charged["2021-08-19"]) == (291_945, 411_945)


def test_in_a_year_no_more_than_the_cap_comes_whatever_the_year_of_the_product():
    """10,000.00 for 365 days at 24 %: 2,400.00, and not the 2,433.33 of 365 days of 360."""
    due = Due("2025-02-01", LENT, bill_on="2025-01-01")
    for year in (360, 365):
        story = Story(Terms(basis_days=year, penalty_ppm=1_000_000)).tell(
            "2025-01-01", "purchase", key="p", **purchase_of(LENT, [due])
        )
        books = story.lived("2025-12-31")
        assert books.book.standing.room_minor.tolist() == [240_000]
        assert books.open()[0]["penalty"] == 240_000


def test_each_account_has_the_cap_of_its_own_day_and_a_contract_kept_before_has_one_alone():
    terms = lender("private")
    two = conditions_kept(terms, kept("private"))
    one = conditions_kept(terms, Caps(cap_ppm=150_000))
    before = {k: v for k, v in one.items() if not k.startswith("later")}
    found = conditions([two, one, before], np.array([0, 1, 2, 0]))
    on = lambda text: caps_on(found, day(text)).tolist()  # noqa: E731
    assert on("2020-08-19") == [240_000, 150_000, 150_000, 240_000]
    assert on("2020-08-20") == [120_000, 150_000, 150_000, 120_000]
    assert (
        caps_on(conditions([before], np.zeros(2, int)), day("2026-01-01")).tolist() == [150_000] * 2
    )
