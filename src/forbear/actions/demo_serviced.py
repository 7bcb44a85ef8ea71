"""Let a few people of the plain demo have accounts that are serviced here, and close their books.

Three months come in at once and one close catches up with them; then the bank has its say. Each
part is done once: killed at any point, the same command again does what is left.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from django.db import transaction
from django.db.models import QuerySet, Sum

from forbear.actions.account_books import access_account
from forbear.actions.bank import do_import_bank
from forbear.actions.booking import do_record_booking
from forbear.actions.booking_asked import Asked
from forbear.actions.close import do_close
from forbear.actions.contact import connected
from forbear.actions.debit import do_ask_debits
from forbear.actions.debit_result import do_record_debit_result
from forbear.actions.demo_life import take_in
from forbear.actions.evidence import Kind, record
from forbear.actions.mandate import do_record_mandate
from forbear.actions.reader import Ability, Reader
from forbear.actions.refund import do_record_refund
from forbear.actions.sight import seen_accounts
from forbear.bank.debit_state import DebitOutcome, MandateStage
from forbear.bank.state import BankState
from forbear.demo.life import TABLES
from forbear.demo.life_court import JUDGED, TERM_DAYS
from forbear.demo.serviced import WORTH_ASKING, serviced_life
from forbear.demo.serviced_money import (
    ANSWERS,
    ASKED,
    GIVEN_LATER,
    NOTHING_DUE,
    PAYDAYS,
    REVOKED,
    Owes,
    Paid,
    bank_files,
)
from forbear.kernel.vocabulary import RefundStage
from forbear.ledger.owing import Part
from forbear.servicing.fact import BookingKind
from forbear.store.bulk import analyze
from forbear.store.debit import fetch_requests
from forbear.store.demo import fetch_demo_source, fetch_life_source, fetch_quiet_refs
from forbear.store.environment import office_zone
from forbear.store.models import (
    Account,
    BankFile,
    BankStanding,
    Booking,
    Close,
    Contract,
    DebitRequest,
    DebitResult,
    Owed,
    Payment,
    RefundHold,
)
from forbear.store.packs import fetch_law, fetch_products
from forbear.store.people import Known, fetch_known

LEAVE, REVOKES, ASKS, LATER = time(9), time(12), time(17), time(20)  # of the demo's day
SERVICED = "serviced"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedReport:
    """What is serviced here in a plain demo."""

    as_of: date
    accounts: int
    transfers: int
    bank_lines: int
    suspense: int  # of them, those that wait for somebody
    debits: int
    declined: int

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}

    def in_words(self) -> str:
        """Return the report in a sentence or two; "" where nothing is serviced."""
        if not self.accounts:
            return ""
        return (
            f"{self.accounts:,} of the people have an account that is serviced here, three months"
            f" old: {self.transfers:,} transfers, {self.bank_lines:,} lines from the bank"
            f" ({self.suspense:,} wait for somebody), {self.debits:,} debits"
            f" ({self.declined:,} declined)."
        )


def do_serve_demo(reader: Reader, *, as_of: date, seed: int) -> ServedReport:
    """Give some quiet people of the demo book an account with a past, and close its books.

    Who they are, and what befell them, follows from the book, the day and the seed. A book without
    a demo, or whose accounts came another way, is left alone.
    Errors: NotAllowed, NotInForce, ProductUnknown.
    """
    reader.must(Ability.run_night)
    demo = fetch_demo_source(connected())
    source = f"{demo}:{SERVICED}"
    if demo and not fetch_life_source(connected()):
        _tell(reader, source, as_of=as_of, seed=seed)
    if demo and fetch_life_source(connected()) == source:
        do_close(reader, as_of=as_of, progress=lambda _: None)
        _bring_files(reader, as_of)
        _debit(reader, as_of)
        _send_back(reader, as_of)
        _fix_by_judgment(reader, as_of)
    return _report(as_of)


def _tell(reader: Reader, source: str, *, as_of: date, seed: int) -> None:
    """Take in all that befell the accounts, in one transaction."""
    people = pl.Series(fetch_quiet_refs(connected()), dtype=pl.String)
    life = serviced_life(
        np.random.default_rng([seed, len(SERVICED)]),
        people,
        law=fetch_law(),
        products=fetch_products(),
        as_of=as_of,
    )
    body = {"facts": life.facts, "facts_digest": life.digest}
    with transaction.atomic():
        if len(life.tables["contract"]):
            tables = {name: frame.drop("told_on") for name, frame in life.tables.items()}
            take_in(reader, tables, source)
            record(connected(), kind=Kind.demo, subject=source, body=body)
    analyze(TABLES)


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, tzinfo=office_zone())


def _bring_files(reader: Reader, as_of: date) -> None:
    """Bring in the bank's two files; the second one names what the books say is due."""
    names = _names(reader)
    settled = Payment.objects.filter(account__contract__isnull=False, effective_on__lte=as_of)
    taken_back = settled.filter(stage="reversed").values("payment_ref")
    paid = [
        Paid(
            payment_ref=each.payment_ref,
            minor=each.amount_minor,
            on=each.effective_on,
            name=names.get(each.account_id, ""),
        )
        for each in settled.filter(stage="settled").exclude(payment_ref__in=taken_back)
    ]
    owes = [
        Owes(account_ref=owed.account.ref, minor=owed.due_minor, name=names[owed.account_id])
        for owed in _owing()[-2 * len(ANSWERS) :]
    ]
    with TemporaryDirectory() as folder:
        for n, rows in enumerate(bank_files(paid, owes, as_of=as_of), 1):
            path = Path(folder, f"demo-bank-{n}.csv")
            if BankFile.objects.filter(file_name=path.name).exists():
                continue
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
            do_import_bank(
                reader,
                path=path,
                map_name="cn-statement",
                dry_run=False,
                at=_instant(as_of, ASKS),
                progress=lambda *_: None,
            )


def _debit(reader: Reader, as_of: date) -> None:
    """Record who gave leave to debit, ask the bank once, and take most of its answers."""
    owing = [owed.account for owed in _owing()]
    asked, rest = owing[:ASKED], owing[ASKED:]
    revoked, later = rest[:REVOKED], rest[REVOKED : REVOKED + GIVEN_LATER]
    calm = _serviced(reader).exclude(pk__in=[account.pk for account in owing])[:NOTHING_DUE]
    if not DebitRequest.objects.exists():
        for n, account in enumerate([*asked, *revoked, *calm]):
            payday = PAYDAYS[n] if n < len(PAYDAYS) else None
            given = _instant(account.opened_on or as_of, LEAVE)
            _leave(reader, account, given, payday=payday)
        for account in revoked:
            _leave(reader, account, _instant(as_of, REVOKES), stage=MandateStage.revoked)
        with TemporaryDirectory() as folder:
            at = _instant(as_of, ASKS)
            do_ask_debits(reader, on=as_of, path=Path(folder, "debits.csv"), at=at)
        for account in later:
            _leave(reader, account, _instant(as_of, LATER))
    for answer, request in zip(ANSWERS, fetch_requests(connected(), as_of), strict=False):
        do_record_debit_result(
            reader,
            request_ref=request.request_ref,
            outcome=DebitOutcome.declined if answer else DebitOutcome.succeeded,
            decline=answer,
            effective_on=as_of,
            at=_instant(as_of, LATER),
        )


def _without_debit() -> list[Owed]:
    """Return what is due of accounts that no debit was asked of, the most first."""
    asked = set(DebitRequest.objects.values_list("account_id", flat=True))
    owing = [owed for owed in _owing() if owed.account_id not in asked]
    return sorted(owing, key=lambda owed: (-owed.due_minor, owed.account.ref))


def _send_back(reader: Reader, as_of: date) -> None:
    """Record that one purchase is on its way back, of the account that owes least."""
    owing = _without_debit()
    if RefundHold.objects.exists() or len(owing) < 2:  # the first is for the instrument
        return
    bought = Booking.objects.filter(account=owing[-1].account_id, kind=BookingKind.purchase)
    one = bought.select_related("account").latest("effective_on", "source_key")
    do_record_refund(
        reader,
        account_ref=one.account.ref,
        refund_ref=f"{one.account.ref}:return",
        stage=RefundStage.requested,
        purchase_ref=one.source_key.partition(":")[2],
        amount_minor=one.amount_minor,
        currency=one.account.currency.strip(),
        effective_on=as_of,
        at=_instant(as_of, LATER),
    )


def _fix_by_judgment(reader: Reader, as_of: date) -> None:
    """Book an instrument over what the account that owes most owes; no debit was asked of it."""
    owing = _without_debit()
    if Booking.objects.filter(kind=BookingKind.judgment).exists() or not owing:
        return
    most = owing[0]
    owed = access_account(reader, most.account_id, today=as_of).parts
    principal = sum(part.due_minor for part in owed if part.part == Part.principal)
    if not principal:  # charges alone are worth no suit
        return
    judgment = Asked(
        account_ref=most.account.ref,
        booking_ref=f"{most.account.ref}:judgment",
        kind=BookingKind.judgment,
        effective_on=as_of,
        amount_minor=principal,
        principal_minor=principal,
        plan=((as_of + timedelta(days=TERM_DAYS), principal),),
        reason=JUDGED,
    )
    do_record_booking(reader, judgment, at=_instant(as_of, LATER))


def _leave(
    reader: Reader,
    account: Account,
    at: datetime,
    *,
    stage: MandateStage = MandateStage.given,
    payday: int | None = None,
) -> None:
    """Record that leave to debit an account was given, or revoked."""
    do_record_mandate(
        reader,
        event_ref=f"{account.ref}:{stage}",
        mandate_ref=f"{account.ref}:mandate",
        account_ref=account.ref,
        stage=stage,
        payday=payday,
        effective_at=at,
        at=at,
    )


def _serviced(reader: Reader) -> QuerySet[Account, Account]:
    return seen_accounts(reader).filter(contract__isnull=False).order_by("ref")


def _owing() -> list[Owed]:
    """Return what the books say is due, of each account of which more than small change is."""
    return list(
        Owed.objects.filter(due_minor__gte=WORTH_ASKING)
        .select_related("account")
        .order_by("account")
    )


def _names(reader: Reader) -> dict[int, str]:
    """Return whose each serviced account is, by name."""
    people = dict(_serviced(reader).values_list("pk", "person_id"))
    known = fetch_known(people.values())
    return {account: known.get(person, Known()).name for account, person in people.items()}


def _report(as_of: date) -> ServedReport:
    return ServedReport(
        as_of=as_of,
        accounts=Contract.objects.count(),
        transfers=Close.objects.aggregate(n=Sum("transfers"))["n"] or 0,
        bank_lines=BankStanding.objects.count(),
        suspense=BankStanding.objects.filter(state=BankState.suspense.value).count(),
        debits=DebitRequest.objects.count(),
        declined=DebitResult.objects.filter(outcome=DebitOutcome.declined.value).count(),
    )
