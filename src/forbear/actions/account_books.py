"""Show the books of one account: what is owed, its installments, and what would settle it.

The figures follow from the facts that are known now: the days are lived again up to the last close,
and what happened since is booked without closing a day. Where the books do not say so yet, because
a fact came in after their close, that is told beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from forbear.actions.account_ended import ended, ended_together, gone, gone_off_books
from forbear.actions.contact import connected
from forbear.actions.held_told import on_their_way
from forbear.actions.masking import masked_name
from forbear.actions.reader import Reader
from forbear.actions.statement import NotServicedHere, account_of
from forbear.batch.books import Columns, begun, columns
from forbear.batch.living import MOVE, as_day, difference, lived_again, moved
from forbear.kernel.errors import ForbearError
from forbear.ledger.owing import Part
from forbear.servicing.allocation import Component
from forbear.servicing.book import caps_on
from forbear.servicing.charge import age, past_due
from forbear.servicing.day import happened
from forbear.servicing.desk import Desk
from forbear.servicing.holding import Held, held, holds_of
from forbear.servicing.judgment import DEBT, DOUBLED, places
from forbear.servicing.settling import settling_on
from forbear.store.account_books import (
    Serviced,
    fetch_facts_of,
    fetch_moved,
    fetch_serviced,
    fetch_told,
)
from forbear.store.books import ACCOUNTS, MOVES
from forbear.store.models import Account
from forbear.store.people import Known, fetch_known
from forbear.store.refund import Hold, fetch_holds

ONE = timedelta(days=1)
FURTHEST_DAYS = 366  # a quote is good to a day within a year


class NotAQuoteDay(ForbearError):
    """What settles an account is quoted for a day from today on, within a year."""

    code = "books.not_a_quote_day"
    http_status = 422
    what_to_do = "Name a day from today on and within a year."


@dataclass(frozen=True, slots=True, kw_only=True)
class Installment:
    """One installment as it stands."""

    number: int
    due_on: date
    bill_on: date
    billed: bool
    principal_minor: int
    interest_minor: int
    fee_minor: int
    charges_minor: int  # penalties and costs that were charged and are open or paid
    paid_minor: int
    open_minor: int  # what is still to be paid of it
    state: str  # past_due, held, due, later; or what became of it: see account_ended
    days_past_due: int
    doubled: bool  # it holds the interest that is doubled for delay, and nothing else
    held_days: int  # since its due day, for which a refund on its way held it

    @property
    def agreed_minor(self) -> int:
        """Return what it comes to without charges."""
        return self.principal_minor + self.interest_minor + self.fee_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """A purchase, a cost or an arrangement, with its installments."""

    ref: str
    kind: str
    on: date
    amount_minor: int
    installments: tuple[Installment, ...]
    charged_off: bool
    name: str  # of an instrument; "" of all else

    @property
    def open_minor(self) -> int:
        """Return what is still to be paid of it."""
        return sum(each.open_minor for each in self.installments)

    @property
    def ended(self) -> str:
        """Return what became of it where nothing is open; "" where something is."""
        return "" if self.open_minor else ended_together(each.state for each in self.installments)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPart:
    """One part of what is owed."""

    part: Part
    due_minor: int
    later_minor: int

    @property
    def minor(self) -> int:
        """Return what is owed of it in all."""
        return self.due_minor + self.later_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBooks:
    """One account's books, as its page shows them."""

    account_id: int
    account_ref: str
    person_id: int
    person_ref: str
    holder: str  # masked
    currency: str
    product: str  # "" where the account is not serviced here
    formed_on: date | None
    closed_on: date | None  # None where no day was closed yet
    as_of: date | None  # the day of the figures: today, or the last close where it is further back
    parts: tuple[OwedPart, ...]
    due_minor: int
    later_minor: int
    credit_minor: int
    above_cap_minor: int
    cap_ppm: int
    days_past_due: int
    nonaccrual: bool
    charged_off: bool
    lent: tuple[Lent, ...]
    on_their_way: tuple[Hold, ...]  # refunds that were asked for and have not ended
    waiting: int  # transfers that follow from what is known and are not in the books yet

    @property
    def quoted_from(self) -> date:
        """Return the first day that a quote can be good to: the one after the last close."""
        return (self.closed_on or date.min) + ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What settles an account on one day."""

    on: date
    parts: tuple[tuple[Part, int], ...]
    total_minor: int
    saved_minor: int
    credit_minor: int


def access_account(reader: Reader, account_id: int, *, today: date) -> AccountBooks:
    """Return the books of an account; without figures where there are none here yet.

    Errors: NotAllowed, NoSuchAccount.
    """
    account = account_of(reader, account_id)
    serviced = fetch_serviced(connected(), account.pk)
    known = fetch_known([account.person_id]).get(account.person_id, Known())
    figures = NOTHING
    if serviced and serviced.closed_on and serviced.formed_on <= serviced.closed_on:
        figures = _figures(account, serviced, serviced.closed_on, today)
    return AccountBooks(
        account_id=account.pk,
        account_ref=account.ref,
        person_id=account.person_id,
        person_ref=account.person.ref,
        holder=masked_name(known.name),
        currency=account.currency,
        product=serviced.product if serviced else "",
        formed_on=serviced.formed_on if serviced else None,
        closed_on=serviced.closed_on if serviced else None,
        **figures,
    )


NOTHING: dict[str, Any] = {
    **dict.fromkeys("due_minor later_minor credit_minor above_cap_minor cap_ppm".split(), 0),
    **{"days_past_due": 0, "waiting": 0, "parts": (), "lent": (), "as_of": None},
    "on_their_way": (),
    **{"nonaccrual": False, "charged_off": False},
}


def access_quote(reader: Reader, account_id: int, *, on: date, today: date) -> Quote:
    """Return what settles an account on a day, good to that day and no other.

    Errors: NotAllowed, NoSuchAccount, NotServicedHere, NotAQuoteDay.
    """
    account = account_of(reader, account_id)
    serviced = fetch_serviced(connected(), account.pk)
    if not (serviced and serviced.closed_on and serviced.formed_on <= serviced.closed_on):
        raise NotServicedHere(f"account {account.ref} has no books here yet")
    since = serviced.closed_on + ONE
    if not max(today, since) <= on <= today + timedelta(days=FURTHEST_DAYS):
        raise NotAQuoteDay(f"{on} is not between {max(today, since)} and a year from now")
    found, _ = _at_close(account, serviced, serviced.closed_on)
    told = settling_on(found.book, found.facts, found.terms, since=as_day(since), on=as_day(on))
    named = {part: getattr(told.quote, f"{part.value}_minor") for part in OWED}
    named[Part.fee] = named[Part.fee] + told.quote.prepayment_fee_minor
    return Quote(
        on=on,
        parts=tuple((part, int(minor[0])) for part, minor in named.items()),
        total_minor=int(told.quote.total_minor[0]),
        saved_minor=int(told.saved_minor[0]),
        credit_minor=int(told.credit_minor[0]),
    )


OWED = (Part.principal, Part.interest, Part.fee, Part.penalty, Part.cost)


def _at_close(
    account: Account, serviced: Serviced, closed_on: date
) -> tuple[Columns, pl.DataFrame]:
    """Return an account's books at the end of the last day closed, and all that moved by then."""
    own = pl.DataFrame({"account": [account.ref], "conditions": [serviced.conditions]})
    facts = fetch_facts_of(connected(), account.pk)
    kept, before = lived_again(begun(own, facts), until=as_day(closed_on + ONE))
    return columns(kept), before


def _figures(account: Account, serviced: Serviced, closed_on: date, today: date) -> dict[str, Any]:
    found, before = _at_close(account, serviced, closed_on)
    wanted = [before]
    for day in np.unique(found.facts.effective_on):
        if as_day(closed_on) < day <= as_day(today):
            rows = np.flatnonzero(found.facts.effective_on == day)
            desk = happened(found.book, found.facts, rows, found.terms, on=day)
            wanted.append(moved(desk.journal.transfers(), found))
    behind = today > closed_on + ONE  # then the days since are not counted: nothing charged them
    as_of = closed_on if behind else max(closed_on, today)
    on, standing = as_day(as_of), found.book.standing
    desk = Desk(book=found.book, facts=found.facts, conditions=found.terms, on=on)
    age(desk, past_due(desk))
    lent = _lent(account, found, on, pl.concat(wanted))
    parts = _parts(found, on)
    return {
        "as_of": as_of,
        "parts": parts,
        "due_minor": sum(each.due_minor for each in parts),
        "later_minor": sum(each.later_minor for each in parts),
        "credit_minor": int(found.book.left_minor.sum()),
        "above_cap_minor": int(standing.above_cap_minor[0]),
        "cap_ppm": int(caps_on(found.terms, on)[0]),
        "days_past_due": int(standing.days_past_due[0]),
        "nonaccrual": bool(standing.nonaccrual[0]),
        "charged_off": any(each.charged_off for each in lent),
        "lent": lent,
        "on_their_way": on_their_way(fetch_holds(connected(), account.pk), on=as_of),
        "waiting": len(difference(pl.concat(wanted), _posted(account))),
    }


def _posted(account: Account) -> pl.DataFrame:
    """Return what the books say of an account, an amount below zero being one that was undone."""
    rows = [
        (
            account.ref,
            m.lent_by or None,
            m.number or None,
            MOVES[m.kind],
            ACCOUNTS[m.credit if m.reverses else m.debit],
            ACCOUNTS[m.debit if m.reverses else m.credit],
            m.cause or None,
            m.effective_on,
            -m.amount_minor if m.reverses else m.amount_minor,
        )
        for m in fetch_moved(connected(), account.pk)
    ]
    return pl.DataFrame(rows, schema=MOVE, orient="row")


def _parts(found: Columns, on: np.datetime64) -> tuple[OwedPart, ...]:
    inst = found.book.installments
    due = inst.due_on <= on
    told = []
    for part in OWED:
        whole = inst.open_minor[:, list(Component).index(Component(part.value))].copy()
        if part is Part.principal:
            whole += inst.unbilled_minor
        now = int(whole[due].sum())
        told.append(OwedPart(part=part, due_minor=now, later_minor=int(whole.sum()) - now))
    return tuple(told)


def _lent(
    account: Account, found: Columns, on: np.datetime64, moves: pl.DataFrame
) -> tuple[Lent, ...]:
    """Return what was lent, the latest first, each with its installments as they stand."""
    inst, told = found.book.installments, fetch_told(connected(), account.pk)
    keys = found.kept.facts["key"]
    paid = np.zeros((len(inst.account), 2), np.int64)  # agreed, and charged
    for met in found.book.met:
        charged = np.isin(met.component, [list(Component).index(c) for c in CHARGES])
        np.add.at(paid, (met.due, charged.astype(int)), met.amount_minor)
    every = np.arange(len(inst.account))
    kept = held(found.book, found.facts, holds_of(found.facts), every, on=on)
    took = gone(moves)
    whole = []
    for fact in np.unique(inst.fact[inst.lent]):
        rows = np.flatnonzero(inst.fact == fact)
        key = str(keys[int(fact)])
        whole.append(
            Lent(
                ref=key.partition(":")[2],
                kind=str(told[key]["kind"]),
                on=told[key]["effective_on"],
                amount_minor=_amount(told[key], int(inst.principal_minor[rows].sum())),
                installments=tuple(
                    _installment(
                        found,
                        int(row),
                        paid[row],
                        kept,
                        took.get((key, int(inst.number[row])), set()),
                        on,
                    )
                    for row in rows
                ),
                charged_off=bool(inst.charged_off[rows].any()),
                name=str(told[key]["reason"]) if told[key]["kind"] == "judgment" else "",
            )
        )
    return tuple(reversed(whole))


CHARGES = (Component.penalty, Component.cost)


def _amount(told: Mapping[str, Any], agreed_minor: int) -> int:
    return int(told["amount_minor"]) or agreed_minor


def _installment(
    found: Columns, row: int, paid: Any, kept: Held, took: set[str], on: np.datetime64
) -> Installment:
    inst = found.book.installments
    opened, ahead = inst.open_minor[row], not inst.billed[row]
    to_come = int(inst.interest_minor[row] + inst.fee_minor[row]) if ahead else 0
    left = int(opened.sum() + inst.unbilled_minor[row]) + to_come
    charged = sum(int(opened[list(Component).index(c)]) for c in CHARGES) + int(paid[1])
    of = places(inst, found.facts, np.array([row]))[0]  # an instrument fixes a whole
    late = max(int((on - inst.due_on[row]).astype(int)) - int(kept.days[row]), 0)
    whole, rests = int(paid.sum()), bool(kept.today[row])
    if not left:
        took = took | gone_off_books(found, row, paid_minor=int(paid[0]), on=on)
    state = _state(left=left, late=late, billed=not ahead, held=rests)
    return Installment(
        number=int(inst.number[row]),
        due_on=inst.due_on[row].item(),
        bill_on=inst.bill_on[row].item(),
        billed=not ahead,
        principal_minor=int(inst.principal_minor[row]),
        interest_minor=int(inst.interest_minor[row]),
        fee_minor=int(inst.fee_minor[row]),
        charges_minor=0 if of == DEBT else charged,
        paid_minor=whole,
        open_minor=left,
        state=state or ended(took, paid_minor=whole),
        days_past_due=late if left and not ahead else 0,
        doubled=bool(of == DOUBLED),
        held_days=int(kept.days[row]),
    )


def _state(*, left: int, late: int, billed: bool, held: bool) -> str:
    """Return where an open installment stands: past_due, held, due, later; "" where none is."""
    if not left:
        return ""
    if not billed:
        return "later"
    if held:
        return "held"
    return "past_due" if late else "due"
