"""Areas have one form, in which a part begins with the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.area import area_form, area_words, lies_within

NAMES = st.lists(st.text("abc 区", min_size=1, max_size=4), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("440000", "44"),
        ("440300", "4403"),
        ("440305", "440305"),
        ("440305001000", "440305001"),
        ("500000", "50"),
        ("US-FL / Lee  County", "us-fl/lee county/"),
        ("33101", "33101/"),  # five digits are no code of China
        (" ", ""),
        ("/", ""),
    ],
)
def test_an_area_is_written_in_one_form(text, form):
    assert area_form(text) == form
    assert area_form(area_words(form)) == form


@given(NAMES, NAMES)
def test_a_part_lies_within_the_whole_and_no_other_name_that_begins_alike_does(whole, more):
    area = area_form("/".join(whole))
    if area:
        assert lies_within(area_form("/".join([*whole, *more])), area)
        assert not lies_within(area_form(area_words(area) + "x"), area)
        assert not lies_within("", area)
