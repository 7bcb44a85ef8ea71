"""What a person allows at night: recorded with its hours, and taken back at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from forbear.actions.consent import ConsentConflict, ConsentUnclear, do_record_consent
from forbear.actions.person import access_who
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.console.door import dialog, done, done_before, door, once_key
from forbear.kernel.days import minute_of_day
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState


@door
def night(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Record that a person allows contact at night, on which channel and when; or no longer."""
    reader.must(Ability.record)
    must_see_person(reader, person_id)
    state = request.POST
    context: dict[str, Any] = {
        "person_id": person_id,
        "who": access_who(reader, person_id),
        "channels": [c.value for c in Channel],
        "channel": state.get("channel", Channel.voice.value),
        "opens": state.get("opens", "").strip(),
        "closes": state.get("closes", "").strip(),
        "wrong": "",
    }
    page = "console/dialogs/night.html"
    if request.method != "POST":
        return dialog(request, page, context)
    withdrawn = state.get("state", "") == ConsentState.withdrawn
    said = ["given", *(context[name] for name in ("channel", "opens", "closes"))]
    try:
        none = None, None
        opens, closes = none if withdrawn else _hours(context["opens"], context["closes"])
        do_record_consent(
            reader,
            person_id=person_id,
            kind=ConsentKind.night_contact,
            state=ConsentState.withdrawn if withdrawn else ConsentState.given,
            channel=None if withdrawn else Channel(context["channel"]),
            at=timezone.now(),
            opens_minute=opens,
            closes_minute=closes,
            source_key=once_key(request, "consent", *(["withdrawn"] if withdrawn else said)),
        )
    except ConsentConflict:  # the same of the same form, a moment later
        return done_before(request, then=reverse("people.one", args=[person_id]))
    except (ValueError, ConsentUnclear):
        context["wrong"] = _("请选一个渠道；时段要么都不填，要么在同一天内先起后止。")
        return dialog(request, page, context, status=422)
    told = _("已记录，立即生效：夜间不再联系。") if withdrawn else _("已记录：本人同意夜间联系。")
    return done(request, told, then=reverse("people.one", args=[person_id]))


def _hours(opens: str, closes: str) -> tuple[int | None, int | None]:
    """Return the hours of a form; none where both are left empty. Raises ValueError."""
    if not opens and not closes:
        return None, None
    # A clock in a browser knows no 24:00: an end at midnight is the end of the day.
    until = "24:00" if closes == "00:00" else closes
    return minute_of_day(opens), minute_of_day(until)
