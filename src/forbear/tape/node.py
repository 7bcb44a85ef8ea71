"""Read a map's YAML strictly: every key once, every key known. Pure: given text."""

from __future__ import annotations

from typing import Any

import yaml

from forbear.kernel.errors import ForbearError
from forbear.tape.formats import format_fault


class BadMap(ForbearError):
    """The map of the tape cannot be used."""

    code = "tape.bad_map"
    http_status = 422


class Loader(yaml.CSafeLoader):
    """YAML without tags, and without a key written twice."""


def _mapping_once(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.MarkedYAMLError(
                problem=f"{key!r} stands twice", problem_mark=node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)


def read_yaml(name: str, text: str) -> Node:
    """Return the mapping that a YAML text holds.

    Errors: BadMap where it is no YAML, or no mapping.
    """
    try:
        found = yaml.load(text, Loader)
    except yaml.YAMLError as error:
        raise BadMap(f"{name}: {' '.join(str(error).split())}") from None
    return Node(name, found)


def plain(found: Any) -> str:
    """Return a YAML scalar as its text: a day as ISO, true as true, nothing as ""."""
    if found is None:
        return ""
    return str(found).lower() if isinstance(found, bool) else str(found)


class Node:
    """A YAML mapping that is read key by key; what is left at the end is refused."""

    def __init__(self, where: str, found: Any) -> None:
        if not isinstance(found, dict):
            raise BadMap(f"{where}: must be a mapping, not {found!r}")
        self.where = where
        self.left: dict[str, Any] = {str(key): value for key, value in found.items()}

    def done(self) -> None:
        """Refuse every key that nobody read."""
        if self.left:
            raise BadMap(f"{self.where}: unknown key {next(iter(self.left))!r}")

    def text(self, key: str, *, must: bool = False) -> str:
        """Return a text, without the spaces around it."""
        found = self.left.pop(key, None)
        if isinstance(found, dict | list) or (must and found in (None, "")):
            raise BadMap(f"{self.where}.{key}: must be a text")
        return plain(found).strip(" ")

    def word(self, key: str, words: tuple[str, ...]) -> str:
        """Return one word of a list, or ""."""
        found = self.text(key)
        if found and found not in words:
            raise BadMap(
                f"{self.where}.{key}: {found!r} is not one of {', '.join(map(repr, words))}"
            )
        return found

    def flag(self, key: str) -> bool:
        """Return true or false."""
        found = self.left.pop(key, False)
        if not isinstance(found, bool):
            raise BadMap(f"{self.where}.{key}: must be true or false, not {found!r}")
        return found

    def number(self, key: str) -> int:
        """Return a whole number, 0 where there is none."""
        found = self.left.pop(key, 0)
        if not isinstance(found, int) or isinstance(found, bool):
            raise BadMap(f"{self.where}.{key}: must be a whole number, not {found!r}")
        return found

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found = self.items(key)
        if odd := [each for each in found if not isinstance(each, int) or isinstance(each, bool)]:
            raise BadMap(f"{self.where}.{key}: must be a whole number, not {odd[0]!r}")
        return tuple(found)

    def items(self, key: str) -> list[Any]:
        """Return a list; one thing alone is a list of one."""
        found = self.left.pop(key, [])
        return found if isinstance(found, list) else [found]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(plain(each) for each in self.items(key))

    def formats(self, key: str) -> tuple[str, ...]:
        """Return a list of formats of days or instants."""
        found = self.texts(key)
        for each in found:
            if fault := format_fault(each):
                raise BadMap(f"{self.where}.{key}: {fault}")
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a mapping as it stands."""
        return self.node(key).left

    def node(self, key: str, *, must: bool = False) -> Node:
        """Return a mapping to be read key by key."""
        if must and key not in self.left:
            raise BadMap(f"{self.where}: needs the key {key!r}")
        return Node(f"{self.where}.{key}", self.left.pop(key, {}))

    def nodes(self, key: str) -> list[Node]:
        """Return a list of mappings to be read key by key."""
        return [Node(f"{self.where}.{key}[{n}]", each) for n, each in enumerate(self.items(key))]
