"""What a collector does to and for one person: contact, outcome, promise, a request to stop.

Every action says first what it will do; the gate is asked before anything is reserved.
"""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from forbear.actions.calling import CallUnderWay, do_call
from forbear.actions.consent import ConsentConflict, do_record_consent
from forbear.actions.contact import MadeBefore, do_cancel_contact, do_contact
from forbear.actions.disposition import MESSAGE_ONLY, do_record_disposition
from forbear.actions.options import access_option, access_options
from forbear.actions.person import access_who, do_reveal, listed_calls
from forbear.actions.promise import MoreThanOwed, NotAPromise, do_record_promise
from forbear.actions.reader import Ability, Reader
from forbear.actions.sight import must_see_person
from forbear.actions.wording import access_wording
from forbear.console.door import LARGEST_ID, dialog, done, done_before, door, once_key, once_of
from forbear.console.labels import label
from forbear.kernel.money import NotMoney, minor, render_minor
from forbear.kernel.vocabulary import Channel, ConsentKind, ConsentState, Disposition, Relation

OUTCOMES = tuple(code for code in Disposition if code not in MESSAGE_ONLY)
CURRENCY = re.compile("[A-Z]{3}")
ASKED_FOR = (Relation.obligor, Relation.contact_person)  # whose numbers the page offers
CHOICE_KEYS = "123456789abde"  # c, j, k, p and r mean other things


@door
def contact(request: HttpRequest, reader: Reader, person_id: int, channel: str) -> HttpResponse:
    """Ask the gate and say what a contact would do; on confirmation make it."""
    reader.must(Ability.contact)
    must_see_person(reader, person_id)
    if channel not in list(Channel):
        raise Http404
    way, at = Channel(channel), timezone.now()
    wanted = request.POST.get("relation") or request.GET.get("relation") or Relation.obligor
    if wanted not in ASKED_FOR:
        raise Http404  # nobody is called in another's place
    whose = Relation(wanted)
    context: dict[str, Any] = {
        "person_id": person_id,
        "who": access_who(reader, person_id),
        "channel": channel,
        "relation": whose.value,
    }
    option = partial(access_option, reader, person_id=person_id, channel=way, at=at, relation=whose)
    if request.method != "POST":
        calls = listed_calls(reader, person_id) if way == Channel.voice else ()
        context["under_way"] = calls[0] if calls else None
        context["option"] = option()
        context["to_say"] = access_wording(
            reader, person_id=person_id, channel=way, relation=whose, at=at
        )
        return dialog(request, "console/dialogs/contact.html", context)
    wanted_of: dict[str, Any] = {"person_id": person_id, "at": at, "relation": whose}
    wanted_of["contact_id"] = once_of(request)
    try:
        if way == Channel.voice:
            answer = do_call(reader, **wanted_of)
        else:
            answer = do_contact(reader, channel=way, **wanted_of)
    except MadeBefore:
        return done_before(request, then=reverse("people.one", args=[person_id]))
    except CallUnderWay:  # somebody else was quicker, or this was pressed in two windows
        context["under_way"] = next(iter(listed_calls(reader, person_id)), None)
        return dialog(request, "console/dialogs/contact.html", context, status=422)
    if not answer.allowed:  # it was allowed a moment ago: somebody else was quicker
        context["option"] = option()
        return dialog(request, "console/dialogs/contact.html", context, status=422)
    if way != Channel.voice:
        then = reverse("people.one", args=[person_id])
        said = (
            _("%(channel)s已放行，正在送出。")
            if not answer.fictional
            else _("%(channel)s已放行；联系方式是虚构的，只演练，不送出。")
        )
        return done(request, said % {"channel": label("channel", channel)}, then=then)
    context["contact_id"] = answer.contact_id
    context["fictional"] = answer.fictional
    context["number"] = do_reveal(
        reader,
        person_id=person_id,
        field="value",
        reason=f"call {answer.contact_id}",
        point_id=answer.contact_point_id,
    )
    response = dialog(request, "console/dialogs/calling.html", context)
    response.headers["HX-Trigger"] = "forbear:changed"
    return response


@door
def outcome(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Record how the call under way ended; without one, say how to begin one."""
    reader.must(Ability.record)
    must_see_person(reader, person_id)
    calls = listed_calls(reader, person_id)
    context: dict[str, Any] = {
        "person_id": person_id,
        "who": access_who(reader, person_id),
        "call": calls[0] if calls else None,
        "outcomes": list(zip(CHOICE_KEYS, (code.value for code in OUTCOMES), strict=True)),
        "wrong": "",
    }
    if request.method != "POST":
        return dialog(request, "console/dialogs/outcome.html", context)
    code = request.POST.get("code", "")
    chosen = request.POST.get("contact", "")
    if code not in [known.value for known in OUTCOMES] or not is_uuid(chosen):
        context["wrong"] = _("请选一个结果。")
        return dialog(request, "console/dialogs/outcome.html", context, status=422)
    do_record_disposition(
        reader,
        person_id=person_id,
        contact_id=uuid.UUID(chosen),
        code=Disposition(code),
        at=timezone.now(),
        note=request.POST.get("note", "").strip(),
    )
    if code == Disposition.promised:
        response = promise_form(request, reader, person_id, contact_id=chosen)
        response.headers["HX-Trigger"] = "forbear:changed"
        return response
    then = reverse("people.one", args=[person_id])
    said = _("已记录：%(outcome)s。") % {"outcome": label("disposition", code)}
    return done(request, said, then=then)


def is_uuid(text: str) -> bool:
    """Return whether a form's word can be the id of a contact."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@door
def promise(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Record what a person promises to pay, and on which day."""
    reader.must(Ability.record)
    must_see_person(reader, person_id)
    if request.method != "POST":
        return promise_form(request, reader, person_id)
    currency = request.POST.get("currency", "")
    chosen = request.POST.get("contact", "")
    try:
        amount_minor = minor(request.POST.get("amount", ""), currency)
        due_on = date.fromisoformat(request.POST.get("due_on", ""))
        if amount_minor > LARGEST_ID or not CURRENCY.fullmatch(currency):
            raise NotMoney(f"{currency} {amount_minor} is no amount that anybody owes")
        do_record_promise(
            reader,
            person_id=person_id,
            amount_minor=amount_minor,
            currency=currency,
            due_on=due_on,
            at=timezone.now(),
            contact_id=uuid.UUID(chosen) if chosen else None,
            source_key=once_key(request),
        )
    except MoreThanOwed as error:
        owed = render_minor(error.owed_minor, currency)
        wrong = _("承诺不能多于所欠：连同还没到期的一共 %(owed)s。") % {"owed": owed}
        return promise_form(request, reader, person_id, contact_id=chosen, wrong=wrong)
    except (NotMoney, NotAPromise, ValueError):
        wrong = _("金额要大于零，最多两位小数；日期在今天到两个月之内。更长的时间请另作安排。")
        return promise_form(request, reader, person_id, contact_id=chosen, wrong=wrong)
    said = _("已登记承诺：%(day)s 还 %(amount)s。") % {
        "day": due_on.isoformat(),
        "amount": request.POST.get("amount", ""),
    }
    return done(request, said, then=reverse("people.one", args=[person_id]))


def promise_form(
    request: HttpRequest, reader: Reader, person_id: int, *, contact_id: str = "", wrong: str = ""
) -> HttpResponse:
    """Return the form of a promise, with what is due as its first suggestion."""
    options = access_options(reader, person_id=person_id, at=timezone.now())
    today = (options.local_at or timezone.localtime()).date()
    context = {
        "person_id": person_id,
        "who": access_who(reader, person_id),
        "contact_id": contact_id,
        "due_minor": options.due_minor,
        "currency": options.currency or "CNY",
        "today": today,
        "latest": today + timedelta(days=62),
        "days": [today + timedelta(days=ahead) for ahead in (1, 3, 7, 14)],
        "amount": request.POST.get("amount", ""),
        "due_on": request.POST.get("due_on", ""),
        "wrong": wrong,
    }
    status = 422 if wrong else 200
    return dialog(request, "console/dialogs/promise.html", context, status=status)


@door
def stop(request: HttpRequest, reader: Reader, person_id: int) -> HttpResponse:
    """Record that a person asks us to stop, on one channel or on all, or takes that back."""
    reader.must(Ability.record)
    must_see_person(reader, person_id)
    chosen = request.POST.get("channel", "")
    context = {
        "person_id": person_id,
        "who": access_who(reader, person_id),
        "channels": [c.value for c in Channel],
        "wrong": "",
    }
    known = ["all", "resume", *(c.value for c in Channel)]
    if request.method != "POST" or chosen not in known:
        if request.method == "POST":
            context["wrong"] = _("请选一项。")
        return dialog(
            request,
            "console/dialogs/stop.html",
            context,
            status=422 if request.method == "POST" else 200,
        )
    single = chosen not in ("all", "resume")
    try:
        recorded = do_record_consent(
            reader,
            person_id=person_id,
            kind=ConsentKind.opt_out if single else ConsentKind.cease_request,
            state=ConsentState.withdrawn if chosen == "resume" else ConsentState.given,
            channel=Channel(chosen) if single else None,
            at=timezone.now(),
            source_key=once_key(request, "consent", chosen),
        )
    except ConsentConflict:  # the same of the same form, a moment later
        return done_before(request, then=reverse("people.one", args=[person_id]))
    taken = recorded.plans_cancelled + recorded.contacts_cancelled
    said = (
        _("已记录：本人同意恢复联系。")
        if chosen == "resume"
        else _("已记录，立即生效；撤销了 %(n)d 项已排的联系。") % {"n": taken}
    )
    return done(request, said, then=reverse("people.one", args=[person_id]))


@door
@require_POST
def take_back(request: HttpRequest, reader: Reader, contact_id: uuid.UUID) -> HttpResponse:
    """Take back a call that was not made; its place in the day's budget is free again."""
    do_cancel_contact(reader, contact_id=contact_id)
    return done(request, _("已撤回，当天的次数还回去了。"), then=reverse("work"))
