"""Tonight: what the night decided, and every row behind its figures."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.listing import EXPORT_ROWS, Page
from forbear.actions.movement import access_moves
from forbear.actions.overview import access_night
from forbear.actions.plan import PlanRow, access_plan
from forbear.actions.reader import Reader
from forbear.console.door import door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import ACTION, PLAN_STATE, label
from forbear.kernel.errors import ForbearError
from forbear.kernel.money import minor_digits

FILTERS = ("action", "segment", "bucket", "rule", "state", "currency", "late", "q")
FIRST_YEAR, LAST_YEAR = 1000, 9000  # beyond these a year's arithmetic leaves the calendar


class NotADay(ForbearError):
    """The address names no day that can be reckoned with; days are written 2026-11-20."""

    code = "console.not_a_day"
    http_status = 400


def day_of(text: str) -> date | None:
    """Return the day that an address names, None where it names none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotADay(f"{text!r} is not a day; write it as 2026-11-20") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotADay(f"{text} is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


@door
def tonight(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show one night, the latest unless the address names a day."""
    night = access_night(reader, as_of=day_of(request.GET.get("as_of", "")))
    yesterday = timezone.localdate() - timedelta(days=1)
    return render(request, "console/tonight.html", {"night": night, "yesterday": yesterday})


@door
def plan(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the rows of a night's plan, filtered, sorted, paged, or as CSV."""
    night = access_night(reader, as_of=day_of(request.GET.get("as_of", "")))
    export = request.GET.get("export") == "csv"
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    page = access_plan(reader, night_id=night.night_id, listing=listing) if night else None
    if export and page and night:
        return plan_file(page, f"plan-{night.as_of}")
    return render(
        request,
        "console/plan.html",
        {
            "night": night,
            "page": page,
            "listing": listing,
            "actions": ACTION,
            "states": PLAN_STATE,
            "chosen": [(name, listing.asked(name)) for name in FILTERS if listing.asked(name)],
        },
    )


@door
def accounts(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the accounts behind a night's buckets and roll rates, or as CSV."""
    night = access_night(reader, as_of=day_of(request.GET.get("as_of", "")))
    export = request.GET.get("export") == "csv"
    names = ("bucket", "then", "late", "currency")
    listing = listing_of(request, *names, size=EXPORT_ROWS if export else 50)
    page = access_moves(reader, night_id=night.night_id, listing=listing) if night else None
    if export and page and night:
        heads = (
            _("账户"),
            _("编号"),
            _("一个月前"),
            _("现在"),
            _("逾期天数"),
            _("到期未还"),
            _("币种"),
        )
        rows = (
            (
                r.account_ref,
                r.person_ref,
                r.then,
                r.now,
                r.days_past_due,
                major(r.due_minor, r.currency),
                r.currency,
            )
            for r in page.rows
        )
        return csv_file(f"accounts-{night.as_of}", heads, rows)
    context = {"night": night, "page": page, "listing": listing}
    return render(request, "console/accounts.html", context)


def plan_file(page: Page[PlanRow], name: str) -> HttpResponse:
    """Return plan rows as CSV; money in major units, names masked."""
    heads = (
        _("编号"),
        _("姓名"),
        _("决定"),
        _("分层"),
        _("阶段"),
        _("逾期天数"),
        _("到期未还"),
        _("币种"),
        _("评分"),
        _("当地时间"),
        _("理由"),
        _("拦下的规则"),
        _("状态"),
    )
    rows = (
        (
            row.ref,
            row.name,
            label("action", row.action),
            row.segment,
            row.bucket,
            row.days_past_due,
            major(row.due_minor, row.currency),
            row.currency,
            row.score,
            row.local_at.strftime("%Y-%m-%d %H:%M") if row.local_at else "",
            row.reasons,
            row.blocked_by,
            label("plan_state", row.state),
        )
        for row in page.rows
    )
    return csv_file(name, heads, rows)


def major(amount_minor: int, currency: str) -> str:
    """Return an amount in major units without sign or thousands, as spreadsheets want it."""
    digits = minor_digits(currency)
    whole, part = divmod(abs(amount_minor), 10**digits)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"
