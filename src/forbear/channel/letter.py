"""A letter: one page of PDF in a tray that the print house empties.

The page is written to a staging folder before the try is recorded, and moved to the tray in one
step that either happened or did not. So after any crash it is known whether a letter left: while
it is staged it did not, and once it is not staged any more it did, even if the tray is empty again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from forbear.channel.base import Found, Outcome, Outgoing, Result
from forbear.channel.paper import pdf, pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on a letter, in the order it stands there."""

    language: str
    creditor: str
    creditor_line: str  # where the creditor is reached, under its name
    name: str
    address: str
    day: str  # in words
    subject: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    ways: Sequence[tuple[str, str]]
    reference: str


def render_pdf(page: Page, *, at: datetime) -> bytes:
    """Return a letter as PDF/A; the same page and instant give the same bytes."""
    return pdf("letter", _told(page), at=at)


def render_png(page: Page, *, ppi: int = 144) -> list[bytes]:
    """Return a letter's pages as pictures, to be looked at."""
    return pictures("letter", _told(page), ppi=ppi)


class LetterWay:
    """One tray: a folder whose files are letters ready to be printed, named by their contact."""

    def __init__(self, folder: Path) -> None:
        self._tray = folder
        self._staging = folder / ".staging"

    def ready(self) -> None:
        """Nothing to connect to."""

    def prepare(self, outgoing: Outgoing) -> None:
        """Write the page to the staging folder, and to the disk for good."""
        self._staging.mkdir(parents=True, exist_ok=True)
        partial = self._staging / f"{outgoing.contact_id}.{os.getpid()}.part"
        with partial.open("wb") as file:
            file.write(outgoing.pdf)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._staged(outgoing.contact_id))
        _settle(self._staging)

    def send(self, outgoing: Outgoing) -> Outcome:
        """Move the staged page into the tray."""
        name = f"{outgoing.contact_id}.pdf"
        try:
            self._staged(outgoing.contact_id).rename(self._tray / name)
            _settle(self._tray)
        except FileNotFoundError:  # it is in the tray, or was taken out of it
            return Outcome(result=Result.unknown, error="the staged page is gone")
        except OSError as error:
            return Outcome(result=Result.failed, error=error.strerror or str(error))
        return Outcome(result=Result.sent, provider_ref=name)

    def found(self, contact_id: str) -> Found:
        """A page still staged has not left; a page no longer staged has."""
        return Found.absent if self._staged(contact_id).exists() else Found.sent

    def close(self) -> None:
        """Nothing to let go of."""

    def _staged(self, contact_id: str) -> Path:
        return self._staging / f"{contact_id}.pdf"


def _settle(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(page: Page) -> dict[str, Any]:
    return {name: getattr(page, name) for name in Page.__slots__}
