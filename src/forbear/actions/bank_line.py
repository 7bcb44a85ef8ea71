"""Say where a line of a bank file belongs, and take that back; the money moves with it.

While a line is in suspense its money stands on the suspense account. When it leaves, that is
undone as of the bank's day, so that the books read as if it had been known from the first; what it
became, a payment among others, counts from the bank's day as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_rows
from forbear.actions.payment import NoSuchAccount, do_record_payment
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts
from forbear.bank.state import BankRule, BankState
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import PaymentStage
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import TransferKind
from forbear.store import bank as store
from forbear.store.bank import Locked
from forbear.store.environment import office_zone

S, R = BankState, BankRule


class NoSuchLine(ForbearError):
    """No line of a bank file has that number."""

    code = "bank.no_such_line"
    http_status = 404


class NotInSuspense(ForbearError):
    """Somebody, or a rule, has decided about the line already."""

    code = "bank.not_in_suspense"
    http_status = 409
    what_to_do = "Read the list again; take the decision back first, where it was wrong."


class NothingToUndo(ForbearError):
    """Nobody has decided about the line, or what was decided cannot be taken back any more."""

    code = "bank.nothing_to_undo"
    http_status = 409


class WentOut(ForbearError):
    """The line is money that left; it can be nobody's payment and cannot be sent back."""

    code = "bank.went_out"
    http_status = 422


class NoReason(ForbearError):
    """The decision needs a reason that another person can read."""

    code = "bank.no_reason"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided about a line."""

    line: int
    state: BankState
    account_ref: str  # "" where it is nobody's


def do_book_line(reader: Reader, *, line: int, account_ref: str, at: datetime) -> Decided:
    """Say whose a line in suspense is: it becomes their payment of the bank's day.

    Errors: NotAllowed, NoSuchLine, NotInSuspense, WentOut, and those of do_record_payment.
    """
    reader.must(Ability.reconcile)
    with transaction.atomic():
        found = _in_suspense(line, came=True)
        account = seen_accounts(reader).filter(ref=account_ref).first()
        if account is None:
            raise NoSuchAccount(f"no account in the book has the reference {account_ref}")
        book(reader, found, account=account.pk, rule=R.by_hand, at=at)
    return Decided(line=line, state=S.booked, account_ref=account_ref)


def do_return_line(reader: Reader, *, line: int, reason: str, at: datetime) -> Decided:
    """Say that a line's money goes back to whoever sent it, today.

    The bank's own line of its way out confirms it later, and books nothing twice.
    Errors: NotAllowed, NoReason, NoSuchLine, NotInSuspense, WentOut.
    """
    return _by_hand(reader, line, S.returned, reason, at=at, came=True)


def do_disown_line(reader: Reader, *, line: int, reason: str, at: datetime) -> Decided:
    """Say that a line is no business of these books, and why.

    Errors: NotAllowed, NoReason, NoSuchLine, NotInSuspense.
    """
    return _by_hand(reader, line, S.not_ours, reason, at=at, came=False)


def do_undo_line(reader: Reader, *, line: int, at: datetime) -> Decided:
    """Take the last decision about a line back: it is in suspense again, and stays for somebody.

    A payment that it had become is reversed as of the bank's day.
    Errors: NotAllowed, NoSuchLine, NothingToUndo.
    """
    reader.must(Ability.reconcile)
    with transaction.atomic():
        conn = connected()
        found = _locked(line)
        if found.state == S.suspense:
            raise NothingToUndo(f"line {line} is in suspense; nothing was decided about it")
        if store.is_confirmed(conn, f"return:{line}"):
            raise NothingToUndo(f"line {line} went back already; a line of the bank says so")
        if found.state == S.booked:
            ref = seen_accounts(reader).get(pk=found.account or 0).ref
            _pay(reader, found, ref, found.payment_ref, PaymentStage.reversed, at=at)
        today = day_of(at)
        if found.state == S.returned:
            sent = store.last_return(conn, line)
            store.insert_moves(conn, [_sent_back(found, on=sent, booked_on=today, undo=True)])
        else:
            store.insert_moves(conn, [into(found, booked_on=today)])
        account = found.account if found.state != S.matched else None
        act(reader, [next_act(found, S.suspense, R.undone, account=account)])
    return Decided(line=line, state=S.suspense, account_ref="")


def book(reader: Reader, found: Locked, *, account: int, rule: BankRule, at: datetime) -> None:
    """Make a line in suspense a payment of the bank's day; whoever asks has locked it."""
    ref = seen_accounts(reader).get(pk=account).ref
    payment_ref = f"bank:{found.line}:{found.number + 1}"
    _pay(reader, found, ref, payment_ref, PaymentStage.settled, at=at)
    store.insert_moves(connected(), [out_of(found, booked_on=day_of(at))])
    act(reader, [next_act(found, S.booked, rule, account=account, payment_ref=payment_ref)])


def act(reader: Reader, acts: Sequence[dict[str, Any]]) -> None:
    """Write acts with their entries."""
    conn = connected()
    written = store.insert_acts(conn, [each | {"actor": reader.actor} for each in acts])
    record_rows(conn, Kind.bank_act, written)


def next_act(
    found: Locked,
    state: BankState,
    rule: BankRule,
    *,
    account: int | None = None,
    payment_ref: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """Return the next act of a line."""
    return {
        "line_id": found.line,
        "number": found.number + 1,
        "state": state.value,
        "rule": rule.value,
        "account_id": account,
        "payment_ref": payment_ref,
        "reason": reason,
    }


def into(found: Locked, *, booked_on: date) -> dict[str, Any]:
    """Return the transfer that lets a line's money wait in suspense, as of the bank's day."""
    return _move(found, found.amount_minor > 0, on=found.effective_on, booked_on=booked_on)


def out_of(found: Locked, *, booked_on: date) -> dict[str, Any]:
    """Return what undoes it, as of the bank's day, booked on the day somebody knew."""
    came = found.amount_minor > 0
    return _move(found, came, on=found.effective_on, booked_on=booked_on, undo=True)


def day_of(at: datetime) -> date:
    """Return the office's day of an instant: the day of the books."""
    return at.astimezone(office_zone()).date()


def _sent_back(found: Locked, *, on: date, booked_on: date, undo: bool = False) -> dict[str, Any]:
    return _move(found, False, on=on, booked_on=booked_on, undo=undo)


def _move(
    found: Locked, came: bool, *, on: date, booked_on: date, undo: bool = False
) -> dict[str, Any]:
    """Return a transfer between cash and suspense, or what undoes it: its legs swapped."""
    kind = TransferKind.payment if came else TransferKind.payment_reversal
    legs = [LedgerAccount.cash.value, LedgerAccount.suspense.value]
    debit, credit = legs if came != undo else legs[::-1]
    return {
        "line_id": found.line,
        "kind": kind.value,
        "debit": debit,
        "credit": credit,
        "amount_minor": abs(found.amount_minor),
        "currency": found.currency,
        "effective_on": on,
        "booked_on": booked_on,
        "reverses": undo,
    }


def _pay(
    reader: Reader,
    found: Locked,
    account_ref: str,
    payment_ref: str,
    stage: PaymentStage,
    *,
    at: datetime,
) -> None:
    """Book one stage of the payment that a line is, on the way of every payment."""
    payer = replace(reader, abilities=reader.abilities | {Ability.write_payment})
    do_record_payment(
        payer,
        account_ref=account_ref,
        payment_ref=payment_ref,
        stage=stage,
        amount_minor=found.amount_minor,
        currency=found.currency,
        effective_on=found.effective_on,
        at=at,
    )


def _by_hand(
    reader: Reader, line: int, state: BankState, reason: str, *, at: datetime, came: bool
) -> Decided:
    reader.must(Ability.reconcile)
    if not reason.strip():
        raise NoReason("say why, in a sentence that another person understands")
    with transaction.atomic():
        found, today = _in_suspense(line, came=came), day_of(at)
        away = (
            _sent_back(found, on=today, booked_on=today)
            if state == S.returned
            else out_of(found, booked_on=today)
        )
        store.insert_moves(connected(), [away])
        act(reader, [next_act(found, state, R.by_hand, reason=reason.strip())])
    return Decided(line=line, state=state, account_ref="")


def _in_suspense(line: int, *, came: bool) -> Locked:
    found = _locked(line)
    if found.state != S.suspense:
        raise NotInSuspense(f"line {line} is {found.state} already")
    if came and found.amount_minor < 0:
        raise WentOut(f"line {line} is money that went out")
    return found


def _locked(line: int) -> Locked:
    found = store.lock_line(connected(), line)
    if found is None:
        raise NoSuchLine(f"no line of a bank file has the number {line}")
    return found
