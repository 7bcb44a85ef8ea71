"""Whatever comes in, what goes out is one JSON object with a code: no traceback, no 500."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError
from django.test import Client

from forbear.api.problem import Problems, problem_of
from tests.api.test_payment import EVENT

FIELDS = {"code", "detail", "where", "what_to_do"}
pytestmark = pytest.mark.usefixtures("wang")


def told(answer) -> tuple[int, str]:
    """Return status and code of a problem, having checked that it is a whole one."""
    body = json.loads(answer.content)
    assert set(body) == FIELDS
    assert all(isinstance(text, str) and 0 < len(text) < 700 for text in body.values())
    assert answer["Content-Type"] == "application/json"
    assert b"Traceback" not in answer.content
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 422, "request.not_valid"),
        (b"{", 400, "request.not_json"),
        (b"[]", 400, "request.not_json"),
        (b"null", 400, "request.not_json"),
        (b'"x"', 400, "request.not_json"),
        (b"{} {}", 400, "request.not_json"),
        (b"\xff\xfe{\x00}\x00", 400, "request.not_json"),
        (b"\xef\xbb\xbf{}", 400, "request.not_json"),
        ('{"付款": 1}'.encode("gb18030"), 400, "request.not_json"),
        (b'{"a": NaN}', 400, "request.not_json"),
        (b'{"a": -Infinity}', 400, "request.not_json"),
        (b'{"a": 1, "a": 2}', 400, "request.not_json"),
        (b'{"a": ' + b"1" * 5000 + b"}", 400, "request.not_json"),
        (b"[" * 60_000, 400, "request.not_json"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "request.not_json"),
        (b'{"a": 1e400}', 422, "request.not_valid"),
        (b'{"\\u0000": "\\ud800"}', 422, "request.not_valid"),
        (b'{"' + b"k" * 60_000 + b'": 1}', 422, "request.not_valid"),
        (b'{"a": "' + b"x" * 10_000_000 + b'"}', 413, "request.too_large"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)
@pytest.mark.parametrize("path", ["/api/payments", "/api/refunds"])
def test_a_body_that_is_no_event_is_a_problem(payments, path, raw, status, code):
    assert told(payments.post(path, raw)) == (status, code)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "é"],
)
def test_another_content_type_is_refused(payments, content_type):
    answer = payments.post("/api/payments", EVENT, **{"Content-Type": content_type})
    assert told(answer) == (415, "request.wrong_content_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_its_other_spellings_is_taken(payments, content_type):
    answer = payments.post("/api/payments", EVENT, **{"Content-Type": content_type})
    assert answer.status_code == 200


@pytest.mark.parametrize("length", ["-1", "x", "9" * 20, "1e3"])
def test_a_length_that_is_none_is_a_problem(payments, length):
    raw = json.dumps(EVENT).encode()
    headers = {"HTTP_" + k.upper().replace("-", "_"): v for k, v in payments.signed(raw).items()}
    answer = Client().generic(
        "POST", "/api/payments", raw, "application/json", CONTENT_LENGTH=length, **headers
    )
    assert told(answer)[0] in (400, 413)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "request.no_such_address"),
        ("GET", "/api/", 404, "request.no_such_address"),
        ("GET", "/api/%00%ff/..", 404, "request.no_such_address"),
        ("POST", "/api/payments/", 404, "request.no_such_address"),
        ("GET", "/api/payments", 405, "request.method_not_allowed"),
        ("DELETE", "/api/payments", 405, "request.method_not_allowed"),
        ("BREW", "/api/payments", 405, "request.method_not_allowed"),
    ],
)
def test_an_address_or_method_that_is_none_is_a_problem(method, path, status, code):
    answer = Client().generic(method, path)
    assert told(answer) == (status, code)
    assert ("Allow" in answer) == (status == 405)


def test_a_host_that_is_not_ours_is_a_problem():
    assert told(Client().get("/api/nothing", headers={"Host": "evil.example"}))[0] in (400, 404)


def test_pages_that_are_not_the_apis_are_left_alone(rf):
    page = Problems(lambda _: None).process_response(rf.get("/somewhere"), _page(404))
    assert page.content == b"<h1>page</h1>"


def test_a_failure_nobody_foresaw_has_a_number_and_no_traceback(rf, caplog):
    answer = problem_of(rf.get("/api/x"), RuntimeError("secret of the inside"))
    assert told(answer) == (500, "api.failed")
    assert b"secret of the inside" not in answer.content
    number = json.loads(answer.content)["detail"].split()[-1].rstrip(".")
    assert number in caplog.text


def test_a_database_that_does_not_answer_is_unavailable_not_failed(rf):
    assert told(problem_of(rf.get("/api/x"), OperationalError("host=10.0.0.1 gone"))) == (
        503,
        "api.unavailable",
    )


def test_an_error_page_of_the_frame_becomes_a_problem(rf):
    for status, code in ((500, "api.failed"), (400, "request.not_understood")):
        answer = Problems(lambda _: None).process_response(rf.get("/api/x"), _page(status))
        assert told(answer) == (status, code)


def test_the_description_is_served_and_names_every_operation():
    answer = Client().get("/api/openapi.json")
    described = answer.json()
    assert answer.status_code == 200
    assert "/api/payments" in described["paths"]
    for operations in described["paths"].values():
        for operation in operations.values():
            assert operation["security"]
            assert {"401", "403", "422"} <= set(operation["responses"])


def _page(status: int):
    from django.http import HttpResponse

    return HttpResponse("<h1>page</h1>", status=status)
