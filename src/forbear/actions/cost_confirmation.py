"""Record that a borrower read and confirmed what credit costs, before the contract was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.cost_table import cost_table
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import NoSuchAccount
from forbear.actions.product import made
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Confirmed
from forbear.servicing.terms import Terms
from forbear.store.models import CostConfirmation


class OfferChanged(ForbearError):
    """What was shown is not what would be offered."""

    code = "product.offer_changed"
    http_status = 409
    what_to_do = "Show the table of the offer as it is now, and let it be confirmed again."


class ReadTooShort(ForbearError):
    """The table was not shown for as long as the product asks, or it is not said how long."""

    code = "product.read_too_short"
    http_status = 422
    what_to_do = "Keep the table on the screen for the time that is named before it is confirmed."


class NotThen(ForbearError):
    """A table is confirmed before its contract, and not in a time to come."""

    code = "product.not_then"
    http_status = 422
    what_to_do = "Check the sender's clock and the day of the contract."


class ConfirmationConflict(ForbearError):
    """The same reference is recorded already with other contents."""

    code = "product.confirmation_conflict"
    http_status = 409
    what_to_do = "Nothing was changed. Send another confirmation under a reference of its own."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was shown to whom, and how it was confirmed."""

    confirmation_ref: str
    product: str
    amount_minor: int
    installments: int
    contract_on: date
    language: str
    offer_digest: str
    confirmed_by: str  # the borrower's reference
    how: Confirmed
    shown_s: int | None  # None on paper
    at: datetime
    account_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The confirmation as it stands."""

    added: bool  # False where the same was recorded before
    row: CostConfirmation


def do_confirm_cost(reader: Reader, shown: Shown) -> Kept:
    """Record one confirmation, once; the offer is counted again and must be the one shown.

    Errors: NotAllowed, ProductUnknown, NotInForce, NotOffered, MustNotBeMade, NotALanguage,
    OfferChanged, ReadTooShort, NotThen, NoSuchAccount, ConfirmationConflict.
    """
    reader.must(Ability.write_confirmation)
    found = made(
        shown.product,
        amount_minor=shown.amount_minor,
        installments=shown.installments,
        on=shown.contract_on,
    )
    table = cost_table(found, language=shown.language)
    if found.digest != shown.offer_digest:
        raise OfferChanged(f"the offer is {found.digest} now, not {shown.offer_digest}")
    _must_be_read(shown, found.terms)
    values = {
        "account_id": _account(reader, shown.account_ref),
        "product": shown.product,
        "terms_digest": found.terms.digest,
        "offer_digest": found.digest,
        "table_digest": table["digest"],
        "amount_minor": shown.amount_minor,
        "installments": shown.installments,
        "contract_on": shown.contract_on,
        "language": shown.language,
        "how": shown.how.value,
        "shown_s": shown.shown_s,
        "confirmed_by": shown.confirmed_by,
        "effective_at": shown.at,
        "actor": reader.actor,
        "source": reader.actor,
    }
    with transaction.atomic():
        conn = connected()
        row, added = CostConfirmation.objects.get_or_create(
            source_key=f"cost_confirmation:{reader.actor}:{shown.confirmation_ref}", defaults=values
        )
        if added:
            row.refresh_from_db()
            record_row(conn, Kind.cost_confirmation, row)
        differs = [name for name, value in values.items() if getattr(row, name) != value]
        if differs:
            raise ConfirmationConflict(f"{shown.confirmation_ref} differs in {', '.join(differs)}")
    return Kept(added=added, row=row)


def _must_be_read(shown: Shown, terms: Terms) -> None:
    """Raise ReadTooShort or NotThen unless it was read, in time."""
    online = shown.how is Confirmed.online
    if online != (shown.shown_s is not None):
        raise ReadTooShort("say for how many seconds it was shown online; on paper, nothing")
    if online and (shown.shown_s or 0) < terms.reading_s:
        raise ReadTooShort(
            f"shown for {shown.shown_s} s; {terms.product} asks for {terms.reading_s} s"
        )
    day = shown.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if shown.at > datetime.now(UTC) or day > shown.contract_on:
        raise NotThen(f"confirmed at {shown.at.isoformat()}, for a contract of {shown.contract_on}")


def _account(reader: Reader, ref: str | None) -> int | None:
    """Return the account that was opened under the offer, where it is named."""
    if ref is None:
        return None
    found = seen_accounts(reader).filter(ref=ref).values_list("pk", flat=True).first()
    if found is None:
        raise NoSuchAccount(f"no account in the book has the reference {ref}")
    return found
