"""One book of two people, a key for each thing that the API lets a program do, and a signer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from forbear.actions.api_key import MadeKey, do_make_key
from forbear.actions.reader import machine
from forbear.api.access import signature
from forbear.store.cipher import cipher
from forbear.store.models import Account, ContactPoint, Due, Person, Profile

TODAY = datetime.now(UTC).date()


def make_person(
    ref: str,
    *,
    due_minor: int = 100_00,
    phone: str = "13800000000",
    creditor_type: str = "micro_loan",
) -> Person:
    """Store a person in Shanghai with a phone and one account, an installment of it past due."""
    person = Person.objects.create(ref=ref, lot=7)
    Profile.objects.create(
        person=person,
        source="test",
        source_key=f"profile:{ref}",
        effective_on="2020-01-01",
        name_cipher=cipher().sealed("王小明"),
        jurisdiction="CN",
        zone="Asia/Shanghai",
    )
    ContactPoint.objects.create(
        person=person,
        source="test",
        source_key=f"point:{ref}",
        kind="phone",
        relation="obligor",
        value_cipher=cipher().sealed(phone),
        value_index=cipher().index(phone),
        obtained="contract",
        effective_on="2020-01-01",
    )
    account = Account.objects.create(
        person=person,
        ref=f"{ref}/a",
        product="paylater",
        currency="CNY",
        creditor_type=creditor_type,
        jurisdiction="CN",
        source="test",
        source_key=f"{ref}/a",
    )
    Due.objects.create(
        account=account,
        kind="installment",
        effective_on=TODAY - timedelta(days=40),
        due_on=TODAY - timedelta(days=10),
        amount_minor=due_minor,
        source="test",
        source_key=f"due:{ref}",
    )
    return person


@pytest.fixture
def wang(db: None) -> Person:
    """A person who owes 100.00 since ten days ago, on account lender:1/a."""
    del db
    return make_person("lender:1")


@pytest.fixture
def neighbor(db: None) -> Person:
    """Somebody else, with an account of their own."""
    del db
    return make_person("lender:2", phone="13900000000")


@dataclass(frozen=True)
class Door:
    """The API as a program meets it: a client, its key, and how it signs."""

    made: MadeKey

    def get(self, path: str, **query: str) -> Any:
        """Ask with the bearer's key."""
        return Client().get(path, query, headers={"Authorization": f"Bearer {self.made.key}"})

    def post(self, path: str, body: bytes | dict[str, Any], **headers: str) -> Any:
        """Send a signed event; headers given here stand in place of the right ones."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        content_type = headers.pop("Content-Type", "application/json")
        return Client().post(
            path, raw, content_type=content_type, headers=self.signed(raw) | headers
        )

    def signed(self, raw: bytes, at_s: int | None = None) -> dict[str, str]:
        """Return the three headers that sign a body."""
        stamp = str(int(time.time()) if at_s is None else at_s)
        return {
            "Forbear-Key": self.made.name,
            "Forbear-Timestamp": stamp,
            "Forbear-Signature": f"v1={signature(self.made.signing_secret, stamp, raw)}",
        }


@pytest.fixture
def door(db: None) -> Callable[..., Door]:
    """Make a key with the scopes given and return the door as its program meets it."""
    del db

    def make(*scopes: str, name: str = "core") -> Door:
        return Door(do_make_key(machine("cli:test"), name=name, scopes=scopes))

    return make


@pytest.fixture
def payments(door: Callable[..., Door]) -> Door:
    """The payments gateway's door."""
    return door("write_payment", name="gateway")
