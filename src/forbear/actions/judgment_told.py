"""Say in words what an instrument fixed, by when, and what is doubled. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forbear.actions.account_words import INSTRUMENT, said
from forbear.kernel.money import render_minor


def judgment_told(
    *,
    name: str,
    on: date,
    fixed_minor: int,
    due_on: Sequence[date],
    doubled_minor: int,
    as_of: date,
    currency: str,
    language: str,
) -> str:
    """Return what the notice of an instrument says.

    Shape:  due_on the days by which parts of it are to be paid, in order, one at least.
    Unit:   minor units; doubled_minor is what came of it by the day, paid or open.
    Errors: NotALanguage.
    """
    days = sorted(set(due_on))
    by = said(INSTRUMENT, "once" if len(days) == 1 else "parts", language)
    doubled = said(INSTRUMENT, "doubled" if doubled_minor else "none", language)
    return said(INSTRUMENT, "fixed", language).format(
        name=name,
        on=on,
        sum=render_minor(fixed_minor, currency),
        by=by.format(n=len(days), first=days[0], last=days[-1]),
        doubled=doubled.format(sum=render_minor(doubled_minor, currency), as_of=as_of),
    )
