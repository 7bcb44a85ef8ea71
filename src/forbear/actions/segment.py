"""Say in words what a leaf of the strategy tree is."""

from __future__ import annotations


def segment_says(code: str, *, chinese: bool) -> str:
    """Return a leaf's own words; "" where the tree has no such leaf."""
    del code, chinese
    return ""
