"""Signing in, the first page of each role, and how the pages look to this reader."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from forbear.actions.reader import Ability, NotAllowed, Reader
from forbear.actions.sign_in import LockedOut, do_try
from forbear.console.door import door
from forbear.console.frame import THEMES
from forbear.console.users import demo_agencies, demo_sign_ins
from forbear.kernel.vocabulary import SignInStep

FIRST_PAGES = (
    (Ability.see_work, "work"),
    (Ability.see_night, "tonight"),
    (Ability.see_law, "law"),
)
YEAR_S = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """A name and a password, looked at unless too many tries failed before."""

    locked: LockedOut | None = None

    def clean(self) -> dict[str, Any]:
        """Return the form's values where the password is the name's. A wait is kept beside."""
        found = super().clean

        def proof() -> Any:
            try:
                found()
            except ValidationError as error:
                self.refusal = error
                return None
            return self.user_cache

        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            raise self.get_invalid_login_error()
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        try:
            passed = do_try(
                name=name,
                address=address,
                step=SignInStep.password,
                at=timezone.now(),
                proof=proof,
            )
        except LockedOut as error:
            self.locked = error
            raise ValidationError("locked out", code=error.code) from error
        if passed is None:
            raise self.refusal
        return self.cleaned_data


class SignIn(LoginView):
    """Sign in with a name and a password; a demo shows its roles to a reader on this machine."""

    template_name = "console/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form's values, and the demo's roles where this is a demo."""
        context = super().get_context_data(**kwargs)
        if self.request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1"):
            context["demo_password"], context["demo"] = demo_sign_ins()
            context["demo_agencies"] = demo_agencies() if context["demo"] else {}
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong: the name or password, or how long to wait."""
        if form.locked is None:
            return super().form_invalid(form)
        wait_s = int((form.locked.until - timezone.now()).total_seconds()) + 1
        context = self.get_context_data(
            form=form, until=timezone.localtime(form.locked.until), minutes=-(-wait_s // 60)
        )
        response = self.render_to_response(context, status=form.locked.http_status)
        response.headers["Retry-After"] = str(max(1, wait_s))
        return response


@door
def home(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Send a reader to the page that their work begins on."""
    del request
    for ability, page in FIRST_PAGES:
        if ability in reader.abilities:
            first = "tonight" if Ability.see_night in reader.abilities else page
            return HttpResponseRedirect(reverse(first))
    reader.must(Ability.see_law)
    return HttpResponseRedirect(reverse("law"))


@door
def admin_sign_in(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Let who manages users into their administration; say to others that it is not theirs."""
    reader.must(Ability.manage_users)
    if not getattr(request.user, "is_staff", False):
        raise NotAllowed("the administration of users is for staff")
    return HttpResponseRedirect(reverse("admin:index"))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice of light, dark or the system's own for a year."""
    chosen = request.POST.get("theme", "")
    next_page = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(next_page, {request.get_host()}):
        next_page = "/"
    response = HttpResponseRedirect(next_page)
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax", httponly=True)
    return response
