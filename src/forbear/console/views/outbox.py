"""The outbox: what left, what is stuck, what was refused; and one contact's whole story."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.explain import access_contact
from forbear.actions.listing import EXPORT_ROWS, Listing
from forbear.actions.outbox import access_contacts, access_outbox_counts
from forbear.actions.reader import Ability, Reader
from forbear.actions.resolution import do_resolve_outbox
from forbear.console.door import dialog, done, door, listing_of
from forbear.console.export import csv_file
from forbear.console.labels import CHANNEL, label
from forbear.kernel.vocabulary import Resolved

TABS = ("attention", "queued", "failed", "sent", "rehearsed", "listed", "cancelled", "refused", "")
FILTERS = ("state", "channel", "rule", "q")


@door
def outbox(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the gate's record at one state; first what waits for a person to decide."""
    export = request.GET.get("export") == "csv"
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else 50)
    counts = access_outbox_counts(reader)
    if "state" not in request.GET:
        listing = _opened_at(listing, "attention" if counts["attention"] else "")
    page = access_contacts(reader, listing=listing)
    if export:
        heads = (
            _("时间"),
            _("编号"),
            _("姓名"),
            _("渠道"),
            _("放行"),
            _("拦下的规则"),
            _("状态"),
            _("谁"),
        )
        rows = (
            (
                timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S"),
                row.ref,
                row.name,
                label("channel", row.channel),
                _("是") if row.allowed else _("否"),
                row.blocked_by,
                label("outbox", row.state or "refused"),
                row.acting,
            )
            for row in page.rows
        )
        return csv_file("outbox", heads, rows)
    tabs = [(name, counts.get(name, 0)) for name in TABS if name == "" or counts.get(name)]
    return render(
        request,
        "console/outbox.html",
        {
            "page": page,
            "listing": listing,
            "tabs": tabs,
            "state": listing.asked("state"),
            "channels": CHANNEL,
        },
    )


@door
def contact(request: HttpRequest, reader: Reader, contact_id: uuid.UUID) -> HttpResponse:
    """Show why one contact was planned, allowed or refused, and where it stands."""
    story = access_contact(reader, contact_id=str(contact_id))
    return render(request, "console/contact.html", {"story": story, "contact_id": contact_id})


@door
def resolve(request: HttpRequest, reader: Reader, contact_id: uuid.UUID) -> HttpResponse:
    """Ask what to do with a contact that is stuck, and do it."""
    reader.must(Ability.resolve_outbox)
    story = access_contact(reader, contact_id=str(contact_id))
    context = {"story": story, "contact_id": contact_id, "wrong": "", "reason": ""}
    if request.method != "POST":
        return dialog(request, "console/dialogs/resolve.html", context)
    chosen, reason = request.POST.get("choice", ""), request.POST.get("reason", "").strip()
    if chosen not in list(Resolved) or not reason:
        context |= {"wrong": _("请写明理由，再选怎么办。"), "reason": reason}
        return dialog(request, "console/dialogs/resolve.html", context, status=422)
    state = do_resolve_outbox(
        reader, contact_id=contact_id, resolved=Resolved(chosen), reason=reason, at=timezone.now()
    )
    said = _("已处理，现在是：%(state)s。") % {"state": label("outbox", state.value)}
    return done(request, said, then=reverse("outbox"))


def _opened_at(listing: Listing, state: str) -> Listing:
    """Return a listing that stands at one state of the way out."""
    return replace(listing, filters={**listing.filters, "state": state})
