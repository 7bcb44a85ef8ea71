"""Signed notes: a text and the Ed25519 signatures under it, in the form of the C2SP signed note.

Pure: a secret is an argument, and Ed25519 needs no chance to sign.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from forbear.kernel.errors import ForbearError

ED25519 = b"\x01"
SIGNED = 64  # bytes of a signature
NAME = re.compile(r"[A-Za-z0-9._/-]{1,128}")
SIGNATURE = re.compile(r"— ([A-Za-z0-9._/-]{1,128}) ([A-Za-z0-9+/=]+)")


class BadKey(ForbearError):
    """The text is no public key: it is written NAME+ID+KEY."""

    code = "evidence.bad_key"
    http_status = 422


class BadNote(ForbearError):
    """The text is no signed note."""

    code = "evidence.bad_note"
    http_status = 422


@dataclass(frozen=True)
class Key:
    """A public key and the name that it signs under."""

    name: str
    public: bytes  # 32 bytes

    @cached_property
    def id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """Return the key as it is published: NAME+ID+KEY."""
        return f"{self.name}+{self.id.hex()}+{coded(ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under a note."""

    name: str
    id: bytes
    raw: bytes  # 64 bytes


def coded(raw: bytes) -> str:
    """Return bytes in base64."""
    return b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64 that is written in its one form.

    Errors: ValueError.
    """
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise ValueError(f"{text[:20]!r} is not base64") from None
    if coded(raw) != text:
        raise ValueError(f"{text[:20]!r} is base64 in another form than its own")
    return raw


def key_of(secret: bytes, name: str) -> Key:
    """Return the public key of a secret of 32 bytes."""
    return Key(name, crypto_sign_seed_keypair(secret)[0])


def parse_key(text: str) -> Key:
    """Return a public key from NAME+ID+KEY.

    Errors: BadKey.
    """
    name, _, rest = text.strip().partition("+")
    try:
        raw = decoded(rest.partition("+")[2])
    except ValueError as error:
        raise BadKey(f"{text.strip()[:60]!r} is no public key (NAME+ID+KEY): {error}") from None
    key = Key(name, raw[1:])
    if not NAME.fullmatch(name) or len(raw) != 33 or str(key) != text.strip():
        raise BadKey(f"{text.strip()[:60]!r} is no public key (NAME+ID+KEY): its id does not fit")
    return key


def signed(text: str, name: str, secret: bytes) -> str:
    """Return the line that signs a text."""
    public, pair = crypto_sign_seed_keypair(secret)
    raw = crypto_sign(text.encode(), pair)[:SIGNED]
    return f"— {name} {coded(Key(name, public).id + raw)}\n"


def note(text: str, lines: Iterable[str]) -> str:
    """Return a text, which ends in a line break, with the lines that sign it."""
    return text + "\n" + "".join(lines)


def text_of(whole: str) -> str:
    """Return the text of a note, without its signatures.

    Errors: BadNote.
    """
    text, gap, _ = whole.rpartition("\n\n")
    if not gap or not text:
        raise BadNote("the note has no signatures")
    return text + "\n"


def unsigned(name: str) -> str:
    """Return the words for a signature that is by nobody we know."""
    return f"the signature of {name} is by none of the known keys"


def parse_note(whole: str) -> tuple[str, list[Signature]]:
    """Return a note's text and its signatures; it proves nothing yet.

    Errors: BadNote.
    """
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or not text:
        raise BadNote("the note has no signatures")
    found = []
    for line in lines[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        try:
            raw = decoded(match[2]) if match else b""
        except ValueError as error:
            raise BadNote(f"a signature is damaged: {error}") from None
        if match is None or len(raw) != 68:
            raise BadNote(f"the line {line[:40]!r} is no signature")
        found.append(Signature(match[1], raw[:4], raw[4:]))
    return text + "\n", found


def holds(text: str, signature: Signature, key: Key) -> bool:
    """Return whether a signature of a text is by a key."""
    return (signature.name, signature.id) == (key.name, key.id) and opens(
        Claim(text.encode(), signature.raw, key)
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """That a key signed a text."""

    text: bytes
    raw: bytes  # the signature
    key: Key


def opens(claim: Claim) -> bool:
    """Return whether a claim is true. Whoever asks this in several threads is answered sooner."""
    try:
        crypto_sign_open(claim.raw + claim.text, claim.key.public)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def claims(whole: str, keys: Iterable[Key]) -> list[list[Claim]]:
    """Return, for each signature of a note, what would make it good: one of these must be true.

    Errors: BadNote where it is none, or where a signature names no one of the keys.
    """
    text, signatures = parse_note(whole)
    raw, known, found = text.encode(), list(keys), []
    for each in signatures:
        mine = [key for key in known if (key.name, key.id) == (each.name, each.id)]
        if not mine:
            raise BadNote(unsigned(each.name))
        found.append([Claim(raw, each.raw, key) for key in mine])
    return found


def signers(whole: str, keys: Iterable[Key]) -> list[Key]:
    """Return the keys among some that signed a note, one for each of its signatures.

    Errors: BadNote where it is none, or where a signature is by no one of them.
    """
    found = []
    for each in claims(whole, keys):
        by = next((claim.key for claim in each if opens(claim)), None)
        if by is None:
            raise BadNote(unsigned(each[0].key.name))
        found.append(by)
    return found
