"""What every page does alike: who may enter, and how an error looks."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from json import dumps
from typing import Any
from unicodedata import category

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from forbear.actions.listing import Listing
from forbear.actions.reader import NotAllowed, Reader
from forbear.console.reader import reader_of
from forbear.console.refusals import told
from forbear.kernel.errors import ForbearError

Handler = Callable[..., HttpResponse]
PAGE_SIZE = 50
KEPT = "\t\n\r"  # control characters that a note may hold
NOT_FOUND = 404
LARGEST_ID = 2**63 - 1  # of a bigint column


def door(handler: Handler) -> Handler:
    """Return a handler that only signed-in readers reach, whose errors are pages of ours.

    The handler is given the request, its words cleaned, and its reader.
    """

    @wraps(handler)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if getattr(request, "htmx", False):
                return HttpResponse(status=401, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path())
        if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
            raise Http404
        request.GET = cleaned(request.GET)  # type: ignore[assignment]
        request.POST = cleaned(request.POST)  # type: ignore[assignment]
        try:
            response = handler(request, reader_of(request), *args, **kwargs)
        except ForbearError as error:
            response = error_page(request, error)
        return response

    return entered


def cleaned(words: QueryDict) -> QueryDict:
    """Return the words of an address or a form without what no database keeps.

    Control characters (a NUL among them) and halves of characters go; line ends stay.
    """
    kept = QueryDict(mutable=True)
    for name, values in words.lists():
        kept.setlist(name, [_clean(str(value)) for value in values])
    kept._mutable = False
    return kept


def _clean(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c for c in text if c in KEPT or category(c) not in ("Cc", "Cs"))


def error_page(request: HttpRequest, error: ForbearError) -> HttpResponse:
    """Return what a reader sees of an error: what, where and what to do; in place for htmx."""
    forbidden = isinstance(error, NotAllowed)
    detail = (
        _("你的角色不能做这件事；需要的话，请管理员给你相应的角色。") if forbidden else told(error)
    )
    missing = error.http_status == NOT_FOUND
    words = {"code": error.code, "detail": detail, "forbidden": forbidden, "missing": missing}
    if getattr(request, "htmx", False):
        response = render(request, "console/parts/wrong.html", words, status=error.http_status)
        response.headers["HX-Trigger"] = dumps({"forbear:wrong": detail})
        return response
    return render(request, "console/wrong.html", words, status=error.http_status)


def listing_of(request: HttpRequest, *filters: str, size: int = PAGE_SIZE) -> Listing:
    """Return what an address asks a list for; a page that is no number is the first."""
    state = request.GET
    sort = state.get("sort", "")
    page = state.get("page", "1")
    return Listing(
        filters={name: state.get(name, "").strip() for name in filters},
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        size=size,
    )


def done(request: HttpRequest, message: str, *, then: str, changed: bool = True) -> HttpResponse:
    """Return the answer to an action that was done: confirmed in place, or on the page after it."""
    if getattr(request, "htmx", False):
        events: dict[str, Any] = {"forbear:done": message}
        if changed:
            events["forbear:changed"] = ""
        return HttpResponse(status=204, headers={"HX-Trigger": dumps(events)})
    messages.success(request, message)
    return HttpResponseRedirect(then)


def done_before(request: HttpRequest, *, then: str) -> HttpResponse:
    """Return the answer to a form that is sent again: it was done the first time, and once."""
    return done(request, _("已经提交过一次，没有再做一遍。"), then=then)


def dialog(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return a dialog for the page it was asked from, or as a page of its own without htmx."""
    frame = "console/dialogs/bare.html" if getattr(request, "htmx", False) else "console/ask.html"
    return render(request, template, {**context, "frame_of": frame}, status=status)


def once_of(request: HttpRequest) -> uuid.UUID | None:
    """Return the id of what a form does, given with the form, so that it does that once."""
    try:
        return uuid.UUID(request.POST.get("once", ""))
    except ValueError:
        return None


def once_key(request: HttpRequest, *words: str) -> str | None:
    """Return the key under which what a form says, in these words, is recorded once."""
    once = once_of(request)
    return ":".join((str(once), *words)) if once else None


def abilities(reader: Reader) -> dict[str, bool]:
    """Return a reader's abilities by name, for templates."""
    return {ability.value: True for ability in reader.abilities}
