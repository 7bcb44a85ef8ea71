"""Personal data is unreadable at rest, and still found by who knows it."""

from __future__ import annotations

import stat

import pytest
from cryptography.exceptions import InvalidTag

from forbear.store.cipher import Cipher, KeyDoesNotFit, check_key
from forbear.store.keys import data_key, secret

ONE, OTHER = Cipher(b"1" * 32), Cipher(b"2" * 32)


def test_a_name_comes_back_as_it_was_and_is_nowhere_in_the_bytes():
    sealed = ONE.sealed("林小文 🌱")
    assert ONE.opened(sealed) == "林小文 🌱"
    assert "林小文".encode() not in sealed


def test_the_same_name_twice_gives_different_bytes_but_one_index():
    assert ONE.sealed("林") != ONE.sealed("林")
    assert ONE.index(" Lin@Example.invalid ") == ONE.index("lin@example.invalid")


def test_full_width_digits_are_the_same_number():
    assert ONE.index("１３８００１３８０００") == ONE.index("13800138000")


def test_another_installations_key_opens_nothing_and_finds_nothing():
    with pytest.raises(InvalidTag):
        OTHER.opened(ONE.sealed("林"))
    assert ONE.index("林") != OTHER.index("林")


def test_tampered_bytes_are_refused():
    sealed = bytearray(ONE.sealed("林"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        ONE.opened(bytes(sealed))


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    first = secret(tmp_path, "x.key", "FORBEAR_NO_SUCH_VARIABLE")
    assert secret(tmp_path, "x.key", "FORBEAR_NO_SUCH_VARIABLE") == first
    assert stat.S_IMODE((tmp_path / "x.key").stat().st_mode) == 0o600
    assert len(data_key(tmp_path)) == 32


@pytest.mark.django_db
def test_a_book_knows_the_key_that_it_was_sealed_under(monkeypatch):
    monkeypatch.setattr("forbear.store.cipher.cipher", lambda: ONE)
    check_key()
    check_key()
    monkeypatch.setattr("forbear.store.cipher.cipher", lambda: OTHER)
    with pytest.raises(KeyDoesNotFit, match="put the first one back"):
        check_key()
