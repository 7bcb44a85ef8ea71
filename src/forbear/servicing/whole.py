"""Whole minor units out of exact sums, in columns of integers: rounding, carrying, splitting. Pure.

Nothing here ever passes through a float.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forbear.kernel.columns import Bools, Longs
from forbear.servicing.terms import Remainder, Rounding


def rounded(numerator: Longs, denominator: int, *, rounding: Rounding) -> Longs:
    """Return each quotient as a whole number, by a stated rounding.

    Shape:  numerator (n,) int64; result (n,) int64.
    Unit:   the numerator's, over the denominator's.
    Errors: none.
    Source: the product.
    """
    quotient, rest = np.divmod(numerator, denominator)
    if rounding is Rounding.down:
        return quotient
    twice = 2 * rest
    up = twice > denominator if rounding is Rounding.half_even else twice >= denominator
    if rounding is Rounding.half_even:
        up |= (twice == denominator) & (quotient % 2 == 1)
    return quotient + up


def split(total_minor: Longs, parts: int, *, remainder: Remainder) -> Longs:
    """Return each amount in equal parts; what is left over goes to the first part or the last.

    Shape:  total_minor (n,); result (n, parts), each row's sum its total.
    Unit:   minor units.
    Errors: none.
    Source: the product.
    """
    part = total_minor // parts
    found = np.repeat(part[:, np.newaxis], parts, axis=1)
    found[:, 0 if remainder is Remainder.first else -1] += total_minor - part * parts
    return found


def least(guess: Longs, enough: Callable[[Longs], Bools]) -> Longs:
    """Return, for each row, the least whole number not below 0 that is enough.

    The guess only says where to look first: what is found does not depend on it.

    Shape:  guess (n,); enough maps (n,) to (n,), and what is enough stays so for every larger one.
    Errors: none.
    Source: none.
    """
    low, high, width = np.maximum(guess - 4, 0), np.maximum(guess, 0), 4
    while not (fine := enough(high)).all():
        high, width = np.where(fine, high, high + width), width * 2
    while ((low > 0) & enough(low)).any():
        low, width = np.where(enough(low), np.maximum(low - width, 0), low), width * 2
    while (low < high).any():
        middle = (low + high) // 2
        fine = enough(middle)
        low, high = np.where(fine, low, middle + 1), np.where(fine, middle, high)
    return high


class Carried:
    """Interest that is billed in whole minor units while its fraction is carried to the next bill.

    What was billed up to any bill is the exact sum up to there, rounded once.
    """

    def __init__(self, rows: int, denominator: int, rounding: Rounding) -> None:
        self._rest = np.zeros(rows, dtype=np.int64)  # below 0 after a rounding up
        self._denominator, self._rounding = denominator, rounding

    def bill(self, numerator: NDArray[Any]) -> Longs:
        """Return what is billed of a new exact sum and what was carried before."""
        exact = self._rest + numerator  # at least minus half of one, so never billed below 0
        whole = rounded(exact, self._denominator, rounding=self._rounding)
        self._rest = exact - whole * self._denominator
        return whole
