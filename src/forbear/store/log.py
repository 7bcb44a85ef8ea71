"""How a line of a log is written: whole, and without this installation's secrets."""

from __future__ import annotations

import logging
import os

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


def known_secrets() -> list[str]:
    """Return the secrets that the environment holds."""
    return [os.environ[name] for name in SECRET_VARIABLES if os.environ.get(name)]
