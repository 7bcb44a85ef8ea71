"""Column types. A column is one value per row, all columns of a table the same length n."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes = NDArray[np.int8]  # a closed enum's codes
Shorts = NDArray[np.int16]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]  # minor units of money, row ids
Rows = NDArray[np.integer[Any]]  # places of rows in another table
Days = NDArray[np.datetime64]
