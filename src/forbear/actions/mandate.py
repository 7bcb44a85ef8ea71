"""Record the leave that a person gives to debit an account, and that it was taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import NoSuchAccount
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.bank.debit_state import MandateStage
from forbear.kernel.errors import ForbearError
from forbear.store import debit as store
from forbear.store.gate import lock_person
from forbear.store.payment import fetch_account

WRITTEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,99}")  # what a bank's file can hold
LAST_OF_MONTH = 31


class MandateUnclear(ForbearError):
    """A mandate's reference or payday is none that a bank or a calendar knows."""

    code = "debit.mandate_unclear"
    http_status = 422


class MandateNotYet(ForbearError):
    """Nobody gave or revoked a mandate at a time to come."""

    code = "debit.mandate_not_yet"
    http_status = 422
    what_to_do = "Send the instant at which it happened; compare the two clocks."


class MandateConflict(ForbearError):
    """The event says something else already, or the reference is another account's."""

    code = "debit.mandate_conflict"
    http_status = 409
    what_to_do = "Nothing was changed. Compare both; a new mandate needs a reference of its own."


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRecorded:
    """What recording a stage of a mandate changed."""

    added: bool  # False where the same event was known already
    recorded_at: datetime


def do_record_mandate(
    reader: Reader,
    *,
    event_ref: str,
    mandate_ref: str,
    account_ref: str,
    stage: MandateStage,
    payday: int | None = None,
    effective_at: datetime,
    at: datetime,
) -> MandateRecorded:
    """Record that a mandate was given, or revoked; the next question who is asked sees it.

    What is revoked stays so, in whichever order the two come in. To tell of another payday the
    mandate is given once more, in an event of its own.
    Unit:   payday: day of the month, 1 to 31; in a shorter month its last day.
    Errors: NotAllowed, NoSuchAccount, MandateUnclear, MandateNotYet, MandateConflict.
    """
    reader.must(Ability.write_mandate)
    _must_be_clear(mandate_ref, stage, payday)
    if effective_at > at:
        raise MandateNotYet(f"at {effective_at.isoformat()} lies ahead of this server's clock")
    with transaction.atomic():
        conn = connected()
        account = fetch_account(conn, account_ref)
        if account is None:
            raise NoSuchAccount(f"no account in the book has the reference {account_ref}")
        must_see_person(reader, account.person_id)
        lock_person(conn, account.person_id)  # whoever is asking the bank waits, and then sees it
        store.lock_mandate(conn, mandate_ref)
        if store.fetch_mandate_owner(conn, mandate_ref) not in (None, account.id):
            raise MandateConflict(f"mandate {mandate_ref} is of another account")
        row = {
            "source": reader.actor,
            "source_key": f"mandate:{reader.actor}:{event_ref}",
            "account_id": account.id,
            "mandate_ref": mandate_ref,
            "stage": stage.value,
            "payday": payday,
            "effective_at": effective_at,
        }
        added = store.insert_mandate(conn, row)
        if added:
            record_row(conn, Kind.mandate, row)
        known = store.fetch_mandate(conn, str(row["source_key"]))
        assert known is not None  # just inserted, or there before
        names = ("account_id", "mandate_ref", "stage", "payday", "effective_at")
        if differs := [name for name in names if getattr(known, name) != row[name]]:
            raise MandateConflict(f"event {event_ref} stands with another {', '.join(differs)}")
        return MandateRecorded(added=added, recorded_at=known.recorded_at)


def _must_be_clear(mandate_ref: str, stage: MandateStage, payday: int | None) -> None:
    if not WRITTEN.fullmatch(mandate_ref):
        raise MandateUnclear(
            "mandate_ref is 1 to 100 letters, digits and . _ : / -, a letter or digit first"
        )
    if payday is None:
        return
    if stage == MandateStage.revoked:
        raise MandateUnclear("a mandate that is revoked has no payday")
    if not 1 <= payday <= LAST_OF_MONTH:
        raise MandateUnclear(f"payday is a day of the month, 1 to {LAST_OF_MONTH}, not {payday}")
