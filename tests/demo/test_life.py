"""The demo book that lives: drawn facts that keep the products' terms, and nights that balance."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.beans import agree
from tests.conftest import a_fresh_database

from forbear.actions.books_check import access_books_check
from forbear.actions.contact import connected
from forbear.actions.demo import do_make_demo
from forbear.actions.demo_life import BookNotEmpty, do_live_demo
from forbear.actions.evidence_seals import check_seals
from forbear.actions.reader import machine
from forbear.demo.life import drawn_life, first_night
from forbear.servicing.agreement import dues_kept
from forbear.servicing.fact import BookingKind
from forbear.servicing.offer import offer
from forbear.servicing.product import terms_on
from forbear.store.models import Close, Evidence, Payment, Person, Transfer
from forbear.store.packs import fetch_law, fetch_products

pytestmark = pytest.mark.xdist_group("life")  # one life for the whole module
US, AS_OF = machine("test"), date(2026, 3, 20)
ASKED = {"people": 160, "as_of": AS_OF, "seed": 5, "months": 1}
ONE_LIFE = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "forbear.settings"
import django; django.setup()
from datetime import date
import forbear.actions.close as close
from forbear.actions.demo_life import do_live_demo
from forbear.actions.reader import machine
nights = 0
whole = close._close_day
def killed(reader, on, last, progress):
    def step(name):
        if on == date(2026, 3, 1) and name == "commit":  # everything is written, nothing committed
            os.kill(os.getpid(), signal.SIGKILL)
        progress(name)
    return whole(reader, on, last, step)
close._close_day = killed
do_live_demo(machine("test"), people=160, as_of=date(2026, 3, 20), seed=5, months=1,
             progress=lambda *_: None)
"""


def drawn(seed: int = 1, n: int = 400):
    return drawn_life(
        np.random.default_rng(seed),
        pl.Series([f"demo:{k:06}" for k in range(n)]),
        law=fetch_law(),
        products=fetch_products(),
        start=date(2024, 4, 1),
        as_of=date(2026, 3, 31),
    )


@pytest.fixture(scope="module")
def life():
    return drawn()


def test_the_same_seed_gives_the_same_life_to_the_byte(life):
    assert drawn().digest == life.digest
    assert drawn(seed=2).digest != life.digest


def test_every_kind_of_booking_and_every_kind_of_payment_happens(life):
    kinds = set(drawn(n=3_000).tables["booking"]["kind"])
    assert kinds == {kind.value for kind in BookingKind}
    paid = life.tables["payment"]
    assert set(paid["stage"]) == {"settled", "reversed"}
    late = (paid["told_on"] - paid["effective_on"]).dt.total_days()
    assert late.min() == 0
    assert late.max() > 30
    assert life.told_twice > 0
    assert len(paid) - paid["source_key"].n_unique() == life.told_twice


def test_what_is_lent_is_offered_by_the_product_and_agreed_as_the_gate_would(life):
    """A sample of purchases asked of the same functions that a booking by API asks."""
    law, products = fetch_law(), fetch_products()
    contracts = life.tables["contract"].select("account_ref", "product", "formed_on")
    bought = life.tables["booking"].filter(pl.col("kind") == "purchase")
    moves = life.tables["booking"].filter(pl.col("kind") == "due_day")
    later = moves.select("account_ref", moved_on="effective_on")
    later = bought.join(later, on="account_ref").filter(pl.col("effective_on") > pl.col("moved_on"))
    assert len(later) > 5
    some = pl.concat([bought.sample(60, seed=1), later.drop("moved_on")])
    for row in some.join(contracts, on="account_ref").iter_rows(named=True):
        terms = terms_on(products, row["product"], on=row["formed_on"])
        kept = json.loads(row["schedule"])
        on, minor = row["effective_on"], row["amount_minor"]
        asked = {"amount_minor": minor, "installments": len(kept), "on": on}
        theirs = (pl.col("account_ref") == row["account_ref"]) & (pl.col("effective_on") < on)
        moved = moves.filter(theirs)
        assert kept == dues_kept(terms, **asked, due_day=sum(moved["days"]))
        assert not offer(law, terms, **asked).refusals, (terms.product, asked)
        assert sum(due["principal_minor"] for due in kept) == minor


def test_the_first_night_is_the_day_after_the_same_day_so_many_months_before():
    assert first_night(date(2026, 3, 31), 1) == date(2026, 3, 1)
    assert first_night(date(2026, 11, 21), 24) == date(2024, 11, 22)


@pytest.fixture(scope="module")
def lived(template_database, django_db_blocker, tmp_path_factory):
    """A month of nights, in one go."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORBEAR_HOME", str(tmp_path_factory.mktemp("home")))
        with a_fresh_database(template_database, django_db_blocker):
            yield do_live_demo(US, progress=lambda *_: None, **ASKED)


@pytest.mark.slow
def test_a_month_of_nights_balances_each_night_and_holds_when_lived_again(lived):
    assert lived.nights == Close.objects.count() >= 27
    assert all(
        sum(one.values()) == 0 for close in Close.objects.all() for one in close.balances.values()
    )
    assert lived.corrected > 0  # something was told late
    assert Payment.objects.filter(source__startswith="demo:").exists()
    found = access_books_check(US, progress=lambda *_: None)
    assert found.holds, found
    assert Evidence.objects.filter(kind="demo").count() == 2  # the book, and its life
    faults: list[str] = []
    check_seals(connected(), faults.append)
    assert not faults  # every fact that came in is under the seal of its night
    assert "trial balance was zero each night" in lived.in_words()


@pytest.mark.slow
def test_bean_check_passes_over_the_lived_book_and_agrees_to_the_fen(lived, tmp_path):
    agree(US, tmp_path)
    assert lived.transfers == Transfer.objects.count()


@pytest.mark.slow
def test_killed_in_the_middle_of_a_close_the_same_command_ends_with_the_same_digest(
    lived, fresh_database, tmp_path, monkeypatch
):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    env = {**os.environ, "FORBEAR_HOME": str(tmp_path), "FORBEAR_DATABASE_URL": fresh_database}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ONE_LIFE], env=env, check=False, timeout=300
    )
    assert done.returncode == -signal.SIGKILL
    last = Close.objects.order_by("-as_of").first()
    assert last
    assert last.as_of == date(2026, 2, 28)
    again = do_live_demo(US, progress=lambda *_: None, **ASKED)
    assert again.closed_before == lived.nights - again.nights > 0
    assert again.state_digest == lived.state_digest
    assert (again.transfers, again.corrected) == (lived.transfers, lived.corrected)
    assert do_live_demo(US, progress=lambda *_: None, **ASKED).nights == 0


def live_in(**changes):
    return do_live_demo(US, progress=lambda *_: None, **(ASKED | changes))


@pytest.mark.django_db
def test_a_book_that_holds_anything_else_is_refused_and_not_touched():
    Person.objects.create(ref="somebody", lot=1)
    with pytest.raises(BookNotEmpty, match="1 people who are no demo"):
        live_in()
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_another_life_of_the_same_people_is_refused():
    do_make_demo(US, people=0, as_of=AS_OF, seed=5, progress=lambda *_: None)
    Close.objects.create(
        as_of=AS_OF, accounts=0, late=0, transfers=0, corrected=0, state_digest="", balances={},
        actor="test",
    )  # fmt: skip
    with pytest.raises(BookNotEmpty, match="closed or live another life"):
        live_in(people=0)
