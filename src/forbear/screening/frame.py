"""Find frames: a word of one kind, then one of another, and so on. Pure.

"{call}…{kin}" is four thousand phrases. So the words are searched, once, disguises of each
included; what was found is sparse, and the frames are walked over that alone, as a tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from forbear.screening.look import is_common, is_hanzi, spelled, split
from forbear.screening.normal import ALL_CODES, BORDER, Readings, numbered, sounds_of, written

HANZI_GAP, LATIN_GAP = 8, 18  # characters between two words of a frame, after each script
SPELLED_WHOLE = 6  # letters from which on a whole word in pinyin is no other word
FIRST_HANZI = 0x3400

Places = tuple[tuple[int, int], ...]
Ints = NDArray[np.int64]


@dataclass
class Node:
    """Where a walk stands: the frames that end here, and what may follow."""

    ends: list[int] = field(default_factory=list)
    then: dict[int, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Walk:
    """The words found in some texts, in the order of their places, to walk over."""

    readings: Readings
    starts: list[int]
    ends: list[int]
    numbers: list[int]
    reaches: list[int]  # where the next word begins at the latest
    kinds: Sequence[tuple[int, ...]]  # by number

    def on(self, node: Node, so_far: tuple[int, ...]) -> Iterator[tuple[int, Places]]:
        """Yield the frames that end here or further on."""
        for number in node.ends:
            yield number, tuple((self.starts[at], self.ends[at]) for at in so_far)
        last = so_far[-1]
        for later in range(last + 1, len(self.starts) if node.then else 0):
            start = self.starts[later]
            if start > self.reaches[last]:
                return
            if start < self.ends[last]:
                continue
            for kind in self.kinds[self.numbers[later]]:
                then = node.then.get(kind)
                if then and not self._parted(so_far[0], last, start):
                    yield from self.on(then, (*so_far, later))

    def _parted(self, first: int, last: int, start: int) -> bool:
        """Return whether a text ends, or a sentence, before a word."""
        return (
            BORDER in self.readings.text[self.ends[last] : start]
            or self.readings.breaks_within(self.starts[first], start + 1) > 0
        )


class Frames:
    """Frames, compiled."""

    def __init__(self, frames: Mapping[int, Sequence[tuple[str, ...]]]) -> None:
        numbers: dict[tuple[str, ...], int] = {}
        self._root = Node()
        for number, kinds in frames.items():
            at = self._root
            for kind in kinds:
                at = at.then.setdefault(numbers.setdefault(kind, len(numbers)), Node())
            at.ends.append(number)
        of: dict[str, set[int]] = {}
        for words, number in numbers.items():
            for word in words:
                of.setdefault(word, set()).add(number)
        read: dict[str, set[int]] = {}
        for word, its in of.items():
            for spelling in {word, *typed(word)}:
                read.setdefault(spelling, set()).update(its)
        self._reader = AhoCorasick(list(read))
        self._kinds = [tuple(sorted(its)) for its in read.values()]
        self._hear([word for word in of if len(word) > 1 and all(map(is_hanzi, word))], read)
        self._lead(len(numbers))

    def _hear(self, words: list[str], read: Mapping[str, object]) -> None:
        """Compile how words sound."""
        order = {spelling: number for number, spelling in enumerate(read)}
        heard: dict[str, list[tuple[str, int]]] = {}
        for word, sound in zip(words, sounds_of(words), strict=True):
            heard.setdefault(sound, []).append((word, order[word]))
        self._hearer = AhoCorasick(list(heard))
        self._heard = list(heard.values())
        self._longest = max(map(len, words), default=1)

    def _lead(self, kinds: int) -> None:
        """Note of each word, as bits, which kinds it is of, and which may follow it at first."""
        of = np.zeros((len(self._kinds), kinds), np.float32)  # numpy multiplies bits one by one
        for row, its in enumerate(self._kinds):
            of[row, list(its)] = 1
        then = np.zeros((kinds, kinds), np.float32)
        for first, node in self._root.then.items():
            then[first, list(node.then)] = 1
        self._is = np.packbits(of > 0, axis=1)
        self._leads = np.packbits(of @ then > 0, axis=1)

    def found(self, readings: Readings) -> Iterator[tuple[int, Places]]:
        """Yield each frame found with the places of its words.

        Errors: none.
        Source: house.screening.*; docs/screening.md, how.
        """
        words = self._words(readings)
        if not len(words):
            return
        latin = readings.codes[words[:, 1] - 1] < 128
        reach = words[:, 1] + np.where(latin, LATIN_GAP, HANZI_GAP)
        good = self._promising(words, reach)
        if not len(good):
            return
        starts, ends, numbers = words.T.tolist()
        walk = Walk(readings, starts, ends, numbers, reach.tolist(), self._kinds)
        for at in good.tolist():
            for kind in self._kinds[walk.numbers[at]]:
                node = self._root.then.get(kind)
                if node:
                    yield from walk.on(node, (at,))

    def _promising(self, words: Ints, reach: Ints) -> Ints:
        """Return which words are followed, near enough, by one that may follow them."""
        leads, follows = self._leads[words[:, 2]], self._is[words[:, 2]]
        good = np.zeros(len(words), np.bool_)
        for apart in range(1, len(words)):
            near = words[apart:, 0] <= reach[:-apart]
            if not near.any():
                break
            near &= words[apart:, 0] >= words[:-apart, 1]
            some = np.flatnonzero(near)
            good[some] |= (leads[some] & follows[some + apart]).any(axis=1)
        return np.flatnonzero(good)

    def _words(self, readings: Readings) -> Ints:
        """Return start, end and number of each word found, in the order of their places."""
        read = self._reader.find_matches_as_indexes(readings.text, overlapping=True)
        found = _rows(read)[:, [1, 2, 0]]
        found = found[readings.whole_words(found[:, 0], found[:, 1])]
        heard = list(self._only_heard(readings))
        if heard:
            found = np.concatenate([found, np.array(heard, np.int64)])
        ordered: Ints = found[np.argsort(found[:, 0], kind="stable")]
        return ordered

    def _only_heard(self, readings: Readings) -> Iterator[tuple[int, int, int]]:
        """Yield words that sound so, with a hanzi or digit that nobody would write there."""
        codes = readings.codes
        digit = (codes >= 48) & (codes < 58)
        digit[1:-1] &= ~(digit[:-2] | digit[2:])  # a lone one: more are an amount or a day
        odd = digit | (~ordinary()[codes] & (codes >= FIRST_HANZI))
        wide = self._longest - 1
        around = np.convolve(odd, np.ones(2 * wide + 1))[wide : wide + len(codes)]
        near = np.flatnonzero(around > 0.5)
        text, sound = readings.text, written(numbered(readings.sound)[near])
        found = _rows(self._hearer.find_matches_as_indexes(sound, overlapping=True))
        starts, ends = near[found[:, 1]], near[found[:, 2] - 1] + 1
        for row in np.flatnonzero(ends - starts == found[:, 2] - found[:, 1]).tolist():
            start, end = int(starts[row]), int(ends[row])
            for word, number in self._heard[found[row, 0]]:
                if text[start:end] != word and stands_for(word, text[start:end]):
                    yield start, end, number


def _rows(found: list[tuple[int, int, int]]) -> Ints:
    flat = np.fromiter(chain.from_iterable(found), np.int64, count=3 * len(found))
    return flat.reshape(-1, 3)


@lru_cache(maxsize=1)
def ordinary() -> NDArray[np.bool_]:
    """Return of each character whether it is a common hanzi."""
    found = np.zeros(ALL_CODES, np.bool_)
    found[[code for code in range(0x4E00, 0xA000) if is_common(chr(code))]] = True
    return found


def typed(word: str) -> Iterator[str]:
    """Yield a word with one hanzi in pinyin or taken apart, and a longer one wholly in pinyin."""
    if len(word) < 2 or not all(map(is_hanzi, word)):
        return
    for place, char in enumerate(word):
        if parts := split(char):
            yield f"{word[:place]}{parts}{word[place + 1 :]}"
    sounds = [spelled(char) for char in word]
    for place, sound in enumerate(sounds):
        if len(sound) > 1:
            yield f"{word[:place]}{sound}{word[place + 1 :]}"
    if all(sounds) and len("".join(sounds)) >= SPELLED_WHOLE:
        yield "".join(sounds)


def stands_for(word: str, said: str) -> bool:
    """Return whether what was written is a word with a hanzi that nobody would write there."""
    others = [char for meant, char in zip(word, said, strict=True) if meant != char]
    return len(others) * 2 <= len(word) and not any(
        is_hanzi(char) and is_common(char) for char in others
    )
