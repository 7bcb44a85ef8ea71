"""Templates written here: typed placeholders, and who may be told what by which. Pure.

A template is one message in one language for one channel. What may stand in it depends on whom it
speaks to: a placeholder that tells of the debt is refused where the reader does not owe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forbear.kernel.digest import value_digest
from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Audience, Channel
from forbear.treatment.message import (
    LANGUAGES,
    Text,
    plain_parts,
    words_used,
    written_text,
)

TO_OTHERS = "locate"  # the one message that speaks to who does not owe
APPROVALS = 2  # different people, the author not among them
LONGEST = 4000  # characters of a body
NAME_LONGEST = 80


class BadTemplate(ForbearError):
    """The template cannot be used as it is written."""

    code = "template.not_usable"
    http_status = 422


class WrongValue(ForbearError):
    """A placeholder would be filled with something of another type."""

    code = "template.wrong_value"
    http_status = 422


class Type(StrEnum):
    """What a placeholder holds."""

    money = "money"
    account = "account"
    person = "person"
    day = "day"
    institution = "institution"
    debt_page = "debt_page"  # where one pays, asks for relief or disputes: it tells of the debt
    contact = "contact"


TYPES: Mapping[str, Type] = {
    "due": Type.money,
    "accounts": Type.account,
    "name": Type.person,
    "today": Type.day,
    "creditor": Type.institution,
    "creditor_short": Type.institution,
    "pay_at": Type.debt_page,
    "relief_at": Type.debt_page,
    "dispute_at": Type.debt_page,
    "stop_at": Type.contact,
    "phone": Type.contact,
    "hours": Type.contact,
    "address": Type.contact,
}
LEAKS = frozenset({Type.money, Type.account, Type.debt_page})
# What a message to who does not owe must say: who asks, and where to say no.
DUTIES_TO_OTHERS = (
    ({"creditor", "creditor_short"}, "who writes"),
    ({"name"}, "whom it is for"),
    ({"phone"}, "how to reach us, and how to say no to further messages"),
)
SHAPES: Mapping[Type, re.Pattern[str]] = {
    Type.money: re.compile(r"[^\w\s]{0,2}[A-Z$]{0,3} ?-?[\d,]+(\.\d+)?"),
    Type.day: re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{1,2} [A-Z][a-z]+ \d{4}"),
}
NO_NAME = re.compile(r"[\n\r<>{}]|https?:|www\.|\d{5}", re.I)  # a name is no place for a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One template as it is written."""

    name: str
    language: str
    channel: Channel
    audience: Audience
    parts: Mapping[str, Any]  # subject, body, facts, ways, as in a message pack

    def digest(self, version: int) -> str:
        """Return what an approval of this version pins."""
        return value_digest(
            {
                "name": self.name,
                "language": self.language,
                "channel": self.channel.value,
                "audience": self.audience.value,
                "version": version,
                "parts": dict(self.parts),
            }
        )


def checked(wording: Wording, known: Mapping[tuple[str, str, Channel], Text]) -> Text:
    """Return a template's text, its placeholders and duties held against whom it speaks to.

    Errors: BadTemplate, BadMessagePack; each says what is missing or may not stand there.
    Source: GB/T 45251-2025, CBA 2026: a contact person learns nothing of the debt.
    """
    where = f"template {wording.name} {wording.language} {wording.channel}"
    if wording.language not in LANGUAGES or wording.channel is Channel.voice:
        raise BadTemplate(
            f"{where}: choose one of {', '.join(LANGUAGES)} and a written channel", why="place"
        )
    if len(str(wording.parts.get("body", ""))) > LONGEST:
        raise BadTemplate(
            f"{where}: the body has more than {LONGEST} characters", why="too_long", most=LONGEST
        )
    if wording.audience is Audience.debtor:
        if (wording.name, wording.language, wording.channel) not in known:
            raise BadTemplate(
                f"{where} is no message of ours; take the name of one that is sent",
                why="no_message",
            )
        return written_text(dict(wording.parts), where)
    if wording.name != TO_OTHERS:
        raise BadTemplate(
            f"{where}: who does not owe is sent one message, named {TO_OTHERS}",
            why="one_message",
            name=TO_OTHERS,
        )
    text = plain_parts(dict(wording.parts), where)
    used = words_used(text, where)
    leaking = sorted(word for word in used if TYPES[word] in LEAKS)
    if leaking:
        raise BadTemplate(
            f"{where} tells of the debt by {', '.join(f'{{{w}}}' for w in leaking)};"
            " nobody who does not owe may learn of it",
            why="leaks",
            words=[f"{{{word}}}" for word in leaking],
        )
    for words, duty in DUTIES_TO_OTHERS:
        if not used & words:
            word = min(words)
            raise BadTemplate(
                f"{where} does not say {duty}: use {{{word}}}", why="lacks", duty=word, word=word
            )
    return text


def checked_values(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return a person's values, each of its placeholder's type.

    Errors: WrongValue, naming the placeholder, never the value.
    Source: house convention: nothing but a name is written where a name belongs.
    """
    for word, value in values.items():
        kind = TYPES[word]
        shape = SHAPES.get(kind)
        if shape is not None and not shape.fullmatch(value):
            raise WrongValue(f"{{{word}}} would be filled with something that is no {kind}")
        if kind is Type.person and (len(value) > NAME_LONGEST or NO_NAME.search(value)):
            raise WrongValue(f"{{{word}}} would be filled with something that is no name")
    return values
