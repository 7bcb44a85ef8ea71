"""What beancount makes of the books: read without fault, summed in fen."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from beancount import loader
from beancount.core.data import Directive, Transaction

from forbear.actions.books import Form, access_trial_balance, export_books
from forbear.actions.reader import Reader


def accepted(path: Path) -> list[Directive]:
    """Return what bean-check reads of a file, which must be without fault."""
    entries, errors, _ = loader.load_file(str(path))
    assert not errors, errors[:3]
    return entries


def stands(entries: list[Directive]) -> dict[str, int]:
    """Return what stands on each account after all transactions, in fen."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                before = sums.get(posting.account, Decimal())
                sums[posting.account] = before + posting.units.number
    return {name: int(amount * 100) for name, amount in sums.items() if amount}


def agree(reader: Reader, folder: Path) -> None:
    """Export the books and assert that bean-check passes and every balance is theirs."""
    path = folder / "books.beancount"
    export_books(reader, form=Form.beancount, path=path, progress=lambda *_: None)
    lines = access_trial_balance(reader).lines
    assert len(lines) > 5
    assert stands(accepted(path)) == {
        line.known.beancount: line.balance_minor for line in lines if line.balance_minor
    }
