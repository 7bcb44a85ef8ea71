"""A letter: one page, the same bytes every time, in the tray exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from forbear.channel.base import Found, Outgoing, Result
from forbear.channel.letter import LetterWay, Page, render_pdf, render_png
from forbear.kernel.vocabulary import Channel
from forbear.store.packs import fetch_pack_texts
from forbear.treatment.message import LANGUAGES, parse_messages, rendered

MESSAGES = parse_messages(fetch_pack_texts())
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
ID = "5d0e9a4e-0000-4000-8000-000000000001"
LETTER = Outgoing(
    contact_id=ID,
    idempotency_key=ID,
    to="示例市样本路 1 号",
    subject="",
    text="",
    at=NOON,
    pdf=b"%PDF",
)


def page(message="formal_letter", language="zh-Hans", **changed) -> Page:
    """Return a page whose variable parts are as long as they get."""
    values = {
        "name": "欧阳娜塔莉亚·阿卜杜热依木",
        "due": "¥ 1,284,000.00",
        "today": "2026年12月31日",
        "accounts": "、".join(f"先享后付（尾号 {n}）" for n in range(2210, 2216)),
    }
    text = rendered(MESSAGES, message, language=language, channel=Channel.letter, values=values)
    words = MESSAGES.sender.words[language]
    return Page(
        language=language,
        creditor=words["creditor"],
        creditor_line=f"{words['phone']} · {words['hours']}",
        name=values["name"],
        address="新疆维吾尔自治区巴音郭楞蒙古自治州库尔勒市示例路 1888 弄 120 号 2603 室，841000",
        day=values["today"],
        subject=text.subject,
        paragraphs=text.body.split("\n"),
        facts=text.facts,
        ways=text.ways,
        reference=ID,
        **changed,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "message", ["first_reminder", "second_reminder", "relief_offer", "formal_letter"]
)
def test_every_letter_is_one_page_however_long_its_names_are(message, language):
    assert len(render_png(page(message, language), ppi=30)) == 1


def test_the_same_letter_is_the_same_bytes():
    assert render_pdf(page(), at=NOON) == render_pdf(page(), at=NOON)
    assert render_pdf(page(), at=NOON) != render_pdf(replace(page(), name="林"), at=NOON)


def test_its_font_comes_along():
    made = render_pdf(page(), at=NOON)
    assert b"NotoSerifSC" in made
    assert b"NotoSansSC" in made


def test_nothing_in_a_name_is_read_as_markup():
    odd = replace(page(), name='#panic("x") $ \\ " *a* 林')
    assert len(render_png(odd, ppi=30)) == 1


def test_a_letter_is_staged_first_and_lies_in_the_tray_only_when_sent(tmp_path):
    way = LetterWay(tmp_path / "letters")
    way.prepare(LETTER)
    assert not list((tmp_path / "letters").glob("*.pdf"))
    assert way.found(ID) == Found.absent
    outcome = way.send(LETTER)
    assert (outcome.result, outcome.provider_ref) == (Result.sent, f"{ID}.pdf")
    assert (tmp_path / "letters" / f"{ID}.pdf").read_bytes() == b"%PDF"
    assert way.found(ID) == Found.sent


def test_a_letter_taken_out_of_the_tray_was_still_sent(tmp_path):
    way = LetterWay(tmp_path / "letters")
    way.prepare(LETTER)
    way.send(LETTER)
    (tmp_path / "letters" / f"{ID}.pdf").unlink()
    assert way.found(ID) == Found.sent
    assert way.send(LETTER).result == Result.unknown  # and not sent again


def test_a_tray_that_cannot_be_written_is_a_sure_failure(tmp_path):
    way = LetterWay(tmp_path / "letters")
    way.prepare(LETTER)
    (tmp_path / "letters" / f"{ID}.pdf").mkdir()
    assert way.send(LETTER).result == Result.failed
    assert way.found(ID) == Found.absent
