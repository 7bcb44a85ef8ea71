"""Record that an account is serviced here, under the terms of the day of its contract, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import NoSuchAccount, WrongCurrency, latest_day
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import CreditorType
from forbear.servicing.agreement import caps_of, conditions_kept
from forbear.servicing.product import terms_on
from forbear.servicing.terms import Terms
from forbear.store import booking as store
from forbear.store.booking import AccountFound
from forbear.store.gate import lock_person
from forbear.store.packs import fetch_law, fetch_products

COURT = ZoneInfo("Asia/Shanghai")  # whose day a day of filing is


class BookingConflict(ForbearError):
    """The same reference is booked already with other contents."""

    code = "booking.conflict"
    http_status = 409
    what_to_do = "Nothing was changed. Compare both; what is new needs a reference of its own."


class BookingDay(ForbearError):
    """The day lies before the contract, or has not begun yet."""

    code = "booking.day"
    http_status = 422
    what_to_do = "Send effective_on as the day on which it happened."


class OtherLender(ForbearError):
    """The product is of another kind of lender than the account."""

    code = "booking.other_lender"
    http_status = 422
    what_to_do = "Name a product of the account's own lender, or correct who lent and import it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What recording changed."""

    key: str  # under which other facts and the books speak of it
    added: bool  # False where it was booked before
    recorded_at: datetime


def do_record_contract(
    reader: Reader, *, account_ref: str, product: str, formed_on: date, at: datetime
) -> Booked:
    """Record that an account is serviced here, under the terms of the day it was formed.

    What the terms mean for the books is kept with it; a product that changes later changes nothing.
    Its caps are kept too, as if it were brought to court on the day it is recorded: a private loan
    made before 2020-08-20 is counted with the prime rate of that day from 2020-08-20 on.
    Errors: NotAllowed, NoSuchAccount, BookingConflict, BookingDay, ProductUnknown, NotInForce,
            WrongCurrency, OtherLender, and NotClaimed or RateUnknown where no rule says what
            it may cost.
    """
    reader.must(Ability.write_booking)
    with transaction.atomic():
        conn = connected()
        account = account_named(reader, conn, account_ref)
        lock_person(conn, account.person_id)  # the same contract twice at once: the second waits
        key = f"contract:{account_ref}"
        known = store.fetch_contract(conn, account.id)
        if known:
            if (known.product, known.formed_on) != (product, formed_on):
                raise BookingConflict(
                    f"account {account_ref} is serviced as {known.product} of {known.formed_on}"
                )
            return Booked(key=key, added=False, recorded_at=known.recorded_at)
        if formed_on > latest_day(conn, account.person_id, at=at):
            raise BookingDay(f"{formed_on} has not begun yet")
        terms = terms_on(fetch_products(), product, on=formed_on)
        if terms.currency != account.currency:
            raise WrongCurrency(f"{product} lends {terms.currency}, not {account.currency}")
        _must_be_its_lender(terms, store.fetch_creditor(conn, account.id), account_ref)
        caps = caps_of(
            fetch_law(), terms, formed_on=formed_on, recorded_on=at.astimezone(COURT).date()
        )
        row = {
            "source": reader.actor,
            "source_key": key,
            "account_id": account.id,
            "product": product,
            "formed_on": formed_on,
            "terms_digest": terms.digest,
            "conditions": conditions_kept(terms, caps),
            "actor": reader.actor,
        }
        recorded_at = store.insert_contract(conn, row)
        record_row(conn, Kind.contract, row)
        return Booked(key=key, added=True, recorded_at=recorded_at)


def account_named(reader: Reader, conn: Any, ref: str) -> AccountFound:
    """Return the account of a reference, if the reader may know of its person.

    Errors: NoSuchAccount, NoSuchPerson.
    """
    account = store.fetch_account(conn, ref)
    if account is None:
        raise NoSuchAccount(f"no account in the book has the reference {ref}")
    must_see_person(reader, account.person_id)
    return account


def _must_be_its_lender(terms: Terms, creditor: CreditorType, ref: str) -> None:
    """Refuse a product of another lender's kind: its cap and its rights would be another's.

    Who bought a debt holds it as its first lender did, and the account does not say who that was.
    """
    if creditor not in (terms.creditor_type, CreditorType.transferee):
        raise OtherLender(
            f"{terms.product} is of a lender of type {terms.creditor_type}, and the account"
            f" {ref} of one of type {creditor}"
        )
