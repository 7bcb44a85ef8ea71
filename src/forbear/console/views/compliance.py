"""Compliance: what an independent reading of the log finds broken, nearly broken, refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.audit import AuditReport, BadPeriod, access_audit
from forbear.actions.reader import Reader
from forbear.console.door import door
from forbear.console.export import csv_file
from forbear.console.labels import label
from forbear.console.views.tonight import day_of

LOOK_BACK = timedelta(days=30)
FEW = 20  # duties that were missed
SHOWN = 200  # rows of one table on the page; the file has them all


@door
def compliance(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the audit of the days that the address names, the last thirty without any."""
    today = timezone.localdate()
    last = day_of(request.GET.get("to", "")) or today
    first = day_of(request.GET.get("from", "")) or last - LOOK_BACK
    wrong = ""
    try:
        report = access_audit(reader, start=first, end=last + timedelta(days=1))
    except BadPeriod:
        wrong = _("结束的日子在开始之前；这里显示的是结束那天之前的三十天。")
        first = last - LOOK_BACK
        report = access_audit(reader, start=first, end=last + timedelta(days=1))
    if request.GET.get("export") == "csv":
        return _file(report)
    return render(
        request,
        "console/compliance.html",
        {
            "report": report,
            "first": first,
            "last": last,
            "wrong": wrong,
            "shown": SHOWN,
            "few": FEW,
            "most": max(report.refusals.values(), default=0),
        },
    )


def _file(report: AuditReport) -> HttpResponse:
    heads = (
        _("类别"),
        _("时间"),
        _("当地时间"),
        _("编号"),
        _("渠道"),
        _("规则"),
        _("条款"),
        _("联系编号"),
    )
    return csv_file("compliance", heads, _rows(report))


def _rows(report: AuditReport) -> Iterator[tuple[str, ...]]:
    for name, findings in (
        (_("违规"), report.breaches),
        (_("险些违规"), report.near_misses),
        (_("事后才知"), report.learned_later),
    ):
        for each in findings:
            at = timezone.localtime(each.at).strftime("%Y-%m-%d %H:%M:%S")
            yield (
                name, at, each.local, each.person, label("channel", each.channel), each.rule,
                each.article, each.contact,
            )  # fmt: skip
    for duty in report.missed:
        when = duty.due_on.isoformat()
        yield _("错过的义务"), when, "", duty.person, "", duty.rule, "", ""
