"""What was made on wrong facts is found again when the right ones are told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from tests.actions.books import NOW, US, booked, close, paid, serviced
from tests.actions.test_online import own_home
from tests.cli.test_account import forbear

from forbear.actions.reader import ROLES, NotAllowed, Reader
from forbear.actions.refund import do_record_refund
from forbear.actions.wronged import wronged
from forbear.kernel.vocabulary import RefundStage
from forbear.store.models import Account, Attempt, Contact, Outbox

__all__ = ["own_home"]
pytestmark = pytest.mark.usefixtures("fresh_database", "own_home")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def made(ref: str, on: str, *, state: str = "sent") -> str:
    account = Account.objects.get(ref=ref)
    day = date.fromisoformat(on)
    contact = Contact.objects.create(
        person_id=account.person_id, channel="sms", purpose="remind",
        at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC), local_on=day, allowed=True,
        asked=[], blocked_by=[], facts={}, pack_digest="", accounts=[account.pk], acting="test",
    )  # fmt: skip
    Outbox.objects.create(
        contact=contact, person_id=account.person_id, channel="sms", fictional=False, state=state
    )
    return str(contact.pk)


def late() -> str:
    """Return an account that is past due since the 11th of February, closed up to the 20th."""
    ref = serviced()
    booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=1)
    close("2026-02-20")
    return ref


def test_who_had_paid_before_they_were_contacted_is_listed_with_what_was_known_and_what_is():
    """Paid on the 10th, contacted on the 21st as nine days late, and the payment told after it."""
    ref = late()
    contact = made(ref, "2026-02-21")
    assert wronged(US, since=LONG_AGO) == []
    paid(ref, "2026-02-10", 9_000, key="x")
    (found,) = wronged(US, since=LONG_AGO)
    assert (found.contact_id, found.account_ref, found.channel) == (contact, ref, "sms")
    assert (found.known_days, found.true_days) == (9, 0)
    assert found.facts == (f"payment:{ref}/x:settled",)


def test_who_was_contacted_while_a_refund_of_theirs_was_on_its_way_is_listed_when_it_is_told():
    """Asked for on 15 February, contacted on the 21st as nine days late: it was three."""
    ref = late()
    contact = made(ref, "2026-02-21")
    do_record_refund(
        US, account_ref=ref, refund_ref=f"{ref}/r", amount_minor=9_000, currency="CNY",
        effective_on=date(2026, 2, 15), at=NOW, stage=RefundStage.requested,
    )  # fmt: skip
    (found,) = wronged(US, since=LONG_AGO)
    assert (found.contact_id, found.known_days, found.true_days) == (contact, 9, 3)
    assert found.facts == (f"hold:{ref}/r",)


def test_what_was_less_late_than_was_known_is_listed_and_what_was_as_late_is_not():
    """A first installment was paid in time, the second not: late by less. Some of one: as late."""
    less, same = serviced(), serviced()
    for ref in (less, same):
        booked(ref, "purchase", "2026-01-20", 9_000, key="p", installments=3)
    close("2026-03-20")
    made(less, "2026-03-21")
    made(same, "2026-03-21")
    paid(less, "2026-02-10", 3_200)
    paid(same, "2026-02-10", 1_000)
    (found,) = wronged(US, since=LONG_AGO)
    assert found.account_ref == less
    assert 0 < found.true_days < found.known_days


def test_what_happened_on_the_day_itself_or_never_left_or_came_later_wrongs_nobody():
    ref = late()
    made(ref, "2026-02-10")
    made(ref, "2026-02-21", state="cancelled")
    paid(ref, "2026-02-10", 9_000)
    made(ref, "2026-02-22")  # after it was told: another matter
    assert wronged(US, since=LONG_AGO) == []


def test_a_call_that_an_agency_made_by_itself_is_listed_too():
    ref = late()
    account = Account.objects.get(ref=ref)
    Attempt.objects.create(
        person_id=account.person_id, channel="voice", interactive=True, connected=True,
        effective=True, inbound=False, at=datetime.now(UTC),
        local_on=date(2026, 2, 21), accounts=[account.pk], source="test", source_key="t",
    )  # fmt: skip
    paid(ref, "2026-02-10", 9_000)
    found = wronged(US, since=LONG_AGO)
    assert [(each.contact_id, each.channel) for each in found] == [("", "voice")]


def test_who_may_not_see_the_audit_may_not_see_this():
    with pytest.raises(NotAllowed):
        wronged(Reader(actor="li", abilities=ROLES["collector"]), since=LONG_AGO)


def test_the_command_line_lists_them_and_says_where_there_are_none():
    ref = late()
    assert forbear("books", "wronged").stdout.startswith("No contact was made on facts")
    contact = made(ref, "2026-02-21")
    paid(ref, "2026-02-10", 9_000, key="x")
    told = forbear("books", "wronged").stdout
    assert contact in told
    assert "9 days late as was known, 0 as is known now" in told
    one = json.loads(forbear("books", "wronged", "--json").stdout)["wronged"]
    assert [each["contact_id"] for each in one] == [contact]
    assert json.loads(forbear("books", "wronged", "--since", "2999-01-01", "--json").stdout) == {
        "wronged": []
    }
    wrong = forbear("books", "wronged", "--since", "yesterday")
    assert (wrong.returncode, "write it as 2026-11-20" in wrong.stderr) == (2, True)
