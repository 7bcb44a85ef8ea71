"""Message templates: what is in force, what waits for a second pair of eyes, and writing anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from forbear.actions.reader import Ability, Reader
from forbear.actions.template import (
    access_template,
    access_templates,
    do_judge_template,
    do_write_template,
    parts_of,
)
from forbear.actions.ways import fetch_messages
from forbear.console import refusals
from forbear.console.door import done, door
from forbear.console.labels import CHANNEL, label
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Audience, Channel, TemplateVerdict
from forbear.treatment.message import LANGUAGES, Text
from forbear.treatment.template import TO_OTHERS, Wording

FIELDS = ("name", "language", "channel", "subject", "body", "facts", "ways", "note")


@door
def templates(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show every message with its version in force; what waits comes first."""
    found = access_templates(reader)
    state = request.GET.get("state", "")
    wanted = [v for v in found if state in ("", v.state)]
    waiting = sum(v.state == "waiting" for v in found)
    return render(
        request,
        "console/templates.html",
        {"versions": wanted, "waiting": waiting, "all": len(found), "state": state},
    )


@door
def template(request: HttpRequest, reader: Reader, template_id: int) -> HttpResponse:
    """Show one version; take a yes or a no to it."""
    one, every = access_template(reader, template_id=template_id)
    wrong, reason = "", ""
    if request.method == "POST":
        chosen, reason = request.POST.get("verdict", ""), request.POST.get("reason", "").strip()
        if chosen not in list(TemplateVerdict) or (chosen != "approved" and not reason):
            wrong = _("请写明理由：作者要知道怎么改。")
        else:
            state = do_judge_template(
                reader,
                template_id=template_id,
                verdict=TemplateVerdict(chosen),
                digest=request.POST.get("digest", ""),
                reason=reason,
            )
            said = _("已记录，现在是：%(state)s。") % {"state": label("template", state)}
            return done(request, said, then=reverse("templates.one", args=[template_id]))
    context = {
        "one": one,
        "every": every,
        "own": one.author == reader.actor,
        "said_already": any(s.actor == reader.actor for s in one.said),
        "wrong": wrong,
        "reason": reason,
    }
    return render(request, "console/template.html", context, status=422 if wrong else 200)


@door
def new(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Write a new version, starting from the one in force."""
    reader.must(Ability.write_template)
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in FIELDS}
        try:
            pk = do_write_template(reader, wording=_wording(given), note=given["note"])
        except ForbearError as error:
            if error.http_status == 403:
                raise
            return render(request, "console/template_new.html", _form(given, error), status=422)
        said = _("已保存，等另外两个人核准。")
        return done(request, said, then=reverse("templates.one", args=[pk]))
    given = {name: request.GET.get(name, "") for name in ("name", "language", "channel")}
    key = (given["name"], given["language"], given["channel"])
    for version in access_templates(reader):
        if (version.name, version.language, version.channel) == key:
            given |= _written(version.text)
            break
    return render(request, "console/template_new.html", _form(given, None))


def _form(given: Mapping[str, str], error: ForbearError | None) -> dict[str, Any]:
    names = sorted({name for name, _, _ in fetch_messages().texts})
    return {
        "given": given,
        "names": [*names, TO_OTHERS],
        "languages": LANGUAGES,
        "channels": [c for c in CHANNEL if c != Channel.voice],
        "wrong": refusals.told(error) if error else "",
        "code": error.code if error else "",
    }


def _wording(given: Mapping[str, str]) -> Wording:
    to_others = given["name"] == TO_OTHERS
    known = given["channel"] in list(Channel)
    return Wording(
        name=given["name"],
        language=given["language"],
        channel=Channel(given["channel"]) if known else Channel.voice,  # which is refused by name
        audience=Audience.third_party if to_others else Audience.debtor,
        parts=parts_of(
            given["subject"], given["body"], _pairs(given["facts"]), _pairs(given["ways"])
        ),
    )


def _pairs(text: str) -> dict[str, str]:
    """Return lines of label and value as pairs; a line without either is no pair."""
    pairs = {}
    for line in text.splitlines():
        head, _, value = line.replace("：", ":", 1).partition(":")
        if head.strip() and value.strip():
            pairs[head.strip()] = value.strip()
    return pairs


def _written(text: Text) -> dict[str, str]:
    """Return a text as the form holds it."""
    return {
        "subject": text.subject,
        "body": text.body,
        "facts": "\n".join(f"{label}: {value}" for label, value in text.facts),
        "ways": "\n".join(f"{label}: {value}" for label, value in text.ways),
    }
