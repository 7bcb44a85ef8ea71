"""How the calculators' exact values read on a page."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django import template

register = template.Library()


@register.filter
def exact(amount_minor: str) -> str:
    """Return an exact number of fen in yuan, to the sixth decimal, without needless zeros."""
    yuan = (Decimal(amount_minor) / 100).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    whole, _, part = f"{yuan:,f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
