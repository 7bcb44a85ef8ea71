"""Close the books of a day: bill, accrue, penalize, age, and correct what came to be known late."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.posting import post_again
from forbear.actions.reader import Ability, Reader
from forbear.batch.books import (
    DUE_DAY,
    REVERSAL,
    Columns,
    Kept,
    begun,
    both,
    frames,
    kept_digest,
    unknown_to,
    without,
)
from forbear.batch.living import MOVE, as_day, difference, lived_again, lived_on
from forbear.batch.online import owed_written
from forbear.kernel.errors import ForbearError
from forbear.ledger.account import LedgerAccount
from forbear.servicing.holding import HOLD
from forbear.store import books as store
from forbear.store.kept_books import read_kept, sweep_kept, write_kept
from forbear.store.models import Close, Contract
from forbear.store.online import begin_close
from forbear.store.server import database_url

Progress = Callable[[str], None]
ONE = timedelta(days=1)
DESIGNATION = -1
MOVED_BY = ("currency", "debit", "credit", "amount_minor")


class CloseRunning(ForbearError):
    """Another command is closing the books; wait for it to end."""

    code = "books.close_running"
    http_status = 409


class BeforeBooks(ForbearError):
    """The day lies before every contract, and nothing was closed yet."""

    code = "books.before_books"
    http_status = 422
    what_to_do = "Check the year; the first close is of the first contract's day or a later one."


class NeverClosed(ForbearError):
    """The day lies before the first day that was closed."""

    code = "books.never_closed"
    http_status = 422
    what_to_do = "Close a later day; what happened before the first close stands in it."


@dataclass(frozen=True, slots=True)
class Night:
    """What the close of one day found, before it is written."""

    kept: Kept
    digest: str
    rows: pl.DataFrame  # transfers to be written
    owed: pl.DataFrame  # with as_of, and `seen`: which row of `owed` it may replace
    moved: pl.DataFrame  # of the whole day: those, and what was posted as it came in
    late: int
    since: str  # of the snapshot that it was read in
    contracts: pl.DataFrame


def do_close(reader: Reader, *, as_of: date, progress: Progress) -> list[dict[str, Any]]:
    """Close the books of a day, and of every day missed before it; return a report of each.

    A day that is closed stays closed: closing it again changes nothing. Killed at any point, the
    next run gives the same books. Payments are taken meanwhile; what comes in after the close began
    to read stands in the next one, true of its own day. Where no account is serviced here there is
    nothing to close, and no report; days on which none was yet are passed over.
    Errors: NotAllowed, CloseRunning, NeverClosed, BeforeBooks.
    """
    reader.must(Ability.run_night)
    with store.only_close(database_url()) as free:
        if not free:
            raise CloseRunning("another command is closing the books; wait for it to end")
        last = Close.objects.order_by("-as_of").first()
        if last and as_of <= last.as_of:
            again = Close.objects.filter(as_of=as_of).first()
            if again is None:
                raise NeverClosed(f"{as_of} was never closed: the books begin later")
            return [{**report(again), "closed_before": True}]
        done = []
        first = Contract.objects.order_by("formed_on").values_list("formed_on", flat=True).first()
        if first is None:
            return []
        if last is None and as_of < first:
            raise BeforeBooks(f"{as_of} lies before {first}, the day of the first contract")
        on = max(last.as_of + ONE, min(first, as_of)) if last else as_of
        while on <= as_of:
            began = time.perf_counter()
            last = _close_day(reader, on, last, progress)
            seconds = round(time.perf_counter() - began, 3)
            done.append({**report(last), "closed_before": False, "seconds": seconds})
            on += ONE
    return done


def close_before_night(reader: Reader, *, as_of: date, progress: Progress) -> None:
    """Close the books of a night's day where any are kept here; a day that is closed stays so.

    Errors: NotAllowed, CloseRunning.
    """
    last = Close.objects.order_by("-as_of").first()
    kept_here = Contract.objects.filter(formed_on__lte=as_of).exists()
    if kept_here and (last is None or last.as_of < as_of):
        do_close(reader, as_of=as_of, progress=progress)


def report(close: Close) -> dict[str, Any]:
    """Return what a close did.

    Errors: none.
    """
    return {
        "as_of": close.as_of.isoformat(),
        "accounts": close.accounts,
        "late": close.late,
        "transfers": close.transfers,
        "corrected": close.corrected,
        "state_digest": close.state_digest,
        "balances": close.balances,
    }


def _close_day(reader: Reader, on: date, last: Close | None, progress: Progress) -> Close:
    """Close one day that is not closed yet, the one after the last that is."""
    with transaction.atomic():
        begin_close(connected(), on)
    with store.seen(database_url()) as at:
        night = _lived(at, on, last, progress)
    progress("keep")
    write_kept(on, night.kept, digest=night.digest, since=night.since)
    progress("write")
    with transaction.atomic():
        conn = connected()
        store.insert_transfers(conn, night.rows)
        missed = store.upsert_owed(conn, night.owed, on=on)
        close = Close.objects.create(
            as_of=on,
            accounts=len(night.contracts),
            late=night.late,
            transfers=len(night.rows),
            corrected=int(night.rows["reverses"].sum()),
            state_digest=night.digest,
            balances=_balances(last, night.moved),
            actor=reader.actor,
        )
        record_row(conn, Kind.close, close)
        progress("commit")
    post_again(connected(), missed)  # of what came in meanwhile
    sweep_kept(on)
    return close


def _lived(at: store.Seen, on: date, last: Close | None, progress: Progress) -> Night:
    """Return what the books are at the end of a day, and what must be written for it."""
    progress("read")
    contracts = store.fetch_contracts(at).filter(pl.col("formed_on") <= on)
    known = read_kept(last.as_of, digest=last.state_digest) if last else None
    base, late = _base(at, contracts, known, on)
    progress("live again")
    told = store.fetch_facts(at, accounts=late)
    sub = begun(contracts.filter(pl.col("account").is_in(late.implode())), told)
    sub, before = lived_again(sub, until=as_day(on))
    progress("live")
    found, today = lived_on(both(base, sub) if base else sub, on=as_day(on))
    progress("compare")
    kept = frames(found)
    digest = kept_digest(kept)
    rows = _to_write(at, on, late, before, today)
    rows = rows.join(contracts.select("account", "account_id", "currency", "rules"), on="account")
    came_in = store.fetch_moved(at, on, since=last.as_of if last else None)
    return Night(
        kept=kept,
        digest=digest,
        rows=rows.with_columns(booked_on=pl.lit(on)),
        owed=_owed(found, kept, contracts, store.fetch_ahead(at, on), on),
        moved=pl.concat([part.select(MOVED_BY) for part in (rows, came_in)]),
        late=len(late),
        since=at.since,
        contracts=contracts,
    )


def _base(
    at: store.Seen, contracts: pl.DataFrame, known: tuple[Kept, str] | None, on: date
) -> tuple[Kept | None, pl.Series]:
    """Return the books of the day before with the facts that are new, and whose days are not so.

    An account is lived again from its first day where a fact of an earlier day came in, where the
    account is new, where what came in may change what was counted before, and where something was
    posted for a day that was closed, or just being closed.
    """
    if known is None:
        return None, contracts["account"].sort()
    kept, since = known
    new = unknown_to(kept, store.fetch_facts(at, since=since))
    new = new.join(contracts, on="account", how="semi")
    changes = (
        (pl.col("effective_on") < on)
        | pl.col("kind").is_in([DESIGNATION, REVERSAL, HOLD])  # a hold may have ended before
        | pl.col("key").is_in(kept.facts["about"].unique().implode())
        | ((pl.col("kind") == DUE_DAY) & (pl.col("schedule") != "[]"))  # of what is known already
    )
    fresh = contracts.join(kept.accounts, on="account", how="anti")["account"]
    backdated = store.fetch_backdated(at, on)
    late = pl.concat([new.filter(changes)["account"], fresh, backdated]).unique().sort()
    in_time = new.filter(~pl.col("account").is_in(late.implode()))
    none = contracts.clear()
    return both(without(kept, late), begun(none, in_time)), late


def _to_write(
    at: store.Seen, on: date, late: pl.Series, before: pl.DataFrame, today: pl.DataFrame
) -> pl.DataFrame:
    """Return the transfers to write: of lived-again accounts, and of those posted to, what differs.

    Every other account's transfers of the day are new by nature and are written as they are.
    """
    known = store.fetch_posted(at, accounts=late).filter(pl.col("effective_on") <= on)
    of_today = store.fetch_posted(at, on=on).join(late.to_frame(), on="account", how="anti")
    asked = pl.concat([late, of_today["account"]]).unique()
    compared = pl.col("account").is_in(asked.implode())
    wanted = pl.concat([before, today.filter(compared)])
    posted = pl.concat([known, of_today]).select(list(MOVE)).cast(MOVE)
    differs = difference(wanted, posted)
    plain = today.filter(~compared).with_columns(reverses=pl.lit(False))
    return pl.concat([differs, plain.select(differs.columns)])


def _owed(
    found: Columns, kept: Kept, contracts: pl.DataFrame, ahead: pl.DataFrame, on: date
) -> pl.DataFrame:
    """Return what is owed; where later days' money is posted already, less that."""
    ids = contracts.select("account", "account_id")
    rows = owed_written(found, kept, ahead=ahead["account"], closed_on=on)
    return rows.join(ids, on="account").join(ahead, on="account", how="left")


def _balances(last: Close | None, rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return what stands on each account of the book: debited less credited, by currency."""
    before = last.balances if last else {}
    found: dict[str, dict[str, int]] = {c: dict(one) for c, one in before.items()}
    names = [account.value for account in LedgerAccount]
    for side, sign in (("debit", 1), ("credit", -1)):
        sums = rows.group_by("currency", side).agg(pl.col("amount_minor").sum())
        for currency, code, minor in sums.sort("currency", side).rows():
            one = found.setdefault(currency, {})
            one[names[code]] = one.get(names[code], 0) + sign * minor
    return {c: {n: m for n, m in sorted(one.items()) if m} for c, one in sorted(found.items())}
