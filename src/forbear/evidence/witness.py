"""What a log asks of a witness on another machine, and what the witness answers. Pure.

The log's file holds a checkpoint that it signed, the proof that the log begins with what the
witness signed last, and the announcements of its keys. The answer is the witness's signature and,
where its key is new to the log, its own part of the announcement.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forbear.evidence.checkpoint import WITNESS, cosigned, parse_checkpoint
from forbear.evidence.entry import canonical
from forbear.evidence.keyring import (
    Announcement,
    Why,
    announced,
    keyring,
    latest,
    parse_announcement,
    trusted_keys,
)
from forbear.evidence.note import (
    BadNote,
    Key,
    claims,
    coded,
    decoded,
    key_of,
    opens,
    parse_note,
    unsigned,
)
from forbear.kernel.errors import ForbearError
from forbear.kernel.words import counted

ASKS, ANSWERS = "forbear witness request 1", "forbear witness answer 1"
MAX_HASHES = 128  # a consistency proof of a log that could ever be


class BadRequest(ForbearError):
    """The file is not what a log asks of its witness, or what a witness answers."""

    code = "evidence.bad_witness_file"
    http_status = 422


class NotKnown(ForbearError):
    """The witness does not know the key that signed, and nobody it trusts introduced it."""

    code = "evidence.not_known"
    http_status = 409


class AskAgain(ForbearError):
    """The proof does not begin where this witness signed last."""

    code = "evidence.ask_again"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a log asks of its witness."""

    checkpoint: str  # a note that the log signed
    before: int  # entries of the checkpoint that the proof begins with
    proof: tuple[bytes, ...]
    keys: tuple[str, ...]  # announcements of the log's keys, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a witness gives back."""

    checkpoint: str  # the note, with the witness's signature as its last line
    key: str  # the announcement of the witness's key, signed by it; "" where the log knows it


def render_request(asked: Request) -> bytes:
    """Return the file that is brought to the witness."""
    told = {
        "format": ASKS,
        "checkpoint": asked.checkpoint,
        "before": asked.before,
        "proof": [coded(each) for each in asked.proof],
        "keys": list(asked.keys),
    }
    return (canonical(told) + "\n").encode()


def parse_request(file: bytes) -> Request:
    """Return what a log asks.

    Errors: BadRequest.
    """
    told = _read(file, ASKS, {"checkpoint": str, "before": int, "proof": list, "keys": list})
    texts = [*told["proof"], *told["keys"]]
    if len(told["proof"]) > MAX_HASHES or not all(isinstance(text, str) for text in texts):
        raise BadRequest("the file does not have the fields of a request to a witness")
    try:
        proof = tuple(decoded(each) for each in told["proof"])
    except ValueError as error:
        raise BadRequest(f"the proof in the file is damaged: {error}") from None
    return Request(
        checkpoint=told["checkpoint"],
        before=told["before"],
        proof=proof,
        keys=tuple(told["keys"]),
    )


def render_answer(answer: Answer) -> bytes:
    """Return the file that is brought back to the log."""
    told = {"format": ANSWERS, "checkpoint": answer.checkpoint, "key": answer.key}
    return (canonical(told) + "\n").encode()


def parse_answer(file: bytes) -> Answer:
    """Return what a witness answered.

    Errors: BadRequest.
    """
    told = _read(file, ANSWERS, {"checkpoint": str, "key": str})
    return Answer(checkpoint=told["checkpoint"], key=told["key"])


def answered(
    asked: Request,
    *,
    last: str,
    trusted: Sequence[Key],
    secret: bytes,
    before: bytes | None = None,
) -> Answer:
    """Return a witness's answer: its signature, where the log goes on from what it signed last.

    `last` is the note that it signed last for this log, "" for none; `trusted` holds the log's keys
    that it knows, empty where it meets the log for the first time and takes the keys as they come.
    `before` is the witness's own secret of before, where it changes its key.
    Errors: BadNote, BadAnnouncement, NotKnown, AskAgain, Fork.
    """
    said = parse_checkpoint(asked.checkpoint)
    known = keyring(asked.keys)
    log = latest(known, said.origin)
    reached = trusted_keys(asked.keys, trusted) if trusted else known
    if log is None or log not in reached:
        raise NotKnown(
            f"the key of {said.origin} is not one that this witness knows, nor introduced by one;"
            " ask whoever runs the log, and name the new key with --key"
        )
    size = parse_checkpoint(last).size if last else 0
    if last and size <= said.size and size != asked.before:
        raise AskAgain(
            f"this witness signed {counted(size, 'entry')} last and the proof begins with"
            f" {asked.before:,}; ask again with --since {size}"
        )
    name = said.origin + WITNESS
    note = cosigned(
        asked.checkpoint,
        log_keys=[log],
        last=last,
        proof=asked.proof,
        name=name,
        secret=secret,
    )
    return Answer(checkpoint=note, key=_introducing(known, name, secret, before))


def _introducing(known: Sequence[Key], name: str, secret: bytes, before: bytes | None) -> str:
    """Return the announcement of a witness's key that the log does not know yet, else ""."""
    mine, theirs = key_of(secret, name), latest(known, name)
    if mine == theirs:
        return ""
    said = Announcement(
        before=theirs, now=mine, why=Why.rotated if theirs is not None else Why.first
    )
    own = [(name, before)] if before is not None and key_of(before, name) == theirs else []
    return announced(said, [(name, secret), *own])


def cosignature(answer: Answer, keys: Sequence[Key]) -> str:
    """Return the line by which a witness signed the note in its answer.

    Errors: BadNote where it is by no one of the keys.
    """
    text, signatures = parse_note(answer.checkpoint)
    name = parse_checkpoint(answer.checkpoint).origin + WITNESS
    lines = answer.checkpoint.removeprefix(text + "\n").splitlines(keepends=True)
    mine = [line for line, each in zip(lines, signatures, strict=True) if each.name == name]
    if len(mine) != 1:
        raise BadNote("the answer holds no signature of the witness")
    (asked,) = claims(f"{text}\n{mine[0]}", keys)
    if not any(opens(claim) for claim in asked):
        raise BadNote(unsigned(name))
    return mine[0]


def vouched(note: str, *, by: Sequence[tuple[str, bytes]]) -> str:
    """Return an announcement with further signatures; one that is there already is kept once.

    Errors: BadAnnouncement.
    """
    said = parse_announcement(note)
    lines = announced(said, by).removeprefix(f"{said}\n").splitlines(keepends=True)
    return note + "".join(line for line in lines if line not in note)


def _read(file: bytes, wanted: str, fields: dict[str, type]) -> dict[str, Any]:
    """Return the fields of a file that has one form only.

    Errors: BadRequest.
    """
    try:
        told = json.loads(file.decode())
        same = (canonical(told) + "\n").encode() == file
    except (ValueError, RecursionError):
        raise BadRequest("the file cannot be read: it is cut off, or is something else") from None
    if not isinstance(told, dict) or told.get("format") != wanted:
        raise BadRequest(f"the file is not a {wanted.removeprefix('forbear ').removesuffix(' 1')}")
    right = set(told) == {"format", *fields} and all(
        type(told[name]) is kind for name, kind in fields.items()
    )
    if not right or not same:
        raise BadRequest("a byte of the file is not what was written")
    return told
