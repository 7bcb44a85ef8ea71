"""Read products from their files, strictly, and find the one that is offered on a day. Pure.

A product is one file with its versions, each a whole set of terms: nothing is inherited, nothing
has a default, so what a version says stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from forbear.kernel.digest import text_digest, value_digest
from forbear.kernel.errors import ForbearError
from forbear.law.reading import PackInvalid, Place, strict_yaml
from forbear.servicing.check import fault_of
from forbear.servicing.terms import Charge, Plan, Terms
from forbear.servicing.words import READERS

FOLDER = "house/products/"
HEADS = ("product", "title_zh", "title_en", "start", "end", "digest")
BODY = tuple(field.name for field in fields(Terms) if field.name not in HEADS)


class ProductInvalid(ForbearError):
    """A product's file cannot be read."""

    code = "product.invalid"


class VersionsOverlap(ForbearError):
    """Two versions of one product are in force on the same day."""

    code = "product.versions_overlap"


class ProductUnknown(ForbearError):
    """There is no product of that name."""

    code = "product.unknown"
    http_status = 404
    what_to_do = "Ask for one of the products that there are."


class NotInForce(ForbearError):
    """No contract can be made under that product on that day."""

    code = "product.not_in_force"
    http_status = 422
    what_to_do = "Ask for a day on which a version of the product is in force."


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """Every version of every product, by product and then by first day."""

    versions: tuple[Terms, ...]
    digest: str  # of the files, apart from that of the rules

    @property
    def names(self) -> tuple[str, ...]:
        """Return the products there are, each once."""
        return tuple(dict.fromkeys(terms.product for terms in self.versions))


def parse_products(texts: Mapping[str, str]) -> Products:
    """Return the products that a set of files states, by path relative to the packs folder.

    Errors: ProductInvalid with file, key and what is wanted there; VersionsOverlap.
    Source: none.
    """
    versions: list[Terms] = []
    for path in sorted(texts):
        try:
            versions += _versions(path, texts[path])
        except PackInvalid as wrong:
            raise ProductInvalid(str(wrong)) from None
    versions.sort(key=lambda terms: (terms.product, terms.start))
    for earlier, later in pairwise(versions):
        if earlier.product == later.product and later.start < earlier.end:
            raise VersionsOverlap(
                f"{earlier.product}: the version from {earlier.start} is still in force on "
                f"{later.start}; end it that day or earlier"
            )
    return Products(versions=tuple(versions), digest=text_digest(texts))


def terms_on(products: Products, name: str, *, on: date) -> Terms:
    """Return what a product says on a day.

    Errors: ProductUnknown, NotInForce.
    Source: periods are half-open: from <= day < to.
    """
    known = [terms for terms in products.versions if terms.product == name]
    if not known:
        names = ", ".join(products.names) or "none"
        raise ProductUnknown(f"there is no product {name!r}; there are {names}")
    for terms in known:
        if terms.start <= on < terms.end:
            return terms
    raise NotInForce(f"{name} is offered from {known[0].start} on and has no version for {on}")


def revised(terms: Terms, changes: Mapping[str, Any]) -> Terms:
    """Return terms with some of their values changed, checked as a file is: to try things on.

    Shape:  changes: key → value as the file writes it.
    Errors: ProductInvalid.
    Source: none.
    """
    try:
        at = Place(f"{FOLDER}{terms.product}.yaml", "terms.")
        return _terms(
            at, {**terms_value(terms), **changes}, {key: getattr(terms, key) for key in HEADS}
        )
    except PackInvalid as wrong:
        raise ProductInvalid(str(wrong), why="term", term=wrong.named.get("term", "")) from None


def terms_value(terms: Terms) -> dict[str, Any]:
    """Return terms as a file writes them, which is also what their digest is of.

    Errors: none.
    Source: none.
    """
    return {name: _plain(getattr(terms, name)) for name in BODY}


def _plain(value: Any) -> Any:
    """Return a value of words, numbers, lists and mappings alone."""
    if isinstance(value, Plan | Charge):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _versions(path: str, text: str) -> list[Terms]:
    """Return the versions of the one product in a file."""
    at = Place(path)
    found = at.keys(strict_yaml(path, text), ("product", "title_zh", "title_en", "versions"))
    name = path.removeprefix(FOLDER).rsplit(".", 1)[0]
    if found["product"] != name:
        raise at.fault("product", f"{found['product']!r} must be {name}, as the file's name says")
    titles = {key: at.text(found, key) for key in ("title_zh", "title_en")}
    entries = found["versions"]
    if not isinstance(entries, list) or not entries:
        raise at.fault("versions", "must be a list of at least one version")
    read = []
    for number, entry in enumerate(entries):
        place = at.inside(f"versions[{number}]")
        version = place.keys(entry, ("in_force", "terms"))
        start, end = _period(place.inside("in_force"), version["in_force"])
        heads = {"product": name, **titles, "start": start, "end": end}
        read.append(_terms(place.inside("terms"), version["terms"], heads))
    return read


def _period(at: Place, found: Any) -> tuple[date, date]:
    """Return the first day in force and the first day no longer in force."""
    period = at.keys(found, ("from", "to"))
    start = at.day(period, "from")
    end = date.max if period["to"] is None else at.day(period, "to")
    if end <= start:
        raise at.fault("to", f"{end} is not after {start}; a period is from <= day < to")
    return start, end


def _terms(at: Place, found: Any, heads: Mapping[str, Any]) -> Terms:
    """Return the terms that a mapping states: every key there, each of its kind, none at odds."""
    values = at.keys(found, BODY)
    readers: Mapping[str, Callable[[Place, Mapping[str, Any], str], Any]] = READERS
    body = {name: readers[name](at, values, name) for name in BODY}
    terms = Terms(**{**heads, **body, "digest": ""})
    if fault := fault_of(terms):
        raise at.fault(*fault)
    digest = value_digest({"product": terms.product, **terms_value(terms)})
    return Terms(**{**heads, **body, "digest": digest})
