"""Paying early: whoever pays what was quoted, on its day, owes nothing and has nothing left."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.products import loan, terms
from tests.servicing.story import Due, Story, Terms, day, purchase_of

from forbear.servicing.agreement import Caps, conditions, conditions_kept, dues_kept
from forbear.servicing.book import Agreed, new_book
from forbear.servicing.day import ONE, happened, lived
from forbear.servicing.fact import FACT_CODE, FactKind, Facts
from forbear.servicing.payoff import fees_early, quote

CAP_PPM = 240_000
PRODUCTS = [
    *((name, terms(name)) for name in ("paylater", "card", "micro_loan")),
    ("paylater keeps fees", terms("paylater", unbilled_fee="kept")),
    ("card lowers", terms("card", prepaid="lowers")),
    ("paid for early", terms("paylater", prepayment_fee_ppm=5_000)),
    ("bullet", loan("bullet", installments=6, rate_ppm=180_000, rounding="half_even")),
    ("level", loan("equal_installment", installments=12, rate_ppm=230_000, prepaid="shortens")),
    ("by principal", loan("equal_principal", installments=3, rate_ppm=90_000, remainder="first")),
    ("kept and paid for", terms("micro_loan", unbilled_fee="kept", prepayment_fee_ppm=10_000)),
]
PLANS = [(name, t, plan.installments) for name, t in PRODUCTS for plan in t.plans]


def bought(product, minor, count, *, on, payments=(), cap_ppm=CAP_PPM):
    """Return the books of one purchase and of what is paid, before the first day."""
    kept = dues_kept(product, amount_minor=minor, on=date.fromisoformat(on), installments=count)
    n = len(kept)
    paid = sorted(payments)
    column = lambda name, kind: np.array([d[name] for d in kept], kind)  # noqa: E731
    agreed = Agreed(
        account=np.zeros(n, np.int32),
        fact=np.zeros(n, np.int32),
        number=np.arange(1, n + 1, dtype=np.int16),
        **{k: column(k, "datetime64[D]") for k in ("starts_on", "bill_on", "due_on")},
        **{k: column(k, np.int64) for k in kept[0] if k.endswith(("_minor", "_ppm"))},
        revolves_on=column("revolves_on", "datetime64[D]"),
    )
    e = 1 + len(paid)
    facts = Facts(
        account=np.zeros(e, np.int32),
        kind=np.array([FACT_CODE[FactKind.purchase]] + [FACT_CODE[FactKind.payment]] * (e - 1)),
        effective_on=np.array([on, *(p[0] for p in paid)], "datetime64[D]"),
        amount_minor=np.array([minor, *(p[1] for p in paid)], np.int64),
        about=np.full(e, -1, np.int32),
        days=np.zeros(e, np.int32),
        ahead=np.array([False, *(p[2] for p in paid)]),
    )
    book = new_book(agreed, accounts=1, facts=e)
    return (
        book,
        facts,
        conditions([conditions_kept(product, Caps(cap_ppm=cap_ppm))], np.zeros(1, int)),
    )


def live(found, until):
    book, facts, terms_ = found
    lived(book, facts, lambda _: terms_, since=facts.effective_on[0], until=until)
    return book, terms_


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(PLANS),
    st.integers(0, 10**6),
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(1, 80), st.integers(1, 10**5), st.booleans()), max_size=2),
)
def test_the_quote_of_a_day_is_what_the_books_take_on_it(plan, above, wait, earlier):
    _, product, count = plan
    minor = min(product.least_minor + above, product.most_minor)
    start = "2026-01-10"
    on = day(start) + 1 + wait
    before = [(str(day(start) + d), paid, ahead) for d, paid, ahead in earlier if d < 1 + wait]
    asked = quote(*live(bought(product, minor, count, on=start, payments=before), on), on=on)
    total = int(asked.total_minor[0])
    if not total:
        return
    paid = [*before, (str(on), total, True)]
    book, _ = live(bought(product, minor, count, on=start, payments=paid), on + ONE)
    inst = book.installments
    assert not inst.open_minor.any()
    assert not inst.unbilled_minor.any()
    assert book.left_minor[-1] == 0  # money that came before may wait still
    short = [*before, (str(on), total - 1, True)]
    if total == 1 or product.prepayment_fee_ppm:  # what only lowers an installment is free (L-11)
        return
    book, _ = live(bought(product, minor, count, on=start, payments=short), on + ONE)
    inst = book.installments
    to_come = (inst.unbilled_minor + inst.interest_minor + inst.fee_minor) * ~inst.billed
    assert inst.open_minor.sum() + to_come.sum() - book.left_minor[-1] >= 1


@pytest.mark.parametrize("plan", PLANS[::4], ids=lambda plan: f"{plan[0]} {plan[2]}")
def test_on_every_day_of_every_plan_the_quote_is_the_principal_and_the_time(plan):
    """From the first day on: the whole principal, and interest that never falls while one waits."""
    _, product, count = plan
    minor = max(product.least_minor, 100_000)
    found = bought(product, minor, count, on="2026-01-10")
    book, facts, terms_ = found
    asked = [quote(*live(found, day("2026-01-11")), on=day("2026-01-11"))]
    seen = []
    lived(
        book,
        facts,
        lambda _: terms_,
        since=day("2026-01-11"),
        until=day("2026-02-20"),
        each=lambda on, now, _: seen.append(quote(now, terms_, on=on + ONE)),
    )
    totals = [int(each.total_minor[0]) for each in asked + seen]
    assert all(int(each.principal_minor[0]) == minor for each in asked + seen)
    assert totals == sorted(totals)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([plan for plan in PLANS if plan[1].unbilled_fee == "kept"]),
    st.integers(0, 10**6),
    st.integers(0, 60),
    st.sampled_from([0, 60_000, 240_000, 2_400_000]),
    st.integers(1, 100),
)
def test_what_paying_early_costs_is_never_above_what_the_cap_leaves(
    plan, above, wait, cap_ppm, percent
):
    """Whole or in part: beside interest, fees take at most the room, and the rest is counted."""
    _, product, count = plan
    minor, start = min(product.least_minor + above, product.most_minor), "2026-01-10"
    on = day(start) + 1 + wait
    book, terms_ = live(bought(product, minor, count, on=start, cap_ppm=cap_ppm), on)
    asked = quote(book, terms_, on=on)
    billed = book.installments.billed
    room = int((book.standing.room_minor - book.standing.charged_minor)[0])
    agreed = fees_early(book, terms_, np.flatnonzero(~billed))
    owed_early = int((asked.interest_minor - book.installments.open_minor[:, 1].sum())[0])
    left = max(room - owed_early, 0)
    open_fees = int(book.installments.open_minor[:, 2].sum())
    fees = int((asked.fee_minor + asked.prepayment_fee_minor)[0]) - open_fees
    assert fees == min(int(sum(agreed).sum()), left)
    assert int(asked.above_cap_minor[0]) == int(sum(agreed).sum()) - fees
    paid = max(int(asked.total_minor[0]) * percent // 100, 1)
    found = bought(
        product, minor, count, on=start, cap_ppm=cap_ppm, payments=[(str(on), paid, True)]
    )
    after, facts, _ = found
    live(found, on)
    happened(after, facts, np.array([1]), terms_, on=on)
    inst, early = after.installments, after.installments.billed & ~billed
    charged = int((after.standing.charged_minor - book.standing.charged_minor)[0])
    assert charged == int((inst.interest_minor + inst.fee_minor)[early].sum())
    assert int(inst.fee_minor[early].sum()) <= left
    cut = int((after.standing.above_cap_minor - book.standing.above_cap_minor)[0])
    whole = fees_early(book, terms_, np.flatnonzero(early))
    assert cut == int(sum(whole).sum()) - int(inst.fee_minor[early].sum())
    if percent == 100:
        assert (inst.fee_minor[early].sum(), cut) == (fees, asked.above_cap_minor[0])


THREE = (
    Due("2026-02-11", 10_000, interest=300, bill_on="2026-02-01"),
    Due("2026-03-11", 10_000, interest=200, bill_on="2026-03-01", starts_on="2026-02-11"),
    Due("2026-04-11", 10_000, interest=100, bill_on="2026-04-01", starts_on="2026-03-11"),
)


def lent(**conditions_) -> Story:
    return Story(Terms(**conditions_)).tell(
        "2026-01-10", "purchase", key="p", **purchase_of(30_000, THREE)
    )


def quoted(story: Story, on: str):
    book = story.lived(str(day(on) - 1)).book
    return quote(book, story.terms.columns(1), on=day(on))


def test_a_loan_settled_early_bears_interest_for_the_days_used_by_hand():
    """300.00 for a month at 3.00: ten of its 32 days are 0.93."""
    found = quoted(lent(), "2026-01-20")
    assert (found.principal_minor[0], found.interest_minor[0]) == (30_000, 93)
    assert found.total_minor.tolist() == [30_093]


def test_paying_early_costs_what_was_agreed_of_the_principal():
    """1 % of 300.00, as far as the cap leaves room: 24 % / 365 of it a day, 1.972 in ten days.

    0.93 of that are interest, so that 1.04 are left for the fee. A wider cap leaves all 3.00.
    """
    assert quoted(lent(prepayment_fee_ppm=10_000), "2026-01-20").prepayment_fee_minor == [104]
    wide = lent(prepayment_fee_ppm=10_000, cap_ppm=2_400_000)
    assert quoted(wide, "2026-01-20").prepayment_fee_minor == [300]
    books = wide.tell("2026-01-20", "payment", 30_393, ahead=True).lived("2026-05-01")
    assert books.balances() == {
        "cash": 30_393,
        "merchant_payable": 30_000,
        "interest_income": 93,
        "fee_income": 300,
    }


def test_what_only_lowers_an_installment_costs_nothing():
    """50.00 ahead, and the product shortens: the last installment is halved, no fee is charged."""
    story = lent(prepayment_fee_ppm=10_000, cap_ppm=2_400_000)
    books = story.tell("2026-01-20", "payment", 5_000, ahead=True).lived("2026-01-20")
    assert books.balances().get("fee_income", 0) == 0
    assert books.book.installments.unbilled_minor.tolist() == [10_000, 10_000, 5_000]


def test_a_fee_for_paying_early_goes_with_the_money_that_bounced():
    story = lent(prepayment_fee_ppm=10_000, cap_ppm=2_400_000)
    story = story.tell("2026-01-20", "payment", 30_393, key="x", ahead=True)
    books = story.tell("2026-01-22", "payment_reversal", 30_393, about="x").lived("2026-04-11")
    assert books.balances().get("fee_income", 0) == 0
    assert books.balances()["interest_income"] == 600
