"""Draw serviced accounts and what is bought with them, under the products' own terms. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forbear.kernel.columns import Bytes, Days, Ints, Longs, Shorts
from forbear.servicing.agreement import AMOUNTS, DAYS, dues_agreed
from forbear.servicing.fact import BookingKind
from forbear.servicing.product import Products, terms_on
from forbear.servicing.schedule import Purchases
from forbear.servicing.terms import Terms

PRODUCTS = ("paylater", "card", "micro_loan")
PRODUCT_SHARES = (0.60, 0.22, 0.18)
A_MONTH = (0.55, 0.90, 0.35)  # purchases of an account, by product
MEDIAN_FEN = (260_00, 420_00, 3_000_00)
ONE_PAYMENT_SHARE = 0.66  # of purchases; the rest over the product's longer plans
PROMPT, SLOPPY, STRUGGLING, DEFAULTING = range(4)  # the last two stop paying one day
HABIT_SHARES = (0.75, 0.18, 0.04, 0.03)
MOVED_SHARE, DUE_DAYS = 0.03, (8, 15, 20, 28)  # of accounts; days of the month they move to
MONTH_DAYS = 30.44
NEVER = np.datetime64("9999-01-01", "D")
BOOKING = pl.Schema(
    {
        "account_ref": pl.String,
        "source_key": pl.String,
        "kind": pl.String,
        "effective_on": pl.Date,
        "amount_minor": pl.Int64,
        "about": pl.String,
        "days": pl.Int32,
        "schedule": pl.String,
        "rule": pl.String,
        "reason": pl.String,
        "told_on": pl.Date,  # the day on which the lender learns of it
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The accounts, every column shape (a,)."""

    start: np.datetime64
    as_of: np.datetime64
    person: pl.Series
    ref: pl.Series
    product: Bytes  # position in PRODUCTS
    formed_on: Days
    habit: Bytes
    stops_on: Days  # from this day on nothing more is bought or paid as agreed
    moves_on: Days  # the day on which the due day moves; NEVER
    due_day: Shorts  # the day of the month it moves to
    version: Bytes  # position in `terms`
    terms: Sequence[Terms]

    def __len__(self) -> int:
        """Return a."""
        return len(self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """The purchases, shape (p,), and what falls due of them, shape (m,)."""

    account: Ints
    ref: pl.Series
    on: Days
    amount_minor: Longs
    installments: Shorts
    dues: pl.DataFrame  # purchase, number, and what is agreed of each installment


def bookings(refs: pl.Series, kind: BookingKind, **columns: object) -> pl.DataFrame:
    """Return bookings of accounts; a column that is not given is empty.

    Shape:  refs (n,); columns (n,) or one value for all.
    Errors: none.
    Source: none.
    """
    empty: dict[str, object] = {
        "amount_minor": 0,
        "about": "",
        "days": 0,
        "schedule": "[]",
        "rule": "",
        "reason": "",
    }
    given = {"kind": kind.value, **empty, **columns}
    frame = pl.DataFrame({"account_ref": refs})
    for name, value in given.items():
        column = value if isinstance(value, (pl.Series, np.ndarray)) else None
        frame = frame.with_columns(
            pl.lit(value).alias(name) if column is None else pl.Series(name, column)
        )
    return frame.select(pl.col(name).cast(kind_) for name, kind_ in BOOKING.items())


def drawn_lives(
    rng: np.random.Generator, people: pl.Series, products: Products, *, start: date, as_of: date
) -> Lives:
    """Return one account of each person, formed some day of the time; half of them early in it.

    Errors: ProductUnknown, NotInForce where a product is not offered in that time.
    Source: none; shares are invented.
    """
    n, first, last = len(people), np.datetime64(start, "D"), np.datetime64(as_of, "D")
    days = int((last - first).astype(int))
    product = rng.choice(len(PRODUCTS), n, p=PRODUCT_SHARES).astype(np.int8)
    formed_on = first + (rng.random(n) ** 2.2 * days * 0.92).astype(np.int64)
    habit = rng.choice(len(HABIT_SHARES), n, p=HABIT_SHARES).astype(np.int8)
    stops = habit >= STRUGGLING
    stops_on = np.where(stops, formed_on + rng.integers(50, max(days // 2, 51), n), NEVER)
    terms, version = _versions(products, product, formed_on)
    moves_on, due_day = _moves(rng.spawn(1)[0], formed_on, days)
    by_statement = np.array([each.statement_day is not None for each in terms])[version]
    return Lives(
        start=first,
        as_of=last,
        person=people,
        ref=people + ":books",
        product=product,
        formed_on=formed_on,
        habit=habit,
        stops_on=stops_on,
        moves_on=np.where(by_statement, moves_on, NEVER),
        due_day=due_day,
        version=version,
        terms=terms,
    )


def _moves(rng: np.random.Generator, formed_on: Days, days: int) -> tuple[Days, Shorts]:
    """Return on which day accounts move their due day, most of them never, and to which."""
    n = len(formed_on)
    on = formed_on + rng.integers(10, max(days // 2, 11), n)
    to = rng.choice(DUE_DAYS, n).astype(np.int16)
    return np.where(rng.random(n) < MOVED_SHARE, on, NEVER), to


def _versions(products: Products, product: Bytes, formed_on: Days) -> tuple[list[Terms], Bytes]:
    """Return the terms that contracts are under, and which of them each one is."""
    version = np.full(len(product), -1, np.int8)
    terms = [each for each in products.versions if each.product in PRODUCTS]
    for n, each in enumerate(terms):
        since, until = (np.datetime64(day, "D") for day in (each.start, each.end))
        here = (product == PRODUCTS.index(each.product)) & (formed_on >= since)
        version[here & (formed_on < until)] = n
    for row in np.flatnonzero(version < 0)[:1]:
        terms_on(products, PRODUCTS[product[row]], on=formed_on[row].item())  # says what is wrong
    return terms, version


def drawn_purchases(rng: np.random.Generator, lives: Lives) -> Bought:
    """Return what is bought until an account stops, and what is agreed to fall due of it.

    Unit:   minor units.
    Errors: none.
    Source: the products' plans.
    """
    until = np.minimum(lives.stops_on, lives.as_of)
    months = (until - lives.formed_on).astype(int) / MONTH_DAYS
    each = 1 + rng.poisson(np.array(A_MONTH)[lives.product] * np.maximum(months, 0))
    account = np.repeat(np.arange(len(lives), dtype=np.int32), each)
    place = np.arange(len(account)) - np.repeat(np.cumsum(each) - each, each)
    length = np.maximum((until - lives.formed_on).astype(int), 0)[account]
    later = (rng.random(len(account)) * (length + 1)).astype(np.int64)
    on = lives.formed_on[account] + np.where(place == 0, 0, later)
    drawn = np.exp(rng.normal(0, 0.7, len(account)))
    amount = (np.array(MEDIAN_FEN)[lives.product[account]] * drawn).astype(np.int64)
    installments = np.ones(len(account), np.int16)
    parts = []
    for n, terms in enumerate(lives.terms):
        mine = np.flatnonzero(lives.version[account] == n)
        counts = sorted({plan.installments for plan in terms.plans})
        shares = np.array([1.0 if c == counts[0] else 0.0 for c in counts])
        if len(counts) > 1:
            rest = 1.0 / np.arange(1, len(counts))
            shares = np.r_[ONE_PAYMENT_SHARE, (1 - ONE_PAYMENT_SHARE) * rest / rest.sum()]
        installments[mine] = rng.choice(counts, len(mine), p=shares)
        amount[mine] = np.clip(amount[mine], terms.least_minor, terms.most_minor)
        whose, moved = account[mine], on[mine] > lives.moves_on[account[mine]]
        found = dues_agreed(
            terms,
            Purchases(
                amount_minor=amount[mine],
                bought_on=on[mine],
                installments=installments[mine],
                due_day=np.where(moved, lives.due_day[whose], terms.due_day or 1),
            ),
        )
        parts.append(pl.DataFrame({**found, "purchase": mine[found["purchase"]]}))
    number = pl.Series(place + 1).cast(pl.String)
    return Bought(
        account=account,
        ref=lives.ref.gather(account) + ":p" + number,
        on=on,
        amount_minor=amount,
        installments=installments,
        dues=pl.concat(parts).sort("purchase", "number"),
    )


def purchase_facts(rng: np.random.Generator, lives: Lives, bought: Bought) -> pl.DataFrame:
    """Return the purchases as bookings, with the installments agreed; a few are told a day late.

    Errors: none.
    Source: none.
    """
    kept = pl.struct(*(pl.col(d).cast(pl.Date).cast(pl.String) for d in DAYS), *AMOUNTS)
    schedules = (
        bought.dues.select("purchase", "number", kept.struct.json_encode().alias("due"))
        .group_by("purchase", maintain_order=True)
        .agg(pl.col("due").str.join(","))
        .sort("purchase")
    )
    assert len(schedules) == len(bought.ref), "a purchase without installments"
    late = (rng.random(len(bought.on)) < 0.02).astype(np.int64)
    return bookings(
        lives.ref.gather(bought.account),
        BookingKind.purchase,
        source_key="booking:" + bought.ref,
        effective_on=bought.on,
        amount_minor=bought.amount_minor,
        schedule="[" + schedules["due"] + "]",
        told_on=bought.on + late,
    )


def due_day_facts(lives: Lives) -> pl.DataFrame:
    """Return the due days that move; what is bought later follows them already.

    Errors: none.
    Source: none.
    """
    rows = np.flatnonzero(lives.moves_on < NEVER)
    ref = lives.ref.gather(rows)
    return bookings(
        ref,
        BookingKind.due_day,
        source_key="booking:" + ref + ":due_day",
        effective_on=lives.moves_on[rows],
        days=lives.due_day[rows],
        told_on=lives.moves_on[rows],
    )
