"""Who asks: a bearer's key, or a key's signature over the request. Both give a Reader."""

from __future__ import annotations

import hashlib
import hmac
import re
import time

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyHeader

from forbear.actions.api_key import key_of_name, key_of_text
from forbear.actions.reader import Reader
from forbear.api.body import raw_body
from forbear.kernel.errors import ForbearError

REPLAY_WINDOW_S = 300  # an older or newer timestamp is refused: a copied request dies with it
VERSION = "v1"
SIGNATURE = re.compile(rf"{VERSION}=([0-9a-f]{{64}})")
TIMESTAMP = re.compile(r"[0-9]{1,12}")
NAME_HEADER = "Forbear-Key"
TIME_HEADER = "Forbear-Timestamp"
SIGNATURE_HEADER = "Forbear-Signature"


class NotSigned(ForbearError):
    """The request is not signed by a key that is in use."""

    code = "webhook.not_signed"
    http_status = 401
    where = f"headers {NAME_HEADER}, {TIME_HEADER}, {SIGNATURE_HEADER}"
    what_to_do = (
        f"Send {SIGNATURE_HEADER}: {VERSION}=HMAC-SHA256 in hex, under the key's signing secret,"
        " of the timestamp, a full stop and the raw body."
    )


class OutsideWindow(ForbearError):
    """The request was signed too long ago, or for a time to come."""

    code = "webhook.outside_window"
    http_status = 401
    where = f"header {TIME_HEADER}"
    what_to_do = "Sign the same event again with the present time, and check the sender's clock."


class Key(HttpBearer):
    """The key itself, as a bearer's token."""

    openapi_description = "A key of `forbear key new`, sent as `Authorization: Bearer …`."

    def authenticate(self, request: HttpRequest, token: str) -> Reader | None:
        """Return the reader of a key that is in use, or None."""
        del request
        found = key_of_text(token)
        return found.reader if found else None


class Signature(APIKeyHeader):
    """A key's signature over the timestamp and the raw body: the secret is never sent."""

    param_name = SIGNATURE_HEADER
    openapi_description = (
        f"`{VERSION}=` and HMAC-SHA256 in hex, under the key's signing secret, of the timestamp,"
        f" a full stop and the raw body. {NAME_HEADER} names the key;"
        f" {TIME_HEADER} is in seconds since 1970."
    )

    def authenticate(self, request: HttpRequest, key: str | None) -> Reader:
        """Return the reader of the key that signed. Raises NotSigned, OutsideWindow, TooLarge."""
        given = SIGNATURE.fullmatch(key or "")
        timestamp = request.headers.get(TIME_HEADER, "")
        found = key_of_name(request.headers.get(NAME_HEADER, ""))
        if not given or not TIMESTAMP.fullmatch(timestamp) or found is None:
            raise NotSigned
        wanted = signature(found.signing_secret, timestamp, raw_body(request))
        if not hmac.compare_digest(wanted, given[1]):
            raise NotSigned("the signature is not that of this body under this key's secret")
        check_window(int(timestamp), now_s=int(time.time()))
        return found.reader


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA256 of a timestamp and a body under a signing secret, in hex."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check_window(timestamp_s: int, *, now_s: int) -> None:
    """Raise OutsideWindow where a timestamp is too far from now, on either side."""
    if abs(now_s - timestamp_s) > REPLAY_WINDOW_S:
        raise OutsideWindow(
            f"the timestamp is {abs(now_s - timestamp_s)} s from now; at most {REPLAY_WINDOW_S}"
        )


def reader_of(request: HttpRequest) -> Reader:
    """Return who was let in to this request."""
    reader = getattr(request, "auth", None)
    assert isinstance(reader, Reader)  # every operation names its auth
    return reader
