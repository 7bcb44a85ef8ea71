"""Read who people are, many at once. Decides nothing, masks nothing: actions do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag

from forbear.store.cipher import KeyDoesNotFit, cipher
from forbear.store.models import ContactPoint, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who a person is, as last known, in the clear."""

    name: str = ""
    identifier: str = ""
    jurisdiction: str = ""
    zone: str = ""
    born_on: date | None = None
    language: str = ""


def opened(sealed: Any) -> str:
    """Return sealed bytes as text, "" for nothing.

    Errors: KeyDoesNotFit.
    """
    if sealed is None:
        return ""
    try:
        return cipher().opened(bytes(sealed))
    except InvalidTag:
        raise KeyDoesNotFit(
            "a name or number cannot be opened: put back the data.key that it was sealed under"
        ) from None


def fetch_known(person_ids: Iterable[int]) -> dict[int, Known]:
    """Return who each person is; people without a profile are not in it."""
    latest = (
        Profile.objects.filter(person_id__in=list(person_ids))
        .order_by("person_id", "-effective_on", "-recorded_at", "source_key")
        .distinct("person_id")
    )
    return {
        profile.person_id: Known(
            name=opened(profile.name_cipher),
            identifier=opened(profile.identifier_cipher),
            jurisdiction=profile.jurisdiction,
            zone=profile.zone,
            born_on=profile.born_on,
            language=profile.language,
        )
        for profile in latest
    }


def fetch_ids_by_word(word: str) -> set[int]:
    """Return the people whose name, identifier, number or address is exactly that word."""
    plain = word.strip()
    joined = "".join(plain.split()).replace("-", "")
    tries = {cipher().index(text) for text in (plain, joined, f"+86{joined}", f"+{joined}")}
    found = set(Profile.objects.filter(name_index__in=tries).values_list("person_id", flat=True))
    found |= set(
        Profile.objects.filter(identifier_index__in=tries).values_list("person_id", flat=True)
    )
    found |= set(
        ContactPoint.objects.filter(value_index__in=tries).values_list("person_id", flat=True)
    )
    return found
