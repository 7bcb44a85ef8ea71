"""Closing the books: the same facts give the same books, whenever they come in."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta

import pytest
from tests.actions.books import (
    FIRST,
    US,
    booked,
    close,
    days,
    digest_of,
    kept,
    paid,
    serviced,
    view,
)

from forbear.actions.close import (
    BeforeBooks,
    CloseRunning,
    NeverClosed,
    close_before_night,
    do_close,
)
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.batch.books import begun, kept_digest
from forbear.batch.living import as_day, lived_again
from forbear.store import books as store
from forbear.store.models import Close, Evidence, Owed, Transfer
from forbear.store.server import database_url, home

pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def owes(ref: str) -> tuple[int, int, date | None]:
    row = Owed.objects.get(account__ref=ref)
    return row.due_minor, row.outstanding_minor, row.oldest_due_on


def judged(ref: str, on: str, minor: int):
    told = {"plan": [(date.fromisoformat(on), minor)], "principal_minor": minor, "reason": "No. 1"}
    return booked(ref, "judgment", on, minor, key="j", **told)


def happenings(ref: str):
    """What is bought, money that bounces, a refund, a waiver, a judgment: in the order of days.

    The due day moves twice, and what is bought after each move falls due on it.
    """
    return [
        lambda: booked(ref, "purchase", "2026-01-10", 30_000, key="p", installments=3),
        lambda: booked(ref, "due_day", "2026-01-15", key="d", days=20),
        lambda: booked(ref, "purchase", "2026-01-20", 9_000, key="q", installments=1),
        lambda: paid(ref, "2026-02-05", 4_000, key="a"),
        lambda: booked(ref, "due_day", "2026-02-12", key="e", days=8),
        lambda: paid(ref, "2026-02-14", 9_000, key="b"),
        lambda: paid(ref, "2026-02-17", 9_000, key="b", stage="reversed"),
        lambda: booked(ref, "merchant_refund", "2026-02-20", 12_000, about=f"{ref}/p"),
        lambda: booked(ref, "compensation", "2026-02-21", 500, reason="wrong call"),
        lambda: booked(ref, "purchase", "2026-02-24", 6_000, key="r", installments=3),
        lambda: booked(ref, "waiver", "2026-03-02", 40, reason="goodwill"),
        lambda: paid(ref, "2026-03-05", 3_000, key="c"),
        lambda: judged(ref, "2026-03-07", 1_000),
        lambda: paid(ref, "2026-03-09", 300, key="e"),
    ]


DAYS = (
    "2026-01-10 2026-01-15 2026-01-20 2026-02-05 2026-02-12 2026-02-14 2026-02-17 2026-02-20"
    " 2026-02-21 2026-02-24 2026-03-02 2026-03-05 2026-03-07 2026-03-09"
).split()
REFUND, WAIVER = DAYS.index("2026-02-20"), DAYS.index("2026-03-02")
JUDGMENT = DAYS.index("2026-03-07")


def test_a_day_bills_what_is_due_and_says_what_is_owed():
    """One purchase of 90.00, billed on the 1st and due on the 11th."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-01-31")
    assert owes(ref) == (0, 9_000, None)
    report = close("2026-02-12")
    assert owes(ref) == (9_004, 9_004, date(2026, 2, 11))  # 0.05 % of the first day past it
    assert report["balances"] == {
        "CNY": {"merchant_payable": -9_000, "penalty": 4, "penalty_income": -4, "principal": 9_000}
    }


def test_any_order_of_arrival_gives_the_same_books():
    """The same facts happen to eight accounts; each learns of them in its own order and time."""
    chance = random.Random(4)
    refs = [serviced() for _ in range(8)]
    waiting = []
    for ref in refs:
        told = happenings(ref)
        heard = [date.fromisoformat(on) for on in DAYS]
        if ref != refs[0]:
            # A fact that others are about is learned no later than they are.
            heard = [max(day, chance.choice(days("2026-01-12", "2026-03-08"))) for day in heard]
            heard[0] = min(heard[0], heard[REFUND] - timedelta(1))
            heard[JUDGMENT] = max(heard[JUDGMENT], heard[0] + timedelta(1))
            heard[WAIVER] = max(heard[WAIVER], heard[0] + timedelta(1))  # none of nothing
        waiting += [(day, chance.random(), tell) for day, tell in zip(heard, told, strict=True)]
    waiting.sort(key=lambda each: each[:2])
    for on in days("2026-02-01", "2026-03-10"):
        while waiting and waiting[0][0] <= on:
            tell = waiting.pop(0)[2]
            tell()
            assert not tell().added  # the same again changes nothing
        close(on)
    assert not waiting
    books = kept()
    assert len({digest_of(books, ref) for ref in refs}) == 1
    assert all(view(ref) == view(refs[0]) for ref in refs)
    assert {owes(ref) for ref in refs} == {owes(refs[0])}
    corrected = Transfer.objects.filter(reverses=True)
    assert corrected.exists()
    assert not corrected.filter(account__ref=refs[0]).exists()


def test_the_books_of_many_closes_are_those_of_one_life():
    """Every day again from the facts alone gives the digest that the closes wrote down."""
    ref, on = serviced(), "2026-03-10"
    for tell in happenings(ref):
        tell()
        close("2026-02-10")
    close(on)
    with store.seen(database_url()) as at:
        contracts = store.fetch_contracts(at)
        facts = store.fetch_facts(at, accounts=[ref])
    again, _ = lived_again(begun(contracts, facts), until=as_day(date(2026, 3, 11)))
    assert kept_digest(again) == Close.objects.get(as_of=on).state_digest


def test_a_day_is_closed_once():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    first = close("2026-02-12")
    rows = Transfer.objects.count()
    again = close("2026-02-12")
    assert again["closed_before"]
    assert again["state_digest"] == first["state_digest"]
    assert (Transfer.objects.count(), Close.objects.count()) == (rows, 1)
    with pytest.raises(NeverClosed):
        close("2026-02-11")


def test_the_books_begin_with_the_first_contract():
    """A year that was mistyped closes nothing; a hundred years of nothing are not caught up."""
    assert do_close(US, as_of=date(1899, 1, 1), progress=lambda _: None) == []
    ref = serviced()
    with pytest.raises(BeforeBooks, match="2006-02-12 lies before 2026-01-05"):
        close("2006-02-12")
    close_before_night(US, as_of=date(2026, 1, 4), progress=lambda _: None)  # nothing to close yet
    assert not Close.objects.exists()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close(FIRST)
    assert Close.objects.get().as_of == FIRST


def test_days_before_the_first_contract_are_not_caught_up():
    """Books that were closed long ago, without an account, go on with the first contract's day."""
    Close.objects.create(
        as_of=date(1899, 1, 1), accounts=0, late=0, transfers=0, corrected=0,
        state_digest="", balances={}, actor="test",
    )  # fmt: skip
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    reports = do_close(US, as_of=FIRST + timedelta(days=1), progress=lambda _: None)
    assert [r["as_of"] for r in reports] == ["2026-01-05", "2026-01-06"]
    with pytest.raises(NeverClosed):
        close("2006-02-12")


def test_missed_days_are_caught_up_one_by_one():
    """Closed every day, or not for a month: the same books."""
    one, other = serviced(), serviced()
    for ref in (one, other):
        booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-02-01")
    reports = do_close(US, as_of=date(2026, 2, 20), progress=lambda _: None)
    assert [r["as_of"] for r in reports] == [str(d) for d in days("2026-02-02", "2026-02-20")]
    assert Close.objects.count() == 20


def test_books_whose_files_are_lost_are_made_again_and_nothing_is_corrected():
    ref = serviced()
    for tell in happenings(ref):
        tell()
    close("2026-03-09")
    shutil.rmtree(home() / "books")
    report = close("2026-03-10")
    assert (report["late"], report["corrected"]) == (1, 0)


def test_files_that_were_changed_are_not_believed():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-02-12")
    path = home() / "books" / "2026-02-12" / "dues.parquet"
    path.write_bytes((home() / "books" / "2026-02-12" / "facts.parquet").read_bytes())
    report = close("2026-02-13")
    assert (report["late"], report["corrected"]) == (1, 0)


def test_a_payment_that_came_in_time_and_is_told_late_takes_back_what_was_charged():
    """Paid on the 11th, told after the close of the 20th: no penalty stands."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    close("2026-02-20")
    assert owes(ref) == (9_040, 9_040, date(2026, 2, 11))  # nine days of 4.5 fen
    paid(ref, "2026-02-11", 9_000)
    assert owes(ref) == (0, 0, None)
    undone = Transfer.objects.filter(reverses=True)
    assert len(undone) == 9  # the penalty of each day, 40 in all
    assert {t.booked_on for t in undone} == {date(2026, 2, 21)}
    report = close("2026-02-21")
    assert owes(ref) == (0, 0, None)
    assert report["corrected"] == 0  # nothing was left to the close
    assert report["balances"] == {"CNY": {"cash": 9_000, "merchant_payable": -9_000}}


def test_the_payer_says_late_what_a_payment_was_for():
    """A payment meets the older purchase until it is known to be for the other one."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    booked(ref, "purchase", "2026-02-03", 5_000, key="q", installments=1)
    paid(ref, "2026-03-05", 5_000, key="x")
    close("2026-03-05")
    booked(ref, "designation", "2026-03-06", about=f"{ref}/x", meant=f"{ref}/q")
    close("2026-03-06")
    met = Transfer.objects.filter(account__ref=ref, kind="allocation", reverses=False)
    stands = [each for each in view(ref) if each[0] == "allocation"]
    assert met.count() == 3
    assert [each[5] for each in stands] == ["booking:/q"]


def test_the_evidence_log_holds_each_close_with_its_digest():
    serviced()
    report = close("2026-02-12")
    entry = Evidence.objects.get(kind="close")
    assert report["state_digest"] in entry.entry
    assert Evidence.objects.filter(kind="contract").count() == 1


def test_who_may_not_run_a_night_may_not_close():
    with pytest.raises(NotAllowed):
        do_close(
            Reader(actor="u", abilities=ROLES["collector"]), as_of=FIRST, progress=lambda _: None
        )


def test_one_close_at_a_time():
    with store.only_close(database_url()) as free:
        assert free
        with pytest.raises(CloseRunning):
            close("2026-02-12")


def test_payments_are_taken_while_a_close_is_at_work():
    """One that comes in after the close began to read stands in the next one, on its own day."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)

    def meanwhile(step: str) -> None:
        if step == "live":
            paid(ref, "2026-02-11", 9_000)

    close("2026-02-12", progress=meanwhile)
    assert owes(ref)[0] == 9_004
    close("2026-02-13")
    assert owes(ref) == (0, 0, None)
