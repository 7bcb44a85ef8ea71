"""An account's statement on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any


def render_pdf(told: Mapping[str, Any], *, on: date) -> bytes:
    """Return the statement as PDF/A; the same statement and day give the same bytes."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    made = _compiler().compile(
        _template(),
        sys_inputs=_inputs(told),
        format="pdf",
        pdf_standards="a-2u",
        timestamp=int(midnight.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def render_png(told: Mapping[str, Any], *, ppi: int = 110) -> list[bytes]:
    """Return the statement's pages as pictures, to be looked at."""
    made = _compiler().compile(_template(), sys_inputs=_inputs(told), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _inputs(told: Mapping[str, Any]) -> dict[str, str]:
    return {"statement": json.dumps(told, ensure_ascii=False)}


@lru_cache(maxsize=1)
def _template() -> bytes:
    return files("forbear.channel").joinpath("statement.typ").read_bytes()


@lru_cache(maxsize=1)
def _compiler():  # type: ignore[no-untyped-def]  # typst is imported here: it is slow to load
    import pylopdf_fonts_zh_cn
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )
    return typst.Compiler(font_paths=fonts)
