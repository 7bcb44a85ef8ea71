"""What an instrument fixes, what money meets after it, and what is doubled where it is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.story import Books, Due, Story, Terms, fixed, purchase_of

from forbear.calculation.delay import LateDebt, delay_interest
from forbear.ledger.transfer import KIND_CODE, TransferKind
from forbear.servicing.allocation import Component
from forbear.store.packs import fetch_law

LATE = {
    "cap_ppm": 360_000,
    "penalty_ppm": 180_000,
    "late_fee_ppm": 50_000,
    "late_fee_most_minor": 2_000,
}
OWN_ORDER = (
    Component.cost,
    Component.principal,
    Component.penalty,
    Component.fee,
    Component.interest,
)


def lent(minor: int = 5_000_000, interest: int = 100_000, **terms: object) -> Story:
    """Lend on 2 January, all of it due on 1 February, with interest."""
    due = Due("2026-02-01", minor, interest=interest, bill_on="2026-01-02")
    return Story(Terms(**terms)).tell(
        "2026-01-02", "purchase", key="p", **purchase_of(minor, [due])
    )


def judged(by: str = "2026-03-11", *, on: str = "2026-03-01", **terms: object) -> Story:
    """Fix 50,000.00 of principal and 1,000.00 of interest on 1 March."""
    return lent(**terms).tell(on, "judgment", key="j", **fixed(5_000_000, 100_000, by=by))


def sums(books: Books, kind: str) -> int:
    moved = books.transfers
    return int(moved.amount_minor[moved.kind == KIND_CODE[TransferKind(kind)]].sum())


def test_what_was_owed_becomes_the_instruments_debt_due_on_its_own_day():
    """50,000.00 and 1,000.00 of interest a month late; 695.00 of penalties are not granted.

    27 days of 18 % on 50,000.00 over 360 are 675.00, with a late fee of 20.00. The judgment of
    1 March grants neither: nobody owes them any more. Its 51,000.00 are to be paid by 11 March.
    """
    books = judged(**LATE).lived("2026-03-01")
    assert books.open() == [{}, {"interest": 100_000, "principal": 5_000_000}, {}]
    assert books.days_past_due() == 0
    before = lent(**LATE).lived("2026-02-28")
    assert before.open() == [{"interest": 100_000, "penalty": 69_500, "principal": 5_000_000}]
    assert books.balances()["waiver"] == 69_500


def test_the_contract_charges_nothing_after_the_judgment():
    """A year goes by unpaid: no penalty and no late fee, neither on what is fixed nor beside it."""
    books = judged(by="2027-12-31", **LATE).lived("2027-03-01")
    assert sums(books, "penalty_accrual") + sums(books, "late_fee") == 69_500
    assert books.open()[1:] == [{"interest": 100_000, "principal": 5_000_000}, {}]


def test_doubled_interest_begins_the_day_after_the_last_day_to_perform():
    """50,000.00 at 0.0175 % are 8.75 a day: none on 11 March, 8.75 on the 12th, then 365 days."""
    assert judged().lived("2026-03-11").open()[2] == {}
    assert judged().lived("2026-03-12").open()[2] == {"penalty": 875}
    assert judged().lived("2026-03-12").days_past_due() == 1
    assert judged().lived("2027-03-11").open()[2] == {"penalty": 319_375}


@pytest.mark.parametrize(
    ("minor", "days", "doubled"),
    [(1_234_567, 45, 9_722), (5_000_000, 365, 319_375), (300_000, 1, 53)],
)
@pytest.mark.parametrize("basis_days", [360, 365])
def test_the_sums_that_the_law_is_read_by(minor, days, doubled, basis_days):
    """12,345.67 for 45 days: 97.22; 50,000.00 for 365: 3,193.75; 3,000.00 for one: 0.525."""
    story = lent(minor, 0, basis_days=basis_days)
    story = story.tell(
        "2026-03-01", "judgment", **fixed(minor, by="2026-03-11", basis_days=basis_days)
    )
    until = date(2026, 3, 11) + timedelta(days)
    assert story.lived(str(until)).open()[2] == {"penalty": doubled}
    debt = LateDebt(debt_minor=minor, due_on=date(2026, 3, 11), until=until)
    assert delay_interest(fetch_law(), debt).interest_minor == doubled


def test_money_meets_costs_then_what_was_fixed_and_last_what_is_doubled():
    """51,000.00 fixed beside 100.00 of costs, 20 days late: 175.00 doubled.

    The contract had put principal before interest. Of 41,000.00 on 1 April, costs take 100.00,
    interest 1,000.00 and the principal 39,900.00; the 175.00 wait until nothing else is left.
    10,100.00 of principal bear 1.7675 a day: 175.00 and three such days are 180.30.
    """
    story = judged(order=OWN_ORDER).tell("2026-02-20", "cost", 10_000, dues=(Due("2026-02-20", 0),))
    story = story.tell("2026-04-01", "payment", 4_100_000)
    fixed_before = [{"interest": 100_000, "principal": 5_000_000}, {"penalty": 17_500}]
    assert story.lived("2026-03-31").open() == [{}, {"cost": 10_000}, *fixed_before]
    assert story.lived("2026-04-03").open()[1:] == [
        {},
        {"principal": 1_010_000},
        {"penalty": 18_030},
    ]
    paid = story.tell("2026-04-04", "payment", 1_010_000 + 10_000)
    assert paid.lived("2026-04-04").open()[1:] == [{}, {}, {"penalty": 8_030}]


def test_interest_that_was_fixed_is_met_before_the_principal_whatever_the_contract_says():
    """500.00 come in: half of the 1,000.00 of interest."""
    paid = judged(order=OWN_ORDER).tell("2026-03-05", "payment", 50_000).lived("2026-03-05")
    assert paid.open()[1] == {"interest": 50_000, "principal": 5_000_000}


def test_what_is_doubled_is_late_by_itself_though_the_rest_is_within_the_tolerance():
    """The product takes what is missing for paid; the 8.75 of 12 March are missing on the 13th."""
    assert judged(tolerance_minor=6_000_000).lived("2026-03-12").days_past_due() == 0
    assert judged(tolerance_minor=6_000_000).lived("2026-03-13").days_past_due() == 2


def test_days_that_are_given_after_the_judgment_move_what_is_late():
    """Ten days more, agreed on 5 March: due on the 21st, and 8.75 are doubled on the 22nd."""
    story = judged().tell("2026-03-05", "extension", days=10)
    books = story.lived("2026-03-23")
    assert books.open()[2] == {"penalty": 1_750}
    assert books.days_past_due() == 2


def test_what_the_instrument_leaves_out_is_given_up_penalties_first():
    """51,000.00 and 695.00 of penalties are owed; 40,000.00 and 500.00 of interest are fixed."""
    story = lent(**LATE).tell("2026-03-01", "judgment", **fixed(4_000_000, 50_000, by="2026-03-11"))
    books = story.lived("2026-03-01")
    assert books.open() == [{}, {"interest": 50_000, "principal": 4_000_000}, {}]
    assert books.balances()["waiver"] == 1_000_000 + 50_000 + 69_500


def test_income_that_was_suspended_and_is_not_granted_is_no_loss():
    """Ten days late nothing is income any more: of 695.00 not granted 425.00 never were.

    20.00 and ten days of 25.00 were income by 11 February; the other 17 days were not.
    """
    story = lent(**LATE, nonaccrual_days=10)
    story = story.tell("2026-03-01", "judgment", **fixed(5_000_000, 100_000, by="2026-03-11"))
    assert story.lived("2026-03-01").balances()["waiver"] == 2_000 + 10 * 2_500


def test_a_judgment_cures_nobody():
    """What was charged on non-accrual is no income until what was fixed is paid."""
    story = judged(by="2026-04-30", **LATE, nonaccrual_days=10)
    books = story.lived("2026-04-15")
    assert books.days_past_due() == 0
    assert books.book.standing.nonaccrual[0]
    paid = story.tell("2026-04-20", "payment", 5_100_000).lived("2026-04-20")
    assert not paid.book.standing.nonaccrual[0]


def test_what_is_charged_off_is_fixed_off_the_books():
    """Charged off on 20 February, judged on 1 March: no claim stands, and all of it is owed.

    10,000.00 that come in are a recovery; what is doubled of the rest is owed and no income.
    """
    story = lent().tell("2026-02-20", "charge_off")
    story = story.tell("2026-03-01", "judgment", **fixed(5_000_000, 90_000, by="2026-03-11"))
    story = story.tell("2026-03-12", "payment", 1_000_000)
    books = story.lived("2026-03-21")
    rest = 5_000_000 - 910_000
    doubled = (rest * 175 * 10 + 500_000) // 1_000_000
    assert books.open() == [{}, {"principal": rest}, {"penalty": doubled}]
    balances = books.balances()
    assert balances["recovery"] == 1_000_000
    assert not {"principal", "interest", "penalty", "penalty_income"} & set(balances)


def test_a_payment_before_the_judgment_that_comes_undone_is_owed_beside_it():
    """10,000.00 were paid and 41,000.00 fixed; the bank takes the payment back afterwards.

    The instrument fixed no more, so nothing is doubled on it; the contract charges nothing either.
    Money meets what was fixed, then what was doubled, then this.
    """
    story = lent(**LATE).tell("2026-02-01", "payment", 1_000_000, key="x")
    story = story.tell("2026-03-01", "judgment", **fixed(4_100_000, 0, by="2026-03-11"))
    story = story.tell("2026-03-15", "payment_reversal", 1_000_000, key="y", about="x")
    books = story.lived("2026-03-31").open()
    doubled = (4_100_000 * 175 * 20 + 500_000) // 1_000_000
    assert books == [
        {"interest": 100_000, "principal": 900_000},
        {"principal": 4_100_000},
        {"penalty": doubled},
    ]
    paid = story.tell("2026-04-01", "payment", 4_100_000 + doubled + 1)
    assert paid.lived("2026-04-01").open() == [{"interest": 99_999, "principal": 900_000}, {}, {}]


def test_each_installment_of_a_mediation_statement_is_late_by_itself():
    """51,000.00 in two: 21,000.00 by 11 March, 30,000.00 by 11 April; nothing is paid.

    The first has 20,000.00 of principal: 3.50 a day; from 12 April 8.75 a day run on both.
    """
    dues = (
        Due("2026-03-11", 2_000_000, interest=100_000, penalty_ppm=0),
        Due("2026-04-11", 3_000_000, penalty_ppm=0),
        Due("2026-03-11", 0, penalty_ppm=63_000),
    )
    story = lent().tell("2026-03-01", "judgment", dues=dues)
    assert story.lived("2026-04-11").open()[3] == {"penalty": 31 * 350}
    assert story.lived("2026-04-21").open()[3] == {"penalty": 31 * 350 + 10 * 875}


def test_the_cap_of_the_contract_is_not_the_laws_own_interest():
    """The contract may cost nothing at all; who does not perform owes what is doubled."""
    assert judged(cap_ppm=0).lived("2026-03-12").open()[2] == {"penalty": 875}


def test_a_plan_agreed_after_the_judgment_ends_what_is_doubled():
    """Both settle on 21 March for all that is owed by then: 51,078.75, in one sum."""
    plan = (Due("2026-06-01", 5_107_875, penalty_ppm=0),)
    story = judged().tell("2026-03-21", "arrangement", dues=plan)
    books = story.lived("2026-12-31")
    assert books.open()[3] == {"interest": 100_000, "penalty": 7_875, "principal": 5_000_000}


@settings(max_examples=25)
@given(
    st.integers(1_000, 9_000_000),
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 3_000_000)), max_size=4),
    st.integers(0, 70),
    st.sampled_from([360, 365]),
)
def test_what_is_doubled_is_what_the_law_counts_to_the_fen(minor, paid, days, basis_days):
    """The day of a payment costs nothing of what it pays (L-6): the law would count it.

    So the books of any day are the calculator's, with each payment a day earlier.
    """
    due_on, until = date(2026, 3, 11), date(2026, 3, 11) + timedelta(days)
    story = lent(minor, 0, basis_days=basis_days).tell(
        "2026-03-01", "judgment", **fixed(minor, by=str(due_on), basis_days=basis_days)
    )
    left, at_once, repaid = minor, 0, []
    for n, (after, sum_minor) in enumerate(sorted(paid)):
        if after > days or not left:
            continue
        story = story.tell(str(due_on + timedelta(after)), "payment", sum_minor, key=f"k{n}")
        met = min(sum_minor, left)
        left -= met
        if after == 1:
            at_once += met
        else:
            repaid.append((due_on + timedelta(after - 1), met))
    wanted = 0
    if minor > at_once:
        debt = LateDebt(
            debt_minor=minor - at_once, due_on=due_on, until=until, repayments=tuple(repaid)
        )
        wanted = delay_interest(fetch_law(), debt).interest_minor
    assert sums(story.lived(str(until)), "delay_interest") == wanted


def test_what_an_account_is_judged_for_is_no_matter_of_its_neighbors():
    """Two accounts of one book, one judged: the other is charged by its contract as ever."""
    story = judged(**LATE)
    other = lent(**LATE).told[0]
    books = replace(story, told=[*story.told, replace(other, account=1)]).lived("2026-03-31")
    alone = lent(**LATE).lived("2026-03-31")
    assert books.open(1) == alone.open()
    assert books.open(0) == story.lived("2026-03-31").open()
    assert np.count_nonzero(books.book.standing.days_past_due) == 2
