"""Record what the bank did with debit requests. One that succeeded is a payment."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from forbear.actions.bank_line import day_of
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.payment import do_record_payment
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.bank.debit_state import DebitOutcome, Decline
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import PaymentStage
from forbear.store import debit as store
from forbear.store.debit import Requested
from forbear.store.gate import lock_person

COLUMNS = ("request_ref", "outcome", "decline", "effective_on")
MOST_BYTES = 256 * 1024 * 1024


class NoSuchRequest(ForbearError):
    """No debit was asked for under that reference."""

    code = "debit.no_such_request"
    http_status = 404
    what_to_do = "Check request_ref against the file that was given to the bank."


class ResultUnclear(ForbearError):
    """A decline needs its reason, and what succeeded has none."""

    code = "debit.result_unclear"
    http_status = 422
    what_to_do = f"Send decline, for what was declined alone: {', '.join(Decline)}."


class ResultDay(ForbearError):
    """The result's day lies before the request, or has not begun yet."""

    code = "debit.result_day"
    http_status = 422
    what_to_do = "Send effective_on as the day on which the bank debited or declined."


class ResultConflict(ForbearError):
    """The request has another result already."""

    code = "debit.result_conflict"
    http_status = 409
    what_to_do = (
        "Nothing was changed. Money that went back is the payment's stage reversed, under the same"
        " reference."
    )


class ResultsUnreadable(ForbearError):
    """The file of results cannot be read."""

    code = "debit.results_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRecorded:
    """What recording a result changed."""

    added: bool  # False where the same result was known already
    request: Requested
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsTaken:
    """What a file of results held."""

    file: str
    rows: int
    added: int
    outcomes: Mapping[str, int]  # succeeded, or the reason of the decline → rows
    faults: tuple[str, ...]  # one sentence a row that was not taken

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "file": self.file,
            "rows": self.rows,
            "added": self.added,
            "outcomes": dict(self.outcomes),
            "faults": list(self.faults),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    number: int
    request_ref: str
    outcome: DebitOutcome
    decline: Decline | None
    effective_on: date


def do_record_debit_result(
    reader: Reader,
    *,
    request_ref: str,
    outcome: DebitOutcome,
    decline: Decline | None = None,
    effective_on: date,
    at: datetime,
) -> ResultRecorded:
    """Record what became of a request, and book what was debited as a payment under its reference.

    One transaction, the person locked first. The same result twice is recorded once.
    Errors: NotAllowed, NoSuchRequest, ResultUnclear, ResultDay, ResultConflict; as
            `do_record_payment` where the payment cannot be booked, and then nothing is recorded.
    """
    reader.must_either(Ability.reconcile, Ability.write_payment)
    if (decline is None) != (outcome == DebitOutcome.succeeded):
        raise ResultUnclear(f"request {request_ref} {outcome}, and decline is {decline}")
    with transaction.atomic():
        conn = connected()
        request = store.fetch_request(conn, request_ref)
        if request is None:
            raise NoSuchRequest(f"no debit was asked for under the reference {request_ref}")
        must_see_person(reader, request.person_id)
        if not request.asked_on <= effective_on <= day_of(at):
            raise ResultDay(f"{effective_on} is not within {request.asked_on} and {day_of(at)}")
        lock_person(conn, request.person_id)
        row = {
            "source": reader.actor,
            "source_key": f"debit_result:{request_ref}",
            "request_id": request.id,
            "outcome": outcome.value,
            "decline": decline.value if decline else "",
            "effective_on": effective_on,
        }
        added = store.insert_result(conn, row)
        if added:
            record_row(conn, Kind.debit_result, row)
        known = store.fetch_result(conn, request.id)
        assert known is not None  # just inserted, or there before
        names = ("outcome", "decline", "effective_on")
        if differs := [name for name in names if getattr(known, name) != row[name]]:
            raise ResultConflict(f"request {request_ref} has another {', '.join(differs)} already")
        if outcome == DebitOutcome.succeeded:
            _pay(reader, request, effective_on, at)
        return ResultRecorded(added=added, request=request, recorded_at=known.recorded_at)


def do_take_debit_results(reader: Reader, *, path: Path, at: datetime) -> ResultsTaken:
    """Record the results that a file of the bank holds, each in a transaction of its own.

    A file that cannot be read in any of its rows records nothing. A row that the book refuses is
    told of and the others are taken; the file again records nothing twice.
    Errors: NotAllowed, ResultsUnreadable.
    """
    reader.must(Ability.reconcile)
    rows = list(_rows(path))
    outcomes: Counter[str] = Counter()
    faults, added = [], 0
    for row in rows:
        try:
            done = do_record_debit_result(
                reader,
                request_ref=row.request_ref,
                outcome=row.outcome,
                decline=row.decline,
                effective_on=row.effective_on,
                at=at,
            )
        except ForbearError as error:
            faults.append(f"{path.name}, row {row.number}: {error}  [{error.code}]")
            continue
        added += done.added
        outcomes[str(row.decline or row.outcome)] += 1
    return ResultsTaken(
        file=path.name,
        rows=len(rows),
        added=added,
        outcomes=dict(sorted(outcomes.items())),
        faults=tuple(faults),
    )


def _pay(reader: Reader, request: Requested, effective_on: date, at: datetime) -> None:
    """Book what was debited, on the way of every payment; the same again is that payment."""
    payer = replace(reader, abilities=reader.abilities | {Ability.write_payment})
    do_record_payment(
        payer,
        account_ref=request.account_ref,
        payment_ref=request.request_ref,
        stage=PaymentStage.settled,
        amount_minor=request.amount_minor,
        currency=request.currency,
        effective_on=effective_on,
        at=at,
    )


def _rows(path: Path) -> Iterator[_Row]:
    """Yield the rows of a file of results. Raises ResultsUnreadable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ResultsUnreadable(f"{path} is larger than {MOST_BYTES:,} bytes; split it")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ResultsUnreadable(
            f"{path} cannot be read ({error.strerror}); name a file that is there"
        ) from None
    except UnicodeDecodeError as error:
        raise ResultsUnreadable(
            f"{path} is not UTF-8 at byte {error.start}; save it as CSV in UTF-8"
        ) from None
    lines = csv.DictReader(io.StringIO(text), restkey="more")
    try:
        names = lines.fieldnames or ()
        if sorted(names) != sorted(COLUMNS):
            raise ResultsUnreadable(
                f"{path.name}, row 1: the columns are {', '.join(names) or 'none'};"
                f" wanted are {', '.join(COLUMNS)}"
            )
        for row in lines:
            yield _row(path.name, lines.line_num, row)
    except csv.Error as error:
        raise ResultsUnreadable(f"{path.name}, row {lines.line_num}: {error}") from None


def _row(file: str, number: int, row: Mapping[str, str | None]) -> _Row:
    if "more" in row or None in row.values():
        raise ResultsUnreadable(f"{file}, row {number}: a row has {len(COLUMNS)} cells")
    cells = {name: (row[name] or "").strip() for name in COLUMNS}

    def fault(name: str, wanted: str) -> ResultsUnreadable:
        told = f"{file}, row {number}, column {name}: {cells[name]!r} is none of {wanted}"
        return ResultsUnreadable(f"{told}; nothing was recorded")

    if cells["outcome"] not in [*DebitOutcome]:
        raise fault("outcome", ", ".join(DebitOutcome))
    if cells["decline"] not in ["", *Decline]:
        raise fault("decline", ", ".join(Decline))
    try:
        effective_on = date.fromisoformat(cells["effective_on"])
    except ValueError:
        raise fault("effective_on", "the days, written as 2026-11-20") from None
    return _Row(
        number=number,
        request_ref=cells["request_ref"],
        outcome=DebitOutcome(cells["outcome"]),
        decline=Decline(cells["decline"]) if cells["decline"] else None,
        effective_on=effective_on,
    )
