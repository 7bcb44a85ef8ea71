"""The second step of signing in: who needs it, what it takes, and that a code is good once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.console.second import set_up, take

from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.actions.second_step import (
    AlreadySetUp,
    Needed,
    NotSetUp,
    WrongCode,
    counter_of,
    do_check,
    do_end,
    do_reset,
    do_set_up,
    new_secret,
)
from forbear.actions.sign_in import CODE
from forbear.console.users import ensure_roles, make_user
from forbear.store.models import SecondFactor

PASSWORD = "correct horse battery"
HERE = "203.0.113.7"


def user_of(name: str, role: str):
    ensure_roles()
    make_user(name, role=role, password=PASSWORD)
    return get_user_model().objects.get(username=name)


def by_password(name: str) -> Client:
    """Return a browser that has taken the first step only."""
    client = Client()
    answer = client.post("/sign-in/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def wang(db: None):
    """A compliance officer without a device."""
    del db
    return user_of("wang", "compliance")


@pytest.mark.parametrize("role", ["administrator", "compliance"])
@pytest.mark.django_db
def test_a_role_that_needs_it_goes_nowhere_by_a_password_alone(role):
    user_of("wang", role)
    client = by_password("wang")
    for address in ("/", "/law/", "/people/", "/tonight/", "/admin/", "/admin/auth/user/"):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/second-step/set-up/?next="), address
    assert client.post("/people/1/stop/", {"channel": "all"}).status_code == 302
    fragment = client.get("/people/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (401, "/second-step/set-up/")


@pytest.mark.parametrize("role", ["collector", "supervisor"])
@pytest.mark.django_db
def test_for_the_others_it_is_theirs_to_choose(role):
    li = user_of("li", role)
    assert by_password("li").get("/work/").status_code == 200
    set_up(li)
    answer = by_password("li").get("/work/")
    assert answer["Location"] == "/second-step/?next=%2Fwork%2F"


def test_setting_it_up_takes_the_password_and_a_code_and_shows_recovery_codes_once(wang):
    client = by_password("wang")
    page = client.get("/second-step/set-up/?next=/law/").content.decode()
    assert "<svg" in page
    assert "style=" not in page
    secret = page.split('<p class="mono small">')[1].split("</p>")[0].replace(" ", "")
    code = pyotp.TOTP(secret).now()
    for wrong in ({"code": code, "password": "no"}, {"code": "000000", "password": PASSWORD}):
        assert client.post("/second-step/set-up/", wrong).status_code == 422
    assert not SecondFactor.objects.exists()
    before = client.session.session_key
    done = client.post(
        "/second-step/set-up/", {"code": code, "password": PASSWORD, "next": "/law/"}
    )
    assert done.status_code == 200
    assert done.content.decode().count("<li>") == 10
    assert client.session.session_key != before
    assert client.get("/law/").status_code == 200
    again = client.get("/second-step/set-up/").content.decode()
    assert secret not in again.replace(" ", "")
    assert "<li>" not in again
    kept = SecondFactor.objects.get(user=wang)
    assert secret.encode() not in bytes(kept.secret_cipher)


def test_a_code_lets_on_to_what_was_asked_for_and_only_once(wang):
    secret, _ = set_up(wang)
    client, code = by_password("wang"), pyotp.TOTP(secret).now()
    assert client.post("/second-step/", {"code": "12 34 5"}).status_code == 422
    answer = client.post("/second-step/?next=/law/", {"code": code, "next": "/law/"})
    assert (answer.status_code, answer["Location"]) == (302, "/law/")
    assert client.get("/law/").status_code == 200
    thief = by_password("wang")
    assert thief.post("/second-step/", {"code": code}).status_code == 422
    assert thief.get("/law/").status_code == 302


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_nobody_is_sent_elsewhere_after_it(wang, away):
    secret, _ = set_up(wang)
    code = pyotp.TOTP(secret).now()
    answer = by_password("wang").post("/second-step/", {"code": code, "next": away})
    assert answer["Location"] == "/"


def test_a_recovery_code_is_good_once_however_it_is_typed(wang):
    _, codes = set_up(wang)
    typed = f" {codes[0][:4]}-{codes[0][4:8]}-{codes[0][8:]} ".upper()
    assert by_password("wang").post("/second-step/", {"code": typed}).status_code == 302
    assert by_password("wang").post("/second-step/", {"code": typed}).status_code == 422
    assert by_password("wang").post("/second-step/", {"code": codes[1]}).status_code == 302


def test_guessing_codes_has_to_wait_though_the_password_is_known(wang):
    secret, codes = set_up(wang)
    for _ in range(CODE.failures):
        assert by_password("wang").post("/second-step/", {"code": "000000"}).status_code == 422
    for right in (pyotp.TOTP(secret).now(), codes[0]):
        answer = by_password("wang").post("/second-step/", {"code": right})
        assert answer.status_code == 429
        assert "试错的次数太多" in answer.content.decode()


def test_one_code_at_the_same_moment_lets_one_in(fresh_database):
    from django.db import connections

    del fresh_database
    user = user_of("wang", "compliance")
    secret, _ = set_up(user)
    now = datetime.now(UTC)
    code, gate, passed = pyotp.TOTP(secret).at(now), threading.Barrier(4), []

    def step() -> None:
        gate.wait()
        try:
            passed.append(do_check(user, code=code, address=HERE, at=now))
        except WrongCode:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(passed) == 1


def test_a_role_that_needs_it_cannot_leave_it_off(wang):
    secret, _ = set_up(wang)
    code, at = pyotp.TOTP(secret).now(), datetime.now(UTC)
    with pytest.raises(Needed):
        do_end(wang, code=code, address=HERE, at=at, roles=["compliance"])
    client = by_password("wang")
    client.post(reverse("second_step.end"), {"code": code})
    assert client.get("/law/").status_code == 302


@pytest.mark.django_db
def test_who_need_not_have_it_leaves_it_off_by_one_of_its_codes():
    li = user_of("li", "collector")
    secret, _ = set_up(li)
    client = by_password("li")
    assert client.post("/second-step/end/", {"code": "000000"}).status_code == 422
    assert client.get("/work/").status_code == 302
    assert client.post("/second-step/end/", {"code": pyotp.TOTP(secret).now()}).status_code == 302
    assert client.get("/work/").status_code == 200


def test_a_reset_ends_the_step_and_every_session_that_took_it(wang):
    client = by_password("wang")
    take(client, wang)
    assert client.get("/law/").status_code == 200
    with pytest.raises(NotAllowed):
        do_reset(Reader(actor="user:x", abilities=frozenset()), name="wang")
    do_reset(machine("cli:boss"), name="wang")
    assert client.get("/law/")["Location"].startswith("/second-step/set-up/")
    assert SecondFactor.objects.get(ends__isnull=False).actor == "cli:boss"
    with pytest.raises(NotSetUp):
        do_reset(machine("cli:boss"), name="wang")


def test_a_second_device_needs_the_first_to_be_ended(wang):
    set_up(wang)
    with pytest.raises(AlreadySetUp):
        set_up(wang)


def test_a_demo_needs_no_device(wang, settings, tmp_path):
    del wang
    settings.HOME = tmp_path
    (tmp_path / "demo.password").write_text("x")
    assert by_password("wang").get("/law/").status_code == 200


def test_the_page_is_told_in_english_too(wang):
    set_up(wang)
    client = by_password("wang")
    page = client.get("/second-step/", headers={"Accept-Language": "en"}).content.decode()
    assert "Open your authenticator" in page


def test_a_stranger_is_asked_to_sign_in_first(client, db):
    del db
    for address in ("/second-step/", "/second-step/set-up/"):
        assert client.get(address)["Location"] == "/sign-in/"


@given(at_s=st.integers(0, 4 * 10**9), off=st.integers(-5, 5))
def test_a_code_is_right_within_one_step_of_its_half_minute(at_s, off):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    at = datetime.fromtimestamp(at_s, UTC)
    code = pyotp.TOTP(secret).generate_otp(max(0, at_s // 30 + off))
    found = counter_of(secret, code, at=at)
    if abs(off) <= 1 and at_s >= 30:
        assert found is not None
        assert abs(found - at_s // 30) <= 1


@pytest.mark.parametrize(
    ("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(at_s, code):
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B, the last six digits
    at = datetime.fromtimestamp(at_s, UTC)
    assert counter_of(secret, code, at=at) == at_s // 30
    assert counter_of(secret, code, at=at + timedelta(seconds=90)) is None


@pytest.mark.django_db
def test_a_code_of_no_device_sets_nothing_up():
    li = user_of("li", "collector")
    with pytest.raises(WrongCode):
        do_set_up(li, secret=new_secret(), code="12345", at=datetime.now(UTC))
    with pytest.raises(NotSetUp):
        do_check(li, code="123456", address=HERE, at=datetime.now(UTC))
