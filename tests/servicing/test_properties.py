"""What holds of the books whatever happens: money is conserved, nothing is below zero."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.servicing.story import Books, Due, Story, Terms, Told, day

from forbear.batch.books import kept_digest
from forbear.ledger.account import CODE, LedgerAccount
from forbear.ledger.balance import balances_by, out_of_balance
from forbear.ledger.transfer import KIND_CODE, TransferKind, Transfers, joined
from forbear.servicing.allocation import Component, meeting_order, taken
from forbear.servicing.book import PPM, Installments, Standing, new_book
from forbear.servicing.day import closed
from forbear.servicing.fact import FactKind

START, END = "2026-01-05", "2026-03-10"
AMOUNT = st.integers(1, 30_000)
DAYS = st.integers(0, 50).map(lambda n: str(day(START) + n))
A = LedgerAccount


@st.composite
def purchases(draw: st.DrawFn, account: int, key: str) -> Told:
    on, shares = draw(DAYS), draw(st.lists(st.integers(1, 9_000), min_size=1, max_size=4))
    first, least = draw(st.integers(1, 40)), draw(st.sampled_from([PPM, PPM, 100_000]))
    dues = tuple(
        Due(
            due_on=str(day(on) + first + 30 * n),
            bill_on=str(day(on) + max(first + 30 * n - draw(st.integers(0, 20)), 0)),
            starts_on=on if n == 0 else str(day(on) + first + 30 * (n - 1)),
            principal=share,
            interest=draw(st.integers(0, 300)),
            fee=draw(st.integers(0, 60)),
            least_ppm=least,
        )
        for n, share in enumerate(shares)
    )
    amount = sum(shares)
    return Told(account=account, on=on, kind=FactKind.purchase, key=key, amount=amount, dues=dues)


@st.composite
def accounts(draw: st.DrawFn, account: int) -> list[Told]:
    told = [draw(purchases(account, f"p{n}")) for n in range(draw(st.integers(1, 3)))]
    bought = [t.key for t in told]
    paid: list[Told] = []
    for n in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(list(FactKind)[1:]))
        fact = Told(account=account, on=draw(DAYS), kind=kind, key=f"k{n}", amount=draw(AMOUNT))
        if kind in (FactKind.merchant_refund, FactKind.chargeback):
            fact = replace(fact, about=draw(st.sampled_from(bought)))
        elif kind == FactKind.payment:
            fact = replace(fact, ahead=draw(st.booleans()))
            paid.append(fact)
        elif kind == FactKind.payment_reversal:
            if not paid:
                continue
            target = paid.pop()
            later = max(fact.on, target.on)
            fact = replace(fact, about=target.key, on=later, amount=min(fact.amount, target.amount))
        elif kind in (FactKind.extension, FactKind.reage):
            fact = replace(fact, days=draw(st.integers(0, 40)), amount=0)
        elif kind == FactKind.due_day:
            fact = replace(fact, days=draw(st.integers(1, 31)), amount=0)
        elif kind == FactKind.arrangement:
            dues = tuple(
                Due(due_on=str(day(fact.on) + 10 + 30 * i), principal=draw(st.integers(1, 9_000)))
                for i in range(draw(st.integers(1, 3)))
            )
            fact = replace(fact, dues=dues, amount=0)
        elif kind == FactKind.judgment:
            days = sorted(draw(st.lists(st.integers(0, 20), min_size=1, max_size=2)))
            fixed = [
                Due(
                    due_on=str(day(fact.on) + n),
                    principal=draw(st.integers(0, 9_000)),
                    interest=draw(st.integers(0, 900)),
                    penalty_ppm=0,
                )
                for n in days
            ]
            doubled = Due(fixed[0].due_on, 0, penalty_ppm=draw(st.sampled_from([63_000, 900_000])))
            fact = replace(fact, dues=(*fixed, doubled), amount=0)
        elif kind == FactKind.cost:
            fact = replace(fact, dues=(Due(due_on=fact.on, principal=0),))
        elif kind in (FactKind.refund_hold, FactKind.refund_end):
            told += draw(holds(account, f"h{n}", bought))
            continue
        told.append(fact)
    return told


@st.composite
def holds(draw: st.DrawFn, account: int, key: str, bought: list[str]) -> list[Told]:
    """A refund is asked for, of a purchase or of everything, and ends, or does not."""
    on, about = draw(DAYS), draw(st.sampled_from(["", *bought]))
    asked = Told(
        account=account, on=on, kind=FactKind.refund_hold, key=key, about=about,
        days=draw(st.sampled_from([3, 90])),
    )  # fmt: skip
    if draw(st.booleans()):
        return [asked]
    end = str(day(on) + draw(st.integers(-2, 20)))  # told of as it may be: before it began, too
    return [asked, replace(asked, on=end, kind=FactKind.refund_end, key=f"{key}e", about=key)]


TERMS = st.builds(
    Terms,
    basis_days=st.sampled_from([360, 365]),
    grace_days=st.integers(0, 5),
    penalty_ppm=st.sampled_from([0, 182_500, 2_000_000]),
    revolving_ppm=st.sampled_from([0, 182_500]),
    penalized=st.sampled_from([(Component.principal,), (Component.principal, Component.interest)]),
    late_fee_ppm=st.sampled_from([0, 50_000]),
    late_fee_most_minor=st.sampled_from([0, 500]),
    tolerance_minor=st.sampled_from([0, 0, 200]),
    nonaccrual_days=st.sampled_from([10, 90]),
    cap_ppm=st.sampled_from([0, 120_000, 240_000]),
    in_cash=st.booleans(),
    keeps_fee=st.booleans(),
    lowers=st.booleans(),
    order=st.permutations(list(Component)).map(tuple),
    by_component=st.booleans(),
    prepayment_fee_ppm=st.sampled_from([0, 20_000]),
    statement_day=st.sampled_from([0, 5, 28]),
    due_day=st.sampled_from([10, 25]),
    moves_rest=st.booleans(),
)
FEW = settings(max_examples=20)  # each lives two months day by day
STORIES = st.builds(Story, terms=TERMS, told=accounts(0))


def held(books: Books, name: LedgerAccount) -> np.ndarray:
    """Return what the books hold of each installment on one account."""
    m = len(books.book.installments.account)
    return balances_by(books.transfers.due, m, books.transfers)[:, CODE[name]]


@FEW
@given(STORIES)
def test_the_books_and_the_installments_say_the_same(story):
    books = story.lived(END)
    inst = books.book.installments
    assert out_of_balance(books.transfers) == 0
    on_books = ~inst.charged_off
    for component in Component:
        column = inst.open_minor[:, list(Component).index(component)] * on_books
        assert held(books, A(component.value)).tolist() == column.tolist()
    assert held(books, A.unbilled).tolist() == inst.unbilled_minor.tolist()
    assert books.balances().get("unapplied", 0) == books.unapplied()
    assert books.balances().get("rescheduled", 0) == 0


@FEW
@given(STORIES)
def test_nothing_is_ever_below_zero(story):
    books = story.lived(END)
    inst = books.book.installments
    for column in (
        inst.unbilled_minor,
        inst.open_minor,
        inst.principal_minor,
        inst.spared_minor,
        inst.interest_minor - inst.earned_minor,
        books.book.left_minor,
        books.book.standing.held_interest_minor,
        books.book.standing.held_penalty_minor,
    ):
        assert (column >= 0).all()
    assert (books.transfers.amount_minor > 0).all()


@FEW
@given(STORIES)
def test_what_is_no_income_yet_is_still_to_be_paid_by_somebody_late(story):
    books = story.lived(END)
    inst, standing = books.book.installments, books.book.standing
    held = int(standing.held_interest_minor[0] + standing.held_penalty_minor[0])
    assert books.balances().get("suspended_income", 0) == held
    on_books = ~inst.charged_off
    penalty = inst.open_minor[on_books, list(Component).index(Component.penalty)].sum()
    assert standing.held_penalty_minor[0] <= penalty
    assert not held or standing.nonaccrual[0]


@FEW
@given(STORIES)
def test_days_closed_one_by_one_or_twice_are_days_lived_once(story):
    """Each day is closed from a copy of the evening before, and once more: the same either way."""
    facts, agreed, _ = story.facts()
    book = new_book(agreed, accounts=1, facts=len(facts))
    terms = story.terms.columns(1)
    on, parts = facts.effective_on.min(), []
    while on <= day(END):
        today = np.flatnonzero(facts.effective_on == on)
        again = book.copy()
        parts.append(closed(book, facts, today, terms, on=on))
        second = closed(again, facts, today, terms, on=on)
        assert all(
            np.array_equal(getattr(second, f.name), getattr(parts[-1], f.name))
            for f in fields(Transfers)
        )
        on += 1
    whole, told = story.lived(END), joined(parts)
    for f in fields(Transfers):
        assert np.array_equal(getattr(told, f.name), getattr(whole.transfers, f.name))


@FEW
@given(STORIES)
def test_what_came_in_is_met_waits_or_went_back(story):
    books = story.lived(END)
    came = sum(
        t.amount
        for t in books.told
        if t.kind in (FactKind.payment, FactKind.compensation) and t.on <= END
    )
    met = sum(int(m.amount_minor.sum()) for m in books.book.met)
    moved = books.transfers

    def sums(debit, credit):
        legs = (moved.debit == CODE[debit]) & (moved.credit == CODE[credit])
        return int(moved.amount_minor[legs].sum())

    given_back = sums(A.unapplied, A.cash)
    returned = sums(A.merchant_payable, A.unapplied) + sums(A.cash, A.unapplied)
    credited = returned + sums(A.compensation, A.unapplied)
    assert credited >= came
    assert credited == met + books.unapplied() + given_back


@FEW
@given(STORIES)
def test_interest_fees_and_penalties_never_pass_the_cap_but_for_what_was_agreed(story):
    books = story.lived(END)
    standing = books.book.standing
    moved = books.transfers
    charged = np.isin(moved.debit, [CODE[A.penalty]]) & np.isin(
        moved.credit, [CODE[A.penalty_income], CODE[A.suspended_income]]
    )
    charged &= moved.kind != KIND_CODE[TransferKind.delay_interest]  # the law's, not the contract's
    assert int(moved.amount_minor[charged].sum()) <= int(standing.room_minor.sum())


@FEW
@given(st.tuples(*(accounts(n) for n in range(3))), TERMS)
def test_accounts_at_once_are_accounts_one_by_one(each, terms):
    together = Story(terms, [t for told in each for t in told]).lived(END)
    for n, told in enumerate(each):
        alone = Story(terms, [replace(t, account=0) for t in told]).lived(END)
        rows = together.book.installments.account == n
        for f in fields(Installments):
            if f.name not in ("account", "fact"):
                mine = getattr(together.book.installments, f.name)[rows]
                assert mine.tolist() == getattr(alone.book.installments, f.name).tolist(), f.name
        for f in fields(Standing):
            mine = getattr(together.book.standing, f.name)[n]
            assert mine == getattr(alone.book.standing, f.name)[0], f.name
        theirs = together.transfers.rows(together.transfers.account == n)
        key = ["kind", "debit", "credit", "amount_minor", "effective_on"]
        assert sorted(zip(*(getattr(theirs, k).tolist() for k in key), strict=True)) == sorted(
            zip(*(getattr(alone.transfers, k).tolist() for k in key), strict=True)
        )


@FEW
@given(st.tuples(*(accounts(n) for n in range(3))), TERMS)
def test_days_that_look_only_where_something_can_change_are_days_that_look_everywhere(each, terms):
    story = Story(terms, [t for told in each for t in told])
    quick = story.lived(END)
    facts, agreed, told = story.facts()
    slow, conditions = new_book(agreed, accounts=3, facts=len(facts)), terms.columns(3)
    parts, on = [], min(day(t.on) for t in told)
    while on <= day(END):
        today = np.flatnonzero(facts.effective_on == on)
        parts.append(closed(slow, facts, today, conditions, on=on))
        on += 1
    for kind, one, other in (
        (Installments, quick.book.installments, slow.installments),
        (Standing, quick.book.standing, slow.standing),
        (Transfers, quick.transfers, joined(parts)),
    ):
        for f in fields(kind):
            assert getattr(one, f.name).tolist() == getattr(other, f.name).tolist(), f.name
    assert quick.book.left_minor.tolist() == slow.left_minor.tolist()


@FEW
@given(st.tuples(*(accounts(n) for n in range(2))), TERMS, st.randoms())
def test_the_order_of_telling_never_matters(each, terms, random):
    """Rows of facts in any order: the same books to the byte, and those of facts put in order."""
    told = [t for some in each for t in some]
    books, moved = Story(terms, told).lived_as_told(END)
    shuffled = list(told)
    random.shuffle(shuffled)
    others, also = Story(terms, shuffled).lived_as_told(END)
    assert kept_digest(books) == kept_digest(others)
    assert moved.equals(also)
    facts = Story(terms, told).lived(END).transfers
    for name in ("kind", "debit", "credit", "amount_minor"):
        assert moved[name].to_list() == getattr(facts, name).tolist()


@FEW
@given(STORIES)
def test_no_account_has_money_waiting_while_something_is_open(story):
    def each(on, book, _):
        if book.left_minor.any():
            assert not book.installments.open_minor.any(), on

    story.lived(END, each=each)


@FEW
@given(STORIES, AMOUNT, DAYS, st.integers(0, 9))
def test_money_that_repaid_ahead_and_was_taken_back_whole_leaves_the_agreement(
    story, amount, on, later
):
    """What a payment let fall away comes back with the debt: nobody is lent to for nothing."""
    calm = replace(story, told=[t for t in story.told if t.kind == FactKind.purchase])
    paid = calm.tell(on, "payment", amount, key="zz", ahead=True)
    back = str(day(on) + later)
    undone = paid.tell(back, "payment_reversal", amount, key="zzz", about="zz")
    one, other = calm.lived(END).book.installments, undone.lived(END).book.installments
    for name in ("principal_minor", "unbilled_minor"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    for code in (1, 2, 4):  # interest, fee, principal
        some = one.bill_on > day(back)
        assert one.open_minor[some, code].tolist() == other.open_minor[some, code].tolist()


@FEW
@given(STORIES, AMOUNT, DAYS)
def test_a_payment_taken_back_whole_the_same_day_leaves_what_is_owed_as_it_was(story, amount, on):
    paid = story.tell(on, "payment", amount, key="zz")
    undone = paid.tell(on, "payment_reversal", amount, key="zzz", about="zz")
    one, other = story.lived(END), undone.lived(END)
    if any(t.on == on and FactKind(t.kind) in AFTER for t in story.told):
        return  # what comes after the payment on the same day met it
    assert one.open() == other.open()
    assert one.balances() == other.balances()


AFTER = (
    FactKind.payment,
    FactKind.payment_reversal,
    FactKind.waiver,
    FactKind.charge_off,
    FactKind.sale,
    FactKind.payout,
    FactKind.judgment,
)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 500)), max_size=30), st.data())
def test_a_split_gives_out_the_whole_or_all_that_is_open(cells, data):
    owner = np.array(sorted(o for o, _ in cells), np.int64)
    open_minor = np.array([m for _, m in cells], np.int64)
    money = np.array(data.draw(st.lists(st.integers(0, 3000), min_size=5, max_size=5)), np.int64)
    take = taken(owner, open_minor, money)
    assert (take >= 0).all()
    assert (take <= open_minor).all()
    for n in range(5):
        mine = owner == n
        assert take[mine].sum() == min(open_minor[mine].sum(), money[n])
        unmet = np.flatnonzero(take[mine] < open_minor[mine])
        if len(unmet):  # what comes after the first that is not met whole meets nothing
            assert not take[mine][unmet[0] + 1 :].any()


@pytest.mark.parametrize(("by_component", "order"), [(False, [0, 2, 1, 3]), (True, [0, 1, 2, 3])])
def test_components_are_met_of_the_oldest_installment_first_unless_agreed_otherwise(
    by_component, order
):
    owner = np.zeros(4, np.int64)
    due_rank, component = np.array([0, 1, 0, 1]), np.array([1, 1, 4, 4])
    rank = np.arange(len(Component), dtype=np.int8)[None]
    found = meeting_order(
        owner,
        due_rank,
        component,
        rank=rank,
        by_component=np.array([by_component]),
        others=np.zeros(4, np.bool_),
    )
    assert found.tolist() == order
