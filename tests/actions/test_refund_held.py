"""A refund that is on its way, in the books: what it is of is not late, however it is told."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from tests.actions.books import (
    FIRST,
    NOW,
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
from tests.actions.test_due_day_told import owes, own_home
from tests.people import someone

from forbear.actions.booking import Asked, do_record_booking
from forbear.actions.books_check import access_books_check
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import MoreThanLent, PaymentConflict
from forbear.actions.refund import NoSuchPurchase, do_record_refund
from forbear.kernel.vocabulary import RefundStage
from forbear.servicing.fact import BookingKind
from forbear.store.models import Account, RefundHold, Status, Transfer

__all__ = ["own_home"]
pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")


def told(ref: str, on: str, stage: str = "requested", *, key: str = "r", **more: Any):
    values = {"amount_minor": 6_000, "purchase_ref": "", "currency": "CNY"} | more
    return do_record_refund(
        US, account_ref=ref, refund_ref=f"{ref}/{key}", effective_on=date.fromisoformat(on),
        at=NOW, stage=RefundStage(stage), **values,
    )  # fmt: skip


def bought(ref: str = "") -> str:
    """90.00 bought on 20 January are due in thirds from 11 February on."""
    ref = ref or serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
    return ref


def test_no_more_is_asked_back_of_a_purchase_than_was_lent_for_it_nor_before_it():
    ref = bought()
    with pytest.raises(MoreThanLent, match="9001 are to come back of the 9000"):
        told(ref, "2026-02-15", amount_minor=9_001, purchase_ref=f"{ref}/p")
    with pytest.raises(NoSuchPurchase, match="is of 2026-01-20, after 2026-01-19"):
        told(ref, "2026-01-19", purchase_ref=f"{ref}/p")
    assert not RefundHold.objects.exists()
    assert told(ref, "2026-01-20", amount_minor=9_000, purchase_ref=f"{ref}/p").added


def late(ref: str, on: str) -> int:
    since = owes(ref)[2]
    return (date.fromisoformat(on) - since).days if since else 0


def penalties(ref: str) -> dict[str, int]:
    """Return what stands of penalties and late fees, by day."""
    found: dict[str, int] = {}
    for kind, _, _, on, *_, minor in view(ref):
        if kind in ("penalty_accrual", "late_fee"):
            found[str(on)] = found.get(str(on), 0) + minor
    return found


def whole() -> None:
    found = access_books_check(US, progress=lambda *_: None)
    assert found.holds, found


def test_from_the_request_on_it_grows_no_later_and_nothing_is_charged():
    """Due on 11 February, asked for on the 15th, refused on the 19th: late by 3 days all the while,
    by 4 on the 19th; one who asked for nothing is late by 8."""
    ref, other = bought(), bought()
    close("2026-02-14")
    assert late(ref, "2026-02-14") == 3
    before = penalties(ref)
    told(ref, "2026-02-15")
    for on in days("2026-02-15", "2026-02-18"):
        close(on)
        assert late(ref, str(on)) == 3
    assert penalties(ref) == before != penalties(other)
    told(ref, "2026-02-19", "refused")
    close("2026-02-19")
    assert (late(ref, "2026-02-19"), late(other, "2026-02-19")) == (4, 8)
    assert set(penalties(ref)) - set(before) == {"2026-02-19"}
    whole()


def test_a_request_that_is_told_late_undoes_at_once_what_was_charged_on_its_days():
    """Told on 20 February as of the 12th: never late, no penalty, whatever stood in the books."""
    ref = bought()
    close("2026-02-20")
    assert late(ref, "2026-02-20") == 9
    assert penalties(ref)
    told(ref, "2026-02-11")
    assert (late(ref, "2026-02-20"), penalties(ref)) == (0, {})
    close("2026-02-21")
    assert late(ref, "2026-02-21") == 0
    assert Transfer.objects.filter(account__ref=ref, reverses=True).exists()
    whole()


@pytest.mark.parametrize("end", ["withdrawn", "refused", "settled", "booked"])
def test_an_end_that_is_told_late_counts_from_its_own_day(end):
    """Asked for on 11 February; told on the 25th that it ended on the 15th. Three days since the
    11th do not count: late by 11 days, like one of whom it was told in time."""
    ref, in_time = bought(), bought()
    for each in (ref, in_time):
        told(each, "2026-02-11")
    ends(in_time, end)
    close("2026-02-25")
    assert (late(ref, "2026-02-25"), late(in_time, "2026-02-25")) == (0, 11)
    ends(ref, end)
    assert owes(ref) == owes(in_time)
    assert view(ref) == view(in_time)
    close("2026-02-26")
    assert digest_of(kept(), ref) == digest_of(kept(), in_time)
    whole()


def ends(ref: str, end: str, on: str = "2026-02-15") -> None:
    if end != "booked":
        told(ref, on, end, **({"amount_minor": 500} if end == "settled" else {}))
        return
    asked = Asked(
        account_ref=ref, booking_ref=f"{ref}/r", kind=BookingKind.merchant_refund,
        effective_on=date.fromisoformat(on), amount_minor=6_000, about=f"{ref}/p",
    )  # fmt: skip
    do_record_booking(US, asked, at=NOW)


def story(ref: str):
    """Two purchases; a refund of one settles, another of all is withdrawn, a third nobody ends."""
    on = {"purchase_ref": f"{ref}/p"}
    return [
        lambda: bought(ref),
        lambda: booked(ref, "purchase", "2026-01-22", 6_000, key="q", installments=1),
        lambda: told(ref, "2026-02-12", key="a", **on),
        lambda: ends_as(ref, "a", "2026-02-16"),
        lambda: told(ref, "2026-02-14", key="b"),
        lambda: told(ref, "2026-02-18", "withdrawn", key="b"),
        lambda: told(ref, "2026-02-20", key="c"),
        lambda: paid(ref, "2026-02-17", 2_000, key="m"),
        lambda: paid(ref, "2026-02-19", 2_000, key="m", stage="reversed"),
    ]


def ends_as(ref: str, key: str, on: str) -> None:
    booked(ref, "merchant_refund", on, 6_000, key=key, about=f"{ref}/p")


def test_requests_and_their_ends_told_in_any_order_before_or_after_their_days():
    """Closes go on meanwhile. Each account has the books of the one that was told in time."""
    chance = random.Random(3)
    refs = [serviced() for _ in range(5)]
    for ref in refs:  # of a purchase that is not booked no refund is asked for
        for tell in story(ref)[:2]:
            tell()
    heard = days("2026-02-11", "2026-02-24")
    in_time = dict(zip(story(refs[0])[2:], (12, 16, 14, 18, 20, 17, 19), strict=True))
    waiting = [(date(2026, 2, on), 0.0, tell) for tell, on in in_time.items()]
    waiting += [(chance.choice(heard), chance.random(), t) for r in refs[1:] for t in story(r)[2:]]
    waiting.sort(key=lambda each: each[:2])
    for on in heard:
        while waiting and waiting[0][0] <= on:
            waiting.pop(0)[2]()
        close(on)
    close("2026-02-25")
    books = kept()
    assert len({digest_of(books, ref) for ref in refs}) == 1
    assert all(view(ref) == view(refs[0]) for ref in refs)
    assert {owes(ref) for ref in refs} == {owes(refs[0])}
    assert late(refs[0], "2026-02-25") == 4  # the other purchase: on the 12th, 13th, 18th and 19th
    whole()
    assert close("2026-02-25")["closed_before"]


@pytest.mark.parametrize("end", ["withdrawn", "settled"])
def test_an_end_that_was_told_before_its_request_is_known_to_a_close_that_lags(end):
    """Closes lag. The end of 16 February is told and the 14th is closed; then the request of the
    15th is told: it held that day, and no other."""
    ref, in_time = bought(), bought()
    told(in_time, "2026-02-15", amount_minor=500)
    for each in (ref, in_time):
        told(each, "2026-02-16", end, amount_minor=500)
    close("2026-02-14")
    told(ref, "2026-02-15", amount_minor=500)
    close("2026-02-15")
    close("2026-02-18")
    assert late(ref, "2026-02-18") == late(in_time, "2026-02-18") == 6
    books = kept()
    assert digest_of(books, ref) == digest_of(books, in_time)
    whole()


def test_one_that_nobody_ends_holds_ninety_days_and_contacts_rest_all_the_same():
    """Asked for on 11 February: held until 11 May, late by one day on 12 May. The house's own
    silence lets nobody be asked for the money."""
    ref = bought()
    found = told(ref, "2026-02-11").hold
    assert (found.since, found.until) == (date(2026, 2, 11), date(2026, 5, 12))
    close("2026-05-11")
    assert late(ref, "2026-05-11") == 0
    close("2026-05-12")
    assert late(ref, "2026-05-12") == 1
    assert [*Status.objects.values_list("stage", flat=True)] == ["began"]


def test_money_that_comes_in_meanwhile_is_posted_as_the_close_posts_it():
    """Late by one day when a refund was asked for on the 13th, and on the 21st still by one."""
    ref = bought()
    told(ref, "2026-02-13")
    close("2026-02-20")
    paid(ref, "2026-02-21", 1_000)
    due, _, since = owes(ref)
    assert since == date(2026, 2, 19)
    before = view(ref)
    close("2026-02-21")
    assert owes(ref)[0] == due
    assert late(ref, "2026-02-21") == 1
    assert view(ref) == before
    whole()


def test_it_holds_its_own_purchase_where_it_names_one():
    ref = bought()
    booked(ref, "purchase", "2026-01-22", 6_000, key="q", installments=1)
    told(ref, "2026-02-11", purchase_ref=f"{ref}/p")
    close("2026-02-15")
    assert late(ref, "2026-02-15") == 4
    told(ref, "2026-02-11", key="all")
    assert late(ref, "2026-02-15") == 0


def test_the_same_request_of_another_purchase_is_a_conflict_and_a_stranger_s_purchase_is_none():
    ref, other = bought(), bought()
    with pytest.raises(NoSuchPurchase):
        told(ref, "2026-02-11", purchase_ref=f"{other}/p")
    with pytest.raises(NoSuchPurchase):
        told(ref, "2026-02-11", "settled", purchase_ref=f"{ref}/p")
    assert not RefundHold.objects.exists()
    told(ref, "2026-02-11", purchase_ref=f"{ref}/p")
    with pytest.raises(PaymentConflict, match="purchase_ref is"):
        told(ref, "2026-02-11")
    assert not told(ref, "2026-02-11", purchase_ref=f"{ref}/p").added


def test_what_was_asked_for_before_its_contract_was_recorded_holds_too():
    """The core system tells of the contract last; the books are those of the one told first."""
    who = someone(due_minor=0, creditor_type="micro_loan")
    late_told, in_time = Account.objects.get(pk=who.account_id).ref, bought()
    assert told(late_told, "2026-02-11").hold is None  # nothing of it is in books here yet
    told(in_time, "2026-02-11")
    do_record_contract(US, account_ref=late_told, product="paylater", formed_on=FIRST, at=NOW)
    bought(late_told)
    close("2026-02-20")
    assert late(late_told, "2026-02-20") == 0
    books = kept()
    assert digest_of(books, late_told) == digest_of(books, in_time)
