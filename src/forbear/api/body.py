"""Read a request: a body so large at most, JSON in UTF-8 and nothing looser; named fields alone."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from typing import Any, NoReturn, get_type_hints

from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import BaseModel

from forbear.api.problem import NotJson, NotValid, TooLarge, WrongContentType

MAX_BODY_BYTES = 64 * 1024  # one event is a few hundred bytes


class StrictParser(Parser):
    """One reading of every body: what two programs could read differently is refused."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the JSON object of a body. Raises WrongContentType, TooLarge, NotJson."""
        if request.content_type != "application/json":
            raise WrongContentType
        return parse_json(raw_body(request))


def only_named(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operation that refuses a query with a field that it does not have.

    A field whose name is misspelt would be left out, and the answer be one to another question.
    """
    names = {*inspect.signature(operation).parameters}
    for kind in get_type_hints(operation).values():
        if isinstance(kind, type) and issubclass(kind, BaseModel):  # a query's fields as one
            names.update(kind.model_fields)

    @functools.wraps(operation)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        unknown = [name for name in request.GET if name not in names]
        if unknown:
            raise NotValid(f"the query has no field {unknown[0][:40]!r} here")
        return operation(request, *args, **kwargs)

    return run


def raw_body(request: HttpRequest) -> bytes:
    """Return a request's bytes. Raises TooLarge before it reads more than an event can be."""
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (declared.isascii() and declared.isdigit()):
        raise NotJson("the header Content-Length is not a number of bytes")
    if len(declared) > 12 or int(declared) > MAX_BODY_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes")
    body = request.body
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes")
    return body


def parse_json(body: bytes) -> dict[str, Any]:
    """Return one JSON object. Raises NotJson, and says what is not JSON about it."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} of the body is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise NotJson(
            f"line {error.lineno} column {error.colno} is not JSON: {error.msg}"
        ) from None
    except ValueError:  # an integer of thousands of digits
        raise NotJson("a number in the body is too long") from None
    except RecursionError:
        raise NotJson("the body is nested too deep") from None
    if not isinstance(value, dict):
        raise NotJson("the body is JSON, but not an object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotJson("a name stands twice in one object of the body")
    return value


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a JSON number")
