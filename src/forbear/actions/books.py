"""Give the books out: what stands on each account of the book, and the general ledger as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.ledger.account import LedgerAccount
from forbear.servicing.chart import Chart, Charted
from forbear.servicing.general_ledger import (
    Voucher,
    beancount_balances,
    beancount_head,
    beancount_lines,
    csv_head,
    csv_lines,
    opening,
    vouchers,
)
from forbear.store import books_out as store
from forbear.store.books import fetch_balances
from forbear.store.models import Close
from forbear.store.packs import fetch_chart

ONE = timedelta(days=1)
Progress = Callable[[int, int], None]


class NothingClosed(ForbearError):
    """No day of the books was closed yet."""

    code = "books.nothing_closed"
    http_status = 409
    what_to_do = "Close a day first: forbear close."


class DayNotClosed(ForbearError):
    """The books of that day are not closed."""

    code = "books.day_not_closed"
    http_status = 422
    what_to_do = "Ask for days that are closed; what is not closed may still change."


class ExportNotWritten(ForbearError):
    """The file cannot be written."""

    code = "books.export_not_written"


class View(StrEnum):
    """By which of a transfer's days the books are read."""

    booked = "booked"  # as the books stood: what came to be known later is not in them
    effective = "effective"  # as it truly was, by all that is known now


class Form(StrEnum):
    """How the general ledger is written down."""

    csv = "csv"
    beancount = "beancount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What moved on one account of the book, and what stands on it."""

    currency: str
    known: Charted
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Return what was debited less what was credited."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every account of the book on which anything moved by a day."""

    on: date
    view: View
    lines: tuple[Line, ...]

    @property
    def sums(self) -> dict[str, int]:
        """Return the sum of all balances by currency, which is 0 or a bug."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.currency] = found.get(line.currency, 0) + line.balance_minor
        return found


def access_trial_balance(
    reader: Reader, *, on: date | None = None, view: View = View.booked
) -> TrialBalance:
    """Return what stands on each account of the book at the end of a day, or of the last closed.

    Unit:   minor units.
    Errors: NotAllowed, NothingClosed, DayNotClosed, ChartInvalid, CodeMissing.
    """
    reader.must(Ability.see_books)
    chart, last = fetch_chart(), _last_closed()
    if on and on > last:
        raise DayNotClosed(f"{on} is not closed; the books are closed until {last}")
    until = on or last
    rows = store.fetch_turned_over(connected(), until=until, effective=view is View.effective)
    found = {(row.currency, row.account): row for row in rows}
    lines = tuple(
        Line(
            currency=currency,
            known=chart[account],
            debit_minor=found[currency, account].debit_minor,
            credit_minor=found[currency, account].credit_minor,
        )
        for currency in sorted({row.currency for row in rows})
        for account in sorted(chart, key=lambda a: chart[a].code)
        if (currency, account) in found
    )
    return TrialBalance(on=until, view=view, lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    path: Path
    form: Form
    since: date
    until: date
    vouchers: int

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "path": str(self.path),
            "format": self.form.value,
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "vouchers": self.vouchers,
        }


def export_books(
    reader: Reader,
    *,
    form: Form,
    path: Path,
    since: date | None = None,
    until: date | None = None,
    progress: Progress,
) -> Exported:
    """Write the general ledger of some days, both included, under the lender's own codes.

    Where it begins later than the books, what stood before is brought forward. The file is there
    whole or not at all; a closed day is the same in every export.
    Errors: NotAllowed, NothingClosed, DayNotClosed, ExportNotWritten, ChartInvalid, CodeMissing.
    """
    reader.must(Ability.see_books)
    chart, last = fetch_chart(), _last_closed()
    first = store.fetch_first_booked(connected()) or last
    begin, end = max(since or first, first), until or last
    if end > last:
        raise DayNotClosed(f"{end} is not closed; the books are closed until {last}")
    if begin > end:
        raise DayNotClosed(f"the days from {begin} to {end} are none of the books")
    written = _Written(form, chart, begin, end)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.writelines(written.text(before=begin > first, progress=progress))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExportNotWritten(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that is there"
        ) from None
    return Exported(path=path, form=form, since=begin, until=end, vouchers=written.vouchers)


@dataclass(slots=True)
class _Written:
    """An export while it is written, month by month."""

    form: Form
    chart: Chart
    since: date
    until: date
    vouchers: int = 0

    def text(self, *, before: bool, progress: Progress) -> Iterator[str]:
        """Yield the text: what stood before, each month, and what stands at each month's end."""
        total = (self.until - self.since).days + 1
        progress(0, total)
        stood = _balances(self.since - ONE) if before else {}
        currencies = sorted({*stood, *_balances(self.until)})
        beancount = self.form is Form.beancount
        opened_on = self.since - ONE if before else self.since
        yield beancount_head(self.chart, currencies, on=opened_on) if beancount else csv_head()
        for voucher in opening(stood, on=opened_on):
            yield self._one(voucher)
        if before and beancount:
            yield beancount_balances(stood, self.chart, after=opened_on)
        for begin, end in _months(self.since, self.until):
            for voucher in vouchers(_moved(begin, end)):
                yield self._one(voucher)
            if beancount and (closed := Close.objects.filter(as_of=end).first()):
                kept = _by_account(closed.balances)
                whole = {currency: kept.get(currency, {}) for currency in currencies}
                yield beancount_balances(whole, self.chart, after=end)
            progress((end - self.since).days + 1, total)

    def _one(self, voucher: Voucher) -> str:
        self.vouchers += 1
        written = beancount_lines if self.form is Form.beancount else csv_lines
        return written(voucher, self.chart)


def _moved(
    since: date, until: date
) -> Iterator[tuple[date, str, str, bool, LedgerAccount, LedgerAccount, int]]:
    for row in store.fetch_by_day(connected(), since=since, until=until):
        legs = (LedgerAccount(row.debit), LedgerAccount(row.credit))
        yield (row.booked_on, row.currency, row.kind, row.reverses, *legs, row.minor)


def _months(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of each month of a time, cut to the time."""
    begin = since
    while begin <= until:
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield begin, min(following - ONE, until)
        begin = following


def _balances(until: date) -> dict[str, dict[LedgerAccount, int]]:
    return _by_account(fetch_balances(connected(), until=until))


def _by_account(
    balances: Mapping[str, Mapping[str, int]],
) -> dict[str, dict[LedgerAccount, int]]:
    return {c: {LedgerAccount(a): m for a, m in one.items()} for c, one in balances.items()}


def _last_closed() -> date:
    last = Close.objects.order_by("-as_of").first()
    if last is None:
        raise NothingClosed("no day of the books was closed yet")
    return last.as_of
