"""Money is an integer of minor units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.money import NotMoney, minor, render_minor


@pytest.mark.parametrize(
    ("text", "currency", "fen"),
    [
        ("1234.56", "CNY", 123456),
        ("1,234.5", "CNY", 123450),
        (" 7 ", "CNY", 700),
        ("-3.60", "CNY", -360),
        ("500", "JPY", 500),
        ("0.10", "CNY", 10),
        ("１２.５０", "CNY", 1250),
    ],
)
def test_an_amount_is_read_to_the_fen(text, currency, fen):
    assert minor(text, currency) == fen


@pytest.mark.parametrize(
    "text", ["", "abc", "1.234", "NaN", "Infinity", "1e400000000", "1e3", "12元", "."]
)
def test_what_is_no_amount_is_refused_with_its_text(text):
    with pytest.raises(NotMoney):
        minor(text, "CNY")


def test_half_a_yen_is_refused():
    with pytest.raises(NotMoney, match="finer than the smallest unit of JPY"):
        minor("0.5", "JPY")


@given(st.integers(-(10**15), 10**15))
def test_what_is_written_reads_back(fen):
    text = render_minor(fen, "CNY").removeprefix("¥ ")
    assert minor(text, "CNY") == fen


def test_an_unknown_currency_is_written_by_its_code():
    assert render_minor(-123456, "XAF") == "XAF -1,234.56"
