"""Encrypt personal data, and find it again without decrypting. Decides nothing."""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forbear.kernel.errors import ForbearError

NONCE_BYTES = 12
MARK = "the key that this book is sealed under"


class KeyDoesNotFit(ForbearError):
    """The personal data cannot be opened: data.key is not the key it was sealed under."""

    code = "store.key_does_not_fit"
    http_status = 500


class Cipher:
    """AES-256-GCM for the text, HMAC-SHA-256 for its blind index, under keys of one secret."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(_derived(key, b"forbear text"))
        self._index_key = _derived(key, b"forbear index")

    def sealed(self, text: str) -> bytes:
        """Return a text encrypted; the same text twice gives different bytes."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, text.encode(), None)

    def opened(self, sealed: bytes) -> str:
        """Return the text of sealed bytes. Raises InvalidTag where they were tampered with."""
        raw = bytes(sealed)
        return self._aead.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()

    def index(self, text: str) -> bytes:
        """Return the blind index of a text: equal for texts that differ only in form or case."""
        plain = unicodedata.normalize("NFKC", text).strip().casefold()
        return hmac.digest(self._index_key, plain.encode(), hashlib.sha256)[:16]


def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(key)


@lru_cache(maxsize=1)
def cipher() -> Cipher:
    """Return this installation's cipher."""
    from forbear.store.keys import data_key
    from forbear.store.server import home

    return Cipher(data_key(home()))


def check_key() -> None:
    """Keep the mark of this installation's key in the book, or hold the key against the mark.

    A book sealed under two keys could not be read again, and a refused number would not be known.
    Errors: KeyDoesNotFit.
    """
    from django.db import connection

    mark = cipher().index(MARK).hex()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into installation (name, value) values ('data_key', %s) on conflict do nothing",
            [mark],
        )
        cursor.execute("select value from installation where name = 'data_key'")
        (kept,) = cursor.fetchone()
    if kept != mark:
        raise KeyDoesNotFit(
            "data.key is not the key that this book was sealed under; put the first one back"
            " into FORBEAR_HOME, or name it in FORBEAR_DATA_KEY (64 hex digits)"
        )
