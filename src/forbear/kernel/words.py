"""Numbers in English sentences: one entry, two entries."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one.

    Shape:  thousands are parted by commas.
    Errors: none.
    Source: none; a noun in -y after a consonant takes -ies, in a hissing sound -es, else -s.
    """
    return f"{n:,} {noun if n == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a regular English noun.

    Errors: none.
    """
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"
