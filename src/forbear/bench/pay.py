"""Measure one payment: from the signed request to the answer, allocated, audited and proven."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

PAYMENTS, WARM = 3, 20  # payments of each account; requests before any is timed
LENT, BOUGHT, FORMED = 1_200_000, 210, 230  # minor units; days before the last close


def run(n: int) -> dict[str, Any]:
    """Return how long n payments took, one after another, through the program's own door.

    Each account has a purchase in six installments, most of them billed and not paid, with the
    penalties of every day since; each payment meets some of that. The request is signed and goes
    through every layer but the socket. Beside it: a payment that is told two days late, for which
    the account's days are lived again.
    """
    import os

    folder = tempfile.mkdtemp()
    os.environ["FORBEAR_HOME"] = folder
    try:
        today = datetime.now(UTC).date()
        refs = _serviced(-(-(n + WARM) // PAYMENTS), closed_on=today - timedelta(days=1))
        keys = [(ref, f"{ref}/{k}") for k in range(PAYMENTS) for ref in refs]
        _paid(keys[:WARM], on=today)
        busy = time.process_time()
        took = sorted(_paid(keys[WARM : WARM + n], on=today))
        busy = time.process_time() - busy
        late = [(ref, f"{ref}/late") for ref in refs[: max(1, n // 20)]]
        back = sorted(_paid(late, on=today - timedelta(days=3)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "seconds": sum(took) / 1000,
        "pay_p50_ms": round(took[len(took) // 2], 2),
        "pay_p99_ms": round(took[int(len(took) * 0.99)], 2),
        "pay_processor_ms": round(busy * 1000 / n, 2),  # this side's alone, the sender's included
        "late_p50_ms": round(back[len(back) // 2], 2),
        "load": round(os.getloadavg()[0], 1),
    }


def _serviced(accounts: int, *, closed_on: date) -> list[str]:
    """Make accounts that are serviced here, closed up to yesterday; return their refs."""
    from forbear.actions.booking import do_record_booking
    from forbear.actions.booking_asked import Asked
    from forbear.actions.close import do_close
    from forbear.actions.contract import do_record_contract
    from forbear.actions.reader import machine
    from forbear.bench.gate_stored import make_book
    from forbear.servicing.fact import BookingKind
    from forbear.store.models import Account

    reader, now = machine("bench"), datetime.now(UTC)
    formed_on, bought_on = (closed_on - timedelta(days=days) for days in (FORMED, BOUGHT))
    people = make_book(accounts, creditor="micro_loan")
    refs = list(Account.objects.filter(person_id__in=people).values_list("ref", flat=True))
    for ref in refs:
        do_record_contract(reader, account_ref=ref, product="paylater", formed_on=formed_on, at=now)
        asked = Asked(
            account_ref=ref,
            booking_ref=f"{ref}/p",
            kind=BookingKind.purchase,
            effective_on=bought_on,
            amount_minor=LENT,
            installments=6,
        )
        do_record_booking(reader, asked, at=now)
    do_close(reader, as_of=closed_on, progress=lambda _: None)
    return refs


def _paid(keys: list[tuple[str, str]], *, on: date) -> list[float]:
    """Send payments, each signed; return each one's milliseconds."""
    from django.test import Client

    from forbear.actions.api_key import do_make_key
    from forbear.actions.reader import machine
    from forbear.api.access import signature

    key = do_make_key(machine("bench"), name=f"b{time.time_ns()}", scopes=["write_payment"])
    client, took = Client(SERVER_NAME="localhost"), []
    for ref, payment in keys:
        event = {
            "payment_ref": payment,
            "account_ref": ref,
            "stage": "settled",
            "amount_minor": 5_000,
            "currency": "CNY",
            "effective_on": on.isoformat(),
        }
        body, stamp = json.dumps(event).encode(), str(int(time.time()))
        headers = {
            "Forbear-Key": key.name,
            "Forbear-Timestamp": stamp,
            "Forbear-Signature": f"v1={signature(key.signing_secret, stamp, body)}",
        }
        began = time.perf_counter()
        answer = client.post(
            "/api/payments", body, content_type="application/json", headers=headers
        )
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, answer.content
        assert answer.json()["allocation"], answer.content
    return took
