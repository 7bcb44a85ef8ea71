"""Read what the packs admit not to hold, and what instruments are called in English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from forbear.law.packs import GAPS, INSTRUMENTS
from forbear.law.reading import PackInvalid, Place, strict_yaml, unfolded


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """One thing that neither the packs nor the program hold, in both languages."""

    gap: str
    zh: str
    en: str


def admitted(texts: Mapping[str, str]) -> Mapping[str, Admitted]:
    """Return every admitted gap by its name, in the file's order.

    Shape:  texts by path, as the packs folder holds them.
    Errors: PackInvalid.
    Source: none; packs/gaps.yaml.
    """
    return _admitted(texts[GAPS])


def english_names(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Return what each instrument is called in English, by its name in the packs.

    Errors: PackInvalid.
    Source: none; packs/instruments.yaml. A translation for the reader, never the official name.
    """
    return _names(texts[INSTRUMENTS])


@lru_cache(maxsize=4)
def _admitted(text: str) -> Mapping[str, Admitted]:
    at, found = Place(GAPS), strict_yaml(GAPS, text)
    if not isinstance(found, dict):
        raise PackInvalid(f"{GAPS}: must hold gaps by name")
    told = {}
    for gap, entry in found.items():
        place = at.inside(str(gap))
        words = place.keys(entry, ("zh", "en"))
        zh, en = unfolded(place.text(words, "zh")), place.text(words, "en")
        told[str(gap)] = Admitted(gap=str(gap), zh=zh, en=en)
    return MappingProxyType(told)


@lru_cache(maxsize=4)
def _names(text: str) -> Mapping[str, str]:
    at, found = Place(INSTRUMENTS), strict_yaml(INSTRUMENTS, text)
    if not isinstance(found, dict):
        raise PackInvalid(f"{INSTRUMENTS}: must hold names")
    return MappingProxyType({str(name): at.text(found, name) for name in found})
