"""Recording what happens to serviced accounts: once, in one order of refusals, with evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.actions.books import FIRST, NOW, US, booked, paid, serviced
from tests.people import someone

from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.booking_refused import (
    DayNotMovable,
    MoreThanLent,
    MoreThanOwed,
    MoreThanWaits,
    NoSuchFact,
    NotComplete,
    NotServiced,
    PlanDiffers,
)
from forbear.actions.contract import (
    BookingConflict,
    BookingDay,
    OtherLender,
    do_record_contract,
)
from forbear.actions.payment import NoSuchAccount
from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.calculation.rate import prime_rate
from forbear.calculation.rules import RateUnknown
from forbear.servicing.fact import BookingKind
from forbear.servicing.product import NotInForce, ProductUnknown
from forbear.servicing.terms import NotOffered
from forbear.store.models import Account, Booking, Contract, Evidence
from forbear.store.packs import fetch_law, fetch_product_texts

pytestmark = pytest.mark.django_db


def contracted(ref: str, **changed: object):
    asked = {"account_ref": ref, "product": "paylater", "formed_on": FIRST, "at": NOW}
    return do_record_contract(US, **asked | changed)


def test_a_purchase_keeps_the_installments_that_were_agreed():
    """90.00 in three on 20 January: 30.00 on the 11th of each month, with a fee of 0.54 each."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=3)
    kept = Booking.objects.get().schedule
    assert [(due["due_on"], due["principal_minor"], due["fee_minor"]) for due in kept] == [
        ("2026-02-11", 3_000, 54),
        ("2026-03-11", 3_000, 54),
        ("2026-04-11", 3_000, 54),
    ]
    assert {due["penalty_ppm"] for due in kept} == {500 * 360}
    assert Evidence.objects.filter(kind="booking").count() == 1


def test_a_contract_keeps_what_its_terms_mean_for_the_books():
    serviced()
    kept = Contract.objects.get().conditions
    assert kept["order"] == ["cost", "penalty", "fee", "interest", "principal"]
    assert kept["cap_ppm"] > 0
    assert kept["basis_days"] == 360


def test_the_same_reference_again_is_that_one_fact():
    ref = serviced()
    first = booked(ref, "purchase", "2026-01-20", 9_000, installments=3)
    again = booked(ref, "purchase", "2026-01-20", 9_000, installments=3)
    assert (first.added, again.added) == (True, False)
    assert again.recorded_at == first.recorded_at
    assert not contracted(ref).added
    assert (Booking.objects.count(), Contract.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("refused", "kind", "on", "amount", "more"),
    [
        (BookingDay, "purchase", "2026-01-04", 9_000, {"installments": 3}),  # before the contract
        (BookingDay, "purchase", "2026-11-24", 9_000, {"installments": 3}),
        (NotComplete, "purchase", "2026-01-20", 0, {"installments": 3}),
        (NotComplete, "purchase", "2026-01-20", 9_000, {}),
        (NotComplete, "purchase", "2026-01-20", 9_000, {"installments": 3, "days": 2}),
        (NotOffered, "purchase", "2026-01-20", 9_000, {"installments": 5}),
        (NotComplete, "purchase", "2026-01-20", 9_000, {"installments": 3, "ahead": True}),
        (NotComplete, "waiver", "2026-01-20", 100, {}),  # without a reason
        (NotComplete, "reage", "2026-01-20", 0, {"days": 30, "reason": "ill"}),  # without a rule
        (NotComplete, "extension", "2026-01-20", 0, {}),
        (NotComplete, "arrangement", "2026-01-20", 0, {"reason": "agreed"}),
        (
            NotComplete,
            "arrangement",
            "2026-01-20",
            0,
            {"reason": "agreed", "plan": [(date(2026, 1, 19), 1)]},
        ),
        (NotComplete, "payout", "2026-01-20", 100, {"about": "p"}),
        (NoSuchFact, "merchant_refund", "2026-01-20", 100, {}),
        (NoSuchFact, "merchant_refund", "2026-01-20", 100, {"about": "p"}),
        (NoSuchFact, "designation", "2026-01-20", 0, {"about": "p"}),
        (NoSuchFact, "extension", "2026-01-20", 0, {"days": 3, "about": "p"}),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(refused, kind, on, amount, more):
    ref = serviced()
    with pytest.raises(refused):
        booked(ref, kind, on, amount, **more)
    assert not Booking.objects.exists()


def test_tomorrow_by_the_persons_own_clock_has_not_begun():
    """At 19:40 in Shanghai it is tomorrow already in Kiritimati; the borrower lives in Shanghai."""
    ref, evening = serviced(), datetime(2026, 11, 22, 11, 40, tzinfo=UTC)
    asked = Asked(
        account_ref=ref,
        booking_ref=f"{ref}/c",
        kind=BookingKind.cost,
        effective_on=date(2026, 11, 23),
        amount_minor=100,
    )
    with pytest.raises(BookingDay, match="2026-11-23 is not within 2026-01-05 and 2026-11-22"):
        do_record_booking(US, asked, at=evening)
    with pytest.raises(BookingDay):
        contracted(serviced_elsewhere(), formed_on=date(2026, 11, 23), at=evening)
    today = replace(asked, effective_on=date(2026, 11, 22))
    assert do_record_booking(US, today, at=evening).added


def serviced_elsewhere() -> str:
    return Account.objects.get(pk=someone(due_minor=0).account_id).ref


def test_no_more_comes_back_of_a_purchase_than_was_lent():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
    booked(ref, "merchant_refund", "2026-01-21", 5_000, about=f"{ref}/p")
    with pytest.raises(MoreThanLent):
        booked(ref, "chargeback", "2026-01-22", 4_001, about=f"{ref}/p")
    booked(ref, "chargeback", "2026-01-22", 4_000, about=f"{ref}/p")


def test_no_more_is_forgiven_than_is_owed_on_the_day():
    """One purchase of 90.00, billed on 1 February; 50.00 are paid on the 5th."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    paid(ref, "2026-02-05", 5_000)
    with pytest.raises(MoreThanOwed, match="1 is more than the 0 owed on 2026-01-31"):
        booked(ref, "waiver", "2026-01-31", 1, reason="goodwill")  # nothing is billed yet
    with pytest.raises(MoreThanOwed, match="4001 is more than the 4000 owed on 2026-02-06"):
        booked(ref, "waiver", "2026-02-06", 4_001, reason="goodwill")
    assert not Booking.objects.filter(kind="waiver").exists()
    booked(ref, "waiver", "2026-02-06", 1_000, key="w", reason="goodwill")
    with pytest.raises(MoreThanOwed, match="3001 is more than the 3000"):
        booked(ref, "waiver", "2026-02-06", 3_001, key="x", reason="goodwill")


def test_a_plan_is_of_all_that_is_open_and_ends_within_five_years():
    """90.00 of which 20.00 are paid: the plan is of 70.00, or of what a waiver has left of them."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    paid(ref, "2026-02-05", 2_000)

    def plan(*dues, on="2026-02-06"):
        agreed = [(date.fromisoformat(day), minor) for day, minor in dues]
        return booked(ref, "arrangement", on, key="a", plan=agreed, reason="agreed")

    for minor in (1, 6_999, 7_001):
        with pytest.raises(PlanDiffers, match=f"comes to {minor}, and 7000 is open on 2026-02-06"):
            plan(("2026-03-01", minor))
    with pytest.raises(NotComplete, match="2031-02-07 is more than 5 years after 2026-02-06"):
        plan(("2026-03-01", 3_500), ("2031-02-07", 3_500))
    booked(ref, "waiver", "2026-02-06", 1_000, reason="goodwill")
    with pytest.raises(PlanDiffers):
        plan(("2026-03-01", 7_000), on="2026-02-07")
    assert plan(("2026-03-01", 3_000), ("2031-02-07", 3_000), on="2026-02-07").added


def test_no_more_is_paid_out_than_waits():
    """90.00 are owed and 100.00 come in: 10.00 wait from the statement on, all of it before."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    paid(ref, "2026-01-25", 10_000)
    with pytest.raises(MoreThanWaits, match="1001 is more than the 1000 that waits on 2026-02-03"):
        booked(ref, "payout", "2026-02-03", 1_001)
    booked(ref, "payout", "2026-02-03", 1_000)


def test_what_is_bought_after_a_due_day_moved_falls_due_on_it():
    ref = serviced()
    booked(ref, "due_day", "2026-01-10", days=25)
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    assert Booking.objects.get(kind="purchase").schedule[0]["due_on"] == "2026-02-25"
    with pytest.raises(DayNotMovable, match="32 is no day of a month"):
        booked(ref, "due_day", "2026-01-21", days=32)
    other = serviced(product="micro_loan")
    with pytest.raises(DayNotMovable, match="micro_loan counts its days from each loan"):
        booked(other, "due_day", "2026-01-21", days=25)


def test_a_refund_of_somebody_elses_purchase_is_refused():
    ref, other = serviced(), serviced()
    booked(other, "purchase", "2026-01-20", 9_000, key="p", installments=3)
    with pytest.raises(NoSuchFact):
        booked(ref, "merchant_refund", "2026-01-21", 100, about=f"{other}/p")


def test_other_contents_under_the_same_reference_are_a_conflict_before_anything_else():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="x", installments=3)
    with pytest.raises(BookingConflict):
        booked(ref, "waiver", "2026-01-20", 100, key="x")  # nor has it a reason
    with pytest.raises(BookingConflict):
        contracted(ref, product="card")


@pytest.mark.parametrize(
    ("kind", "told", "otherwise"),
    [
        ("extension", {"days": 3, "about": "p"}, {"about": "q"}),
        ("extension", {"days": 3, "about": "p"}, {"about": ""}),
        ("extension", {"days": 3, "rule": "house"}, {"rule": "law"}),
        ("charge_off", {"reason": "lost"}, {"reason": "sold"}),
        ("charge_off", {"reason": "lost"}, {"meant": "p"}),
        ("arrangement", {"plan": [("02-11", 9_000), ("03-11", 4_500)]}, {"plan": [("02-11", 1)]}),
        ("judgment", {"plan": [("02-11", 9_000)], "amount": 9_000}, {"plan": [("02-12", 9_000)]}),
        ("judgment", {"plan": [("02-11", 9_000)], "amount": 9_000}, {"principal_minor": 1}),
        ("designation", {"meant": "p"}, {"meant": "q"}),
        ("designation", {"meant": "p"}, {"ahead": True}),
    ],
)
def test_whatever_the_book_keeps_must_be_said_again_alike(kind, told, otherwise):
    """Two purchases of 90.00 and 45.00, and a payment: all that is kept of a fact is compared."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    booked(ref, "purchase", "2026-01-20", 4_500, key="q", installments=1)

    def say(**words):
        for name in {"about", "meant"} & {name for name in words if words[name]}:
            words[name] = f"{ref}/{words[name]}"
        if kind == "designation":
            words["about"] = f"{ref}/x"
        if "plan" in words:
            words["plan"] = [(date.fromisoformat(f"2026-{on}"), m) for on, m in words["plan"]]
            words["reason"] = "agreed"
        if kind == "judgment":
            words = {"principal_minor": 9_000} | words
        return booked(ref, kind, "2026-02-06", key="k", **words)

    if kind == "designation":
        paid(ref, "2026-02-05", 3_000, key="x")
    assert say(**told).added
    assert not say(**told).added
    with pytest.raises(BookingConflict, match=f"{next(iter(otherwise))} is .* in the book"):
        say(**told | otherwise)


def test_a_payment_is_designated_once():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
    paid(ref, "2026-02-05", 3_000, key="x")
    booked(ref, "designation", "2026-02-06", about=f"{ref}/x", meant=f"{ref}/p")
    assert Booking.objects.get(kind="designation").effective_on == date(2026, 2, 5)
    assert not booked(ref, "designation", "2026-02-07", about=f"{ref}/x", meant=f"{ref}/p").added


def test_the_account_comes_first_then_whether_it_is_serviced_here():
    who = someone(due_minor=0, creditor_type="micro_loan")
    account = Account.objects.get(pk=who.account_id)
    with pytest.raises(NoSuchAccount):
        booked("nobody", "purchase", "2026-01-20", 9_000)
    with pytest.raises(NotServiced):
        booked(account.ref, "purchase", "2026-01-20", 9_000)
    with pytest.raises(ProductUnknown):
        contracted(account.ref, product="gift")
    with pytest.raises(NotInForce):
        contracted(account.ref, formed_on=date(2023, 1, 1))
    with pytest.raises(BookingDay):
        contracted(account.ref, formed_on=date(2026, 11, 24))


@pytest.mark.parametrize("creditor", ["micro_loan", "consumer_finance", "other"])
def test_a_product_of_another_kind_of_lender_is_refused(creditor):
    """A card is a bank's: its cap and its interest on interest are no micro-loan company's."""
    who = someone(due_minor=0, creditor_type=creditor)
    ref = Account.objects.get(pk=who.account_id).ref
    with pytest.raises(OtherLender, match=f"card is of a lender of type bank.* type {creditor}"):
        contracted(ref, product="card")
    assert not Contract.objects.exists()


@pytest.mark.parametrize("creditor", ["bank", "transferee"])
def test_a_product_of_the_accounts_own_lender_is_kept_and_so_is_one_of_a_debt_that_was_bought(
    creditor,
):
    """Who bought the debt holds it as its first lender did."""
    ref = Account.objects.get(pk=someone(due_minor=0, creditor_type=creditor).account_id).ref
    assert contracted(ref, product="card").added


def test_a_private_loan_made_before_the_law_changed_keeps_both_its_caps(tmp_path, monkeypatch):
    """24 %, and from 2020-08-20 four times the prime rate of the day it is recorded, of Beijing.

    A day whose rate the packs do not know yet refuses it: no cap is ever guessed.
    """
    folder = tmp_path / "house" / "products"
    folder.mkdir(parents=True)
    text = fetch_product_texts()["house/products/micro_loan.yaml"]
    own = text.replace("product: micro_loan", "product: lent_at_home")
    own = own.replace("lender: micro_loan", "lender: private").replace("2024-01-01", "2019-01-01")
    (folder / "lent_at_home.yaml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("FORBEAR_PACKS", str(tmp_path))
    ref = Account.objects.get(pk=someone(due_minor=0, creditor_type="other").account_id).ref
    asked = {"product": "lent_at_home", "formed_on": date(2019, 6, 3)}
    with pytest.raises(RateUnknown):
        contracted(ref, **asked, at=datetime(2026, 9, 19, 16, tzinfo=UTC))  # there it is the 20th
    contracted(ref, **asked, at=datetime(2026, 9, 19, 15, tzinfo=UTC))
    kept = Contract.objects.get().conditions
    rate = prime_rate(fetch_law(), on=date(2026, 9, 19)).rate_ppm
    assert (kept["cap_ppm"], kept["later_cap_ppm"], kept["later_cap_on"]) == (
        240_000,
        4 * rate,
        "2020-08-20",
    )


def test_who_may_not_write_bookings_writes_none():
    ref = Account.objects.get(pk=someone(due_minor=0).account_id).ref
    with pytest.raises(NotAllowed):
        do_record_contract(
            Reader(actor="u", abilities=ROLES["supervisor"]),
            account_ref=ref,
            product="paylater",
            formed_on=FIRST,
            at=NOW,
        )
