"""A checkpoint: how long the log was at an instant, its root and chain, signed by log and witness.

Pure. The witness signs only what holds all that it signed before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from forbear.evidence.entry import plain
from forbear.evidence.note import (
    BadNote,
    Key,
    coded,
    decoded,
    note,
    parse_note,
    signed,
    signers,
)
from forbear.evidence.proof import consistent
from forbear.kernel.errors import ForbearError

FIRST = bytes(32)  # stands for the note before the first one
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
WITNESS = "/witness"  # what the witness's name ends in


class Fork(ForbearError):
    """The witness signed another log before: this one is not its continuation."""

    code = "evidence.fork"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint says."""

    origin: str  # the log's name, the same for as long as it lives
    size: int  # entries
    root: bytes
    chain: bytes  # the chain's head
    at: str  # UTC
    previous: bytes  # SHA-256 of the whole note before it: the newest one vouches for all

    def __str__(self) -> str:
        """Return the text that is signed."""
        return (
            f"{self.origin}\n{self.size}\n{coded(self.root)}\nchain {coded(self.chain)}\n"
            f"at {self.at}\nprevious {coded(self.previous)}\n"
        )


def checkpoint(
    *, origin: str, size: int, root: bytes, chain: bytes, at: datetime, previous: str
) -> Checkpoint:
    """Return a checkpoint; `previous` is the whole note before it, "" for the first."""
    return Checkpoint(
        origin=origin, size=size, root=root, chain=chain, at=plain(at), previous=link(previous)
    )


def link(previous: str) -> bytes:
    """Return what the next checkpoint says of a whole note."""
    return sha256(previous.encode()).digest() if previous else FIRST


def parse_checkpoint(whole: str) -> Checkpoint:
    """Return what a checkpoint's note says; its signatures prove nothing yet.

    Errors: BadNote.
    """
    text, _ = parse_note(whole)
    lines = text.split("\n")
    try:
        origin, size, root, chain, at, previous, end = lines
        found = Checkpoint(
            origin=origin,
            size=int(size),
            root=decoded(root),
            chain=decoded(chain.removeprefix("chain ")),
            at=at.removeprefix("at "),
            previous=decoded(previous.removeprefix("previous ")),
        )
    except ValueError:
        raise BadNote("the note is no checkpoint") from None
    whole_hashes = {len(found.root), len(found.chain), len(found.previous)} == {32}
    if end or str(found) != text or not whole_hashes or not INSTANT.fullmatch(found.at):
        raise BadNote("the note is no checkpoint")
    return found


def issued(said: Checkpoint, *, name: str, secret: bytes) -> str:
    """Return a checkpoint as a note that the log signed."""
    return note(str(said), [signed(str(said), name, secret)])


def cosigned(
    whole: str,
    *,
    log_keys: Iterable[Key],
    last: str,
    proof: Sequence[bytes],
    name: str,
    secret: bytes,
) -> str:
    """Return a checkpoint's note with a witness's signature added.

    `last` is the whole note that this witness signed last, "" if none; `proof` shows that the new
    log begins with that one.
    Errors: BadNote where the log did not sign it; Fork where it is not what was signed before.
    """
    said = parse_checkpoint(whole)
    signers(whole, log_keys)
    if last:
        before = parse_checkpoint(last)
        if before.origin != said.origin:
            raise Fork(f"the witness signs for {before.origin}, not for {said.origin}")
        if said.size < before.size:
            raise Fork(
                f"the witness signed a log of {before.size} entries on {before.at};"
                f" this one has {said.size}"
            )
        if not consistent(
            before.size, said.size, proof=proof, root_before=before.root, root=said.root
        ):
            raise Fork(
                f"the log of {said.size} entries does not begin with the {before.size} that the"
                f" witness signed on {before.at}"
            )
    text, _ = parse_note(whole)
    return whole + signed(text, name, secret)


def breaks(notes: Sequence[str], keys: Iterable[Key], *, every: bool = False) -> list[str]:
    """Return one sentence for each place where a run of checkpoints, oldest first, is broken.

    Each note names the hash of the note before it, so the newest one's signatures vouch for them
    all; `every` checks the signatures of each besides.
    Errors: none; a note that cannot be read is a broken place.
    """
    known, found, before, size = list(keys), [], "", -1
    for number, whole in enumerate(notes, 1):
        try:
            said = parse_checkpoint(whole)
            if every or number == len(notes):
                signers(whole, known)
        except BadNote as error:
            found.append(f"checkpoint {number}: {error}")
            before = whole
            continue
        if said.previous != link(before):
            found.append(
                f"checkpoint {number} ({said.at}, {said.size} entries) does not follow the one"
                " before it: one was changed, put in or taken out there"
            )
        if said.size < size:
            found.append(f"checkpoint {number} ({said.at}) is of a shorter log than the one before")
        before, size = whole, said.size
    return found
