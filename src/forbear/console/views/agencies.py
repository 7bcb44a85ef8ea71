"""Agencies: who has what, who works there, and naming new ones."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.agencies import (
    access_agencies,
    access_agency,
    access_moves,
    access_new_members,
    access_placed,
)
from forbear.actions.agency import (
    AgencyNameTaken,
    MemberAlready,
    NoSuchAgency,
    NoSuchUser,
    do_add_member,
    do_name_agency,
)
from forbear.actions.listing import EXPORT_ROWS
from forbear.actions.plan import latest_night
from forbear.actions.reader import Ability, Reader
from forbear.console.door import dialog, done, door, listing_of
from forbear.console.export import csv_file
from forbear.console.views.tonight import major


@door
def agencies(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show every agency with its members and what it has, or as CSV."""
    lines = access_agencies(reader)
    if request.GET.get("export") == "csv":
        heads = (_("机构"), _("用户"), _("人数"), _("账户"), _("到期未还"), _("币种"))
        rows = (
            (line.name, line.members, line.people, line.accounts, major(due, currency), currency)
            for line in lines
            for currency, due in line.due or (("", 0),)
        )
        return csv_file("agencies", heads, rows)
    places = Ability.place in reader.abilities
    night = latest_night()
    return render(
        request,
        "console/agencies.html",
        {
            "agencies": lines,
            "moves": access_moves(reader) if places else [],
            "as_of": night.as_of if night and places else None,
        },
    )


@door
def agency(request: HttpRequest, reader: Reader, agency_id: int) -> HttpResponse:
    """Show the people whom one agency has, or as CSV."""
    found = access_agency(reader, agency_id=agency_id)
    export = request.GET.get("export") == "csv"
    listing = listing_of(request, "q", size=EXPORT_ROWS if export else 50)
    page = access_placed(reader, agency_id=agency_id, listing=listing)
    if export:
        heads = (
            _("编号"),
            _("姓名"),
            _("账户"),
            _("未委外的账户"),
            _("委外时间"),
            _("阶段"),
            _("逾期天数"),
            _("到期未还"),
            _("币种"),
            _("未拨的电话"),
        )
        rows = (
            (
                row.ref,
                row.name,
                row.accounts,
                row.elsewhere,
                timezone.localtime(row.since).strftime("%Y-%m-%d %H:%M:%S"),
                row.bucket,
                row.days_past_due,
                major(row.due_minor, row.currency),
                row.currency,
                row.open_calls,
            )
            for row in page.rows
        )
        return csv_file(f"agency-{agency_id}", heads, rows)
    line = next(line for line in access_agencies(reader) if line.agency_id == agency_id)
    night = latest_night()
    return render(
        request,
        "console/agency.html",
        {
            "agency": found,
            "line": line,
            "page": page,
            "listing": listing,
            "moves": access_moves(reader, agency_id=agency_id),
            "as_of": night.as_of if night else None,
        },
    )


@door
def new(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Name a new agency."""
    reader.must(Ability.manage_users)
    name = request.POST.get("name", "")
    if request.method != "POST":
        return dialog(request, "console/dialogs/agency_new.html", {})
    try:
        do_name_agency(reader, name=name)
    except AgencyNameTaken:
        context = {"wrong": _("名称不能空着，也不能和已有的机构相同。"), "name": name}
        return dialog(request, "console/dialogs/agency_new.html", context, status=422)
    said = _("已登记机构 %(name)s，还没有委外给它的人。") % {"name": " ".join(name.split())}
    return done(request, said, then=reverse("agencies"))


@door
def member(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Say that a user works for an agency, for good."""
    words = request.POST if request.method == "POST" else request.GET
    user, name = words.get("user", ""), words.get("agency", "")
    context = {
        "users": access_new_members(reader),
        "agencies": [line.name for line in access_agencies(reader)],
        "user": user,
        "name": name,
    }
    if request.method != "POST":
        return dialog(request, "console/dialogs/agency_member.html", context)
    try:
        if user not in context["users"]:
            raise NoSuchUser(f"{user} cannot be said to work for an agency")
        do_add_member(reader, user=user, agency=name)
    except (NoSuchUser, NoSuchAgency, MemberAlready):
        context["wrong"] = _("请选一个用户和一个机构；已属于某个机构的用户不能改。")
        return dialog(request, "console/dialogs/agency_member.html", context, status=422)
    said = _("%(user)s 从现在起只看得到委外给 %(name)s 的人。") % {"user": user, "name": name}
    return done(request, said, then=reverse("agencies"))
