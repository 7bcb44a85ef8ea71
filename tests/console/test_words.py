"""Both languages are complete, the compiled words are the written ones, colors can be read."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.utils import translation

from forbear.console import labels, words
from forbear.contact.permission import CHECKS
from forbear.kernel.vocabulary import StatusKind
from forbear.store.packs import fetch_law

STYLE = Path(words.__file__).parent / "static" / "console" / "tokens.css"
PLACES = re.compile(r"%\((\w+)\)[sd]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!()](?!\d)|[\u4e00-\u9fff]\.(?=[\u4e00-\u9fff]|$)")


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def by_text(catalog) -> dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]:
    return {
        (
            str(m.context, "utf-8") if isinstance(m.context, bytes) else m.context,
            tuple(texts(m.id)),
        ): (tuple(texts(m.string)))
        for m in catalog
        if any(texts(m.id))
    }


def test_every_text_of_the_pages_has_its_english():
    written = {(m.context, texts(m.id)[0]): m for m in words.written() if m.id}
    said = {(m.context, texts(m.id)[0]) for m in words.collected() if m.id}
    hint = "; run python -m forbear.console.words"
    assert not said - set(written), f"not in the .po{hint}: {said - set(written)}"
    assert not set(written) - said, f"no longer said{hint}: {set(written) - said}"
    for message in written.values():
        assert all(texts(message.string)), f"no English: {message.id}"
        assert not message.fuzzy, message.id


def test_a_translation_names_the_same_values():
    for message in words.written():
        for text in texts(message.string):
            if message.id:
                assert set(PLACES.findall(text)) == set(PLACES.findall(texts(message.id)[0]))


def test_the_compiled_words_are_the_written_ones():
    path = words.FOLDER / "django.mo"
    compiled = read_mo(io.BytesIO(path.read_bytes()))
    assert by_text(compiled) == by_text(words.written())
    with path.open("rb") as file:  # as Django reads it, without any tool
        assert gettext.GNUTranslations(file).gettext("工作清单") == "Work list"


def test_chinese_is_written_with_chinese_punctuation():
    wrong = [m.id for m in words.collected() if m.id and HALF_WIDTH.search(texts(m.id)[0])]
    assert not wrong


def test_no_english_text_holds_chinese():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    wrong = [m.id for m in words.written() if m.id and chinese.search("".join(texts(m.string)))]
    assert not wrong


@pytest.mark.parametrize(
    "page", ["/law/", "/work/", "/people/", "/tonight/", "/outbox/", "/calculators/"]
)
def test_a_page_is_served_in_the_language_asked_for(sign_in, page):
    client = sign_in("supervisor")
    assert (
        'lang="zh-Hans"' in client.get(page, headers={"accept-language": "zh-CN"}).content.decode()
    )
    english = client.get(page, headers={"accept-language": "en-GB"}).content.decode()
    assert '<html lang="en"' in english
    client.post("/language/", {"language": "en", "next": page})
    assert "Sign out" in client.get(page, headers={"accept-language": "zh-CN"}).content.decode()


def tokens() -> dict[str, tuple[str, str]]:
    """The colors by name: light, dark."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", STYLE.read_text())
    return {name: (light, dark) for name, light, dark in found}


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (t, g)
        for t in ("ink", "ink-2", "ink-3", "info", "accent", "stop")
        for g in ("paper", "ground")
    ]
    + [("ink-3", "hover"), ("ink-2", "hover"), ("on-accent", "accent"), ("ink-3", "accent-soft")]
    + [(name, f"{name}-soft") for name in ("accent", "wait", "stop", "info")],
)
def test_text_stands_out_from_its_ground_by_aa(text, ground, theme):
    light, dark = sorted(
        (luminance(tokens()[text][theme]), luminance(tokens()[ground][theme])), reverse=True
    )
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_every_topic_of_the_packs_has_a_name_of_its_own_in_both_languages():
    """The filter of the Law page shows them all; no two may read alike."""
    topics = sorted({version.topic for version in fetch_law().versions})
    for language in ("zh-hans", "en"):
        with translation.override(language):
            named = {topic: labels.label("topic_name", topic) for topic in topics}
        assert [topic for topic, name in named.items() if name == topic] == []
        alike = [name for name in named.values() if list(named.values()).count(name) > 1]
        assert sorted(set(alike)) == []


def test_every_rule_that_can_refuse_a_contact_has_its_reason_in_words():
    asked = {v.topic for v in fetch_law().versions if v.effect == "forbids" and v.kind in CHECKS}
    with translation.override("en"):
        assert [t for t in sorted(asked) if labels.label("topic", t) == t] == []


def test_every_status_that_a_file_may_tell_has_a_name():
    assert {kind.value for kind in StatusKind} <= set(labels.STATUS)
