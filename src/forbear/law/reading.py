"""Read one rule file strictly: every key known, every word from its list. Pure: given text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, CreditorType, ProductType, Purpose, Relation
from forbear.law.kinds import KINDS, NUMBERS, value_fault
from forbear.law.version import (
    Applies,
    Effect,
    Force,
    Review,
    ReviewStatus,
    Source,
    Version,
)

RULE_KEYS = ("rule", "topic", "kind", "effect", "force", "says", "says_zh", "versions")
VERSION_KEYS = ("in_force", "value", "source", "review", "known_on")
HOUSE = "house"
Word = TypeVar("Word", bound=StrEnum)


def unfolded(text: str) -> str:
    """Return Chinese text without the spaces that folding its lines over a file put in.

    Errors: none.
    Source: none; Chinese puts no space after full-width punctuation.
    """
    return re.sub(r"(?<=[，。；：、！？）」』”]) +", "", text)


class PackInvalid(ForbearError):
    """A rule file cannot be read."""

    code = "law.pack_invalid"


class StrictLoader(yaml.CSafeLoader):
    """YAML without expressions, tags or a key written twice."""


def _mapping_once(loader: StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    """Return a mapping, or raise where a key stands twice."""
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.MarkedYAMLError(
                problem=f"{key!r} stands twice", problem_mark=key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_BOOL = "tag:yaml.org,2002:bool"
StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)
# Only true and false are truth values: `on` is a key, and `NO` is a country.
StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, words) for tag, words in found if tag != _BOOL]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
StrictLoader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


def strict_yaml(path: str, text: str) -> Any:
    """Return what a YAML text holds.

    Errors: PackInvalid with the file and line.
    Source: YAML 1.1, safe subset, with the truth values of YAML 1.2.
    """
    try:
        return yaml.load(text, StrictLoader)  # a safe loader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise PackInvalid(f"{path}: {where}{getattr(error, 'problem', None) or error}") from None
    except ValueError as error:  # a day that no calendar has
        raise PackInvalid(f"{path}: holds no value that can be read ({error})") from None


def rule_versions(path: str, text: str) -> list[Version]:
    """Return the versions of the one rule in a pack file, in the file's order.

    Errors: PackInvalid with the file, the key and what is wanted there.
    Source: none.
    """
    at = Place(path)
    rule = at.keys(strict_yaml(path, text), RULE_KEYS, ("applies", "yields_to"))
    wanted = path.rsplit(".", 1)[0].replace("/", ".")
    if rule["rule"] != wanted:
        raise at.fault("rule", f"{rule['rule']!r} must be {wanted}, as the file's path says")
    entries = rule["versions"]
    if not isinstance(entries, list) or not entries:
        raise at.fault("versions", "must be a list of at least one version")
    return [
        _version(at.inside(f"versions[{i}]"), rule, entry, path) for i, entry in enumerate(entries)
    ]


class Place:
    """Where in a file we are, so that every refusal says so."""

    def __init__(self, path: str, inside: str = "") -> None:
        self.path, self.prefix = path, inside

    def inside(self, key: str) -> Place:
        """Return the place of a key below this one."""
        return Place(self.path, f"{self.prefix}{key}.")

    def fault(self, key: str, problem: str) -> PackInvalid:
        """Return the error that says what is wrong with a key."""
        return PackInvalid(f"{self.path}: {self.prefix}{key}: {problem}", term=key)

    def keys(
        self, found: Any, needed: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return a mapping that has every needed key and none that is not known."""
        if not isinstance(found, dict):
            raise PackInvalid(f"{self.path}: {self.prefix or 'the file '}must hold keys")
        for key in found:
            if key not in needed and key not in optional:
                known = ", ".join((*needed, *optional))
                raise self.fault(str(key), f"is not a known key; known are {known}")
        for key in needed:
            if key not in found:
                raise self.fault(key, "is missing")
        return found

    def text(self, found: Mapping[str, Any], key: str) -> str:
        """Return a text that is not empty."""
        value = found[key]
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "must be a text that is not empty")
        return value.strip()

    def day(self, found: Mapping[str, Any], key: str) -> date:
        """Return a day."""
        value = found[key]
        if type(value) is not date:
            raise self.fault(key, f"{value!r} is not a day; write it as 2025-02-28")
        return value

    def word(self, words: type[Word], value: Any, key: str) -> Word:
        """Return a word of a closed list."""
        try:
            return words(value)
        except ValueError:
            raise self.fault(key, f"{value!r} is not one of {', '.join(words)}") from None

    def words(self, words: type[Word], found: Mapping[str, Any], key: str) -> tuple[Word, ...]:
        """Return a list of words of a closed list, () where the key is not there."""
        values = found.get(key, [])
        if not isinstance(values, list) or (key in found and not values):
            raise self.fault(key, "must be a list that is not empty; leave the key out for all")
        return tuple(self.word(words, value, key) for value in values)


def _version(at: Place, rule: dict[str, Any], entry: Any, path: str) -> Version:
    """Return one version of a rule."""
    top = Place(path)
    found = at.keys(entry, VERSION_KEYS, ("applies",))
    start, end = _period(at.inside("in_force"), found["in_force"])
    kind = top.text(rule, "kind")
    if kind not in KINDS:
        raise top.fault("kind", f"{kind!r} is not one of {', '.join(KINDS)}")
    value = _frozen(found["value"])
    if not isinstance(value, dict):
        raise at.fault("value", "must hold keys; write {} where the kind needs none")
    if problem := value_fault(kind, value):
        raise at.fault("value", problem)
    effect = top.word(Effect, rule["effect"], "effect")
    if (effect is Effect.sets) != (kind in NUMBERS):
        raise top.fault("effect", f"{effect} does not go with kind {kind}")
    if effect is Effect.permits and kind != "flag":
        raise top.fault("kind", "a rule that permits must be of kind flag: a fact that holds")
    place, force = _place(top, rule["force"])
    spot = at if "applies" in found else top
    return Version(
        rule=rule["rule"],
        topic=top.text(rule, "topic"),
        kind=kind,
        effect=effect,
        force=force,
        jurisdiction=place,
        applies=_applies(spot, found.get("applies", rule.get("applies", {})), place),
        says=top.text(rule, "says"),
        says_zh=unfolded(top.text(rule, "says_zh")),
        start=start,
        end=end,
        known_on=at.day(found, "known_on"),
        value=value,
        source=_source(at.inside("source"), found["source"], house=not place),
        review=_review(at.inside("review"), found["review"], house=not place),
        yields_to=_names(top, rule.get("yields_to", [])),
    )


def _period(at: Place, found: Any) -> tuple[date, date]:
    """Return the first day in force and the first day no longer in force."""
    period = at.keys(found, ("from", "to"))
    start = at.day(period, "from")
    end = date.max if period["to"] is None else at.day(period, "to")
    if end <= start:
        raise at.fault("to", f"{end} is not after {start}; a period is from <= day < to")
    return start, end


def _place(at: Place, word: Any) -> tuple[str, Force]:
    """Return whose law a file states, "" for house policy, and how it binds."""
    folder = at.path.split("/", 1)[0]
    force = at.word(Force, word, "force")
    if (folder == HOUSE) != (force is Force.house):
        raise at.fault("force", "house policy stands in house/, law in its jurisdiction's folder")
    if folder == HOUSE:
        return "", force
    if len(folder) != 2 or not (folder.isascii() and folder.isalpha() and folder.islower()):
        raise PackInvalid(f"{at.path}: the folder must be house/ or a jurisdiction such as cn/")
    return folder.upper(), force


def _applies(at: Place, found: Any, place: str) -> Applies:
    """Return which acts a rule speaks of."""
    keys = (
        *("jurisdiction", "channel", "creditor_type", "product_type", "relation", "purpose"),
        "clock",
    )
    found = at.inside("applies").keys(found, (), keys)
    at = at.inside("applies")
    clock = found.get("clock", "")
    if clock not in ("", "debtor_local"):
        raise at.fault("clock", f"{clock!r} must be debtor_local")
    places = found.get("jurisdiction", [])
    if place and places:
        raise at.fault("jurisdiction", "follows from the folder; only house policy names it")
    if not isinstance(places, list) or not all(isinstance(p, str) and len(p) == 2 for p in places):
        raise at.fault("jurisdiction", "must be a list of ISO 3166 letters")
    return Applies(
        jurisdiction=(place,) if place else tuple(places),
        channel=at.words(Channel, found, "channel"),
        creditor_type=at.words(CreditorType, found, "creditor_type"),
        product_type=at.words(ProductType, found, "product_type"),
        relation=at.words(Relation, found, "relation"),
        purpose=at.words(Purpose, found, "purpose"),
        clock=clock,
    )


def _source(at: Place, found: Any, *, house: bool) -> Source:
    """Return where a wording comes from: its own words, or openly a paraphrase."""
    optional = ("quote", "paraphrase", "seen_at")
    found = at.keys(found, ("instrument", "article", "published"), optional)
    if ("quote" in found) == ("paraphrase" in found):
        raise at.fault("quote", "give the instrument's own words here, or a paraphrase, not both")
    if house == ("seen_at" in found):
        raise at.fault("seen_at", "law says where it was read; house policy has no such place")
    quoted = "quote" in found
    return Source(
        instrument=at.text(found, "instrument"),
        article=at.text(found, "article"),
        published=at.day(found, "published"),
        quote=at.text(found, "quote" if quoted else "paraphrase"),
        quoted=quoted,
        seen_at="" if house else at.text(found, "seen_at"),
    )


def _review(at: Place, found: Any, *, house: bool) -> Review:
    """Return who has checked a wording; house policy has no text to be checked against."""
    found = at.keys(found, ("status", "reviewer", "still_valid_on"))
    status = at.word(ReviewStatus, found["status"], "status")
    if (status is ReviewStatus.house_policy) != house:
        raise at.fault("status", "is house_policy for house policy and for nothing else")
    reviewer = None if found["reviewer"] is None else at.text(found, "reviewer")
    return Review(status=status, reviewer=reviewer, still_valid_on=at.day(found, "still_valid_on"))


def _names(at: Place, found: Any) -> tuple[str, ...]:
    """Return a list of rule ids."""
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise at.fault("yields_to", "must be a list of rule ids")
    return tuple(found)


def _frozen(value: Any) -> Any:
    """Return a value whose lists are tuples, so that nobody adds to them."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
