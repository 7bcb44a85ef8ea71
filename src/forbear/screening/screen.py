"""Screen texts: every hit with its place, category and rule; what may not leave. Pure.

Before sending, `blocks` says what keeps a text from leaving. Afterwards, for what was said already,
`flags` says what somebody should look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from forbear.kernel.digest import value_digest
from forbear.screening.frame import Frames
from forbear.screening.normal import Readings, batches, normalised
from forbear.screening.phrase import Basis, Harm, Phrase, Phrases
from forbear.screening.search import By, Hit, Search, Sure, Told
from forbear.screening.taught import Weights, probabilities, sentences

__all__ = ["Basis", "By", "Harm", "Hit", "Screen", "Sure", "Told", "blocks", "flags"]
BATCH = 512  # texts that are read in one run: what lies in a cache near the processor


class Screen:
    """The phrases and the weights of one installation, ready to be asked."""

    def __init__(self, phrases: Phrases, weights: Weights, *, digest: str) -> None:
        self.phrases = phrases
        self.weights = weights
        self.digest = value_digest([digest, weights.digest])  # what was asked, so that it replays
        frames = Frames({n: p.kinds for n, p in enumerate(phrases.phrases) if p.kinds})
        self._to_debtor = Search(phrases, frames, third_party=False)
        self._to_others = Search(phrases, frames, third_party=True)
        self._rules = [phrases.bases[harm].rule for harm in Harm]

    def screened(self, texts: Sequence[str], told: Told) -> list[tuple[Hit, ...]]:
        """Return the hits of each text, in the order of their places, one for each place and rule.

        Errors: none.
        Source: house.screening.*; each phrase file names what its category rests on.
        """
        found: list[tuple[Hit, ...]] = []
        for batch in batches(texts, BATCH):
            found += self._batch(batch, told)
        return found

    def hits(self, text: str, told: Told) -> tuple[Hit, ...]:
        """Return the hits of one text."""
        return self.screened([text], told)[0]

    def _batch(self, texts: Sequence[str], told: Told) -> list[tuple[Hit, ...]]:
        readings = normalised(*texts)
        search = self._to_others if told.third_party else self._to_debtor
        hits: list[list[Hit]] = [[] for _ in texts]
        for number, phrase, hit in search.found(readings):
            if _applies(phrase, told):
                hits[number].append(hit)
        for number, hit in self._judged(readings):
            if not any(_covers(other, hit) for other in hits[number]):
                hits[number].append(hit)
        return [_widest(each) for each in hits]

    def _judged(self, readings: Readings) -> Iterable[tuple[int, Hit]]:
        """Yield what the weights say of each sentence where they are sure enough to speak."""
        found = sentences(readings)
        said = probabilities(self.weights, readings, found)
        owners = readings.owners(found.starts)
        speaks = [self.weights.flag_at_ppm[harm] for harm in Harm]
        for row, column in zip(*np.nonzero(said * 1_000_000 >= np.array(speaks)), strict=True):
            number = int(owners[row])
            first = int(readings.came_from[found.starts[row]])
            last = int(readings.came_from[found.ends[row] - 1])
            begins = readings.begins(number)
            harm = list(Harm)[int(column)]
            yield (
                number,
                Hit(
                    start=first - begins,
                    end=last - begins + 1,
                    harm=harm,
                    rule=self._rules[int(column)],
                    sure=Sure.likely,
                    by=By.weights,
                    score_ppm=int(said[row, column] * 1_000_000),
                ),
            )

    def blocking(self, hits: Iterable[Hit]) -> tuple[Hit, ...]:
        """Return the hits that keep a text from leaving."""
        return blocks(hits, self.weights)


def blocks(hits: Iterable[Hit], weights: Weights) -> tuple[Hit, ...]:
    """Return the hits that keep a text from leaving: phrases, and what the weights are sure of.

    Errors: none.
    Source: house convention: who writes can write it another way; who was hurt was hurt.
    """
    return tuple(
        hit
        for hit in hits
        if hit.by is By.phrase or hit.score_ppm >= weights.block_at_ppm[hit.harm]
    )


def flags(hits: Iterable[Hit]) -> tuple[Harm, ...]:
    """Return the categories that somebody should look at in what was said already.

    Errors: none.
    Source: house convention: afterwards every hit counts, the likely ones too.
    """
    return tuple(sorted({hit.harm for hit in hits}, key=list(Harm).index))


def _applies(phrase: Phrase, told: Told) -> bool:
    if phrase.third_party and not told.third_party:
        return False
    return told.product not in phrase.product_not


def _covers(other: Hit, hit: Hit) -> bool:
    """Return whether a phrase already says of a sentence what the weights say of it."""
    return (
        other.by is By.phrase
        and other.harm is hit.harm
        and hit.start <= other.start
        and other.end <= hit.end
    )


def _widest(hits: list[Hit]) -> tuple[Hit, ...]:
    """Return hits in order, those of one rule that overlap, equally sure, as one place."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end, h.sure is not Sure.certain)):
        for number, other in enumerate(kept):
            if other.rule != hit.rule or other.by is not hit.by:
                continue
            if hit.end <= other.end or (hit.start < other.end and hit.sure is other.sure):
                kept[number] = replace(other, end=max(hit.end, other.end))
                break
        else:
            kept.append(hit)
    return tuple(kept)
