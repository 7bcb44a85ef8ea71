"""The references that a remittance text may hold, and those whose check digits are right. Pure."""

from __future__ import annotations

import re
import unicodedata

RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z:._/\-]{2,}")
PARTS = re.compile(r"([:._/\-]+)")
CHECKED = re.compile(
    r"RF\d{2}(?:[0-9A-Z]{1,21}|(?: [0-9A-Z]{4}){1,5}(?: [0-9A-Z]{1,3})?| [0-9A-Z]{1,3})(?![0-9A-Z])"
)
SHORTEST, MOST_PARTS, MOST = 3, 6, 60


def references(text: str) -> list[str]:
    """Return what in a text could be somebody's reference, each once, the longest first.

    Errors: none; a text without any gives none.
    Source: house convention: runs of letters and digits, whole and in their parts.
    """
    found: dict[str, None] = {}
    for run in RUN.findall(unicodedata.normalize("NFKC", text)):
        pieces = PARTS.split(run.rstrip(":._/-"))[: 2 * MOST_PARTS - 1]
        for size in range(len(pieces), 0, -2):
            for start in range(0, len(pieces) - size + 1, 2):
                word = "".join(pieces[start : start + size])
                if len(word) >= SHORTEST:
                    found[word] = None
    return list(found)[:MOST]


def checked_references(text: str) -> list[str]:
    """Return the account references in a text that carry check digits, where those are right.

    Errors: none; wrong digits give nothing.
    Source: ISO 11649 (creditor reference), check digits by ISO 7064 mod 97-10.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    words = [found.replace(" ", "") for found in CHECKED.findall(plain)]
    return list(dict.fromkeys(word[4:] for word in words if _rest(word[4:] + word[:4]) == 1))


def creditor_reference(ref: str) -> str:
    """Return an account's reference with check digits; "" where it has other signs or is too long.

    Errors: none.
    Source: ISO 11649.
    """
    if not re.fullmatch(r"[0-9A-Z]{1,21}", ref):
        return ""
    return f"RF{98 - _rest(ref + 'RF00'):02d}{ref}"


def _rest(word: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in word)) % 97
