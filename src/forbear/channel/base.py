"""What every way out agrees on: what is handed over, and what may be said to have become of it.

A way out never raises for what the world does to it: a refused connection, a full mailbox and a
lost reply are outcomes. An exception out of `send` is a bug, and counts as an unknown outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from forbear.kernel.errors import ForbearError


class BadChannelConfig(ForbearError):
    """The settings of a channel cannot be used as they are written."""

    code = "channel.bad_config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way to one person."""

    contact_id: str
    idempotency_key: str  # the same for every try of one contact
    to: str  # number, address, or the person's id in the app
    subject: str
    text: str
    at: datetime  # by the person's own clock; dates the message
    html: str = ""  # e-mail only
    pdf: bytes = b""  # letter only


class Result(StrEnum):
    """What became of one try."""

    sent = "sent"  # the other side took it over
    failed = "failed"  # surely not taken over; may be tried again
    refused = "refused"  # surely not taken over, and never will be
    doubtful = "doubtful"  # it may have been taken over, and may be repeated under the same key
    unknown = "unknown"  # it may have been taken over, and must not be repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one try, with what the other side said."""

    result: Result
    provider_ref: str = ""  # the other side's own id of the message
    error: str = ""  # in its own words, never with the message's text


class Found(StrEnum):
    """What is found of a message whose sender died while it was sending."""

    sent = "sent"
    absent = "absent"  # it did not leave, or may be handed over again without a second delivery
    unknown = "unknown"


class Way(Protocol):
    """One way out."""

    def ready(self) -> None:
        """Connect, before anything is recorded; what cannot be reached is found again by send."""

    def prepare(self, outgoing: Outgoing) -> None:
        """Make ready what can be made ready before the try is recorded. Nothing may leave yet."""

    def send(self, outgoing: Outgoing) -> Outcome:
        """Hand one message over and say what became of it."""

    def found(self, contact_id: str) -> Found:
        """Say what can be found of a message whose sender died. It must not send anything."""

    def close(self) -> None:
        """Let go of connections. The way may be used again afterwards."""
