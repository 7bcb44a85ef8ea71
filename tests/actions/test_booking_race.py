"""Eight at once book the same thing: it is booked once, and everybody is answered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections
from tests.actions.books import FIRST, NOW, US, serviced
from tests.people import someone

from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.contract import Booked, BookingConflict, do_record_contract
from forbear.servicing.fact import BookingKind
from forbear.store.models import Account, Booking, Contract, Evidence

pytestmark = pytest.mark.usefixtures("fresh_database")


def at_once(acts: list[Callable[[], Booked]]) -> list[Booked | BookingConflict]:
    """Return what each act came to, all of them begun at the same instant."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Booked]) -> Booked | BookingConflict:
        try:
            start.wait()
            return act()
        except BookingConflict as conflict:
            return conflict
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_one_contract_sent_eight_times_at_once_is_recorded_once():
    ref = Account.objects.get(pk=someone(due_minor=0, creditor_type="micro_loan").account_id).ref
    asked = {"account_ref": ref, "product": "paylater", "formed_on": FIRST, "at": NOW}
    found = at_once([lambda: do_record_contract(US, **asked)] * 8)
    assert sorted(each.added for each in found) == [False] * 7 + [True]
    assert Contract.objects.count() == 1


def test_one_reference_for_eight_accounts_at_once_is_one_booking_and_seven_conflicts():
    asked = [
        Asked(
            account_ref=serviced(),
            booking_ref="the same",
            kind=BookingKind.cost,
            effective_on=date(2026, 1, 20),
            amount_minor=100,
        )
        for _ in range(8)
    ]
    found = at_once([lambda one=one: do_record_booking(US, one, at=NOW) for one in asked])
    assert sum(isinstance(each, BookingConflict) for each in found) == 7
    assert Booking.objects.count() == Evidence.objects.filter(kind="booking").count() == 1
