"""Take secrets out of a text before anybody keeps it. Pure: no clock, no database, no files."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
SHORTEST = 8  # a shorter word stands in too many places to be taken out of every one
_NAMED = (
    "password passwd passphrase secret token api[_-]?key signing[_-]?secret private[_-]?key"
    " authorization cookie set-cookie csrfmiddlewaretoken recovery[_-]?code otp forbear-signature"
).split()
# Each pattern keeps its first group, which says what stood there.
_PATTERNS = (
    re.compile(r"((?:basic|bearer)\s+)[\w.~+/=-]{6,}", re.I),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/]+(?=@)", re.I),  # in an address
    re.compile(r"()\bfbk_[\w-]{8,}"),  # a key of the API
    re.compile(r"(\bv1=)[0-9a-f]{64}", re.I),  # a webhook's signature
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)", re.S),
    re.compile(
        rf"""((?<![a-z])["']?(?:[a-z]+[_-])*(?:{"|".join(_NAMED)})(?:[_-]key|s)?["']?\s*[:=]>?\s*)"""
        r"""(?!\[hidden\])(?:"[^"]*"|'[^']*'|(?:basic|bearer)\s+\S+|[^\s,;&'"}\)]+)""",
        re.I,
    ),
    re.compile(r"()(?<![\w-])[0-9a-f]{64}(?![\w-])", re.I),  # what every key of ours looks like
)


def hidden(text: str, *, known: Iterable[str] = ()) -> str:
    """Return a text without the secrets that its form betrays, and without the known ones.

    Digests in full go with the keys: both are 64 hex digits, and only one of them is harmless.
    Errors: none.
    Source: house convention: a log is read by more people than a secret is meant for.
    """
    for word in known:
        if len(word) >= SHORTEST:
            text = text.replace(word, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text
