"""Words that are sent to a person. Decides how a message reads; never who gets it. Pure.

A message pack gives one message in every language and for every channel it may use. The loader
refuses a text that does not say who writes, what is due, how to pay, how to ask for relief and how
to stop, so that no message without them can be sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

import yaml

from forbear.kernel.errors import ForbearError
from forbear.kernel.vocabulary import Channel, Relation

FOLDER = "house/message/"
LANGUAGES = ("zh-Hans", "en")
DEFAULT_MESSAGE = {Channel.letter: "formal_letter"}  # a contact that no night planned
FALLBACK_MESSAGE = "first_reminder"
# What only the person's own facts can fill; the sender's words fill the others.
FACT_WORDS = frozenset({"name", "due", "today", "accounts"})
SENDER_WORDS = frozenset(
    {"creditor", "creditor_short", "pay_at", "relief_at", "dispute_at", "stop_at", "phone"}
    | {"hours", "address"}
)
# What every text must say, whatever the channel; one word of each set is enough.
DUTIES = (
    ({"creditor", "creditor_short"}, "who writes"),
    ({"due"}, "what is due"),
    ({"pay_at"}, "how to pay"),
    ({"relief_at"}, "how to ask for relief"),
    ({"stop_at"}, "how to stop further messages"),
)
WORD = re.compile(r"\{([a-z_]+)\}")
# A line break in the file stands for a space, which Chinese does not write between its characters.
FOLD = re.compile(r"(?<=[\u2e80-\uffef“”]) (?=[\u2e80-\uffef“”])|(?<=[，。；：、）】]) ")

PAGE = (
    "max-width:560px;margin:0 auto;color:#14202b;font:15px/1.7 "
    "'PingFang SC','Microsoft YaHei','Noto Sans SC',system-ui,sans-serif"
)
QUIET = "color:#51606d;font-size:13px"


class BadMessagePack(ForbearError):
    """A message pack cannot be used as it is written."""

    code = "message.bad_pack"


class NoSuchMessage(ForbearError):
    """No message pack has that id, or it has no text for that channel."""

    code = "message.not_found"
    http_status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One message in one language for one channel. The parts a channel does not use are empty."""

    subject: str = ""
    body: str  # one paragraph a line
    facts: tuple[tuple[str, str], ...] = ()  # label and value, e-mail and letter
    ways: tuple[tuple[str, str], ...] = ()  # what the person can do: label and how


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes, in each language."""

    example: bool  # the words shipped with the program: nothing real leaves under them
    words: Mapping[str, Mapping[str, str]]  # language → SENDER_WORDS → text
    products: Mapping[str, Mapping[str, str]]  # language → product id → its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Every message of this installation."""

    sender: Sender
    texts: Mapping[tuple[str, str, Channel], Text]  # id, language, channel
    # For who owes nothing, by language and channel: none is shipped, each has two approvals.
    to_others: Mapping[tuple[str, Channel], Text] = field(default_factory=dict)

    def has(self, message: str, channel: Channel) -> bool:
        """Return whether a message may go out on a channel."""
        return (message, LANGUAGES[0], channel) in self.texts


def parse_messages(texts: Mapping[str, str]) -> Messages:
    """Return the messages and their sender from pack files; other files are not looked at.

    Errors: BadMessagePack, naming file, language and channel.
    Source: none.
    """
    sender: Sender | None = None
    found: dict[tuple[str, str, Channel], Text] = {}
    for path in sorted(p for p in texts if p.startswith(FOLDER)):
        read = _mapping(_yaml(path, texts[path]), path)
        if "sender" in read:
            sender = _sender(path, read)
        else:
            found |= _message(path, read)
    if sender is None:
        raise BadMessagePack(f"{FOLDER}sender.yaml is missing; it says in whose name we write")
    return Messages(sender=sender, texts=found)


def rendered(
    messages: Messages,
    message: str,
    *,
    language: str,
    channel: Channel,
    values: Mapping[str, str],
) -> Text:
    """Return a message's text with the sender's words and the person's facts filled in.

    Errors: NoSuchMessage; KeyError where a fact is not among the values, which is a bug.
    Source: none.
    """
    text = messages.texts.get((message, language, channel))
    if text is None:
        raise NoSuchMessage(f"message {message} has no text for {channel} in {language}")
    return filled_in(text, {**messages.sender.words[language], **values})


def filled_in(text: Text, words: Mapping[str, str]) -> Text:
    """Return a text with its words filled in.

    Errors: KeyError where a word is not among them, which is a bug.
    Source: none.
    """

    def filled(part: str) -> str:
        return WORD.sub(lambda found: words[found[1]], part)

    return replace(
        text,
        subject=filled(text.subject),
        body=filled(text.body),
        facts=tuple((filled(label), filled(value)) for label, value in text.facts),
        ways=tuple((filled(label), filled(value)) for label, value in text.ways),
    )


def message_for(messages: Messages, wanted: str, channel: Channel) -> str:
    """Return the message to use on a channel: the one wanted, or the channel's usual one."""
    if wanted and messages.has(wanted, channel):
        return wanted
    return DEFAULT_MESSAGE.get(channel, FALLBACK_MESSAGE)


def language_for(language: str, jurisdiction: str) -> str:
    """Return which of our languages a person reads: their own, or their jurisdiction's.

    Errors: none; whom we know nothing about gets English.
    Source: house convention: a language we cannot write is answered in the nearest one we can.
    """
    if language:
        return "zh-Hans" if language.lower().startswith("zh") else "en"
    return "zh-Hans" if jurisdiction in {"CN", "TW", "HK", "MO"} else "en"


def may_read(relation: Relation) -> bool:
    """Return whether a message that names the debt may be sent to someone in that relation.

    Errors: none.
    Source: GB/T 45251-2025, NIFA 2018 art. 18: nobody but the debtor learns of the debt.
    """
    return relation in (Relation.obligor, Relation.co_obligor)


def plain(text: Text) -> str:
    """Return a message as plain text: body, facts, then what the person can do."""
    parts = text.body.split("\n")
    if text.facts:
        parts.append("\n".join(f"{label}{_colon(label)}{value}" for label, value in text.facts))
    parts += [f"{label}\n{value}" for label, value in text.ways]
    return "\n\n".join(parts) + ("\n" if text.facts or text.ways else "")


def hypertext(text: Text, *, language: str) -> str:
    """Return a message as a page of e-mail: the same words, nothing fetched from elsewhere."""
    rows = "".join(
        f'<tr><td style="{QUIET};padding:4px 24px 4px 0">{escape(label)}</td>'
        f'<td style="padding:4px 0">{escape(value)}</td></tr>'
        for label, value in text.facts
    )
    ways = "".join(
        f'<p style="{QUIET};margin:16px 0 2px">{escape(label)}</p>'
        f'<p style="margin:0">{escape(value)}</p>'
        for label, value in text.ways
    )
    body = "".join(f"<p>{escape(line)}</p>" for line in text.body.split("\n"))
    facts = f'<table style="border-collapse:collapse;margin:16px 0">{rows}</table>' if rows else ""
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<body style="margin:0;padding:24px;background:#fff"><div style="{PAGE}">'
        f"{body}{facts}{ways}</div></body></html>"
    )


def _colon(label: str) -> str:
    return ": " if label.isascii() else "："


def _yaml(path: str, text: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)  # a safe one
    except yaml.YAMLError as error:
        raise BadMessagePack(f"{path} is not YAML: {error}") from None


def _mapping(read: Any, where: str) -> dict[str, Any]:
    if not isinstance(read, dict):
        raise BadMessagePack(f"{where} must be a mapping")
    return read


def _only(read: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(map(str, set(read) - known))
    if unknown:
        raise BadMessagePack(f"{where} has unknown keys {unknown}; known are {sorted(known)}")


def _sender(path: str, read: dict[str, Any]) -> Sender:
    _only(read, {"sender", "example", "words", "products"}, path)
    words, products = _mapping(read.get("words"), path), _mapping(read.get("products"), path)
    for language in LANGUAGES:
        given = _mapping(words.get(language), f"{path} words {language}")
        _only(given, set(SENDER_WORDS), f"{path} words {language}")
        missing = sorted(SENDER_WORDS - set(given))
        if missing or not all(str(word).strip() for word in given.values()):
            raise BadMessagePack(f"{path} words {language} leaves empty: {missing or 'a word'}")
        _mapping(products.get(language), f"{path} products {language}")
    return Sender(
        example=read.get("example") is True,
        words={lang: {k: str(v) for k, v in words[lang].items()} for lang in LANGUAGES},
        products={lang: {k: str(v) for k, v in products[lang].items()} for lang in LANGUAGES},
    )


def _message(path: str, read: dict[str, Any]) -> dict[tuple[str, str, Channel], Text]:
    _only(read, {"message", "says", "says_zh", "texts"}, path)
    name = path.removeprefix(FOLDER).removesuffix(".yaml")
    if read.get("message") != name:
        raise BadMessagePack(f"{path} must name its message {name}")
    texts = _mapping(read.get("texts"), path)
    _only(texts, set(LANGUAGES), f"{path} texts")
    found: dict[tuple[str, str, Channel], Text] = {}
    for language in LANGUAGES:
        channels = _mapping(texts.get(language), f"{path} {language}")
        _only(channels, {c.value for c in Channel if c != Channel.voice}, f"{path} {language}")
        for channel, parts in channels.items():
            where = f"{path} {language} {channel}"
            found[name, language, Channel(channel)] = written_text(_mapping(parts, where), where)
    offered = {lang: {c for _, own, c in found if own == lang} for lang in LANGUAGES}
    if len(set(map(frozenset, offered.values()))) != 1:
        raise BadMessagePack(f"{path} must offer the same channels in every language")
    return found


def _line(written: Any) -> str:
    return FOLD.sub("", str(written).strip())


def words_used(text: Text, where: str) -> set[str]:
    """Return the words that a text has filled in.

    Errors: BadMessagePack where one is not known, or a brace stands alone.
    Source: none.
    """
    whole = "\n".join([text.subject, plain(text)])
    used = set(WORD.findall(whole))
    unknown = sorted(used - FACT_WORDS - SENDER_WORDS)
    if unknown or re.search(r"[{}]", WORD.sub("", whole)):
        raise BadMessagePack(
            f"{where} uses unknown words {unknown or 'or a stray brace'};"
            f" known are {sorted(FACT_WORDS | SENDER_WORDS)}",
            why="unknown_words" if unknown else "stray_brace",
            words=[f"{{{word}}}" for word in unknown],
        )
    return used


def written_text(read: dict[str, Any], where: str) -> Text:
    """Return a text as it is written in a file or a form, all its duties met.

    Errors: BadMessagePack.
    Source: none.
    """
    text = plain_parts(read, where)
    used = words_used(text, where)
    for words, duty in DUTIES:
        if not used & words:
            word = min(words)
            raise BadMessagePack(
                f"{where} does not say {duty}: use {{{word}}}", why="lacks", duty=word, word=word
            )
    return text


def plain_parts(read: dict[str, Any], where: str) -> Text:
    """Return a text as it is written, folded; its words and duties are not looked at.

    Errors: BadMessagePack where a part has an unknown name.
    Source: none.
    """
    _only(read, {"subject", "body", "facts", "ways"}, where)
    text = Text(
        subject=_line(read.get("subject", "")),
        body="\n".join(
            _line(part) for part in str(read.get("body", "")).split("\n") if part.strip()
        ),
        facts=tuple((_line(k), _line(v)) for k, v in (read.get("facts") or {}).items()),
        ways=tuple((_line(k), _line(v)) for k, v in (read.get("ways") or {}).items()),
    )
    return text
