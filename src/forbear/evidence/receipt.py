"""An evidence receipt: entries, their proofs, one checkpoint and the keys; and its checking. Pure.

The file has one form only, so that no byte of it can be another without being seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from forbear.evidence.checkpoint import WITNESS, Checkpoint, parse_checkpoint
from forbear.evidence.entry import Entry, canonical, parse_entry
from forbear.evidence.keyring import BadAnnouncement, keyring, trusted_keys
from forbear.evidence.note import BadNote, Key, coded, decoded, signers
from forbear.evidence.proof import included
from forbear.evidence.tree import leaf_hash
from forbear.kernel.errors import ForbearError

FORMAT = "forbear receipt 1"
FIELDS = frozenset("checkpoint entries format keys".split())
ENTRY_FIELDS = frozenset("entry position proof".split())
MAX_HASHES = 64  # a proof in a log that could ever be


class BadReceipt(ForbearError):
    """The file is no evidence receipt, or is not what was given out."""

    code = "evidence.bad_receipt"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """One entry with its place in the log."""

    entry: str  # its canonical text
    position: int  # from 0
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What checking a receipt found."""

    true: bool
    why: str  # where it breaks; "" where it is true
    entries: tuple[Entry, ...] = ()
    positions: tuple[int, ...] = ()
    checkpoint: Checkpoint | None = None
    signed_by: tuple[Key, ...] = ()
    trusted: bool = False  # whether the signatures were held against keys that somebody brought


def render_receipt(entries: Sequence[Proven], *, checkpoint: str, keys: Sequence[str]) -> bytes:
    """Return a receipt's file.

    `checkpoint` is a whole note, `keys` the announcements of the log's keys, oldest first.
    """
    told = {
        "format": FORMAT,
        "checkpoint": checkpoint,
        "keys": list(keys),
        "entries": [
            {"entry": e.entry, "position": e.position, "proof": [coded(h) for h in e.proof]}
            for e in entries
        ],
    }
    return (canonical(told) + "\n").encode()


def verified(receipt: bytes, trusted: Iterable[Key] = ()) -> Verdict:
    """Return whether all that a receipt says is true, or a sentence on where it breaks.

    With no trusted keys the receipt is held against the keys that it brings along. With some, the
    checkpoint must be signed under the name of each, by it or by a key that it introduced.
    Errors: none.
    """
    try:
        return _verified(_read(receipt), list(trusted))
    except (BadReceipt, BadNote, BadAnnouncement) as error:
        return Verdict(true=False, why=str(error))
    except ForbearError as error:
        return Verdict(true=False, why=f"an entry is damaged: {error}")


def _read(receipt: bytes) -> dict[str, Any]:
    """Return a receipt's fields.

    Errors: BadReceipt.
    """
    try:
        told = json.loads(receipt.decode())
        same = (canonical(told) + "\n").encode() == receipt
    except (ValueError, RecursionError):
        raise BadReceipt(
            "the file cannot be read as a receipt: it is cut off, changed, or something else"
        ) from None
    if not isinstance(told, dict) or set(told) != FIELDS or told["format"] != FORMAT:
        raise BadReceipt("the file does not have the fields of a receipt")
    if not same:
        raise BadReceipt("the file is not written as receipts are: a byte of it is wrong")
    texts = [told["checkpoint"], *(told["keys"] if isinstance(told["keys"], list) else [None])]
    entries = told["entries"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(entries, list):
        raise BadReceipt("the file does not have the fields of a receipt")
    if not entries:
        raise BadReceipt("the receipt holds no entry")
    return told


def _verified(told: dict[str, Any], trusted: list[Key]) -> Verdict:
    every = keyring(told["keys"])
    said = parse_checkpoint(told["checkpoint"])
    by = signers(told["checkpoint"], every)
    names = {key.name for key in by}
    if not {said.origin, said.origin + WITNESS} <= names:
        raise BadReceipt("the checkpoint is not signed by both the log and its witness")
    if {key.name for key in every} != names:
        raise BadReceipt("the receipt names a key that has nothing to do with its checkpoint")
    reached = trusted_keys(told["keys"], trusted)
    for key in trusted:
        if not any(each.name == key.name and each in reached for each in by):
            raise BadReceipt(
                f"the checkpoint is not signed by the key you trust ({key}), nor by one that it"
                " introduced"
            )
    proven = [_proven(each, said) for each in told["entries"]]
    return Verdict(
        true=True,
        why="",
        entries=tuple(entry for entry, _ in proven),
        positions=tuple(position for _, position in proven),
        checkpoint=said,
        signed_by=tuple(by),
        trusted=bool(trusted),
    )


def _proven(told: Any, said: Checkpoint) -> tuple[Entry, int]:
    """Return one entry and its position, proven to be in the log of a checkpoint.

    Errors: BadReceipt, BadEntry.
    """
    if not isinstance(told, dict) or set(told) != ENTRY_FIELDS:
        raise BadReceipt("an entry does not have the fields of an entry")
    text, position, proof = told["entry"], told["position"], told["proof"]
    whole = isinstance(text, str) and type(position) is int and isinstance(proof, list)
    if not whole or len(proof) > MAX_HASHES or not all(isinstance(h, str) for h in proof):
        raise BadReceipt("an entry does not have the fields of an entry")
    try:
        hashes = [decoded(each) for each in proof]
        leaf = leaf_hash(text.encode())
    except ValueError as error:
        raise BadReceipt(f"the proof of entry {position} is damaged: {error}") from None
    if not included(leaf, position=position, size=said.size, proof=hashes, root=said.root):
        raise BadReceipt(
            f"entry {position} is not what the log held at that place on {said.at}: the entry,"
            " its position, its proof or the checkpoint was changed"
        )
    return parse_entry(text), position
