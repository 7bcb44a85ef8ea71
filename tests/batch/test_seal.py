"""A table's digest: the same for the same rows, however they are held; another for any other."""

from __future__ import annotations

import pyarrow as pa
import pytest

from forbear.batch.seal import table_digest

ROWS = {"n": [1, None, 3], "yes": [True, False, None], "text": ["ab", None, "c"]}
LISTS = {**ROWS, "lists": [["a", "bc"], [], None]}


def table(rows, **types):
    return pa.table({name: pa.array(column, types.get(name)) for name, column in rows.items()})


def test_chunks_and_widths_do_not_matter():
    whole = table(LISTS)
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    narrow = table(LISTS, n=pa.int8(), text=pa.large_string())
    assert table_digest(whole) == table_digest(pieces) == table_digest(narrow)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("n", [1, 0, 3]),
        ("n", [3, None, 1]),
        ("yes", [True, None, False]),
        ("text", ["a", None, "bc"]),
        ("text", ["ab", "", "c"]),
        ("lists", [["ab", "c"], [], None]),
        ("lists", [["a", "bc"], None, []]),
    ],
)
def test_anything_else_said_is_another_digest(column, value):
    assert table_digest(table(LISTS)) != table_digest(table({**LISTS, column: value}))


def test_an_empty_table_has_a_digest_and_a_float_has_none():
    assert len(table_digest(table(LISTS).slice(0, 0))) == 64
    with pytest.raises(TypeError, match="double"):
        table_digest(pa.table({"x": [0.5]}))
