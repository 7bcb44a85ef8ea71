"""Give entries their places, and sign how long the log is: log and witness, each with its key.

Appending never waits for this. One sequencer works at a time, whoever starts it.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record
from forbear.actions.reader import Ability, Reader
from forbear.evidence.checkpoint import (
    WITNESS,
    checkpoint,
    cosigned,
    issued,
    parse_checkpoint,
)
from forbear.evidence.entry import parse_entry
from forbear.evidence.keyring import Announcement, Why, announced, keyring, latest
from forbear.evidence.note import key_of
from forbear.evidence.proof import consistency_ranges, nodes_of, path
from forbear.evidence.tree import chained, peaks, root_of
from forbear.kernel.errors import ForbearError
from forbear.store import evidence as store
from forbear.store.evidence import AT_ONCE
from forbear.store.log_keys import (
    Role,
    make_secret,
    read_next_secret,
    read_secret,
    read_witnessed,
    use_next_secret,
    write_witnessed,
)

SIGNED_EVERY = timedelta(hours=1)


class KeyLost(ForbearError):
    """The key that signed the log so far is not here."""

    code = "evidence.key_lost"
    http_status = 500


def do_sequence(reader: Reader) -> int:
    """Give every committed entry its place, chain and nodes; return how many were placed.

    A killed run leaves whole batches behind, and the next one goes on.
    Errors: NotAllowed, Damaged.
    """
    reader.must(Ability.run_night)
    placed = 0
    while True:
        n = _batch()
        placed += n
        if n < AT_ONCE:
            return placed


def do_checkpoint(reader: Reader, *, at: datetime) -> str:
    """Place what waits, sign the log as it then is, and return the checkpoint's note.

    The keys are made and announced at the first time. The witness signs only a log that begins
    with what it signed before; one on another machine signs when it is asked (see cosign.py).
    Errors: KeyLost, Fork, Damaged, BadSecret, NotAllowed.
    """
    reader.must(Ability.run_night)
    begin_keys()
    do_sequence(reader)
    with transaction.atomic():
        conn = connected()
        store.lock_log(conn)
        return _signed(conn, at)


def due_checkpoint(now: datetime) -> bool:
    """Return whether the last checkpoint is an hour old, or there is none."""
    last = store.fetch_last_checkpoint(connected())
    if last is None:
        return True
    return now - datetime.fromisoformat(parse_checkpoint(last[1]).at) >= SIGNED_EVERY


def begin_keys() -> None:
    """Make and announce the keys of log and witness, where the log has none."""
    with transaction.atomic():
        conn = connected()
        store.lock_log(conn)
        if store.fetch_origin(conn):
            return
        origin = f"forbear/{secrets.token_hex(8)}"
        store.insert_origin(conn, origin)
        for role in Role:
            secret = read_secret(role) or make_secret(role)
            name = name_of(origin, role)
            said = Announcement(before=None, now=key_of(secret, name), why=Why.first)
            announce(conn, said, announced(said, [(name, secret)]))


def announce(conn: Any, said: Announcement, note: str) -> None:
    """Append the announcement of a key."""
    subject = f"key:{said.now.name}+{said.now.id.hex()}"
    record(conn, kind=Kind.log_key, subject=subject, body={"note": note})


def announcements(conn: Any) -> list[str]:
    """Return every announcement of a key of the log, oldest first."""
    return [parse_entry(text).body["note"] for text in store.fetch_texts(conn, Kind.log_key.value)]


def name_of(origin: str, role: Role) -> str:
    """Return the name that a role signs under."""
    return origin if role == Role.log else origin + WITNESS


def secret_in_force(conn: Any, role: Role) -> bytes:
    """Return the secret of the key that was announced last for a role.

    A rotation that was killed after its announcement is finished here.
    Errors: KeyLost, BadSecret.
    """
    name = name_of(store.fetch_origin(conn), role)
    wanted = latest(keyring(announcements(conn)), name)
    here, beside = read_secret(role), read_next_secret(role)
    if here is not None and key_of(here, name) == wanted:
        return here
    if beside is not None and key_of(beside, name) == wanted:
        use_next_secret(role)
        return beside
    raise KeyLost(
        f"{role}.key is not the key {wanted} that signs this log; put it back into FORBEAR_HOME,"
        f" or announce a new one with `forbear key rotate-log --key {role} --lost`"
    )


def _batch() -> int:
    """Give at most AT_ONCE entries their places, in one transaction."""
    with transaction.atomic():
        conn = connected()
        store.lock_log(conn)
        waiting = store.fetch_waiting(conn, limit=AT_ONCE)
        if not waiting.ids:
            return 0
        size, head = store.fetch_head(conn)
        chains = chained(head, waiting.leaves)
        # The nodes come before the places: they are made from the peaks as they were.
        store.insert_nodes(conn, size, waiting.leaves)
        store.insert_places(conn, size, waiting.ids, waiting.leaves, chains)
        store.delete_waiting(conn, waiting)
        return len(waiting.ids)


def _signed(conn: Any, at: datetime) -> str:
    """Sign the log as it stands, keep the note, and let the witness remember it."""
    origin = store.fetch_origin(conn)
    size, chain = store.fetch_head(conn)
    root = root_of(store.fetch_nodes(conn, peaks(size)), size)
    last = store.fetch_last_checkpoint(conn)
    said = checkpoint(
        origin=origin, size=size, root=root, chain=chain, at=at, previous=last[1] if last else ""
    )
    note = issued(said, name=origin, secret=secret_in_force(conn, Role.log))
    if witness_elsewhere(conn):
        store.insert_checkpoint(conn, size=size, note=note)
        return note
    whole = _witnessed(conn, note, origin, size)
    store.insert_checkpoint(conn, size=size, note=whole)
    transaction.on_commit(partial(write_witnessed, origin, whole))
    return whole


def witness_elsewhere(conn: Any) -> bool:
    """Return whether the witness in force is on another machine."""
    elsewhere = store.fetch_witnesses_elsewhere(conn)
    name = name_of(store.fetch_origin(conn), Role.witness)
    return bool(elsewhere) and str(latest(keyring(announcements(conn)), name)) in elsewhere


def _witnessed(conn: Any, note: str, origin: str, size: int) -> str:
    """Return a checkpoint's note with the witness's signature.

    Errors: Fork.
    """
    seen = read_witnessed(origin)
    before = parse_checkpoint(seen).size if seen else 0
    proof: list[bytes] = []
    if before <= size:
        ranges = consistency_ranges(before, size)
        proof = path(ranges, store.fetch_nodes(conn, nodes_of(ranges)))
    return cosigned(
        note,
        log_keys=[key for key in [latest(keyring(announcements(conn)), origin)] if key],
        last=seen,
        proof=proof,
        name=name_of(origin, Role.witness),
        secret=secret_in_force(conn, Role.witness),
    )
