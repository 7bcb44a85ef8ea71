"""The API: which operations there are, and that every error of theirs is a problem in JSON."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from forbear.api import (
    booking,
    consent,
    debit,
    explanation,
    law,
    may_contact,
    occasion,
    payment,
    person,
    product,
    receipt,
    screen,
)
from forbear.api.body import StrictParser, only_named
from forbear.api.problem import problem_of


class Renderer(JSONRenderer):
    """JSON in UTF-8, Chinese characters as they are."""

    encoder_class = NinjaJSONEncoder
    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012  # as its base declares it

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the bytes of an answer; a lone surrogate stays an escape."""
        text: str = super().render(request, data, response_status=response_status)
        return text.encode("utf-8", "backslashreplace")


api = NinjaAPI(
    title="Forbear",
    version="1",
    description=(
        "Payments and receipts come in, signed; what may be done, and what is known, goes out."
        " Every error is one object: code, detail, where, what_to_do."
    ),
    docs_url=None,  # its pages would be fetched from other hosts; docs/api.md says the same
    urls_namespace="api",
    parser=StrictParser(),
    renderer=Renderer(),
)
api.add_decorator(only_named)
for room in (
    payment,
    booking,
    receipt,
    occasion,
    consent,
    debit,
    may_contact,
    person,
    explanation,
    law,
    product,
    screen,
):
    api.add_router("", room.router)


@api.exception_handler(Exception)
@api.exception_handler(Http404)
@api.exception_handler(HttpError)
@api.exception_handler(ValidationError)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return any error as a problem."""
    return problem_of(request, error)
