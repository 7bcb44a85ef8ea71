"""A checkpoint: how long the log was at an instant, its root and chain, signed by log and witness.

Pure. The witness signs only what holds all that it signed before.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from operator import itemgetter

from forbear.evidence.entry import plain
from forbear.evidence.note import (
    BadNote,
    Claim,
    Key,
    claims,
    coded,
    note,
    opens,
    parse_note,
    signed,
    signers,
    text_of,
    unsigned,
)
from forbear.evidence.proof import consistent
from forbear.kernel.errors import ForbearError
from forbear.kernel.words import counted

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
    text = text_of(whole)
    lines = text.split("\n")
    try:
        origin, size, root, chain, at, previous, end = lines
        found = Checkpoint(
            origin=origin,
            size=int(size),
            root=b64decode(root),
            chain=b64decode(chain.removeprefix("chain ")),
            at=at.removeprefix("at "),
            previous=b64decode(previous.removeprefix("previous ")),
        )
    except ValueError:
        raise BadNote("the note is no checkpoint") from None
    # Written again it must be the same text: so each part stands in its one form.
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
                f"the witness signed a log of {counted(before.size, 'entry')} on {before.at};"
                f" this one has {said.size:,}"
            )
        if not consistent(
            before.size, said.size, proof=proof, root_before=before.root, root=said.root
        ):
            raise Fork(
                f"the log of {counted(said.size, 'entry')} does not begin with the"
                f" {before.size:,} that the witness signed on {before.at}"
            )
    text, _ = parse_note(whole)
    return whole + signed(text, name, secret)


def opens_each(every: Sequence[Claim]) -> list[bool]:
    """Return which claims are true, one after the other."""
    return [opens(claim) for claim in every]


def breaks(
    notes: Sequence[str],
    keys: Iterable[Key],
    *,
    every: bool = False,
    opening: Callable[[Sequence[Claim]], list[bool]] = opens_each,
) -> list[str]:
    """Return one sentence for each place where a run of checkpoints, oldest first, is broken.

    Each note names the hash of the whole note before it, so a good signature of the last note under
    each key shows that its holder vouched for all before it. Those are opened; `every` opens each
    besides, which shows that each was signed when it was made. `opening` opens them all at once.
    Errors: none; a note that cannot be read is a broken place.
    """
    known = list(keys)
    asked: list[tuple[int, int, Claim]] = []  # checkpoint, signature, who may have made it
    found: list[tuple[int, str]] = []
    before, size = "", -1
    by = [_signed_by(whole) for whole in notes]
    for number, whole in enumerate(notes, 1):
        try:
            said = parse_checkpoint(whole)
            if every or by[number - 1] != (by[number] if number < len(notes) else None):
                each = claims(whole, known)
                asked += [(number, n, claim) for n, mine in enumerate(each) for claim in mine]
        except BadNote as error:
            found.append((number, f"checkpoint {number}: {error}"))
            before = whole
            continue
        found += [(number, text) for text in _unfitting(number, said, before, size)]
        before, size = whole, said.size
    return [text for _, text in sorted(found + _unopened(asked, opening), key=itemgetter(0))]


def _signed_by(whole: str) -> tuple[str, ...]:
    """Return who seems to have signed a note: the beginning of each line, name and key's id."""
    lines = whole[whole.rfind("\n\n") + 2 :].splitlines()
    return tuple(line[: line.rfind(" ") + 6] for line in lines)  # five letters hold 30 bits of 32


def _unfitting(number: int, said: Checkpoint, before: str, size: int) -> Iterator[str]:
    """Yield why a checkpoint does not follow the note and the size before it."""
    if said.previous != link(before):
        yield (
            f"checkpoint {number} ({said.at}, {counted(said.size, 'entry')}) does not follow the"
            " one before it: one was changed, put in or taken out there"
        )
    if said.size < size:
        yield f"checkpoint {number} ({said.at}) is of a shorter log than the one before"


def _unopened(
    asked: Sequence[tuple[int, int, Claim]], opening: Callable[[Sequence[Claim]], list[bool]]
) -> list[tuple[int, str]]:
    """Return the signatures that are by no one of those who may have made them."""
    true = opening([claim for *_, claim in asked])
    good = {(number, n) for (number, n, _), holds in zip(asked, true, strict=True) if holds}
    return [
        (number, f"checkpoint {number}: {unsigned(claim.key.name)}")
        for (number, n), claim in {(number, n): claim for number, n, claim in asked}.items()
        if (number, n) not in good
    ]
