"""What trained weights say of a sentence where no phrase is certain. Pure: given the weights.

Linear: runs of one, two, three and five characters, hashed into a table; their weights summed by
sentence, for every category at once. Teaching them is `benchmarks/screening/train.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forbear.kernel.errors import ForbearError
from forbear.screening.look import BREAK
from forbear.screening.normal import BORDER, Codes, Places, Readings
from forbear.screening.phrase import Harm

BUCKETS = 1 << 16
ORDERS = (1, 2, 3, 5)
PRIMES = (2654435761, 2246822519, 3266489917, 668265263, 374761393)  # odd, for mixing
SHORTEST = 3  # a sentence of fewer characters says nothing of itself
Scores = NDArray[np.float32]


class BadWeights(ForbearError):
    """The weights of the screening cannot be used."""

    code = "screening.bad_weights"


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights and, for each category, from which probability on they speak."""

    table: NDArray[np.int8]  # (BUCKETS, categories)
    scale: Scores  # (categories,)
    bias: Scores
    flag_at_ppm: Mapping[Harm, int]  # from here on a sentence is flagged
    block_at_ppm: Mapping[Harm, int]  # from here on it does not leave
    digest: str


@dataclass(frozen=True)
class Sentences:
    """The sentences of some readings: where each lies, and whose it is."""

    starts: Places  # in `broken`
    ends: Places


def sentences(readings: Readings) -> Sentences:
    """Return the sentences of texts that are long enough to be judged."""
    ends = np.flatnonzero((readings.broken == ord(BREAK)) | (readings.broken == ord(BORDER)))
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    long = ends - starts >= SHORTEST
    return Sentences(starts=starts[long], ends=ends[long])


def since_start(codes: Codes) -> Places:
    """Return for each character its number in its sentence, from 1; 0 for a border."""
    places = np.arange(1, len(codes) + 1)
    borders = (codes == ord(BREAK)) | (codes == ord(BORDER))
    since: Places = places - np.maximum.accumulate(np.where(borders, places, 0))
    return since


def hashed(codes: Codes, since: Places, order: int) -> NDArray[np.uint32]:
    """Return the bucket of each run of so many characters, by the place of its last one.

    A run may begin with the border before its sentence, no earlier; those that do are in bucket 0.
    """
    plain = np.where(since == 0, np.uint32(0), codes)
    mixed = np.full(len(codes), order * 97, np.uint32)
    for back in range(order):
        mixed[back:] ^= plain[: len(codes) - back] * np.uint32(PRIMES[back])
        mixed *= np.uint32(2246822519)
        mixed ^= mixed >> np.uint32(15)
    return np.where(since >= order - 1, mixed >> np.uint32(16), np.uint32(0))


def probabilities(weights: Weights, readings: Readings, found: Sentences) -> Scores:
    """Return for each sentence the probability of each category.

    Shape:  (sentences, categories), the order of `Harm`.
    Unit:   0 to 1.
    Errors: none.
    Source: docs/screening.md says how well they were measured to hold.
    """
    if not len(found.starts):
        return np.zeros((0, len(Harm)), np.float32)
    codes, since = readings.broken, since_start(readings.broken)
    bounds = np.stack([found.starts, found.ends], axis=1).ravel()
    rows = np.zeros((len(codes), len(Harm)), np.int16)
    eights = weights.table.view(np.int64).ravel()  # eight categories of a byte: taken as one
    for order in ORDERS:
        rows += eights[hashed(codes, since, order)].view(np.int8).reshape(rows.shape)
    sums = np.add.reduceat(rows, bounds, axis=0, dtype=np.int32)[::2]
    lengths = (found.ends - found.starts) * len(ORDERS)
    logits = sums * weights.scale / np.sqrt(lengths)[:, None] + weights.bias
    spoken: Scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return spoken


def parse_weights(table: NDArray[np.int8], card: Mapping[str, object], digest: str) -> Weights:
    """Return weights as they were shipped, held against their card.

    Errors: BadWeights where the card lacks a category or names another file.
    Source: none.
    """
    if table.shape != (BUCKETS, len(Harm)) or table.dtype != np.int8:
        raise BadWeights("the weights are not a table of the shape this version reads; reinstall")
    if card.get("digest") != digest:
        raise BadWeights("the weights are not those of their card; reinstall this version")
    given = card.get("categories")
    if not isinstance(given, dict) or list(given) != [harm.value for harm in Harm]:
        raise BadWeights("the card of the weights does not name every category in order")

    def column(key: str) -> Scores:
        return np.array([given[harm.value][key] for harm in Harm], np.float32)

    return Weights(
        table=table,
        scale=column("scale"),
        bias=column("bias"),
        flag_at_ppm={harm: int(given[harm.value]["flag_at_ppm"]) for harm in Harm},
        block_at_ppm={harm: int(given[harm.value]["block_at_ppm"]) for harm in Harm},
        digest=digest,
    )
