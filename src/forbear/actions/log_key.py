"""Change the key that signs the log, or its witness's: announced in the log, signed by the old."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from forbear.actions.checkpoint import (
    KeyLost,
    announce,
    announcements,
    begin_keys,
    do_checkpoint,
    do_sequence,
    name_of,
    secret_in_force,
)
from forbear.actions.contact import connected
from forbear.actions.reader import Ability, Reader
from forbear.evidence.keyring import Announcement, Why, announced, keyring, latest
from forbear.evidence.note import Key, key_of
from forbear.kernel.errors import ForbearError
from forbear.store import evidence as store
from forbear.store.log_keys import Role, make_next_secret, use_next_secret


class NotLost(ForbearError):
    """The key is here, so it can sign for the one that follows it."""

    code = "evidence.key_not_lost"
    http_status = 409


def do_rotate_key(reader: Reader, *, role: Role, lost: bool, at: datetime) -> Key:
    """Make a new key, announce it in the log, sign a checkpoint with it, and return it.

    The old key signs the announcement. Where it is lost, the other key of the log signs in its
    place, and the announcement says so. Killed half-way, the next
    checkpoint finishes it.
    Errors: KeyLost, NotLost, SecretGiven, Fork, NotAllowed.
    """
    reader.must(Ability.manage_users)
    begin_keys()
    with transaction.atomic():
        conn = connected()
        store.lock_log(conn)
        origin = store.fetch_origin(conn)
        name = name_of(origin, role)
        voucher = _voucher(role, lost=lost)
        old = latest(keyring(announcements(conn)), name)
        fresh = make_next_secret(role)
        said = Announcement(
            before=old, now=key_of(fresh, name), why=Why.lost if lost else Why.rotated
        )
        announce(conn, said, announced(said, [(name, fresh), voucher]))
    do_sequence(reader)
    use_next_secret(role)  # a killed run leaves this to whoever signs next
    do_checkpoint(reader, at=at)
    return said.now


def access_keys_of_log(reader: Reader) -> list[Key]:
    """Return the keys in force, log and witness, as they are published; none before the first.

    Errors: NotAllowed.
    """
    reader.must(Ability.see_outbox)
    conn = connected()
    origin, known = store.fetch_origin(conn), keyring(announcements(conn))
    found = [latest(known, name_of(origin, role)) for role in Role]
    return [key for key in found if key is not None]


def _voucher(role: Role, *, lost: bool) -> tuple[str, bytes]:
    """Return the name and secret that introduce a new key: the old one's, or the other role's.

    Errors: KeyLost, NotLost.
    """
    conn = connected()
    origin = store.fetch_origin(conn)
    try:
        own = secret_in_force(conn, role)
    except KeyLost:
        if not lost:
            raise
        other = Role.witness if role == Role.log else Role.log
        return name_of(origin, other), secret_in_force(conn, other)
    if lost:
        raise NotLost(f"{role}.key is here; rotate without --lost, so that it signs for the new")
    return name_of(origin, role), own
