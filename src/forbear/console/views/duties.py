"""Duties and their clocks: what must be done, whose, by when; and recording that it was."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.duties import (
    STATES,
    DutyRow,
    access_duties,
    access_duty,
    access_duty_counts,
    access_duty_topics,
)
from forbear.actions.duty import (
    NeedsApproval,
    NoEvidence,
    NotAnOccasion,
    NotOnThatDay,
    do_extend_duty,
    do_meet_duty,
    do_record_occasion,
    do_release_duty,
)
from forbear.actions.duty_time import (
    AskedAlready,
    NotASecondPerson,
    NotAsked,
    do_approve_time,
    do_ask_time,
    do_refuse_time,
)
from forbear.actions.listing import EXPORT_ROWS
from forbear.actions.reader import Ability, Reader
from forbear.console import refusals
from forbear.console.door import dialog, done, door, listing_of, once_key
from forbear.console.export import csv_file
from forbear.console.labels import label
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import ANNOUNCES, READ_FROM_FACTS, Occasion

FILTERS = ("state", "topic", "q")
RECORDED = tuple(word for word in Occasion if word not in READ_FROM_FACTS)


@door
def duties(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show duties in one state, those past due first."""
    export, today = request.GET.get("export") == "csv", timezone.localdate()
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    page = access_duties(reader, listing=listing, today=today)
    if export:
        return csv_file("duties", _heads(), map(_cells, page.rows))
    counts = access_duty_counts(reader, today=today)
    state = listing.asked("state") or "open"
    tabs = [
        (name, counts[name])
        for name in STATES
        if counts[name] or name in ("open", "past_due", state)
    ]
    return render(
        request,
        "console/duties.html",
        {
            "page": page,
            "listing": listing,
            "tabs": tabs,
            "state": state,
            "topics": access_duty_topics(reader),
            "today": today,
        },
    )


@door
def duty(request: HttpRequest, reader: Reader, duty_id: int) -> HttpResponse:
    """Show one duty: its rule, its clock, and everything that became of it."""
    story = access_duty(reader, duty_id=duty_id, today=timezone.localdate())
    return render(request, "console/duty.html", {"story": story, "row": story.row})


@door
def settle(request: HttpRequest, reader: Reader, duty_id: int) -> HttpResponse:
    """Record that a duty was met, give it more time, or say that it does not apply."""
    reader.must(Ability.settle_duty)
    today = timezone.localdate()
    story = access_duty(reader, duty_id=duty_id, today=today)
    note = request.POST.get("note", "").strip()
    context: dict[str, Any] = {"story": story, "row": story.row, "today": today, "note": note}
    if request.method != "POST":
        return dialog(request, "console/dialogs/duty.html", context)
    choice = request.POST.get("choice", "")
    try:
        if choice in ("asked", "approved"):
            does = do_ask_time if choice == "asked" else do_approve_time
            until = does(reader, duty_id=duty_id, today=today, reason=note)
            words = _("已申请延到 %(day)s，等另一人批准。"), _("已批准，期限延到 %(day)s。")
            said = words[choice == "approved"] % {"day": until.isoformat()}
        elif choice == "refused":
            do_refuse_time(reader, duty_id=duty_id, today=today, reason=note)
            said = _("已记为不批准，期限不变。")
        elif choice == "extended":
            until = do_extend_duty(reader, duty_id=duty_id, today=today, reason=note)
            said = _("期限延到 %(day)s。") % {"day": until.isoformat()}
        elif choice == "released":
            do_release_duty(reader, duty_id=duty_id, today=today, reason=note)
            said = _("已记为不适用。")
        else:
            on = date.fromisoformat(request.POST.get("on", ""))
            count = do_meet_duty(reader, duty_id=duty_id, on=on, today=today, evidence=note)
            said = _("已记为做到，共 %(n)d 项。") % {"n": count}
    except (NoEvidence, NotOnThatDay, ValueError):
        context["wrong"] = _("请写明依据；日期在起算日和今天之间，延期要在到期之前。")
        return dialog(request, "console/dialogs/duty.html", context, status=422)
    except (NotASecondPerson, NotAsked, AskedAlready, NeedsApproval) as error:
        story = access_duty(reader, duty_id=duty_id, today=today)
        context |= {"story": story, "row": story.row, "wrong": _second_person(error)}
        return dialog(request, "console/dialogs/duty.html", context, status=error.http_status)
    return done(request, said, then=reverse("duties"))


def _second_person(error: ForbearError) -> str:
    """Return in words why a request for more time was not taken."""
    if isinstance(error, NotAsked):
        return _("没有待批准的延期申请，可能已有人答复。")
    if isinstance(error, AskedAlready):
        return _("已经有人申请，正等另一人批准。")
    return _("这次延期须一人申请、另一人批准，不能自己批准自己的申请。")


@door
def record(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Record what opens a duty or closes one: a complaint, a plan, an act that is planned."""
    reader.must(Ability.settle_duty)
    today = timezone.localdate()
    words = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "kinds": [(word.value, word in ANNOUNCES) for word in RECORDED],
        "today": today,
        **{name: words.get(name, "").strip() for name in ("person", "account", "kind", "thread")},
        "on": words.get("on", today.isoformat()),
        "act_on": words.get("act_on", ""),
    }
    if request.method != "POST":
        return dialog(request, "console/dialogs/occasion.html", context)
    try:
        new = do_record_occasion(
            reader,
            person_ref=context["person"],
            kind=Occasion(context["kind"]),
            on=date.fromisoformat(context["on"]),
            act_on=date.fromisoformat(context["act_on"]) if context["act_on"] else None,
            account_ref=context["account"] or None,
            thread=context["thread"],
            today=today,
            source_key=once_key(request),
        )
    except (ValueError, NotAnOccasion):
        wrong = _("请选一件事，并写对日期：不晚于今天；计划中的事要写明哪一天做，其他的不写。")
        return dialog(
            request, "console/dialogs/occasion.html", context | {"wrong": wrong}, status=422
        )
    except ForbearError as error:
        context["wrong"] = (
            _("账簿里没有这个编号的人或账户。")
            if error.http_status == 404
            else refusals.told(error)
        )
        return dialog(request, "console/dialogs/occasion.html", context, status=422)
    return done(request, _("已登记，起算 %(n)d 项义务。") % {"n": new}, then=reverse("duties"))


def _heads() -> tuple[str, ...]:
    return (
        _("义务"),
        _("编号"),
        _("姓名"),
        _("账户"),
        _("来由"),
        _("起算日"),
        _("到期日"),
        _("剩余工作日"),
        _("状态"),
        _("规则"),
    )


def _cells(row: DutyRow) -> tuple[Any, ...]:
    return (
        label("topic_name", row.topic),
        row.ref,
        row.name,
        row.account,
        label("occasion", row.occasion),
        row.opened_on,
        row.due_on,
        row.left.working_days if row.left else None,
        label("duty_state", row.stage or "open"),
        row.rule.rule if row.rule else "",
    )
