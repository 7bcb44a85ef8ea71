"""Read the phrases that may not be said, from packs. Pure: given texts.

A file holds one category; a group of phrases may be bound to what the message is about. What is
not understood is refused by file and key, never passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from forbear.kernel.errors import ForbearError
from forbear.screening.normal import all_read_as, read_as

FOLDER = "house/phrase/"
NEGATION = f"{FOLDER}negation.yaml"
WORDS = f"{FOLDER}words.yaml"
GAP = "…"
LOADER = yaml.CSafeLoader


class BadPhrasePack(ForbearError):
    """A phrase pack cannot be used as it is written."""

    code = "screening.bad_pack"


class Harm(StrEnum):
    """What a message may not do to a person. The order is that of the columns of the weights."""

    threat = "threat"
    insult = "insult"
    disclosure = "disclosure"
    posing = "posing"
    false_claim = "false_claim"
    relatives = "relatives"
    private_account = "private_account"
    borrowing = "borrowing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One phrase, as read: its parts in order, a few characters between them at the most.

    A phrase whose parts name kinds of words, such as {kin}, is a frame: any word of each will do.
    """

    parts: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...] = ()  # of a frame: the words that may stand in each part
    harm: Harm
    rule: str
    negatable: bool = False
    third_party: bool = False  # only in a message to somebody who does not owe
    product_not: frozenset[str] = frozenset()  # only where the debt is of no such product


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a category rests on, as a page shows it."""

    harm: Harm
    rule: str
    says: str
    says_zh: str
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Every phrase of this installation, and the words that turn one into its opposite."""

    phrases: tuple[Phrase, ...]
    bases: Mapping[Harm, Basis]
    negators: tuple[str, ...]
    unless: tuple[str, ...]
    retractors: tuple[str, ...]  # take back what stands before them in the same sentence
    reach: int  # Latin letters; a hanzi counts for three


def parse_phrases(texts: Mapping[str, str]) -> Phrases:
    """Return the phrases of pack files by path; files outside the phrase folder are not looked at.

    Errors: BadPhrasePack, naming file and key; a category without a file, twice, or empty.
    Source: none.
    """
    phrases: list[Phrase] = []
    bases: dict[Harm, Basis] = {}
    words = _kinds(texts)
    for path in sorted(p for p in texts if p.startswith(FOLDER) and p not in (NEGATION, WORDS)):
        read = _file(path, texts[path])
        basis = _basis(path, read)
        if basis.harm in bases:
            raise BadPhrasePack(f"{path}: category {basis.harm} has a file already")
        bases[basis.harm] = basis
        for group in _list(read["groups"], f"{path} groups"):
            phrases += _group(path, group, basis, words)
    missing = sorted(set(Harm) - set(bases))
    if missing:
        raise BadPhrasePack(f"{FOLDER} has no file for {', '.join(missing)}")
    keys = {"negators", "unless", "reach", "retractors"}
    negation = _only(_file(NEGATION, texts.get(NEGATION, "")), keys, NEGATION)
    return Phrases(
        phrases=tuple(phrases),
        bases=bases,
        negators=_words(negation["negators"], f"{NEGATION} negators"),
        unless=_words(negation["unless"], f"{NEGATION} unless"),
        retractors=_words(negation["retractors"], f"{NEGATION} retractors"),
        reach=int(negation["reach"]),
    )


def _file(path: str, text: str) -> dict[str, Any]:
    try:
        read = yaml.load(text, Loader=LOADER)  # a safe one
    except yaml.YAMLError as error:
        raise BadPhrasePack(f"{path} is not YAML: {error}") from None
    if not isinstance(read, dict):
        raise BadPhrasePack(f"{path} must be a mapping")
    return read


def _basis(path: str, read: dict[str, Any]) -> Basis:
    _only(read, {"category", "rule", "says", "says_zh", "basis", "groups"}, path)
    harm = read["category"]
    if harm not in list(Harm) or path != f"{FOLDER}{harm}.yaml":
        raise BadPhrasePack(f"{path} must hold the category of its name, one of {', '.join(Harm)}")
    return Basis(
        harm=Harm(harm),
        rule=str(read["rule"]),
        says=str(read["says"]),
        says_zh=str(read["says_zh"]),
        basis=tuple(map(str, _list(read["basis"], f"{path} basis"))),
    )


def _kinds(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the words of each kind, as read; a lender may do without."""
    if WORDS not in texts:
        return {}
    read = _file(WORDS, texts[WORDS])
    return {str(kind): _words(given, f"{WORDS} {kind}") for kind, given in read.items()}


def _group(
    path: str, group: Any, basis: Basis, words: Mapping[str, tuple[str, ...]]
) -> list[Phrase]:
    where = f"{path} groups"
    if not isinstance(group, dict):
        raise BadPhrasePack(f"{where}: each must be a mapping with phrases")
    unknown = set(group) - {"applies", "negatable", "phrases"}
    applies = group.get("applies") or {}
    if unknown or set(applies) - {"audience", "product_not"}:
        raise BadPhrasePack(f"{where}: a group has applies, negatable and phrases, and no more")
    if applies.get("audience", "third_party") != "third_party":
        raise BadPhrasePack(f"{where}: audience can only be third_party")
    return [
        Phrase(
            **_parts(str(written), where, words),
            harm=basis.harm,
            rule=basis.rule,
            negatable=group.get("negatable") is True,
            third_party="audience" in applies,
            product_not=frozenset(map(str, applies.get("product_not", ()))),
        )
        for written in _list(group.get("phrases"), where)
    ]


def _parts(written: str, where: str, words: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the parts of a phrase, and of a frame also the words of each."""
    given = written.split(GAP)
    if "{" not in written:
        parts = tuple(read_as(part) for part in given)
        if not all(parts) or len("".join(parts)) < 2:
            raise BadPhrasePack(f"{where}: {written!r} is too short to be a phrase")
        return {"parts": parts}
    kinds = tuple(_kind(part, where, words) for part in given)
    if len(kinds) < 2:
        raise BadPhrasePack(f"{where}: {written!r} needs two parts, as {{call}}{GAP}{{kin}}")
    return {"parts": tuple(given), "kinds": kinds}


def _kind(part: str, where: str, words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not part.startswith("{"):
        read = read_as(part)
        if not read:
            raise BadPhrasePack(f"{where}: a part of a frame is empty")
        return (read,)
    if not part.endswith("}") or part[1:-1] not in words:
        raise BadPhrasePack(f"{where}: {part} is no kind of words in {WORDS}")
    return words[part[1:-1]]


def _words(given: Any, where: str) -> tuple[str, ...]:
    return tuple(all_read_as([str(word) for word in _list(given, where)]))


def _list(given: Any, where: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise BadPhrasePack(f"{where} must be a list with something in it")
    return given


def _only(read: dict[str, Any], known: set[str], where: str) -> dict[str, Any]:
    if set(read) != known:
        raise BadPhrasePack(f"{where} must have the keys {sorted(known)} and no others")
    return read
