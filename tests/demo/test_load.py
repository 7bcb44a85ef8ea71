"""The demo book goes into the database whole, once, and never beside another one."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from forbear.actions.demo import OtherDemoBook, do_make_demo
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.demo.book import demo_book
from forbear.demo.cast import AWKWARD

AS_OF = date(2026, 11, 20)
READER = machine("test")


def make(**changes):
    wanted = {"people": 300, "as_of": AS_OF, "seed": 3, "progress": lambda *_: None} | changes
    return do_make_demo(READER, **wanted)


@pytest.mark.django_db
def test_every_fact_is_stored_once_and_the_same_book_again_adds_nothing():
    report = make()
    book = demo_book(np.random.default_rng(3), people=300, as_of=AS_OF)
    for table, rows in book.tables.items():
        key = {"person": "ref", "account": "ref"}.get(table, "source_key")
        assert report.added[table] == rows[key].n_unique(), table
    assert report.added["person"] == report.people == 300
    again = make()
    assert not any(again.added.values())
    assert "already" in again.in_words()


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"seed": 4}, {"people": 301}, {"as_of": date(2026, 11, 21)}])
def test_another_demo_in_the_same_book_is_refused_and_leaves_no_trace(other):
    from forbear.store.models import Attempt, Person

    make()
    before = Person.objects.count(), Attempt.objects.count()
    with pytest.raises(OtherDemoBook, match="2026-11-20, seed 3"):
        make(**other)
    assert (Person.objects.count(), Attempt.objects.count()) == before


@pytest.mark.django_db
def test_nobody_in_the_demo_book_can_be_sent_to():
    from forbear.store.models import ContactPoint

    make()
    assert ContactPoint.objects.exists()
    assert not ContactPoint.objects.filter(fictional=False).exists()


@pytest.mark.django_db
def test_progress_ends_at_the_total():
    seen = []
    make(progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.django_db
def test_the_smallest_book_is_the_awkward_people_alone():
    assert make(people=0).people == len(AWKWARD)


@pytest.mark.django_db
def test_a_collector_cannot_fill_the_book():
    collector = Reader(actor="user:li", abilities=ROLES["collector"])
    with pytest.raises(NotAllowed):
        do_make_demo(collector, people=0, as_of=AS_OF, seed=1, progress=lambda *_: None)
