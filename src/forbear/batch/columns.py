"""Between Arrow tables and NumPy columns. Decides nothing; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from forbear.kernel.columns import Bools, Ints, Longs


class Rows:
    """Columns of a table of whole numbers; what is null reads as a number of one's choice."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def longs(self, name: str, missing: int = 0) -> Longs:
        """Return a column as int64."""
        column = pc.cast(self._table.column(name), pa.int64())
        filled: Longs = pc.fill_null(column, missing).to_numpy()
        return filled

    def ints(self, name: str, missing: int = 0) -> Ints:
        """Return a column as int32."""
        return self.longs(name, missing).astype(np.int32)

    def bools(self, name: str) -> Bools:
        """Return which rows of a column are neither 0 nor null."""
        there: Bools = self.longs(name) != 0
        return there


def texts(words: Sequence[str], positions: Ints) -> pa.Array:
    """Return the words at some positions."""
    return pa.array(words, pa.string()).take(pa.array(positions))


def words(n: int, columns: Mapping[str, Bools]) -> pa.Array:
    """Return, for each of n rows, the names of the columns that are true of it, in their order."""
    matrix = np.column_stack([np.zeros(n, np.bool_), *columns.values()])[:, 1:]
    ends = np.concatenate([[0], np.cumsum(matrix.sum(axis=1))]).astype(np.int32)
    found = texts(list(columns), np.nonzero(matrix)[1].astype(np.int32))
    return pa.ListArray.from_arrays(pa.array(ends), found)
