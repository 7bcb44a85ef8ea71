"""Make, find and revoke the keys that programs sign in with. Only a key's hash is ever stored."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from forbear.actions.agency import agency_named
from forbear.actions.contact import connected
from forbear.actions.evidence import Kind, record_row
from forbear.actions.reader import AGENCY, SCOPES, SIGNED, Ability, Reader
from forbear.kernel.errors import ForbearError
from forbear.store.api_key import KeyInUse, fetch_key_hashed, fetch_key_named
from forbear.store.keys import webhook_key
from forbear.store.models import ApiKey
from forbear.store.server import home

PREFIX = "fbk_"  # lets a leaked key be recognized for what it is
KEY_LENGTH = len(PREFIX) + 43  # 32 random bytes in base64
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class NotAKeyName(ForbearError):
    """A key's name is 1 to 64 of a-z, 0-9, dot, dash, underscore; a letter or digit first."""

    code = "key.not_a_name"
    http_status = 422
    what_to_do = "Name the program that will use the key, like payments-gateway."


class NotAScope(ForbearError):
    """A key needs at least one scope, each one that the API knows."""

    code = "key.not_a_scope"
    http_status = 422
    what_to_do = f"Choose among {', '.join(sorted(SCOPES))}."


class KeyNameTaken(ForbearError):
    """A key of that name is in use."""

    code = "key.name_taken"
    http_status = 409
    what_to_do = "Choose another name, or revoke that key first."


class NoSuchKey(ForbearError):
    """No key of that name is in use."""

    code = "key.no_such_key"
    http_status = 404
    what_to_do = "List the keys; a key that is revoked stays revoked."


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key. Its two secrets are shown once and cannot be read again."""

    name: str
    scopes: tuple[str, ...]
    key: str  # sent as `Authorization: Bearer …`
    signing_secret: str  # signs webhooks; "" where no scope needs it

    def __str__(self) -> str:
        """Return the key in words, with its secrets: for the one time that they are shown."""
        lines = [f"name            {self.name}", f"scopes          {' '.join(self.scopes)}"]
        lines.append(f"key             {self.key}")
        if self.signing_secret:
            lines.append(f"signing secret  {self.signing_secret}")
        lines.append("Copy this to a safe place now: it is not stored and cannot be shown again.")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """One key as a list shows it."""

    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKey:
    """A key in use: who asks, and the secret that their webhooks are signed with."""

    reader: Reader
    signing_secret: str


def do_make_key(
    reader: Reader, *, name: str, scopes: Iterable[str], agency: str | None = None
) -> MadeKey:
    """Make a key, the lender's own or an agency's, and return it; only its hash is kept.

    Errors: NotAKeyName, NotAScope, KeyNameTaken, NoSuchAgency, NotAllowed.
    """
    reader.must(Ability.manage_users)
    wanted = tuple(sorted({str(scope) for scope in scopes}))
    if not NAME.fullmatch(name):
        raise NotAKeyName
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise NotAScope(f"{', '.join(unknown) or 'no scope'} cannot be given to a key")
    agency_id = agency_named(agency) if agency else None
    if agency_id is not None and not AGENCY.issuperset(wanted):
        raise NotAScope(f"{', '.join(sorted(set(wanted) - AGENCY))} cannot be given to an agency")
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        _lock_keys()
        if _in_use().filter(name=name).exists():
            raise KeyNameTaken(f"a key named {name} is in use")
        if ApiKey.objects.filter(name=name).exclude(agency=agency_id).exists():
            raise KeyNameTaken(f"a key named {name} was somebody else's; records still name it")
        row = ApiKey.objects.create(
            name=name,
            key_hash=_hashed(key),
            scopes=list(wanted),
            agency_id=agency_id,
            actor=reader.actor,
        )
        record_row(connected(), Kind.api_key, row)
    signs = bool(SIGNED & set(wanted))
    return MadeKey(
        name=name,
        scopes=wanted,
        key=key,
        signing_secret=_signing_secret(bytes(row.key_hash)) if signs else "",
    )


def do_revoke_key(reader: Reader, *, name: str) -> None:
    """Revoke a key at once. The key's row stays; a later row revokes it.

    Errors: NoSuchKey, NotAllowed.
    """
    reader.must(Ability.manage_users)
    with transaction.atomic():
        _lock_keys()
        row = _in_use().filter(name=name).first() if NAME.fullmatch(name) else None
        if row is None:
            raise NoSuchKey(f"no key named {name} is in use")
        revoking = hashlib.sha256(b"revokes" + bytes(row.key_hash)).digest()
        revoked = ApiKey.objects.create(
            name=name,
            key_hash=revoking,
            scopes=[],
            agency_id=row.agency_id,
            revokes=row,
            actor=reader.actor,
        )
        record_row(connected(), Kind.api_key, revoked)


def access_keys(reader: Reader) -> list[KeyLine]:
    """Return every key ever made, newest first; never a secret.

    Errors: NotAllowed.
    """
    reader.must(Ability.manage_users)
    revoked = dict(
        ApiKey.objects.filter(revokes__isnull=False).values_list("revokes_id", "recorded_at")
    )
    return [
        KeyLine(
            name=row.name,
            scopes=tuple(row.scopes),
            made_at=row.recorded_at,
            revoked_at=revoked.get(row.pk),
        )
        for row in ApiKey.objects.filter(revokes__isnull=True).order_by("-recorded_at", "-pk")
    ]


def key_of_text(text: str) -> FoundKey | None:
    """Return the key in use that a bearer's text is, or None. The text itself is the proof."""
    if len(text) != KEY_LENGTH or not text.isascii():
        return None
    return _found(fetch_key_hashed(connected(), _hashed(text)))


def key_of_name(name: str) -> FoundKey | None:
    """Return the key in use of that name, or None. A name proves nothing: ask for a signature."""
    return _found(fetch_key_named(connected(), name)) if NAME.fullmatch(name) else None


def _found(row: KeyInUse | None) -> FoundKey | None:
    if row is None:
        return None
    abilities = frozenset(Ability(scope) for scope in row.scopes)
    return FoundKey(
        reader=Reader(actor=f"key:{row.name}", abilities=abilities, agency_id=row.agency_id),
        signing_secret=_signing_secret(row.key_hash),
    )


def _in_use() -> QuerySet[ApiKey]:
    revoking = ApiKey.objects.filter(revokes=OuterRef("pk"))
    return ApiKey.objects.filter(~Exists(revoking), revokes__isnull=True)


def _lock_keys() -> None:
    """Let one writer at a time decide which names are in use."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('forbear api_key', 0))")


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _signing_secret(key_hash: bytes) -> str:
    """Return a key's webhook secret: made from this installation's own, so it is not stored."""
    return hmac.digest(webhook_key(home()), b"webhook" + key_hash, hashlib.sha256).hex()
