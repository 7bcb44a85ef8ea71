"""Digests that name bytes. Two tables with the same rows in the same order have the same digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any


def text_digest(texts: Mapping[str, str]) -> str:
    """Return the SHA-256 of named texts, in the order of their names, as 64 hex digits.

    Errors: none.
    Source: FIPS 180-4.
    """
    seal = hashlib.sha256()
    for name in sorted(texts):
        for part in (name, texts[name]):
            coded = part.encode()
            seal.update(len(coded).to_bytes(8, "big") + coded)
    return seal.hexdigest()


def value_digest(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value in canonical form, as 64 hex digits.

    Errors: TypeError where the value is not JSON-able.
    Source: FIPS 180-4.
    """
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def chunk_digest(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 of a run of byte chunks, each with its length, as 64 hex digits.

    Errors: none.
    Source: FIPS 180-4.
    """
    seal = hashlib.sha256()
    for chunk in chunks:
        seal.update(len(chunk).to_bytes(8, "big"))
        seal.update(chunk)
    return seal.hexdigest()
