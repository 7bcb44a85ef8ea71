"""Post what happened to one account at once: what follows from it, and what is owed now. Pure.

The last close says where the account stood; what happened since is booked in its own order. What
the days themselves bring (bills, penalties) is left to their closes. Two ways give the same: the
account's days lived again from its facts, and, where only money came in, the installments as the
transfers say they stand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from forbear.batch.books import Columns, Kept, begun, columns, frames, only
from forbear.batch.living import MOVE, Day, as_day, lived_again, lived_on, moved, owed
from forbear.kernel.columns import Ints, Rows
from forbear.ledger.account import LedgerAccount
from forbear.ledger.transfer import Transfers
from forbear.servicing.agreement import AMOUNTS, DAYS, conditions
from forbear.servicing.allocation import N_COMPONENTS
from forbear.servicing.book import PPM, Agreed, Book, Conditions, new_book
from forbear.servicing.charge import days_late, past_due
from forbear.servicing.day import happened, lived
from forbear.servicing.desk import CLAIM, Desk
from forbear.servicing.fact import FACT_CODE, FactKind, Facts

ONE = timedelta(days=1)
PURCHASE, PAYMENT = FACT_CODE[FactKind.purchase], FACT_CODE[FactKind.payment]
RETURN = FACT_CODE[FactKind.merchant_refund]
# What leaves the installments of a purchase where their schedule and the transfers put them.
PLAIN = frozenset(
    FACT_CODE[kind]
    for kind in (
        FactKind.purchase,
        FactKind.cost,
        FactKind.merchant_refund,
        FactKind.chargeback,
        FactKind.compensation,
        FactKind.payment,
        FactKind.payment_reversal,
        FactKind.waiver,
        FactKind.payout,
    )
)
SIMPLE = frozenset({PURCHASE, PAYMENT, RETURN})  # of the day on which money comes in


@dataclass(frozen=True, slots=True, kw_only=True)
class Owes:
    """What is owed of an account, of what the last close called due."""

    due_minor: int
    outstanding_minor: int
    oldest_due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact of one account, as the light way needs it."""

    key: str
    kind: int  # position in FactKind; -1 a designation
    effective_on: date
    amount_minor: int
    about: str
    schedule: str  # JSON

    @property
    def place(self) -> tuple[date, int, str]:
        """Return its place among the account's facts (house convention L-5)."""
        return self.effective_on, self.kind, self.key


def posted_by_life(
    contract: pl.DataFrame, facts: pl.DataFrame, *, closed_on: date
) -> tuple[pl.DataFrame, Owes]:
    """Return what stands of an account's transfers after all that happened, and what is owed.

    Shape:  contract: account, conditions, one row; facts as FACT; result as MOVE, of the days up
            to the last close everything, of later ones what happened.
    Unit:   minor units.
    Errors: none.
    Source: house conventions L-3 and L-5.
    """
    kept, told = lived_again(begun(contract, facts), until=as_day(closed_on + ONE))
    found, since = _happened_since(kept, closed_on)
    stands = pl.concat([part.select(list(MOVE)).cast(MOVE) for part in (told, *since)])
    return stands, _owes(found.book, found.facts, found.terms, on=closed_on)


def owed_written(found: Columns, kept: Kept, *, ahead: pl.Series, closed_on: date) -> pl.DataFrame:
    """Return what is owed as a close writes it: where later days' money is posted, less that.

    Shape:  kept and found are the books at the end of the day; ahead the accounts to which later
            days' money is posted already; the result as `living.owed`, and as_of.
    Unit:   minor units.
    Errors: none.
    Source: none.
    """
    rows = owed(found, on=as_day(closed_on)).with_columns(as_of=pl.lit(closed_on))
    if not len(ahead):
        return rows
    since = owed_ahead(only(kept, ahead), closed_on=closed_on).select(rows.columns)
    since = since.with_columns(as_of=pl.max_horizontal("as_of", pl.lit(closed_on + ONE)))
    return pl.concat([rows.join(since, on="account", how="anti"), since])


def owed_ahead(kept: Kept, *, closed_on: date) -> pl.DataFrame:
    """Return what is owed at the end of a day, less what came in since: as `living.owed`, as_of.

    Shape:  kept as it is at the end of the day, of accounts of which later facts are known already;
            as_of is the day of the last of them.
    Unit:   minor units.
    Errors: none.
    Source: none.
    """
    last = kept.facts.group_by("account").agg(as_of=pl.col("effective_on").max())
    found, _ = _happened_since(kept, closed_on)
    book = found.book
    desk = Desk(book=book, facts=found.facts, conditions=found.terms, on=as_day(closed_on))
    book.standing.days_past_due = days_late(desk, past_due(desk))
    return owed(found, on=as_day(closed_on)).join(last, on="account")


def _happened_since(kept: Kept, closed_on: date) -> tuple[Columns, list[pl.DataFrame]]:
    """Return the books after the facts of the days since a close, and what moved with them.

    What the days between bring is lived too, but left to their own closes.
    """
    known = kept.facts.filter(pl.col("effective_on") > closed_on)
    days, on, parts = known["effective_on"].unique().sort().to_list(), closed_on, []
    found = columns(kept)
    for day in days:
        while on + ONE < day:
            on += ONE
            kept = _lived_on(kept, on)
        found = columns(kept)
        today = np.flatnonzero(found.facts.effective_on == as_day(day))
        desk = happened(found.book, found.facts, today, found.terms, on=as_day(day))
        parts.append(moved(desk.journal.transfers(), found))
        if day != days[-1]:
            on = day
            kept = _lived_on(kept, on)
    return found, parts


def _lived_on(kept: Kept, on: date) -> Kept:
    found, _ = lived_on(kept, on=as_day(on))
    return frames(found)


def _owes(book: Book, facts: Facts, terms: Conditions, *, on: date) -> Owes:
    """Return what is owed of the one account of a book, of what was due on a day."""
    inst = book.installments
    opened = inst.open_minor.sum(axis=1)
    desk = Desk(book=book, facts=facts, conditions=terms, on=as_day(on))
    late = int(days_late(desk, past_due(desk))[0])
    return Owes(
        due_minor=int(opened[inst.due_on <= as_day(on)].sum()),
        outstanding_minor=int(opened.sum() + inst.unbilled_minor.sum()),
        oldest_due_on=on - timedelta(days=late) if late else None,
    )


def days_late_on(kept: Kept, days: Sequence[Day]) -> pl.DataFrame:
    """Return how late accounts were at the ends of days: account, on, true_days.

    Shape:  kept as accounts begin; days ascending, some.
    Unit:   calendar days.
    Errors: none.
    Source: house convention H-2.
    """
    found, wanted = columns(kept), {*days}
    none = np.zeros(len(found.book), np.int32)
    late: dict[Day, Ints] = dict.fromkeys(days, none)

    def each(on: Day, book: Book, _: Transfers) -> None:
        if on in wanted:
            late[on] = book.standing.days_past_due.copy()

    if len(found.facts):
        since = found.facts.effective_on.min()
        until = days[-1] + np.timedelta64(1, "D")
        lived(found.book, found.facts, lambda _: found.terms, since=since, until=until, each=each)
    accounts = found.kept.accounts["account"]
    return pl.concat(
        pl.DataFrame({"account": accounts, "true_days": late[on]}).with_columns(
            on=pl.lit(on.astype(date)), true_days=pl.col("true_days").cast(pl.Int64)
        )
        for on in days
    )


def is_light(facts: Sequence[Told], new: Told, *, closed_on: date) -> bool:
    """Return whether what came in follows from the installments as they stand.

    It does where money came in on the day after the last close, as the last thing of its day, and
    nothing ever moved, rescheduled or called the account's installments, nor asks for them again.
    Errors: none.
    Source: house convention L-5.
    """
    if new.kind not in (PAYMENT, RETURN) or new.about or new.effective_on != closed_on + ONE:
        return False
    if not all(fact.kind in PLAIN for fact in facts):
        return False
    since = [fact for fact in facts if fact.effective_on > closed_on]
    if not all(fact.kind in SIMPLE and fact.place <= new.place for fact in since):
        return False
    return not any(_revolves(fact) for fact in facts)


def _revolves(fact: Told) -> bool:
    return fact.kind == PURCHASE and any(
        due["least_ppm"] != PPM for due in json.loads(fact.schedule)
    )


def posted_lightly(
    kept: str,
    facts: Sequence[Told],
    new: Told,
    stands: Mapping[tuple[str, int, str], int],
    *,
    closed_on: date,
) -> tuple[list[dict[str, Any]], Owes]:
    """Return the transfers that follow from money that came in, and what is owed after it.

    Shape:  kept is the account's conditions as JSON; stands has what is debited less what is
            credited, by fact, number and account of the book; the rows are as MOVE names them.
    Unit:   minor units.
    Errors: none; what `is_light` says no to is a bug.
    Source: house conventions L-3 and L-5.
    """
    lent = sorted(
        (fact for fact in facts if fact.schedule != "[]" and fact.effective_on <= new.effective_on),
        key=lambda fact: fact.place,
    )
    rows = [(n, k, due) for n, f in enumerate(lent) for k, due in enumerate(json.loads(f.schedule))]
    book = _standing(lent, rows, stands, closed_on=closed_on)
    told = [*lent, new]
    known = Facts(
        account=np.zeros(len(told), np.int32),
        kind=np.array([fact.kind for fact in told], np.int8),
        effective_on=np.array([fact.effective_on for fact in told], "datetime64[D]"),
        amount_minor=np.array([fact.amount_minor for fact in told], np.int64),
        about=np.full(len(told), -1, np.int32),
        days=np.zeros(len(told), np.int32),
        ahead=np.zeros(len(told), np.bool_),
    )
    terms = _terms(kept)
    only: Rows = np.array([len(told) - 1])
    desk = happened(book, known, only, terms, on=as_day(new.effective_on))
    moves = desk.journal.transfers()
    found = [
        {
            "lent_by": lent[rows[due][0]].key if due >= 0 else None,
            "number": rows[due][1] + 1 if due >= 0 else None,
            "kind": int(moves.kind[n]),
            "debit": int(moves.debit[n]),
            "credit": int(moves.credit[n]),
            "cause": new.key,
            "effective_on": new.effective_on,
            "amount_minor": int(moves.amount_minor[n]),
            "reverses": False,
        }
        for n, due in enumerate(moves.due.tolist())
    ]
    return found, _owes(book, known, terms, on=closed_on)


@lru_cache(maxsize=256)
def _terms(kept: str) -> Conditions:
    return conditions([json.loads(kept)], np.zeros(1, np.int64))


def _standing(
    lent: Sequence[Told],
    rows: Sequence[tuple[int, int, Mapping[str, Any]]],
    stands: Mapping[tuple[str, int, str], int],
    *,
    closed_on: date,
) -> Book:
    """Return the book of one account as its schedules and its transfers say it stands."""
    m = len(rows)
    kinds = dict.fromkeys(DAYS, "datetime64[D]") | dict.fromkeys(AMOUNTS, "int64")
    told: dict[str, Any] = {
        name: np.array([due[name] for *_, due in rows], kind) for name, kind in kinds.items()
    }
    agreed = Agreed(
        account=np.zeros(m, np.int32),
        fact=np.array([n for n, _, _ in rows], np.int32),
        number=np.array([k + 1 for _, k, _ in rows], np.int16),
        **told,
    )
    book = new_book(agreed, accounts=1, facts=len(lent) + 1)
    inst = book.installments
    inst.lent[:] = True
    inst.billed[:] = inst.bill_on <= as_day(closed_on)
    keys = [(lent[n].key, k + 1) for n, k, _ in rows]
    held = [*(account.value for account in CLAIM), LedgerAccount.unbilled.value]
    found = np.array([[stands.get((*key, name), 0) for name in held] for key in keys], np.int64)
    found = found.reshape(m, N_COMPONENTS + 1)
    inst.open_minor[:], inst.unbilled_minor[:] = found[:, :-1], found[:, -1]
    known = {
        key for key, _, _ in stands
    }  # what was lent since the last close may be in no transfer
    fresh = np.array([key not in known for key, _ in keys], np.bool_)
    inst.unbilled_minor[fresh] = inst.principal_minor[fresh]
    return book
