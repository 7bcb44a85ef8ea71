"""Secrets of one installation: from the environment, or made once and kept beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from forbear.store.environment import BadSetting, key_bytes


def secret(home: Path, name: str, variable: str) -> str:
    """Return a secret: the environment's, or the one in the home folder, made at first use.

    The file is readable by its owner alone. Two first uses at once agree on one secret.
    """
    given = os.environ.get(variable)
    if given:
        return given
    path = home / name
    if path.exists():
        return _written(path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _written(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return _written(path)


def _written(path: Path) -> str:
    """Return a secret's text, waiting for the process that is just writing it."""
    import time

    for _ in range(100):
        text = path.read_text().strip()
        if len(text) == 64:
            return text
        time.sleep(0.01)
    raise BadSetting(f"{path} is damaged: it must hold 64 hex digits; restore it from a backup")


def secret_key(home: Path) -> str:
    """Return the key that signs sessions (FORBEAR_SECRET_KEY)."""
    return secret(home, "session.key", "FORBEAR_SECRET_KEY")


def data_key(home: Path) -> bytes:
    """Return the 32-byte key that personal data is encrypted under (FORBEAR_DATA_KEY, hex)."""
    return _key(home, "data.key", "FORBEAR_DATA_KEY")


def webhook_key(home: Path) -> bytes:
    """Return the 32-byte key that webhook secrets are made from (FORBEAR_WEBHOOK_KEY, hex)."""
    return _key(home, "webhook.key", "FORBEAR_WEBHOOK_KEY")


def _key(home: Path, name: str, variable: str) -> bytes:
    source = variable if os.environ.get(variable) else str(home / name)
    return key_bytes(secret(home, name, variable), source=source)
