"""A disguise is undone, and every place is still known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.screening.normal import BORDER, normalised, read_as, sound_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＡＢＣ１２３", "abc123"),  # full width
        ("催收ｶﾞ", "催收カ"),
        ("賬號與密碼", "账号与密码"),  # traditional
        ("轉帳給我", "转帐给我"),
        ("杀 你。全，家", "杀你全家"),  # blanks and marks
        ("杀\u200b你\u2060全\ufeff家", "杀你全家"),  # what cannot be seen
        ("杀🔪你💀全家", "杀你全家"),
        ("①②③➍⑸", "12345"),
        ("㈠½", "一12"),
        ("ｗе кnоw", "weknow"),  # Cyrillic letters
        ("Ｆúçk", "fuck"),
        ("鉲銀娱泺", "卡银娱乐"),  # a radical added
        ("伱伽硪", "你加我"),
        ("", ""),
    ],
)
def test_what_is_written_is_read_as_a_person_reads_it(written, read):
    assert read_as(written) == read


def test_what_sounds_alike_is_alike_and_a_digit_sounds_like_its_hanzi():
    assert sound_of("法院") == sound_of("发圆")
    assert sound_of("4全家") == sound_of("死全家")
    assert sound_of("法院") != sound_of("医院")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_every_character_read_came_from_its_own_text(texts):
    readings = normalised(*texts)
    for place, char in enumerate(readings.text):
        if char == BORDER:
            continue
        number, start, end = readings.span(place, place + 1)
        assert 0 <= start < end <= len(texts[number])
        assert char in read_as(texts[number][start:end])


@given(st.text(max_size=40))
def test_reading_twice_changes_nothing_more(text):
    once = read_as(text)
    assert read_as(once) in (once, read_as(once))
    assert read_as(read_as(once)) == read_as(once)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_many_texts_are_read_as_each_alone(texts):
    assert normalised(*texts).text == "".join(read_as(text) + BORDER for text in texts)


def test_half_a_character_is_no_fault():
    assert read_as("杀\ud83d你") == "杀你"
