"""A confirmation of costs is kept once, as it was shown, read and in time; with its evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from tests.people import someone

from forbear.actions.cost_confirmation import (
    ConfirmationConflict,
    NotThen,
    OfferChanged,
    ReadTooShort,
    Shown,
    do_confirm_cost,
)
from forbear.actions.payment import NoSuchAccount
from forbear.actions.product import made
from forbear.actions.reader import ROLES, NotAllowed, Reader, machine
from forbear.kernel.vocabulary import Confirmed
from forbear.store.models import Account, CostConfirmation, Evidence

CHECKOUT = machine("key:checkout")
ON = date(2026, 6, 1)
pytestmark = pytest.mark.django_db


def shown(**changes):
    digest = made("paylater", amount_minor=120_000, installments=12, on=ON).digest
    usual = Shown(
        confirmation_ref="c-1",
        product="paylater",
        amount_minor=120_000,
        installments=12,
        contract_on=ON,
        language="zh",
        offer_digest=digest,
        confirmed_by="lender:1",
        how=Confirmed.online,
        shown_s=10,
        at=datetime.fromisoformat("2026-06-01T10:00:00+08:00"),
    )
    return replace(usual, **changes)


def test_a_confirmation_is_kept_with_what_was_shown_and_for_how_long():
    kept = do_confirm_cost(CHECKOUT, shown())
    row = CostConfirmation.objects.get()
    assert kept.added
    assert (row.offer_digest, row.shown_s, row.actor) == (shown().offer_digest, 10, "key:checkout")
    assert len(row.table_digest) == len(row.terms_digest) == 64


def test_its_evidence_holds_digests_and_not_who_confirmed():
    do_confirm_cost(CHECKOUT, shown())
    entry = json.loads(Evidence.objects.get(kind="cost_confirmation").entry)
    assert entry["body"]["offer_digest"] == shown().offer_digest
    assert entry["body"]["shown_s"] == 10
    assert "lender:1" not in json.dumps(entry)
    assert "confirmed_by_digest" in entry["body"]


def test_the_same_confirmation_twice_is_kept_once():
    assert [do_confirm_cost(CHECKOUT, shown()).added for _ in range(3)] == [True, False, False]
    assert CostConfirmation.objects.count() == 1
    assert Evidence.objects.filter(kind="cost_confirmation").count() == 1


def test_the_same_reference_with_other_contents_is_a_conflict():
    do_confirm_cost(CHECKOUT, shown())
    with pytest.raises(ConfirmationConflict, match="c-1 differs in shown_s"):
        do_confirm_cost(CHECKOUT, shown(shown_s=99))
    assert CostConfirmation.objects.get().shown_s == 10


def test_an_offer_that_is_no_longer_the_one_shown_is_not_confirmed():
    with pytest.raises(OfferChanged):
        do_confirm_cost(CHECKOUT, shown(amount_minor=120_001))
    assert not CostConfirmation.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"shown_s": 9}, {"shown_s": None}, {"how": Confirmed.paper}],
)
def test_a_table_that_was_not_read_long_enough_is_not_confirmed(changes):
    with pytest.raises(ReadTooShort):
        do_confirm_cost(CHECKOUT, shown(**changes))


def test_a_signed_page_needs_no_time_on_a_screen():
    do_confirm_cost(CHECKOUT, shown(how=Confirmed.paper, shown_s=None))
    assert CostConfirmation.objects.get().shown_s is None


@pytest.mark.parametrize("at", ["2026-06-02T00:00:00+08:00", "2190-01-01T00:00:00+08:00"])
def test_a_table_is_confirmed_before_its_contract_and_not_in_a_time_to_come(at):
    with pytest.raises(NotThen):
        do_confirm_cost(CHECKOUT, shown(at=datetime.fromisoformat(at)))


def test_a_confirmation_may_name_its_account():
    account = Account.objects.get(pk=someone().account_id)
    do_confirm_cost(CHECKOUT, shown(account_ref=account.ref))
    assert CostConfirmation.objects.get().account_id == account.pk
    with pytest.raises(NoSuchAccount):
        do_confirm_cost(CHECKOUT, shown(confirmation_ref="c-2", account_ref="nobody/a"))


def test_who_may_not_record_confirmations_is_refused():
    with pytest.raises(NotAllowed):
        do_confirm_cost(Reader(actor="user:c", abilities=ROLES["supervisor"]), shown())
    assert not CostConfirmation.objects.exists()
