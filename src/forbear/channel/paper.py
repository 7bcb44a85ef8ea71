"""Paper: what is told, set by a template, as PDF/A or as pictures. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any


def day_pdf(template: str, told: Mapping[str, Any], *, on: date) -> bytes:
    """Return a day's paper as PDF/A: of its first instant by UTC."""
    return pdf(template, told, at=datetime(on.year, on.month, on.day, tzinfo=UTC))


def pdf(template: str, told: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return what a template makes of what is told; the same at one instant is the same bytes."""
    made = _compiler().compile(
        _text(template),
        sys_inputs=_inputs(told),
        format="pdf",
        pdf_standards="a-2u",
        timestamp=int(at.timestamp()),
    )
    return _bytes(made)


def pictures(template: str, told: Mapping[str, Any], *, ppi: int) -> list[bytes]:
    """Return the same, page by page, to be looked at."""
    made = _compiler().compile(_text(template), sys_inputs=_inputs(told), format="png", ppi=ppi)
    return made if isinstance(made, list) else [_bytes(made)]


def _inputs(told: Mapping[str, Any]) -> dict[str, str]:
    return {"told": json.dumps(told, ensure_ascii=False)}


def _bytes(made: object) -> bytes:
    assert isinstance(made, bytes)
    return made


@cache
def _text(template: str) -> bytes:
    return files("forbear.channel").joinpath(f"{template}.typ").read_bytes()


@cache
def _compiler():  # type: ignore[no-untyped-def]  # typst is imported here: it is slow to load
    import pylopdf_fonts_zh_cn
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
    )
    return typst.Compiler(font_paths=fonts)
