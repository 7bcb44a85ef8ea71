"""Record what happens to accounts that are serviced here, each fact once, never changed.

A refusal is asked for in this order: who asks, the account, whether it is serviced here, what is
booked under the key already, the day, what the kind needs, what it is about, and the product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db import transaction

from forbear.actions.booking_asked import WITH_PLAN, Asked, complete, key_of
from forbear.actions.booking_refused import (
    DayNotMovable,
    MoreThanLent,
    MoreThanOpen,
    MoreThanOwed,
    MoreThanWaits,
    NoSuchFact,
    NotComplete,
    NotServiced,
    OfferRefused,
    PlanDiffers,
    TermsChanged,
)
from forbear.actions.contact import connected
from forbear.actions.contract import Booked, BookingConflict, BookingDay, account_named
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import latest_day
from forbear.actions.posting import cancel_settled, post
from forbear.actions.reader import Ability, Reader
from forbear.actions.refund import thaw_returned
from forbear.batch.books import FACT
from forbear.batch.living import arranged_minor, judged_minor, standing_before
from forbear.calculation.delay import daily_rate
from forbear.servicing.agreement import anew_kept, due_kept, dues_kept, judged_kept
from forbear.servicing.fact import FACT_CODE, BookingKind, FactKind
from forbear.servicing.offer import offer
from forbear.servicing.product import terms_on
from forbear.store import booking as store
from forbear.store.booking import Found, Held
from forbear.store.contact import cancel_about
from forbear.store.gate import lock_person
from forbear.store.packs import fetch_law, fetch_products

ALL_MINOR = 10**16  # more than any account owes
ONE = timedelta(days=1)
LAST_OF_MONTH = 31
K = BookingKind
RETURNS = frozenset({K.merchant_refund, K.chargeback})


def do_record_booking(reader: Reader, asked: Asked, *, at: datetime) -> Booked:
    """Record one fact about a serviced account; the same reference again is that one fact.

    It counts from its own day, however late it is recorded, and what is owed is right at once; only
    a purchase waits for the close of its day. After a return nothing goes out that was written
    before it, and where nothing is due any more nothing that is planned; a refund that was asked
    for under the same reference has ended with it.
    Errors: NotAllowed, NoSuchAccount, NotServiced, BookingConflict, BookingDay, NotComplete,
            NoSuchFact, MoreThanLent, DayNotMovable, PlanDiffers, MoreThanOpen, MoreThanOwed,
            MoreThanWaits, TermsChanged, OfferRefused; NotOffered for a plan the product has not;
            NotClaimed for a judgment of a day for which no rule says what is doubled;
            RefundConflict for a return whose refund ended otherwise.
    """
    reader.must(Ability.write_booking)
    with transaction.atomic():
        conn = connected()
        account = account_named(reader, conn, asked.account_ref)
        contract = store.fetch_contract(conn, account.id)
        if contract is None:
            raise NotServiced(f"account {asked.account_ref} has no contract here")
        lock_person(conn, account.person_id)  # two refunds of one purchase wait for each other
        if store.fetch_booking(conn, key_of(asked)):
            return _booked_before(conn, asked)
        today = latest_day(conn, account.person_id, at=at)
        if not contract.formed_on <= asked.effective_on <= today:
            raise BookingDay(f"{asked.effective_on} is not within {contract.formed_on} and {today}")
        complete(asked)
        about = _about(conn, account, asked)
        _bear(conn, account, contract, asked, about)
        row: dict[str, Any] = {
            "source": reader.actor,
            "source_key": key_of(asked),
            "account_id": account.id,
            "kind": asked.kind.value,
            "effective_on": about.effective_on
            if asked.kind == K.designation
            else asked.effective_on,
            "amount_minor": asked.amount_minor,
            "about": about.key,
            "days": asked.days,
            "schedule": _schedule(conn, account, contract, asked),
            "rule": asked.rule,
            "reason": asked.reason,
            "actor": reader.actor,
        }
        recorded_at = store.insert_booking(conn, row)
        if recorded_at is None:  # another person's account took the reference meanwhile
            return _booked_before(conn, asked)
        record_row(conn, Kind.booking, row)
        waits_on = asked.effective_on if asked.kind == K.purchase else None
        post(conn, account.id, row["source_key"], waits_on=waits_on)
        if asked.kind in RETURNS:
            cancel_about(conn, account.person_id, account.id)
            ref, of = asked.booking_ref, asked.account_ref
            thaw_returned(reader, conn, account, account_ref=of, refund_ref=ref, at=at)
        cancel_settled(conn, account.person_id, at=at)
        return Booked(key=row["source_key"], added=True, recorded_at=recorded_at)


def _booked_before(conn: Any, asked: Asked) -> Booked:
    """Return the fact that has the reference. Raises BookingConflict where it says otherwise."""
    known = store.fetch_booking(conn, key_of(asked))
    assert known  # nothing is ever taken out of the book
    _agree(asked, known)
    return Booked(key=key_of(asked), added=False, recorded_at=known.recorded_at)


def _agree(asked: Asked, known: Found) -> None:
    """Raise BookingConflict where the book says otherwise of anything that it keeps."""
    first = known.schedule[0] if known.kind == K.designation else {"about": "", "ahead": False}
    dues = known.schedule if known.kind in (K.purchase, *WITH_PLAN) else []
    if known.kind == K.judgment:
        dues = dues[:-1]
    plan = [(due["due_on"], due["principal_minor"] + due["interest_minor"]) for due in dues]
    principal = sum(due["principal_minor"] for due in dues)
    pairs: dict[str, tuple[Any, Any]] = {
        "account_ref": (known.account_ref, asked.account_ref),
        "kind": (known.kind, asked.kind.value),
        "amount_minor": (known.amount_minor, asked.amount_minor),
        "days": (known.days, asked.days),
        "installments": (len(plan) if known.kind == K.purchase else 0, asked.installments),
        "plan": (
            plan if known.kind in WITH_PLAN else [],
            [(day.isoformat(), minor) for day, minor in sorted(asked.plan)],
        ),
        "principal_minor": (
            principal if known.kind == K.judgment else 0,
            asked.principal_minor,
        ),
        "meant": (first["about"], f"booking:{asked.meant}" if asked.meant else ""),
        "ahead": (first["ahead"], asked.ahead),
        "rule": (known.rule, asked.rule),
        "reason": (known.reason, asked.reason),
    }
    if asked.kind != K.designation:  # which is of its payment, and of the payment's day
        pairs["about"] = (known.about, f"booking:{asked.about}" if asked.about else "")
        pairs["effective_on"] = (known.effective_on, asked.effective_on)
    differs = [
        f"{name} is {found} in the book, {wanted} here"
        for name, (found, wanted) in pairs.items()
        if found != wanted
    ]
    if differs:
        raise BookingConflict(f"{key_of(asked)} is booked already: {'; '.join(differs)}")


@dataclass(frozen=True, slots=True)
class About:
    """What a fact is about."""

    key: str
    effective_on: date


def _about(conn: Any, account: Any, asked: Asked) -> About:
    """Return what the fact is about. Raises NoSuchFact, MoreThanLent."""
    nothing = About("", asked.effective_on)
    if asked.kind == K.designation:
        came_on = store.fetch_payment_day(conn, account.id, asked.about)
        if came_on is None:
            raise NoSuchFact(f"no settled payment {asked.about} of account {asked.account_ref}")
        if asked.meant:
            _purchase(conn, asked, asked.meant)
        return About(f"payment:{asked.about}:settled", came_on)
    if asked.kind in RETURNS:
        if not asked.about:
            raise NoSuchFact(f"a {asked.kind} is of a purchase: name it")
        bought = _purchase(conn, asked, asked.about)
        back = store.fetch_returned(conn, f"booking:{asked.about}")
        if back + asked.amount_minor > bought.amount_minor:
            raise MoreThanLent(
                f"of {bought.amount_minor} lent {back} came back already,"
                f" {asked.amount_minor} more is too much"
            )
        return About(f"booking:{asked.about}", asked.effective_on)
    if not asked.about:
        return nothing
    if asked.kind not in (K.extension, K.reage, K.waiver):
        raise NotComplete(f"a {asked.kind} is about nothing else")
    _purchase(conn, asked, asked.about, or_cost=asked.kind == K.waiver)
    return About(f"booking:{asked.about}", asked.effective_on)


def _purchase(conn: Any, asked: Asked, ref: str, *, or_cost: bool = False) -> Found:
    kinds = (K.purchase, K.cost) if or_cost else (K.purchase,)
    found = store.fetch_booking(conn, f"booking:{ref}")
    if found is None or found.account_ref != asked.account_ref or found.kind not in kinds:
        raise NoSuchFact(f"no {' or '.join(kinds)} {ref} of account {asked.account_ref}")
    return found


def _bear(conn: Any, account: Any, contract: Held, asked: Asked, about: About) -> None:
    """Raise where the account, as its books stand on the day, cannot bear what is asked.

    What comes in later and is true of an earlier day may still make it too large: then the close
    cuts it to what the account can bear.
    """
    if asked.kind == K.due_day:
        if not contract.conditions.get("statement_day"):
            raise DayNotMovable(f"{contract.product} counts its days from each loan")
        if asked.days > LAST_OF_MONTH:
            raise DayNotMovable(f"{asked.days} is no day of a month")
    if asked.kind == K.arrangement:
        _bear_plan(conn, account, contract, asked)
    if asked.kind == K.judgment:
        _bear_judgment(conn, account, contract, asked)
    if asked.kind not in (K.waiver, K.payout):
        return
    known = store.fetch_facts(conn, account.id)
    stood = standing_before(
        asked.account_ref,
        json.dumps(contract.conditions),
        known,
        kind=FactKind(asked.kind.value),
        key=key_of(asked),
        about=about.key,
        on=asked.effective_on,
    )
    minor, on = asked.amount_minor, asked.effective_on
    if asked.kind == K.waiver and minor > stood.open_minor:
        raise MoreThanOwed(f"{minor} is more than the {stood.open_minor} owed on {on}")
    if asked.kind == K.payout and minor > stood.waits_minor:
        raise MoreThanWaits(f"{minor} is more than the {stood.waits_minor} that waits on {on}")


def _bear_plan(conn: Any, account: Any, contract: Held, asked: Asked) -> None:
    """Raise PlanDiffers where a plan is not of all that is open on its day, and of no more."""
    found = arranged_minor(
        asked.account_ref,
        json.dumps(contract.conditions),
        store.fetch_facts(conn, account.id),
        _as_fact(asked, _schedule(conn, account, contract, asked)),
    )
    agreed = sum(minor for _, minor in asked.plan)
    if agreed != found:
        raise PlanDiffers(
            f"the plan comes to {agreed}, and {found} is open on {asked.effective_on}"
        )


def _bear_judgment(conn: Any, account: Any, contract: Held, asked: Asked) -> None:
    """Raise MoreThanOpen where an instrument fixes more than is open on its day."""
    on = asked.effective_on
    everything = judged_kept(
        on=on, plan=[(on, 2 * ALL_MINOR)], principal_minor=ALL_MINOR, penalty_ppm=0
    )
    principal, rest = judged_minor(
        asked.account_ref,
        json.dumps(contract.conditions),
        store.fetch_facts(conn, account.id),
        _as_fact(asked, everything),
    )
    wanted = asked.amount_minor - asked.principal_minor
    if asked.principal_minor > principal or wanted > rest:
        raise MoreThanOpen(
            f"it fixes {asked.principal_minor} of principal and {wanted} of interest, fees and"
            f" penalties; {principal} and {rest} are open on {on}"
        )


def _as_fact(asked: Asked, schedule: list[Any]) -> pl.DataFrame:
    """Return what is asked as one more fact of the account, with a schedule of its own."""
    row = {
        "account": asked.account_ref,
        "key": key_of(asked),
        "kind": FACT_CODE[FactKind(asked.kind.value)],
        "effective_on": asked.effective_on,
        "amount_minor": asked.amount_minor,
        "about": "",
        "days": 0,
        "schedule": json.dumps(schedule),
    }
    return pl.DataFrame([row], schema=FACT)


def _schedule(conn: Any, account: Any, contract: Held, asked: Asked) -> list[Any]:
    """Return the installments that are agreed with a fact, or what a payment was meant for."""
    on = asked.effective_on
    if asked.kind == K.designation:
        meant = f"booking:{asked.meant}" if asked.meant else ""
        return [{"about": meant, "ahead": asked.ahead}]
    if asked.kind == K.cost:
        return [due_kept(on=on, due_on=on, principal_minor=0)]
    if asked.kind == K.arrangement:
        return [due_kept(on=on, due_on=day, principal_minor=m) for day, m in sorted(asked.plan)]
    if asked.kind == K.judgment:
        late_on = min(day for day, _ in asked.plan) + ONE
        daily = int(daily_rate(fetch_law(), on=late_on).value["rate_ppm"])
        return judged_kept(
            on=on,
            plan=asked.plan,
            principal_minor=asked.principal_minor,
            penalty_ppm=daily * int(contract.conditions["basis_days"]),
        )
    if asked.kind == K.due_day:
        return _moved(conn, account, contract, asked)
    if asked.kind != K.purchase:
        return []
    terms = terms_on(fetch_products(), contract.product, on=contract.formed_on)
    minor, count = asked.amount_minor, asked.installments
    made = offer(fetch_law(), terms, amount_minor=minor, installments=count, on=on)
    if made.refusals:
        raise OfferRefused("; ".join(f"{r.code}: {r.says}" for r in made.refusals))
    moved = store.fetch_due_day(conn, account.id, on)
    return dues_kept(terms, amount_minor=minor, installments=count, on=on, due_day=moved)


def _moved(conn: Any, account: Any, contract: Held, asked: Asked) -> list[Any]:
    """Return what a due day makes of the purchases of later days that were told before it.

    They are what they had been, had they been told after it.
    """
    known = store.fetch_governed(conn, account.id, asked.effective_on, key_of(asked))
    if not known:
        return []
    terms = terms_on(fetch_products(), contract.product, on=contract.formed_on)
    if terms.digest != contract.terms_digest:
        raise TermsChanged(
            f"{len(known)} purchases of account {asked.account_ref} fall due anew, and the terms of"
            f" {contract.product} of {contract.formed_on} are not those that it agreed to"
        )
    return [
        anew_kept(
            each.key,
            dues_kept(
                terms,
                amount_minor=each.amount_minor,
                installments=each.installments,
                on=each.effective_on,
                due_day=asked.days,
            ),
        )
        for each in known
    ]
