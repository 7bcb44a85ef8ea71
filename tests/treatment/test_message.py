"""What is said to a person: complete in both languages, calm, and refused where it hides a duty."""

from __future__ import annotations

import itertools
import re

import pytest
import yaml

from forbear.kernel.vocabulary import Channel, Relation
from forbear.store.packs import fetch_pack_texts
from forbear.treatment.message import (
    DUTIES,
    FOLDER,
    LANGUAGES,
    BadMessagePack,
    NoSuchMessage,
    hypertext,
    language_for,
    may_read,
    message_for,
    parse_messages,
    plain,
    rendered,
)

TEXTS = {p: t for p, t in fetch_pack_texts().items() if p.startswith(FOLDER)}
MESSAGES = parse_messages(TEXTS)
VALUES = {"name": "林晓文", "due": "¥ 240.00", "today": "2026年11月20日", "accounts": "先享后付"}
# What a calm message never says: threats, shame, urgency, third parties.
NEVER = {
    "zh-Hans": "起诉 法院 律师 失信 黑名单 坐牢 刑事 上门 家人 亲友 单位 通讯录 曝光 严重后果"
    " 最后 立即还款 务必 否则 恶意 老赖",
    "en": "court lawsuit lawyer police blacklist jail family relatives employer consequences"
    " immediately final warning must",
}


def every():
    return sorted(MESSAGES.texts, key=str)


def words(key):
    message, language, channel = key
    text = rendered(MESSAGES, message, language=language, channel=channel, values=VALUES)
    return f"{text.subject}\n{plain(text)}"


def changed(path: str, **parts) -> dict[str, str]:
    """Return the shipped files with one text of one message changed."""
    read = yaml.safe_load(TEXTS[f"{FOLDER}{path}.yaml"])
    read["texts"]["en"]["sms"].update(parts)
    return TEXTS | {f"{FOLDER}{path}.yaml": yaml.safe_dump(read, allow_unicode=True)}


def test_every_message_the_strategy_may_name_is_there_in_both_languages():
    for message, language in itertools.product(
        ("first_reminder", "second_reminder", "relief_offer"), LANGUAGES
    ):
        for channel in (Channel.app, Channel.sms, Channel.email, Channel.letter):
            assert (message, language, channel) in MESSAGES.texts
    for language in LANGUAGES:
        assert ("formal_letter", language, Channel.letter) in MESSAGES.texts


def test_every_message_that_the_strategy_names_has_a_text_for_its_channel():
    strategy = fetch_pack_texts()["house/strategy/paylater.yaml"]
    wants = re.findall(r"do: (\w+),.*message: (\w+)", strategy)
    assert wants
    assert [want for want in wants if not MESSAGES.has(want[1], Channel(want[0]))] == []


@pytest.mark.parametrize("key", every(), ids=str)
def test_every_text_says_its_amount_and_leaves_no_word_unfilled(key):
    said = words(key)
    assert "¥ 240.00" in said
    assert "{" not in said


@pytest.mark.parametrize("key", every(), ids=str)
def test_no_text_threatens_shames_or_hurries(key):
    said = words(key).lower()
    found = said if key[1] == "zh-Hans" else re.findall(r"[a-z]+", said)
    assert [word for word in NEVER[key[1]].split() if word in found] == []


@pytest.mark.parametrize("key", [k for k in every() if k[2] == Channel.sms], ids=str)
def test_an_sms_names_nobody_and_fits_in_few_parts(key):
    said = words(key)
    assert "林晓文" not in said  # a phone lies open on a table
    assert len(said) <= (140 if key[1] == "zh-Hans" else 320)


@pytest.mark.parametrize("key", [k for k in every() if k[1] == "zh-Hans"], ids=str)
def test_a_line_break_in_the_file_is_no_space_in_chinese(key):
    assert not re.search(r"[\u4e00-\u9fff，。；] [\u4e00-\u9fff]", words(key))


@pytest.mark.parametrize(("needed", "duty"), DUTIES, ids=[d for _, d in DUTIES])
def test_a_text_without_one_of_its_duties_is_refused(needed, duty):
    assert needed
    body = " ".join(f"{{{min(words)}}}" for words, other in DUTIES if other != duty)
    with pytest.raises(BadMessagePack, match=duty):
        parse_messages(changed("first_reminder", body=body))


@pytest.mark.parametrize("body", ["{creditor} {due} {pay_at} {relief_at} {stop_at} {salary}", "{"])
def test_an_unknown_word_is_refused_by_file_language_and_channel(body):
    with pytest.raises(BadMessagePack, match=r"first_reminder\.yaml en sms uses unknown words"):
        parse_messages(changed("first_reminder", body=body))


def test_an_unknown_key_is_refused():
    with pytest.raises(BadMessagePack, match=r"unknown keys \['colour'\]"):
        parse_messages(changed("first_reminder", colour="red"))


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("first_reminder", "message: other\ntexts: {}", "must name its message"),
        ("first_reminder", "[", "is not YAML"),
        ("first_reminder", "- 1", "must be a mapping"),
        ("sender", "sender: house\nwords: {zh-Hans: {}, en: {}}\nproducts: {}", "leaves empty"),
    ],
)
def test_a_broken_file_is_named(path, text, complaint):
    with pytest.raises(BadMessagePack, match=complaint):
        parse_messages(TEXTS | {f"{FOLDER}{path}.yaml": text})


def test_a_message_offers_the_same_channels_in_every_language():
    read = yaml.safe_load(TEXTS[f"{FOLDER}first_reminder.yaml"])
    del read["texts"]["en"]["sms"]
    with pytest.raises(BadMessagePack, match="the same channels"):
        parse_messages(TEXTS | {f"{FOLDER}first_reminder.yaml": yaml.safe_dump(read)})


def test_without_a_sender_nothing_is_written():
    with pytest.raises(BadMessagePack, match="in whose name"):
        parse_messages({p: t for p, t in TEXTS.items() if not p.endswith("sender.yaml")})


def test_the_shipped_sender_is_an_example():
    assert MESSAGES.sender.example


def test_a_message_without_a_text_for_a_channel_is_not_made_up():
    with pytest.raises(NoSuchMessage):
        rendered(MESSAGES, "formal_letter", language="en", channel=Channel.sms, values=VALUES)
    assert message_for(MESSAGES, "formal_letter", Channel.sms) == "first_reminder"
    assert message_for(MESSAGES, "", Channel.letter) == "formal_letter"
    assert message_for(MESSAGES, "relief_offer", Channel.sms) == "relief_offer"


@pytest.mark.parametrize(
    ("language", "jurisdiction", "read"),
    [
        ("", "CN", "zh-Hans"),
        ("", "TW", "zh-Hans"),
        ("", "NG", "en"),
        ("", "", "en"),
        ("zh-Hant", "US", "zh-Hans"),
        ("en-GB", "CN", "en"),
        ("fr", "CN", "en"),
    ],
)
def test_a_person_is_written_to_in_a_language_they_read(language, jurisdiction, read):
    assert language_for(language, jurisdiction) == read


def test_nobody_but_the_debtor_is_told_of_the_debt():
    assert {r for r in Relation if may_read(r)} == {Relation.obligor, Relation.co_obligor}


def test_a_name_cannot_bring_its_own_markup_into_an_email():
    text = rendered(
        MESSAGES,
        "first_reminder",
        language="zh-Hans",
        channel=Channel.email,
        values=VALUES | {"name": "<script>x</script>"},
    )
    assert "<script>" not in hypertext(text, language="zh-Hans")


def test_a_name_cannot_bring_its_own_words_in():
    text = rendered(
        MESSAGES,
        "first_reminder",
        language="en",
        channel=Channel.email,
        values=VALUES | {"name": "{due}"},
    )
    assert "Dear {due}," in text.body
