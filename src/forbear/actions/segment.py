"""Say in words what a leaf of the strategy tree is."""

from __future__ import annotations

from functools import lru_cache

from forbear.store.packs import fetch_pack_texts
from forbear.treatment.tree import parse_strategy

FOLDER = "house/strategy/"


def segment_says(code: str, *, chinese: bool) -> str:
    """Return a leaf's own words; "" where no strategy has such a leaf any more."""
    says, says_zh = _leaves().get(code, ("", ""))
    return says_zh if chinese and says_zh else says


@lru_cache(maxsize=1)
def _leaves() -> dict[str, tuple[str, str]]:
    texts = fetch_pack_texts()
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(texts):
        if path.startswith(FOLDER) and path.endswith(".yaml"):
            strategy = parse_strategy(texts[path], written=lambda *_: True)
            found |= {leaf.id: (leaf.says, leaf.says_zh) for leaf in strategy.leaves}
    return found
