"""An account with a life, for pages: several purchases, payments of every sort, a correction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from tests.people import Someone, someone

from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.close import do_close
from forbear.actions.contract import do_record_contract
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import machine
from forbear.actions.refund import do_record_refund
from forbear.kernel.vocabulary import PaymentStage, RefundStage
from forbear.servicing.fact import BookingKind
from forbear.store.models import Account

US = machine("test")


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def booked(ref: str, kind: str, on: date, amount: int = 0, *, key: str, **more: Any) -> None:
    asked = Asked(
        account_ref=ref,
        booking_ref=key,
        kind=BookingKind(kind),
        effective_on=on,
        amount_minor=amount,
        **more,
    )
    do_record_booking(US, asked, at=datetime.now(UTC))


def paid(ref: str, on: date, amount: int, *, key: str, stage: str = "settled") -> None:
    do_record_payment(
        US,
        account_ref=ref,
        payment_ref=key,
        stage=PaymentStage(stage),
        amount_minor=amount,
        currency="CNY",
        effective_on=on,
        at=datetime.now(UTC),
    )


def closed(on: date) -> None:
    do_close(US, as_of=on, progress=lambda _: None)


def ref_of(who: Someone) -> str:
    return str(Account.objects.get(pk=who.account_id).ref)


def serviced(who: Someone, *, product: str = "paylater", days: int = 200) -> str:
    ref = ref_of(who)
    at = datetime.now(UTC)
    do_record_contract(US, account_ref=ref, product=product, formed_on=ago(days), at=at)
    return ref


def kept_here(who: Someone) -> str:
    """Keep a bank's account here, with a payment that no close has seen; return its ref."""
    ref = serviced(who, product="card", days=20)
    paid(ref, ago(3), 1_000, key=payment_of(who.ref))
    return ref


def payment_of(person_ref: str) -> str:
    return f"{person_ref}-paid"


def lived(*, closes: int = 3) -> Someone:
    """Return somebody whose account was closed until yesterday."""
    who = someone(due_minor=0, creditor_type="micro_loan")
    ref, p = serviced(who), who.ref
    booked(ref, "purchase", ago(190), 360_000, key=f"{p}-phone", installments=12)
    booked(ref, "purchase", ago(120), 29_900, key=f"{p}-shoes", installments=1)
    booked(ref, "purchase", ago(70), 45_000, key=f"{p}-chair", installments=3)
    booked(ref, "merchant_refund", ago(60), 15_000, key=f"{p}-back", about=f"{p}-chair")
    for n, day in enumerate((160, 130, 100)):
        paid(ref, ago(day), 36_000, key=f"{p}-{n + 1}")
    paid(ref, ago(80), 20_000, key=f"{p}-4")
    booked(ref, "designation", ago(80), key=f"{p}-d", about=f"{p}-4", meant=f"{p}-shoes")
    paid(ref, ago(50), 50_000, key=f"{p}-5")
    paid(ref, ago(48), 50_000, key=f"{p}-5", stage="reversed")
    booked(ref, "cost", ago(30), 1_500, key=f"{p}-cost")
    booked(ref, "compensation", ago(25), 2_000, key=f"{p}-sorry", reason="called after nine")
    closed(ago(closes))
    paid(ref, ago(closes + 2), 40_000, key=f"{p}-6")  # told after its day was closed
    closed(ago(1))
    return who


def judged(*, fixed: int = 36_000) -> Someone:
    """Return somebody whose late purchase an instrument fixed in part; nothing of it is paid."""
    who = someone(due_minor=0, creditor_type="micro_loan", name="司马青")
    ref, p = serviced(who, days=120), who.ref
    booked(ref, "purchase", ago(110), 60_000, key=f"{p}-lamp", installments=3)
    paid(ref, ago(70), 21_000, key=f"{p}-1")
    plan = [(ago(20), fixed // 2), (ago(-20), fixed // 2)]
    told = {"plan": plan, "principal_minor": fixed, "reason": "调解书（2026）9号"}
    booked(ref, "judgment", ago(30), fixed, key=f"{p}-fixed", **told)
    closed(ago(1))
    return who


def held() -> Someone:
    """Return somebody of whose two late purchases one is on its way back; an older one was kept."""
    who = someone(due_minor=0, creditor_type="micro_loan", name="诸葛云")
    ref, p = serviced(who, days=90), who.ref
    booked(ref, "purchase", ago(70), 60_000, key=f"{p}-lamp", installments=3)
    booked(ref, "purchase", ago(66), 20_000, key=f"{p}-rug", installments=1)
    for key, on, stage in (
        ("old", ago(30), "requested"),
        ("old", ago(27), "refused"),
        ("new", ago(6), "requested"),
    ):
        do_record_refund(
            US, account_ref=ref, refund_ref=f"{p}-{key}", amount_minor=20_000, currency="CNY",
            effective_on=on, at=datetime.now(UTC), stage=RefundStage(stage),
            purchase_ref=f"{p}-rug" if (key, stage) == ("new", "requested") else "",
        )  # fmt: skip
    closed(ago(1))
    return who
