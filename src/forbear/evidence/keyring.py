"""Announcements of the keys that sign: the first, a new one, one in the place of a lost one. Pure.

An announcement is a note signed by the new key, which shows that its holder has it, and by the key
before; where that is lost, by the other key of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from forbear.evidence.note import BadKey, BadNote, Key, note, parse_key, parse_note, signed, signers
from forbear.kernel.errors import ForbearError

TITLE = "forbear evidence key"
NOBODY = "none"


class Why(StrEnum):
    """Why a key was announced."""

    first = "first"
    rotated = "rotated"
    lost = "lost"  # the key before cannot sign any more


class BadAnnouncement(ForbearError):
    """The note announces no key, or nobody who may do so signed it."""

    code = "evidence.bad_announcement"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What an announcement says."""

    before: Key | None
    now: Key
    why: Why

    def __str__(self) -> str:
        """Return the text that is signed."""
        return f"{TITLE}\nbefore {self.before or NOBODY}\nnow {self.now}\nwhy {self.why}\n"


def announced(said: Announcement, signed_by: Iterable[tuple[str, bytes]]) -> str:
    """Return an announcement as a note, signed by names with their secrets."""
    text = str(said)
    return note(text, [signed(text, name, secret) for name, secret in signed_by])


def parse_announcement(whole: str) -> Announcement:
    """Return what an announcement says; its signatures prove nothing yet.

    Errors: BadAnnouncement.
    """
    try:
        text, _ = parse_note(whole)
        title, before, now, why, _end = text.split("\n")
        told = before.removeprefix("before ")
        said = Announcement(
            before=None if told == NOBODY else parse_key(told),
            now=parse_key(now.removeprefix("now ")),
            why=Why(why.removeprefix("why ")),
        )
    except (BadNote, BadKey, ValueError) as error:
        raise BadAnnouncement(f"the note announces no key: {error}") from None
    if title != TITLE or str(said) != text or (said.why == Why.first) != (said.before is None):
        raise BadAnnouncement("the note announces no key")
    return said


def keyring(notes: Sequence[str]) -> list[Key]:
    """Return every key that a log's announcements name, oldest first, each rightly introduced.

    Errors: BadAnnouncement where one is signed by somebody who may not introduce its key.
    """
    known: list[Key] = []
    for whole in notes:
        said = parse_announcement(whole)
        if said.why == Why.first and any(key.name == said.now.name for key in known):
            raise BadAnnouncement(f"{said.now.name} is announced for the first time twice")
        if said.why != Why.first and said.before != latest(known, said.now.name):
            raise BadAnnouncement(f"the key announced for {said.now.name} follows another one")
        by = _signed_by(whole, [*known, said.now])
        if said.now not in by:
            raise BadAnnouncement(f"the key announced for {said.now.name} did not sign for itself")
        if not _introduced(said, by, known):
            raise BadAnnouncement(
                f"the key announced for {said.now.name} is not signed by a key that may do so"
            )
        known.append(said.now)
    return known


def trusted_keys(notes: Sequence[str], trusted: Iterable[Key]) -> list[Key]:
    """Return the keys that follow from those somebody trusts already, those included.

    Errors: BadAnnouncement.
    """
    every, found = keyring(notes), list(trusted)
    for whole in notes:
        said = parse_announcement(whole)
        by = _signed_by(whole, every)
        if any(key in found for key in by if key != said.now) and said.now not in found:
            found.append(said.now)
    return found


def latest(known: Sequence[Key], name: str) -> Key | None:
    """Return the key announced last under a name, or None."""
    return next((key for key in reversed(known) if key.name == name), None)


def _introduced(said: Announcement, by: list[Key], known: list[Key]) -> bool:
    """Return whether somebody who may do so signed: nobody need for the very first keys."""
    if said.why == Why.first:
        return True
    if said.why == Why.rotated:
        return said.before in by
    return any(key in by and key.name != said.now.name for key in known)


def _signed_by(whole: str, keys: Iterable[Key]) -> list[Key]:
    try:
        return signers(whole, keys)
    except BadNote as error:
        raise BadAnnouncement(f"an announcement of a key is damaged: {error}") from None
