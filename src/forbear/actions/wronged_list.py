"""What was made on wrong facts, as a page shows it: a page at a time, with whose it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forbear.actions.debit_list import Holder, holders
from forbear.actions.listing import Listing, Page, cut
from forbear.actions.reader import Reader
from forbear.actions.wronged import Wrong, wronged


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongedRow:
    """A contact made on wrong facts, and whose account it was about."""

    wrong: Wrong
    whose: Holder


def access_wronged(reader: Reader, *, listing: Listing, since: datetime) -> Page[WrongedRow]:
    """Return one page of the contacts made on facts that were told since, the latest first.

    Errors: NotAllowed.
    """
    found = wronged(reader, since=since)[::-1]
    whose = holders(reader, (row.account_ref for row in found))
    word = listing.asked("q")
    rows = [
        WrongedRow(wrong=row, whose=whose[row.account_ref])
        for row in found
        if row.account_ref in whose
        and (not word or row.person_ref.startswith(word) or row.account_ref.startswith(word))
    ]
    return cut(rows, listing, total=len(rows), rows=tuple)
