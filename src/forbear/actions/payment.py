"""Record money that came in. What it settles is not collected for a moment longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.posting import NOWHERE, Posting, lines_of, owes_nothing, post
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_locked
from forbear.kernel.days import FIRST_DAY
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import PaymentStage
from forbear.store import payment as store
from forbear.store.contact import cancel_person
from forbear.store.gate import fetch_profile, lock_person
from forbear.store.payment import AccountFound, Booked

MAX_MINOR = 10**15  # no single payment is larger; sums of thousands of them still fit a bigint
MOVES = (PaymentStage.settled, PaymentStage.reversed)
LATEST_ZONE = timedelta(hours=14)  # where no zone is known: the latest day begun anywhere


class NoSuchAccount(ForbearError):
    """No account in the book has that reference."""

    code = "payment.no_such_account"
    http_status = 404
    what_to_do = "Check account_ref, or import the account first and send the event again."


class WrongCurrency(ForbearError):
    """The payment is not in the account's currency."""

    code = "payment.wrong_currency"
    http_status = 422
    what_to_do = "Send the amount in the account's own currency."


class NotAnAmount(ForbearError):
    """An amount is a whole number of minor units above zero."""

    code = "payment.not_an_amount"
    http_status = 422
    what_to_do = "Send a positive whole number of minor units (fen for CNY)."


class DayOutOfRange(ForbearError):
    """The value date has not begun yet, or lies before 1970."""

    code = "payment.day_out_of_range"
    http_status = 422
    what_to_do = "Send effective_on as the day the person paid; never a day to come."


class BeforeContract(ForbearError):
    """The value date lies before the contract of the account that is serviced here."""

    code = "payment.before_contract"
    http_status = 422
    what_to_do = "Compare the value date, and the account, with the contract's day."


class MoreThanLent(ForbearError):
    """More would come back of an account that is serviced here than was lent on it."""

    code = "payment.more_than_lent"
    http_status = 422
    what_to_do = (
        "Compare the account's refunds with its purchases; book a purchase before its refund."
    )


class PaymentConflict(ForbearError):
    """The same reference is booked already with other contents."""

    code = "payment.conflict"
    http_status = 409
    what_to_do = (
        "Nothing was changed. Compare both records; a correction is a new event:"
        " the stage reversed, then a payment with a new reference."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What recording money changed."""

    added: bool  # False where the same event was booked before
    booked: Booked  # as it stands in the book, the first time and every time after
    nothing_due: bool  # nothing of this person's is due and unpaid any more
    plans_cancelled: int
    contacts_cancelled: int
    posting: Posting  # where the money went; nowhere yet where the account is not serviced here


def do_record_payment(
    reader: Reader,
    *,
    account_ref: str,
    payment_ref: str,
    stage: PaymentStage,
    amount_minor: int,
    currency: str,
    effective_on: date,
    at: datetime,
) -> Recorded:
    """Book one stage of a payment, and cancel what is planned where nothing is due any more.

    Money of an account that is serviced here is posted and allocated with it. One transaction, the
    person locked first: a gate that runs meanwhile waits and then sees it.
    The same stage of the same payment twice is booked once and answers the same.
    Errors: NoSuchAccount, WrongCurrency, NotAnAmount, DayOutOfRange, BeforeContract,
            PaymentConflict, NotAllowed.
    """
    reader.must(Ability.write_payment)
    with transaction.atomic():
        conn = connected()
        account = locked(reader, conn, account_ref, currency, amount_minor, effective_on, at)
        row = {
            "source": reader.actor,
            "source_key": f"payment:{payment_ref}:{stage.value}",
            "account_id": account.id,
            "payment_ref": payment_ref,
            "stage": stage.value,
            "amount_minor": amount_minor,
            "effective_on": effective_on,
        }
        added = store.insert_payment(conn, row)
        if added:
            record_row(conn, Kind.payment, row)
        stages = store.fetch_payment(conn, payment_ref)
        came = stages.get(PaymentStage.settled.value) if stage == PaymentStage.reversed else None
        if added and not (came and came.effective_on <= effective_on):
            not_before_contract(conn, account, account_ref, effective_on)
        if stage.value not in stages:  # another payment's fact has taken the key
            raise PaymentConflict(f"the event {stage.value} of payment {payment_ref} is not new")
        booked = stages[stage.value]
        if differs := differences(booked, amount_minor, effective_on):
            raise PaymentConflict(
                f"{stage.value} of payment {payment_ref} is booked already: {differs}"
            )
        for other in stages.values():
            if other.account_ref != account_ref:
                raise PaymentConflict(
                    f"payment {payment_ref} belongs to account {other.account_ref}"
                    f" ({other.stage}), not to {account_ref}"
                )
        _reverses_no_more(payment_ref, stages)
        posting = NOWHERE
        if stage in MOVES:
            posting = posted(conn, account, f"payment:{payment_ref}:{stage.value}", added)
        return recorded(conn, account, added, booked, at, stage == PaymentStage.settled, posting)


def locked(
    reader: Reader,
    conn: Any,
    ref: str,
    currency: str,
    amount_minor: int,
    effective_on: date,
    at: datetime,
) -> AccountFound:
    """Return the account with its person locked, where the event can be true."""
    account = store.fetch_account(conn, ref)
    if account is None:
        raise NoSuchAccount(f"no account in the book has the reference {ref}")
    must_see_locked(reader, account.person_id)
    if account.currency != currency:
        raise WrongCurrency(f"account {ref} is in {account.currency}; the event says {currency}")
    if not 0 < amount_minor <= MAX_MINOR:
        raise NotAnAmount(f"amount_minor must be between 1 and {MAX_MINOR}")
    today = latest_day(conn, account.person_id, at=at)
    if not FIRST_DAY <= effective_on <= today:
        raise DayOutOfRange(f"effective_on {effective_on} is not within {FIRST_DAY} and {today}")
    lock_person(conn, account.person_id)  # this _must_ come before the fact is written
    return account


def latest_day(conn: Any, person_id: int, *, at: datetime) -> date:
    """Return today by a person's own clock; where no zone is known, the latest begun anywhere.

    Errors: none.
    """
    _, zone, _ = fetch_profile(conn, person_id, at=at)
    return at.astimezone(zone).date() if zone else (at + LATEST_ZONE).date()


def not_before_contract(conn: Any, account: AccountFound, ref: str, on: date) -> None:
    """Raise BeforeContract where money is told of a day on which nothing was lent yet."""
    formed_on = store.fetch_formed_on(conn, account.id)
    if formed_on and on < formed_on:
        raise BeforeContract(
            f"effective_on {on} lies before {formed_on}, the day of account {ref}'s contract"
        )


def within_lent(conn: Any, account: AccountFound, ref: str) -> None:
    """Raise MoreThanLent where more came back, this refund included, than was lent here."""
    if store.fetch_formed_on(conn, account.id) is None:
        return
    lent, back = store.fetch_lent(conn, account.id)
    if back > lent:
        raise MoreThanLent(
            f"of {lent} lent on account {ref} {back} would have come back, this refund included"
        )


def differences(booked: Booked, amount_minor: int, effective_on: date) -> str:
    """Return in which words an event differs from what is in the book; "" where it does not."""
    wanted = {"amount_minor": amount_minor, "effective_on": effective_on}
    return "; ".join(
        f"{name} is {getattr(booked, name)} in the book, {value} in the event"
        for name, value in wanted.items()
        if getattr(booked, name) != value
    )


def _reverses_no_more(payment_ref: str, stages: dict[str, Booked]) -> None:
    """Raise PaymentConflict where more was taken back than came in, in whichever order."""
    settled = stages.get(PaymentStage.settled.value)
    reversed_ = stages.get(PaymentStage.reversed.value)
    if settled and reversed_ and reversed_.amount_minor > settled.amount_minor:
        raise PaymentConflict(
            f"payment {payment_ref} settled {settled.amount_minor} and cannot reverse"
            f" {reversed_.amount_minor}"
        )


def posted(conn: Any, account: AccountFound, key: str, added: bool) -> Posting:
    """Return where the money went: posted now, or as the books stand where it was before."""
    return post(conn, account.id, key) if added else lines_of(conn, account.id, key)


def recorded(
    conn: Any,
    account: AccountFound,
    added: bool,
    booked: Booked,
    at: datetime,
    lowers: bool,
    posting: Posting,
) -> Recorded:
    """Cancel what is planned for a person who owes nothing due any more, and say what was done."""
    nothing_due = owes_nothing(account.person_id, at=at)
    plans = contacts = 0
    if lowers and nothing_due:
        plans, contacts = cancel_person(conn, account.person_id)
    return Recorded(
        added=added,
        booked=booked,
        nothing_due=nothing_due,
        plans_cancelled=plans,
        contacts_cancelled=contacts,
        posting=posting,
    )
