"""Write the general ledger down: as CSV by voucher, and as a beancount ledger. Pure: text out.

A voucher is one kind of movement on one day of the books, in one currency; what undoes earlier
movements has a voucher of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from forbear.kernel.money import minor_digits
from forbear.ledger.account import LedgerAccount
from forbear.servicing.chart import Chart

HEADS = tuple(
    "booked_on voucher kind correction code name_zh name_en currency debit credit".split()
)
OPENING = "opening"
ONE = timedelta(days=1)
Balances = Mapping[str, Mapping[LedgerAccount, int]]  # by currency: debited less credited


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a voucher moves on one account of the book."""

    account: LedgerAccount
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """Movements of one kind on one day of the books, which balance."""

    on: date
    currency: str
    kind: str
    correction: bool  # it undoes what no longer follows
    postings: Sequence[Posting]

    @property
    def name(self) -> str:
        """Return what the voucher is called: the same in every export of its day."""
        return f"{self.on}/{self.currency}/{self.kind}{'/undone' if self.correction else ''}"


Moved = tuple[date, str, str, bool, LedgerAccount, LedgerAccount, int]


def vouchers(moved: Iterable[Moved]) -> Iterator[Voucher]:
    """Yield the vouchers of what moved.

    Shape:  moved: day, currency, kind, whether it undoes, debit, credit, minor units; sorted by the
            first four.
    Unit:   minor units.
    Errors: none.
    Source: double entry.
    """
    for (on, currency, kind, correction), rows in groupby(moved, key=lambda row: row[:4]):
        sums: dict[LedgerAccount, list[int]] = {}
        for *_, debit, credit, minor in rows:
            sums.setdefault(debit, [0, 0])[0] += minor
            sums.setdefault(credit, [0, 0])[1] += minor
        yield Voucher(
            on=on,
            currency=currency,
            kind=kind,
            correction=correction,
            postings=[
                Posting(
                    account=account, debit_minor=sums[account][0], credit_minor=sums[account][1]
                )
                for account in LedgerAccount
                if account in sums
            ],
        )


def opening(balances: Balances, *, on: date) -> list[Voucher]:
    """Return the vouchers that bring forward what stood before, one for each currency.

    Unit:   minor units.
    Errors: none.
    Source: double entry; what stands sums to zero.
    """
    return [
        Voucher(
            on=on,
            currency=currency,
            kind=OPENING,
            correction=False,
            postings=[
                Posting(account=a, debit_minor=max(one[a], 0), credit_minor=max(-one[a], 0))
                for a in LedgerAccount
                if one.get(a)
            ],
        )
        for currency, one in balances.items()
        if any(one.values())
    ]


def decimal(minor: int, currency: str) -> str:
    """Return minor units as a plain number: 1284.60.

    Unit:   minor units in, text out.
    Errors: none.
    Source: ISO 4217.
    """
    digits = minor_digits(currency)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{part:0{digits}d}" if digits else "")


def csv_head() -> str:
    """Return the heads of the CSV form, with the mark that spreadsheets need for Chinese.

    Errors: none.
    Source: RFC 4180.
    """
    return "\ufeff" + _csv_line(HEADS)


def csv_lines(voucher: Voucher, chart: Chart) -> str:
    """Return a voucher as lines of CSV, one for each account that it moves.

    Errors: none.
    Source: RFC 4180.
    """
    lines = []
    for each in voucher.postings:
        known = chart[each.account]
        row = [voucher.on, voucher.name, voucher.kind, "yes" if voucher.correction else ""]
        row += [known.code, known.zh, known.en, voucher.currency]
        sides = (each.debit_minor, each.credit_minor)
        lines.append(_csv_line([*row, *(decimal(m, voucher.currency) if m else "" for m in sides)]))
    return "".join(lines)


def _csv_line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def beancount_head(chart: Chart, currencies: Sequence[str], *, on: date) -> str:
    """Return the beginning of a beancount ledger: every account of the book, opened on a day.

    Errors: none.
    Source: beancount's language, version 3.
    """
    lines = ['option "title" "Forbear: general ledger"']
    lines += [f'option "operating_currency" "{currency}"' for currency in currencies]
    for known in chart.values():
        lines.append(f"\n{on} open {known.beancount} {','.join(currencies)}".rstrip())
        lines += [f'  code: "{known.code}"', f'  zh: "{known.zh}"', f'  en: "{known.en}"']
    return "\n".join(lines) + "\n"


def beancount_lines(voucher: Voucher, chart: Chart) -> str:
    """Return a voucher as one transaction of a beancount ledger.

    Errors: none.
    Source: beancount's language, version 3.
    """
    lines = [f'\n{voucher.on} * "{voucher.name}"']
    for each in voucher.postings:
        for minor in (each.debit_minor, -each.credit_minor):
            if minor:
                amount = decimal(minor, voucher.currency)
                name = chart[each.account].beancount
                lines.append(f"  {name}  {amount} {voucher.currency}")
    return "\n".join(lines) + "\n"


def beancount_balances(balances: Balances, chart: Chart, *, after: date) -> str:
    """Return what must stand on every account at the end of a day, to the smallest coin.

    Unit:   minor units in, text out.
    Errors: none.
    Source: beancount's language, version 3: a balance is that of a day's beginning.
    """
    return "\n" + "".join(
        f"{after + ONE} balance {known.beancount}"
        f"  {decimal(one.get(account, 0), currency)} ~ 0 {currency}\n"
        for currency, one in balances.items()
        for account, known in chart.items()
    )
