"""Which ways out this installation has set up, from its settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from forbear.channel.base import Way
from forbear.channel.email import EmailWay, parse_smtp
from forbear.channel.http import HttpWay, load_request
from forbear.channel.letter import LetterWay
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_pack_texts
from forbear.treatment.message import Messages, parse_messages


def ways_set_up() -> dict[Channel, Way]:
    """Return every way out that is set up. Letters need no setting: their tray is a folder.

    Errors: BadChannelConfig, naming the setting and what it should be.
    """
    found: dict[Channel, Way] = {Channel.letter: LetterWay(Path(settings.FORBEAR_LETTERS))}
    if settings.FORBEAR_SMTP_URL:
        server = parse_smtp(settings.FORBEAR_SMTP_URL, settings.FORBEAR_EMAIL_FROM)
        found[Channel.email] = EmailWay(server)
    for channel, path in (
        (Channel.sms, settings.FORBEAR_SMS_CONFIG),
        (Channel.app, settings.FORBEAR_APP_CONFIG),
    ):
        if path:
            found[channel] = HttpWay(load_request(path, os.environ))
    return found


def usable(ways: Mapping[Channel, Way], messages: Messages) -> dict[Channel, Way]:
    """Return the ways that real messages may take: none in the name of the example lender."""
    return {} if messages.sender.example else dict(ways)


def fetch_messages() -> Messages:
    """Return the messages of this installation, read once a process and folder.

    Errors: BadMessagePack.
    """
    return _messages(os.environ.get("FORBEAR_PACKS", ""))


@lru_cache(maxsize=4)
def _messages(folder: str) -> Messages:
    del folder  # the key: fetch_pack_texts reads it from the environment too
    return parse_messages(fetch_pack_texts())
