"""Signing in: who gets in, where they land, and what a demo shows."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.contrib.auth import authenticate
from django.db import connections
from django.test import Client, RequestFactory

from forbear.console import users
from forbear.console.users import ensure_first_users, ensure_roles, make_user


@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in_and_then_sees_what_they_came_for():
    ensure_roles()
    make_user("li", role="compliance", password="correct horse battery")
    client = Client()
    asked = client.get("/law/?on=2026-01-30")
    assert asked.status_code == 302
    assert asked["Location"].startswith("/sign-in/?next=/law/")
    came = client.post(asked["Location"], {"username": "li", "password": "correct horse battery"})
    assert came["Location"] == "/law/?on=2026-01-30"


@pytest.mark.django_db
def test_a_wrong_password_gets_one_clear_sentence_and_no_session():
    ensure_roles()
    make_user("li", role="collector", password="correct horse battery")
    client = Client()
    answer = client.post("/sign-in/", {"username": "li", "password": "no"})
    assert "用户名或密码不对" in answer.content.decode()
    assert client.get("/work/").status_code == 302


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("collector", "/work/"),
        ("supervisor", "/tonight/"),
        ("compliance", "/tonight/"),
        ("administrator", "/law/"),
    ],
)
def test_each_role_lands_on_the_page_that_its_work_begins_on(sign_in, role, page):
    assert sign_in(role).get("/")["Location"] == page


@pytest.mark.django_db
def test_the_demo_shows_its_roles_to_this_machine_and_to_nobody_else(settings, tmp_path):
    settings.HOME = tmp_path
    ensure_roles()
    line = ensure_first_users(demo=True)[0]
    assert "collector, supervisor, compliance, administrator" in line
    assert "演示：选一个角色进入" in Client().get("/sign-in/").content.decode()
    elsewhere = Client(REMOTE_ADDR="203.0.113.7").get("/sign-in/").content.decode()
    assert "演示" not in elsewhere
    assert users.demo_sign_ins()[0] not in elsewhere
    assert users.demo_sign_ins()[0] in line


@pytest.mark.django_db
def test_a_demo_has_a_user_of_each_agency_who_sees_what_it_was_given(settings, tmp_path):
    from forbear.actions.demo import do_make_demo
    from forbear.actions.reader import machine
    from forbear.actions.sight import placed

    settings.HOME = tmp_path
    ensure_roles()
    day = date(2026, 11, 20)
    do_make_demo(machine("t"), people=300, as_of=day, seed=1, progress=lambda *_: None)
    lines = ensure_first_users(demo=True)
    assert ensure_first_users(demo=True) == lines
    assert any("anhe" in line and "安和" in line for line in lines)
    assert "委外机构 安和" in Client().get("/sign-in/").content.decode()
    client = Client()
    client.post("/sign-in/", {"username": "anhe", "password": users.demo_sign_ins()[0]})
    theirs = placed().filter(agency__name="安和").values("account__person").distinct().count()
    assert client.get("/people/").context["page"].total == theirs > 0
    assert client.get("/agencies/").status_code == 403


@pytest.mark.django_db
def test_a_real_installation_gets_one_administrator_and_no_demo(settings, tmp_path):
    settings.HOME = tmp_path
    ensure_roles()
    assert "admin" in ensure_first_users(demo=False)[0]
    assert "exists already" in ensure_first_users(demo=False)[0]
    assert users.demo_sign_ins() == ("", {})


def test_an_administrator_manages_users_and_sees_no_borrower(sign_in):
    client = sign_in("administrator")
    page = client.get("/admin/auth/user/")
    assert page.status_code == 200
    assert "a-administrator" in page.content.decode()
    assert client.get("/admin/auth/user/add/").status_code == 200
    assert client.get("/admin/auth/group/add/").status_code == 403
    assert client.get("/people/").status_code == 403


@pytest.mark.parametrize("role", ["collector", "supervisor", "compliance"])
def test_nobody_else_manages_users(sign_in, role):
    assert sign_in(role).get("/admin/auth/user/").status_code == 302


def test_the_administration_wears_the_products_name_and_leads_back(sign_in):
    page = sign_in("administrator").get("/admin/auth/user/add/", follow=True).content.decode()
    assert "Forbear" in page
    assert "Django" not in page
    assert "回到控制台" in page


def test_roles_are_offered_by_the_names_that_the_pages_give_them(sign_in):
    from django.contrib.auth.models import User

    client = sign_in("administrator")
    page = client.get(f"/admin/auth/user/{User.objects.get().pk}/change/").content.decode()
    for name in ("催收员", "主管", "合规", "管理员"):
        assert name in page
    assert "Choose" not in page


@pytest.mark.parametrize(
    "path", ["/sign-in/", "/nowhere/", "/api/openapi.json", "/static/console/tokens.css"]
)
@pytest.mark.django_db
def test_head_is_answered_with_the_headers_of_get_and_no_body(path):
    from forbear.wsgi import application

    def asked(method):
        began = []
        body = application(
            RequestFactory().generic(method, path).environ, lambda *said: began.append(said[:2])
        )
        text = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return began, text

    [(status, headers)], body = asked("HEAD")
    [(status_of_get, headers_of_get)], body_of_get = asked("GET")
    assert body == b""
    assert body_of_get
    assert status == status_of_get
    assert {name for name, _ in headers} == {name for name, _ in headers_of_get}


@pytest.mark.usefixtures("fresh_database")
def test_of_two_first_starts_at_once_one_shows_the_password_that_is_true(monkeypatch):
    both, token = threading.Barrier(2), users.secrets.token_urlsafe

    def tokens_at_once(size):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=2)
        return token(size)

    def started():
        try:
            return ensure_first_users(demo=False)
        finally:
            connections.close_all()

    monkeypatch.setattr(users.secrets, "token_urlsafe", tokens_at_once)
    ensure_roles()
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(started), pool.submit(started)]
        told, other = sorted((start.result()[0] for start in starts), key=len, reverse=True)
    assert "exists already" in other
    password = told.removeprefix("Sign in as admin with the password ").split()[0]
    assert authenticate(username="admin", password=password)
