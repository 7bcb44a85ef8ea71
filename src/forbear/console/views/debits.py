"""Debits: whom the bank would be asked for on a day, who is left alone and why, its answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.debit_list import (
    ASKED,
    HELD,
    MOST_PLANNED,
    REQUESTS,
    Planned,
    Requested,
    access_debit_counts,
    access_debit_day,
    access_debit_requests,
    access_debit_sums,
    mandates,
)
from forbear.actions.listing import EXPORT_ROWS
from forbear.actions.reader import Reader
from forbear.console.debit_labels import DEBIT_ANSWER, FOREVER, HOLD
from forbear.console.door import door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import label
from forbear.kernel.money import render_minor

FILTERS = ("state", "rule", "q")
ANSWERS = ("open", "declined", "succeeded")


@door
def debits(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show who would be asked on a day, who would not, or what was asked before."""
    export, now, today = request.GET.get("export") == "csv", timezone.now(), timezone.localdate()
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    if listing.asked("state") not in (HELD, REQUESTS):
        listing = replace(listing, filters={**listing.filters, "state": ASKED})
    state, on, wrong = listing.asked("state"), today, ""
    if request.GET.get("on"):
        on, wrong = _day(request.GET["on"], today)
    known = mandates(reader)
    counts = access_debit_counts(reader)
    many = known > MOST_PLANNED
    plan = None
    if not many and not (export and state == REQUESTS):
        plan = access_debit_day(reader, listing=listing, on=on, at=now)
    if state == REQUESTS:
        page: Any = access_debit_requests(reader, listing=listing)
    else:
        page = plan.page if plan else None
    if export and page:
        told = state == REQUESTS
        cells: Any = _asked_cells if told else _plan_cells
        return csv_file("debits", _asked_heads() if told else _plan_heads(), map(cells, page.rows))
    sums = access_debit_sums(reader, listing=listing) if state == REQUESTS else {}
    answers = (DEBIT_ANSWER[""], _("银行已拒绝"), DEBIT_ANSWER["succeeded"])
    context = {
        "page": page,
        "plan": plan,
        "listing": listing,
        "state": state,
        "on": on,
        "today": today,
        "tabs": [
            (ASKED, plan.asked if plan else None),
            (HELD, plan.held if plan else None),
            (REQUESTS, counts["requests"]),
        ],
        "sums": plan.sums if plan and state == ASKED else sums,
        "reasons": [(key, HOLD[key], n) for key, n in plan.reasons.items()] if plan else [],
        "forever": FOREVER,
        "answers": list(zip(ANSWERS, answers, strict=True)),
        "any": known,
        "many": many,
        "wrong": wrong,
    }
    return render(request, "console/debits.html", context, status=422 if wrong else 200)


def _day(text: str, today: date) -> tuple[date, str]:
    """Return the day that an address asks for, and what is wrong with it."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return today, _("日期写法不对；这里显示的是今天。")
    if on < today:
        return today, _("这一天已经过去；计划只看今天和以后，这里显示的是今天。")
    return on, ""


def _plan_heads() -> tuple[str, ...]:
    return (
        _("账户"),
        _("授权编号"),
        _("到期未还"),
        _("币种"),
        _("应还款日"),
        _("第几次"),
        _("不扣的原因"),
    )


def _plan_cells(row: Planned) -> tuple[object, ...]:
    plan = row.plan
    return (
        plan.account_ref,
        plan.mandate_ref,
        render_minor(plan.amount_minor, plan.currency),
        plan.currency,
        plan.due_on.isoformat() if plan.due_on else "",
        plan.number,
        "; ".join(str(HOLD[reason]) for reason in plan.reasons),
    )


def _asked_heads() -> tuple[str, ...]:
    heads = (_("发起日"), _("金额"), _("币种"), _("账户"), _("授权编号"), _("请求编号"))
    return (*heads, _("第几次"), _("银行答复"), _("答复日"))


def _asked_cells(row: Requested) -> tuple[object, ...]:
    return (
        row.asked_on.isoformat(),
        render_minor(row.amount_minor, row.currency),
        row.currency,
        row.whose.account_ref,
        row.mandate_ref,
        row.request_ref,
        row.number,
        label("debit_answer", row.decline or row.outcome),
        row.answered_on.isoformat() if row.answered_on else "",
    )
