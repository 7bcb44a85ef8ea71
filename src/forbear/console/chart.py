"""Draw what is paid with each installment: one picture, its colors those of the page's theme.

The picture is made on the server and stands in the page as it is: no script draws it, and it holds
no style of its own, so the page's policy has nothing to forbid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 400, 200
# Colors that the drawer is given, each standing for one of the page's own.
TOKENS: Mapping[str, str] = {
    "#000001": "var(--ink-2)",
    "#000002": "var(--line)",
    "#000003": "var(--accent)",
    "#000004": "var(--wait)",
    "#000005": "var(--info)",
}
INK, LINE, *PARTS = TOKENS
PARTS_OF = ("principal", "interest", "fees")
SIZE = re.compile(r' width="[\d.]+" height="[\d.]+"(?= viewBox)')
OUTER = re.compile(r'<rect width="[\d.]+" height="[\d.]+" fill="white"/>')


def installments(dues: Sequence[Mapping[str, Any]], words: Mapping[str, Any]) -> SafeString:
    """Return the installments as bars of principal, interest and fees, one upon another."""
    rows = [
        {"number": due["number"], "part": str(words[part]), "order": order, "sum": minor / 100}
        for due in dues
        for order, (part, minor) in enumerate(
            (
                ("principal", due["principal_minor"]),
                ("interest", due["interest_minor"]),
                ("fees", due["fee_minor"] + due["charge_minor"]),
            )
        )
    ]
    names = tuple(str(words[part]) for part in PARTS_OF)
    return mark_safe(_drawn(json.dumps(rows, ensure_ascii=False), names))  # ours


@lru_cache(maxsize=64)
def _drawn(rows: str, names: tuple[str, ...]) -> str:
    import vl_convert  # imported here: it is large, and most pages draw nothing

    made = vl_convert.vegalite_to_svg(_specification(json.loads(rows), names))
    made = SIZE.sub(' class="chart" focusable="false"', made, count=1)
    made = OUTER.sub("", made.replace(' class="marks"', "", 1), count=1)
    for given, token in TOKENS.items():
        made = made.replace(given, token)
    return made


def _specification(rows: list[dict[str, Any]], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the picture in the grammar of Vega-Lite."""
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": HEIGHT,
        "padding": 2,
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "x": {"field": "number", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": "sum", "type": "quantitative", "title": None, "axis": {"tickCount": 4}},
            "color": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "scale": {"domain": names, "range": PARTS},
                "legend": {"orient": "top", "symbolType": "square"},
            },
            "order": {"field": "order", "type": "quantitative"},
        },
        "config": {
            "background": None,
            "font": "Noto Sans SC, sans-serif",
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "labelFontSize": 12,
                "domain": False,
                "ticks": False,
                "gridColor": LINE,
                "labelOverlap": True,
            },
            "legend": {"labelColor": INK, "labelFontSize": 12, "labelLimit": 160},
            "bar": {"cornerRadius": 1},
        },
    }
