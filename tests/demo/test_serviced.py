"""The plain demo has a few accounts that are serviced here, with a past, a bank and debits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from tests.beans import agree
from tests.conftest import a_fresh_database

from forbear.actions.account_books import access_account
from forbear.actions.books import access_trial_balance
from forbear.actions.books_check import access_books_check
from forbear.actions.contact import connected, may_contact
from forbear.actions.demo import do_make_demo
from forbear.actions.demo_life import BookNotEmpty, do_live_demo
from forbear.actions.demo_serviced import do_serve_demo
from forbear.actions.evidence_seals import check_seals
from forbear.actions.night import do_night
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.demo.serviced import ACCOUNTS, WANTED, behind, serviced_life
from forbear.kernel.vocabulary import Channel
from forbear.store.models import (
    BankStanding,
    Booking,
    Close,
    Contract,
    DebitResult,
    Evidence,
    Mandate,
    Night,
    Payment,
    Person,
    Refund,
    RefundHold,
    Transfer,
)
from forbear.store.packs import fetch_law, fetch_products

pytestmark = pytest.mark.xdist_group("serviced")  # one book for the whole module
US, AS_OF, SEED, PEOPLE = machine("test"), date(2026, 11, 20), 1, 700


def quiet(*_: object) -> None: ...


def drawn(as_of: date = AS_OF, seed: int = 1):
    return serviced_life(
        np.random.default_rng(seed),
        pl.Series([f"demo:{k:06}" for k in range(3_000)]),
        law=fetch_law(),
        products=fetch_products(),
        as_of=as_of,
    )


def test_the_same_seed_and_day_give_the_same_accounts_to_the_byte():
    assert drawn().digest == drawn().digest
    assert drawn().digest != drawn(seed=2).digest
    assert drawn().digest != drawn(as_of=AS_OF - timedelta(days=1)).digest


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2026, 6, 15), AS_OF, date(2027, 1, 1)])
def test_whatever_the_day_every_kind_of_thing_is_there_to_be_looked_at(day):
    life = drawn(as_of=day)
    booking, payment = life.tables["booking"], life.tables["payment"]
    assert len(life.tables["contract"]) == ACCOUNTS
    assert {name for name, _ in WANTED} - set(booking["kind"]) == {
        "behind",
        "backdated",
        "refund",
        "reversed",
    }
    assert len(life.tables["refund"]) > 0
    assert "reversed" in payment["stage"]
    assert (payment["told_on"] - payment["effective_on"]).max() >= timedelta(days=7)
    assert len(behind(life)) >= 10
    assert payment["told_on"].max() <= day


@pytest.fixture(scope="module")
def served(template_database, django_db_blocker, tmp_path_factory):
    """A plain demo with its serviced accounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORBEAR_HOME", str(tmp_path_factory.mktemp("home")))
        with a_fresh_database(template_database, django_db_blocker):
            do_make_demo(US, people=PEOPLE, as_of=AS_OF, seed=SEED, progress=quiet)
            yield do_serve_demo(US, as_of=AS_OF, seed=SEED)


def test_one_close_catches_up_with_three_months_and_the_books_hold(served):
    assert served.accounts == Contract.objects.count() == ACCOUNTS
    assert [close.as_of for close in Close.objects.all()] == [AS_OF]
    assert Transfer.objects.filter(effective_on__lt=AS_OF - timedelta(days=60)).exists()
    found = access_books_check(US, progress=quiet)
    assert found.holds, found
    assert not sum(line.balance_minor for line in access_trial_balance(US).lines)
    faults: list[str] = []
    check_seals(connected(), faults.append)
    assert not faults
    told = Evidence.objects.filter(kind="demo").count()
    assert told == 2  # the book, and the past of these accounts
    assert f"{ACCOUNTS} of the people have an account that is serviced here" in served.in_words()


def test_bean_check_passes_over_it_and_agrees_to_the_fen(served, tmp_path):
    assert served.transfers > 0
    agree(US, tmp_path)


def test_the_bank_s_files_leave_lines_of_every_kind_to_look_at(served):
    rules = set(BankStanding.objects.values_list("state", "rule"))
    assert {("matched", "payment_ref"), ("booked", "account_due")} <= rules
    waiting = {rule for state, rule in rules if state == "suspense"}
    assert waiting == {
        "amount_differs", "known_payer", "not_due", "outgoing", "twice", "unknown"
    }  # fmt: skip
    assert served.suspense == BankStanding.objects.filter(state="suspense").count() >= 7


def test_debits_were_asked_declined_for_good_and_for_now_paid_and_left_without_an_answer(served):
    assert served.debits == 5
    answers = dict(DebitResult.objects.values_list("request__request_ref", "decline"))
    assert sorted(answers.values()) == [
        "", "account_closed", "insufficient_funds", "limit_exceeded"
    ]  # fmt: skip
    paid = next(ref for ref, decline in answers.items() if not decline)
    assert Payment.objects.filter(payment_ref=paid, stage="settled").exists()
    assert Mandate.objects.filter(stage="revoked").count() == 1


def test_a_purchase_is_on_its_way_back_and_one_account_stands_under_an_instrument(served):
    held = RefundHold.objects.select_related("account__person").get()
    answer = may_contact(
        US,
        person_ref=held.account.person.ref,
        channel=Channel.sms,
        at=datetime.combine(AS_OF + timedelta(days=1), time(10), tzinfo=ZoneInfo("Asia/Shanghai")),
    )
    assert "house.refund_pending" in answer.blocked_by
    judged = Booking.objects.select_related("account").get(kind="judgment")
    account = access_account(US, judged.account_id, today=AS_OF)
    assert [lent.kind for lent in account.lent if lent.open_minor][-1] == "judgment"
    assert held.account_id != judged.account_id
    assert held.effective_on == judged.effective_on == served.as_of


def test_whoever_is_serviced_pays_and_nothing_else_is_known_of_them(served):
    theirs = Person.objects.filter(accounts__contract__isnull=False)
    assert theirs.count() == served.accounts
    assert not theirs.filter(attempts__isnull=False).exists()
    assert not theirs.filter(accounts__placements__isnull=False).exists()


def test_the_same_again_adds_nothing(served):
    def size():
        tables = (Contract, Booking, Payment, Refund, Transfer, Mandate, DebitResult, BankStanding)
        return [table.objects.count() for table in tables]

    before = size()
    assert do_serve_demo(US, as_of=AS_OF, seed=SEED) == served
    assert size() == before


def test_months_of_nights_on_top_are_refused_because_the_day_is_closed(served):
    assert served.as_of == AS_OF
    with pytest.raises(BookNotEmpty, match="few serviced accounts"):
        do_live_demo(US, people=PEOPLE, as_of=AS_OF, seed=SEED, months=1, progress=quiet)


def plans() -> dict[str, tuple[object, ...]]:
    night = Night.objects.latest("id")
    found = night.plans.values_list("person__ref", "action", "planned_at", "segment", "due_minor")
    return {ref: decided for ref, *decided in found}


def test_the_night_decides_nothing_else_of_anybody_else(fresh_database, tmp_path, monkeypatch):
    del fresh_database
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path))
    do_make_demo(US, people=300, as_of=AS_OF, seed=SEED, progress=quiet)
    do_night(US, as_of=AS_OF, progress=quiet)
    before = plans()
    do_serve_demo(US, as_of=AS_OF, seed=SEED)
    do_night(US, as_of=AS_OF, progress=quiet)
    theirs = set(Contract.objects.values_list("account__person__ref", flat=True))
    after = plans()
    others = (before.keys() | after.keys()) - theirs
    assert len(others) > 50
    assert {ref: after.get(ref) for ref in others} == {ref: before.get(ref) for ref in others}
    assert theirs & after.keys()  # some of those who are serviced here are late


@pytest.mark.django_db
def test_a_book_without_a_demo_is_left_alone():
    Person.objects.create(ref="somebody", lot=1)
    found = do_serve_demo(US, as_of=AS_OF, seed=SEED)
    assert (found.accounts, found.in_words()) == (0, "")


@pytest.mark.django_db
def test_a_collector_cannot_make_accounts_up():
    with pytest.raises(NotAllowed):
        do_serve_demo(Reader(actor="user:li", abilities=ROLES["collector"]), as_of=AS_OF, seed=SEED)
