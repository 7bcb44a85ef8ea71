"""Signing in: who gets in, where they land, and what a demo shows."""

from __future__ import annotations

import pytest
from django.test import Client

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
def test_a_real_installation_gets_one_administrator_and_no_demo(settings, tmp_path):
    settings.HOME = tmp_path
    ensure_roles()
    assert "admin" in ensure_first_users(demo=False)[0]
    assert ensure_first_users(demo=False) == []
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
