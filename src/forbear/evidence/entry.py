"""One entry of the log: what was done, as bytes that are always the same. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

import orjson

from forbear.kernel.digest import value_digest
from forbear.kernel.errors import ForbearError

VERSION = 1
PLAIN = frozenset({str, int, bool, type(None)})  # what JSON knows in one form
FIELDS = frozenset("at body contact kind salt subject v".split())


class Kind(StrEnum):
    """What an entry proves."""

    log_began = "log_began"  # what stood in the book before there was a log
    log_key = "log_key"  # a key that signs checkpoints was announced
    law = "law"  # decisions are made under other packs from here on
    decision = "decision"  # the gate allowed or refused a contact
    outcome = "outcome"  # where a contact's way out ended
    receipt = "receipt"  # what a provider said
    resolution = "resolution"  # a person decided about a stuck contact
    disposition = "disposition"
    promise = "promise"
    reveal = "reveal"  # somebody looked at personal data
    attempt = "attempt"  # somebody was tried, or called us
    point_stage = "point_stage"  # what became known of a number or address
    consent = "consent"
    status = "status"
    dispute = "dispute"
    moratorium = "moratorium"  # nobody in an area is contacted for a while
    moratorium_end = "moratorium_end"
    payment = "payment"
    refund = "refund"
    refund_stage = "refund_stage"  # a refund was asked for, withdrawn or refused
    refund_hold = "refund_hold"  # what one that was asked for holds in the books
    occasion = "occasion"  # something happened that opens or closes a duty
    duty = "duty"  # a duty was opened
    duty_step = "duty_step"  # it was met, released or given more time
    screening = "screening"  # a text was screened, and what was found
    template = "template"  # a version of a message was written
    template_verdict = "template_verdict"  # somebody approved, refused or withdrew it
    agency = "agency"
    membership = "membership"  # a user works for an agency
    placement = "placement"  # an account was placed with an agency, or recalled
    user = "user"  # a user was made, or their roles or password changed
    sign_in = "sign_in"  # a try to sign in, or the forgiving of tries
    second_factor = "second_factor"  # set up or ended
    recovery_code = "recovery_code"
    factor_use = "factor_use"
    api_key = "api_key"
    night = "night"
    intake = "intake"
    cost_confirmation = "cost_confirmation"  # a borrower confirmed what credit costs
    seal = "seal"  # rows that a file or the demo book brought in together
    demo = "demo"  # invented people were brought in
    contract = "contract"  # an account is serviced here, under these terms
    booking = "booking"  # a fact about a serviced account
    bank_file = "bank_file"  # a bank file was taken
    bank_act = "bank_act"  # where a line of it belongs
    mandate = "mandate"  # leave to debit an account was given or revoked
    debit_request = "debit_request"  # the bank was asked for a debit
    debit_result = "debit_result"  # what became of it
    close = "close"  # the books of a day were closed


class BadEntry(ForbearError):
    """The text is no entry of an evidence log."""

    code = "evidence.bad_entry"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, read back."""

    kind: str
    subject: str  # the row that it proves: table and key
    contact: str | None  # the contact that it belongs to
    at: str  # UTC, as written
    body: Mapping[str, Any]  # ids and digests; no name, number or text in clear


def entry_text(
    *,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    at: datetime,
    salt: bytes,
    contact: str | None = None,
) -> str:
    """Return an entry as canonical JSON: sorted keys, no spaces, no floats.

    The salt keeps the entry's hash, which neighbors' proofs show, from being guessed.
    Errors: TypeError where the body holds something that has no one way of being written.
    """
    return written(
        {
            "v": VERSION,
            "kind": str(kind),
            "subject": subject,
            "contact": contact,
            "at": plain(at),
            "body": plain(body),
            "salt": salt.hex(),
        }
    )


def canonical(value: Any) -> str:
    """Return plain values as JSON that has one form only."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def written(value: Any) -> str:
    """Return what `canonical` does, several times as fast, of plain values without floats."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # a number beyond 64 bits
        return canonical(value)


def parse_entry(text: str) -> Entry:
    """Return an entry from its text.

    Errors: BadEntry, also where the same contents could be written otherwise.
    """
    try:
        told = json.loads(text)
    except ValueError:
        raise BadEntry("the entry is not JSON") from None
    if not isinstance(told, dict) or set(told) != FIELDS or told["v"] != VERSION:
        raise BadEntry("the entry does not have the fields of an entry")
    if canonical(told) != text:
        raise BadEntry("the entry is not in its canonical form")
    return Entry(**{name: told[name] for name in Entry.__slots__})


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: instants in UTC, days, ids and words as text.

    Errors: TypeError for floats and whatever else has no one form.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [each if type(each) in PLAIN else plain(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no one form in an entry")


def digested(value: Any) -> str | None:
    """Return the digest that stands for what an entry must not hold in clear; None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, bytes | memoryview):
        value = bytes(value).hex()
    if isinstance(value, IPv4Address | IPv6Address):
        value = str(value)
    if isinstance(value, dict) and all(type(each) in PLAIN for each in value.values()):
        return hashlib.sha256(written(value).encode()).hexdigest()  # as many facts of one contact
    return value_digest(value)
