"""Accounts that are serviced here, what happens to them, and what their books say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from tests.people import someone

from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.close import do_close
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.batch.books import Kept, kept_digest
from forbear.kernel.vocabulary import PaymentStage
from forbear.servicing.fact import BookingKind
from forbear.store.kept_books import read_kept
from forbear.store.models import Account, Close, Transfer

US = machine("test")
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
FIRST = date(2026, 1, 5)


def serviced(*, product: str = "paylater", formed_on: date = FIRST) -> str:
    """Make an account of somebody, serviced here; return its ref."""
    who = someone(due_minor=0, creditor_type="bank" if product == "card" else "micro_loan")
    ref = Account.objects.get(pk=who.account_id).ref
    do_record_contract(US, account_ref=ref, product=product, formed_on=formed_on, at=NOW)
    return ref


def booked(ref: str, kind: str, on: str, amount: int = 0, *, key: str = "", **more: Any) -> Any:
    asked = Asked(
        account_ref=ref,
        booking_ref=f"{ref}/{key or f'{kind} {on}'}",
        kind=BookingKind(kind),
        effective_on=date.fromisoformat(on),
        amount_minor=amount,
        **more,
    )
    return do_record_booking(US, asked, at=NOW)


def paid(ref: str, on: str, amount: int, *, key: str = "", stage: str = "settled") -> Any:
    return do_record_payment(
        US,
        account_ref=ref,
        payment_ref=f"{ref}/{key or on}",
        stage=PaymentStage(stage),
        amount_minor=amount,
        currency="CNY",
        effective_on=date.fromisoformat(on),
        at=NOW,
    )


def close(on: str | date, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    return do_close(US, as_of=date.fromisoformat(str(on)), progress=progress)[-1]


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(n) for n in range((end - start).days + 1)]


def view(ref: str) -> list[tuple[Any, ...]]:
    """Return what stands of an account's transfers, however it came to: legs, causes and days."""
    net: dict[tuple[Any, ...], int] = {}
    for t in Transfer.objects.filter(account__ref=ref):
        legs = (t.credit, t.debit) if t.reverses else (t.debit, t.credit)
        own = [None if k is None else k.replace(ref, "") for k in (t.lent_by, t.cause)]
        key = (t.kind, *legs, t.effective_on, t.number or 0, own[0] or "", own[1] or "")
        net[key] = net.get(key, 0) + (-t.amount_minor if t.reverses else t.amount_minor)
    return sorted((*key, minor) for key, minor in net.items() if minor)


def kept() -> Kept:
    """Return the books of the last day that was closed."""
    last = Close.objects.order_by("-as_of").first()
    assert last
    found = read_kept(last.as_of, digest=last.state_digest)
    assert found, "the books of the last close are not there"
    return found[0]


def digest_of(books: Kept, ref: str) -> str:
    """Return the digest of one account's books, its own ref left out."""
    mine = {n: f.filter(pl.col("account") == ref) for n, f in books.frames.items()}
    bare = pl.selectors.string().str.replace_all(ref, "", literal=True)
    return kept_digest(Kept(**{n: f.with_columns(bare) for n, f in mine.items()}))
