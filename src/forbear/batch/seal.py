"""Name the bytes of a table. The same rows in the same order have the same digest on any machine.

Pure: no clock, no database, no files.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forbear.kernel.columns import Longs
from forbear.kernel.digest import chunk_digest


def table_digest(table: pa.Table) -> str:
    """Return the SHA-256 of a table's columns, as 64 hex digits.

    Shape:  any columns of whole numbers, truths, text, or lists of text.
    Errors: TypeError for a column of another kind; floats have no place here.
    Source: FIPS 180-4.
    """
    return chunk_digest(_chunks(table))


def _chunks(table: pa.Table) -> Iterator[bytes]:
    """Yield every column as its name, which rows are empty, and its values."""
    yield str(len(table)).encode()
    for name in table.column_names:
        column = table.column(name)
        yield name.encode()
        yield np.packbits(column.is_null().to_numpy()).tobytes() if column.null_count else b""
        yield from _values(column)


def _values(column: pa.ChunkedArray) -> Iterator[bytes]:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield _numbers(pc.fill_null(pc.list_value_length(column), 0)).tobytes()
        yield from _values(pc.list_flatten(column))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield _numbers(pc.fill_null(pc.binary_length(column), 0)).tobytes()
        yield _text(column)
    elif pa.types.is_boolean(kind):
        yield np.packbits(pc.fill_null(column, False).to_numpy()).tobytes()
    elif pa.types.is_integer(kind):
        yield _numbers(pc.fill_null(column, 0) if column.null_count else column).tobytes()
    else:
        raise TypeError(f"a column of {kind} has no digest")


def _numbers(column: pa.ChunkedArray) -> Longs:
    """Return whole numbers as little-endian int64, whatever their width in the table."""
    found: Longs = column.to_numpy().astype("<i8", copy=False)
    return found


def _text(column: pa.ChunkedArray) -> bytes:
    """Return the text of a column, end to end; the lengths say where each one stops."""
    chunks = [pc.fill_null(pc.cast(chunk, pa.large_string()), "") for chunk in column.chunks]
    return b"".join(_end_to_end(chunk) for chunk in chunks)


def _end_to_end(chunk: pa.Array) -> bytes:
    _, offsets, text = chunk.buffers()
    if not len(chunk) or text is None:
        return b""
    bounds = np.frombuffer(offsets, "<i8", len(chunk) + 1, 8 * chunk.offset)
    return bytes(text)[bounds[0] : bounds[-1]]
