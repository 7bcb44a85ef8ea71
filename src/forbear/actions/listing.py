"""What part of a long list somebody wants to see. Decides how lists are cut; reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import F, QuerySet

from forbear.kernel.errors import ForbearError

Row = TypeVar("Row")
EXPORT_ROWS = 200_000  # more than that is a question for the database, not for a spreadsheet


class UnknownColumn(ForbearError):
    """The list cannot be sorted by that column."""

    code = "listing.unknown_column"
    http_status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Filters, order and page of one list; it stands in the page's address."""

    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""  # a column's name; "" is the list's own order
    descending: bool = False
    page: int = 1  # from 1
    size: int = 50

    def asked(self, name: str) -> str:
        """Return what a filter asks for; "" where it asks for nothing."""
        return self.filters.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """The rows of one page of a list, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Return the place of the page's first row in the list, from 1; 0 where it is empty."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """Return the place of the page's last row in the list."""
        return (self.number - 1) * self.size + len(self.rows)


def page_of(
    found: QuerySet[Any, Any],
    listing: Listing,
    *,
    orders: Mapping[str, str],
    usual: Iterable[str],
    rows: Callable[[list[Any]], Iterable[Row]],
) -> Page[Row]:
    """Return one page of a query, its rows made by a function of a page of records.

    Shape:  orders maps a column's name to a field; usual are the fields of the list's own order,
            which also settle ties, so that no row is on two pages.
    Errors: UnknownColumn. A page beyond the last is the last.
    """
    in_order = ordered(found, listing, orders=orders, usual=usual)
    return cut(in_order, listing, total=found.count(), rows=lambda part: rows(list(part)))


def cut(
    found: Any, listing: Listing, *, total: int, rows: Callable[[Any], Iterable[Row]]
) -> Page[Row]:
    """Return one page of whatever can be sliced and is in order, its rows made of that slice.

    Errors: none. A page beyond the last is the last.
    """
    number = min(max(1, listing.page), max(1, -(-total // listing.size)))
    start = (number - 1) * listing.size
    part = found[start : start + listing.size]
    return Page(rows=tuple(rows(part)), total=total, number=number, size=listing.size)


def ordered(
    found: QuerySet[Any, Any],
    listing: Listing,
    *,
    orders: Mapping[str, str],
    usual: Iterable[str],
) -> QuerySet[Any, Any]:
    """Return a query in the order that a listing asks for; ties in the list's own order.

    Errors: UnknownColumn.
    """
    order: list[Any] = list(usual)
    if listing.sort:
        if listing.sort not in orders:
            raise UnknownColumn(f"{listing.sort!r}: choose one of {', '.join(sorted(orders))}")
        column = F(orders[listing.sort])
        order.insert(
            0, column.desc(nulls_last=True) if listing.descending else column.asc(nulls_last=True)
        )
    return found.order_by(*order)
