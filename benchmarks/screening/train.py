"""Teach the screening's weights, and write them with their card.

For developers: `python benchmarks/screening/train.py --cold FOLDER`, where FOLDER holds train.csv
of the public COLD corpus of offensive comments. The corpus itself never enters this repository; of
it only the weights remain. The same inputs give the same bytes. No test and no page runs this.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import random
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import yaml

from forbear.screening.look import SENTENCE_ENDS
from forbear.screening.normal import normalised
from forbear.screening.phrase import Harm
from forbear.screening.taught import BUCKETS, ORDERS, hashed, sentences, since_start
from forbear.store.packs import fetch_pack_texts
from forbear.treatment.message import WORD, parse_messages, plain

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "src" / "forbear" / "screening" / "weights"
SEED = 20261121
DRAWS = 12  # how often each pattern is drawn
ROUNDS, STEP, DECAY = 60, 0.5, 3e-6
ASIDE = 10  # every so manieth comment is kept aside to set the thresholds
CUT = re.compile(f"[{re.escape(''.join(SENTENCE_ENDS))}]+")
SHARE_FLAGGED, SHARE_BLOCKED = 0.004, 0.0008  # of harmless sentences kept aside, at most
# Public comments are rude by another measure than a message is: speak only where it is clear.
PRECISION_FLAGGED, PRECISION_BLOCKED = 0.92, 0.98
LEAST_FLAGGED, LEAST_BLOCKED = 0.7, 0.97  # patterns of our own are too few to trust less


def main() -> None:
    """Teach and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", type=Path, required=True)
    args = parser.parse_args()
    texts, labels = corpus()
    comments, rude = cold(args.cold / "train.csv")
    aside = np.arange(len(comments)) % ASIDE == 0
    learn = [c for c, out in zip(comments, aside, strict=True) if not out]
    rows, columns, values, n = features(texts + learn)
    weights = np.zeros((BUCKETS, len(Harm)), np.float32)
    bias = np.zeros(len(Harm), np.float32)
    for number, harm in enumerate(Harm):
        told = np.concatenate([labels == number, np.zeros(len(learn), bool)])
        counted = np.ones(n, np.float32)
        if harm is Harm.insult:
            told[len(texts) :] = rude[~aside]
            counted[: len(texts)] = 3
        else:  # comments that are rude may threaten too: only the others say what is harmless
            counted[len(texts) :] = np.where(rude[~aside], 0.0, 0.3)
            counted[: len(texts)] = np.where(labels == number, 4.0, 1.0)
        weights[:, number], bias[number] = fitted(rows, columns, values, told, counted)
    write(weights, bias, [c for c, out in zip(comments, aside, strict=True) if out], rude[aside])


def corpus() -> tuple[list[str], np.ndarray]:
    """Return sentences drawn from our own patterns, and the category of each, -1 for none."""
    read = yaml.safe_load((HERE / "corpus.yaml").read_text())
    rng = random.Random(SEED)
    texts: dict[str, int] = {}
    groups = [(patterns, list(Harm).index(Harm(h))) for h, patterns in read["harms"].items()]
    for patterns, number in [*groups, (read["polite"], -1)]:
        for pattern in patterns:
            for _ in range(DRAWS * (4 if number < 0 else 1)):
                texts.setdefault(drawn(pattern, read["slots"], rng), number)
    for text in parse_messages(fetch_pack_texts()).texts.values():  # read by its reviewers
        for line in f"{text.subject}\n{plain(text)}".split("\n"):
            texts.setdefault(WORD.sub(" … ", CUT.sub(" ", line)), -1)
    return list(texts), np.array(list(texts.values()))


def drawn(pattern: str, slots: dict[str, list[str]], rng: random.Random) -> str:
    """Return a pattern with a word drawn for each slot."""
    text = re.sub(r"\{(\w+)\}", lambda m: str(rng.choice(slots[m[1]])), pattern)
    return CUT.sub(" ", text)


def cold(path: Path) -> tuple[list[str], np.ndarray]:
    """Return public comments, each as one sentence, and which are offensive."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [CUT.sub(" ", row["TEXT"]) for row in rows], np.array([r["label"] == "1" for r in rows])


def features(texts: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return row, bucket and value of every feature, as inference has them."""
    readings = normalised(*texts)
    found = sentences(readings)
    owners = readings.owners(found.starts)
    codes, since = readings.broken, since_start(readings.broken)
    rows, columns, values = [], [], []
    lengths = found.ends - found.starts
    within = np.repeat(np.arange(len(found.starts)), lengths)
    places = np.concatenate(
        [np.arange(a, b) for a, b in zip(found.starts, found.ends, strict=True)]
    )
    for order in ORDERS:
        buckets = hashed(codes, since, order)[places]
        kept = buckets > 0
        rows.append(owners[within][kept])
        columns.append(buckets[kept])
        values.append((1 / np.sqrt(lengths * len(ORDERS)))[within][kept])
    flat = [np.concatenate(part) for part in (rows, columns, values)]
    return flat[0], flat[1].astype(np.int64), flat[2].astype(np.float32), len(texts)


def fitted(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, told: np.ndarray, counted: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return weights and bias of a logistic regression, by Adam over the whole at each step."""
    use = counted[rows] > 0
    rows, columns, values = rows[use], columns[use], values[use]
    share = counted / counted.sum()
    w, b = np.zeros(BUCKETS), 0.0
    first, second = np.zeros(BUCKETS + 1), np.zeros(BUCKETS + 1)
    for step in range(1, ROUNDS + 1):
        logits = np.bincount(rows, w[columns] * values, len(told)) + b
        off = (1 / (1 + np.exp(-logits)) - told) * share
        grad = np.bincount(columns, off[rows] * values, BUCKETS) + DECAY * w
        grad = np.append(grad, off.sum())
        first = 0.9 * first + 0.1 * grad
        second = 0.99 * second + 0.01 * grad**2
        move = STEP * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        move *= 1 - step / (ROUNDS + 1)
        w, b = w - move[:-1], b - move[-1]
    return w, b


def write(weights: np.ndarray, bias: np.ndarray, aside: list[str], rude: np.ndarray) -> None:
    """Write the table as small whole numbers, and the card with the thresholds."""
    scale = np.abs(weights).max(axis=0) / 127
    table = np.round(weights / scale).astype(np.int8)
    table[0] = 0
    rows, columns, values, n = features(aside)
    read = yaml.safe_load((HERE / "corpus.yaml").read_text())
    rng = random.Random(SEED + 1)
    calm = [drawn(p, read["slots"], rng) for p in read["polite"] for _ in range(5)]
    crows, ccolumns, cvalues, cn = features(calm)
    card: dict[str, object] = {}
    for number, harm in enumerate(Harm):
        column = table[:, number] * scale[number]
        said = spoken(rows, columns, values, n, column, bias[number])
        quiet = spoken(crows, ccolumns, cvalues, cn, column, bias[number])
        if harm is Harm.insult:
            flag, block = (precise(said, rude, p) for p in (PRECISION_FLAGGED, PRECISION_BLOCKED))
        else:
            harmless = np.concatenate([said[~rude], quiet])
            flag, block = (
                float(np.quantile(harmless, 1 - s)) for s in (SHARE_FLAGGED, SHARE_BLOCKED)
            )
        flag, block = max(LEAST_FLAGGED, flag), max(LEAST_BLOCKED, block)
        card[harm.value] = {
            "scale": float(scale[number]),
            "bias": float(bias[number]),
            "flag_at_ppm": int(flag * 1_000_000),
            "block_at_ppm": min(999_999, int(max(block, flag) * 1_000_000)),
        }
    data = io.BytesIO()
    np.save(data, table)
    with zipfile.ZipFile(OUT / "weights.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        info = zipfile.ZipInfo("table.npy", (2026, 11, 21, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        file.writestr(info, data.getvalue())
    text = yaml.safe_dump(
        {"digest": hashlib.sha256(table.tobytes()).hexdigest(), "categories": card}, sort_keys=False
    )
    head = (
        "# Written by benchmarks/screening/train.py; docs/screening.md tells what was measured.\n"
    )
    (OUT / "card.yaml").write_text(head + text)
    sys.stdout.write(text)


def spoken(
    rows: np.ndarray, columns: np.ndarray, values: np.ndarray, n: int, w: np.ndarray, b: float
) -> np.ndarray:
    """Return the probability of each text."""
    return 1 / (1 + np.exp(-(np.bincount(rows, w[columns] * values, n) + b)))


def precise(said: np.ndarray, rude: np.ndarray, wanted: float) -> float:
    """Return the lowest probability from which on so many of those flagged are truly rude."""
    order = np.argsort(-said)
    share = np.cumsum(rude[order]) / np.arange(1, len(said) + 1)
    enough = np.flatnonzero((share >= wanted) & (np.arange(len(said)) >= 20))
    return float(said[order][enough[-1]]) if len(enough) else 0.999


if __name__ == "__main__":
    main()
