"""The database refuses what double entry does not know, whoever writes it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from forbear.ledger.transfer import LEGS, TransferKind
from forbear.store.models import Account, Person, Transfer

pytestmark = pytest.mark.django_db
PAIRS = sorted((k, d, c) for k, legs in LEGS.items() for d, c in legs)


@pytest.fixture
def account():
    person = Person.objects.create(ref="p1", lot=0)
    return Account.objects.create(
        person=person,
        ref="a1",
        source_key="a1",
        product="paylater",
        currency="CNY",
        creditor_type="other",
    )


def written(account, kind, debit, credit, *, amount=1, reverses=False):
    return Transfer.objects.create(
        account=account,
        kind=kind,
        debit=debit,
        credit=credit,
        amount_minor=amount,
        effective_on="2026-01-01",
        booked_on="2026-01-01",
        reverses=reverses,
        rules="",
    )


def test_every_kind_moves_between_its_own_accounts_and_back(account):
    for kind, debit, credit in PAIRS:
        written(account, kind, debit, credit)
        written(account, kind, credit, debit, reverses=True)


@pytest.mark.parametrize(
    ("kind", "debit", "credit", "amount"),
    [
        (TransferKind.payment, "unapplied", "cash", 1),  # the wrong way round
        (TransferKind.waiver, "waiver", "cash", 1),
        ("gift", "cash", "unapplied", 1),
        (TransferKind.payment, "cash", "unapplied", 0),
        (TransferKind.payment, "cash", "unapplied", -1),
    ],
)
def test_anything_else_is_refused(account, kind, debit, credit, amount):
    with pytest.raises(DatabaseError, match="transfer_"), transaction.atomic():
        written(account, kind, debit, credit, amount=amount)


def test_what_is_written_is_never_changed(account):
    written(account, TransferKind.payment, "cash", "unapplied")
    for change in ("update transfer set amount_minor = 2", "delete from transfer"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(change)
