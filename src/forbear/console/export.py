"""A list as a CSV file that a spreadsheet opens rightly and that runs nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

RUNS = ("=", "+", "-", "@", "\t", "\r")  # a cell that starts so is a formula to a spreadsheet


def csv_file(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return rows as a CSV download, UTF-8 with the mark that spreadsheets need for Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([str(head) for head in heads])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        return " ".join(str(one) for one in value)
    text = str(value)
    safe = isinstance(value, (int, float)) or not text.startswith(RUNS)
    return text if safe else f"'{text}"
