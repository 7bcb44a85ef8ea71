"""Undo the disguises of texts, and know where in each a character came from. Pure.

What is read keeps letters, digits and hanzi; blanks, marks, emoji and what cannot be seen go, so
that no insertion parts a phrase. Many texts are read as one run, a border after each, because a
column of characters is read fifty times as fast as one text after another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forbear.screening.look import BREAK, heard, seen

Codes = NDArray[np.uint32]  # characters as numbers
Places = NDArray[np.int64]
BORDER = "\x01"  # between two texts; no text holds it, because reading drops control characters
UNKNOWN, SEVERAL = 0xFFFFFFFF, 0xFFFFFFFE
ALL_CODES = 0x110000


class Table:
    """What each character becomes, as a column; filled for those that were met."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        self._becomes = becomes
        self._one = np.full(ALL_CODES, UNKNOWN, np.uint32)  # 0 is nothing
        self._several: dict[int, str] = {}

    def read(self, codes: Codes) -> tuple[Codes, Places]:
        """Return what a run of characters becomes, and where each of that came from."""
        found = self._one[codes]
        if (found == UNKNOWN).any():
            self._meet(np.unique(codes[found == UNKNOWN]))
            found = self._one[codes]
        if (found == SEVERAL).any():
            return self._longer(codes, found)
        places = np.flatnonzero(found)
        return found[places], places

    def _meet(self, codes: Codes) -> None:
        for code in codes.tolist():
            text = self._becomes(chr(code))
            if len(text) > 1:
                self._several[code] = text
            self._one[code] = SEVERAL if len(text) > 1 else ord(text) if text else 0

    def _longer(self, codes: Codes, found: Codes) -> tuple[Codes, Places]:
        """Return the same where some characters become several, such as ㈠ and ½."""
        lengths = (found != 0).astype(np.int64)
        several = np.flatnonzero(found == SEVERAL)
        words = [self._several[code] for code in codes[several].tolist()]
        lengths[several] = [len(word) for word in words]
        places = np.repeat(np.arange(len(codes)), lengths)
        read = found[places]
        read[read == SEVERAL] = [ord(char) for word in words for char in word]
        return read, places


SEEN = Table(lambda char: char if char == BORDER else seen(char))
HEARD = Table(heard)


@dataclass(frozen=True)
class Readings:
    """Some texts as they are read, in one run. Places count its characters, breaks left out."""

    originals: tuple[str, ...]
    broken: Codes  # with a break where a sentence ends and a border after each text
    run: Codes  # all originals in one run
    came_from: Places  # for each of `broken` its place in all originals in one run

    @cached_property
    def _kept(self) -> NDArray[np.bool_]:
        kept: NDArray[np.bool_] = self.broken != ord(BREAK)
        return kept

    @cached_property
    def codes(self) -> Codes:
        """Return the characters read, without breaks."""
        return self.broken[self._kept]

    @cached_property
    def text(self) -> str:
        """Return the characters read, without breaks, as one text."""
        return written(self.codes)

    @cached_property
    def sound(self) -> str:
        """Return how the text sounds, one character for one."""
        return written(HEARD.read(self.codes)[0])

    def whole_words(self, starts: Places, ends: Places) -> NDArray[np.bool_]:
        """Return which runs are no part of a longer word in Latin letters."""
        run = self.run
        letter = ((run | 32) >= ord("a")) & ((run | 32) <= ord("z"))
        first, last = self._places[starts], self._places[ends - 1]
        cut_before = letter[first] & letter[first - 1] & (first > 0)
        whole: NDArray[np.bool_] = ~(cut_before | (letter[last] & letter[last + 1]))
        return whole

    @cached_property
    def _places(self) -> Places:
        return self.came_from[self._kept]

    @cached_property
    def _ends_before(self) -> Places:
        ended: Places = np.cumsum(~self._kept, dtype=np.int64)[self._kept]
        return ended

    @cached_property
    def _starts(self) -> Places:
        lengths = [len(text) + 1 for text in self.originals]
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def breaks_within(self, start: int, end: int) -> int:
        """Return how many sentence ends stand inside a run."""
        return int(self._ends_before[end - 1] - self._ends_before[start])

    def span(self, start: int, end: int) -> tuple[int, int, int]:
        """Return which text a run is of, and the span of the original that it came from."""
        first, last = int(self._places[start]), int(self._places[end - 1])
        number = int(np.searchsorted(self._starts, first, "right")) - 1
        begins = self.begins(number)
        return number, first - begins, last - begins + 1

    def begins(self, number: int) -> int:
        """Return where a text begins in all originals in one run."""
        return int(self._starts[number])

    def owners(self, places: Places) -> Places:
        """Return which text each place of `broken` is of."""
        found: Places = np.searchsorted(self._starts, self.came_from[places], "right") - 1
        return found


def normalised(*texts: str) -> Readings:
    """Return texts as they are read, with the way back to every place of the originals.

    Errors: none.
    Source: house convention: what a reader recognizes in a disguised word is what it says.
    """
    run = "".join(text.replace(BORDER, " ") + BORDER for text in texts)
    codes = numbered(run)
    broken, came_from = SEEN.read(codes)
    return Readings(originals=texts, broken=broken, run=codes, came_from=came_from)


def read_as(text: str) -> str:
    """Return one text as it is read, without breaks and border."""
    return normalised(text).text.removesuffix(BORDER)


def all_read_as(texts: Sequence[str]) -> list[str]:
    """Return many texts as they are read: as one run, which is far quicker than one by one."""
    return normalised(*texts).text.split(BORDER)[:-1]


def sounds_of(texts: Sequence[str]) -> list[str]:
    """Return how many texts sound, as one run."""
    return normalised(*texts).sound.split(BORDER)[:-1]


def sound_of(text: str) -> str:
    """Return how one text sounds, a character for a syllable."""
    return normalised(text).sound.removesuffix(BORDER)


def numbered(text: str) -> Codes:
    """Return a text's characters as numbers; halves of characters are replaced."""
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)


def written(codes: Codes) -> str:
    """Return numbers as the text they are the characters of."""
    return codes.tobytes().decode("utf-32-le")


def batches(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    """Return texts in batches of at most so many."""
    return [texts[at : at + size] for at in range(0, len(texts), size)]
