"""What leaves any door carries the limits of what a browser may do with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from tests.console.book import a_night, planned, reachable

HOUSE = Path(__file__).parents[2] / "src" / "forbear" / "console"
EVERYWHERE = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy_of(answer) -> dict[str, str]:
    """Return the directives of an answer's policy."""
    parts = answer["Content-Security-Policy"].split(";")
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in parts)}


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in/",
        "/work/",
        "/no-such-page/",
        "/people/1/?x=%00",
        "/admin/",
        "/api/openapi.json",
        "/api/no-such-address",
        "/static/console/forbear.js",
    ],
)
@pytest.mark.django_db
def test_every_answer_to_a_stranger_carries_the_headers(client, address):
    answer = client.get(address)
    answer.close()  # a file's handle
    for name, value in EVERYWHERE.items():
        assert answer[name] == value, name
    policy = policy_of(answer)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "*" not in answer["Content-Security-Policy"]


def test_a_page_may_run_our_own_files_only_and_is_kept_by_nobody(sign_in):
    answer = sign_in("collector").get("/work/")
    policy = policy_of(answer)
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert answer["Cache-Control"] == "no-store"


def test_an_export_is_kept_by_nobody(sign_in):
    who = reachable()
    planned(a_night(), who)
    assert sign_in("collector").get("/work/?export=csv")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", sorted(HOUSE.rglob("*.html")), ids=lambda p: p.name)
def test_no_page_of_ours_needs_what_the_policy_refuses(page):
    text = page.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "a script within the page"
    assert not re.search(r"<style|\sstyle=", text), "a style within the page"
    assert not re.search(r"\son[a-z]+=|\shx-on|javascript:|hx-vals=.js:", text), "a handler"
    assert not re.search(r"(?:src|href)=[\"']https?://", text), "a file of another host"


def test_a_form_without_its_token_is_refused(sign_in):
    who = reachable()
    user = sign_in("collector")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = user.cookies
    answer = strict.post(f"/people/{who.id}/stop/", {"channel": "all"})
    assert answer.status_code == 403
    assert "页面放得太久了" in answer.content.decode()
