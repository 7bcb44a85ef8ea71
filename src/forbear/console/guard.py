"""What holds for every answer of every door: what a browser may run, and how long a session lasts.

It stands first among the middleware, so that error pages, files and the API are covered too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from forbear.actions.second_step import factor_of, needs
from forbear.console.reader import roles_of
from forbear.console.users import demo_sign_ins

Answer = Callable[[HttpRequest], HttpResponseBase]
STATED_S = 60  # a session's last sign of life is written at most so often
BEGAN, SEEN = "began_s", "seen_s"
PASSED = "second_step"  # in a session: the factor that its second step was taken with
# What a reader may do before the second step: take it, leave, and read the page as they like.
BEFORE = ("/second-step/", "/sign-out/", "/language/", "/theme/", "/static/", "/api/")

# Our own files and nothing else: no inline script or style, no eval, no frame, no other host.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FOR_PROGRAMS = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not read the policy
}


class Headers:
    """Put the limits of a page on whatever is answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer with every header that it lacks."""
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response.headers.setdefault("Content-Security-Policy", FOR_PROGRAMS)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Lifetime:
    """End a session that was idle too long, or that is older than a working day.

    A page that refreshes a part of itself is no sign of life: nobody may be at the screen.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer to who is still signed in, or to a stranger."""
        if request.user.is_authenticated:
            now_s = int(time.time())
            began_s = request.session.setdefault(BEGAN, now_s)
            seen_s = request.session.setdefault(SEEN, now_s)
            if over(now_s, began_s=began_s, seen_s=seen_s):
                logout(request)
            elif now_s - seen_s >= STATED_S and not _refresh(request):
                request.session[SEEN] = now_s
        return self.get_response(request)


class SecondStep:
    """Let nobody on whose second step is not taken: who has one, or whose role needs one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, or the way to the second step."""
        if not request.user.is_authenticated or request.path_info.startswith(BEFORE):
            return self.get_response(request)
        where = outstanding(request)
        if not where:
            return self.get_response(request)
        address = reverse(where)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": address})
        if request.method == "GET":
            address = f"{address}?{urlencode({'next': request.get_full_path()})}"
        return HttpResponseRedirect(address)


def outstanding(request: HttpRequest) -> str:
    """Return the page that a reader has to pass first; "" where none.

    A demo holds invented people only, so its roles need no device; who sets one up has to use it.
    """
    user: Any = request.user
    factor = factor_of(user)
    if factor is not None:
        return "" if request.session.get(PASSED) == factor.pk else "second_step"
    if needs(roles_of(user)) and not demo_sign_ins()[0]:
        return "second_step.set_up"
    return ""


def over(now_s: int, *, began_s: int, seen_s: int) -> bool:
    """Return whether a session that began and was last used then is over now."""
    return (
        now_s - seen_s >= settings.FORBEAR_IDLE_S or now_s - began_s >= settings.SESSION_COOKIE_AGE
    )


def _refresh(request: HttpRequest) -> bool:
    """Return whether a page asks again for a part of itself, without anybody's doing."""
    return request.method == "GET" and bool(request.headers.get("HX-Request"))
