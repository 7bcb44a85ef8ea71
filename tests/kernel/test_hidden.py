"""No secret reaches a log, whatever form it comes in, and ordinary lines stay as they are."""

from __future__ import annotations

import io
import logging
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.hidden import HIDDEN, hidden
from forbear.store.log import Hiding, OwnersFile

KEY = "fbk_" + "aB3-" * 11
LINES = {
    "a bearer's key": "Authorization: Bearer {}",
    "a header as Python prints it": "{{'Authorization': 'Bearer {}'}}",
    "a password in a form": "username=li&password={}&next=/",
    "a password in JSON": '{{"password": "{}"}}',
    "a database's address": "postgresql://forbear:{}@db:5432/forbear",
    "a mail server's address": "smtp+tls://me:{}@mail:587",
    "a setting": "FORBEAR_SECRET_KEY={}",
    "a token": "csrfmiddlewaretoken={}",
    "a cookie": "Cookie: __Host-forbear={}",
    "a signing secret": "signing_secret: {}",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@given(secret=st.text(string.ascii_letters + string.digits, min_size=12, max_size=60))
def test_what_is_named_a_secret_is_taken_out(line, secret):
    told = hidden(line.format(secret))
    assert HIDDEN in told
    assert secret not in told


@pytest.mark.parametrize(
    "secret", [KEY, "v1=" + "0a" * 32, "5e" * 32], ids=["key", "signature", "installation's key"]
)
def test_what_looks_like_a_key_is_taken_out_wherever_it_stands(secret):
    told = hidden(f"KeyError: {secret} in row 7")
    assert secret.removeprefix("v1=") not in told
    assert told.endswith("in row 7")


def test_a_known_secret_is_taken_out_whatever_stands_around_it():
    assert hidden("x=hunter2hunter2y", known=["hunter2hunter2"]) == f"x={HIDDEN}y"


@pytest.mark.parametrize(
    "line",
    [
        "person lender:1 has no zone; add one",
        "contact 0f1c2d3e-0000-4000-8000-000000000000 is not listed",
        "the worker lost the database; it tries again",
        "GET /people/7/?list=stage%3Dtodo 200",
        "postgresql://db:5432/forbear does not answer",
    ],
)
def test_an_ordinary_line_stays_as_it_is(line):
    assert hidden(line) == line


def test_a_record_is_hidden_whole_with_its_arguments_and_its_traceback(monkeypatch):
    monkeypatch.setenv("FORBEAR_DATA_KEY", "word-of-the-house")
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Hiding("%(levelname)s %(message)s"))
    log = logging.getLogger("forbear.test-of-hiding")
    log.addHandler(handler)
    log.propagate = False
    try:
        raise ValueError(f"password={KEY} word-of-the-house")
    except ValueError:
        log.exception("refused %s", {"Authorization": f"Bearer {KEY}"})
    finally:
        log.removeHandler(handler)
    assert KEY not in out.getvalue()
    assert "word-of-the-house" not in out.getvalue()
    assert "ValueError" in out.getvalue()


def test_every_handler_of_this_installation_hides():
    from django.conf import settings

    formatters = settings.LOGGING["formatters"]
    for handler in settings.LOGGING["handlers"].values():
        assert formatters[handler["formatter"]]["()"] == "forbear.store.log.Hiding"


def test_a_log_is_read_by_its_owner_alone(tmp_path):
    path = tmp_path / "errors.log"
    path.write_text("before\n")
    path.chmod(0o644)
    handler = OwnersFile(path, delay=True)
    handler.emit(logging.makeLogRecord({"msg": "went wrong"}))
    handler.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "before\nwent wrong\n"
