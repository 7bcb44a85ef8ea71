"""How products read on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from forbear.console.product_labels import PRODUCT_LISTS
from forbear.console.templatetags.forbear import chinese

register = template.Library()


@register.filter
def title_of(told: Mapping[str, Any]) -> str:
    """Return a product's name in the reader's language."""
    return str(told["title_zh" if chinese() else "title_en"])


@register.filter
def word_of(word: str, words: str) -> str:
    """Return what the pages call a word of a product's lists."""
    return str(PRODUCT_LISTS[words].get(word, word))
