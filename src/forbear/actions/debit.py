"""Ask the bank for debits of what is due: who is asked on a day, why the others are not, the file.

What is known of the person and the debt is read as the gate reads it; who is asked is decided in
columns by `bank/debit.py`.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from forbear.actions.bank_line import day_of
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_rows
from forbear.actions.reader import Ability, Reader
from forbear.bank.debit import STANDING, DebitFacts, Debits, debits
from forbear.bank.debit_policy import DebitPolicy
from forbear.bank.debit_state import Hold
from forbear.contact.moratorium import in_moratorium
from forbear.contact.one_debt import DISPUTED, HELD, SOME, began, disputed_accounts
from forbear.contact.one_person import reaches
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import minor_digits
from forbear.store import debit as store
from forbear.store.debit import Held, Reached, Requested
from forbear.store.gate import fetch_profile
from forbear.store.gate_rows import fetch_records
from forbear.store.packs import fetch_debit_policy

COLUMNS = ("request_ref", "mandate_ref", "day", "amount", "currency")
OF_THE_PERSON = ("deceased", "incapacitated", "minor", "insolvent")
OF_THE_DEBT = HELD | SOME  # status → fact; of one account, or of everything a person owes


class DebitDay(ForbearError):
    """The bank is asked today, for what is owed today."""

    code = "debit.day"
    http_status = 422
    what_to_do = "Ask with --on today by the office's clock; a plan may be of a day to come."


class AskedAlready(ForbearError):
    """The bank was asked for that day's debits before."""

    code = "debit.asked_already"
    http_status = 409
    what_to_do = "Look for that day's file; where it was lost, --again writes the same one."


class NothingAsked(ForbearError):
    """Nothing was asked on that day, so there is no file to write again."""

    code = "debit.nothing_asked"
    http_status = 409
    what_to_do = "Leave --again out to ask now."


class DebitNotWritten(ForbearError):
    """The file for the bank cannot be written."""

    code = "debit.not_written"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One account with a mandate: what it would be asked for, or why it is not."""

    account_ref: str
    mandate_ref: str
    amount_minor: int  # due and unpaid
    currency: str
    due_on: date | None  # the oldest due day; None where nothing is due
    number: int  # which try for it
    asked_on: date | None  # of the request that has no answer
    reasons: tuple[str, ...]  # () where it is asked

    def as_json(self) -> dict[str, object]:
        """Return the row as plain values."""
        return {
            "account_ref": self.account_ref,
            "mandate_ref": self.mandate_ref,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "number": self.number,
            "asked_on": self.asked_on.isoformat() if self.asked_on else None,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitPlan:
    """Every account that has or had a mandate, on a day."""

    on: date
    rows: tuple[PlanRow, ...]

    @property
    def asked(self) -> tuple[PlanRow, ...]:
        """Return the accounts that are asked."""
        return tuple(row for row in self.rows if not row.reasons)

    @property
    def silent(self) -> tuple[PlanRow, ...]:
        """Return the accounts whose last request the bank has not answered in time."""
        return tuple(row for row in self.rows if Hold.silent.value in row.reasons)

    @property
    def held(self) -> dict[str, int]:
        """Return how many accounts each reason stands against, the most first."""
        counted = Counter(reason for row in self.rows for reason in row.reasons)
        return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the bank was asked for."""

    on: date
    requests: int
    sums: dict[str, int]  # currency → minor units
    path: Path | None  # None where nobody is asked, and no file was written
    again: bool


def access_debit_plan(reader: Reader, *, on: date, at: datetime) -> DebitPlan:
    """Return who would be asked on a day by what is known now, and every reason against the others.

    Errors: NotAllowed, DebitDay for a day that is over, DebitPolicyInvalid.
    """
    reader.must(Ability.see_bank)
    if on < day_of(at):
        raise DebitDay(f"{on} is over; plan {day_of(at)}, which is today, or a later day")
    looked = _look(connected(), fetch_debit_policy(), on=on, at=at)
    return DebitPlan(on=on, rows=tuple(map(looked.row, range(len(looked.held)))))


def do_ask_debits(
    reader: Reader, *, on: date, path: Path, at: datetime, again: bool = False
) -> Asking:
    """Record what the bank is asked for today, and write the file that asks for it.

    Both or neither: the file is whole before the requests are committed and gets its name after. A
    day is asked once; `again` writes the file of its requests once more and asks for nothing new.
    Errors: NotAllowed, DebitDay, AskedAlready, NothingAsked, DebitNotWritten, DebitPolicyInvalid.
    """
    reader.must(Ability.reconcile)
    if on != day_of(at):
        raise DebitDay(f"{on} is not today; the bank is asked with --on {day_of(at)}")
    if path.exists() and not again:
        raise DebitNotWritten(f"{path} is there already; name a file that is not")
    part = path.with_name(f"{path.name}.part")
    try:
        with transaction.atomic():
            conn = connected()
            store.only_ask(conn)
            known = store.fetch_requests(conn, on)
            if again and not known:
                raise NothingAsked(f"nothing was asked on {on}; leave --again out to ask now")
            if known and not again:
                raise AskedAlready(
                    f"{len(known)} debits were asked on {on} already; where their file was lost,"
                    " --again writes the same one"
                )
            requests = known or _asked(reader, conn, on=on, at=at)
            if requests:
                _write(part, requests)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DebitNotWritten(
            f"{path} cannot be written ({error.strerror}), and nothing was asked;"
            " name a file in a folder that is there"
        ) from None
    if requests:
        _name(part, path, len(requests))
    sums: Counter[str] = Counter()
    for each in requests:
        sums[each.currency] += each.amount_minor
    return Asking(
        on=on,
        requests=len(requests),
        sums=dict(sorted(sums.items())),
        path=path if requests else None,
        again=again,
    )


def _asked(reader: Reader, conn: Any, *, on: date, at: datetime) -> list[Requested]:
    """Write who is asked: looked at once, then once more with those people locked."""
    policy = fetch_debit_policy()
    first = _look(conn, policy, on=on, at=at)
    people = sorted({first.held[n].person_id for n in np.flatnonzero(first.decided.asked)})
    store.lock_people(conn, people)
    looked = _look(conn, policy, on=on, at=at, people=people)
    rows = []
    for n in np.flatnonzero(looked.decided.asked):
        held, reached = looked.held[n], looked.reached[looked.held[n].account_id]
        ref = f"debit{on:%Y%m%d}n{held.account_id}"  # one word: no part of it is another ref
        rows.append(
            {
                "source": reader.actor,
                "source_key": ref,
                "account_id": held.account_id,
                "request_ref": ref,
                "mandate_ref": held.mandate_ref,
                "amount_minor": looked.due_minor[n],
                "currency": held.currency,
                "asked_on": on,
                "due_on": reached.due_on,
                "number": reached.tries + 1,
            }
        )
    if rows:
        store.insert_requests(conn, rows)
        record_rows(conn, Kind.debit_request, rows)
    return store.fetch_requests(conn, on)


def _write(part: Path, requests: Sequence[Requested]) -> None:
    """Write the bank's file under a name of its own: the same requests are the same bytes."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for each in requests:
        major = Decimal(each.amount_minor).scaleb(-minor_digits(each.currency))
        lines.writerow(
            (each.request_ref, each.mandate_ref, each.asked_on, f"{major:f}", each.currency)
        )
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
        file.flush()
        os.fsync(file.fileno())


def _name(part: Path, path: Path, requests: int) -> None:
    """Give the bank's file its name, now that its requests are committed."""
    try:
        part.replace(path)
    except OSError as error:
        raise DebitNotWritten(
            f"{path} cannot be written ({error.strerror}); the {requests} requests stand:"
            " name another file, with --again"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """Accounts with mandates, what is known of each, and what was decided."""

    held: list[Held]
    due_minor: list[int]
    reached: dict[int, Reached]
    decided: Debits

    def row(self, n: int) -> PlanRow:
        """Return one account as the plan shows it."""
        held, due = self.held[n], self.due_minor[n]
        reached = self.reached[held.account_id]
        return PlanRow(
            account_ref=held.account_ref,
            mandate_ref=held.mandate_ref,
            amount_minor=max(due, 0),
            currency=held.currency,
            due_on=reached.due_on if due > 0 else None,
            number=reached.tries + 1,
            asked_on=reached.open_on,
            reasons=self.decided.reasons(n),
        )


def _look(
    conn: Any, policy: DebitPolicy, *, on: date, at: datetime, people: list[int] | None = None
) -> _Looked:
    """Read the accounts that have or had a mandate, and decide of each."""
    held = store.fetch_held(conn, at=at, people=people)
    dues, standing = [0] * len(held), np.zeros((len(STANDING), len(held)), bool)
    places: dict[int, list[int]] = {}
    for n, each in enumerate(held):
        places.setdefault(each.person_id, []).append(n)
    for person_id, mine in places.items():
        known = _person(conn, person_id, on=on, at=at)
        for n in mine:
            dues[n], names = known[held[n].account_id]
            standing[:, n] = [name in names for name in STANDING]
    reached = store.fetch_reached(conn, [each.account_id for each in held], dues, on=on)
    facts = _facts(held, dues, standing, reached, on=on)
    return _Looked(held=held, due_minor=dues, reached=reached, decided=debits(facts, policy, on=on))


def _person(
    conn: Any, person_id: int, *, on: date, at: datetime
) -> dict[int, tuple[int, set[str]]]:
    """Return what each account of a person owes, and what stands against a debit of it."""
    _, records = fetch_records(conn, person_id, at=at, on=on, streak_days=0)
    letters, _, _ = fetch_profile(conn, person_id, at=at)
    known = began(records)
    whole = known.get(None, set())
    disputed, everything = disputed_accounts(records)
    theirs = {name for name in OF_THE_PERSON if name in whole}
    places = {account.jurisdiction for account in records.accounts}
    where = letters or (places.pop() if len(places) == 1 else "")
    if "moratorium" in whole or in_moratorium(records, reaches(records, on=on), where):
        theirs.add("moratorium")
    found = {}
    for account in records.accounts:
        words = whole | known.get(account.id, set())
        names = theirs | {fact for kind, fact in OF_THE_DEBT.items() if kind in words}
        if everything or account.id in disputed:
            names.add(DISPUTED)
        if "settled" in words:
            names.add("settled")
        if account.in_flight_on:
            names.add("payment_in_flight")
        found[account.id] = account.due_minor, names
    return found


def _facts(
    held: list[Held], dues: list[int], standing: Any, reached: dict[int, Reached], *, on: date
) -> DebitFacts:
    """Return what is known as columns."""
    mine = [reached[each.account_id] for each in held]

    def days(since: list[date | None]) -> Any:
        return np.array([(on - day).days if day else -1 for day in since], np.int32)

    def flags(values: list[bool]) -> Any:
        return np.array(values, bool)

    return DebitFacts(
        due_minor=np.array(dues, np.int64),
        mandate_stands=flags([each.stands for each in held]),
        mandate_refused=flags([each.refused for each in held]),
        taken_back=flags([each.taken_back for each in held]),
        open_days=days([each.open_on for each in mine]),
        last_days=days([each.last_on for each in mine]),
        tries=np.array([each.tries for each in mine], np.int32),
        payday=np.array([each.payday for each in held], np.int8),
        standing=dict(zip(STANDING, standing, strict=True)),
    )
