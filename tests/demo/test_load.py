"""The demo book goes into the database whole, once, and never beside another one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from forbear.actions.demo import OtherDemoBook, do_make_demo
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.demo.agencies import AGENCIES, MOST, placed_with
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


@pytest.mark.django_db
def test_people_whom_two_agencies_called_are_placed_with_the_one_that_called_last():
    from forbear.actions.sight import placed, seen_people
    from forbear.store.models import Agency, Attempt

    report = make()
    agencies = {agency.name: agency.pk for agency in Agency.objects.all()}
    assert set(agencies) == {"安和", "明德"}
    assert report.placed == placed().values("account__person").distinct().count() > 0
    for user, name in AGENCIES.items():
        at = Reader(actor="user:x", abilities=ROLES["collector"], agency_id=agencies[name])
        people = list(seen_people(at))
        assert 0 < len(people) <= MOST
        for person in people:
            calls = Attempt.objects.filter(person=person, actor__startswith="agency:")
            assert calls.latest("at").actor == f"agency:{user}"


@pytest.mark.django_db
def test_the_same_book_again_places_nobody_whom_somebody_took_back():
    from forbear.actions.agency import do_recall
    from forbear.actions.sight import placed

    make()
    refs = list(placed().values_list("account__ref", flat=True))
    do_recall(READER, refs=refs, at=datetime.now(UTC))
    assert make().placed == 0
    assert not placed().exists()


def test_placements_of_a_book_are_the_same_each_time_and_never_too_many():
    def wanted() -> dict[str, list[str]]:
        return placed_with(demo_book(np.random.default_rng(3), people=6_000, as_of=AS_OF).tables)

    found = wanted()
    assert found == wanted()
    assert max(len(refs) for refs in found.values()) == MOST
    refs = [ref for placed in found.values() for ref in placed]
    assert len(set(refs)) == len(refs)


@pytest.mark.django_db
def test_the_occasions_of_the_book_open_duties_with_and_without_a_day_and_past_it():
    from forbear.actions.duties import access_duty_counts
    from forbear.actions.duty import age_duties
    from forbear.store.models import Duty
    from forbear.store.packs import fetch_law

    make(people=3_000)
    age_duties(fetch_law(), as_of=AS_OF, actor="test")
    opened = Duty.objects.filter(because__startswith="occasion:")
    assert set(opened.values_list("clock", flat=True)) == {"within", "before", "throughout"}
    counts = access_duty_counts(READER, today=AS_OF)
    assert all(counts[state] for state in ("open", "past_due", "soon", "standing"))
