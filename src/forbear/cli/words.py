"""How the command line reads words and prints answers."""

from __future__ import annotations

import getpass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import typer

from forbear.actions.reader import Reader, machine
from forbear.store.environment import office_zone

Word = TypeVar("Word", bound=StrEnum)


def day(text: str) -> date:
    """Return a day written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-11-20") from None


def last_day() -> date:
    """Return yesterday by the office's clock: the last day that has closed."""
    return datetime.now(office_zone()).date() - timedelta(days=1)


def instant(text: str) -> datetime:
    """Return an instant in ISO 8601; without a zone it is meant by the person's own clock."""
    try:
        if "T" not in text.upper() and " " not in text.strip():
            raise ValueError(text)  # a day has 1,440 minutes, and some of them are not lawful
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not an instant; write it as 2026-11-20T21:59 or 2026-11-20T21:59+08:00"
        ) from None


def word(text: str, words: type[Word]) -> Word:
    """Return a word of a closed list."""
    try:
        return words(text)
    except ValueError:
        known = ", ".join(words)
        raise typer.BadParameter(f"{text!r} is not one of: {known}") from None


def operator() -> Reader:
    """Return whoever runs this command, as a reader with every ability."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return machine(f"cli:{name}")


def json_line(value: Any) -> str:
    """Return a value as one line of JSON, Chinese characters as they are."""
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
