"""A due day that moves and what is bought after it: the same books, whichever is told first."""

from __future__ import annotations

import random
from datetime import date
from importlib.resources import files

import pytest
from tests.actions.books import US, booked, close, days, digest_of, kept, paid, serviced, view

from forbear.actions.booking_refused import TermsChanged
from forbear.actions.books_check import access_books_check
from forbear.actions.payment_explained import explained
from forbear.store.models import Booking, Owed

pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def owes(ref: str) -> tuple[int, int, date | None]:
    row = Owed.objects.get(account__ref=ref)
    return row.due_minor, row.outstanding_minor, row.oldest_due_on


def story(ref: str, day: int):
    """Something is bought before the due day moves, and something after it."""
    return [
        lambda: booked(ref, "purchase", "2026-08-10", 30_000, key="p", installments=3),
        lambda: booked(ref, "due_day", "2026-09-20", key="d", days=day),
        lambda: booked(ref, "purchase", "2026-09-25", 24_000, key="q", installments=3),
    ]


def due_days(ref: str, key: str) -> list[str]:
    """Return when a purchase falls due, as the books of the last close have it."""
    dues = kept().dues.sort("number")
    return [str(d["due_on"]) for d in dues.rows(named=True) if d["key"] == f"booking:{ref}/{key}"]


@pytest.mark.parametrize(
    ("product", "day", "due"), [("paylater", 25, "2026-10-25"), ("card", 15, "2026-10-15")]
)
def test_a_due_day_told_last_gives_the_books_of_one_told_in_time(product, day, due):
    """One lender hears of the move on its day, the other when penalties are charged already."""
    in_time, late = serviced(product=product), serviced(product=product)
    for tell in story(in_time, day):
        tell()
    bought, moved, again = story(late, day)
    again()
    bought()
    close("2026-10-09")
    close("2026-10-16")
    assert owes(in_time) != owes(late)
    moved()
    assert not moved().added
    assert owes(in_time) == owes(late)  # at once
    assert view(in_time) == view(late)
    for ref in (in_time, late):
        paid(ref, "2026-10-17", 15_000, key="a")
    close("2026-10-27")
    assert due_days(late, "q")[0] == due_days(in_time, "q")[0] == due
    books = kept()
    assert digest_of(books, in_time) == digest_of(books, late)
    assert view(in_time) == view(late)
    assert owes(in_time) == owes(late)
    one, other = (explained(US, f"{ref}/a") for ref in (in_time, late))
    assert [p.due_on for p in one.pieces] == [p.due_on for p in other.pieces]
    found = access_books_check(US, progress=lambda *_: None)
    assert found.holds, found


def moves(ref: str):
    """Three moves, two of them of one day; one thing is bought on the day of the first."""
    return [
        *story(ref, 25),
        lambda: booked(ref, "purchase", "2026-09-20", 6_000, key="s", installments=1),
        lambda: booked(ref, "due_day", "2026-09-28", key="e", days=5),
        lambda: booked(ref, "due_day", "2026-09-28", key="Z", days=18),  # a key before "e"
        lambda: booked(ref, "purchase", "2026-09-30", 9_000, key="r", installments=6),
        lambda: paid(ref, "2026-10-02", 8_000, key="a"),
    ]


def test_moves_and_purchases_told_in_any_order_before_or_after_their_days():
    """Closes go on meanwhile; what is told ahead of the day that is closed waits for it."""
    chance = random.Random(1)
    refs = [serviced() for _ in range(12)]
    heard = days("2026-09-18", "2026-10-03")
    waiting = [(chance.choice(heard), chance.random(), tell) for ref in refs for tell in moves(ref)]
    waiting.sort(key=lambda each: each[:2])
    for on in heard:
        while waiting and waiting[0][0] <= on:
            waiting.pop(0)[2]()
        close(on)
    close("2026-10-06")
    books = kept()
    assert due_days(refs[0], "s") == ["2026-12-05"]  # to the 25th, the 18th, the 5th: each later
    assert due_days(refs[0], "r")[:2] == ["2026-10-05", "2026-11-05"]
    assert len({digest_of(books, ref) for ref in refs}) == 1
    assert all(view(ref) == view(refs[0]) for ref in refs)
    assert {owes(ref) for ref in refs} == {owes(refs[0])}


def test_what_was_told_ahead_of_the_day_that_is_closed_follows_a_due_day_that_comes_before_it():
    """Closes lag: what was bought on the 25th is in the books when the move of the 20th is told."""
    in_time, ahead = serviced(), serviced()
    bought, moved, again = story(ahead, 25)
    for tell in (*story(in_time, 25), bought, again):
        tell()
    close("2026-09-19")
    moved()
    close("2026-09-26")
    books = kept()
    assert due_days(ahead, "q")[0] == "2026-10-25"
    assert digest_of(books, ahead) == digest_of(books, in_time)
    assert view(ahead) == view(in_time)


def test_a_purchase_of_the_day_on_which_the_due_day_moves_is_moved_like_any_other():
    """Within a day a purchase counts before a due day (L-5); each order gives the later day."""
    one, other = serviced(), serviced()
    for ref, order in ((one, (0, 1)), (other, (1, 0))):
        told = [
            lambda ref=ref: booked(ref, "purchase", "2026-09-20", 6_000, key="s", installments=1),
            lambda ref=ref: booked(ref, "due_day", "2026-09-20", key="d", days=5),
        ]
        for n in order:
            told[n]()
    close("2026-09-21")
    assert due_days(one, "s") == due_days(other, "s") == ["2026-11-05"]


def test_a_due_day_keeps_what_it_makes_of_what_was_told_before_it_and_of_nothing_else():
    ref = serviced()
    bought, moved, again = story(ref, 25)
    again()
    bought()
    moved()
    held = Booking.objects.get(kind="due_day").schedule
    assert [each["about"] for each in held] == [f"booking:{ref}/q"]
    assert [due["due_on"] for due in held[0]["dues"]] == ["2026-10-25", "2026-11-25", "2026-12-25"]
    own = Booking.objects.get(source_key=f"booking:{ref}/q").schedule
    assert own[0]["due_on"] == "2026-10-11"  # what was agreed with it stays as it was written


def test_terms_that_were_changed_in_their_file_are_not_agreed_behind_the_borrowers_back(
    tmp_path, monkeypatch
):
    """A purchase is made anew only under the terms that its account's contract was made under."""
    ref = serviced()
    bought, moved, again = story(ref, 25)
    again()
    own = tmp_path / "packs" / "house" / "products"
    own.mkdir(parents=True)
    shipped = (files("forbear") / "packs" / "house" / "products" / "paylater.yaml").read_text()
    (own / "paylater.yaml").write_text(shipped.replace("fee_ppm: 6000}", "fee_ppm: 6500}"))
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path / "packs"))
    with pytest.raises(TermsChanged, match="1 purchases of account"):
        moved()
    monkeypatch.delenv("FORBEAR_PACKS")
    moved()
    bought()
