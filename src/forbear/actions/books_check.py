"""Ask of the books whether they are what follows from the facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from forbear.actions.books import NothingClosed
from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.batch.books import Kept, begun, both, columns, kept_digest, unknown_to
from forbear.batch.living import MOVE, as_day, difference, lived_again
from forbear.batch.online import owed_written
from forbear.store import books as store
from forbear.store.books_out import fetch_amiss
from forbear.store.kept_books import read_kept
from forbear.store.models import Close
from forbear.store.server import database_url

ACCOUNTS_AT_ONCE = 5_000  # bounds the memory of living all days again
SHOWN = 5
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question to the books."""

    name: str
    asks: str
    holds: bool
    found: str = ""  # where it does not hold: what was found, and where


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksCheck:
    """What the books answer, of all that is booked by the last close."""

    as_of: date
    accounts: int
    transfers: int
    answers: tuple[Answer, ...]

    @property
    def holds(self) -> bool:
        """Return whether every answer is yes."""
        return all(answer.holds for answer in self.answers)


@dataclass(frozen=True, slots=True)
class _Again:
    """The books as they follow from the facts that the last close knew."""

    kept: Kept
    moved: pl.DataFrame
    owed: pl.DataFrame
    newer: pl.Series  # accounts of which the close did not know all; their `owed` may be ahead


def access_books_check(reader: Reader, *, progress: Progress) -> BooksCheck:
    """Return whether the books are what follows from the facts, as the last close knew them.

    Every account's days are lived again from the first one.
    Errors: NotAllowed, NothingClosed.
    """
    reader.must(Ability.see_books)
    last = Close.objects.order_by("-as_of").first()
    if last is None:
        raise NothingClosed("no day of the books was closed yet")
    amiss = fetch_amiss(connected())
    with store.seen(database_url()) as at:
        again = _lived_again(at, last, progress)
        posted = store.fetch_posted_until(at, until=last.as_of)
        written = store.fetch_owed(at)
    found = store.fetch_balances(connected(), until=last.as_of)
    sums = {c: sum(one.values()) for c, one in found.items() if sum(one.values())}
    apart = _apart(found, last.balances)
    differs = difference(again.moved, posted.select(list(MOVE)).cast(MOVE))
    digest = kept_digest(again.kept)
    wrong = _owed_wrong(again, written)
    return BooksCheck(
        as_of=last.as_of,
        accounts=len(again.kept.accounts),
        transfers=len(posted),
        answers=(
            _answer("legs", "every transfer moves what its kind may", amiss, f"{amiss:,} do not"),
            _answer("zero", "all balances sum to zero in each currency", sums, str(sums)),
            _answer("close", "balances are those that the last close wrote", apart, str(apart)),
            _answer("follows", "transfers are those that follow from the facts", differs, differs),
            _answer(
                "digest",
                "living every day again gives the last close's digest",
                digest != last.state_digest,
                f"{digest[:12]} instead of {last.state_digest[:12]}",
            ),
            _answer("owed", "what is owed is what follows from the facts", wrong, wrong),
        ),
    )


def _answer(name: str, asks: str, wrong: object, found: object) -> Answer:
    """Return an answer; of frames, the first accounts that are not as they should be."""
    if isinstance(wrong, pl.DataFrame):
        named = ", ".join(wrong["account"].unique().sort().head(SHOWN).to_list())
        found = f"{len(wrong):,} rows differ, of {wrong['account'].n_unique():,} accounts: {named}"
        wrong = len(wrong)
    return Answer(name=name, asks=asks, holds=not wrong, found=str(found) if wrong else "")


def _lived_again(at: store.Seen, last: Close, progress: Progress) -> _Again:
    """Live every account again from the facts that the last close knew, some accounts at once."""
    known = read_kept(last.as_of, digest=last.state_digest)
    contracts = store.fetch_contracts(at)
    begun_later = contracts.filter(pl.col("formed_on") > last.as_of)["account"]
    contracts = contracts.filter(pl.col("formed_on") <= last.as_of)
    ahead = store.fetch_ahead(at, last.as_of)["account"]
    newer = pl.DataFrame(schema={"account": pl.String, "key": pl.String})
    if known:
        kept, since = known
        contracts = contracts.join(kept.accounts, on="account", how="semi")
        newer = unknown_to(kept, store.fetch_facts(at, since=since)).select("account", "key")
    refs = contracts["account"].sort()
    until = as_day(last.as_of + timedelta(days=1))
    total, done = len(refs), 0
    whole, moves, owes = None, [pl.DataFrame(schema=MOVE)], []
    while done < total or whole is None:
        progress("live again", done, total)
        some = refs[done : done + ACCOUNTS_AT_ONCE]
        facts = store.fetch_facts(at, accounts=some).join(newer, on="key", how="anti")
        part = contracts.filter(pl.col("account").is_in(some.implode()))
        books, moved = lived_again(begun(part, facts), until=until)
        theirs = ahead.filter(ahead.is_in(some.implode()))
        owes.append(owed_written(columns(books), books, ahead=theirs, closed_on=last.as_of))
        moves.append(moved)
        whole = both(whole, books) if whole else books
        done += ACCOUNTS_AT_ONCE
    progress("live again", total, total)
    joined = Kept(**{name: frame.rechunk() for name, frame in whole.frames.items()})
    unknown = pl.concat([newer["account"], begun_later]).unique()
    return _Again(joined, pl.concat(moves), pl.concat(owes), unknown)


def _apart(found: dict[str, dict[str, int]], closed: dict[str, dict[str, int]]) -> list[str]:
    """Return the accounts of the book on which something else stands than was closed."""
    return sorted(
        f"{currency} {account}: {here.get(account, 0)} instead of {there.get(account, 0)}"
        for currency in {*found, *closed}
        for here, there in [(found.get(currency, {}), closed.get(currency, {}))]
        for account in {*here, *there}
        if here.get(account, 0) != there.get(account, 0)
    )


def _owed_wrong(again: _Again, written: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts whose `owed` is not what follows; those known in part are left out."""
    names = ["due_minor", "outstanding_minor", "oldest_due_on"]
    here = again.owed.select("account", *names)
    both_ = here.join(written, on="account", how="full", coalesce=True, suffix="_written")
    both_ = both_.filter(~pl.col("account").is_in(again.newer.implode()))
    apart = [pl.col(name).ne_missing(pl.col(f"{name}_written")) for name in names]
    return both_.filter(pl.any_horizontal(apart))
