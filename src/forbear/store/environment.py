"""Read the variables of the environment that can be written wrongly. Decides nothing."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from forbear.kernel.days import minute_of_day, zone_named
from forbear.kernel.errors import ForbearError


class BadSetting(ForbearError):
    """A setting of this installation cannot be used as it is written."""

    code = "settings.bad_value"


def office_zone() -> ZoneInfo:
    """Return the office's clock: FORBEAR_ZONE, or Shanghai's.

    Errors: BadSetting.
    """
    name = os.environ.get("FORBEAR_ZONE") or "Asia/Shanghai"
    zone = zone_named(name)
    if zone is None:
        raise BadSetting(
            f"FORBEAR_ZONE {name!r} is no time zone; write an IANA name, such as Asia/Shanghai"
        )
    return zone


def night_at() -> str:
    """Return the office's clock time from which the worker decides the night: FORBEAR_NIGHT_AT.

    Errors: BadSetting.
    """
    clock = os.environ.get("FORBEAR_NIGHT_AT") or "01:00"
    try:
        minute_of_day(clock)
    except ValueError:
        raise BadSetting(
            f"FORBEAR_NIGHT_AT {clock!r} is no clock time; write HH:MM, such as 01:00"
        ) from None
    return clock


def key_bytes(digits: str, *, source: str) -> bytes:
    """Return the 32 bytes of a key written as 64 hex digits; `source` says where it was written.

    Errors: BadSetting, which never repeats the key.
    """
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadSetting(
            f"{source} does not hold a key; write 64 hex digits, such as `openssl rand -hex 32`"
            " makes, or put the first key back from a backup"
        )
    return key


def checked_address(url: str) -> str:
    """Return FORBEAR_DATABASE_URL where it can be the address of a database.

    Errors: BadSetting, which never repeats the address: it may hold a password.
    """
    if wrong := _wrong_with(url):
        raise BadSetting(
            f"FORBEAR_DATABASE_URL {wrong}; write postgresql://user:password@host:5432/forbear,"
            " or leave it out for the embedded server"
        )
    return url


def _wrong_with(url: str) -> str:
    """Return what is wrong with a database's address; "" for nothing."""
    import psycopg

    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not an address"
    if parts.scheme not in ("postgresql", "postgres") or "://" not in url:
        return "does not begin with postgresql://"
    try:
        if parts.port == 0:
            return "has no port from 1 to 65535"
    except ValueError:
        return "has no port from 1 to 65535"
    if not parts.path.strip("/"):
        return "names no database"
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        return "has an option after the ? that PostgreSQL does not know"
    return ""
