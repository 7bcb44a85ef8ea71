"""Every error of the API as one JSON object: its code, what is wrong, where, and what to do."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from forbear.kernel.errors import ForbearError

log = logging.getLogger("forbear.api")
LONGEST_TEXT = 600  # characters of a detail: a request's own words are never echoed at length
PREFIX = "/api/"


class NoKey(ForbearError):
    """The request carries no key, or one that is unknown or revoked."""

    code = "request.no_key"
    http_status = 401
    what_to_do = "Send the header Authorization: Bearer with a key that is in use."


class NoSuchAddress(ForbearError):
    """Nothing is at this address."""

    code = "request.no_such_address"
    http_status = 404
    what_to_do = "Choose an address from /api/openapi.json."


class MethodNotAllowed(ForbearError):
    """This address does not take this method."""

    code = "request.method_not_allowed"
    http_status = 405
    what_to_do = "Use a method that the Allow header names."


class NotJson(ForbearError):
    """The body is not one JSON object in UTF-8."""

    code = "request.not_json"
    http_status = 400
    what_to_do = "Send one JSON object in UTF-8, each name once, numbers as plain integers."


class WrongContentType(ForbearError):
    """The body is not declared as JSON."""

    code = "request.wrong_content_type"
    http_status = 415
    what_to_do = "Send the header Content-Type: application/json."


class TooLarge(ForbearError):
    """The body is larger than an event can be."""

    code = "request.too_large"
    http_status = 413
    what_to_do = "Send one event per request; a whole book belongs in `forbear import`."


class NotValid(ForbearError):
    """The request does not fit its description."""

    code = "request.not_valid"
    http_status = 422
    what_to_do = "Correct the named fields by /api/openapi.json and send the request again."


class NotUnderstood(ForbearError):
    """The request is not one that any correct client sends."""

    code = "request.not_understood"
    http_status = 400
    what_to_do = "Check the request line and the headers, Host above all."


class Unavailable(ForbearError):
    """The database does not answer."""

    code = "api.unavailable"
    http_status = 503
    what_to_do = "Send the same request again later; an event is never booked twice."


class Failed(ForbearError):
    """The request failed through a fault of this program."""

    code = "api.failed"
    http_status = 500
    what_to_do = "Send the same request again later; if it fails again, report the incident."


# What to do about errors of the actions, whose own words do not speak of requests.
REMEDIES = {
    "access.not_allowed": "Use a key that was made with this scope: `forbear key new … --scope …`.",
    "contact.no_such_person": "Check person_ref: the lender's own id, with the import's prefix.",
    "contact.no_such_contact": "Send the contact_id that was handed over with the message.",
    "consent.conflict": "Nothing was changed. A change of mind is a new event with its own id.",
    "consent.unclear": "Name the channel; give both minutes of the day, or neither.",
    "consent.not_yet": "Check the sender's clock, and send the event again.",
    "dispute.not_their_account": "Check account_ref: it must be one of this person's.",
    "duty.not_an_occasion": "Give act_on where an act is planned, else none; no day after today.",
    "duty.occasion_conflict": "Nothing was changed. Give the new occasion an id of its own.",
    "receipt.conflict": "Nothing was changed. Give the new receipt an id of its own.",
}


class Problem(BaseModel):
    """What is wrong, where, and what to do."""

    code: str = Field(description="Stable and dotted; explained in docs/reasons.")
    detail: str = Field(description="What is wrong, in words.")
    where: str = Field(description="The field or header at fault, or the address asked.")
    what_to_do: str = Field(description="What puts it right.")


def documented(*statuses: int) -> dict[int, type[Problem]]:
    """Return the responses that an operation documents besides its answer."""
    return dict.fromkeys(sorted({401, 403, 405, 500, 503, *statuses}), Problem)


def mark_repeated(response: HttpResponse, *, added: bool) -> None:
    """Say in a header that an event was known before; the body is the same either way."""
    if not added:
        response["Forbear-Repeated"] = "true"


def render_problem(request: HttpRequest, error: ForbearError, where: str = "") -> HttpResponse:
    """Return an error as the JSON that every error of the API is."""
    where = where or getattr(error, "where", "") or f"{request.method} {request.path}"
    told = Problem(
        code=error.code,
        detail=_short(str(error)),
        where=_short(where),
        what_to_do=getattr(error, "what_to_do", "")
        or REMEDIES.get(error.code, "Look the code up in docs/reasons."),
    )
    response = HttpResponse(
        render_json(told.model_dump()), status=error.http_status, content_type="application/json"
    )
    if error.http_status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="forbear"'
    return response


def render_json(value: Any) -> bytes:
    """Return JSON in UTF-8. A lone surrogate, which UTF-8 has no bytes for, stays an escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def problem_of(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return any exception as a problem; one that nobody foresaw is logged with its number."""
    cause = error.__cause__
    if isinstance(error, ForbearError):
        return render_problem(request, error)
    if isinstance(error, ValidationError):
        return _not_valid(request, error)
    if isinstance(error, AuthenticationError):
        return render_problem(request, NoKey(), "header Authorization")
    if isinstance(error, HttpError) and isinstance(cause, ForbearError):  # the body's parser
        return render_problem(request, cause, "body")
    if isinstance(error, Http404):
        return render_problem(request, NoSuchAddress())
    if isinstance(error, RequestDataTooBig):
        return render_problem(request, TooLarge(), "body")
    if isinstance(error, SuspiciousOperation):
        return render_problem(request, NotUnderstood())
    if isinstance(error, (OperationalError, InterfaceError)):
        log.error("the database does not answer: %s: %s", type(error).__name__, error)
        return render_problem(request, Unavailable())
    return render_problem(request, _logged(request, error))


class Problems(MiddlewareMixin):
    """Whatever went wrong under /api/ before or after an operation ran is a problem in JSON too.

    Stands first among the middleware: unknown addresses, unknown hosts and failures of the other
    middleware come by here as Django's own pages.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, or a problem in place of an error page."""
        if response.status_code < 400 or not request.path_info.startswith(PREFIX):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        problem = render_problem(request, ERRORS.get(response.status_code, NotUnderstood)())
        if "Allow" in response:
            problem["Allow"] = response["Allow"]
        return problem


ERRORS: dict[int, type[ForbearError]] = {
    404: NoSuchAddress,
    405: MethodNotAllowed,
    413: TooLarge,
    500: Failed,
    503: Unavailable,
}


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    found = [
        (_place(fault["loc"]), str(fault["msg"]).removeprefix("Value error, "))
        for fault in error.errors
    ]
    where = ", ".join(dict.fromkeys(place for place, _ in found))
    return render_problem(request, NotValid("; ".join(f"{p}: {m}" for p, m in found)), where)


def _place(steps: tuple[str | int, ...]) -> str:
    """Return where a fault is; a body's second step is only our own name for the whole of it."""
    return ".".join(str(step) for step in (steps[:1] + steps[2:] if steps[0] == "body" else steps))


def _logged(request: HttpRequest, error: Exception) -> Failed:
    """Return a failure whose number leads to the log; the log has no body and no header."""
    number = secrets.token_hex(4)
    log.error("incident %s: %s %s", number, request.method, request.path, exc_info=error)
    return Failed(f"The request failed through a fault of this program: incident {number}.")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"
