"""Wronged: contacts made on facts that came late, whom the lender may owe something."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.listing import EXPORT_ROWS
from forbear.actions.reader import Reader
from forbear.actions.wronged_list import WrongedRow, access_wronged
from forbear.console.door import door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import label

USUAL_DAYS = 90


@door
def wronged(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the contacts that were made while a fact of an earlier day was not told yet."""
    export, today = request.GET.get("export") == "csv", timezone.localdate()
    listing = listing_of(request, "q", size=EXPORT_ROWS if export else 50)
    since, wrong = today - timedelta(days=USUAL_DAYS), ""
    if request.GET.get("since"):
        try:
            since = date.fromisoformat(request.GET["since"])
        except ValueError:
            wrong = _("日期写法不对；这里显示的是最近九十天得知的。")
    began = datetime.combine(since, time.min, tzinfo=timezone.get_current_timezone())
    page = access_wronged(reader, listing=listing, since=began)
    if export:
        return csv_file("wronged", _heads(), map(_cells, page.rows))
    context = {"page": page, "listing": listing, "since": since, "wrong": wrong, "today": today}
    return render(request, "console/wronged.html", context, status=422 if wrong else 200)


def _heads() -> tuple[str, ...]:
    heads = (_("联系时间"), _("渠道"), _("编号"), _("账户"), _("当时以为逾期"), _("其实逾期"))
    return (*heads, _("后来才知道的事"), _("得知时间"))


def _cells(row: WrongedRow) -> tuple[object, ...]:
    wrong = row.wrong
    return (
        wrong.at.isoformat(timespec="minutes"),
        label("channel", wrong.channel),
        wrong.person_ref,
        wrong.account_ref,
        wrong.known_days,
        wrong.true_days,
        " ".join(wrong.facts),
        wrong.told_at.isoformat(timespec="minutes"),
    )
