"""Live days with the books in frames, and say what must be written so that they stand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from forbear.batch.books import Columns, Kept, begun, columns, frames
from forbear.ledger.transfer import Transfers
from forbear.servicing.day import closed, happened, lived
from forbear.servicing.desk import PRINCIPAL
from forbear.servicing.fact import FACT_CODE, FactKind

Day = np.datetime64
MOVED = ["account", "lent_by", "number", "kind", "debit", "credit", "cause", "effective_on"]


def moved(transfers: Transfers, found: Columns) -> pl.DataFrame:
    """Return transfers under the lender's own keys: MOVED and amount_minor.

    Errors: none.
    Source: none.
    """
    old = found.kept
    due = pl.Series(transfers.due, dtype=pl.Int64)
    due = due.set(due < 0, None)
    cause = pl.Series(transfers.cause, dtype=pl.Int64)
    cause = cause.set(cause < 0, None)
    return pl.DataFrame(
        {
            "account": old.accounts["account"].gather(transfers.account),
            "lent_by": old.dues["key"].gather(due),
            "number": old.dues["number"].gather(due),
            "kind": transfers.kind,
            "debit": transfers.debit,
            "credit": transfers.credit,
            "cause": old.facts["key"].gather(cause),
            "effective_on": pl.Series(transfers.effective_on).cast(pl.Date),
            "amount_minor": transfers.amount_minor,
        }
    )


def lived_again(kept: Kept, *, until: Day) -> tuple[Kept, pl.DataFrame]:
    """Return books of accounts that begin, as they are before a day, and all that moved by then.

    Errors: none.
    Source: house convention L-5.
    """
    found = columns(kept)
    transfers = []
    if len(found.facts):
        since = found.facts.effective_on.min()
        told = lived(found.book, found.facts, lambda _: found.terms, since=since, until=until)
        transfers = [moved(told, found)]
    return frames(found), pl.concat([pl.DataFrame(schema=MOVE), *transfers])


MOVE = pl.Schema(
    {
        "account": pl.String,
        "lent_by": pl.String,
        "number": pl.Int16,
        "kind": pl.Int8,
        "debit": pl.Int8,
        "credit": pl.Int8,
        "cause": pl.String,
        "effective_on": pl.Date,
        "amount_minor": pl.Int64,
    }
)


def lived_on(kept: Kept, *, on: Day) -> tuple[Columns, pl.DataFrame]:
    """Return the books at the end of a day, from those of the day before, and what moved on it.

    Errors: none.
    Source: house convention L-5.
    """
    found = columns(kept)
    today = np.flatnonzero(found.facts.effective_on == on)
    told = closed(found.book, found.facts, today, found.terms, on=on)
    return found, moved(told, found)


@dataclass(frozen=True, slots=True)
class Stood:
    """What one account's books hold at one place within a day."""

    open_minor: int  # billed or charged and not paid, of what is asked about
    waits_minor: int  # money that has met nothing


def standing_before(
    account: str,
    conditions: str,
    facts: pl.DataFrame,
    *,
    kind: FactKind,
    key: str,
    about: str,
    on: date,
) -> Stood:
    """Return what a fact of a day would find in the books of its account.

    Shape:  conditions JSON; facts as FACT, all that are known of the account.
    Unit:   minor units; open is of the fact that `about` names, of everything where it is "".
    Errors: none.
    Source: house convention L-5: within a day facts count by kind and key.
    """
    known = facts.filter(_counts_before(kind=kind, key=key, on=on))
    found = _stands(account, conditions, known, on=on)
    inst = found.book.installments
    mine = (found.kept.dues["key"] == about).to_numpy() if about else inst.lent
    return Stood(int(inst.open_minor[mine].sum()), int(found.book.left_minor.sum()))


def arranged_minor(account: str, conditions: str, facts: pl.DataFrame, plan: pl.DataFrame) -> int:
    """Return what a plan would find open in the books of its account: all that becomes the plan's.

    Shape:  conditions JSON; facts as FACT, all that are known of the account; plan one more.
    Unit:   minor units.
    Errors: none.
    Source: house convention L-5: within a day facts count by kind and key.
    """
    key, on = plan["key"].item(), plan["effective_on"].item()
    known = facts.filter(_counts_before(kind=FactKind.arrangement, key=key, on=on))
    found = _stands(account, conditions, pl.concat([known, plan]), on=on)
    mine = (found.kept.dues["key"] == key).to_numpy()
    return int(found.book.installments.open_minor[mine].sum())


def judged_minor(
    account: str, conditions: str, facts: pl.DataFrame, judgment: pl.DataFrame
) -> tuple[int, int]:
    """Return what an instrument would find open: principal, and all else but costs.

    Shape:  conditions JSON; facts as FACT, all that are known of the account; judgment one more,
            which fixes more of both than can be open.
    Unit:   minor units.
    Errors: none.
    Source: house conventions L-5 and L-14.
    """
    key, on = judgment["key"].item(), judgment["effective_on"].item()
    known = facts.filter(_counts_before(kind=FactKind.judgment, key=key, on=on))
    found = _stands(account, conditions, pl.concat([known, judgment]), on=on)
    opened = found.book.installments.open_minor[(found.kept.dues["key"] == key).to_numpy()]
    principal = int(opened[:, PRINCIPAL].sum())
    return principal, int(opened.sum()) - principal


def _counts_before(*, kind: FactKind, key: str, on: date) -> pl.Expr:
    day, code = pl.col("effective_on"), pl.col("kind")
    earlier = (code < FACT_CODE[kind]) | ((code == FACT_CODE[kind]) & (pl.col("key") < key))
    return (day < on) | ((day == on) & earlier)


def _stands(account: str, conditions: str, known: pl.DataFrame, *, on: date) -> Columns:
    """Return the books of one account after the facts of a day, before the day's own close."""
    accounts = pl.DataFrame({"account": [account], "conditions": [conditions]})
    kept, _ = lived_again(begun(accounts, known), until=as_day(on))
    found = columns(kept)
    today = np.flatnonzero(found.facts.effective_on == as_day(on))
    happened(found.book, found.facts, today, found.terms, on=as_day(on))
    return found


def difference(wanted: pl.DataFrame, posted: pl.DataFrame) -> pl.DataFrame:
    """Return what must be written so that what stands is what is wanted: MOVED, amount, reverses.

    Shape:  both MOVED and amount_minor; of posted an amount below zero is one that was undone.
    Unit:   minor units; every amount of the result is above zero, its legs as they are written.
    Errors: none.
    Source: none.
    """
    wanted, posted = _unlike(wanted, posted)
    signed = pl.concat([wanted, posted.with_columns(-pl.col("amount_minor"))])
    net = signed.group_by(MOVED).agg(pl.col("amount_minor").sum())
    undone = pl.col("amount_minor") < 0
    return (
        net.filter(pl.col("amount_minor") != 0)
        .sort(MOVED)
        .with_columns(
            reverses=undone,
            debit=pl.when(undone).then("credit").otherwise("debit"),
            credit=pl.when(undone).then("debit").otherwise("credit"),
            amount_minor=pl.col("amount_minor").abs(),
        )
    )


def _unlike(wanted: pl.DataFrame, posted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both without pairs of one row each that are alike: they need nothing.

    Most rows are such pairs. A hash finds them, and their columns are compared, so that two rows of
    one hash are never taken for alike.
    """
    whole = pl.struct(*MOVED, "amount_minor").hash().alias("hash")
    one, other = (
        frame.select(whole).with_row_index(name).filter(pl.col("hash").is_unique())
        for name, frame in (("wanted", wanted), ("posted", posted))
    )
    pairs = one.join(other, on="hash").select("wanted", "posted")
    alike = np.ones(len(pairs), np.bool_)
    for name in (*MOVED, "amount_minor"):
        mine, theirs = wanted[name].gather(pairs["wanted"]), posted[name].gather(pairs["posted"])
        alike &= mine.eq_missing(theirs).to_numpy()
    rest = []
    for name, frame in (("wanted", wanted), ("posted", posted)):
        left = np.ones(len(frame), np.bool_)
        left[pairs[name].to_numpy()[alike]] = False
        rest.append(frame.filter(pl.Series(left, dtype=pl.Boolean)))
    return rest[0], rest[1]


def owed(found: Columns, *, on: Day) -> pl.DataFrame:
    """Return what is owed of each account at the end of a day, as its books stand.

    Shape:  account, due_minor, outstanding_minor, days_past_due, oldest_due_on (null: not late).
    Unit:   minor units; due is what is billed or charged by its day, outstanding all principal.
    Errors: none.
    Source: house convention H-2.
    """
    inst, n = found.book.installments, len(found.book)
    opened = inst.open_minor.sum(axis=1)
    due, whole = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(due, inst.account, np.where(inst.due_on <= on, opened, 0))
    np.add.at(whole, inst.account, opened + inst.unbilled_minor)
    late = found.book.standing.days_past_due
    oldest = pl.Series(on - late.astype("timedelta64[D]")).cast(pl.Date)
    return pl.DataFrame(
        {
            "account": found.kept.accounts["account"],
            "due_minor": due,
            "outstanding_minor": whole,
            "days_past_due": late,
            "oldest_due_on": oldest.set(pl.Series(late == 0), None),
        }
    )


def as_day(on: date) -> Day:
    """Return a day as columns hold it.

    Errors: none.
    Source: none.
    """
    return np.datetime64(on, "D")
