"""The second step of signing in: type a code, set a device up, leave it off again."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from forbear.actions.second_step import (
    Needed,
    NotSetUp,
    WrongCode,
    address_of,
    do_check,
    do_end,
    do_set_up,
    factor_of,
    needs,
    new_secret,
)
from forbear.actions.sign_in import LockedOut
from forbear.console.door import cleaned
from forbear.console.guard import PASSED
from forbear.console.reader import roles_of
from forbear.store.cipher import cipher

PENDING = "second_step_secret"  # sealed: sessions are rows that a backup holds too


def check(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the device, or a recovery code, and let its reader on."""
    user: Any = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(reverse("sign_in"))
    if factor_of(user) is None:
        return HttpResponseRedirect(reverse("second_step.set_up"))
    context: dict[str, Any] = {"next": onward(request)}
    if request.method != "POST":
        return render(request, "console/second_step.html", context)
    try:
        factor = do_check(user, code=typed(request), address=asked_from(request), at=timezone.now())
    except (WrongCode, LockedOut) as error:
        return render(
            request,
            "console/second_step.html",
            context | {"wrong": wrong_of(error)},
            status=error.http_status,
        )
    let_on(request, factor.pk)
    return HttpResponseRedirect(onward(request))


def set_up(request: HttpRequest) -> HttpResponse:
    """Show a new device's secret, and keep it once its first code and the password are right."""
    user: Any = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(reverse("sign_in"))
    if factor_of(user) is not None:
        return render(
            request,
            "console/second_step_done.html",
            {"needed": needs(roles_of(user)), "next": reverse("home")},
        )
    secret = pending_secret(request)
    context: dict[str, Any] = {
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "picture": mark_safe(  # drawn by us, from our own words
            segno.make(address_of(secret, user.get_username()), error="m").svg_inline(scale=4)
        ),
        "needed": needs(roles_of(user)),
        "next": onward(request),
    }
    if request.method != "POST":
        return render(request, "console/second_step_set_up.html", context)
    if not user.check_password(request.POST.get("password", "")):
        context["wrong"] = _("密码不对。")
        return render(request, "console/second_step_set_up.html", context, status=422)
    try:
        factor, codes = do_set_up(user, secret=secret, code=typed(request), at=timezone.now())
    except WrongCode as error:
        context["wrong"] = wrong_of(error)
        return render(request, "console/second_step_set_up.html", context, status=422)
    del request.session[PENDING]
    let_on(request, factor.pk)
    told = [f"{one[:4]}-{one[4:8]}-{one[8:]}" for one in codes]
    return render(
        request, "console/second_step_done.html", {"codes": told, "next": onward(request)}
    )


def end(request: HttpRequest) -> HttpResponse:
    """Leave the second step off again, by one of its codes, where the role does not need it."""
    user: Any = request.user
    if not user.is_authenticated or request.method != "POST":
        return HttpResponseRedirect(reverse("second_step.set_up"))
    try:
        do_end(
            user,
            code=typed(request),
            address=asked_from(request),
            at=timezone.now(),
            roles=roles_of(user),
        )
    except (Needed, NotSetUp):  # the page that leads here would not have offered it
        return HttpResponseRedirect(reverse("second_step.set_up"))
    except (WrongCode, LockedOut) as error:
        context = {"wrong": wrong_of(error), "next": reverse("home")}
        return render(request, "console/second_step_done.html", context, status=error.http_status)
    request.session.pop(PASSED, None)
    request.session.cycle_key()
    return HttpResponseRedirect(reverse("home"))


def let_on(request: HttpRequest, factor_id: int) -> None:
    """Say in the session, under a new key, that the second step was taken with a factor."""
    request.session.cycle_key()
    request.session[PASSED] = factor_id


def pending_secret(request: HttpRequest) -> str:
    """Return the secret that a reader is setting up, a new one at first."""
    if PENDING not in request.session:
        sealed = cipher().sealed(new_secret())
        request.session[PENDING] = b64encode(sealed).decode()
    return cipher().opened(b64decode(request.session[PENDING]))


def typed(request: HttpRequest) -> str:
    """Return the code that was typed, without what no code holds."""
    return str(cleaned(request.POST).get("code", ""))[:40]


def asked_from(request: HttpRequest) -> str:
    """Return the address that a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def onward(request: HttpRequest) -> str:
    """Return where a reader wanted to go; the first page where that is not one of ours."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "/")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe and not wanted.startswith(reverse("second_step")) else "/"


def wrong_of(error: WrongCode | LockedOut) -> str:
    """Return what was wrong with a code, in words."""
    if isinstance(error, LockedOut):
        clock = timezone.localtime(error.until).strftime("%H:%M")
        return _("试错的次数太多，请在 %(clock)s 以后再试。") % {"clock": clock}
    return _("这个验证码不对，或者已经用过。请等下一个再试。")
