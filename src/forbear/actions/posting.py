"""Post what happened to a serviced account at once, so that what it owes is right from now on.

The close of the day finds it posted and writes the rest; where it finds that something else
follows, because more came to be known, it puts that right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from forbear.actions.contact import connected
from forbear.batch.living import difference
from forbear.batch.online import Told, is_light, posted_by_life, posted_lightly
from forbear.store import online as store
from forbear.store.contact import cancel_person
from forbear.store.gate import fetch_owes_nothing, lock_person, read_by_index
from forbear.store.online import Line, Serviced

__all__ = [
    "NOWHERE",
    "Line",
    "Posting",
    "cancel_settled",
    "lines_of",
    "owes_nothing",
    "post",
    "post_again",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Where a fact's money went, as the books stand."""

    lines: tuple[Line, ...]
    in_books: bool  # False: not serviced here, or nothing was ever closed; the close will post it


NOWHERE = Posting(lines=(), in_books=False)


def post(conn: Any, account_id: int, key: str, *, waits_on: date | None = None) -> Posting:
    """Post a fact that was just written, and return where its money went.

    What may wait is left to the close of its day, where that is still to come. The person must be
    locked: facts of one account are posted one after another.
    Errors: none.
    """
    account = store.fetch_serviced(conn, account_id)
    if account is None or account.closed_on is None:
        return NOWHERE
    if waits_on and waits_on > account.closed_on:
        return NOWHERE
    told = store.fetch_told(conn, account_id, account.closed_on)
    new = next((fact for fact in told if fact.key == key), None)
    if new and is_light(told, new, closed_on=account.closed_on):
        _post_lightly(conn, account, told, new)
    else:
        _post_by_life(conn, account)
    return Posting(lines=tuple(store.fetch_lines(conn, account_id, key)), in_books=True)


def lines_of(conn: Any, account_id: int, key: str) -> Posting:
    """Return where a fact's money went, as the books stand.

    Errors: none.
    """
    if store.fetch_serviced(conn, account_id) is None:
        return NOWHERE
    lines = store.fetch_lines(conn, account_id, key)
    return Posting(lines=tuple(lines), in_books=True)


def _post_lightly(conn: Any, account: Serviced, told: list[Told], new: Told) -> None:
    assert account.closed_on is not None
    rows, owes = posted_lightly(
        account.conditions,
        told,
        new,
        store.fetch_standing(conn, account.account_id),
        closed_on=account.closed_on,
    )
    store.insert_posted(conn, account, rows)
    store.update_owed(conn, account, owes, on=max(account.open_on, new.effective_on))


def _post_by_life(conn: Any, account: Serviced) -> None:
    """Live the account's days again, and write what differs from what is posted."""
    assert account.closed_on is not None
    contract = pl.DataFrame({"account": [account.ref], "conditions": [account.conditions]})
    facts = store.fetch_facts_of(conn, account.account_id)
    stands, owes = posted_by_life(contract, facts, closed_on=account.closed_on)
    rows = difference(stands, store.fetch_posted_of(conn, account.account_id))
    store.insert_posted(conn, account, rows.to_dicts())
    on = max([account.open_on, *facts["effective_on"]])
    store.update_owed(conn, account, owes, on=on)


def post_again(conn: Any, account_ids: Iterable[int]) -> None:
    """Post what came in while a day was closed, from what the books are after it.

    Each account in a transaction of its own, its person locked.
    Errors: none.
    """
    for account_id in account_ids:
        with transaction.atomic():
            lock_person(conn, store.fetch_person(conn, account_id))
            account = store.fetch_serviced(conn, account_id)
            assert account is not None  # it has been posted to
            _post_by_life(conn, account)


def owes_nothing(person_id: int, *, at: datetime) -> bool:
    """Return whether nothing of a person's is due and unpaid.

    Errors: none.
    """
    conn = connected()
    read_by_index(conn)
    return fetch_owes_nothing(conn, person_id, at=at)


def cancel_settled(conn: Any, person_id: int, *, at: datetime) -> None:
    """Cancel what is planned for a person who owes nothing due any more.

    Errors: none.
    """
    if owes_nothing(person_id, at=at):
        cancel_person(conn, person_id)
