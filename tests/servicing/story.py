"""Tell what happens to an account in lines of text, live its days, and ask what the books say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from forbear.batch.books import FACT, Kept, begun
from forbear.batch.living import lived_again
from forbear.ledger.account import LedgerAccount
from forbear.ledger.balance import trial_balance
from forbear.ledger.transfer import Transfers
from forbear.servicing.agreement import FLAGS, NUMBERS
from forbear.servicing.allocation import Component
from forbear.servicing.book import PPM, Agreed, Book, Conditions, new_book
from forbear.servicing.day import lived
from forbear.servicing.fact import FACT_CODE, FactKind, Facts

LAW_ORDER = (
    Component.cost,
    Component.interest,
    Component.fee,
    Component.penalty,
    Component.principal,
)


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


@dataclass(frozen=True)
class Due:
    """One agreed installment of a purchase, or of a plan."""

    due_on: str
    principal: int
    interest: int = 0
    fee: int = 0
    bill_on: str = ""  # the day of the purchase where it is not said
    starts_on: str = ""
    least_ppm: int = PPM
    revolves_on: str = ""  # the due day where it is not said
    penalty_ppm: int | None = None  # the terms' own where it is not said


@dataclass(frozen=True)
class Told:
    """One fact, by the key under which others speak of it."""

    account: int
    on: str
    kind: FactKind
    key: str
    amount: int = 0
    about: str = ""
    days: int = 0
    ahead: bool = False
    dues: tuple[Due, ...] = ()


@dataclass(frozen=True)
class Terms:
    """Conditions that hold for every account of a story on every day."""

    basis_days: int = 360
    grace_days: int = 0
    penalty_ppm: int = 0
    revolving_ppm: int = 0
    penalized: tuple[Component, ...] = (Component.principal,)
    late_fee_ppm: int = 0
    late_fee_least_minor: int = 0
    late_fee_most_minor: int = 0
    tolerance_minor: int = 0
    nonaccrual_days: int = 90
    cap_ppm: int = 240_000
    later_cap_ppm: int = 0
    later_cap_on: str = "NaT"
    in_cash: bool = False
    keeps_fee: bool = False
    lowers: bool = False
    order: tuple[Component, ...] = LAW_ORDER
    by_component: bool = False
    prepayment_fee_ppm: int = 0
    statement_day: int = 0
    due_day: int = 0
    moves_rest: bool = False

    @property
    def kept(self) -> str:
        """Return the conditions as a contract keeps them."""
        values = {name: getattr(self, name) for name in (*NUMBERS, *FLAGS)}
        penalized = sorted(c.value for c in self.penalized)
        order = [c.value for c in self.order]
        return json.dumps({**values, "penalized": penalized, "order": order})

    def columns(self, n: int) -> Conditions:
        rank = [self.order.index(c) for c in Component]
        flags = {"in_cash", "keeps_fee", "lowers", "by_component", "moves_rest"}
        apart = {"order", "penalized", "penalty_ppm", "revolving_ppm", "later_cap_on"}
        one = {k: v for k, v in vars(self).items() if k not in apart}
        return Conditions(
            penalized=np.tile(np.array([c in self.penalized for c in Component]), (n, 1)),
            later_cap_on=np.full(n, day(self.later_cap_on)),
            rank=np.tile(np.array(rank, np.int8), (n, 1)),
            **{k: np.full(n, v, np.bool_ if k in flags else np.int64) for k, v in one.items()},
        )


@dataclass
class Story:
    """Accounts under the same terms, and what happens to them, in any order of telling."""

    terms: Terms = field(default_factory=Terms)
    told: list[Told] = field(default_factory=list)

    def tell(self, on: str, kind: str, amount: int = 0, **more: Any) -> Story:
        """Add one fact; its key is its kind and day unless it is said."""
        told = Told(
            account=more.pop("account", 0),
            on=on,
            kind=FactKind(kind),
            key=more.pop("key", f"{kind} {on}"),
            amount=amount,
            **more,
        )
        return replace(self, told=[*self.told, told])

    def facts(self) -> tuple[Facts, Agreed, list[Told]]:
        told = sorted(self.told, key=lambda t: (t.account, t.on, FACT_CODE[t.kind], t.key))
        place = {(t.account, t.key): n for n, t in enumerate(told)}
        rows = [(n, number, t, d) for n, t in enumerate(told) for number, d in enumerate(t.dues, 1)]
        ints = lambda values: np.array(list(values), np.int32)  # noqa: E731
        longs = lambda values: np.array(list(values), np.int64)  # noqa: E731
        days = lambda values: np.array(list(values), "datetime64[D]")  # noqa: E731
        facts = Facts(
            account=ints(t.account for t in told),
            kind=np.array([FACT_CODE[t.kind] for t in told], np.int8),
            effective_on=days(t.on for t in told),
            amount_minor=longs(t.amount for t in told),
            about=ints(place[t.account, t.about] if t.about else -1 for t in told),
            days=ints(t.days for t in told),
            ahead=np.array([t.ahead for t in told], np.bool_),
        )
        agreed = Agreed(
            account=ints(t.account for _, _, t, _ in rows),
            fact=ints(n for n, _, _, _ in rows),
            number=np.array([number for _, number, _, _ in rows], np.int16),
            starts_on=days(d.starts_on or t.on for _, _, t, d in rows),
            bill_on=days(d.bill_on or t.on for _, _, t, d in rows),
            due_on=days(d.due_on for _, _, _, d in rows),
            principal_minor=longs(d.principal for _, _, _, d in rows),
            interest_minor=longs(d.interest for _, _, _, d in rows),
            fee_minor=longs(d.fee for _, _, _, d in rows),
            least_ppm=longs(d.least_ppm for _, _, _, d in rows),
            penalty_ppm=longs(self._penalty_ppm(d) for _, _, _, d in rows),
            revolving_ppm=longs(self.terms.revolving_ppm for _ in rows),
            revolves_on=days(d.revolves_on or d.due_on for _, _, _, d in rows),
        )
        return facts, agreed, told

    def lived_as_told(self, until: str) -> tuple[Kept, pl.DataFrame]:
        """Live the days from frames whose rows stand as they were told; put in order by nobody."""
        accounts = sorted({t.account for t in self.told})
        conditions = {
            "account": [str(n) for n in accounts],
            "conditions": [self.terms.kept] * len(accounts),
        }
        facts = pl.DataFrame([row for t in self.told for row in self._rows(t)], schema=FACT)
        return lived_again(begun(pl.DataFrame(conditions), facts), until=day(until) + 1)

    def _rows(self, t: Told) -> list[dict[str, Any]]:
        """Return a fact as the database gives it; what a payment is meant for is one of its own."""
        own = f"{t.account}/"
        about = own + t.about if t.about else ""
        meant = t.kind == FactKind.payment and (t.ahead or bool(about))
        row = {
            "account": str(t.account),
            "key": own + t.key,
            "kind": FACT_CODE[t.kind],
            "effective_on": date.fromisoformat(t.on),
            "amount_minor": t.amount,
            "about": "" if meant else about,
            "days": t.days,
            "schedule": json.dumps([self._kept(t, d) for d in t.dues]),
        }
        if not meant:
            return [row]
        wish = json.dumps([{"about": about, "ahead": t.ahead}])
        more = {"kind": -1, "about": row["key"], "amount_minor": 0, "schedule": wish}
        return [{**row, "key": f"designation:{row['key']}", **more}, row]

    def _kept(self, t: Told, d: Due) -> dict[str, Any]:
        return {
            "starts_on": d.starts_on or t.on,
            "bill_on": d.bill_on or t.on,
            "due_on": d.due_on,
            "revolves_on": d.revolves_on or d.due_on,
            "principal_minor": d.principal,
            "interest_minor": d.interest,
            "fee_minor": d.fee,
            "least_ppm": d.least_ppm,
            "penalty_ppm": self._penalty_ppm(d),
            "revolving_ppm": self.terms.revolving_ppm,
        }

    def _penalty_ppm(self, d: Due) -> int:
        return self.terms.penalty_ppm if d.penalty_ppm is None else d.penalty_ppm

    def lived(
        self, until: str, each: Callable[[Any, Book, Transfers], None] | None = None
    ) -> Books:
        """Live the days up to the end of one, and return the books."""
        facts, agreed, told = self.facts()
        n = max((t.account for t in told), default=0) + 1
        book = new_book(agreed, accounts=n, facts=len(facts))
        since = min((t.on for t in told), default=until)
        transfers = lived(
            book,
            facts,
            lambda _: self.terms.columns(n),
            since=day(since),
            until=day(until) + 1,
            each=each,
        )
        return Books(book, facts, transfers, told)


@dataclass
class Books:
    """The books at the end of a story."""

    book: Book
    facts: Facts
    transfers: Transfers
    told: list[Told]

    def balances(self) -> dict[str, int]:
        """Return what stands on the accounts of the book, without those at zero."""
        return {a.value: m for a, m in trial_balance(self.transfers).items() if m}

    def open(self, account: int = 0) -> list[dict[str, int]]:
        """Return what is open of each installment, without what is zero."""
        rows = np.flatnonzero(self.book.installments.account == account)
        return [
            {
                c.value: int(m)
                for c, m in zip(Component, self.book.installments.open_minor[r], strict=True)
                if m
            }
            for r in rows
        ]

    def days_past_due(self, account: int = 0) -> int:
        return int(self.book.standing.days_past_due[account])

    def unapplied(self) -> int:
        return int(self.book.left_minor.sum())


def fixed(principal: int, interest: int = 0, *, by: str, basis_days: int = 360) -> dict[str, Any]:
    """Return what an instrument fixes, to be performed by a day, and what is doubled after it."""
    debt = Due(by, principal, interest=interest, penalty_ppm=0)
    return {"dues": (debt, Due(by, 0, penalty_ppm=175 * basis_days))}


def purchase_of(amount: int, dues: Iterable[Due]) -> dict[str, Any]:
    dues = tuple(dues)
    assert sum(d.principal for d in dues) == amount
    return {"amount": amount, "dues": dues}


def claims(books: Books) -> dict[str, int]:
    """Return what the books hold of borrowers, by account of the book."""
    held = ("unbilled", "principal", "interest", "fee", "penalty", "cost")
    found = trial_balance(books.transfers)
    return {name: found[LedgerAccount(name)] for name in held}
