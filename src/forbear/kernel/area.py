"""Write an area in its one form, so that an area within another begins with it. Pure.

A code of China's administrative divisions is its digits without the zeros that only fill it up:
440000 is 44, 440300 is 4403. Any other area is a path of names from the widest to the narrowest,
each ended by a stroke: `us-fl/lee county/`.
"""

from __future__ import annotations

import re

CODE_LENGTHS = (2, 4, 6, 9, 12)  # province, prefecture, county, township, village


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
