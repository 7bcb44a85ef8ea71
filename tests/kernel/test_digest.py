"""A digest names bytes: the order of names never matters, the texts always do."""

from __future__ import annotations

from forbear.kernel.digest import chunk_digest, text_digest, value_digest


def test_the_order_in_which_texts_are_given_does_not_matter():
    assert text_digest({"a": "1", "b": "2"}) == text_digest({"b": "2", "a": "1"})


def test_moving_a_letter_between_texts_changes_the_digest():
    assert text_digest({"a": "12", "b": ""}) != text_digest({"a": "1", "b": "2"})
    assert chunk_digest([b"12", b""]) != chunk_digest([b"1", b"2"])


def test_a_value_is_named_by_what_it_says():
    assert value_digest({"b": 1, "a": "逾期"}) == value_digest({"a": "逾期", "b": 1})
