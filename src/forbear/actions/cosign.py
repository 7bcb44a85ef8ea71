"""Ask a witness on another machine to sign, and keep what it signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from forbear.actions.checkpoint import (
    KeyLost,
    announce,
    announcements,
    do_checkpoint,
    name_of,
    secret_in_force,
)
from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.evidence.checkpoint import parse_checkpoint
from forbear.evidence.keyring import Why, keyring, latest, parse_announcement
from forbear.evidence.note import Key, note, parse_note, text_of
from forbear.evidence.proof import consistency_ranges, nodes_of, path
from forbear.evidence.witness import (
    Answer,
    BadRequest,
    Request,
    cosignature,
    parse_answer,
    render_request,
    vouched,
)
from forbear.kernel.errors import ForbearError
from forbear.kernel.words import counted
from forbear.store import evidence as store
from forbear.store.log_keys import Role


class NotAppointed(ForbearError):
    """The answer is by a witness that this log has not appointed."""

    code = "evidence.not_appointed"
    http_status = 409


class NeverThatLong(ForbearError):
    """The log has no checkpoint of that many entries."""

    code = "evidence.never_that_long"
    http_status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """What came of a witness's answer."""

    size: int  # entries of the log that the witness signed
    witness: Key
    appointed: bool  # its key was announced just now
    kept: bool  # False where the checkpoint had a witness's later signature already


def do_ask(reader: Reader, *, at: datetime, since: int | None = None) -> bytes:
    """Sign the log as it is now and return the file that is brought to the witness.

    `since` is the number of entries that the witness signed last, where we cannot know it.
    Errors: NeverThatLong, KeyLost, Fork, Damaged, NotAllowed.
    """
    do_checkpoint(reader, at=at)
    with transaction.atomic():
        conn = connected()
        last = store.fetch_last_checkpoint(conn)
        assert last is not None  # just signed
        size, whole = last
        before = since if since is not None else store.fetch_cosigned_size(conn)
        if before > size or (since and not store.fetch_checkpoint_sized(conn, since)):
            raise NeverThatLong(f"no checkpoint of this log has {counted(before, 'entry')}")
        ranges = consistency_ranges(before, size)
        proof = path(ranges, store.fetch_nodes(conn, nodes_of(ranges)))
        return render_request(
            Request(
                checkpoint=_by_the_log(whole),
                before=before,
                proof=tuple(proof),
                keys=tuple(announcements(conn)),
            )
        )


def do_cosign(reader: Reader, *, file: bytes, appoint: bool) -> Cosigned:
    """Keep what a witness signed; appoint it where it is new and that is asked for.

    The witness in force vouches for a new one. From then on it is asked by files.
    Errors: BadRequest, BadNote, NotAppointed, BadAnnouncement, KeyLost, NotAllowed.
    """
    reader.must(Ability.manage_users)
    answer = parse_answer(file)
    said = parse_checkpoint(answer.checkpoint)
    with transaction.atomic():
        conn = connected()
        store.lock_log(conn)
        found = store.fetch_checkpoint_of(conn, f"{text_of(answer.checkpoint)}\n")
        if found is None:
            raise BadRequest(
                "the answer is not to a checkpoint that this log keeps: it is another log's, or of"
                " a file that was changed"
            )
        name = name_of(said.origin, Role.witness)
        before = latest(keyring(announcements(conn)), name)
        if answer.key:
            _announce(conn, answer, name, appoint=appoint)
        known = keyring(announcements(conn))
        line = cosignature(answer, known)
        if not found[1].startswith(answer.checkpoint.replace(line, "")):
            raise BadRequest("the answer's checkpoint is not signed by the log as ours is")
        now = latest(known, name)
        assert now is not None  # it signed
        kept = line not in found[1] and store.insert_cosignature(conn, found[0], line)
    return Cosigned(size=said.size, witness=now, appointed=now != before, kept=kept)


def _announce(conn: Any, answer: Answer, name: str, *, appoint: bool) -> None:
    """Announce a witness's key that the log does not know, with the word of the one before it."""
    said = parse_announcement(answer.key)
    notes = announcements(conn)
    if said.now in keyring(notes):
        return
    if said.now.name != name:
        raise BadRequest("the answer announces a key of somebody else than this log's witness")
    whole = answer.key
    by_itself = said.why == Why.rotated and len(parse_note(whole)[1]) > 1
    if not by_itself:
        if not appoint:
            raise NotAppointed(
                f"this log has not appointed the witness {said.now}; hold its key against what the"
                " witness shows you, and say --appoint"
            )
        try:
            whole = vouched(whole, by=[(name, secret_in_force(conn, Role.witness))])
        except KeyLost:
            raise KeyLost(
                "the witness before it must vouch for a new one, and its key is not here; announce"
                " one here with `forbear key rotate-log --key witness --lost`, and appoint then"
            ) from None
    keyring([*notes, whole])  # refuses what nobody may introduce
    announce(conn, said, whole)
    store.insert_witness_elsewhere(conn, str(said.now), key_id=said.now.id.hex())


def _by_the_log(whole: str) -> str:
    """Return a checkpoint's note with the log's own signature alone."""
    text, _ = parse_note(whole)
    lines = whole.removeprefix(text + "\n").splitlines(keepends=True)
    origin = parse_checkpoint(whole).origin
    return note(text, [line for line in lines if line.startswith(f"— {origin} ")])
