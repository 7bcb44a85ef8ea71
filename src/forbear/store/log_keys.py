"""The secrets of the log and its witness, and what the witness signed last, as files at home.

Decides nothing: who may sign, and what, is `forbear.evidence` and `actions/checkpoint.py`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from forbear.kernel.errors import ForbearError
from forbear.store.server import home

HEX = 64


class Role(StrEnum):
    """Whose key it is."""

    log = "log"
    witness = "witness"


class BadSecret(ForbearError):
    """A secret of the log is damaged: it must be 64 hex digits."""

    code = "evidence.bad_secret"
    http_status = 500


class SecretGiven(ForbearError):
    """The key comes from the environment, so it is changed there."""

    code = "evidence.secret_given"
    http_status = 409


def read_secret(role: Role) -> bytes | None:
    """Return a role's secret: the environment's, or the file's; None where there is none.

    Errors: BadSecret.
    """
    given = os.environ.get(_variable(role))
    if given:
        return _parsed(given, _variable(role))
    return _read(_path(role))


def make_secret(role: Role) -> bytes:
    """Make a role's secret and return it; where another process was first, return that one's.

    Errors: BadSecret.
    """
    raw = secrets.token_bytes(32)
    made = _path(role).with_suffix(f".{os.getpid()}.made")
    _write(made, raw.hex())
    try:
        os.link(made, _path(role))  # whole or not at all, and never over another
    except FileExistsError:
        pass
    finally:
        made.unlink()
    found = _read(_path(role))
    assert found is not None
    return found


def make_next_secret(role: Role) -> bytes:
    """Lay a new secret beside the one in use, and return it.

    Errors: SecretGiven.
    """
    if os.environ.get(_variable(role)):
        raise SecretGiven(
            f"{_variable(role)} gives the key; take it out of the environment, put its 64 digits"
            f" into {_path(role)} (mode 600), and rotate then"
        )
    raw = secrets.token_bytes(32)
    _write(_next(role), raw.hex())
    return raw


def read_next_secret(role: Role) -> bytes | None:
    """Return the secret laid beside, None where there is none."""
    return _read(_next(role))


def use_next_secret(role: Role) -> None:
    """Put the secret laid beside in the place of the one in use."""
    os.replace(_next(role), _path(role))
    _sync(_path(role).parent)


def read_witnessed(origin: str) -> str:
    """Return the note that the witness signed last for a log, "" where none."""
    try:
        return _witnessed(origin).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def write_witnessed(origin: str, note: str) -> None:
    """Keep the note that the witness signed last."""
    path = _witnessed(origin)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = path.with_suffix(f".{os.getpid()}.made")
    _write(made, note)
    os.replace(made, path)
    _sync(path.parent)


def read_known(origin: str) -> list[str]:
    """Return a log's keys that this witness knows, as published; none before it met the log."""
    try:
        return _known(origin).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []


def write_known(origin: str, keys: Iterable[str]) -> None:
    """Keep which keys of a log this witness knows."""
    path = _known(origin)
    made = path.with_suffix(f".{os.getpid()}.made")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write(made, "".join(f"{key}\n" for key in keys))
    os.replace(made, path)
    _sync(path.parent)


@contextlib.contextmanager
def witnessing() -> Iterator[None]:
    """Let one process at a time sign as this witness."""
    handle = os.open(home() / "witness.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _variable(role: Role) -> str:
    return f"FORBEAR_{role.upper()}_KEY"


def _path(role: Role) -> Path:
    return home() / f"{role}.key"


def _next(role: Role) -> Path:
    return home() / f"{role}.key.next"


def _witnessed(origin: str) -> Path:
    return home() / "witnessed" / f"{sha256(origin.encode()).hexdigest()[:16]}.note"


def _known(origin: str) -> Path:
    return _witnessed(origin).with_suffix(".keys")


def _read(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    return _parsed(text, str(path))


def _parsed(text: str, where: str) -> bytes:
    with contextlib.suppress(ValueError):
        raw = bytes.fromhex(text.strip())
        if len(text.strip()) == HEX:
            return raw
    raise BadSecret(f"{where} must hold 64 hex digits; restore it from a backup")


def _write(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, down to the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
