"""Whatever file a clerk names is read as what it is, or refused in one clear sentence."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.kernel.errors import ForbearError
from forbear.store import tape_text
from forbear.store.tape import (
    HeaderMismatch,
    NotATable,
    fetch_map,
    file_digest,
    open_tape,
    shipped_maps,
)
from forbear.store.tape_text import UnknownEncoding
from forbear.tape.map import TapeMap, parse_map

MAP = """
map: small
says: A small tape.
constants: {prefix: "s:", currency: CNY}
person: {column: id}
account: {column: id}
currency: {constant: currency}
facts:
  profile: {effective_on: 2024-01-01, name: {column: name}}
  due:
    kind: installment
    effective_on: 2024-01-01
    due_on: {column: day}
    amount_minor: {column: owed}
"""
HEADER = "id,day,owed,name"
ROW = "1,2024-02-01,5,张三"


def small(**reads: str) -> TapeMap:
    lines = "".join(f"  {key}: {value!r}\n" for key, value in reads.items())
    return parse_map("small.yaml", MAP + (f"reads:\n{lines}" if reads else ""))


def opened(path: Path, text: str | bytes, written: str = "utf-8", **reads: str):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(written))
    tape = open_tape(path, small(**reads))
    rows, rejects = [], []
    for batch in tape.batches(("id", "day", "owed", "name")):
        rows += [(n, *cells) for n, cells in zip(batch.numbers, batch.cells.rows(), strict=True)]
        rejects += [(row, code, original) for row, _, code, _, original in batch.rejects.rows()]
    return tape, rows, rejects


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.csv"


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("gb18030", ("tape.csv was read as GB18030.",)),
        ("utf-16", ("tape.csv was read as UTF-16.",)),
    ],
)
def test_a_chinese_name_is_read_in_every_encoding_that_shows_itself(path, encoding, note):
    tape, rows, _ = opened(path, f"{HEADER}\n{ROW}\n", encoding)
    assert rows == [(2, "1", "2024-02-01", "5", "张三")]
    assert tape.notes == note


@pytest.mark.parametrize(("name", "encoding"), [("Renée", "windows-1252"), ("張三豐", "big5")])
def test_an_encoding_that_only_the_map_can_know_is_asked_for_and_never_guessed(
    path, name, encoding
):
    text = f"{HEADER}\n1,2024-02-01,5,{name}\n"
    with pytest.raises(UnknownEncoding, match="neither UTF-8 nor GB18030"):
        opened(path, text, encoding)
    assert opened(path, text, encoding, encoding=encoding)[1][0][-1] == name


def test_bytes_that_are_no_text_name_the_line(path):
    with pytest.raises(UnknownEncoding, match="line 3, byte 0xff"):
        opened(path, f"{HEADER}\n{ROW}\n2,".encode() + b"\xff\xff\n")


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_another_delimiter_is_found_from_the_header(path, mark, word):
    tape, rows, _ = opened(path, f"{HEADER}\n{ROW}\n".replace(",", mark))
    assert rows == [(2, "1", "2024-02-01", "5", "张三")]
    assert tape.notes == (f"tape.csv separates its columns by {word}.",)


def test_a_delimiter_that_the_map_names_is_not_second_guessed(path):
    with pytest.raises(HeaderMismatch, match="no column 'id'"):
        opened(path, f"{HEADER}\n{ROW}\n", delimiter=";")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_to_end_a_line_is_read(path, end):
    _, rows, rejects = opened(path, end.join([HEADER, ROW, "", "2,2024-02-01,6,李四", ""]))
    assert [row[:2] for row in rows] == [(2, "1"), (4, "2")]
    assert rejects == []


def test_a_header_that_does_not_match_says_what_is_missing_and_what_is_there(path):
    with pytest.raises(
        HeaderMismatch, match=r"no column 'owed' \(it has 'owned'\), which map small"
    ):
        opened(path, "id,day,owned,name\n1,2,3,4\n")
    with pytest.raises(HeaderMismatch, match="its first line is: 1, 2024-02-01, 5, 张三"):
        opened(path, ROW)
    with pytest.raises(HeaderMismatch, match="'day' twice"):
        opened(path, "id,day,day,owed,name\n")


def test_a_row_of_another_width_is_set_aside_and_the_others_are_read(path):
    _, rows, rejects = opened(path, f"{HEADER}\n{ROW}\n2,x\n\n3,a,b,c,d\n4,,,\n,,,\n5,a,b,c")
    assert [row[:2] for row in rows] == [(2, "1"), (6, "4"), (8, "5")]
    assert rejects == [(3, "tape.ragged", "2,x"), (5, "tape.ragged", "3,a,b,c,d")]


def test_a_cell_may_hold_commas_quotation_marks_and_line_breaks(path):
    _, rows, rejects = opened(path, f'{HEADER}\n1,2,3,"a, ""b""\nc"\n2,2,3,12" x\n3,2,3,"y"\n')
    assert [row[0] for row in rows] == [2, 3, 4]
    assert [row[-1] for row in rows] == ['a, "b"\nc', '12" x', "y"]
    assert rejects == []


@pytest.mark.parametrize("bad", ['2,2,3,"b', '"2,2,3,b', '2,5" x,3,"b', '2,2,3,"b" c,"'])
def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_alone(path, bad):
    lines = [HEADER, ROW, bad, *(f"{n},2,3,c" for n in range(3, 9)), '9,2,3,"d"', "10,2,3,e", ""]
    _, rows, rejects = opened(path, "\n".join(lines))
    assert rejects == [(3, "tape.open_quote", bad)]
    assert [row[1] for row in rows] == ["1", *map(str, range(3, 11))]


def test_lines_that_could_be_one_row_or_several_are_all_set_aside(path):
    lines = ['2,2,3,"b', "3,2,3,c", '4,2,3,d"']
    _, rows, rejects = opened(path, "\n".join([HEADER, ROW, *lines, "5,2,3,e", ""]))
    assert [row[1] for row in rows] == ["1", "5"]
    assert [original for _, _, original in rejects] == lines


@pytest.mark.parametrize("end", ["2,2024-02", '2,2024-02-01,5,"张', '2,2024-02-01,5,"张\n'])
def test_a_file_cut_off_in_mid_row_says_so_and_keeps_the_rows_before(path, end):
    _, rows, rejects = opened(path, f"{HEADER}\n{ROW}\n{end}")
    assert len(rows) == 1
    assert [(row, code) for row, code, _ in rejects] == [(3, "tape.cut_short")]


def test_a_last_line_without_a_line_end_is_a_row_like_any_other(path):
    assert len(opened(path, f"{HEADER}\n{ROW}\n{ROW}")[1]) == 2


def test_a_row_longer_than_any_row_is_refused_with_its_place(path):
    with pytest.raises(NotATable, match="near row 3 one row is longer"):
        opened(path, f"{HEADER}\n{ROW}\n1,2,3," + "x" * (3 << 20) + "\n")


@pytest.mark.parametrize(
    "header",
    [",".join(f"column{n}" for n in range(100_000)), "x" * (2 << 20)],
    ids=["columns", "one name"],
)
@pytest.mark.parametrize("end", ["\n1,2,3\n", ""], ids=["rows", "no row"])
def test_a_header_longer_than_any_header_is_refused_in_one_sentence(path, header, end):
    with pytest.raises(NotATable, match="the first line is longer than 131,072 bytes"):
        opened(path, header + end)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"PK\x03\x04 broken", "damaged or cut-off workbook"),
        (b"PAR1 broken", "damaged or cut-off Parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"\x1f\x8b\x08", "compressed by gzip"),
        (b"%PDF-1.7", "is a PDF"),
        (b'{"id": 1}', "is JSON"),
        (b"<html>", "is HTML"),
        (b"id\0\1\2", "no text"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(path, content, says):
    with pytest.raises(NotATable, match=says) as refused:
        opened(path, content)
    assert "\n" not in str(refused.value)


def test_a_zip_a_folder_and_a_file_that_is_not_there_are_refused(path, tmp_path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tape.csv", HEADER)
    with pytest.raises(NotATable, match="is a ZIP archive; unpack it first"):
        open_tape(path, small())
    with pytest.raises(NotATable, match="is a folder"):
        file_digest(tmp_path)
    with pytest.raises(ForbearError, match="is not there"):
        file_digest(tmp_path / "nothing.csv")


def test_a_parquet_file_named_csv_is_read_as_what_it_is(path):
    frame = pl.DataFrame(
        {
            "id": [7.0, None],  # whole numbers beside a gap, as other tools write them
            "day": [dt.date(2024, 2, 1), None],
            "owed": [5.25, None],
            "name": ["张三", None],
        }
    )
    frame.write_parquet(path)
    tape, rows, _ = opened(path, path.read_bytes())
    assert rows == [(1, "7", "2024-02-01", "5.25", "张三")]
    assert tape.notes == ("tape.csv is Parquet, and was read as such.",)


def test_a_parquet_file_damaged_in_the_middle_says_after_which_row(path):
    rows = {name: [str(n) for n in range(50_000)] for name in HEADER.split(",")}
    pl.DataFrame(rows).write_parquet(path, row_group_size=10_000, compression="uncompressed")
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 60_000] = b"\xff" * 60_000
    with pytest.raises(NotATable, match=r"damaged after row \d+: "):
        opened(path, bytes(damaged))


def test_the_first_sheet_of_a_workbook_is_read_and_the_others_are_named(path):
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("loans"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, [7, None, 1234.5, "张三😀"])
        sheet.write_datetime(1, 1, dt.datetime(2024, 2, 1), day)  # noqa: DTZ001 - a sheet has none
        sheet.write_row(3, 0, [8, "2024-02-02", "5", "李四"])
        book.add_worksheet("notes")
    tape, rows, _ = opened(path, path.read_bytes())
    assert rows == [
        (2, "7", "2024-02-01 00:00:00", "1234.5", "张三😀"),
        (4, "8", "2024-02-02", "5", "李四"),
    ]
    assert tape.notes == ("Only the sheet 'loans' was read; there are 1 more.",)


def test_a_sheet_that_the_map_names_must_be_there(path):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("loans").write_row(0, 0, HEADER.split(","))
    with pytest.raises(NotATable, match="has no sheet 'dues'; it has: loans"):
        open_tape(path, small(sheet="dues"))


def test_an_empty_workbook_is_refused(path):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet()
    with pytest.raises(NotATable, match="is empty"):
        open_tape(path, small())


def test_maps_are_named_and_an_unknown_one_says_which_there_are(tmp_path):
    assert [tape.name for tape in shipped_maps()] == ["home_credit", "superlender", "uci"]
    with pytest.raises(ForbearError, match="name one of home_credit, superlender, uci"):
        fetch_map("ucy")
    own = tmp_path / "own.yaml"
    own.write_text(MAP, "utf-8")
    assert fetch_map(str(own)).name == "small"
    own.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ForbearError, match="cannot be read as UTF-8"):
        fetch_map(str(own))


CELL = st.text(st.sampled_from('ab"\n,; 张'), max_size=6)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=8))
def test_what_a_careful_writer_wrote_is_read_back_or_set_aside_and_never_lost(
    tmp_path_factory, rows
):
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEADER.split(","), *rows])
    _, found, rejects = opened(tmp_path_factory.mktemp("t") / "t.csv", text.getvalue())
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not rejects:
        assert [row[1:] for row in found] == filled
    read = {row[1:] for row in found}
    assert read <= set(filled)
    assert all(
        code in ("tape.open_quote", "tape.ragged", "tape.cut_short") for _, code, _ in rejects
    )


def test_memory_does_not_grow_with_the_file(path, monkeypatch):
    monkeypatch.setattr(tape_text, "BLOCK", 1 << 14)  # a few dozen blocks are read ahead

    def peak(rows: int) -> int:
        with path.open("w") as file:
            file.write(f"{HEADER}\n")
            file.writelines(f"{n},2024-02-01,5,name {n}\n" for n in range(rows))
        tape = open_tape(path, small())
        tracemalloc.start()
        assert sum(len(batch.cells) for batch in tape.batches(("id",))) == rows
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(300_000) < 1.3 * peak(100_000)
