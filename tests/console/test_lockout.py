"""Whoever guesses passwords waits; whoever knows theirs hardly notices."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from forbear.actions.agency import NoSuchUser
from forbear.actions.reader import NotAllowed, Reader, machine
from forbear.actions.sign_in import (
    ADDRESS,
    NAME,
    PAIR,
    LockedOut,
    Try,
    do_try,
    do_unlock,
    failures,
    network_of,
    waits,
)
from forbear.console.users import ensure_roles, make_user
from forbear.kernel.vocabulary import SignInStep
from forbear.store.models import SignIn

PASSWORD = "correct horse battery"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEP = SignInStep.password


@pytest.fixture
def li(db: None) -> str:
    """A collector named li."""
    del db
    ensure_roles()
    make_user("li", role="collector", password=PASSWORD)
    return "li"


def attempt(name: str, password: str, address: str = "203.0.113.7"):
    """Try to sign in with a browser from an address."""
    return Client(REMOTE_ADDR=address).post("/sign-in/", {"username": name, "password": password})


def fail(name: str, address: str = "203.0.113.7", *, at: datetime = NOW) -> None:
    """Fail once without a browser."""
    do_try(name=name, address=address, step=STEP, at=at, proof=lambda: None)


def test_the_sixth_try_is_not_looked_at_and_says_when_to_come_back(li):
    for _ in range(PAIR.failures):
        assert attempt(li, "wrong").status_code == 200
    answer = attempt(li, PASSWORD)  # the right one, too late
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= PAIR.within.total_seconds() + 1
    page = answer.content.decode()
    assert "试错的次数太多" in page
    assert "15 分钟后" in page
    assert "用户名或密码不对" not in page
    assert SignIn.objects.filter(passed=True).count() == 0


def test_english_readers_are_told_as_well(li):
    for _ in range(PAIR.failures):
        attempt(li, "wrong")
    client = Client(REMOTE_ADDR="203.0.113.7", headers={"Accept-Language": "en"})
    page = client.post("/sign-in/", {"username": li, "password": "wrong"}).content.decode()
    assert "Too many tries went wrong" in page
    assert "15 minutes" in page


def test_from_elsewhere_the_rightful_user_still_gets_in(li):
    for _ in range(PAIR.failures):
        attempt(li, "wrong", "198.51.100.9")
    assert attempt(li, PASSWORD, "198.51.100.9").status_code == 429
    assert attempt(li, PASSWORD, "203.0.113.7").status_code == 302


def test_a_name_that_nobody_has_waits_just_the_same(li):
    del li
    answers = [attempt("nobody", "wrong") for _ in range(PAIR.failures + 1)]
    assert [answer.status_code for answer in answers] == [200] * PAIR.failures + [429]


def test_a_right_password_forgives_the_wrong_ones_before_it(li):
    for _ in range(PAIR.failures - 1):
        attempt(li, "wrong")
    assert attempt(li, PASSWORD).status_code == 302
    for _ in range(PAIR.failures - 1):
        assert attempt(li, "wrong").status_code == 200
    assert attempt(li, PASSWORD).status_code == 302


@pytest.mark.django_db
def test_one_address_may_not_guess_at_everybody():
    for n in range(ADDRESS.failures):
        fail(f"user{n}")
    with pytest.raises(LockedOut):
        fail("another")
    fail("another", "198.51.100.9")


@pytest.mark.django_db
def test_a_password_that_is_known_does_not_open_an_address_again():
    for n in range(ADDRESS.failures):
        fail(f"user{n}")
    with pytest.raises(LockedOut):
        do_try(name="mine", address="203.0.113.7", step=STEP, at=NOW, proof=lambda: "me")


@pytest.mark.django_db
def test_many_addresses_may_not_guess_at_one_name():
    for n in range(NAME.failures):
        fail("li", f"198.51.100.{n}")
    with pytest.raises(LockedOut) as refused:
        fail("LI", "203.0.113.7")  # the same name, typed otherwise
    assert refused.value.until == NOW + NAME.within


@pytest.mark.django_db
def test_knocking_while_locked_out_does_not_make_the_wait_longer():
    for _ in range(PAIR.failures):
        fail("li")
    for minute in range(15):
        with pytest.raises(LockedOut) as refused:
            fail("li", at=NOW + timedelta(minutes=minute))
        assert refused.value.until == NOW + PAIR.within
    fail("li", at=NOW + PAIR.within)


@pytest.mark.usefixtures("li")
def test_an_unlocking_forgives_a_name_everywhere_and_says_whose_it_was():
    for _ in range(PAIR.failures):
        fail("li")
    do_unlock(machine("cli:wang"), name="li", at=NOW)
    fail("li")
    assert SignIn.objects.get(step="unlocked").actor == "cli:wang"


@pytest.mark.django_db
def test_nobody_is_forgiven_who_does_not_sign_in_here():
    with pytest.raises(NoSuchUser, match="nobody signs in as nobodyatall"):
        do_unlock(machine("cli:wang"), name="nobodyatall", at=NOW)
    assert not SignIn.objects.exists()


@pytest.mark.django_db
def test_only_who_manages_users_unlocks():
    with pytest.raises(NotAllowed):
        do_unlock(Reader(actor="user:x", abilities=frozenset()), name="li", at=NOW)


@pytest.mark.django_db
def test_what_was_typed_as_a_name_is_not_kept_in_the_clear():
    fail("my-password-typed-in-the-wrong-field")
    kept = SignIn.objects.get()
    assert b"password" not in bytes(kept.name_index)
    assert kept.actor == ""


def test_tries_at_once_get_no_more_looks_than_the_limit(fresh_database):
    from django.db import connections

    del fresh_database
    looks: list[int] = []
    gate = threading.Barrier(8)

    def guess() -> None:
        gate.wait()
        try:
            for _ in range(3):
                do_try(name="li", address="203.0.113.7", step=STEP, at=NOW, proof=look)
        except LockedOut:
            pass
        finally:
            connections.close_all()

    def look() -> None:
        looks.append(1)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(looks) == PAIR.failures


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", None),
        ("a name", None),
    ],
)
def test_an_address_counts_as_what_one_household_has(address, network):
    assert network_of(address) == network


tries = st.builds(
    Try,
    step=st.sampled_from(SignInStep),
    passed=st.booleans(),
    network=st.sampled_from(["203.0.113.7", "198.51.100.9", None]),
    at=st.integers(0, 7200).map(lambda s: NOW - timedelta(seconds=s)),
)


@given(st.lists(tries, max_size=40).map(lambda found: sorted(found, key=lambda t: t.at)[::-1]))
def test_a_wait_is_never_longer_than_its_limit_and_one_failure_never_shortens_it(found):
    failed = failures(found, step=STEP, network="203.0.113.7")
    until = waits(failed, PAIR, at=NOW)
    if until is not None:
        assert NOW < until <= NOW + PAIR.within
        more = waits([NOW, *failed], PAIR, at=NOW)
        assert more is not None
        assert more >= until
