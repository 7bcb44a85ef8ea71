"""Draw what befalls serviced accounts: money in and back, refunds, waivers, plans, losses. Pure.

Nothing here knows the books: people pay what was agreed, more or less, and the books find out.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from forbear.demo.life_court import went_to_court
from forbear.demo.life_purchases import (
    DEFAULTING,
    NEVER,
    SLOPPY,
    STRUGGLING,
    Bought,
    Lives,
    bookings,
)
from forbear.kernel.columns import Days, Ints, Longs
from forbear.law.packs import Law
from forbear.servicing.agreement import due_kept
from forbear.servicing.fact import BookingKind as K

PAYMENT = ("account_ref", "source_key", "payment_ref", "stage", "amount_minor", "effective_on")
RETURNED_SHARE, CHARGEBACK_SHARE = 0.03, 0.002  # of purchases
REVERSED_SHARE, TWICE_SHARE, MEANT_SHARE = 0.012, 0.02, 0.01  # of payments
TOLD_LATE_SHARES = (0.88, 0.08, 0.04)  # the same day, within a week, within six
PLAN_PARTS, PLAN_KEPT_SHARE = 6, 0.8
PLAN_RULE = "house.arrangement"


def drawn_events(
    rng: np.random.Generator, lives: Lives, bought: Bought, law: Law
) -> list[tuple[str, pl.DataFrame]]:
    """Return what befalls the accounts: tables and facts.

    Unit:   minor units.
    Errors: NotClaimed where no rule says what is doubled for delay.
    Source: none; shares are invented.
    """
    back, gone_on = _returns(rng, lives, bought)
    dues = _dues(lives, bought, gone_on)
    paid = _paid(rng, lives, dues)
    troubles = _troubles(rng, lives, dues, law)
    return [
        ("booking", back),
        *_payment_facts(rng, lives, paid),
        *troubles,
        ("booking", _kindness(rng, lives)),
        ("booking", _extensions(rng, lives, bought)),
        ("refund", _plain_refunds(rng, lives)),
    ]


def _some(rng: np.random.Generator, n: int, share: float) -> Ints:
    """Return the places of a share of n rows."""
    return np.flatnonzero(rng.random(n) < share).astype(np.int32)


def _returns(rng: np.random.Generator, lives: Lives, bought: Bought) -> tuple[pl.DataFrame, Days]:
    """Return refunds of purchases, and from which day each purchase is wholly taken back."""
    n = len(bought.on)
    chosen = _some(rng, n, RETURNED_SHARE + CHARGEBACK_SHARE)
    whole = rng.random(len(chosen)) < 0.5
    on = bought.on[chosen] + rng.integers(3, 26, len(chosen))
    amount = bought.amount_minor[chosen]
    amount = np.where(whole, amount, np.maximum(amount * 3 // 10, 1))
    disputed = rng.random(len(chosen)) < CHARGEBACK_SHARE / (RETURNED_SHARE + CHARGEBACK_SHARE)
    told = on + np.where(rng.random(len(chosen)) < 0.1, rng.integers(1, 15, len(chosen)), 0)
    gone_on = np.full(n, NEVER)
    gone_on[chosen[whole]] = on[whole]
    parts = []
    for kind, mask in ((K.merchant_refund, ~disputed), (K.chargeback, disputed)):
        rows = chosen[mask]
        ref = bought.ref.gather(rows)
        parts.append(
            bookings(
                lives.ref.gather(bought.account[rows]),
                kind,
                source_key="booking:" + ref + f":{kind}",
                effective_on=on[mask],
                amount_minor=amount[mask],
                about="booking:" + ref,
                told_on=told[mask],
            )
        )
    return pl.concat(parts), gone_on


def _dues(lives: Lives, bought: Bought, gone_on: Days) -> pl.DataFrame:
    """Return what accounts have to pay on each due day: account, due_on, minor, in order."""
    of = bought.dues["purchase"].to_numpy()
    return (
        bought.dues.select(
            account=bought.account[of],
            due_on=pl.col("due_on").cast(pl.Date),
            minor=pl.col("principal_minor") + pl.col("interest_minor") + pl.col("fee_minor"),
            gone_on=gone_on[of],
        )
        .filter(pl.col("due_on") <= pl.col("gone_on"), pl.col("due_on") <= pl.lit(lives.as_of))
        .group_by("account", "due_on")
        .agg(pl.col("minor").sum())
        .sort("account", "due_on")
        .with_row_index("row")
    )


def _paid(rng: np.random.Generator, lives: Lives, dues: pl.DataFrame) -> pl.DataFrame:
    """Return what is paid as agreed, more or less: account, key, minor, paid_on."""
    account, due_on = dues["account"].to_numpy(), dues["due_on"].to_numpy()
    n = len(account)
    habit = lives.habit[account]
    slow = rng.random(n) < np.where(habit >= SLOPPY, 0.45, 0.03)
    days = np.where(slow, 1 + (rng.random(n) ** 2 * 34).astype(np.int64), -rng.integers(0, 4, n))
    paid_on = np.maximum(due_on + days, lives.formed_on[account])
    minor = dues["minor"].to_numpy()
    # Who is late pays something on top, in whole tens of yuan: penalties and late fees eat it.
    on_top = -(-(minor * 106 // 100 + 10_00) // 10_00) * 10_00
    minor = np.where(days > 3, on_top, minor)
    partly = (habit == STRUGGLING) & (rng.random(n) < 0.3)
    first = np.where(partly, minor // 2, minor)
    rest = np.flatnonzero(partly & (minor > first))
    stays = due_on < lives.stops_on[account]
    key = lives.ref.gather(account) + ":d" + dues["row"].cast(pl.String)
    whole = pl.DataFrame({"account": account, "key": key, "minor": first, "paid_on": paid_on})
    other = pl.DataFrame(
        {
            "account": account[rest],
            "key": key.gather(rest) + "b",
            "minor": (minor - first)[rest],
            "paid_on": paid_on[rest] + rng.integers(5, 30, len(rest)),
        }
    )
    return pl.concat([whole.filter(pl.Series(stays)), other.filter(pl.Series(stays[rest]))]).filter(
        pl.col("minor") > 0
    )


def _payment_facts(
    rng: np.random.Generator, lives: Lives, paid: pl.DataFrame
) -> list[tuple[str, pl.DataFrame]]:
    """Return payments as they are told: late, twice, taken back and paid again, meant for more."""
    n = len(paid)
    paid_on: Days = paid["paid_on"].to_numpy()
    when = rng.choice(3, n, p=TOLD_LATE_SHARES)
    late = [np.zeros(n, np.int64), rng.integers(1, 7, n), rng.integers(7, 43, n)]
    told_on = paid_on + np.choose(when, late)
    settled = _payments(lives, paid, "settled", told_on)
    twice = _some(rng, n, TWICE_SHARE)
    again = settled[twice].with_columns(told_on=pl.col("told_on") + pl.duration(days=1))
    back = _some(rng, n, REVERSED_SHARE)
    back_on = paid_on[back] + rng.integers(1, 7, len(back))
    taken_on = np.maximum(back_on, told_on[back]) + rng.integers(0, 3, len(back))
    taken = _payments(
        lives,
        paid[back].with_columns(paid_on=pl.Series(back_on)),
        "reversed",
        np.asarray(taken_on, "datetime64[D]"),
    )
    renewed_on = np.asarray(back_on + rng.integers(1, 6, len(back)), "datetime64[D]")
    renewed = paid[back].with_columns(key=pl.col("key") + "r", paid_on=pl.Series(renewed_on))
    meant = _some(rng, n, MEANT_SHARE)
    keys = paid["key"].gather(meant)
    designated = bookings(
        lives.ref.gather(paid["account"].gather(meant)),
        K.designation,
        source_key="designation:" + keys,
        effective_on=paid_on[meant],
        about="payment:" + keys + ":settled",
        schedule=json.dumps([{"about": "", "ahead": True}]),
        told_on=told_on[meant],
    )
    return [
        ("payment", settled),
        ("payment", again),
        ("payment", taken),
        ("payment", _payments(lives, renewed, "settled", renewed_on)),
        ("booking", designated),
    ]


def _payments(lives: Lives, paid: pl.DataFrame, stage: str, told_on: Days) -> pl.DataFrame:
    """Return payments as rows of their table."""
    return pl.DataFrame(
        {
            "account_ref": lives.ref.gather(paid["account"]),
            "source_key": "payment:" + paid["key"] + f":{stage}",
            "payment_ref": paid["key"],
            "amount_minor": paid["minor"].cast(pl.Int64),
            "effective_on": paid["paid_on"].cast(pl.Date),
            "told_on": pl.Series(told_on).cast(pl.Date),
        }
    ).select(*PAYMENT[:3], pl.lit(stage).alias("stage"), *PAYMENT[4:], "told_on")


def _troubles(
    rng: np.random.Generator, lives: Lives, dues: pl.DataFrame, law: Law
) -> list[tuple[str, pl.DataFrame]]:
    """Return what follows where somebody stopped: plans, costs, charge-offs, recoveries, sales."""
    after = dues["due_on"].to_numpy() >= lives.stops_on[dues["account"].to_numpy()]
    stopped = dues.filter(pl.Series(after))
    missed = stopped.group_by("account").agg(pl.col("due_on").min(), pl.col("minor").sum())
    missed = missed.sort("account")
    account, since = missed["account"].to_numpy(), missed["due_on"].to_numpy()
    minor = np.maximum(missed["minor"].to_numpy(), 6_00)
    bad = lives.habit[account] == DEFAULTING
    parts = _plans(rng, lives, account[~bad], since[~bad], minor[~bad])
    return parts + _losses(rng, lives, law, account[bad], since[bad], minor[bad])


def _plans(
    rng: np.random.Generator, lives: Lives, account: Ints, since: Days, minor: Longs
) -> list[tuple[str, pl.DataFrame]]:
    """Return plans that are agreed after six weeks, and what is paid by them; some are re-aged."""
    reaged = rng.random(len(account)) < 0.25
    rows = np.flatnonzero(~reaged)
    on = since[rows] + 45
    part = minor[rows] // PLAN_PARTS + 1
    due_on = [on + 30 * (k + 1) for k in range(PLAN_PARTS)]
    schedule = [
        json.dumps(
            [
                due_kept(on=day.item(), due_on=due[i].item(), principal_minor=int(part[i]))
                for due in due_on
            ]
        )
        for i, day in enumerate(on)
    ]
    ref = lives.ref.gather(account[rows])
    plans = bookings(
        ref,
        K.arrangement,
        source_key="booking:" + ref + ":plan",
        effective_on=on,
        schedule=pl.Series(schedule, dtype=pl.String),
        reason="分期还款协议：收入减少",
        told_on=on,
    )
    keeps = np.flatnonzero(rng.random(len(rows)) < PLAN_KEPT_SHARE)
    paid = pl.concat(
        pl.DataFrame(
            {
                "account": account[rows][keeps],
                "key": ref.gather(keeps) + f":plan{k}",
                "minor": part[keeps],
                "paid_on": due_on[k][keeps],
            }
        )
        for k in range(PLAN_PARTS)
    )
    return [
        ("booking", plans),
        ("payment", _payments(lives, paid, "settled", paid["paid_on"].to_numpy())),
        ("booking", _reages(lives, account[reaged], since[reaged])),
    ]


def _reages(lives: Lives, account: Ints, since: Days) -> pl.DataFrame:
    """Return what falls due anew, once, forty days after it was missed."""
    ref = lives.ref.gather(account)
    return bookings(
        ref,
        K.reage,
        source_key="booking:" + ref + ":reage",
        effective_on=since + 40,
        days=30,
        rule=PLAN_RULE,
        reason="一次性重新计算到期日",
        told_on=since + 40,
    )


def _losses(
    rng: np.random.Generator, lives: Lives, law: Law, account: Ints, since: Days, minor: Longs
) -> list[tuple[str, pl.DataFrame]]:
    """Return what court brought, charge-offs, what comes in after them, and claims sold."""
    parts = [("booking", went_to_court(rng, lives, law, account, since, minor))]
    lost = _some(rng, len(account), 0.7)
    ref = lives.ref.gather(account[lost])
    on = since[lost] + 180
    off = bookings(
        ref,
        K.charge_off,
        source_key="booking:" + ref + ":charge_off",
        effective_on=on,
        reason="逾期一百八十天",
        told_on=on,
    )
    parts.append(("booking", off))
    for k, days in enumerate((200, 245)):
        some = lost[_some(rng, len(lost), 0.4)]
        paid = pl.DataFrame(
            {
                "account": account[some],
                "key": lives.ref.gather(account[some]) + f":recovered{k}",
                "minor": minor[some] // 5 + 1,
                "paid_on": since[some] + days,
            }
        )
        told = since[some] + days + rng.integers(0, 4, len(some))
        parts.append(
            ("payment", _payments(lives, paid, "settled", np.asarray(told, "datetime64[D]")))
        )
    sold = lost[_some(rng, len(lost), 0.25)]
    ref = lives.ref.gather(account[sold])
    sale = bookings(
        ref,
        K.sale,
        source_key="booking:" + ref + ":sale",
        effective_on=since[sold] + 270,
        amount_minor=minor[sold] // 12 + 1,
        reason="批量转让",
        told_on=since[sold] + 270,
    )
    return [*parts, ("booking", sale)]


def _kindness(rng: np.random.Generator, lives: Lives) -> pl.DataFrame:
    """Return waivers, goodwill, and money that goes back to whom it belongs."""
    parts = []
    length = (lives.as_of - lives.formed_on).astype(np.int64)
    for kind, share, reason in (
        (K.waiver, 0.06, "客户关怀减免"),
        (K.compensation, 0.01, "误触达补偿"),
        (K.payout, 0.08, ""),
    ):
        rows = _some(rng, len(lives), share)
        on = lives.formed_on[rows] + 40 + (rng.random(len(rows)) * length[rows]).astype(np.int64)
        ref = lives.ref.gather(rows)
        parts.append(
            bookings(
                ref,
                kind,
                source_key="booking:" + ref + f":{kind}",
                effective_on=on,
                amount_minor=rng.integers(5_00, 60_00, len(rows)),
                reason=reason,
                told_on=on + np.where(rng.random(len(rows)) < 0.1, 5, 0),
            )
        )
    return pl.concat(parts)


def _extensions(rng: np.random.Generator, lives: Lives, bought: Bought) -> pl.DataFrame:
    """Return purchases that fall due some days later than agreed."""
    rows = _some(rng, len(bought.on), 0.004)
    ref = bought.ref.gather(rows)
    on = bought.on[rows] + rng.integers(1, 20, len(rows))
    return bookings(
        lives.ref.gather(bought.account[rows]),
        K.extension,
        source_key="booking:" + ref + ":extension",
        effective_on=on,
        about="booking:" + ref,
        days=10,
        told_on=on,
    )


def _plain_refunds(rng: np.random.Generator, lives: Lives) -> pl.DataFrame:
    """Return refunds that name no purchase."""
    rows = _some(rng, len(lives), 0.02)
    ref = lives.ref.gather(rows)
    on = lives.formed_on[rows] + rng.integers(20, 200, len(rows))
    return pl.DataFrame(
        {
            "account_ref": ref,
            "source_key": "refund:" + ref,
            "amount_minor": rng.integers(5_00, 80_00, len(rows)),
            "effective_on": pl.Series(on).cast(pl.Date),
            "told_on": pl.Series(on + 1).cast(pl.Date),
        }
    )
