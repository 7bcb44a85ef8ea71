"""What every page's frame shows: where one can go, who one is, which language and theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.actions.bank_list import waiting
from forbear.actions.duties import past_due
from forbear.actions.outbox import stuck
from forbear.actions.person import open_calls
from forbear.actions.reader import Ability, Reader
from forbear.console.door import abilities
from forbear.console.reader import reader_of, roles_of

UNFRAMED = ("/admin/", "/api/")  # pages with frames of their own, or none
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One place in the navigation."""

    name: str
    title: str | Promise
    icon: str
    address: str
    here: bool
    count: int = 0
    hot: bool = False  # the count asks for somebody


PLACES: tuple[tuple[str, str | Promise, str, Ability, str], ...] = (
    ("tonight", _("今夜"), "night", Ability.see_night, ""),
    ("work", _("工作清单"), "work", Ability.see_work, ""),
    ("people", _("借款人"), "people", Ability.see_person, ""),
    ("agencies", pgettext_lazy("page", "委外机构"), "agencies", Ability.place, ""),
    ("bank", _("对账"), "due", Ability.see_bank, ""),
    ("debits", _("代扣"), "hand", Ability.see_bank, ""),
    ("wronged", _("误触达"), "flag", Ability.see_audit, ""),
    ("duties", _("义务与期限"), "wait", Ability.see_duties, "law"),
    ("law", _("规则"), "law", Ability.see_law, "law"),
    ("templates", _("消息模板"), "letter", Ability.see_templates, "law"),
    ("products", _("产品"), "pay", Ability.see_law, "law"),
    ("calculators", _("计算"), "calculators", Ability.see_law, "law"),
    ("outbox", _("送出与拦下"), "outbox", Ability.see_outbox, "law"),
    ("compliance", _("合规"), "ok", Ability.see_audit, "law"),
)


ON_THE_BAR = 4  # places at the foot of a phone; the rest are one tap further
SELDOM = (
    "agencies",
    "bank",
    "debits",
    "wronged",
)  # not there before places that somebody goes to every day
# Who may go there besides: whoever manages users says who works for an agency.
ALSO = {"agencies": Ability.manage_users}


def _past_due(reader: Reader) -> int:
    return past_due(reader, today=timezone.localdate())


_COUNTS: dict[str, Callable[[Reader], int]] = {
    "bank": waiting,
    "outbox": stuck,
    "work": open_calls,
    "duties": _past_due,
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the values of the frame; nothing for who is not signed in."""
    theme = request.COOKIES.get("theme", "auto")
    values: dict[str, Any] = {"theme": theme if theme in THEMES else "auto"}
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return values
    if request.path.startswith(UNFRAMED) and request.path != "/admin/login/":
        return values
    if getattr(request, "htmx", False):
        return {**values, "can": abilities(reader_of(request))}
    ways = _ways(request)
    places = [way for _, group in ways for way in group if way.name != "users"]
    places.sort(key=lambda way: way.name in SELDOM)
    first = len(places) if len(places) <= ON_THE_BAR + 1 else ON_THE_BAR
    return {
        **values,
        "can": abilities(reader_of(request)),
        "ways": ways,
        "bar": places[:first],
        "rest": places[first:],
        "roles": roles_of(user),
    }


def _ways(request: HttpRequest) -> list[tuple[str, list[Way]]]:
    """Return the places a reader may go to, in groups."""
    reader = reader_of(request)
    match = request.resolver_match
    here = (match.url_name or "").split(".")[0] if match else ""
    if here == "accounts":
        here = "people"
    if here == "people" and "list" in request.GET:
        here = "work"
    groups: dict[str, list[Way]] = {}
    for name, title, icon, ability, group in PLACES:
        if not reader.abilities & {ability, ALSO.get(name, ability)}:
            continue
        count = _COUNTS[name](reader) if name in _COUNTS else 0
        groups.setdefault(group, []).append(
            Way(
                name=name,
                title=title,
                icon=icon,
                address=reverse(name),
                here=here == name,
                count=count,
                hot=name in ("outbox", "duties"),
            )
        )
    if Ability.manage_users in reader.abilities and request.user.is_staff:
        users = Way(
            name="users", title=_("用户"), icon="users", address=reverse("admin:index"), here=False
        )
        groups.setdefault("law", []).append(users)
    return list(groups.items())
