"""Write an area in its one form, so that an area within another begins with it. Pure.

A code of China's administrative divisions is its digits without the zeros that only fill it up:
440000 is 44, 440300 is 4403. Any other area is a path of names from the widest to the narrowest,
each ended by a stroke: `us-fl/lee county/`.
"""

from __future__ import annotations

import re

CODE_LENGTHS = (2, 4, 6, 9, 12)  # province, prefecture, county, township, village

PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    " 71 81 82".split()
)


def is_division(text: str) -> bool:
    """Return whether digits can be the code of a division of China, by its length and province.

    Errors: none.
    Source: GB/T 2260, the first two digits; GB/T 10114.
    """
    plain = text.strip()
    return len(plain) in CODE_LENGTHS and plain[:2] in PROVINCES


def wider_areas(form: str) -> tuple[str, ...]:
    """Return every area around one, in the form of `area_form`: of 440305 these are 44 and 4403.

    Errors: none.
    Source: none.
    """
    if form.isdigit():
        return tuple(form[:length] for length in CODE_LENGTHS if length < len(form))
    ends = [at + 1 for at, letter in enumerate(form) if letter == "/"]
    return tuple(form[:end] for end in ends[:-1])


def area_form(text: str) -> str:
    """Return an area as it is stored and compared; "" where the text names none.

    Errors: none.
    Source: GB/T 2260 and GB/T 10114, for the lengths of codes.
    """
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) in CODE_LENGTHS:
        for long, short in ((12, 9), (9, 6), (6, 4), (4, 2)):
            if len(plain) == long and not plain[short:].strip("0"):
                plain = plain[:short]
        return plain
    names = (" ".join(name.split()).casefold() for name in re.split(r"[/／]", plain))
    return "".join(f"{name}/" for name in names if name)


def area_words(form: str) -> str:
    """Return a stored area as people write it.

    Errors: none.
    Source: none.
    """
    return form.removesuffix("/")


def lies_within(area: str, wider: str) -> bool:
    """Return whether an area is another or a part of it; both in the form of `area_form`.

    Errors: none; an area that nobody knows lies within none.
    Source: none.
    """
    return bool(area) and area.startswith(wider)
