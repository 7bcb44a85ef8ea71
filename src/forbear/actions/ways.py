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
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel
from forbear.screening.screen import Told
from forbear.store.packs import fetch_pack_texts
from forbear.store.screening import fetch_screen
from forbear.treatment.message import Messages, Text, filled_in, parse_messages, plain

SAMPLE = {"name": "…", "due": "¥ 1.00", "today": "…", "accounts": "…"}  # no person's own


class MessageDoesHarm(ForbearError):
    """A message pack says what may not be said."""

    code = "message.does_harm"


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

    Every text is screened once here; one that does harm is refused with all the others.
    Errors: BadMessagePack, MessageDoesHarm.
    """
    return _messages(os.environ.get("FORBEAR_PACKS", ""))


@lru_cache(maxsize=4)
def _messages(folder: str) -> Messages:
    del folder  # the key: fetch_pack_texts reads it from the environment too
    messages = parse_messages(fetch_pack_texts())
    keys = sorted(messages.texts, key=str)
    said = [in_words(messages.texts[key], messages, key[1]) for key in keys]
    screen = fetch_screen()
    for (message, language, channel), hits in zip(keys, screen.screened(said, Told()), strict=True):
        blocking = screen.blocking(hits)
        if blocking:
            raise MessageDoesHarm(
                f"message {message} {language} {channel}: {blocking[0].rule}"
                f" at {blocking[0].start}–{blocking[0].end}; write it another way"
            )
    return messages


def in_words(text: Text, messages: Messages, language: str) -> str:
    """Return a text as it would read, subject first, the person's own facts left out."""
    done = filled_in(text, {**messages.sender.words[language], **SAMPLE})
    return f"{done.subject}\n{plain(done)}"
