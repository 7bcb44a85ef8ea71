"""Keys: made, refused, revoked, and what of them is stored."""

from __future__ import annotations

import hashlib
import threading

import pytest
from django.db import connection

from forbear.actions.api_key import (
    KeyNameTaken,
    NoSuchKey,
    NotAKeyName,
    NotAScope,
    access_keys,
    do_make_key,
    do_revoke_key,
    key_of_name,
    key_of_text,
)
from forbear.actions.reader import ROLES, Ability, NotAllowed, Reader, machine
from forbear.store.models import ApiKey

OPERATOR = machine("cli:test")


@pytest.mark.django_db
def test_a_key_gives_its_scopes_and_no_more():
    made = do_make_key(OPERATOR, name="core", scopes=["see_person", "see_person"])
    found = key_of_text(made.key)
    assert found
    assert found.reader == Reader(actor="key:core", abilities=frozenset({Ability.see_person}))


@pytest.mark.django_db
def test_only_the_hash_of_a_key_is_stored():
    made = do_make_key(OPERATOR, name="core", scopes=["write_payment"])
    row = ApiKey.objects.get()
    assert bytes(row.key_hash) == hashlib.sha256(made.key.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("select api_key::text from api_key")
        stored = cursor.fetchone()[0]
    assert made.key not in stored
    assert made.signing_secret not in stored


@pytest.mark.django_db
def test_a_signing_secret_is_given_only_where_requests_are_signed():
    assert do_make_key(OPERATOR, name="reads", scopes=["see_person"]).signing_secret == ""
    made = do_make_key(OPERATOR, name="writes", scopes=["write_receipt"])
    found = key_of_name("writes")
    assert found
    assert found.signing_secret == made.signing_secret != ""


@pytest.mark.django_db
def test_the_secrets_are_in_the_words_that_are_shown_once():
    made = do_make_key(OPERATOR, name="core", scopes=["write_payment"])
    assert made.key in str(made)
    assert made.signing_secret in str(made)


@pytest.mark.django_db
def test_revoking_is_a_later_row_and_takes_effect_at_once():
    made = do_make_key(OPERATOR, name="core", scopes=["write_payment"])
    do_revoke_key(OPERATOR, name="core")
    assert (key_of_text(made.key), key_of_name("core")) == (None, None)
    assert list(ApiKey.objects.values_list("actor", flat=True)) == ["cli:test"] * 2
    assert [line.revoked_at is None for line in access_keys(OPERATOR)] == [False]


@pytest.mark.django_db
def test_a_name_is_free_again_after_revoking_and_its_secrets_are_new():
    first = do_make_key(OPERATOR, name="core", scopes=["write_payment"])
    do_revoke_key(OPERATOR, name="core")
    second = do_make_key(OPERATOR, name="core", scopes=["write_payment"])
    assert (first.key, first.signing_secret) != (second.key, second.signing_secret)
    assert first.signing_secret != second.signing_secret
    assert [line.revoked_at is None for line in access_keys(OPERATOR)] == [True, False]


@pytest.mark.django_db
def test_what_cannot_be_is_refused_by_name():
    do_make_key(OPERATOR, name="core", scopes=["see_person"])
    with pytest.raises(KeyNameTaken):
        do_make_key(OPERATOR, name="core", scopes=["see_person"])
    for name in ("", "A", "a b", "a\x00", "é", "-a", "a" * 65, "a\n"):
        with pytest.raises(NotAKeyName):
            do_make_key(OPERATOR, name=name, scopes=["see_person"])
    for scopes in ([], ["nothing"], ["manage_users"], ["reveal", "see_person"]):
        with pytest.raises(NotAScope):
            do_make_key(OPERATOR, name="other", scopes=scopes)
    for name in ("other", "a\x00"):
        with pytest.raises(NoSuchKey):
            do_revoke_key(OPERATOR, name=name)
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db
def test_no_key_of_somebodys_imagination_is_found():
    do_make_key(OPERATOR, name="core", scopes=["see_person"])
    for text in ("", "fbk_", "fbk_" + "a" * 43, "fbk_" + "é" * 43, "\x00", "\ud800", "x" * 10**6):
        assert key_of_text(text) is None
    for name in ("", "none", "\x00", "\ud800", "core\n"):
        assert key_of_name(name) is None


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["collector", "supervisor", "compliance"])
def test_a_role_without_the_ability_neither_makes_nor_sees_nor_revokes(role):
    reader = Reader(actor="user:li", abilities=ROLES[role])
    do_make_key(OPERATOR, name="core", scopes=["see_person"])
    with pytest.raises(NotAllowed):
        do_make_key(reader, name="mine", scopes=["see_person"])
    with pytest.raises(NotAllowed):
        do_revoke_key(reader, name="core")
    with pytest.raises(NotAllowed):
        access_keys(reader)
    assert ApiKey.objects.count() == 1


def test_two_that_take_one_name_at_once_leave_one_key(fresh_database):
    del fresh_database
    begin, told = threading.Barrier(4), []

    def make() -> None:
        begin.wait()
        try:
            told.append(bool(do_make_key(OPERATOR, name="core", scopes=["see_person"])))
        except KeyNameTaken:
            told.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(told) == [False, False, False, True]
