"""Debits as a page shows them: who would be asked on a day and who not, what was asked before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from forbear.actions.debit import PlanRow, access_debit_plan
from forbear.actions.listing import Listing, Page, cut, page_of
from forbear.actions.masking import masked_name
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import seen_accounts
from forbear.bank.debit_state import HARD, DebitOutcome
from forbear.store.models import DebitRequest, Mandate
from forbear.store.people import Known, fetch_known

MOST_PLANNED = 1_000  # accounts with a mandate that are decided while somebody waits for a page
ASKED, HELD, REQUESTS = "asked", "held", "requests"
ORDERS = {"day": "asked_on", "amount": "amount_minor"}
OPEN, DECLINED = "open", "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose an account is."""

    account_id: int
    account_ref: str
    person_id: int
    name: str  # masked
    serviced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One account with a mandate on a day, and whose it is."""

    plan: PlanRow
    whose: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """One request, and what the bank made of it."""

    request_ref: str
    mandate_ref: str
    amount_minor: int
    currency: str
    asked_on: date
    due_on: date
    number: int
    outcome: str  # "" where the bank has not answered
    decline: str
    hard: bool  # declined for good: never asked again under that mandate
    answered_on: date | None
    whose: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitDay:
    """The plan of a day as a list shows it."""

    on: date
    page: Page[Planned]
    asked: int
    held: int
    sums: Mapping[str, int]  # of those who would be asked, by currency
    reasons: Mapping[str, int]  # accounts that each reason stands against, the most first


def mandates(reader: Reader) -> int:
    """Return how many accounts have, or had, a mandate.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    return Mandate.objects.aggregate(n=Count("account", distinct=True))["n"] or 0


def access_debit_day(reader: Reader, *, listing: Listing, on: date, at: datetime) -> DebitDay:
    """Return who would be asked on a day, or who would not and why, a page at a time.

    Errors: NotAllowed, DebitDay for a day that is over, DebitPolicyInvalid.
    """
    plan = access_debit_plan(reader, on=on, at=at)
    held = listing.asked("state") == HELD
    rows = [row for row in plan.rows if bool(row.reasons) is held and _fits(row, listing)]
    rows.sort(key=lambda row: (-row.amount_minor, row.account_ref))
    sums: Counter[str] = Counter()
    for row in plan.asked:
        sums[row.currency] += row.amount_minor
    return DebitDay(
        on=on,
        page=cut(rows, listing, total=len(rows), rows=lambda part: _planned(reader, part)),
        asked=len(plan.asked),
        held=len(plan.rows) - len(plan.asked),
        sums=dict(sorted(sums.items())),
        reasons=plan.held,
    )


def access_debit_requests(reader: Reader, *, listing: Listing) -> Page[Requested]:
    """Return one page of what the bank was asked for, the latest first.

    Errors: NotAllowed, UnknownColumn.
    """
    reader.must(Ability.see_bank)
    return page_of(
        _requests(reader, listing),
        listing,
        orders=ORDERS,
        usual=("-asked_on", "id"),
        rows=lambda page: _requested(reader, page),
    )


def access_debit_counts(reader: Reader) -> dict[str, int]:
    """Return how many requests there are, how many wait for an answer, how many were declined.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    declined = Q(result__outcome=DebitOutcome.declined.value)
    return DebitRequest.objects.aggregate(
        requests=Count("id"),
        open=Count("id", filter=Q(result__isnull=True)),
        declined=Count("id", filter=declined),
    )


def access_debit_sums(reader: Reader, *, listing: Listing) -> dict[str, int]:
    """Return what the requests of a search come to, by currency.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_bank)
    found = _requests(reader, listing).order_by().values_list("currency")
    return dict(found.annotate(Sum("amount_minor")).order_by("currency"))


def holders(reader: Reader, refs: Iterable[str]) -> dict[str, Holder]:
    """Return whose accounts are, by the accounts' references; those a reader may know of.

    Errors: none.
    """
    found = seen_accounts(reader).filter(ref__in=set(refs)).select_related("contract")
    accounts = list(found)
    known = fetch_known(account.person_id for account in accounts)
    return {
        account.ref: Holder(
            account_id=account.pk,
            account_ref=account.ref,
            person_id=account.person_id,
            name=masked_name(known.get(account.person_id, Known()).name),
            serviced=hasattr(account, "contract"),
        )
        for account in accounts
    }


def _fits(row: PlanRow, listing: Listing) -> bool:
    """Return whether an account is among those that a search asks for."""
    word, reason = listing.asked("q"), listing.asked("rule")
    named = not word or row.account_ref.startswith(word) or word in row.mandate_ref
    return named and (not reason or reason in row.reasons)


def _planned(reader: Reader, rows: list[PlanRow]) -> Iterable[Planned]:
    whose = holders(reader, (row.account_ref for row in rows))
    return (Planned(plan=row, whose=whose[row.account_ref]) for row in rows)


def _requests(reader: Reader, listing: Listing) -> QuerySet[Any, Any]:
    """Return the requests of a search."""
    found = DebitRequest.objects.select_related("account", "result")
    answer = listing.asked("rule")
    if answer == OPEN:
        found = found.filter(result__isnull=True)
    elif answer == DECLINED:
        found = found.filter(result__outcome=DebitOutcome.declined.value)
    elif answer == DebitOutcome.succeeded.value:
        found = found.filter(result__outcome=answer)
    if word := listing.asked("q"):
        theirs = seen_accounts(reader).filter(Q(ref__startswith=word) | Q(person__ref=word))
        either = Q(account__in=theirs.values("pk")) | Q(request_ref=word) | Q(mandate_ref=word)
        found = found.filter(either)
    return found


def _requested(reader: Reader, requests: list[Any]) -> Iterable[Requested]:
    whose = holders(reader, (request.account.ref for request in requests))
    for request in requests:
        result = getattr(request, "result", None)
        yield Requested(
            request_ref=request.request_ref,
            mandate_ref=request.mandate_ref,
            amount_minor=request.amount_minor,
            currency=request.currency.strip(),
            asked_on=request.asked_on,
            due_on=request.due_on,
            number=request.number,
            outcome=result.outcome if result else "",
            decline=result.decline if result else "",
            hard=bool(result and result.decline in HARD),
            answered_on=result.effective_on if result else None,
            whose=whose[request.account.ref],
        )
