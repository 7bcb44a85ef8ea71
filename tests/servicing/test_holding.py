"""A refund on its way holds what it is of: stories, each with its figures in its docstring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.story import Due, Story, Terms, day, purchase_of
from tests.servicing.test_properties import STORIES

from forbear.ledger.balance import out_of_balance
from forbear.ledger.transfer import TransferKind
from forbear.servicing.fact import FACT_CODE, FactKind, Facts
from forbear.servicing.holding import holds_of

PENAL = Terms(penalty_ppm=360_000, basis_days=360, cap_ppm=1_000_000)  # 0.1 % a day
FEE = Terms(late_fee_ppm=50_000, late_fee_most_minor=1_000, cap_ppm=1_000_000)
KINDS = list(TransferKind)


def bought(terms: Terms = PENAL, **more: str) -> Story:
    """100.00 is bought on 2026-01-01 and due on 2026-01-31."""
    goods = purchase_of(10_000, [Due(due_on="2026-01-31", principal=10_000)])
    return Story(terms).tell("2026-01-01", "purchase", key="p", **goods, **more)


def asked(story: Story, on: str, end: str = "", *, about: str = "", days: int = 90, key: str = "h"):
    """A refund is asked for; where a day is named it ends on it."""
    told = story.tell(on, "refund_hold", key=key, about=about, days=days)
    return told.tell(end, "refund_end", key=f"{key} ended", about=key) if end else told


def late_by_day(story: Story, first: str, last: str, account: int = 0) -> list[int]:
    found = {}

    def each(on, book, _):
        found[on] = int(book.standing.days_past_due[account])

    story.lived(last, each=each)
    return [late for on, late in found.items() if on >= day(first)]


def charged(story: Story, last: str, kind: str = "penalty_accrual") -> dict[str, int]:
    """Return what was charged for being late, by day."""
    moved = story.lived(last).transfers
    rows = moved.rows(moved.kind == KINDS.index(TransferKind(kind)))
    pairs = zip(rows.effective_on.tolist(), rows.amount_minor.tolist(), strict=True)
    found: dict[str, int] = {}
    for on, minor in pairs:
        found[str(on)] = found.get(str(on), 0) + minor
    return found


def test_days_past_due_stand_still_from_the_request_to_the_day_before_its_end():
    """Due on 31 January. Late by 3 days on 3 February; a refund is asked for on the 4th and refused
    on the 7th. It is 3 days late on the 4th, 5th and 6th, and 4 on the 7th."""
    story = asked(bought(), "2026-02-04", "2026-02-07")
    assert late_by_day(story, "2026-02-01", "2026-02-08") == [1, 2, 3, 3, 3, 3, 4, 5]


def test_what_is_held_before_it_falls_due_becomes_late_on_the_day_of_the_end():
    """Asked for on 20 January, withdrawn on 3 February: never late on the 1st and 2nd; late by one
    day on the 3rd, as if it had been due on the 2nd."""
    story = asked(bought(), "2026-01-20", "2026-02-03")
    assert late_by_day(story, "2026-02-01", "2026-02-04") == [0, 0, 1, 2]


def test_no_penalty_is_charged_for_the_days_of_the_hold_or_for_them_afterwards():
    """0.1 % of 100.00 a day is 0.10. Held from 3 to 5 February: charged for the 1st and 2nd, and
    from the 6th on, a day at a time."""
    story = asked(bought(), "2026-02-03", "2026-02-06")
    days = ["2026-02-01", "2026-02-02", "2026-02-06", "2026-02-07"]
    assert charged(story, "2026-02-07") == dict.fromkeys(days, 10)


def test_a_late_fee_waits_until_the_hold_is_over():
    """5 % of 100.00 once it is late: on 5 February, the day of the end, in place of the 1st."""
    story = asked(bought(FEE), "2026-01-31", "2026-02-05")
    assert charged(story, "2026-02-04", "late_fee") == {}
    assert charged(story, "2026-02-09", "late_fee") == {"2026-02-05": 500}


def test_days_of_grace_do_not_run_while_it_is_held():
    """Two days of grace. Held from 1 to 3 February, so that the first day past its grace is the
    6th: three days later than the 3rd."""
    terms = Terms(late_fee_ppm=50_000, late_fee_most_minor=1_000, cap_ppm=1_000_000, grace_days=2)
    assert charged(bought(terms), "2026-02-09", "late_fee") == {"2026-02-03": 500}
    story = asked(bought(terms), "2026-02-01", "2026-02-04")
    assert charged(story, "2026-02-09", "late_fee") == {"2026-02-06": 500}


def test_a_refund_that_settles_leaves_nothing_charged_for_the_days_it_took():
    """Asked for on 1 February, settled on the 5th for 60.00 of 100.00: on the 5th a day's penalty
    on the 40.00 that are left, 0.04, and late by one day."""
    story = asked(bought(), "2026-02-01", "2026-02-05", about="p")
    story = story.tell("2026-02-05", "merchant_refund", 6_000, about="p")
    assert charged(story, "2026-02-05") == {"2026-02-05": 4}
    assert late_by_day(story, "2026-02-04", "2026-02-05") == [0, 1]
    assert story.lived("2026-02-05").open() == [{"principal": 4_000, "penalty": 4}]


def test_all_that_goes_back_leaves_nothing_late():
    story = asked(bought(), "2026-02-01", "2026-02-05", about="p")
    story = story.tell("2026-02-05", "merchant_refund", 10_000, about="p")
    assert story.lived("2026-02-09").open() == [{}]
    assert late_by_day(story, "2026-02-01", "2026-02-09") == [0] * 9
    assert charged(story, "2026-02-09") == {}


def test_a_request_that_nobody_ends_holds_for_as_many_days_as_the_house_allows():
    """Asked for on 1 February, 5 days at most: held until the 5th, late by one day on the 6th."""
    story = asked(bought(), "2026-02-01", days=5)
    assert late_by_day(story, "2026-02-01", "2026-02-07") == [0, 0, 0, 0, 0, 1, 2]
    assert charged(story, "2026-02-07") == {"2026-02-06": 10, "2026-02-07": 10}


@pytest.mark.parametrize("end", ["2026-01-31", "2026-02-02"])
def test_what_ended_on_its_own_day_or_before_holds_nothing(end):
    story = asked(bought(), "2026-02-02", end)
    assert late_by_day(story, "2026-02-01", "2026-02-03") == [1, 2, 3]


def two() -> Story:
    """Beside the purchase of 100.00 another one of 50.00, due on the same day."""
    goods = purchase_of(5_000, [Due(due_on="2026-01-31", principal=5_000)])
    return bought().tell("2026-01-02", "purchase", key="q", **goods)


def test_of_two_purchases_only_the_one_that_goes_back_is_held():
    """The 50.00 stay late and bear 0.05 a day; the account is as late as they are."""
    story = asked(two(), "2026-02-01", "2026-02-04", about="p")
    assert late_by_day(story, "2026-02-01", "2026-02-05") == [1, 2, 3, 4, 5]
    three = dict.fromkeys(["2026-02-01", "2026-02-02", "2026-02-03"], 5)
    assert charged(story, "2026-02-04") == {**three, "2026-02-04": 15}


def test_a_request_that_names_no_purchase_holds_all_that_was_lent_by_its_day():
    """Both are held. What is bought on a later day is no part of it and falls due as ever."""
    story = asked(two(), "2026-02-01", "2026-02-04")
    assert late_by_day(story, "2026-02-01", "2026-02-04") == [0, 0, 0, 1]
    goods = purchase_of(2_000, [Due(due_on="2026-02-02", principal=2_000)])
    more = story.tell("2026-02-01", "purchase", key="r", **goods)
    assert late_by_day(more, "2026-02-03", "2026-02-03") == [0]
    goods = purchase_of(2_000, [Due(due_on="2026-02-02", principal=2_000)])
    later = story.tell("2026-02-02", "purchase", key="s", **goods)
    assert late_by_day(later, "2026-02-03", "2026-02-03") == [1]


def test_the_late_fee_of_a_due_day_is_charged_once_though_a_part_of_it_was_held():
    """Of 150.00 due on one day 100.00 are held: 5 % of 50.00 on 1 February, nothing more later."""
    goods = purchase_of(5_000, [Due(due_on="2026-01-31", principal=5_000)])
    story = bought(FEE).tell("2026-01-02", "purchase", key="q", **goods)
    story = asked(story, "2026-01-30", "2026-02-04", about="p")
    assert charged(story, "2026-02-09", "late_fee") == {"2026-02-01": 250}


def test_requests_that_overlap_hold_each_day_once():
    """1 to 4 February, 3 to 6 February and 9 February: seven days held of nine."""
    story = asked(bought(), "2026-02-01", "2026-02-05", about="p", key="a")
    story = asked(story, "2026-02-03", "2026-02-07", key="b")
    story = asked(story, "2026-02-09", "2026-02-10", key="c")
    assert late_by_day(story, "2026-02-01", "2026-02-10") == [0, 0, 0, 0, 0, 0, 1, 2, 2, 3]


def test_interest_goes_on_as_agreed():
    """Interest of 3.00 over the month is earned to the fen, held or not, and what revolves goes on
    bearing its interest: only what punishes lateness rests."""
    dues = [Due(due_on="2026-01-31", principal=10_000, interest=300)]
    plain = Story(PENAL).tell("2026-01-01", "purchase", key="p", **purchase_of(10_000, dues))
    kept = asked(plain, "2026-01-10", "2026-01-31")
    for story in (plain, kept):
        assert story.lived("2026-01-31").balances()["interest_income"] == 300
    card = Terms(
        revolving_ppm=180_000, penalty_ppm=360_000, cap_ppm=1_000_000, statement_day=5, due_day=25
    )
    dues = [Due(due_on="2026-01-25", principal=10_000, bill_on="2026-01-05", least_ppm=100_000)]
    plain = Story(card).tell("2026-01-01", "purchase", key="p", **purchase_of(10_000, dues))
    paid = plain.tell("2026-01-20", "payment", 1_000)  # the minimum: the rest revolves
    kept = asked(paid, "2026-01-28", "2026-02-02")
    accrued = [charged(story, "2026-02-03", "interest_accrual") for story in (paid, kept)]
    assert accrued[0] == accrued[1] != {}


def test_what_a_later_statement_asked_for_goes_on_revolving_while_it_is_held():
    """Asked for again on 5 February, due on the 25th. Held from the 20th to 3 March, so that the
    minimum is not late on the 26th: 0.05 % of the 90.00 that are owed for each of those days."""
    card = Terms(
        revolving_ppm=180_000, penalty_ppm=360_000, cap_ppm=1_000_000, statement_day=5, due_day=25
    )
    dues = [Due(due_on="2026-01-25", principal=10_000, bill_on="2026-01-05", least_ppm=100_000)]
    story = Story(card).tell("2026-01-01", "purchase", key="p", **purchase_of(10_000, dues))
    story = story.tell("2026-01-20", "payment", 1_000)
    story = asked(story, "2026-02-20", "2026-03-04")
    accrued = charged(story, "2026-03-04", "interest_accrual")
    days = [str(day("2026-02-20") + n) for n in range(12)]
    assert [minor in (4, 5) for minor in (accrued.get(on, 0) for on in days)] == [True] * 12


def test_of_a_minimum_that_is_missing_the_rest_goes_on_revolving_while_no_penalty_is_charged():
    """A minimum of 10.00 of 100.00 is missing since 25 January: 0.1 % of it a day, and 0.05 % of
    the 90.00 that may revolve. Held, the first rests and the second does not."""
    card = Terms(revolving_ppm=180_000, penalty_ppm=360_000, cap_ppm=1_000_000)
    dues = [Due(due_on="2026-01-25", principal=10_000, least_ppm=100_000)]
    dues = [Due(**{**vars(dues[0]), "revolves_on": "2026-01-25"})]
    plain = Story(card).tell("2026-01-01", "purchase", key="p", **purchase_of(10_000, dues))
    kept = asked(plain, "2026-01-28", "2026-02-01")
    assert set(charged(plain, "2026-02-02")) - set(charged(kept, "2026-02-02")) == {
        "2026-01-28", "2026-01-29", "2026-01-30", "2026-01-31",
    }  # fmt: skip
    assert charged(plain, "2026-02-02", "interest_accrual") == charged(
        kept, "2026-02-02", "interest_accrual"
    )


def test_the_age_of_non_accrual_is_not_reached_by_waiting_for_a_refund():
    terms = Terms(nonaccrual_days=3)
    assert bought(terms).lived("2026-02-03").book.standing.nonaccrual[0]
    story = asked(bought(terms), "2026-02-03", "2026-02-06")
    assert not story.lived("2026-02-05").book.standing.nonaccrual[0]
    assert story.lived("2026-02-06").book.standing.nonaccrual[0]


def test_money_that_is_taken_back_meanwhile_opens_what_is_not_fined_before_the_end():
    """Paid on 31 January, the payment is taken back on 3 February: late fee on the 6th, the end."""
    story = bought(FEE).tell("2026-01-31", "payment", 10_000, key="m")
    story = story.tell("2026-02-03", "payment_reversal", 10_000, about="m")
    assert charged(story, "2026-02-09", "late_fee") == {"2026-02-03": 500}
    story = asked(story, "2026-02-02", "2026-02-06")
    assert charged(story, "2026-02-09", "late_fee") == {"2026-02-06": 500}


spans = st.tuples(st.integers(0, 50), st.integers(-3, 20), st.integers(1, 15))


@settings(max_examples=10)
@given(STORIES, st.lists(spans, max_size=4))
def test_what_is_held_is_never_late_for_more_and_no_fen_is_lost(story, held):
    """Whatever else happens: no later at the end, and conserved to the fen."""
    kept = story
    for n, (start, length, most) in enumerate(held):
        on = day("2026-01-05") + start
        kept = asked(kept, str(on), str(on + length), days=most, key=f"hold {n}")
    lived = kept.lived("2026-03-10")
    before = story.lived("2026-03-10")
    late = lived.book.standing.days_past_due
    assert (late <= before.book.standing.days_past_due).all()
    assert out_of_balance(lived.transfers) == 0
    assert (lived.book.installments.open_minor >= 0).all()


@settings(max_examples=20)
@given(st.lists(spans, min_size=1, max_size=6))
def test_days_held_are_the_days_of_the_calendar_that_some_request_covers(told):
    """Against a set of days counted one by one."""
    story = bought()
    wanted: set[int] = set()
    for n, (start, length, most) in enumerate(told):
        on = day("2026-01-20") + start
        story = asked(story, str(on), str(on + length), days=most, key=f"hold {n}")
        wanted |= set(range(start, start + min(length, most)))
    due = int((day("2026-01-31") - day("2026-01-20")).astype(int))
    found = late_by_day(story, "2026-01-31", str(day("2026-01-20") + 70))
    assert found == [last - due - sum(due < d <= last for d in wanted) for last in range(due, 71)]


def test_a_refund_that_ended_twice_ended_with_the_first():
    n = 3
    facts = Facts(
        account=np.zeros(n, np.int32),
        kind=np.array(
            [FACT_CODE[k] for k in (FactKind.refund_hold, *2 * (FactKind.refund_end,))], np.int8
        ),
        effective_on=np.array(["2026-02-01", "2026-02-09", "2026-02-05"], "datetime64[D]"),
        amount_minor=np.zeros(n, np.int64),
        about=np.array([-1, 0, 0], np.int32),
        days=np.array([90, 0, 0], np.int32),
        ahead=np.zeros(n, np.bool_),
    )
    assert holds_of(facts).until.tolist() == [day("2026-02-05").item()]
