"""People: the search, one person's page, what may be done now, and revealing one value."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.listing import EXPORT_ROWS, Listing
from forbear.actions.options import access_options
from forbear.actions.people import access_people
from forbear.actions.person import NoReason, access_person, do_reveal
from forbear.actions.plan import latest_night
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.actions.worklist import access_work_neighbors
from forbear.console.door import cleaned, dialog, door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import ACTION, label, moves
from forbear.console.views.tonight import major
from forbear.console.views.work import FILTERS as WORK_FILTERS

FILTERS = ("q", "bucket", "action", "currency", "product", "serviced")
GROUPS = ("", "contacts", "money", "requests", "looks")


@door
def people(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the people whom a search finds, or everyone."""
    export = request.GET.get("export") == "csv"
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    page = access_people(reader, listing=listing, at=None if export else timezone.now())
    night = latest_night()
    if export:
        heads = (
            _("编号"),
            _("姓名"),
            _("账户"),
            _("阶段"),
            _("逾期天数"),
            _("到期未还"),
            _("币种"),
            _("今夜"),
            _("状态"),
        )
        rows = (
            (
                row.ref,
                row.name,
                row.accounts,
                row.bucket,
                row.days_past_due,
                major(row.due_minor, row.currency),
                row.currency,
                label("action", row.action),
                label("plan_state", row.state) if moves(row.action) else "",
            )
            for row in page.rows
        )
        return csv_file("people", heads, rows)
    return render(
        request,
        "console/people.html",
        {
            "page": page,
            "listing": listing,
            "actions": ACTION,
            "filters": urlencode({k: v for k, v in listing.filters.items() if v}),
            "as_of": night.as_of if night else None,
        },
    )


@door
def person(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Show one person; on the way through the work list, also who is before and after."""
    group = request.GET.get("group", "")
    show = 200 if request.GET.get("show") == "all" else 25
    at = timezone.now()
    found = access_person(reader, person_id=person_id, at=at, group=group, show=show)
    walk = request.GET.get("list", "")
    before = after = None
    if "list" in request.GET and Ability.see_work in reader.abilities:
        before, after = access_work_neighbors(
            reader, listing=walk_listing(walk), person_id=person_id
        )
    return render(
        request,
        "console/person.html",
        {
            "person": found,
            "options": access_options(reader, person_id=person_id, at=at),
            "groups": GROUPS,
            "group": group,
            "walking": "list" in request.GET,
            "walk": walk,
            "before": address(before, walk),
            "after": address(after, walk),
        },
    )


@door
def may(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Show what may be done now, and why not: asked of the gate at this moment."""
    options = access_options(reader, person_id=person_id, at=timezone.now())
    context = {"options": options, "person_id": person_id}
    return render(request, "console/parts/options.html", context)


@door
def reveal(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Ask why, then show one value in place; the look is recorded with its reason."""
    reader.must(Ability.reveal)
    must_see_person(reader, person_id)
    state = request.POST if request.method == "POST" else request.GET
    field = state.get("field", "value")
    point = state.get("point", "")
    context = {"person_id": person_id, "field": field, "point": point, "wrong": "", "value": ""}
    if request.method != "POST":
        return dialog(request, "console/dialogs/reveal.html", context)
    try:
        context["value"] = do_reveal(
            reader,
            person_id=person_id,
            field=field,
            reason=state.get("reason", ""),
            point_id=number_of(point),
        )
    except NoReason:
        context["wrong"] = _("请写明为什么需要看（4 到 500 个字）。")
        return dialog(request, "console/dialogs/reveal.html", context, status=422)
    return dialog(request, "console/dialogs/reveal.html", context)


def walk_listing(walk: str) -> Listing:
    """Return the listing of the work list that a person's page was reached through."""
    state = cleaned(QueryDict(walk))
    sort = state.get("sort", "")
    return Listing(
        filters={name: state.get(name, "") for name in WORK_FILTERS},
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )


def number_of(point: str) -> int | None:
    """Return the contact point that a form names; 0, which is none, where it is no number."""
    if not point:
        return None
    return int(point) if point.isascii() and point.isdigit() and len(point) < 19 else 0


def address(person_id: int | None, walk: str) -> str:
    """Return the address of a person's page on the way through the work list; "" for nobody."""
    return f"{reverse('people.one', args=[person_id])}?list={quote(walk)}" if person_id else ""
