"""How long a session lasts, and what its cookie lets another page do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import global_settings, settings
from django.test import Client
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st

import forbear.settings as shipped
from forbear.console.guard import BEGAN, SEEN, over
from forbear.console.users import ensure_roles, make_user

HOUR = 3600


def shift(client: Client, name: str, seconds: int) -> None:
    """Make a session's clock of that name older."""
    session = client.session
    session[name] -= seconds
    session.save()


def test_a_session_ends_when_nobody_used_it_for_half_an_hour(sign_in):
    client = sign_in("collector")
    assert client.get("/work/").status_code == 200
    shift(client, SEEN, settings.FORBEAR_IDLE_S - 5)
    assert client.get("/work/").status_code == 200
    shift(client, SEEN, settings.FORBEAR_IDLE_S)
    answer = client.get("/work/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(sign_in):
    client = sign_in("collector")
    client.get("/work/")
    shift(client, SEEN, settings.FORBEAR_IDLE_S - 30)
    before = client.session[SEEN]
    assert client.get("/work/", headers={"HX-Request": "true"}).status_code == 200
    assert client.session[SEEN] == before
    client.get("/work/")
    assert client.session[SEEN] > before


def test_a_session_ends_after_its_day_however_busy(sign_in):
    client = sign_in("collector")
    client.get("/work/")
    shift(client, BEGAN, settings.SESSION_COOKIE_AGE)
    assert client.get("/work/").status_code == 302
    assert client.get("/work/", headers={"HX-Request": "true"}).status_code == 401


@given(
    idle_s=st.integers(0, 3 * 86_400),
    age_s=st.integers(0, 3 * 86_400),
)
def test_a_session_lives_exactly_within_both_limits(idle_s, age_s):
    now = 10**9
    alive = idle_s < settings.FORBEAR_IDLE_S and age_s < settings.SESSION_COOKIE_AGE
    assert over(now, began_s=now - age_s, seen_s=now - idle_s) is not alive


@pytest.mark.django_db
def test_signing_in_makes_a_new_session_and_leaving_ends_it():
    ensure_roles()
    make_user("li", role="collector", password="correct horse battery")
    client = Client()
    session = client.session  # one that somebody else may have planted
    session["x"] = 1
    session.save()
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/sign-in/", {"username": "li", "password": "correct horse battery"})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != planted
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    kept = cookie.value
    client.post("/sign-out/")
    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert client.get("/work/").status_code == 302


def test_a_new_password_ends_the_sessions_made_with_the_old_one(sign_in):
    client = sign_in("collector")
    assert client.get("/work/").status_code == 200
    make_user("a-collector", role="collector", password="another horse battery")
    assert client.get("/work/").status_code == 302


def test_behind_tls_no_cookie_travels_in_the_clear():
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from forbear import settings as s;"
            "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_NAME,"
            " s.CSRF_COOKIE_NAME, s.SECURE_HSTS_SECONDS)",
        ],
        env={**os.environ, "FORBEAR_HTTPS": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.split() == ["True", "True", "__Host-forbear", "__Host-forbear-csrf", "31536000"]


def test_a_proxys_word_on_who_asks_is_taken_only_where_it_is_named():
    import waitress

    from forbear.cli.serve import behind

    def seen(address: str, **environ: str) -> str:
        server = waitress.create_server(lambda *_: [], listen="127.0.0.1:0", **behind(address))
        try:
            told: dict[str, str] = {"REMOTE_ADDR": "10.0.0.1", "REMOTE_HOST": "10.0.0.1", **environ}
            server.application(told, lambda *_: None)
            return told["REMOTE_ADDR"]
        finally:
            server.close()

    asked = {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    assert seen("10.0.0.1", **asked) == "203.0.113.7"
    assert seen("", **asked) == "10.0.0.1"
    assert seen("10.9.9.9", **asked) == "10.0.0.1"


def test_a_shipped_password_is_tried_as_slowly_as_the_framework_says_it_must_be():
    assert not hasattr(shipped, "PASSWORD_HASHERS")  # its own first choice
    first = import_string(global_settings.PASSWORD_HASHERS[0])()
    assert first.iterations >= 600_000
