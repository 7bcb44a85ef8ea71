"""How a line of a log is written: whole, and without this installation's secrets."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from forbear.kernel.hidden import hidden

# What the environment holds that must never be read in a log, whatever the text around it.
SECRET_VARIABLES = (
    "FORBEAR_SECRET_KEY",
    "FORBEAR_DATA_KEY",
    "FORBEAR_WEBHOOK_KEY",
)


class Hiding(logging.Formatter):
    """Format a record, its traceback too, and take the secrets out of the whole."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record as they may be kept."""
        return hidden(super().format(record), known=known_secrets())


class OwnersFile(logging.FileHandler):
    """Write to a file that its owner alone may read."""

    def _open(self) -> TextIOWrapper:
        return open_for_owner(Path(self.baseFilename))


def open_for_owner(path: Path) -> TextIOWrapper:
    """Open a file to be added to, which its owner alone may read from now on.

    Errors: OSError.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with suppress(PermissionError):  # somebody else's, who let us write to it
        os.fchmod(handle, 0o600)
    return open(handle, "a", encoding="utf-8")


def known_secrets() -> list[str]:
    """Return the secrets that the environment holds."""
    return [os.environ[name] for name in SECRET_VARIABLES if os.environ.get(name)]
