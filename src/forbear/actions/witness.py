"""Be a witness on a machine of one's own: no database, no book, only a key and a memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forbear.evidence.checkpoint import WITNESS, parse_checkpoint
from forbear.evidence.keyring import keyring, latest
from forbear.evidence.note import Key, key_of, parse_key
from forbear.evidence.witness import answered, parse_request, render_answer
from forbear.store.log_keys import (
    Role,
    make_next_secret,
    make_secret,
    read_known,
    read_next_secret,
    read_secret,
    read_witnessed,
    use_next_secret,
    witnessing,
    write_known,
    write_witnessed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a witness signed."""

    file: bytes  # to be brought back
    origin: str  # the log
    size: int
    log: Key  # the log's key
    mine: Key  # the witness's
    met: bool  # the log's key was taken as it came, for want of another


def do_witness(file: bytes, *, trusted: Sequence[Key] = (), new_key: bool = False) -> Signed:
    """Sign the checkpoint in a log's file, if the log goes on from what was signed last.

    The key is made at the first time. A new one takes the old one's place when the log has
    announced it. What was signed is remembered before anything is given out.
    Errors: BadRequest, BadNote, BadAnnouncement, NotKnown, AskAgain, Fork, BadSecret, SecretGiven.
    """
    asked = parse_request(file)
    said, known = parse_checkpoint(asked.checkpoint), keyring(asked.keys)
    name = said.origin + WITNESS
    with witnessing():
        secret = read_secret(Role.witness) or make_secret(Role.witness)
        fresh = read_next_secret(Role.witness)
        if fresh is not None and key_of(fresh, name) == latest(known, name):
            use_next_secret(Role.witness)
            secret, fresh = fresh, None
        if new_key:
            fresh = fresh or make_next_secret(Role.witness)
        pinned = [parse_key(text) for text in read_known(said.origin)]
        trusts = [*pinned, *trusted]
        answer = answered(
            asked,
            last=read_witnessed(said.origin),
            trusted=[*trusts, key_of(secret, name)] if trusts else [],
            secret=fresh if new_key and fresh else secret,
            before=secret if new_key else None,
        )
        log = latest(known, said.origin)
        assert log is not None  # it signed
        write_known(said.origin, dict.fromkeys([*map(str, pinned), str(log)]))
        write_witnessed(said.origin, answer.checkpoint)
    return Signed(
        file=render_answer(answer),
        origin=said.origin,
        size=said.size,
        log=log,
        mine=key_of(fresh if new_key and fresh else secret, name),
        met=not trusts,
    )
