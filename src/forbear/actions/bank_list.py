"""What the bank says and where each line belongs, a page at a time; what no bank file has shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from forbear.actions.arrears import arrears
from forbear.actions.bank_line import NoSuchLine, day_of
from forbear.actions.listing import Listing, Page, page_of
from forbear.actions.masking import masked_middle, masked_name
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts, seen_people
from forbear.bank.state import BREAKS, MISSING_AFTER_DAYS, BankState
from forbear.kernel.money import NotMoney, minor
from forbear.kernel.vocabulary import PaymentStage
from forbear.store.cipher import cipher
from forbear.store.models import BankAct, BankLine, BankStanding, Payment
from forbear.store.people import Known, fetch_ids_by_word, fetch_known, opened

ORDERS = {"day": "effective_on", "amount": "amount_minor", "state": "standing__state"}
TOLD_ORDERS = {"day": "effective_on", "amount": "amount_minor"}
UNCONFIRMED = "unconfirmed"
STATES = (BankState.suspense.value, UNCONFIRMED, *(s.value for s in BankState if s != "suspense"))
LONG_NUMBER = re.compile(r"\d{11,}")
DAYS, MOST_FOUND, LATELY = 14, 8, 3
BY_HAND = ("by_hand",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """An account that a line is for, or may be for."""

    account_ref: str
    person_id: int
    person_ref: str
    name: str  # masked
    due_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One line of a bank file, and where it stands."""

    line: int
    effective_on: date
    amount_minor: int
    currency: str
    party_name: str  # masked
    party_account: str  # masked
    text: str  # long numbers masked
    bank_ref: str
    bank_account: str
    state: str
    rule: str
    breaks: bool  # the bank and the books disagree
    whose: Whose | None

    @property
    def came(self) -> bool:
        """Return whether money came in."""
        return self.amount_minor > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """A payment that was told and that no line of a bank file confirms."""

    payment_ref: str
    effective_on: date
    amount_minor: int
    currency: str
    source: str
    missing: bool  # the bank's files are beyond it by more days than money takes
    whose: Whose


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """One decision about a line."""

    line: int
    number: int
    state: str
    rule: str
    account_ref: str
    reason: str
    actor: str
    at: datetime
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day of the bank: every line of it is in one of the states."""

    on: date
    currency: str
    lines: int
    sums: dict[str, int]  # by state, minor units
    total_minor: int


def access_bank_lines(reader: Reader, *, listing: Listing, at: datetime) -> Page[BankRow]:
    """Return one page of lines, those of a state where one is asked for.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_bank)
    return page_of(
        _lines(reader, listing),
        listing,
        orders=ORDERS,
        usual=("-effective_on", "id"),
        rows=lambda page: _rows(reader, page, at),
    )


def access_bank_sums(reader: Reader, *, listing: Listing) -> dict[str, int]:
    """Return what the lines of a search come to, by currency.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    found = _lines(reader, listing).order_by().values_list("currency").annotate(Sum("amount_minor"))
    return dict(found.order_by("currency"))


def access_bank_counts(reader: Reader) -> dict[str, int]:
    """Return how many lines each state has, and how many payments no line confirms.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    counts = dict(BankStanding.objects.values_list("state").annotate(Count("line")).order_by())
    told = _told(reader, Listing()).count()
    return {**counts, UNCONFIRMED: told, "": sum(counts.values())}


def waiting(reader: Reader) -> int:
    """Return how many lines wait for somebody who may say whose they are; 0 for others."""
    if Ability.reconcile not in reader.abilities:
        return 0
    return BankStanding.objects.filter(state=BankState.suspense.value).count()


def access_unconfirmed(reader: Reader, *, listing: Listing, at: datetime) -> Page[ToldRow]:
    """Return one page of the payments that no line of a bank file confirms, the oldest first.

    Only from the first day of which there is a bank file: before it nothing could confirm them.
    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_bank)
    return page_of(
        _told(reader, listing),
        listing,
        orders=TOLD_ORDERS,
        usual=("effective_on", "id"),
        rows=lambda page: _told_rows(reader, page, at),
    )


def access_bank_days(reader: Reader) -> tuple[DayRow, ...]:
    """Return the last days of which there are lines, the latest first, by currency.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    days = BankLine.objects.order_by("-effective_on").values_list("effective_on").distinct()[:DAYS]
    found = (
        BankLine.objects.filter(effective_on__in=[day for (day,) in days])
        .values_list("effective_on", "currency", "standing__state")
        .annotate(n=Count("id"), minor=Sum("amount_minor"))
        .order_by("-effective_on", "currency")
    )
    rows: dict[tuple[date, str], tuple[int, dict[str, int]]] = {}
    for on, currency, state, n, amount in found:
        lines, sums = rows.get((on, currency), (0, {}))
        rows[on, currency] = (lines + n, sums | {state: amount})
    return tuple(
        DayRow(on=on, currency=coin, lines=n, sums=sums, total_minor=sum(sums.values()))
        for (on, coin), (n, sums) in rows.items()
    )


def access_bank_line(reader: Reader, *, line: int, at: datetime) -> tuple[BankRow, list[ActRow]]:
    """Return one line and everything that was decided about it, the first decision first.

    Errors: NotAllowed, NoSuchLine.
    """
    reader.must(Ability.see_bank)
    found = list(BankLine.objects.select_related("standing").filter(pk=line))
    if not found:
        raise NoSuchLine(f"no line of a bank file has the number {line}")
    acts = BankAct.objects.select_related("account", "line").filter(line=line).order_by("number")
    return next(iter(_rows(reader, found, at))), [_act(act) for act in acts]


def access_candidates(reader: Reader, *, line: int, word: str, at: datetime) -> list[Whose]:
    """Return the accounts that a word names: by reference, or by their person's.

    Without a word, the account that the line is probably for. What is due of the line's amount
    comes first.
    Errors: NotAllowed, NoSuchLine.
    """
    row, _ = access_bank_line(reader, line=line, at=at)
    if not word.strip():
        return [row.whose] if row.whose else []
    people = seen_people(reader).filter(
        Q(ref__istartswith=word.strip()) | Q(pk__in=fetch_ids_by_word(word))
    )
    accounts = seen_accounts(reader).filter(
        Q(ref__istartswith=word.strip()) | Q(person__in=people.values("pk")), currency=row.currency
    )
    found = _whose(reader, accounts.order_by("ref").values_list("pk", flat=True)[:50], at)
    exact = sorted(found.values(), key=lambda w: (w.due_minor != row.amount_minor, w.account_ref))
    return exact[:MOST_FOUND]


def access_lately(reader: Reader) -> list[ActRow]:
    """Return what this reader decided last and may take back, the latest first.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    last = Max("line__acts__number")
    acts = (
        BankAct.objects.select_related("account", "line")
        .filter(actor=reader.actor, rule__in=BY_HAND)
        .annotate(last=last)
        .order_by("-id")[: LATELY * 3]
    )
    return [_act(act) for act in acts if act.number == act.last][:LATELY]


def _lines(reader: Reader, listing: Listing) -> QuerySet[Any, Any]:
    """Return the lines of a search."""
    found = BankLine.objects.select_related("standing")
    if state := listing.asked("state"):
        found = found.filter(standing__state=state)
    if day := _day(listing.asked("day")):
        found = found.filter(effective_on=day)
    if listing.asked("rule"):
        found = found.filter(standing__rule=listing.asked("rule"))
    if word := listing.asked("q"):
        named = seen_accounts(reader).filter(Q(ref=word) | Q(person__ref=word))
        either = Q(bank_ref__icontains=word) | Q(standing__account__in=named.values("pk"))
        either |= Q(party=cipher().index(word).hex())
        if (amount := _amount(word)) is not None:
            either |= Q(amount_minor__in=(amount, -amount))
        found = found.filter(either)
    return found


def _told(reader: Reader, listing: Listing) -> QuerySet[Any, Any]:
    """Return the payments that no line confirms."""
    first = BankLine.objects.aggregate(first=Min("effective_on"))["first"]
    if first is None:
        return Payment.objects.none()
    confirmed = BankStanding.objects.filter(payment_ref=OuterRef("payment_ref"))
    undone = Payment.objects.filter(
        payment_ref=OuterRef("payment_ref"), stage=PaymentStage.reversed.value
    )
    found = Payment.objects.filter(
        ~Exists(confirmed),
        ~Exists(undone),
        stage=PaymentStage.settled.value,
        effective_on__gte=first,
    ).exclude(source__regex="^(import|demo):")
    if day := _day(listing.asked("day")):
        found = found.filter(effective_on=day)
    if word := listing.asked("q"):
        named = seen_accounts(reader).filter(Q(ref=word) | Q(person__ref=word))
        either = Q(payment_ref__icontains=word) | Q(account__in=named.values("pk"))
        if (amount := _amount(word)) is not None:
            either |= Q(amount_minor=amount)
        found = found.filter(either)
    return found


def _rows(reader: Reader, lines: list[Any], at: datetime) -> Iterable[BankRow]:
    whose = _whose(reader, {x.standing.account_id for x in lines} - {None}, at)
    for line in lines:
        stands = line.standing
        yield BankRow(
            line=line.pk,
            effective_on=line.effective_on,
            amount_minor=line.amount_minor,
            currency=line.currency,
            party_name=masked_name(opened(line.party_name_cipher)),
            party_account=_masked(opened(line.party_account_cipher)),
            text=LONG_NUMBER.sub(lambda m: masked_middle(m.group()), opened(line.text_cipher)),
            bank_ref=line.bank_ref,
            bank_account=line.bank_account,
            state=stands.state,
            rule=stands.rule,
            breaks=stands.state == BankState.suspense and stands.rule in BREAKS,
            whose=whose.get(stands.account_id),
        )


def _told_rows(reader: Reader, payments: list[Any], at: datetime) -> Iterable[ToldRow]:
    whose = _whose(reader, {payment.account_id for payment in payments}, at)
    last = BankLine.objects.aggregate(last=Max("effective_on"))["last"]
    for payment in payments:
        account = whose[payment.account_id]
        yield ToldRow(
            payment_ref=payment.payment_ref,
            effective_on=payment.effective_on,
            amount_minor=payment.amount_minor,
            currency=account.currency,
            source=payment.source,
            missing=last - payment.effective_on > timedelta(days=MISSING_AFTER_DAYS),
            whose=account,
        )


def _whose(reader: Reader, accounts: Iterable[int], at: datetime) -> dict[int, Whose]:
    held = list(seen_accounts(reader).select_related("person").filter(pk__in=list(accounts)))
    owed = arrears(held, as_of=day_of(at), at=at) if held else {}
    known = fetch_known(account.person_id for account in held)
    return {
        account.pk: Whose(
            account_ref=account.ref,
            person_id=account.person_id,
            person_ref=account.person.ref,
            name=masked_name(known.get(account.person_id, Known()).name),
            due_minor=owed[account.pk].due_minor if account.pk in owed else 0,
            currency=account.currency.strip(),
        )
        for account in held
    }


def _act(act: Any) -> ActRow:
    return ActRow(
        line=act.line_id,
        number=act.number,
        state=act.state,
        rule=act.rule,
        account_ref=act.account.ref if act.account else "",
        reason=act.reason,
        actor=act.actor,
        at=act.recorded_at,
        amount_minor=act.line.amount_minor,
        currency=act.line.currency,
    )


def _masked(number: str) -> str:
    return masked_middle(number) if number else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _amount(word: str) -> int | None:
    """Return a word as minor units of two decimals, None where it is no amount."""
    try:
        return minor(word.replace(",", "").lstrip("¥ "), "CNY")
    except NotMoney:
        return None
