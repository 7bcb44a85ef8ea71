"""Take the second step of signing in, as a person with a device does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from django.test import Client

from forbear.actions.second_step import do_set_up, new_secret
from forbear.console.guard import PASSED


def set_up(user: Any) -> tuple[str, list[str]]:
    """Give a user a device, set up a minute ago; return its secret and its recovery codes."""
    secret, earlier = new_secret(), datetime.now(UTC) - timedelta(minutes=2)
    code = pyotp.TOTP(secret).at(earlier)
    return secret, do_set_up(user, secret=secret, code=code, at=earlier)[1]


def take(client: Client, user: Any) -> None:
    """Let a signed-in client on, as after a right code."""
    set_up(user)
    session = client.session
    session[PASSED] = user.second_factors.get().pk
    session.save()
