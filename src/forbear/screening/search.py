"""Find phrases in texts, disguised or not: what is certain, and what only sounds so. Pure.

Two automata run over the texts of a batch at once: one over what is read, each phrase also as it is
written when one of its hanzi is typed as pinyin or its first letter; one over how it sounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from ahocorasick_rs import AhoCorasick

from forbear.screening.frame import Frames
from forbear.screening.look import is_common, is_hanzi, seen, spelled, split
from forbear.screening.normal import BORDER, Readings, sounds_of
from forbear.screening.phrase import Harm, Phrase, Phrases

MAX_GAP = 8  # characters between two parts of a phrase
SOUND_LENGTH = 3  # shorter phrases sound like too much else
COMMON_LENGTH = 4  # where a phrase is only heard, and what is written are ordinary words
SENTENCES_MEET = re.compile(
    r"[a-z][.!?:;]*\n+\W*[a-z]|[a-z][.!?:;]+\s+\W*[a-z]{2}", re.I
)  # in Latin letters
ENDS_CLAUSE = frozenset("，,。.；;：:！!？?\n…— ")


class Sure(StrEnum):
    """How sure a hit is."""

    certain = "certain"  # a phrase of the packs stands there, plainly or under a known disguise
    likely = "likely"  # it sounds like one, or the trained weights say so


class By(StrEnum):
    """What found a hit."""

    phrase = "phrase"
    weights = "weights"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Hit:
    """One place of a text that does harm."""

    start: int  # in the original text
    end: int
    harm: Harm
    rule: str
    sure: Sure
    by: By
    score_ppm: int = 1_000_000  # the weights' own probability; a phrase has the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a message besides its words. The defaults are the strictest."""

    third_party: bool = False  # whoever reads it does not owe
    product: str = ""  # what the debt is of; "" is not known, and so no card


class Search:
    """The phrases, compiled."""

    def __init__(self, phrases: Phrases, frames: Frames, *, third_party: bool) -> None:
        self._phrases = phrases
        self._read: dict[str, list[int]] = {}  # a phrase, or its first part → its numbers
        self._heard: dict[str, list[int]] = {}
        safe: list[int] = []  # to be found by sound too
        for number, phrase in enumerate(phrases.phrases):
            if phrase.third_party and not third_party:
                continue  # words of every message; looking them up costs, and they never apply
            if phrase.kinds:
                continue  # the frames' own affair
            for written in (phrase.parts[0], *_typed(phrase)):
                self._read.setdefault(written, []).append(number)
            if len(phrase.parts) == 1 and _heard_safely(phrase.parts[0]):
                safe.append(number)
        sounds = sounds_of([phrases.phrases[number].parts[0] for number in safe])
        for number, sound in zip(safe, sounds, strict=True):
            self._heard.setdefault(sound, []).append(number)
        self._reader = AhoCorasick(list(self._read))
        self._hearer = AhoCorasick(list(self._heard))
        self._read_of = list(self._read.values())
        self._heard_of = list(self._heard.values())
        self._frames = frames
        self._negator, self._unless = _any_of(phrases.negators), _any_of(phrases.unless)
        self._retractor = _any_of(phrases.retractors)

    def found(self, readings: Readings) -> Iterator[tuple[int, Phrase, Hit]]:
        """Yield for each phrase found the number of its text, the phrase and the hit.

        Errors: none.
        Source: house.screening.*; bounds and negation as the packs say.
        """
        text = readings.text
        for pattern, start, end in self._reader.find_matches_as_indexes(text, overlapping=True):
            for number in self._read_of[pattern]:
                phrase = self._phrases.phrases[number]
                whole = _ended(text, end, phrase.parts[1:]) if len(phrase.parts) > 1 else end
                if whole:
                    yield from self._hit(readings, phrase, start, whole, Sure.certain)
        yield from self._only_heard(readings, text)
        for number, places in self._frames.found(readings):
            phrase = self._phrases.phrases[number]
            if not self._promised(text, phrase, places):
                yield from self._hit(readings, phrase, places[0][0], places[-1][1], Sure.certain)

    def _promised(self, text: str, phrase: Phrase, places: Sequence[tuple[int, int]]) -> bool:
        """Return whether a word between the parts of a frame turns it into its opposite."""
        if not phrase.negatable:
            return False
        between = [text[a[1] : b[0]] for a, b in pairwise(places)]
        return any(self._negator.search(gap) and not self._unless.search(gap) for gap in between)

    def _only_heard(self, readings: Readings, text: str) -> Iterator[tuple[int, Phrase, Hit]]:
        heard = self._hearer.find_matches_as_indexes(readings.sound, overlapping=True)
        for pattern, start, end in heard:
            for number in self._heard_of[pattern]:
                phrase = self._phrases.phrases[number]
                sure = _sureness(phrase.parts[0], text[start:end])
                if sure:
                    yield from self._hit(readings, phrase, start, end, sure)

    def _hit(
        self, readings: Readings, phrase: Phrase, start: int, end: int, sure: Sure
    ) -> Iterator[tuple[int, Phrase, Hit]]:
        number, begins, ends = readings.span(start, end)
        original = readings.originals[number]
        if _within_word(original, begins, ends) or SENTENCES_MEET.search(original, begins, ends):
            return
        if phrase.negatable and (
            self._negated(readings, number, start, begins) or self._retracted(readings, end)
        ):
            return
        if readings.breaks_within(start, end) == 1 and ends - begins == end - start + 1:
            sure = Sure.likely  # two sentences that meet there, not a phrase that was cut up
        yield (
            number,
            phrase,
            Hit(
                start=begins,
                end=ends,
                harm=phrase.harm,
                rule=phrase.rule,
                sure=sure,
                by=By.phrase,
            ),
        )

    def _negated(self, readings: Readings, number: int, start: int, begins: int) -> bool:
        """Return whether a word right before a phrase turns it into its opposite."""
        first = max(0, start - self._phrases.reach - 12)
        # 不会 may share its 会 with the phrase.
        for found in self._negator.finditer(readings.text, first, start + 1):
            between = readings.text[found.end() : start]
            if sum(3 if is_hanzi(char) else 1 for char in between) > self._phrases.reach:
                continue
            whose, from_, _ = readings.span(found.start(), found.end())
            latin = found[0][-1].isascii()
            gap = readings.originals[whose][from_:begins] if whose == number else " "
            if whose == number and not _clause_ends(gap, latin=latin):
                return self._unless.search(between) is None
        return False

    def _retracted(self, readings: Readings, end: int) -> bool:
        """Return whether a word later in the sentence says that a phrase is not so."""
        found = self._retractor.search(readings.text, end, end + 2 * self._phrases.reach)
        return bool(
            found
            and BORDER not in readings.text[end : found.start()]
            and not readings.breaks_within(end - 1, found.end())
        )


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def _clause_ends(gap: str, *, latin: bool) -> bool:
    return any(char in ENDS_CLAUSE and not (latin and char == " ") for char in gap)


def _ended(text: str, end: int, parts: tuple[str, ...]) -> int:
    """Return where the other parts of a phrase end, each soon after the one before; 0 if absent."""
    for part in parts:
        at = text.find(part, end, end + MAX_GAP + len(part))
        if at < 0 or BORDER in text[end:at]:
            return 0
        end = at + len(part)
    return end


def _typed(phrase: Phrase) -> Iterator[str]:
    """Yield a phrase with one of its hanzi as pinyin, as its first letter, or taken apart."""
    text = phrase.parts[0]
    if len(phrase.parts) > 1 or not all(map(is_hanzi, text)):
        return
    for place, char in enumerate(text):
        sound = spelled(char) if len(text) >= SOUND_LENGTH else ""
        for other in {sound, sound[:1], split(char)} - {""}:
            yield f"{text[:place]}{other}{text[place + 1 :]}"


def _heard_safely(text: str) -> bool:
    return len(text) >= SOUND_LENGTH and all(map(is_hanzi, text))


def _sureness(phrase: str, read: str) -> Sure | None:
    """Return how sure it is that what was read stands for a phrase that sounds the same."""
    others = [char for said, char in zip(phrase, read, strict=True) if said != char]
    if not others or len(others) * 2 > len(phrase):
        return None  # read already, or more unlike than like
    if not any(is_hanzi(char) and is_common(char) for char in others):
        return Sure.certain  # nobody writes a rare hanzi or a digit there who means it
    return Sure.likely if len(phrase) >= COMMON_LENGTH else None


def _within_word(original: str, start: int, end: int) -> bool:
    """Return whether a span of Latin letters is only a part of a longer word."""
    before = original[start - 1 : start] if start else ""
    after = original[end : end + 1]
    return (_letter(original[start]) and _letter(before)) or (
        _letter(original[end - 1]) and _letter(after)
    )


def _letter(char: str) -> bool:
    read = seen(char) if char else ""
    return read.isascii() and read.isalpha()
