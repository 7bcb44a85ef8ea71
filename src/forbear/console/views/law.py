"""The law: the rules in force on a day, what changed, and every wording of one rule."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.reader import Reader
from forbear.actions.rulebook import LawPage, access_law, access_rule
from forbear.console.door import door
from forbear.console.export import csv_file
from forbear.console.labels import CHANNEL
from forbear.console.law_labels import FORCE
from forbear.console.views.tonight import day_of

FILTERS = ("topic", "force", "review", "channel", "q")
LOOK_BACK = timedelta(days=365)


@door
def law(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the rules in force on the day the address names, today without one."""
    on = day_of(request.GET.get("on", "")) or timezone.localdate()
    since = day_of(request.GET.get("since", "")) or on - LOOK_BACK
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    found = access_law(reader, on=on, since=since, wanted=wanted)
    if request.GET.get("export") == "csv":
        return _file(found)
    return render(
        request,
        "console/law.html",
        {
            "law": found,
            "wanted": wanted,
            "filtered": any(wanted.values()),
            "forces": FORCE,
            "channels": CHANNEL,
            "today": timezone.localdate(),
        },
    )


@door
def rule(request: HttpRequest, reader: Reader, rule: str) -> HttpResponse:
    """Show every wording of one rule, newest first."""
    versions = access_rule(reader, rule=rule)
    return render(
        request,
        "console/rule.html",
        {"versions": versions, "rule": versions[0], "today": timezone.localdate()},
    )


def _file(found: LawPage) -> HttpResponse:
    heads = (
        _("规则"),
        _("主题"),
        _("内容"),
        _("英文"),
        _("出处"),
        _("条款"),
        _("效力"),
        _("起"),
        _("止"),
        _("复核"),
    )
    rows = (
        (
            r.rule,
            r.topic,
            r.says_zh,
            r.says,
            r.instrument,
            r.article,
            r.force,
            r.start,
            r.end,
            r.reviewer or r.review,
        )
        for r in found.rules
    )
    return csv_file(f"law-{found.on}", heads, rows)
