"""Cells are read as what they say, or refused with a reason; never rounded, never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.money import NotMoney, minor
from forbear.kernel.vocabulary import CreditorType
from forbear.tape.cells import contact_value, identity, money, read_cells, split
from forbear.tape.fields import Field, Kind
from forbear.tape.formats import days, instants
from forbear.tape.map import Reads


def column(*texts: str | None) -> pl.Series:
    return pl.Series(list(texts), dtype=pl.String)


def codes(read) -> list[str]:
    return [fault.code for fault in read.faults]


def read(kind: Kind, *texts: str | None, reads: Reads | None = None, **rule: object):
    cells = column(*texts)
    return read_cells(
        cells,
        Field(kind, **rule),
        formats=(),
        reads=reads or Reads(),
        currency=pl.repeat("CNY", len(cells), eager=True),
    )


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=3), st.sampled_from(["CNY", "JPY"])
)
def test_a_column_of_money_reads_as_the_kernel_reads_one_amount(amount: Decimal, currency: str):
    for text in (str(amount), f"{amount:,}", f"{amount:.0f}", f"{amount:.2e}"):
        found = money(column(text), column(currency))
        try:
            written_out = f"{Decimal(text.replace(',', '')):f}"  # a spreadsheet writes 1e+05
            expected: int | None = minor(written_out, currency)
        except NotMoney:
            expected = None
        assert found.values.to_list() == [expected], text
        assert bool(found.faults) == (expected is None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.345", "tape.too_fine"),
        ("1234,56", "tape.bad_money"),
        ("12,34", "tape.bad_money"),
        ("(5.00)", "tape.bad_money"),
        ("¥5", "tape.bad_money"),
        ("NaN", "tape.bad_money"),
        ("inf", "tape.bad_money"),
        ("1_000", "tape.bad_money"),
        ("99999999999999999999", "tape.bad_money"),
    ],
)
def test_what_is_no_amount_is_refused_and_says_why(text, code):
    found = money(column(text), column("CNY"))
    assert found.values.to_list() == [None]
    assert codes(found) == [code]


def test_a_decimal_comma_is_read_only_where_the_map_says_so():
    found = read(Kind.money, "1.234,56", "12,5", reads=Reads(decimal=","))
    assert found.values.to_list() == [123456, 1250]


def test_negative_and_zero_money_are_refused_where_they_may_not_be():
    found = read(Kind.money, "-1", "0", "1", sign="positive")
    assert found.values.to_list() == [None, None, 100]
    assert codes(found) == ["tape.negative_money", "tape.zero_money"]


@given(st.lists(st.integers(0, 10**12)), st.integers(1, 12))
def test_the_parts_of_an_amount_add_up_to_it(amounts, of):
    values = pl.Series(amounts, dtype=pl.Int64)
    parts = [split(values, (part,), of) for part in range(1, of + 1)]
    assert sum(parts, pl.zeros(len(values), pl.Int64, eager=True)).to_list() == amounts
    assert split(values, tuple(range(1, of + 1)), of).to_list() == amounts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2005-09-30", date(2005, 9, 30)),
        ("2005-09-30 00:00:00", date(2005, 9, 30)),
        ("2005-09-30T00:00:00.000", date(2005, 9, 30)),
        ("2004-02-29", date(2004, 2, 29)),
        ("2005-02-29", None),
        ("2005-02-30", None),
        ("2005-13-01", None),
        ("2005-09-30 12:00:00", None),  # a time of day is dropped only where the map says so
        ("9999-12-31", None),
        ("0205-09-30", None),
        ("30/09/2005", None),
        ("38625", None),
    ],
)
def test_a_day_is_a_day_of_the_calendar(text, day):
    assert days(column(text), ()).to_list() == [day]


def test_days_in_the_maps_own_formats_are_read():
    found = days(column("30/09/2005", "38625", "38625.75", "2005-09-30"), ("%d/%m/%Y", "excel"))
    assert found.to_list() == [date(2005, 9, 30)] * 4


@given(st.dates(date(1900, 3, 1), date(2199, 12, 31)))
def test_a_serial_day_counts_from_the_last_day_but_one_of_1899(day):
    serial = (day - date(1899, 12, 30)).days
    assert days(column(str(serial)), ("excel",)).to_list() == [day]


def test_an_impossible_day_and_a_serial_one_have_their_own_reasons():
    assert codes(read(Kind.day, "2005-02-30")) == ["tape.bad_day"]
    assert codes(read(Kind.day, "38625")) == ["tape.excel_day"]


def test_an_instant_without_an_offset_is_read_by_the_clock_of_the_tape():
    found = instants(
        column("2016-09-01 15:51:43", "2016-09-01T15:51:43Z"), (), clock="Africa/Lagos"
    )
    assert found.to_list() == [
        datetime(2016, 9, 1, 14, 51, 43, tzinfo=UTC),
        datetime(2016, 9, 1, 15, 51, 43, tzinfo=UTC),
    ]


def test_an_hour_that_happens_twice_is_its_first_and_one_that_never_does_is_refused():
    twice, never = "2021-10-31 02:30:00", "2021-03-28 02:30:00"
    found = instants(column(twice, never), (), clock="Europe/Berlin").to_list()
    assert found == [datetime(2021, 10, 31, 0, 30, tzinfo=UTC), None]


@given(st.integers(0, 9_000_000_000), st.integers(-14, 14))
def test_an_offset_is_believed(seconds, hours):
    at = datetime(1900, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
    text = f"{at:%Y-%m-%dT%H:%M:%S}{hours:+03d}:00"
    expected = at - timedelta(hours=hours)
    assert instants(column(text), (), clock="Asia/Shanghai").to_list() == [expected]


def test_a_word_is_one_of_its_list():
    found = read(Kind.word, "bank", "loan shark", words=CreditorType)
    assert found.values.to_list() == ["bank", None]
    assert codes(found) == ["tape.unknown_word"]


def test_a_zone_a_country_and_a_currency_are_what_the_standards_name():
    assert codes(read(Kind.zone, "Asia/Shanghai", "Asia/Shanghi")) == ["tape.bad_zone"]
    assert codes(read(Kind.country, "CN", "cn")) == ["tape.bad_code"]
    assert codes(read(Kind.currency, "CNY", "RMB yuan")) == ["tape.bad_code"]


def test_a_whole_number_is_whole_and_not_below_zero():
    found = read(Kind.whole, "0", "7", "7.0", "-1", "1.5", "99999")
    assert found.values.to_list() == [0, 7, 7, None, None, None]
    assert codes(found) == ["tape.bad_number"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "tape.no_id"),
        ("8.62E+14", "tape.shortened_id"),
        ("x" * 201, "tape.too_long"),
        ("a\0b", "tape.bad_text"),
    ],
)
def test_an_id_that_names_nobody_is_refused(text, code):
    assert codes(identity(column(text))) == [code]


def test_a_name_may_hold_anything_that_people_are_called():
    assert read(Kind.text, "张三😀", "O’Brien", "𠮷野家").faults == ()


def test_a_phone_is_read_without_spaces_and_what_is_none_is_refused():
    cells, kinds = (
        column("+86 138-0000-0000", "1.38E+10", "nobody"),
        column("phone", "phone", "email"),
    )
    found = contact_value(cells, kinds)
    assert found.values.to_list() == ["+8613800000000", None, None]
    assert codes(found) == ["tape.bad_contact", "tape.bad_contact"]


def test_an_empty_cell_is_no_fault_of_its_own():
    for kind in (Kind.money, Kind.day, Kind.instant, Kind.whole, Kind.zone, Kind.flag, Kind.text):
        found = read(kind, None)
        assert found.values.to_list() == [None]
        assert found.faults == ()


@pytest.mark.parametrize("text", ["2026112", "202611", "20261 2"])
def test_a_day_without_gaps_has_all_its_digits(text):
    """2026112 may be the 2nd of November or the 12th of January: it is no day."""
    assert days(column(text), ("%Y%m%d",)).to_list() == [None]
    assert days(column("20261102"), ("%Y%m%d",)).to_list() == [date(2026, 11, 2)]
