"""Place people with an agency, take them back, undo either: each says first what will happen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.agencies import access_agencies, access_agency, access_move, undoable
from forbear.actions.agency import Moved, do_place, do_recall
from forbear.actions.listing import Listing
from forbear.actions.placing import (
    MOST,
    access_placing,
    access_taking_back,
    people_of_list,
    people_of_refs,
    refs_of,
)
from forbear.actions.reader import Ability, Reader
from forbear.console.door import dialog, done, door
from forbear.console.views.people import FILTERS, number_of

SHOWN = 5  # references that nobody has, named in one sentence


@door
def place(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Ask whom to place where, say what that does, and do it once it is confirmed."""
    reader.must(Ability.place)
    words = request.POST if request.method == "POST" else request.GET
    agency_id, refs = number_of(words.get("agency", "")), words.get("refs", "")
    by_list = words.get("by") == "list"
    context: dict[str, Any] = {
        "agencies": access_agencies(reader),
        "agency_id": agency_id,
        "refs": refs,
        "by_list": by_list,
        "filters": [(name, words.get(name, "")) for name in FILTERS if words.get(name)],
    }
    if by_list:
        people, unknown = people_of_list(reader, _listing(words)), list[str]()
    else:
        people, unknown = people_of_refs(reader, refs.split())
    context |= {"found": len(people), "most": MOST}
    if request.method != "POST":
        return dialog(request, "console/dialogs/place.html", context)
    wrong = _wrong(agency_id, people, unknown)
    if wrong or agency_id is None:
        return dialog(request, "console/dialogs/place.html", context | {"wrong": wrong}, status=422)
    agency = access_agency(reader, agency_id=agency_id)
    would = access_placing(reader, agency_id=agency_id, people=people)
    confirmed = words.get("people")
    if confirmed != str(len(would.people)) or not would.people:
        context |= {"agency": agency, "would": would, "moved": confirmed is not None}
        return dialog(request, "console/dialogs/place_sure.html", context)
    moved = do_place(
        reader, agency=agency.name, refs=refs_of(reader, would.people), at=timezone.now()
    )
    return done(
        request, _placed(moved, agency.name), then=reverse("agencies.one", args=[agency_id])
    )


@door
def take_back(request: HttpRequest, reader: Reader, agency_id: int) -> HttpResponse:
    """Say what taking some people back does, or everyone, and do it once it is confirmed."""
    agency = access_agency(reader, agency_id=agency_id)
    words = request.POST if request.method == "POST" else request.GET
    everyone = words.get("all") == "1"
    chosen = [number_of(one) or 0 for one in words.getlist("person")]
    would = access_taking_back(reader, agency_id=agency_id, people=None if everyone else chosen)
    context: dict[str, Any] = {
        "agency": agency,
        "would": would,
        "everyone": everyone,
        "moved": request.method == "POST",
    }
    confirmed = request.method == "POST" and words.get("people") == str(len(would.people))
    if not confirmed or not would.people:
        return dialog(request, "console/dialogs/take_back.html", context)
    moved = do_recall(
        reader, agency=agency.name, refs=refs_of(reader, would.people), at=timezone.now()
    )
    return done(request, _back(moved, agency.name), then=reverse("agencies.one", args=[agency_id]))


@door
def undo(request: HttpRequest, reader: Reader, move_id: int) -> HttpResponse:
    """Undo one move for everyone whom nothing moved since: take back again, or place again."""
    move = access_move(reader, move_id=move_id)
    people = undoable(move_id)
    agency_id = move.agency_id
    would: Any = (
        access_placing(reader, agency_id=agency_id, people=people)
        if move.back
        else access_taking_back(reader, agency_id=agency_id, people=people)
    )
    context: dict[str, Any] = {"move": move, "would": would, "moved": request.method == "POST"}
    confirmed = request.method == "POST" and request.POST.get("people") == str(len(would.people))
    if not confirmed or not would.people:
        return dialog(request, "console/dialogs/undo.html", context)
    refs, at = refs_of(reader, would.people), timezone.now()
    if move.back:
        said = _placed(do_place(reader, agency=move.agency, refs=refs, at=at), move.agency)
    else:
        said = _back(do_recall(reader, agency=move.agency, refs=refs, at=at), move.agency)
    return done(request, said, then=reverse("agencies.one", args=[agency_id]))


def _listing(words: QueryDict) -> Listing:
    """Return the search of the list of people that a form carries."""
    return Listing(filters={name: words.get(name, "").strip() for name in FILTERS})


def _wrong(agency_id: int | None, people: list[int], unknown: list[str]) -> str:
    """Return why nothing can be placed, in words; "" where something can."""
    if not agency_id:
        return _("请选一个机构。")
    if unknown:
        named = "、".join(unknown[:SHOWN])
        return _("账簿里没有：%(named)s。一个也没有委外，改好再来。") % {"named": named}
    if not people:
        return _("请写至少一个编号。")
    if len(people) > MOST:
        return _("一次最多委外 %(most)d 人：请把筛选收窄，或用 forbear agency place --file。") % {
            "most": MOST
        }
    return ""


def _placed(moved: Moved, name: str) -> str:
    return _("%(people)d 人 %(accounts)d 个账户已委外给 %(name)s。") % {
        "people": moved.people,
        "accounts": moved.accounts,
        "name": name,
    }


def _back(moved: Moved, name: str) -> str:
    return _(
        "已从 %(name)s 撤回 %(people)d 人 %(accounts)d 个账户，作废未拨的电话 %(calls)d 通。"
    ) % {
        "people": moved.people,
        "accounts": moved.accounts,
        "calls": moved.calls_taken_back,
        "name": name,
    }
