"""Money that comes in is in the books at once, and the close finds nothing to put right."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from tests.actions.books import NOW, US, booked, close, digest_of, kept, paid, serviced, view

from forbear.actions.contact import connected, may_contact
from forbear.actions.payment import MoreThanLent
from forbear.actions.refund import do_record_refund
from forbear.kernel.vocabulary import Channel, RefundStage
from forbear.store.models import Account, Close, Contact, Outbox, Owed, OwedLog, Refund, Transfer

pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FORBEAR_HOME", str(tmp_path / "home"))


def owes(ref: str) -> tuple[int, int, date | None]:
    row = Owed.objects.get(account__ref=ref)
    return row.due_minor, row.outstanding_minor, row.oldest_due_on


def went(recorded) -> list[tuple[str, int, str, int]]:
    found = recorded.posting
    assert found.in_books
    return [
        (line.fact.split("/")[-1], line.number, line.account, line.minor) for line in found.lines
    ]


def late() -> str:
    """Return an account that owes 90.00 since the 11th, and 40 fen of penalty by the 20th."""
    ref = bought()
    close("2026-02-20")
    assert owes(ref) == (9_040, 9_040, date(2026, 2, 11))
    return ref


def test_a_payment_says_where_it_went_and_what_is_owed_is_right_at_once():
    ref = late()
    recorded = paid(ref, "2026-02-21", 5_000)
    assert went(recorded) == [("p", 1, "penalty", 40), ("p", 1, "principal", 4_960)]
    assert owes(ref) == (4_040, 4_040, date(2026, 2, 11))
    assert not recorded.nothing_due


def test_the_close_finds_it_posted_and_writes_the_rest():
    ref = late()
    paid(ref, "2026-02-21", 5_000)
    rows = Transfer.objects.count()
    report = close("2026-02-21")
    assert (report["corrected"], report["transfers"]) == (0, 1)  # the day's penalty
    assert Transfer.objects.count() == rows + 1
    assert owes(ref) == (4_042, 4_042, date(2026, 2, 11))
    assert report["balances"] == {
        "CNY": {
            "cash": 5_000,
            "merchant_payable": -9_000,
            "penalty": 2,
            "penalty_income": -42,
            "principal": 4_040,
        }
    }


def test_who_pays_everything_owes_nothing_from_that_moment():
    """The gate says so before any close."""
    ref = late()
    recorded = paid(ref, "2026-02-21", 9_040)
    assert recorded.nothing_due
    assert owes(ref) == (0, 0, None)
    assert close("2026-02-21")["corrected"] == 0


def test_the_same_payment_again_is_posted_once_and_answers_the_same():
    ref = late()
    first = paid(ref, "2026-02-21", 5_000)
    rows = Transfer.objects.count()
    again = paid(ref, "2026-02-21", 5_000)
    assert not again.added
    assert went(again) == went(first)
    assert Transfer.objects.count() == rows


def test_a_payment_of_an_earlier_day_takes_back_at_once_what_was_charged_since():
    """Paid on the 11th, told on the 21st: no penalty stands, and the close finds nothing to do."""
    ref = late()
    recorded = paid(ref, "2026-02-11", 9_000)
    assert recorded.nothing_due
    assert owes(ref) == (0, 0, None)
    assert Transfer.objects.filter(reverses=True).count() == 9
    report = close("2026-02-21")
    assert (report["corrected"], report["transfers"]) == (0, 0)
    assert report["balances"] == {"CNY": {"cash": 9_000, "merchant_payable": -9_000}}


def test_a_payment_that_bounces_opens_again_what_it_had_met():
    ref = late()
    paid(ref, "2026-02-21", 5_000, key="x")
    back = paid(ref, "2026-02-21", 5_000, key="x", stage="reversed")
    assert went(back) == [("p", 1, "penalty", -40), ("p", 1, "principal", -4_960)]
    assert owes(ref) == (9_040, 9_040, date(2026, 2, 11))
    assert close("2026-02-21")["corrected"] == 0


def test_a_reversal_told_before_its_payment_takes_nothing_back_until_the_payment_is_told():
    ref = late()
    paid(ref, "2026-02-21", 1_000, key="other")
    paid(ref, "2026-02-21", 5_000, key="x", stage="reversed")
    assert owes(ref) == (8_040, 8_040, date(2026, 2, 11))
    close("2026-02-21")
    paid(ref, "2026-02-21", 5_000, key="x")
    assert owes(ref)[0] == 8_044
    assert close("2026-02-22")["corrected"] == 0
    assert owes(ref)[0] == 8_048


def test_goods_that_come_back_are_not_due_from_that_moment_and_nothing_goes_out_about_them():
    """A message that waits says what was owed before; it is cancelled though something is due."""
    ref = late()
    booked(ref, "purchase", "2026-01-20", 3_000, key="q", installments=1)
    account = Account.objects.get(ref=ref)
    waiting = queued(account)
    assert owes(ref)[0] > 9_040
    booked(ref, "merchant_refund", "2026-02-21", 9_000, about=f"{ref}/p")
    assert owes(ref)[0] < 4_000
    assert Outbox.objects.get(pk=waiting.pk).state == "cancelled"
    assert close("2026-02-21")["corrected"] == 0


def queued(account: Account) -> Outbox:
    contact = Contact.objects.create(
        person_id=account.person_id, channel="sms", purpose="remind", at=NOW, local_on=NOW.date(),
        allowed=True, asked=[], blocked_by=[], facts={}, pack_digest="", accounts=[account.pk],
        acting="test",
    )  # fmt: skip
    return Outbox.objects.create(
        contact=contact, person_id=account.person_id, channel="sms", fictional=False, state="queued"
    )


def test_a_refund_of_no_purchase_meets_what_is_due_and_cancels_what_waits():
    ref = late()
    waiting = queued(Account.objects.get(ref=ref))
    recorded = do_record_refund(
        US, account_ref=ref, refund_ref=f"{ref}/r", amount_minor=1_000, currency="CNY",
        effective_on=date(2026, 2, 21), at=NOW,
    )  # fmt: skip
    assert went(recorded) == [("p", 1, "penalty", 40), ("p", 1, "principal", 960)]
    assert owes(ref)[0] == 8_040
    assert Outbox.objects.get(pk=waiting.pk).state == "cancelled"
    assert close("2026-02-21")["corrected"] == 0


def test_a_return_on_its_way_stops_calls_and_nothing_is_charged_meanwhile():
    ref = late()
    person = Account.objects.get(ref=ref).person_id
    told = {"account_ref": ref, "refund_ref": f"{ref}/r", "currency": "CNY", "at": NOW}
    told |= {"amount_minor": 9_000, "effective_on": date(2026, 2, 11)}  # goods sent back
    do_record_refund(US, stage=RefundStage.requested, **told)
    call = may_contact(US, person_id=person, channel=Channel.voice, at=NOW)
    assert call.blocked_by == ("house.refund_pending",)
    close("2026-02-28")
    assert owes(ref)[0] == 9_000  # held since its day: what was charged by then is undone
    assert went(do_record_refund(US, **told)) == [("p", 1, "principal", 9_000)]
    assert owes(ref) == (0, 0, None)
    call = may_contact(US, person_id=person, channel=Channel.voice, at=NOW)
    assert call.blocked_by == ("house.nothing_due",)


def test_no_more_is_refunded_than_was_lent_on_the_account():
    """90.00 were lent and 50.00 came back of the purchase: 40.00 may be refunded, no fen more."""
    ref, bare = bought(), serviced()

    def refund(account, minor, key):
        return do_record_refund(
            US, account_ref=account, refund_ref=f"{ref}/{key}", amount_minor=minor, currency="CNY",
            effective_on=date(2026, 2, 21), at=NOW,
        )  # fmt: skip

    booked(ref, "merchant_refund", "2026-02-20", 5_000, about=f"{ref}/p")
    with pytest.raises(MoreThanLent, match="9001 would have come back"):
        refund(ref, 4_001, "r")
    with pytest.raises(MoreThanLent):
        refund(bare, 1, "s")
    assert not Refund.objects.exists()
    assert refund(ref, 4_000, "r").added
    assert not refund(ref, 4_000, "r").added


def test_before_anything_was_closed_money_waits_for_the_first_close():
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, installments=1)
    assert not paid(ref, "2026-02-12", 9_000).posting.in_books
    close("2026-02-12")
    assert owes(ref)[0] == 0


def test_money_of_the_next_day_stands_when_the_day_before_is_closed_late():
    """Paid after midnight, before the close: due then is what fell due, less what was paid."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    close("2026-02-10")
    paid(ref, "2026-02-12", 2_000)  # the 11th, the due day, is not closed yet
    close("2026-02-11")
    assert owes(ref) == (7_000, 7_000, None)
    report = close("2026-02-12")
    assert report["corrected"] == 0
    assert owes(ref) == (7_003, 7_003, date(2026, 2, 11))


@pytest.mark.parametrize("step", ["live", "keep", "commit"])
def test_money_is_taken_while_a_close_runs_and_stands_at_once_and_in_the_next(step):
    """On a connection of its own, at a step of the close; of a day before, of it, and after it."""
    days = ("2026-02-19", "2026-02-21", "2026-02-22")
    refs = [late()] + [bought() for _ in days[1:]]
    close("2026-02-21")
    failed: list[BaseException] = []
    running: list[threading.Thread] = []

    def pay() -> None:
        try:
            for ref, on in zip(refs, days, strict=True):
                paid(ref, on, 5_000)
                if step != "commit":  # the close of the day may have ended since
                    assert owes(ref)[0] < 5_000
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    def meanwhile(now: str) -> None:
        if now == step:
            running.append(threading.Thread(target=pay))
            running[0].start()
            # What is written and not committed yet is waited for, no longer than a commit takes.
            running[0].join(timeout=1 if step == "commit" else 60)

    close("2026-02-22", meanwhile)
    running[0].join(timeout=60)
    assert not running[0].is_alive()
    assert not failed, failed
    assert all(owes(ref)[0] < 5_000 for ref in refs)
    close("2026-02-23")
    assert_as_if_in_order(dict(zip(refs, days, strict=True)))


def bought() -> str:
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    return ref


def assert_as_if_in_order(told: dict[str, str]) -> None:
    """Accounts of which everything is told before their first close have the same books."""
    twins = {ref: bought() for ref in told}
    for ref, on in told.items():
        paid(twins[ref], on, 5_000)
    close("2026-02-24")
    for ref, twin in twins.items():
        assert view(ref) == view(twin)
        assert digest_of(kept(), ref) == digest_of(kept(), twin)
        assert owes(ref) == owes(twin)
    trial()


def trial() -> None:
    """What the last close says stands on each account is what the transfers say."""
    from forbear.store.books import fetch_balances

    last = Close.objects.order_by("-as_of").first()
    with transaction.atomic():
        assert fetch_balances(connected(), until=last.as_of) == last.balances


def test_every_row_of_what_is_owed_is_kept_with_its_instant():
    ref = late()
    before = OwedLog.objects.filter(account__ref=ref).count()
    paid(ref, "2026-02-21", 5_000)
    rows = OwedLog.objects.filter(account__ref=ref).order_by("id")
    assert rows.count() == before + 1
    assert [row.due_minor for row in rows][-2:] == [9_040, 4_040]
