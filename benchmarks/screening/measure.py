"""Measure the screening on what it was not taught, and print one JSON object.

For developers: `python benchmarks/screening/measure.py --data FOLDER`, where FOLDER holds the
public data sets; what is not there is left out. The figures are told in docs/screening.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from difflib import SequenceMatcher
from pathlib import Path

from forbear.screening.look import is_common, is_hanzi
from forbear.screening.normal import read_as, sound_of
from forbear.screening.screen import By, Harm, Hit, Screen, Told
from forbear.store.screening import fetch_screen

TESTS = Path(__file__).parents[2] / "tests" / "screening"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder, screen = parser.parse_args().data, fetch_screen()
    figures: dict[str, object] = {"own_kept_aside": own(screen), "second_kept_aside": aside(screen)}
    if (folder / "cold").is_dir():
        figures["cold_dev"] = cold(screen, folder / "cold")
    if (folder / "zh_sms_variants").is_dir():
        figures["sms_variants"] = variants(folder / "zh_sms_variants" / "pairs.tsv")
    if (folder / "zh_voicebot").is_dir():
        figures["voicebot"] = voicebot(screen, folder / "zh_voicebot")
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")


def own(screen: Screen) -> dict[str, object]:
    """Return precision and recall on our own messages: every second line, that nobody wrote to."""
    polite = (TESTS / "polite.txt").read_text("utf-8").splitlines()[1::2]
    rows = [r.split("\t") for r in (TESTS / "abusive.tsv").read_text("utf-8").splitlines()][1::2]
    return told(screen, [(harm, text) for harm, text in rows], polite)


def aside(screen: Screen) -> dict[str, object]:
    """Return the same on the messages that were written before the phrases, none of them seen."""
    calm = [r.split("\t") for r in (TESTS / "aside_polite.tsv").read_text("utf-8").splitlines()]
    rows = [r.split("\t") for r in (TESTS / "aside_abusive.tsv").read_text("utf-8").splitlines()]
    found = told(screen, [(harm, text) for harm, _, text in rows], [text for _, text in calm])
    for kind in ("plain", "disguised", "english"):
        some = [(harm, text) for harm, road, text in rows if road == kind]
        hits = screen.screened([text for _, text in some], Told())
        right = sum(
            any(h.harm.value == harm for h in each)
            for (harm, _), each in zip(some, hits, strict=True)
        )
        found[kind] = {"recall": share(right, len(some)), "blocked": blocked(screen, hits)}
    return found


def told(screen: Screen, rows: list[tuple[str, str]], polite: list[str]) -> dict[str, object]:
    """Return what is found in abusive messages and in polite ones, in numbers alone.

    Never which message was missed: who reads that writes to it, and the set is spent.
    """
    calm = screen.screened(polite, Told())
    hurt = screen.screened([text for _, text in rows], Told())
    table = {}
    for harm in Harm:
        said = [any(h.harm is harm for h in hits) for hits in hurt]
        meant = [name == harm.value for name, _ in rows]
        both = sum(a and b for a, b in zip(said, meant, strict=True))
        false = sum(any(h.harm is harm for h in hits) for hits in calm)
        table[harm.value] = {
            "n": sum(meant),
            "recall": share(both, sum(meant)),
            "precision": share(both, sum(said) + false),
            "blocked": blocked(screen, [h for h, m in zip(hurt, meant, strict=True) if m]),
        }
    return {
        "abusive": len(rows),
        "found": share(sum(map(bool, hurt)), len(rows)),
        "blocked": blocked(screen, hurt),
        "by_weights_alone": sum(
            bool(hits) and all(h.by is By.weights for h in hits) for hits in hurt
        ),
        "polite": len(polite),
        "polite_flagged": share(sum(map(bool, calm)), len(polite)),
        "polite_blocked": blocked(screen, calm),
        "categories": table,
    }


def blocked(screen: Screen, found: list[tuple[Hit, ...]]) -> str:
    """Return the share of texts that do not leave."""
    return share(sum(bool(screen.blocking(hits)) for hits in found), len(found))


def share(some: int, of: int) -> str:
    """Return a share with Wilson's interval, in which the true one lies 19 times of 20."""
    if not of:
        return "none of 0"
    z, part = 1.96, some / of
    middle = (part + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(part * (1 - part) / of + z * z / (4 * of * of))
    return f"{part:.3f} ({some}/{of}; {max(0, middle - half):.2f} to {min(1, middle + half):.2f})"


def cold(screen: Screen, folder: Path) -> dict[str, object]:
    """Return how the insult weights do on public comments that are in no training row."""
    taught = {row["TEXT"] for row in rows_of(folder / "train.csv")}
    rows = [row for row in rows_of(folder / "dev.csv") if row["TEXT"] not in taught]
    found = screen.screened([row["TEXT"] for row in rows], Told())
    rude = [row["label"] == "1" for row in rows]
    return {
        name: measures([pick(hits) for hits in found], rude)
        for name, pick in {
            "any": lambda hits: any(h.harm is Harm.insult for h in hits),
            "weights": lambda hits: any(h.harm is Harm.insult and h.by is By.weights for h in hits),
            "phrases": lambda hits: any(h.harm is Harm.insult and h.by is By.phrase for h in hits),
        }.items()
    }


def measures(said: list[bool], meant: list[bool]) -> dict[str, object]:
    """Return precision and recall of one reading of many texts."""
    both = sum(a and b for a, b in zip(said, meant, strict=True))
    return {
        "n": len(said),
        "flagged": sum(said),
        "precision": round(both / max(1, sum(said)), 3),
        "recall": round(both / sum(meant), 3),
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a table's rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def variants(path: Path) -> dict[str, object]:
    """Return how much of what was disguised is read as, or sounds as, what was meant."""
    pairs = [line.split("\t")[1:] for line in path.read_text("utf-8").splitlines()]
    disguised = seen = sounded = odd = odd_seen = same = before = after = length = 0
    for raw, meant in pairs[1::2]:  # every second pair: the others were looked at
        want, got = read_as(meant), read_as(raw)
        plain = "".join(c.lower() for c in raw if c.isalnum())
        same += want == got
        length += len(want)
        before += unlike(plain, want)
        after += unlike(got, want)
        for tag, a, b, c, d in SequenceMatcher(None, plain, want, autojunk=False).get_opcodes():
            if tag != "replace" or b - a != d - c:
                continue
            for was, is_ in zip(plain[a:b], want[c:d], strict=True):
                if not is_hanzi(is_):
                    continue
                read = read_as(was)
                disguised += 1
                seen += read == is_
                sounded += read == is_ or sound_of(read) == sound_of(is_)
                rare = is_hanzi(was) and not is_common(was)
                odd += rare
                odd_seen += rare and read == is_
    return {
        "pairs": len(pairs[1::2]),
        "texts_read_exactly": round(same / len(pairs[1::2]), 3),
        "unlike_before": round(before / length, 4),
        "unlike_after": round(after / length, 4),
        "disguised_hanzi": disguised,
        "read_as_meant": round(seen / disguised, 3),
        "read_or_sounds_as_meant": round(sounded / disguised, 3),
        "of_them_rare_hanzi": odd,
        "rare_read_as_meant": round(odd_seen / odd, 3),
    }


def unlike(one: str, other: str) -> int:
    """Return how many characters of one text are not where the other has them."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return max(len(one), len(other)) - sum(block.size for block in blocks)


def voicebot(screen: Screen, folder: Path) -> dict[str, object]:
    """Return false alarms on the utterances of a public reminder bot and of those it calls."""
    lines = {
        line[2:].strip()
        for path in sorted(folder.glob("*.md"))
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("- ") and any(map(is_hanzi, line))
    }
    found = screen.screened(sorted(lines), Told())
    return {"lines": len(lines), "flagged": sum(map(bool, found))}


if __name__ == "__main__":
    main()
