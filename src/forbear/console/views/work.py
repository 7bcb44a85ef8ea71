"""The work list: whom to call next, and whether it may be done now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forbear.actions.listing import EXPORT_ROWS, Page
from forbear.actions.reader import Reader
from forbear.actions.worklist import STAGES, access_work_list
from forbear.console.door import door, listing_of
from forbear.console.views.tonight import plan_file

FILTERS = ("stage", "bucket", "segment", "q")
ROWS = 25  # each row is asked of the gate, so a page is short


@door
def work(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the work list at one stage, or as CSV."""
    export = request.GET.get("export") == "csv"
    listing = listing_of(request, *FILTERS, size=EXPORT_ROWS if export else ROWS)
    found = access_work_list(reader, listing=listing, at=timezone.now(), live=not export)
    if export:
        rows = Page(
            rows=tuple(row.plan for row in found.page.rows),
            total=found.page.total,
            number=1,
            size=EXPORT_ROWS,
        )
        return plan_file(rows, f"work-{listing.asked('stage') or 'todo'}-{found.as_of}")
    state = request.GET.copy()
    state.pop("page", None)
    return render(
        request,
        "console/work.html",
        {
            "work": found,
            "page": found.page,
            "listing": listing,
            "stage": listing.asked("stage") or "todo",
            "stages": [(name, found.counts.get(name, 0)) for name in STAGES],
            "walk": state.urlencode(),
        },
    )
