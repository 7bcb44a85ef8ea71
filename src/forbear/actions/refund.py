"""Record a refund from the day it is asked for. While it is on its way nobody is asked for money.

What a person owes is not certain while goods are on their way back. So a refund that was asked for
is a status of its account, the one that gate, night, work list, debits and audit read; it ends
with the refund, and not before another one of the same account has ended too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import (
    MoreThanLent,
    PaymentConflict,
    Recorded,
    differences,
    locked,
    not_before_contract,
    posted,
    recorded,
    within_lent,
)
from forbear.actions.posting import NOWHERE, post
from forbear.actions.reader import Ability, Reader
from forbear.actions.status import stops
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import RefundStage, StatusKind, StatusStage
from forbear.law.packs import fewest_days
from forbear.store import refund as store
from forbear.store.booking import fetch_booking
from forbear.store.contact import cancel_about, cancel_person, cancel_plans_about
from forbear.store.models import Status
from forbear.store.packs import fetch_law
from forbear.store.payment import AccountFound, Booked, fetch_formed_on

ENDS = (RefundStage.settled, RefundStage.withdrawn, RefundStage.refused)
TICK = timedelta(microseconds=1)  # what is told later counts later, whichever clock was ahead


class RefundConflict(PaymentConflict):
    """The same refund is booked already with other contents, or ended another way."""

    what_to_do = (
        "Nothing was changed. Compare both records; a refund that ended stays so, and goods that go"
        " back after all are a refund with a reference of its own."
    )


class NoSuchPurchase(ForbearError):
    """What is to go back is no purchase of the account, or is not named by the request."""

    code = "payment.no_such_purchase"
    http_status = 422
    what_to_do = (
        "Name a purchase by its booking_ref when the refund is requested, or none; book the"
        " purchase first."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecorded(Recorded):
    """What recording a stage of a refund changed, and what it holds in the books."""

    hold: store.Hold | None  # of a request alone, of an account that is serviced here


def do_record_refund(
    reader: Reader,
    *,
    account_ref: str,
    refund_ref: str,
    amount_minor: int,
    currency: str,
    effective_on: date,
    at: datetime,
    stage: RefundStage = RefundStage.settled,
    purchase_ref: str = "",
) -> RefundRecorded:
    """Book one stage of a refund: asked for, it freezes its account; settled, it lowers the debt.

    A request names the purchase that goes back, or none: then everything of the account is held.
    What waits to go out about the account says what was owed before: with either that is cancelled,
    and everything where nothing else is due. Stages come in any order; one that ended is not frozen
    by what is told of it later. The same stage twice is booked once and answers the same.
    Errors: NoSuchAccount, WrongCurrency, NotAnAmount, DayOutOfRange, BeforeContract,
            MoreThanLent, NoSuchPurchase, RefundConflict, NotAllowed.
    """
    reader.must(Ability.write_payment)
    with transaction.atomic():
        conn = connected()
        account = locked(reader, conn, account_ref, currency, amount_minor, effective_on, at)
        key = _key(refund_ref, stage)
        row = {
            "source": reader.actor,
            "source_key": key,
            "account_id": account.id,
            "amount_minor": amount_minor,
            "effective_on": effective_on,
        }
        hold = _to_hold(conn, account_ref, refund_ref, stage, purchase_ref, row)
        added = _inserted(conn, row, refund_ref, stage)
        if added and hold:
            store.insert_hold(conn, hold)
            record_row(conn, Kind.refund_hold, hold)
        if added:
            not_before_contract(conn, account, account_ref, effective_on)
            if stage == RefundStage.settled:
                within_lent(conn, account, account_ref)
        stages = store.fetch_refund(conn, refund_ref)
        _consistent(account_ref, refund_ref, stage, stages)
        booked = stages[stage.value]
        if differs := differences(booked, amount_minor, effective_on):
            raise RefundConflict(
                f"{stage.value} of refund {refund_ref} is booked already: {differs}"
            )
        held = store.fetch_hold(conn, refund_ref)
        if stage == RefundStage.requested:
            _of_same(refund_ref, purchase_ref, held)
        if stage in ENDS and store.fetch_return_booked(conn, account.id, refund_ref):
            _not_booked_as_return(refund_ref, stages)
        settles = stage == RefundStage.settled
        posting = posted(conn, account, key, added) if settles else NOWHERE
        if added and held and not settles:
            post(conn, account.id, held.key)
        plans = contacts = 0
        if added and stage == RefundStage.requested:
            plans, contacts = _freeze(reader, conn, account, refund_ref, at)
        if added and settles:
            cancel_about(conn, account.person_id, account.id)
        if added and stage in ENDS and RefundStage.requested.value in stages:
            _thaw(reader, conn, account, f"refund:{refund_ref}:{stage.value}", at)
        done = recorded(conn, account, added, booked, at, settles, posting)
        holds = stage == RefundStage.requested and fetch_formed_on(conn, account.id)
        return RefundRecorded(
            added=done.added,
            booked=done.booked,
            nothing_due=done.nothing_due,
            plans_cancelled=plans + done.plans_cancelled,
            contacts_cancelled=contacts + done.contacts_cancelled,
            posting=done.posting,
            hold=held if holds else None,
        )


def thaw_returned(
    reader: Reader,
    conn: Any,
    account: AccountFound,
    *,
    account_ref: str,
    refund_ref: str,
    at: datetime,
) -> None:
    """End the freeze of a refund whose return was just booked under the same reference.

    The person must be locked.
    Errors: RefundConflict where that refund ended otherwise before.
    """
    stages = store.fetch_refund(conn, refund_ref)
    asked = stages.get(RefundStage.requested.value)
    if asked is None or asked.account_ref != account_ref:
        return  # another's reference, which happens to be the same
    _not_booked_as_return(refund_ref, stages)
    _thaw(reader, conn, account, f"refund:{refund_ref}:booked", at)


def _to_hold(
    conn: Any,
    account_ref: str,
    refund_ref: str,
    stage: RefundStage,
    purchase_ref: str,
    row: dict[str, Any],
) -> dict[str, Any] | None:
    """Return what a request is to hold; None for any other stage, and where the house holds none.

    Raises NoSuchPurchase, MoreThanLent.
    """
    if stage != RefundStage.requested:
        if purchase_ref:
            raise NoSuchPurchase(f"{stage.value} of refund {refund_ref} names no purchase")
        return None
    bought = fetch_booking(conn, f"booking:{purchase_ref}") if purchase_ref else None
    if purchase_ref and not (
        bought and bought.account_ref == account_ref and bought.kind == "purchase"
    ):
        raise NoSuchPurchase(f"no purchase {purchase_ref} of account {account_ref}")
    if bought and bought.effective_on > row["effective_on"]:
        raise NoSuchPurchase(
            f"purchase {purchase_ref} is of {bought.effective_on}, after {row['effective_on']}"
        )
    if bought and row["amount_minor"] > bought.amount_minor:
        raise MoreThanLent(
            f"{row['amount_minor']} are to come back of the {bought.amount_minor} that were lent"
            f" for {purchase_ref}"
        )
    days = fewest_days(fetch_law(), topic="refund_hold_days", on=row["effective_on"])
    if not days:
        return None
    return {
        "source": row["source"],
        "source_key": f"hold:{refund_ref}",
        "account_id": row["account_id"],
        "refund_ref": refund_ref,
        "about": f"booking:{purchase_ref}" if purchase_ref else "",
        "days": days,
        "effective_on": row["effective_on"],
    }


def _of_same(refund_ref: str, purchase_ref: str, held: store.Hold | None) -> None:
    """Raise RefundConflict where the same request was told of something else before."""
    if held and held.purchase_ref != purchase_ref:
        raise RefundConflict(
            f"requested of refund {refund_ref} is booked already: purchase_ref is"
            f" {held.purchase_ref or 'none'} in the book, {purchase_ref or 'none'} in the event"
        )


def _key(refund_ref: str, stage: RefundStage) -> str:
    """Return the key of a stage; that it settled is the refund itself."""
    if stage == RefundStage.settled:
        return f"refund:{refund_ref}"
    return f"refund:{refund_ref}:{stage.value}"


def _inserted(conn: Any, row: dict[str, Any], refund_ref: str, stage: RefundStage) -> bool:
    """Write a stage and its entry; return False where it is there already."""
    if stage == RefundStage.settled:
        added, kind = store.insert_refund(conn, row), Kind.refund
    else:
        row |= {"refund_ref": refund_ref, "stage": stage.value}
        added, kind = store.insert_refund_stage(conn, row), Kind.refund_stage
    if added:
        record_row(conn, kind, row)
    return added


def _consistent(
    account_ref: str, refund_ref: str, stage: RefundStage, stages: dict[str, Booked]
) -> None:
    """Raise RefundConflict where the stages of a refund cannot all be true."""
    if stage.value not in stages:  # another refund's fact has taken the key
        raise RefundConflict(f"the event {stage.value} of refund {refund_ref} is not new")
    for other in stages.values():
        if other.account_ref != account_ref:
            raise RefundConflict(
                f"refund {refund_ref} belongs to account {other.account_ref}, not to {account_ref}"
            )
    for end in ENDS:
        if stage in ENDS and end != stage and end.value in stages:
            raise RefundConflict(
                f"refund {refund_ref} ended as {end.value} and cannot be {stage.value}"
            )
    asked = stages.get(RefundStage.requested.value)
    for end in (RefundStage.withdrawn, RefundStage.refused):
        ended = stages.get(end.value)
        if asked and ended and asked.amount_minor != ended.amount_minor:
            raise RefundConflict(
                f"refund {refund_ref} was requested of {asked.amount_minor}"
                f" and {end.value} of {ended.amount_minor}"
            )


def _not_booked_as_return(refund_ref: str, stages: dict[str, Booked]) -> None:
    """Raise RefundConflict where a return that is booked also ended otherwise."""
    ended = [end.value for end in ENDS if end.value in stages]
    if RefundStage.requested.value in stages and ended:
        raise RefundConflict(
            f"refund {refund_ref} is booked as a return of its purchase and as {ended[0]}"
        )


def _freeze(
    reader: Reader, conn: Any, account: AccountFound, refund_ref: str, at: datetime
) -> tuple[int, int]:
    """Say that a refund is on its way, and cancel what is about its account; return how much.

    A refund that ended before it was told of freezes nothing.
    """
    if refund_ref not in store.fetch_pending(conn, account.id):
        return 0, 0
    said = _say(reader, conn, account, f"refund:{refund_ref}:requested", StatusStage.began, at)
    plans = cancel_plans_about(conn, account.person_id, account.id)
    contacts = cancel_about(conn, account.person_id, account.id)
    if stops(said, said.effective_at):
        more = cancel_person(conn, account.person_id)
        plans, contacts = plans + more[0], contacts + more[1]
    return plans, contacts


def _thaw(reader: Reader, conn: Any, account: AccountFound, key: str, at: datetime) -> None:
    """Say that no refund is on its way, unless another one is or somebody else says so."""
    if store.fetch_pending(conn, account.id) or store.fetch_held_elsewhere(conn, account.id):
        return
    _say(reader, conn, account, key, StatusStage.ended, at)


def _say(
    reader: Reader, conn: Any, account: AccountFound, key: str, stage: StatusStage, at: datetime
) -> Status:
    """Write the status that the gate reads, with its entry. It counts after the last one."""
    last = store.fetch_last_freeze(conn, account.id)
    said = Status.objects.create(
        source=reader.actor,
        source_key=key,
        person_id=account.person_id,
        account_id=account.id,
        kind=StatusKind.refund_pending.value,
        stage=stage.value,
        effective_at=max(at, last + TICK) if last else at,
    )
    record_row(conn, Kind.status, said)
    return said
