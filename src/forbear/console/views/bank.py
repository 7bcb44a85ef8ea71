"""Reconciliation: what the bank says and nobody has claimed, whose it is, and taking that back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.bank_line import (
    NoReason,
    do_book_line,
    do_disown_line,
    do_return_line,
    do_undo_line,
)
from forbear.actions.bank_list import (
    STATES,
    UNCONFIRMED,
    BankRow,
    ToldRow,
    access_bank_counts,
    access_bank_days,
    access_bank_line,
    access_bank_lines,
    access_bank_sums,
    access_candidates,
    access_lately,
    access_unconfirmed,
)
from forbear.actions.listing import EXPORT_ROWS
from forbear.actions.reader import Ability, Reader
from forbear.bank.state import MISSING_AFTER_DAYS, BankState
from forbear.console.bank_labels import BANK_RULE
from forbear.console.door import dialog, done, door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import label
from forbear.kernel.money import render_minor

FILTERS = ("state", "day", "rule", "q")


@door
def bank(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the lines of bank files in one state; first those that nobody has claimed."""
    export, now = request.GET.get("export") == "csv", timezone.now()
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    if "state" not in request.GET:
        first = {**listing.filters, "state": BankState.suspense.value}
        listing = replace(listing, filters=first)
    state = listing.asked("state")
    told = state == UNCONFIRMED
    page: Any = (access_unconfirmed if told else access_bank_lines)(reader, listing=listing, at=now)
    if export:
        cells: Any = _told_cells if told else _cells
        return csv_file("bank", _told_heads() if told else _heads(), map(cells, page.rows))
    counts = access_bank_counts(reader)
    always = (BankState.suspense.value, UNCONFIRMED, state)
    tabs = [name for name in (*STATES, "") if counts.get(name) or name in always]
    context = {
        "page": page,
        "listing": listing,
        "state": state,
        "told": told,
        "tabs": [(name, counts.get(name, 0)) for name in tabs],
        "sums": {} if told else access_bank_sums(reader, listing=listing),
        "days": access_bank_days(reader),
        "states": [each.value for each in BankState],
        "rules": BANK_RULE,
        "lately": access_lately(reader),
        "any": counts[""],
        "missing_days": MISSING_AFTER_DAYS,
    }
    return render(request, "console/bank.html", context)


@door
def one(request: HttpRequest, reader: Reader, line: int) -> HttpResponse:
    """Show one line and who it may be for; decide about it, or take the decision back."""
    now = timezone.now()
    row, acts = access_bank_line(reader, line=line, at=now)
    word = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"row": row, "acts": acts, "word": word, "wrong": "", "reason": ""}
    if Ability.reconcile in reader.abilities and row.state == BankState.suspense and row.came:
        context["found"] = access_candidates(reader, line=line, word=word, at=now)
    if request.method != "POST":
        return dialog(request, "console/dialogs/bank.html", context)
    reason = request.POST.get("reason", "").strip()
    try:
        said = _decide(reader, row, request.POST.get("choice", ""), request.POST, reason)
    except NoReason:
        context |= {"wrong": _("请写明理由。"), "reason": reason}
        return dialog(request, "console/dialogs/bank.html", context, status=422)
    if not said:
        context |= {"wrong": _("请选一个账户，或写明理由再退回。"), "reason": reason}
        return dialog(request, "console/dialogs/bank.html", context, status=422)
    return done(request, said, then=reverse("bank"))


def _decide(reader: Reader, row: BankRow, choice: str, given: Any, reason: str) -> str:
    """Do what was chosen and return what to say; "" where nothing was chosen."""
    now, amount = timezone.now(), render_minor(row.amount_minor, row.currency)
    if account := given.get("account", ""):
        do_book_line(reader, line=row.line, account_ref=account, at=now)
        return _("%(amount)s 已记为 %(account)s 的还款，按 %(day)s 入账。") % {
            "amount": amount,
            "account": account,
            "day": row.effective_on.isoformat(),
        }
    if choice == "return":
        do_return_line(reader, line=row.line, reason=reason, at=now)
        return _("%(amount)s 已记为退回付款人。") % {"amount": amount}
    if choice == "disown":
        do_disown_line(reader, line=row.line, reason=reason, at=now)
        return _("%(amount)s 已记为非本机构款项。") % {"amount": amount}
    if choice == "undo":
        do_undo_line(reader, line=row.line, at=now)
        return _("%(amount)s 回到待认领。") % {"amount": amount}
    reader.must(Ability.reconcile)
    return ""


def _heads() -> tuple[str, ...]:
    heads = (_("银行日"), _("金额"), _("币种"), _("对方"), _("对方账号"), _("附言"))
    return (*heads, _("流水号"), _("状态"), _("依据"), _("账户"))


def _cells(row: BankRow) -> tuple[object, ...]:
    return (
        row.effective_on.isoformat(),
        render_minor(row.amount_minor, row.currency),
        row.currency,
        row.party_name,
        row.party_account,
        row.text,
        row.bank_ref,
        label("bank_state", row.state),
        label("bank_rule", row.rule),
        row.whose.account_ref if row.whose else "",
    )


def _told_heads() -> tuple[str, ...]:
    return (_("还款日"), _("金额"), _("币种"), _("还款编号"), _("账户"), _("来源"), _("逾期未见"))


def _told_cells(row: ToldRow) -> tuple[object, ...]:
    return (
        row.effective_on.isoformat(),
        render_minor(row.amount_minor, row.currency),
        row.currency,
        row.payment_ref,
        row.whose.account_ref,
        row.source,
        _("是") if row.missing else _("否"),
    )
